"""The chat page: conversation list, open conversation, details (E068, E070)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QWidget

from app.preferences import Preferences
from app.shell.tasks import Tasks
from widgets.capture_area import AreaCapture
from widgets.chat.composer import TOOLS
from widgets.controls import EmptyState, SplitLayout
from widgets.theme import ThemeManager

from .conversation_files import LinkOpener
from .conversation_view import ConversationView
from .detail_view import DetailView
from .list_view import ConversationListView
from .service import ChatService
from .share_dialog import ShareDialog
from .tools import ChatTools

WIDTH_DELAY_MS = 500


class ChatPage(QWidget):
    """Build with `ChatPage(service, themes, preferences, tasks, parent)`; it reads the list by itself when first shown.

    `open(conversation_id, seq=0)` (also as `open_conversation`) goes to a conversation, ready to type, at message `seq` if
    given. `current_conversation` is what is under the user's eyes, or "". `set_link_text(text)` is the quiet word over the
    list. `await close_page()` keeps drafts and stops everything, before the session closes.

    Signals: `unread_changed(count)` for the badge of the rail; `conversation_changed(conversation_id)`;
    `search_wanted(conversation_id)` (查找聊天内容 in the head); `notice_wanted(address)` (the button of a work notice);
    `unit_group_wanted()` (a group of a whole unit);
    `secret_wanted(person_id)` (密聊 in the head; "" by the entry over the list).
    """

    unread_changed = Signal(int)
    conversation_changed = Signal(str)
    search_wanted = Signal(str)
    notice_wanted = Signal(str)
    unit_group_wanted = Signal()
    secret_wanted = Signal(str)

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        preferences: Preferences,
        tasks: Tasks,
        parent: QWidget | None = None,
        *,
        tools: ChatTools | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._themes, self._preferences = service, themes, preferences
        self._started = False
        self._current = ""
        self._detail_for = ""
        self._capture_for = ""
        self._writes = False
        self._floating = False
        self.list = ConversationListView(service, themes, tasks)
        self.list.opened.connect(self.open)
        self.list.unread_changed.connect(self.unread_changed)
        self.list.files_dropped.connect(self._files_dropped)
        self.list.loaded.connect(self._loaded)
        self.conversation = ConversationView(service, themes, preferences, tools=tools)
        self.nothing = EmptyState(
            themes, "message", "选择一个会话", "从左侧选一个会话，或者发起新的聊天。", "发起单聊"
        )
        self.nothing.acted.connect(self.list.new_single)
        self.middle = QStackedWidget()
        self.middle.setProperty("surface", "content")
        self.middle.addWidget(self.nothing)
        self.middle.addWidget(self.conversation)
        self.split = SplitLayout(themes)
        self.split.set_list(self.list)
        self.split.set_content(self.middle)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.split)
        # Not in the layout: beside the conversation where there is room, over it where there is not.
        self.detail = DetailView(service, themes, tasks, self)
        self.detail.setFixedWidth(themes.theme.sizes.panel)
        self.detail.hide()
        self.detail.conversation_wanted.connect(self.open)
        self.detail.message_wanted.connect(self.open)
        self.detail.search_wanted.connect(lambda: self.search_wanted.emit(self._current))
        self.list.unit_group_wanted.connect(self.unit_group_wanted)
        self._width_timer = QTimer(self)
        self._width_timer.setSingleShot(True)
        self._width_timer.setInterval(WIDTH_DELAY_MS)
        self._width_timer.timeout.connect(self._remember_width)
        self.list.installEventFilter(self)
        talk = self.conversation
        talk.opened.connect(self._opened)
        talk.detail_toggled.connect(self.set_detail_open)
        talk.announcement_wanted.connect(self._announcement)
        talk.person_wanted.connect(self.detail.talk_to)
        talk.notice_wanted.connect(self.notice_wanted)
        talk.search_wanted.connect(lambda: self.search_wanted.emit(self._current))
        talk.screenshot_requested.connect(self._choose_area)
        shot = talk.composer.screenshot_button
        shot.set_label("截图，右键可隐藏本窗口", "Ctrl+Alt+A")
        shot.setAccessibleName("截图")
        shot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        shot.customContextMenuRequested.connect(self._screenshot_menu)
        for key, one in talk.composer.tools.items():
            if key != "screenshot":
                one.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                one.customContextMenuRequested.connect(lambda spot, one=one: self._tools_menu(one, spot))
        self.list.arranging.changed.connect(
            lambda arrangement: talk.composer.arrange_tools(arrangement.tools.shown(TOOLS))
        )
        self.secret_tool = talk.head.add_tool("flame", "密聊")
        self.secret_tool.set_color("secret_text")
        self.secret_tool.hide()
        self.secret_tool.clicked.connect(lambda: self.secret_wanted.emit(self.current_peer))
        self.list.secret.clicked.connect(lambda: self.secret_wanted.emit(""))
        self._cover: QWidget | None = None
        self.capture = AreaCapture(themes, self)
        self.capture.captured.connect(self._captured)
        self.capture.cancelled.connect(talk.composer.focus_text)
        self.capture.impossible.connect(self._no_capture)
        for keys, rows in (("Alt+Up", -1), ("Alt+Down", 1)):
            QShortcut(QKeySequence(keys), self).activated.connect(lambda rows=rows: self.list.step(rows))
        QShortcut(QKeySequence("Ctrl+N"), self).activated.connect(self.list.new_single)
        escape = QShortcut(QKeySequence("Esc"), self.detail)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._escape)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._started:
            self._started = True
            self.split.set_list_width(self._preferences.values.list_width)
            self.list.start()
        self._place_detail()

    def _loaded(self) -> None:
        # The arrow keys work at once; what the user has taken hold of meanwhile stays his.
        if not self._current and not self.list.search.text():
            self.list.view.setFocus()

    @property
    def current_conversation(self) -> str:
        """The conversation under the user's eyes, or ""."""
        return self._current

    @property
    def current_peer(self) -> str:
        """The other person of the open single chat, or ""."""
        row = self.list.model.at(self.list.model.row_of(self._current)) if self._current else None
        return row.peer_id if row is not None else ""

    def cover(self, widget: QWidget | None) -> None:
        """Show another page in place of everything here; None takes it away again."""
        if self._cover is not None and self._cover is not widget:
            self._cover.hide()
            self._row.removeWidget(self._cover)
        self._cover = widget
        self.split.setVisible(widget is None)
        if widget is not None:
            self._show_detail(False)
            self._row.addWidget(widget)
            widget.show()
        else:
            self._place_detail()

    def guard_links(self, open_link: LinkOpener) -> None:
        """Web addresses are judged before they open."""
        self.conversation.open_link = self.detail.open_link = open_link

    def set_link_text(self, text: str) -> None:
        """The quiet word about the connection over the list; "" when all is well."""
        self.list.set_link_text(text)

    async def close_page(self) -> None:
        """Keep the draft and stop listening; call before the session is closed."""
        self._remember_width()
        self.list.close_feed()
        self.detail.close_feed()
        await self.conversation.finish()

    # Opening.

    def open(self, conversation_id: str, seq: int = 0) -> None:
        """Go to a conversation, ready to type; at message `seq` where it is not 0."""
        self.list.set_current(conversation_id)
        self.middle.setCurrentWidget(self.conversation)
        if self._floating:
            self._show_detail(False)
        if conversation_id != self._current:
            self._current = conversation_id
            self.conversation_changed.emit(conversation_id)
        self.conversation.open(conversation_id, seq)
        self._place_detail()
        self._writes = True
        self._opened(conversation_id)

    open_conversation = open

    def _opened(self, _conversation_id: str) -> None:
        """The input can take the keyboard once the conversation is on the screen; a search begun meanwhile keeps it."""
        if self._writes and self.conversation.composer.isVisible():
            self._writes = False
            if not self.list.search.edit.hasFocus() or not self.list.search.text():
                self.conversation.composer.focus_text()

    # From outside (E057).

    def share(self, files: Sequence[Path], text: str, *, left_out: int = 0) -> ShareDialog:
        """Ask for conversations and send them files and words from outside. `left_out`: files that are too many for once."""
        dialog = ShareDialog(
            self._service,
            self._themes,
            files,
            text,
            self.conversation.files.deliver,
            self.window(),
            left_out=left_out,
        )
        sent = f"已发送 {len(files)} 个文件，还有 {left_out} 个未发送" if left_out else "已发送"
        dialog.accepted.connect(lambda: self.conversation.toasts.show(sent, "ok"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def join_by(self, link: str) -> None:
        """Look at what a group's or a person's link leads to."""
        self.list.join_group().take(link)

    def _files_dropped(self, conversation_id: str, paths: list[Path]) -> None:
        """Files fell onto a row of the list: they go there, if it is the row that the user meant."""
        row = self.list.model.get(conversation_id)
        if row is not None:
            self.open(conversation_id)
            self.conversation.writing.ask_files(paths, row)

    # Screenshots (E106): the answer goes to the conversation in which it was asked for.

    def _choose_area(self, *, hide: bool = False) -> None:
        if self._current and self.conversation.composer.isVisible():
            self._capture_for = self._current
            self.capture.start([self.window()] if hide else [])

    def _screenshot_menu(self, spot: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("截图").triggered.connect(self._choose_area)
        menu.addAction("隐藏本窗口后截图").triggered.connect(lambda: self._choose_area(hide=True))
        menu.addSeparator()
        menu.addAction("自定义会话工具栏…").triggered.connect(self.customise_tools)
        menu.popup(self.conversation.composer.screenshot_button.mapToGlobal(spot))

    def _tools_menu(self, tool: QWidget, spot: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("自定义会话工具栏…").triggered.connect(self.customise_tools)
        menu.popup(tool.mapToGlobal(spot))

    def customise_tools(self) -> None:
        """Ask which buttons stand above the text, and in what order (E070)."""
        tools = self.conversation.composer.tools
        entries = [(key, tools[key].accessibleName().split("：")[0]) for key in TOOLS]
        self.list.arranging.customise("tools", "自定义会话工具栏", entries, ())

    def _captured(self, image: QImage) -> None:
        if self._capture_for == self._current:
            self.conversation.writing.ask_image(image)

    def _no_capture(self) -> None:
        self.conversation.toasts.show(
            "这个桌面不允许程序截屏。请用系统自带的截图工具截图，再粘贴到输入框。", "warn"
        )

    # The detail panel.

    @property
    def detail_open(self) -> bool:
        """Whether the panel is on the screen."""
        return self.detail.isVisibleTo(self)

    def _has_room(self) -> bool:
        """The conversation keeps the width of a whole bubble beside list and panel: 1200 px at the usual list width."""
        sizes = self._themes.theme.sizes
        wanted = sizes.list + sizes.bubble_text_max + sizes.bubble_gutter + sizes.panel
        return self.width() >= wanted

    def set_detail_open(self, wanted: bool) -> None:
        """The user opens or closes the panel. Where there is room the choice is remembered; else it lies over the messages."""
        if self._has_room():
            self._preferences.set(panel_open=wanted)
            self._place_detail()
        else:
            self._floating = wanted
            self._show_detail(wanted)

    def _place_detail(self) -> None:
        """After a change of width or of what is open."""
        if self._cover is not None:
            return
        room = self._has_room()
        if room:
            self._floating = False
        docked = room and self._preferences.values.panel_open and bool(self._current)
        self._show_detail(docked or self._floating)

    def _show_detail(self, shown: bool) -> None:
        docked = shown and not self._floating
        width = self.detail.width()
        self._row.setContentsMargins(0, 0, width if docked else 0, 0)
        top = 0 if docked else self.conversation.head.height()
        self.detail.setGeometry(self.width() - width, top, width, self.height() - top)
        self.detail.setVisible(shown)
        self.detail.raise_()
        self.conversation.head.detail.setChecked(shown)
        self.conversation.strip.set_elsewhere(shown)
        if not shown:
            self._floating = False
        wanted = self._current if shown else ""
        if wanted != self._detail_for:
            self._detail_for = wanted
            self.detail.open(wanted)

    def _announcement(self) -> None:
        if not self.detail_open:
            self.set_detail_open(True)
        self.detail.read_announcement()

    def _escape(self) -> None:
        if self.detail.step_back():
            return
        if self._floating:
            self._show_detail(False)
        self.conversation.composer.focus_text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_detail()

    # The list's width.

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and event.type() == QEvent.Type.Resize and self._started:
            self._width_timer.start()
        return super().eventFilter(watched, event)

    def _remember_width(self) -> None:
        self._width_timer.stop()
        if self.isVisible():
            self._preferences.set(list_width=self.split.list_width())
