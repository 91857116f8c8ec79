"""One open conversation: its head, its messages, what is being written (E090, E095, E101, E102, E105)."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.preferences import Preferences
from app.session.presence import TypingNotice
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.content import MarkdownContent, TextContent
from server_stub.contract.conversations import ConversationKind, MemberRole
from server_stub.contract.group_rules import FOREVER
from widgets.chat.composer import Composer
from widgets.chat.message_list import MessageListView
from widgets.chat.row_view import Hold
from widgets.controls import EmptyState, Skeleton, ToastHost
from widgets.theme import ThemeManager

from .choice_bar import ChoiceBar
from .conversation_actions import ConversationActions
from .conversation_drop import DropSheet, dropped_files
from .conversation_files import ConversationFiles, LinkOpener, Opener
from .conversation_head import AnnouncementStrip, ConversationHead
from .conversation_plus import ConversationPlus
from .conversation_reading import ReadMarks
from .conversation_rows import UNREAD_KEY, RowMapper
from .conversation_writing import ConversationWriting
from .feed import ConversationFeed, Why
from .message_deeds import MessageDeeds
from .presence import state_text
from .service import ChatService
from .times import until_midnight_ms
from .tools import ChatTools

SKELETON_AFTER_MS = 120
"""Most conversations open sooner: then nothing flickers."""


DAY_MS = 86_400_000


def _until(end: int) -> str:
    if end >= FOREVER - 1:
        return ""
    return f"，{datetime.fromtimestamp(end / 1000):%m月%d日 %H:%M} 解除"


class ConversationView(QWidget):
    """Signals: `opened(conversation_id)`; `search_wanted()`, `detail_toggled(bool)` from the head; `announcement_wanted()`;
    `person_wanted(person_id)` (an avatar or a name was clicked); `notice_wanted(address)`; `screenshot_requested()`.

    `open(conversation_id, seq)` shows a conversation, at message `seq` where it is not 0; `close_conversation()` leaves it;
    `await finish()` before the session ends.
    """

    opened = Signal(str)
    search_wanted = Signal()
    detail_toggled = Signal(bool)
    announcement_wanted = Signal()
    person_wanted = Signal(str)
    notice_wanted = Signal(str)
    screenshot_requested = Signal()

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        preferences: Preferences,
        parent: QWidget | None = None,
        *,
        opener: Opener = QDesktopServices.openUrl,
        tools: ChatTools | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._opener = service, opener
        self.open_link: LinkOpener | None = None
        """Judges a web address before it opens; None opens it."""
        self.tools = tools or ChatTools()
        self.tasks = Tasks(self._failed)
        self.toasts = ToastHost(themes, self)
        self.feed: ConversationFeed | None = None
        self._mapper: RowMapper | None = None
        self._asked: tuple[str, int] = ("", 0)
        self._marks: ReadMarks | None = None
        self.head = ConversationHead(themes)
        self.strip = AnnouncementStrip(themes)
        self.list = MessageListView(themes)
        self.composer = Composer(themes, recent_emoji=preferences.values.recent_emoji)
        self.files = ConversationFiles(service, themes, self.tasks, self, opener, self.tools)
        self.writing = ConversationWriting(
            service, preferences, self.tasks, self.composer, self.files, self.tools, self._tell
        )
        self.plus = ConversationPlus(
            service, themes, self.tasks, self.composer, self.writing, self.tools, self
        )
        self.choice_bar = ChoiceBar(themes)
        self.choice_bar.hide()
        self.deeds = MessageDeeds(
            service,
            themes,
            preferences,
            self.tasks,
            self.list,
            self.files,
            self.tools,
            self.choice_bar,
            self,
            opener,
        )
        self.message_actions = ConversationActions(
            service, themes, self.tasks, self.list, self.files, self.deeds, self
        )
        self.skeleton = Skeleton(themes, "bubbles")
        self.nothing = EmptyState(
            themes, "message", "还没有打开会话", "在左侧选一个会话，或从通讯录找同事开始聊天。"
        )
        self.quiet = EmptyState(themes, "message", "还没有消息", "在下面写点什么，打个招呼吧。")
        self.failed = EmptyState(themes, "alert", "会话没有打开", "", "重试")
        self.stack = QStackedWidget()
        for one in (self.nothing, self.skeleton, self.list, self.quiet, self.failed):
            self.stack.addWidget(one)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SKELETON_AFTER_MS)
        self._slow.timeout.connect(self._show_skeleton)
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self._show_head)
        self._midnight = QTimer(self)
        self._midnight.setSingleShot(True)
        self._midnight.timeout.connect(self._new_day)
        self.sheet = DropSheet(themes, self)
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self._subscriptions = [
            service.on_typing(self._typing),
            service.on_presence(self._presence),
            service.listen(lambda _change: self._show_head(), table="statuses"),
        ]
        self._show_parts(False)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.strip)
        column.addWidget(self.stack, 1)
        column.addWidget(self.composer)
        column.addWidget(self.choice_bar)
        self.setProperty("surface", "content")

    def _connect(self) -> None:
        self.head.search_wanted.connect(self.search_wanted)
        self.head.detail_toggled.connect(self.detail_toggled)
        self.strip.opened.connect(self.announcement_wanted)
        self.failed.acted.connect(lambda: self.open(*self._asked))
        listed = self.list
        listed.need_older.connect(lambda: self.feed and self.feed.load_older())
        listed.need_newer.connect(lambda: self.feed and self.feed.load_newer())
        listed.newest_wanted.connect(lambda: self.feed and self.feed.jump_to_newest())
        listed.visible_rows_changed.connect(self._seen_up_to)
        listed.link_clicked.connect(self._open_link)
        listed.author_clicked.connect(self.person_wanted)
        self.composer.screenshot_requested.connect(self.screenshot_requested)
        self.writing.sent.connect(listed.go_to_newest)
        actions = self.message_actions
        actions.reply_wanted.connect(self.writing.answer)
        actions.edit_wanted.connect(self._edit_again)
        actions.edit_over.connect(lambda: self._changed(Why.DETAILS))
        actions.notice_wanted.connect(self.notice_wanted)
        actions.told.connect(self.toasts.show)
        self.deeds.told.connect(self.toasts.show)
        self.deeds.person_wanted.connect(self.person_wanted)
        self.deeds.choosing.connect(self._choosing)
        self.files.told.connect(self.toasts.show)
        self.files.saved.connect(self._saved)

    # Opening.

    @property
    def conversation_id(self) -> str:
        """What is open or being opened, or ""."""
        return self._asked[0]

    def open(self, conversation_id: str, seq: int = 0) -> None:
        """Show a conversation; at message `seq`, which is pointed out, or at the bottom."""
        if self.feed is not None and self.feed.opened and self.feed.conversation_id == conversation_id:
            if seq:
                self.feed.jump_to(seq)
            return
        # What was open stays on the screen until the next is read: that takes a moment only.
        self._leave()
        self._asked = (conversation_id, seq)
        feed = self.feed = ConversationFeed(self._service, conversation_id, self.tasks)
        self._mapper = RowMapper(feed, self._service.now_ms)
        self.message_actions.attach(feed, self._mapper)
        self.deeds.attach(feed, self._mapper, lambda: self._changed(Why.DETAILS))
        self.writing.attach(feed)
        self.plus.attach(feed)
        feed.changed.connect(self._changed)
        feed.head_changed.connect(self._show_head)
        self._slow.start()
        self.tasks.start(self._open(feed, seq), "打开会话")

    async def _open(self, feed: ConversationFeed, seq: int) -> None:
        try:
            draft = await self._service.draft(feed.conversation_id)
            if feed is self.feed:
                await feed.open(seq)
        except Exception as error:
            if feed is self.feed:
                self._show_failure(error)
            return
        if feed is not self.feed:
            # Another one was opened meanwhile; this one had been let go before it listened.
            feed.close()
            return
        self.writing.show_draft(draft)
        self.opened.emit(feed.conversation_id)
        await self.writing.offer_members()

    def close_conversation(self) -> None:
        """Leave what is open; what was typed is kept as its draft."""
        self._leave()
        self.strip.say("", "")
        self.stack.setCurrentWidget(self.nothing)
        self._show_parts(False)

    def _leave(self) -> None:
        self.writing.leave()
        self._asked = ("", 0)
        self._drop_feed()
        self.list.clear_selection()

    def _drop_feed(self) -> None:
        self._slow.stop()
        self._midnight.stop()
        self._silence.stop()
        feed, self.feed = self.feed, None
        self._mapper = self._marks = None
        self.deeds.attach(None, None, lambda: None)
        self.message_actions.attach(None, None)
        if feed is not None:
            feed.close()
            # It lives on until what it is reading has come; nobody hears of it.
            feed.changed.disconnect(self._changed)
            feed.head_changed.disconnect(self._show_head)

    async def finish(self) -> None:
        """Leave, and wait for what still runs (a draft being saved)."""
        self.close_conversation()
        self.deeds.close()
        self.files.close()
        for one in self._subscriptions:
            one.close()
        await self.tasks.settle()
        await self.tasks.close()

    def _show_skeleton(self) -> None:
        self.head.set_loading("正在打开…")
        self.strip.say("", "")
        self.stack.setCurrentWidget(self.skeleton)

    def _show_failure(self, error: Exception) -> None:
        self._drop_feed()
        self.failed.set_texts("会话没有打开", describe(error, "打开会话").text, "重试")
        self.stack.setCurrentWidget(self.failed)
        self._show_parts(False)

    def _show_parts(self, shown: bool) -> None:
        self.head.setVisible(shown)
        self.composer.setVisible(shown and not self.list.choice.active)

    def _choosing(self, active: bool) -> None:
        """While messages are being chosen the bar stands where the composer does."""
        self.choice_bar.setVisible(active)
        self.composer.setVisible(not active and self.feed is not None)
        if not active and self.composer.isVisible():
            self.composer.focus_text()

    # Showing.

    def _changed(self, why: Why) -> None:
        feed, mapper = self.feed, self._mapper
        if feed is None or mapper is None:
            return
        self._slow.stop()
        self._midnight.start(until_midnight_ms(self._service.now_ms()))
        rows = mapper.rows()
        self.list.has_older = not feed.window.at_top
        self.list.has_newer = not feed.window.at_bottom
        self.stack.setCurrentWidget(self.list if rows else self.quiet)
        first = self._marks is None
        if self._marks is None:
            self._marks = ReadMarks(self._service, self.tasks, feed, self._looked_at)
        if why is Why.OPENED:
            self.list.set_rows(rows, Hold.BOTTOM)
            if first and any(row.key == UNREAD_KEY for row in rows):
                self.list.show_row(UNREAD_KEY, flash=False, share=0.1)
            if not any(row.is_bubble for row in rows):
                self._seen_up_to("")
        elif why is Why.JUMPED:
            self.list.set_rows(rows, Hold.VIEW)
            target = next((row for row in feed.window.rows if row.seq == feed.target), None)
            if target is not None:
                self.list.show_row(target.client_id)
        else:
            self.list.set_rows(rows, Hold.VIEW if why is Why.NEWER else Hold.FOLLOW)
            # A message can come above own unsent ones: then the last row in view stays the same.
            self._seen_up_to(self.list.last_seen())
        self.list.set_new_below(self._marks.fresh())

    def _new_day(self) -> None:
        """“今天” has become “昨天”."""
        self._changed(Why.DETAILS)

    def _show_head(self) -> None:
        feed = self.feed
        if feed is None or feed.row is None:
            return
        row = feed.row
        state = state_text(self._service, row.peer_id) if row.kind is ConversationKind.SINGLE else ""
        self.head.show_conversation(row, state)
        self._show_parts(True)
        self.strip.say(row.id, " ".join(row.announcement.split()))
        if row.kind is ConversationKind.SINGLE:
            self._service.watch([row.peer_id])
        manager = any(one.person_id == feed.me and one.role is not MemberRole.MEMBER for one in feed.members)
        now = self._service.now_ms()
        mine = next((one for one in feed.members if one.person_id == feed.me), None)
        ends: list[int] = []
        reason = ""
        if row.dissolved:
            reason = "该群已解散，不能再发送消息。"
        elif row.left:
            reason = "您已不在该群，不能发送消息。"
        elif row.kind is ConversationKind.SERVICE:
            reason = "这里只接收通知，不能回复。"
        elif row.muted_all and not manager and (not row.muted_until or row.muted_until > now):
            reason = "群主已开启全员禁言，只有群主和管理员可以发言。"
        elif mine is not None and mine.muted_until > now:
            reason = f"您已被禁言{_until(mine.muted_until)}。"
            ends.append(mine.muted_until)
        if row.muted_all and row.muted_until > now:
            ends.append(row.muted_until)
        self._silence.stop()
        if ends and min(ends) - now < DAY_MS:
            # The input opens by itself when the silence is over.
            self._silence.start(min(ends) - now + 1000)
        self.composer.set_disabled_reason(reason)

    def _presence(self, ids: frozenset[str]) -> None:
        if self.feed is not None and self.feed.row is not None and self.feed.row.peer_id in ids:
            self._show_head()

    def _typing(self, notice: TypingNotice) -> None:
        feed = self.feed
        if feed is None or notice.conversation_id != feed.conversation_id or notice.person_id == feed.me:
            return
        group = feed.row is not None and feed.row.kind is ConversationKind.GROUP
        self.head.show_typing(feed.name(notice.person_id) if group else "")

    def _edit_again(self, content: TextContent | MarkdownContent) -> None:
        """What was taken back goes to where it was written."""
        if isinstance(content, MarkdownContent):
            self.plus.write_markdown(content.title, content.text)
        else:
            self.writing.edit_again(content)

    def _tell(self, text: str, kind: str) -> None:
        self.toasts.show(text, kind)  # type: ignore[arg-type]

    def _failed(self, error: BaseException, doing: str) -> None:
        self.toasts.show(describe(error, doing).text, "bad")

    # Reading.

    def _looked_at(self) -> bool:
        return self.list.isVisible() and self.isActiveWindow()

    def _seen_up_to(self, key: str) -> None:
        feed, marks = self.feed, self._marks
        row = self.message_actions.message(key)
        if feed is None or marks is None:
            return
        if row is None:
            # A new group holds nothing but lines in the middle: nobody has said anything whose end could be seen.
            said = any(one.is_bubble for one in self.list.store.rows)
            if not said and feed.window.rows and feed.window.at_bottom and self.list.at_bottom:
                marks.see(feed.window.last_seq)
            return
        # Own unsent rows stand below all that can be read; so do lines in the middle at the very end.
        whole = not row.seq or (self.list.at_bottom and feed.window.at_bottom)
        marks.see(feed.window.last_seq if whole else row.seq)
        self.list.set_new_below(marks.fresh())

    def _tell_read(self) -> None:
        if self._marks is not None:
            self._marks.tell()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        # Unlike ActivationChange this one comes also to what stands within the window that is activated.
        if event.type() == QEvent.Type.WindowActivate:
            self._tell_read()
        return done

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell_read()

    def hideEvent(self, event: QHideEvent) -> None:
        self.composer.flush_draft()
        super().hideEvent(event)

    # Writing.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed while the list has the keyboard goes into the text."""
        writing = self.composer
        text = event.text()
        held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if writing.body.isVisible() and event.matches(QKeySequence.StandardKey.Paste):
            writing.focus_text()
            writing.edit.paste()
        elif writing.body.isVisible() and text.isprintable() and text.strip() and not held:
            writing.focus_text()
            writing.edit.insert(text)
        else:
            super().keyPressEvent(event)

    # Links and saved files.

    def _open_link(self, address: str) -> None:
        if not self.message_actions.is_web(address):
            self.toasts.show("这个地址不是网页，没有打开。", "warn")
        elif self.open_link is not None:
            self.open_link(address, self._opener, self)
        else:
            self._opener(QUrl(address))

    def _saved(self, path: object) -> None:
        toast = self.toasts.show("已保存", "ok", "在文件夹中显示")
        toast.acted.connect(lambda: self.files.reveal(path))  # type: ignore[arg-type]

    # Dropping files.

    @property
    def _takes_files(self) -> bool:
        return self.feed is not None and self.feed.row is not None and self.composer.body.isVisible()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._takes_files and dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self.sheet.cover(self.head.title.text())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.sheet.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.sheet.hide()
        paths = dropped_files(event.mimeData())
        if paths and self._takes_files:
            event.acceptProposedAction()
            self.writing.ask_files(paths)
