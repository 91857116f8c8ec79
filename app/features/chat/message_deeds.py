"""What can be done with messages beyond reading them: emoji, forwarding, choosing several, opening the richer kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote as quoted

from PySide6.QtCore import QObject, QPoint, QUrl, Signal
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.preferences import Preferences
from app.session.kinds import NotForwardable
from app.shell.tasks import Tasks
from app.store.records import MessageRow, MessageState
from server_stub.contract.content import (
    FILED,
    AnyContent,
    CardContent,
    FolderContent,
    ImageContent,
    LocationContent,
    MergedContent,
    Unknown,
    VideoContent,
    VoiceContent,
    forwardable,
    summary,
)
from server_stub.contract.conversations import ConversationKind
from widgets.chat.message_list import MessageListView
from widgets.chat.row_choice import MOST
from widgets.controls import ConfirmDialog, WindowedPopup
from widgets.theme import ThemeManager

from .choice_bar import ChoiceBar
from .contributed import MessageEntry, MessageFacts
from .conversation_files import ConversationFiles, Opener
from .conversation_kinds import plain_words
from .conversation_menu import Entry, build
from .conversation_rows import RowMapper
from .feed import ConversationFeed
from .forward_dialog import ForwardDialog, what_of
from .reaction_bar import ReactionBar, open_reactions
from .record_view import RecordWindow
from .service import ChatService
from .tools import ChatTools
from .voice_play import VoicePlay

NOT_FORWARDABLE = "语音和系统消息不支持转发，请去掉后再试。"


class MessageDeeds(QObject):
    """Signals: `told(text, kind)`; `person_wanted(person_id)` for a card; `choosing(bool)` while several are being chosen."""

    told = Signal(str, str)
    person_wanted = Signal(str)
    choosing = Signal(bool)

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        preferences: Preferences,
        tasks: Tasks,
        listed: MessageListView,
        files: ConversationFiles,
        tools: ChatTools,
        bar: ChoiceBar,
        owner: QWidget,
        opener: Opener,
    ) -> None:
        super().__init__(owner)
        self._service, self._themes, self._preferences = service, themes, preferences
        self._tasks, self._list, self._files, self._tools = tasks, listed, files, tools
        self._bar, self._owner, self._opener = bar, owner, opener
        self._feed: ConversationFeed | None = None
        self._windows: list[RecordWindow] = []
        self.popup: WindowedPopup | None = None
        self.reactions: ReactionBar | None = None
        self.voice = VoicePlay(service, tasks, tools, self._told)
        listed.chip_clicked.connect(self._chip)
        listed.choice_changed.connect(self._choice_changed)
        bar.acted.connect(self._chosen_act)
        bar.left.connect(listed.choice.end)

    def attach(
        self, feed: ConversationFeed | None, mapper: RowMapper | None, refresh: Callable[[], None]
    ) -> None:
        """Act in this conversation from now on, or in none."""
        self._list.choice.end()
        self.voice.attach(feed, mapper, refresh)
        self._feed = feed

    def close(self) -> None:
        """The session ends: take windows away."""
        self.voice.stop()
        for window in list(self._windows):
            window.close()

    def _told(self, text: str, kind: str) -> None:
        self.told.emit(text, kind)

    # One message.

    def act(self, row: MessageRow, action: str) -> bool:
        """Do it; False when this is none of its actions."""
        feed, content = self._feed, row.content
        if feed is None:
            return False
        match action:
            case "emoji":
                self.choose_emoji(row, QCursor.pos())
            case "forward":
                self.forward([row])
            case "select":
                self._list.choice.begin(row.client_id)
            case "remove":
                self.ask_remove([row])
            case "transcribe" if isinstance(content, VoiceContent):
                self.voice.transcribe(row)
            case "play" if isinstance(content, VoiceContent):
                self.voice.toggle(row)
            case "copy-place" if isinstance(content, LocationContent):
                QGuiApplication.clipboard().setText(plain_words(content))
                self.told.emit("位置已复制", "ok")
            case "open" | "save" if isinstance(content, FolderContent):
                self._save_folder(content)
            case "open" if content is not None and not isinstance(content, Unknown):
                return self.open(content)
            case _ if action.startswith("contributed:"):
                self._contributed(row, action.removeprefix("contributed:"))
            case _:
                return False
        return True

    def open(self, content: AnyContent) -> bool:
        """Open what a message holds; False for what opens elsewhere (files, pictures)."""
        match content:
            case CardContent():
                self.person_wanted.emit(content.person_id)
            case LocationContent():
                self._open_place(content)
            case MergedContent():
                window = RecordWindow(self._themes, content, self._record_opened, self._owner.window())
                self._record_opened(window)
                window.show()
            case VideoContent():
                self._files.play(content)
            case FolderContent():
                self._save_folder(content)
            case _:
                return False
        return True

    def _open_place(self, place: LocationContent) -> None:
        if not self._tools.map_url:
            QGuiApplication.clipboard().setText(plain_words(place))
            self.told.emit("单位没有配置地图，位置已复制到剪贴板。", "info")
            return
        address = (
            self._tools.map_url.replace("{longitude}", f"{place.longitude:.6f}")
            .replace("{latitude}", f"{place.latitude:.6f}")
            .replace("{name}", quoted(place.name or place.address, safe=""))
        )
        url = QUrl(address, QUrl.ParsingMode.StrictMode)
        if url.scheme() not in ("http", "https") or not self._opener(url):
            self.told.emit("没有能打开地图的程序。", "warn")

    def _save_folder(self, content: FolderContent) -> None:
        dialog = QFileDialog(self._owner, "文件夹保存到")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.save_folder_to(content, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_folder_to(self, content: FolderContent, target: Path) -> None:
        """Write a received folder there."""
        self._tasks.start(self._write_folder(content, target), "保存文件夹")

    async def _write_folder(self, content: FolderContent, target: Path) -> None:
        if self._feed is not None:
            made = await self._service.kinds.save_folder(self._feed.conversation_id, content, target)
            self._files.saved.emit(made / content.entries[0].path.split("/")[0])

    # Records.

    def _record_opened(self, window: RecordWindow) -> None:
        self._windows.append(window)
        window.destroyed.connect(lambda: self._windows.remove(window) if window in self._windows else None)
        window.content_wanted.connect(self._open_from_record)
        window.menu_wanted.connect(self._record_menu)
        window.link_wanted.connect(self._list.link_clicked)

    def _open_from_record(self, content: AnyContent) -> None:
        if isinstance(content, ImageContent):
            self._files.look_at_one(content)
        elif not self.open(content) and isinstance(content, FILED):
            self._files.act(content.file, "open", None)

    def _record_menu(self, content: AnyContent, at: QPoint) -> None:
        entries: list[Entry] = []
        if isinstance(content, FILED):
            entries.append(Entry("save", "另存为…", "save"))
        else:
            entries.append(Entry("copy", "复制", "copy"))
        if forwardable(content):
            entries.append(Entry("forward", "转发", "forward"))

        def chosen(name: str) -> None:
            if name == "copy":
                QGuiApplication.clipboard().setText(plain_words(content))
            elif name == "forward":
                self._forward_content(content)
            elif isinstance(content, FolderContent):
                self._save_folder(content)
            elif isinstance(content, FILED):
                self._files.save_as(content.file)

        self._popup_menu(build(entries, self._themes, self._owner, chosen), at)

    @staticmethod
    def _popup_menu(menu: QMenu, at: QPoint) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # Emoji.

    def choose_emoji(self, row: MessageRow, at: QPoint) -> None:
        """Offer emoji for a message."""
        recent = self._preferences.values.recent_emoji
        self.popup, self.reactions = open_reactions(self._themes, recent, at, self._owner)
        self.popup.closed.connect(self._emoji_closed)
        self.reactions.chosen.connect(lambda emoji: self._react(row, emoji))
        self.reactions.recent_changed.connect(
            lambda recent: self._preferences.set(recent_emoji=tuple(recent))
        )

    def _emoji_closed(self) -> None:
        self.popup = self.reactions = None

    def _chip(self, key: str, emoji: str) -> None:
        feed = self._feed
        row = next((one for one in feed.window.all() if one.client_id == key), None) if feed else None
        if row is not None:
            self._react(row, emoji)

    def _react(self, row: MessageRow, emoji: str) -> None:
        feed = self._feed
        if feed is None or row.seq <= 0:
            return
        if feed.row is None or not feed.row.writable:
            self.told.emit("这里不能回复表情。", "info")
            return
        self._tasks.start(self._service.kinds.react(feed.conversation_id, row.seq, emoji), "回复表情")

    # Several.

    def _choice_changed(self) -> None:
        choice = self._list.choice
        self._bar.show_count(len(choice.keys), full=choice.full, most=MOST)
        self.choosing.emit(choice.active)

    def _chosen_rows(self) -> list[MessageRow]:
        keys = set(self._list.choice.keys)
        rows = self._feed.window.rows if self._feed is not None else []
        return [row for row in rows if row.client_id in keys]

    def _chosen_act(self, name: str) -> None:
        rows = self._chosen_rows()
        if not rows:
            return
        match name:
            case "forward":
                self.forward(rows)
            case "merge":
                self.forward(rows, merged=True)
            case "copy":
                self._copy(rows)
            case "save":
                self._save_all(rows)
            case _:
                self.ask_remove(rows)

    def _copy(self, rows: Sequence[MessageRow]) -> None:
        feed = self._feed
        if feed is None:
            return
        lines = [
            f"{feed.name(row.sender_id)}：{plain_words(row.content, row.transcript)}"
            for row in rows
            if row.state is MessageState.OPENED
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self.told.emit(f"已复制 {len(lines)} 条消息", "ok")
        self._list.choice.end()

    def _save_all(self, rows: Sequence[MessageRow]) -> None:
        contents = [row.content for row in rows if isinstance(row.content, FILED)]
        if not contents:
            self.told.emit("所选消息里没有文件。", "info")
            return
        dialog = QFileDialog(self._owner, "文件保存到")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.save_all_to(contents, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_all_to(self, contents: Sequence[AnyContent], target: Path) -> None:
        """Write the files of several messages into a folder; none is overwritten."""
        self._tasks.start(self._write_all(contents, target), "保存文件")
        self._list.choice.end()

    async def _write_all(self, contents: Sequence[AnyContent], target: Path) -> None:
        feed = self._feed
        for content in contents:
            if isinstance(content, FolderContent) and feed is not None:
                await self._service.kinds.save_folder(feed.conversation_id, content, target)
            elif isinstance(content, FILED):
                await self._files.save_beside(content.file, target)
        self.told.emit(f"已保存 {len(contents)} 个文件", "ok")

    def ask_remove(self, rows: Sequence[MessageRow]) -> None:
        """Delete messages on this machine, after a question."""
        feed = self._feed
        if feed is None:
            return
        what = "这条消息" if len(rows) == 1 else f"这 {len(rows)} 条消息"
        dialog = ConfirmDialog(
            self._themes,
            f"删除{what}？",
            "只从这台电脑上删除，其他人和您的其他设备不受影响。删除后不能恢复。",
            "删除",
            danger=True,
            parent=self._owner,
        )
        seqs = [row.seq for row in rows if row.seq > 0]
        dialog.accepted.connect(lambda: self._remove(feed.conversation_id, seqs))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _remove(self, conversation_id: str, seqs: list[int]) -> None:
        self._tasks.start(self._service.kinds.remove_here(conversation_id, seqs), "删除消息")
        self._list.choice.end()

    # Forwarding.

    def forward(self, rows: Sequence[MessageRow], *, merged: bool = False) -> None:
        """Ask where to, and forward: one by one, or as one record."""
        feed = self._feed
        if feed is None or feed.row is None:
            return
        if not all(row.state is MessageState.OPENED and forwardable(row.content) for row in rows):
            self.told.emit(NOT_FORWARDABLE, "warn")
            return
        seqs = [row.seq for row in rows]
        title, source, kinds = self._record_title(feed), feed.conversation_id, self._service.kinds

        async def send(targets: list[str], note: str) -> None:
            if merged:
                await kinds.forward_merged(source, seqs, targets, title=title, names=feed.name, note=note)
            else:
                await kinds.forward_each(source, seqs, targets, note)

        texts = [summary(row.content) for row in rows if row.content is not None]
        self._ask_where(f"[聊天记录] {title}" if merged else what_of(texts), send)

    def _record_title(self, feed: ConversationFeed) -> str:
        row = feed.row
        if row is not None and row.kind is ConversationKind.GROUP:
            return f"{row.title}的聊天记录"[:100]
        return f"{self._service.me.name}和{row.title if row else ''}的聊天记录"[:100]

    def _forward_content(self, content: AnyContent) -> None:
        async def send(targets: list[str], note: str) -> None:
            await self._service.kinds.forward_content(content, targets, note)

        self._ask_where(summary(content), send)

    def _ask_where(self, shown: str, send: Callable[[list[str], str], object]) -> None:
        dialog = ForwardDialog(self._service, self._themes, shown, send, self._owner)  # type: ignore[arg-type]
        dialog.accepted.connect(self._forwarded)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _forwarded(self) -> None:
        self._list.choice.end()
        self.told.emit("已转发", "ok")

    # Entries of other features (3.1.2.2).

    def contributed(self, row: MessageRow) -> list[MessageEntry]:
        """What other features offer for a message."""
        facts = self._facts(row)
        return (
            [entry for source in self._tools.message_actions for entry in source.entries(facts)]
            if facts
            else []
        )

    def _facts(self, row: MessageRow) -> MessageFacts | None:
        feed, content = self._feed, row.content
        if (
            feed is None
            or content is None
            or isinstance(content, Unknown)
            or row.state is not MessageState.OPENED
        ):
            return None
        return MessageFacts(
            conversation_id=feed.conversation_id,
            conversation_title=feed.row.title if feed.row is not None else "",
            seq=row.seq,
            client_id=row.client_id,
            sender_id=row.sender_id,
            sender_name=feed.name(row.sender_id),
            sent_at=row.sent_at,
            text=plain_words(content, row.transcript),
            content=content,
        )

    def _contributed(self, row: MessageRow, name: str) -> None:
        facts = self._facts(row)
        entry = next((one for one in self.contributed(row) if one.name == name), None)
        if facts is not None and entry is not None:
            self._tasks.start(_awaited(entry, facts), entry.label)


async def _awaited(entry: MessageEntry, facts: MessageFacts) -> None:
    await entry.run(facts)


__all__ = ["MessageDeeds", "NotForwardable"]
