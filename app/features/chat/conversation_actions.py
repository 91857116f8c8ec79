"""What is done with one message of an open conversation: its menu, its card, the words beside it (E102, E105)."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QTimer, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.shell.tasks import Tasks
from app.store.records import MessageRow
from server_stub.contract.content import ImageContent, MarkdownContent, TextContent
from server_stub.contract.conversations import ConversationKind
from widgets.chat.message_list import MessageListView
from widgets.theme import ThemeManager

from .conversation_files import ConversationFiles, file_of
from .conversation_kinds import plain_words
from .conversation_menu import Entry, Situation, build, entries_of
from .conversation_receipts import ReceiptDialog
from .conversation_reply import quote_of
from .conversation_rows import RowMapper, post_text, unit_text
from .feed import ConversationFeed
from .message_deeds import MessageDeeds
from .service import ChatService

LINKS = ("http", "https")


class ConversationActions(QObject):
    """Signals: `reply_wanted(Quote)`, `edit_wanted(content)` of a message taken back, `edit_over()` when it can no longer be edited again, `notice_wanted(address)`,
    `told(text, kind)`. `attach` names the conversation that it acts in.
    """

    reply_wanted = Signal(object)
    edit_wanted = Signal(object)
    notice_wanted = Signal(str)
    told = Signal(str, str)
    edit_over = Signal()

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        tasks: Tasks,
        listed: MessageListView,
        files: ConversationFiles,
        deeds: MessageDeeds,
        owner: QWidget,
    ) -> None:
        super().__init__(owner)
        self._deeds = deeds
        self._service, self._themes, self._tasks = service, themes, tasks
        self._list, self._files, self._owner = listed, files, owner
        self._feed: ConversationFeed | None = None
        self._mapper: RowMapper | None = None
        self._taken_back: dict[str, TextContent | MarkdownContent] = {}
        listed.context_menu.connect(self.open_menu)
        listed.file_action.connect(self.act)
        listed.action_clicked.connect(self.act)
        for signal, action in (
            (listed.picture_clicked, "open"),
            (listed.card_clicked, "open"),
            (listed.voice_clicked, "play"),
            (listed.retry, "retry"),
            (listed.receipt_clicked, "receipt"),
            (listed.quote_clicked, "quoted"),
        ):
            signal.connect(lambda key, action=action: self.act(key, action))

    def attach(self, feed: ConversationFeed | None, mapper: RowMapper | None) -> None:
        """Act in this conversation from now on, or in none."""
        self._feed, self._mapper = feed, mapper
        if mapper is not None:
            mapper.editable = set(self._taken_back)

    def message(self, key: str) -> MessageRow | None:
        """The message of a row, by its client id."""
        rows = self._feed.window.all() if self._feed is not None else []
        return next((row for row in reversed(rows) if row.client_id == key), None)

    def open_menu(self, key: str, at: QPoint) -> None:
        """The menu of a message at a global position."""
        row, feed = self.message(key), self._feed
        if row is None or feed is None or feed.row is None:
            return
        file = file_of(row)
        situation = Situation(
            me=feed.me,
            now_ms=self._service.now_ms(),
            recall_seconds=self._service.recall_seconds,
            writable=feed.row.writable,
            group=feed.row.kind is ConversationKind.GROUP,
            selected=self._list.selected_key == key,
            transfer=feed.transfers.get(file.file_id) if file else None,
            saved=bool(file and file.file_id in self._files.kept),
            transcriber=self._deeds.voice.can_write_down,
            playing=self._deeds.voice.current == key,
            contributed=tuple(
                Entry(f"contributed:{one.name}", one.label, one.icon) for one in self._deeds.contributed(row)
            ),
        )
        entries = entries_of(row, situation)
        if entries:
            menu = build(entries, self._themes, self._owner, lambda name: self.act(key, name))
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(at)

    def act(self, key: str, action: str) -> None:
        """Do it; actions are the names of menu entries and of the words in rows."""
        row, feed = self.message(key), self._feed
        if row is None or feed is None:
            return
        file = file_of(row)
        match action:
            case "copy":
                self._copy(row)
            case "reply":
                self.reply_wanted.emit(quote_of(row))
            case "recall":
                self._recall(feed, row)
            case "edit" if key in self._taken_back:
                self.edit_wanted.emit(self._taken_back[key])
            case "retry":
                self._tasks.start(self._service.retry(key), "重新发送")
            case "discard":
                self._tasks.start(self._service.discard(key), "删除")
            case "receipt":
                self._tasks.start(self._show_receipt(feed, row), "读取已读情况")
            case "quoted":
                self._jump_to_quoted(feed, row)
            case "notice":
                self.notice_wanted.emit(getattr(row.content, "link", ""))
            case "open" if isinstance(row.content, ImageContent):
                self._files.look_at(feed.window.all(), key)
            case _ if self._deeds.act(row, action):
                return
            case _ if file is not None:
                transfer = feed.transfers.get(file.file_id)
                self._files.act(file, action, transfer.state if transfer is not None else None)
            case _:
                return

    def _copy(self, row: MessageRow) -> None:
        if isinstance(row.content, ImageContent):
            self._files.copy_picture(row.content.file)
        elif self._list.selected_key == row.client_id:
            self._list.copy()
        else:
            QGuiApplication.clipboard().setText(plain_words(row.content, row.transcript))

    def _recall(self, feed: ConversationFeed, row: MessageRow) -> None:
        if isinstance(row.content, TextContent | MarkdownContent):
            # Kept in memory only, and no longer than the server lets messages be taken back: it is to be gone.
            self._taken_back[row.client_id] = row.content
            if self._mapper is not None:
                self._mapper.editable.add(row.client_id)
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: self._forget(row.client_id))
            timer.timeout.connect(timer.deleteLater)
            timer.start(self._service.recall_seconds * 1000)
        self._tasks.start(self._service.recall(feed.conversation_id, row.seq), "撤回消息")

    def _forget(self, key: str) -> None:
        """The time for editing again is over."""
        self._taken_back.pop(key, None)
        if self._mapper is not None and key in self._mapper.editable:
            self._mapper.editable.discard(key)
            self.edit_over.emit()

    async def _show_receipt(self, feed: ConversationFeed, row: MessageRow) -> None:
        receipt = await self._service.receipt(feed.conversation_id, row.seq, row.sender_id)
        people = await self._service.people([*receipt.read, *receipt.delivered, *receipt.waiting])
        if feed is not self._feed:
            return
        dialog = ReceiptDialog(
            self._themes,
            receipt,
            lambda id: (feed.name(id), post_text(people.get(id))),
            self._owner,
            unit=lambda id: unit_text(people.get(id)),
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _jump_to_quoted(self, feed: ConversationFeed, row: MessageRow) -> None:
        quote = getattr(row.content, "quote", None)
        if quote is None:
            return
        if quote.seq < feed.first_visible:
            self.told.emit("这条消息在您入群之前，不能查看。", "info")
        else:
            feed.jump_to(quote.seq)

    @staticmethod
    def is_web(address: str) -> bool:
        """Whether a link from a message may be handed to the browser: never a file or a program's scheme."""
        url = QUrl(address)
        return url.isValid() and url.scheme().lower() in LINKS
