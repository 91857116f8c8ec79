"""The composer's panel: films, folders, cards, places, formatted text, and what other features add (E107)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from app.shell.tasks import Tasks
from server_stub.contract.content import LocationContent
from widgets.chat.composer import Composer
from widgets.chat.message_list import MessageListView
from widgets.chat.plus_panel import PlusPanel, PlusTile
from widgets.chat.row_view import Hold
from widgets.chat.rows import BubbleRow, RowKind
from widgets.controls import Banner, Dialog, WindowedPopup, label
from widgets.theme import ThemeManager

from .contributed import PlusEntry
from .conversation_files import FILMS
from .conversation_writing import ConversationWriting
from .feed import ConversationFeed
from .list_picker import PeoplePicker
from .markdown import render
from .service import ChatService
from .tools import ChatTools

TILES = (
    PlusTile("film", "视频", "video"),
    PlusTile("folder", "文件夹", "folder"),
    PlusTile("card", "名片", "idcard"),
    PlusTile("place", "位置", "location"),
    PlusTile("markdown", "格式文本", "markdown"),
    PlusTile("voice", "语音", "mic"),
)
_COORDINATES = re.compile(r"(-?\d{1,3}\.\d{3,})\s*[,，%2C ]+\s*(-?\d{1,3}\.\d{3,})")


class ConversationPlus(QObject):
    """Signals: `told(text, kind)`."""

    told = Signal(str, str)

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        tasks: Tasks,
        composer: Composer,
        writing: ConversationWriting,
        tools: ChatTools,
        owner: QWidget,
    ) -> None:
        super().__init__(owner)
        self._service, self._themes, self._tasks = service, themes, tasks
        self._composer, self._writing, self._tools, self._owner = composer, writing, tools, owner
        self._feed: ConversationFeed | None = None
        self.popup: WindowedPopup | None = None
        self.panel: PlusPanel | None = None
        composer.plus_requested.connect(self.open)

    def attach(self, feed: ConversationFeed | None) -> None:
        """Send into this conversation from now on."""
        self._feed = feed

    def _contributed(self) -> list[PlusEntry]:
        id = self._feed.conversation_id if self._feed is not None else ""
        return [one for source in self._tools.plus for one in source.plus_entries(id)] if id else []

    def open(self) -> None:
        """Show the panel above its button."""
        extra = [PlusTile(f"contributed:{one.name}", one.label, one.icon) for one in self._contributed()]
        self.panel = PlusPanel(self._themes, [*TILES, *extra])
        self.popup = WindowedPopup(self._themes, self.panel, self._owner)
        self.popup.setAccessibleName("更多")
        self.panel.chosen.connect(self._chosen)
        self.popup.closed.connect(self._closed)
        self.popup.open_at(self._composer.plus_button, "above")

    def _closed(self) -> None:
        popup, self.popup, self.panel = self.popup, None, None
        if popup is not None:
            popup.deleteLater()

    def _chosen(self, name: str) -> None:
        if self.popup is not None:
            self.popup.close()
        self.act(name)

    def act(self, name: str) -> None:
        """Begin what a tile stands for."""
        feed = self._feed
        if feed is None:
            return
        match name:
            case "film":
                endings = " ".join(f"*{ending}" for ending in FILMS)
                self._choose("选择视频", f"视频 ({endings})", self._writing.send_files)
            case "folder":
                self._choose("选择文件夹", "", self._writing.send_files, folder=True)
            case "card":
                self._ask_card(feed.conversation_id)
            case "place":
                LocationDialog(
                    self._themes, lambda place: self._send_place(feed.conversation_id, place), self._owner
                ).open()
            case "markdown":
                self.write_markdown("", "")
            case "voice":
                self._writing.voice.begin()
            case _:
                entry = next((one for one in self._contributed() if f"contributed:{one.name}" == name), None)
                if entry is not None:
                    self._tasks.start(_run(entry, feed.conversation_id), entry.label)

    def _choose(
        self, title: str, kinds: str, chosen: Callable[[list[Path]], None], *, folder: bool = False
    ) -> None:
        dialog = QFileDialog(self._owner, title, "", kinds)
        mode = QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFiles
        dialog.setFileMode(mode)
        if folder:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_card(self, conversation_id: str) -> None:
        async def send(ids: list[str], _name: str) -> None:
            people = await self._service.people(ids)
            for id in ids:
                if id in people:
                    await self._service.kinds.send_card(conversation_id, people[id])
            self._writing.sent.emit()

        suggested = list(self._feed.people.values()) if self._feed is not None else []
        picker = PeoplePicker(
            self._service,
            self._themes,
            "发送名片",
            send,
            confirm="发送",
            several=True,
            suggested=suggested[:20],
            parent=self._owner,
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def _send_place(self, conversation_id: str, place: LocationContent) -> None:
        self._tasks.start(self._service.kinds.send_location(conversation_id, place), "发送位置")
        self._writing.sent.emit()

    def write_markdown(self, title: str, text: str) -> None:
        """Open the writing of formatted text, with this in it."""
        feed = self._feed
        if feed is not None:
            dialog = MarkdownDialog(
                self._themes,
                lambda t, words: self._send_markdown(feed.conversation_id, t, words),
                self._owner,
            )
            dialog.title_edit.setText(title)
            dialog.edit.setPlainText(text)
            dialog.open()

    def _send_markdown(self, conversation_id: str, title: str, text: str) -> None:
        self._tasks.start(self._service.kinds.send_markdown(conversation_id, title, text), "发送格式文本")
        self._writing.sent.emit()


async def _run(entry: PlusEntry, conversation_id: str) -> None:
    await entry.run(conversation_id)


def coordinates_of(text: str) -> tuple[float, float] | None:
    """Latitude and longitude out of "113.66,34.75", "34.75, 113.66" or a map's address; China lies east of 73°."""
    match = _COORDINATES.search(text)
    if match is None:
        return None
    one, other = float(match[1]), float(match[2])
    latitude, longitude = (other, one) if abs(one) > 60 >= abs(other) else (one, other)
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


