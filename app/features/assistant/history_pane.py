"""The talks at the left: found, opened, renamed, exported, deleted (3.2.6.10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.shell.tasks import Tasks
from app.store.queries.assistant import Talk
from widgets.controls import ConfirmDialog, Dialog, SearchField, button, label
from widgets.theme import ThemeManager

from .dialogs import TitleDialog
from .service import AssistantService
from .talk_rows import TalkDelegate


class HistoryPane(QFrame):
    """Signals: `fresh_wanted()`; `opened(Talk)`; `renamed(Talk)` and `removed(Talk)` when it is done; `told(text)`: what
    went well.
    """

    fresh_wanted = Signal()
    opened = Signal(object)
    renamed = Signal(object)
    removed = Signal(object)
    told = Signal(str)

    def __init__(
        self,
        service: AssistantService,
        themes: ThemeManager,
        tasks: Tasks,
        open_dialog: Callable[[Dialog], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._themes, self._tasks, self._open_dialog = service, themes, tasks, open_dialog
        self._talks: list[Talk] = []
        self._current = ""
        self._busy = False
        self.setProperty("surface", "list")
        self.setProperty("line", "right")
        self.setFixedWidth(themes.theme.sizes.list)
        margin = themes.theme.space.m
        column = QVBoxLayout(self)
        column.setContentsMargins(0, margin, 0, margin)
        head = QHBoxLayout()
        head.setContentsMargins(margin, 0, margin, 0)
        head.addWidget(label("助手", "title"))
        head.addStretch(1)
        self.fresh = button("新对话", "primary", "small")
        self.fresh.clicked.connect(self.fresh_wanted)
        head.addWidget(self.fresh)
        column.addLayout(head)
        self.search = SearchField(themes, "搜索历史记录")
        self.search.query_changed.connect(lambda _text: tasks.start(self.load(), "读取历史记录"))
        finder = QHBoxLayout()
        finder.setContentsMargins(margin, 0, margin, 0)
        finder.addWidget(self.search)
        column.addLayout(finder)
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("历史记录")
        self.list.setProperty("plain", True)
        self.list.setMouseTracking(True)
        self.list.setItemDelegate(TalkDelegate(themes, self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._talk_menu)
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)
        self.nothing = label("还没有历史记录", "caption", "weak", wrap=True)
        self.nothing.setContentsMargins(margin, margin // 2, margin, 0)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)

    async def load(self) -> None:
        """Read the talks anew: those that hold the words of the search."""
        text = self.search.edit.text()
        self._talks = await self._service.history.talks(text)
        self.list.clear()
        for talk in self._talks:
            day = datetime.fromtimestamp(talk.changed_at / 1000).strftime("%m-%d %H:%M")
            item = QListWidgetItem(talk.title)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{talk.title}\n{day} · {talk.turns} 条问答")
            item.setData(Qt.ItemDataRole.UserRole, talk)
            item.setToolTip(talk.title)
            self.list.addItem(item)
        self.mark(self._current)
        self.nothing.setText("没有找到相关的历史记录" if text.strip() else "还没有历史记录")
        self.nothing.setVisible(not self._talks)

    def mark(self, talk_id: str) -> None:
        """Show which talk is open; "" for a new one."""
        self._current = talk_id
        row = next((at for at, talk in enumerate(self._talks) if talk.id == talk_id), None)
        if row is not None:
            self.list.setCurrentRow(row)
        else:
            self.list.clearSelection()

    def talk(self, talk_id: str) -> Talk | None:
        """One of those that are shown."""
        return next((one for one in self._talks if one.id == talk_id), None)

    def set_busy(self, busy: bool) -> None:
        """While an answer is made, the open talk stays open."""
        self._busy = busy
        self.list.setEnabled(not busy)
        self.fresh.setEnabled(not busy)

    def _open(self, item: QListWidgetItem) -> None:
        self.opened.emit(item.data(Qt.ItemDataRole.UserRole))

    # What is done to a talk.

    def _talk_menu(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        if item is not None:
            self.menu(item.data(Qt.ItemDataRole.UserRole), self.list.viewport().mapToGlobal(place))

    def menu(self, talk: Talk, place: QPoint) -> None:
        """The menu of a talk, at a place of the screen."""
        if self._busy:
            return
        menu = QMenu(self)
        menu.addAction("重命名", lambda: self.rename(talk))
        menu.addAction("导出…", lambda: self._export(talk))
        menu.addAction("删除对话", lambda: self.remove_talk(talk))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def rename(self, talk: Talk) -> None:
        """Ask for another title."""
        dialog = TitleDialog(self._themes, talk.title, self)
        dialog.accepted.connect(
            lambda: self._tasks.start(self._renamed(talk, dialog.field.text().strip()), "重命名")
        )
        self._open_dialog(dialog)

    async def _renamed(self, talk: Talk, title: str) -> None:
        await self._service.history.rename(talk.id, title)
        self.renamed.emit(msgspec.structs.replace(talk, title=title))
        await self.load()

    def remove_talk(self, talk: Talk) -> None:
        """Delete a talk after a question."""
        dialog = ConfirmDialog(
            self._themes, "删除这个对话？", f"“{talk.title}”及其中的全部问答将被删除，无法恢复。",
            accept="删除", danger=True, parent=self,
        )  # fmt: skip
        dialog.accepted.connect(lambda: self._tasks.start(self._removed(talk), "删除对话"))
        self._open_dialog(dialog)

    async def _removed(self, talk: Talk) -> None:
        await self._service.history.remove_talk(talk.id)
        self.removed.emit(talk)
        await self.load()

    def _export(self, talk: Talk) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "导出对话", f"{talk.title}.md", "Markdown (*.md)")
        if name:
            self._tasks.start(self.export(talk, Path(name)), "导出对话")

    async def export(self, talk: Talk, target: Path) -> None:
        """Write a talk as it may be seen now."""
        text = await self._service.export(talk)
        await asyncio.to_thread(target.write_text, text, "utf-8")
        self.told.emit("已导出")
