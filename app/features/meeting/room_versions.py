"""The versions of a room: who saved it when, what its layouts looked like, and an old one in force again (3.1.6.1)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from meeting_seat_designer.editor.dialogs.preview import PlanPreview
from meeting_seat_designer.engine.model.document import Document
from server_stub.contract.meetings import Version
from widgets.controls import Dialog, FilterItem, FilterTabs, label
from widgets.theme import ThemeManager

_VERSION = Qt.ItemDataRole.UserRole


class RoomVersionsDialog(Dialog):
    """`newest` is the document of the first version; `load(version)` fetches another's; `restore(version)` where the
    user may change the room."""

    def __init__(
        self,
        themes: ThemeManager,
        name: str,
        versions: list[Version],
        newest: Document,
        load: Callable[[int], Awaitable[Document]],
        restore: Callable[[int], object] | None,
        parent: QWidget,
    ) -> None:
        sizes, space = themes.theme.sizes, themes.theme.space
        super().__init__(themes, f"“{name}”的历史版本", parent, width=sizes.picker + sizes.picker_side)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._load, self._restore = load, restore
        self._newest = versions[0].version if versions else 0
        self._documents = {self._newest: newest}
        self.tasks = Tasks(self._failed)
        self.list = QListWidget()
        self.list.setAccessibleName("历史版本")
        self.list.setFixedWidth(sizes.picker_side)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        for one in versions:
            self.list.addItem(self._item(one))
        self.layouts = FilterTabs(themes, [])
        self.layouts.current_changed.connect(lambda _key: self._draw())
        self.preview = PlanPreview(newest, themes, "布局预览")
        self.preview.setMinimumSize(QSize(sizes.picker_side * 2, sizes.picker_height * 3 // 4))
        self.about = label("", "caption", "weak", wrap=True)
        side = QVBoxLayout()
        side.setSpacing(space.s)
        side.addWidget(self.layouts)
        side.addWidget(self.preview, 1)
        side.addWidget(self.about)
        row = QHBoxLayout()
        row.setSpacing(space.l)
        row.addWidget(self.list)
        row.addLayout(side, 1)
        self.content.addLayout(row, 1)
        self.close_button = self.add_button("关闭", slot=self.reject)
        self.go = self.add_button("恢复为新版本", "primary", default=True, slot=self._go)
        self.go.setVisible(restore is not None)
        self.list.currentItemChanged.connect(lambda *_rows: self._chosen())
        self.list.setCurrentRow(0)
        self.list.setFocus()
        self.finished.connect(lambda _result: asyncio.ensure_future(self.tasks.close()))

    def _item(self, one: Version) -> QListWidgetItem:
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.at / 1000))
        now = "（当前）" if one.version == self._newest else ""
        item = QListWidgetItem(f"第 {one.version} 版{now}\n{at}  {one.by}".rstrip())
        item.setData(_VERSION, one.version)
        theme = self.themes.theme
        item.setSizeHint(QSize(0, 2 * theme.line("body") + 2 * theme.space.s))
        return item

    @property
    def version(self) -> int:
        """The chosen one."""
        item = self.list.currentItem()
        return item.data(_VERSION) if item is not None else 0

    def _chosen(self) -> None:
        self.go.setEnabled(False)
        wanted = self.version
        if wanted in self._documents:
            self._show(self._documents[wanted])
        elif wanted:
            self.about.setText("正在读取…")
            self.tasks.start(self._fetch(wanted), "读取历史版本")

    async def _fetch(self, version: int) -> None:
        document = self._documents[version] = await self._load(version)
        if version == self.version:
            self._show(document)

    def _show(self, document: Document) -> None:
        self.go.setEnabled(self.version != self._newest)
        items = [FilterItem(one.id, one.name) for one in document.layouts]
        self.layouts.set_items(items)
        self.layouts.setVisible(len(items) > 1)
        self._draw()

    def _draw(self) -> None:
        document = self._documents.get(self.version)
        if document is None:
            return
        if any(one.id == self.layouts.current for one in document.layouts):
            document.layout = document.plan.layout = self.layouts.current
        layout = document.current()
        seats = sum(seat.kind != "disabled" for region in layout.regions for seat in region.seats)
        room = document.room
        size = f"{room.width / 1000:g} × {room.depth / 1000:g} 米"
        self.about.setText(f"{layout.name} · {seats} 座 · {size}")
        self.preview.put(document, [])
        self.preview.fit()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.about.setText(describe(error, doing).text)

    def _go(self) -> None:
        version = self.version
        self.accept()
        if self._restore is not None and version:
            self._restore(version)