class LocationDialog(Dialog):
    """A name, an address, and where it is; an address of a map pasted into the last field is read."""

    def __init__(
        self, themes: ThemeManager, send: Callable[[LocationContent], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, "发送位置", parent)
        self._send = send
        self.name, self.address, self.where = QLineEdit(), QLineEdit(), QLineEdit()
        form = QFormLayout()
        form.setSpacing(themes.theme.space.m)
        for words, edit, hint, length in (
            ("地点名称", self.name, "例如：市民中心 3 号楼", 60),
            ("详细地址", self.address, "例如：中原区互助路 1 号（可不填）", 120),
            ("经纬度", self.where, "地图上复制的，如 113.66541,34.75213", 500),
        ):
            edit.setPlaceholderText(hint)
            edit.setAccessibleName(words)
            edit.setMaxLength(length)
            form.addRow(QLabel(words), edit)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.content.addLayout(form)
        self.content.addWidget(self.notice)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("发送", "primary", default=True, slot=self._go)
        self.finished.connect(self.deleteLater)
        self.name.setFocus()

    def _go(self) -> None:
        found = coordinates_of(self.where.text())
        name, address = self.name.text().strip(), self.address.text().strip()
        if not (name or address):
            self._say("请填写地点名称或地址。", self.name)
        elif found is None:
            self._say("没有读到坐标。请在地图上复制坐标后粘贴，例如：113.66541,34.75213", self.where)
        else:
            self._send(LocationContent(name=name, address=address, latitude=found[0], longitude=found[1]))
            self.accept()

    def _say(self, words: str, edit: QLineEdit) -> None:
        self.notice.say(words, "bad")
        self.notice.show()
        edit.setFocus()


class MarkdownDialog(Dialog):
    """Formatted text with what it will look like beside it."""

    def __init__(
        self, themes: ThemeManager, send: Callable[[str, str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, "发送格式文本", parent, width=themes.theme.sizes.dialog_wide)
        self._send = send
        self.title_edit = QLineEdit()
        self.title_edit.setPlaceholderText("标题（显示在会话列表里，可不填）")
        self.title_edit.setAccessibleName("标题")
        self.title_edit.setMaxLength(100)
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName("正文")
        self.edit.setPlaceholderText(
            "# 一级标题\n**加粗**、*斜体*、~~删除线~~、`代码`\n- 列表\n1. 编号\n> 引用\n[链接](https://…)"
        )
        self.edit.setMinimumHeight(themes.theme.sizes.detail)
        self.shown = MessageListView(themes)
        self.shown.setMinimumHeight(themes.theme.sizes.detail)
        self.shown.setAccessibleName("预览")
        for one in (self.title_edit, self.edit, label("预览", "caption"), self.shown):
            self.content.addWidget(one, 1 if one in (self.edit, self.shown) else 0)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("发送", "primary", slot=self._go)
        self.edit.textChanged.connect(self._show)
        self.finished.connect(self.deleteLater)
        self._show()
        self.edit.setFocus()

    def _show(self) -> None:
        text = self.edit.toPlainText()
        made = render(text[:20_000])
        row = BubbleRow("shown", RowKind.TEXT, made.text, own=True, name="我", spans=made.spans)
        self.shown.set_rows([row] if made.text else [], Hold.VIEW)
        self.go.setEnabled(bool(text.strip()) and len(text) <= 20_000)

    def _go(self) -> None:
        self._send(self.title_edit.text().strip(), self.edit.toPlainText())
        self.accept()
