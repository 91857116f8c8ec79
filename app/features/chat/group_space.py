"""群文件: the group's folders and files, dropped in, opened, saved, renamed, taken away (E079)."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QWidget

from app.store.changes import Change
from app.store.queries.groups import SpaceRow
from server_stub.contract.group_rules import Who
from widgets.controls import ConfirmDialog, ElidedLabel, EmptyState, IconButton, SearchField, button
from widgets.lists import RowView
from widgets.theme import ThemeManager

from .conversation_drop import dropped_files
from .detail_dialogs import TextDialog
from .detail_feed import Details
from .file_rows import FILE_ROLE, FileRowDelegate, FileRowsModel
from .group_parts import WorkDialog
from .group_space_rows import SpaceItem, space_items
from .service import ChatService

NAME_LIMIT = 100


class SpaceDialog(WorkDialog):
    """One folder at a time, with the way up above it."""

    def __init__(
        self, service: ChatService, themes: ThemeManager, details: Details, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, "群文件", parent, width=themes.theme.sizes.dialog_wide)
        self._service, self._details = service, details
        self._space, self._id = service.space, details.row.id
        self.rows: list[SpaceRow] = []
        self.folder = ""
        self._names = {one.person_id: one.nickname or one.name for one in details.members}
        space = themes.theme.space
        self.up = IconButton(themes, "chevron-left", "上一级", size=28)
        self.up.clicked.connect(self._go_up)
        self.path = ElidedLabel(themes, "", "body")
        self.search = SearchField(themes, "搜索群文件", delay_ms=80)
        self.search.query_changed.connect(lambda _text: self._show())
        self.add_folder = button("新建文件夹", size="small")
        self.add_folder.clicked.connect(self._new_folder)
        self.upload = button("上传文件", "primary", "small")
        self.upload.clicked.connect(self._choose)
        top = QHBoxLayout()
        top.setSpacing(space.s)
        top.addWidget(self.up)
        top.addWidget(self.path, 1)
        top.addWidget(self.add_folder)
        top.addWidget(self.upload)
        self.model = FileRowsModel[SpaceItem](self)
        self.view = RowView(themes, FileRowDelegate(themes), surface="content", name="群文件")
        self.view.setModel(self.model)
        self.view.setMinimumHeight(themes.theme.grow(themes.theme.sizes.row_compact) * 7)
        self.view.opened.connect(self._opened)
        self.view.menu_wanted.connect(self._menu)
        self.search.moved.connect(self.view.step)
        self.empty = EmptyState(themes, "folder", "", "")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        self.content.addLayout(top)
        self.content.addWidget(self.search)
        self.content.addWidget(self.stack, 1)
        self.add_button("关闭", slot=self.accept)
        self.setAcceptDrops(True)
        self._listening = service.listen(self._changed, table="space", conversation_id=self._id)
        self.finished.connect(lambda _result: self._listening.close())
        self.work(self._start(), "读取群文件")

    async def _start(self) -> None:
        await self._read()
        await self._space.refresh_space(self._id)
        await self._read()

    def _changed(self, _change: Change) -> None:
        if not self.over:
            self.tasks.start(self._read(), "读取群文件")

    async def _read(self) -> None:
        self.rows = await self._space.listing(self._id)
        if not self.over:
            if self.folder and self._row(self.folder) is None:
                self.folder = ""
            self._show()

    def _row(self, entry_id: str) -> SpaceRow | None:
        return next((one for one in self.rows if one.entry.id == entry_id), None)

    def _show(self) -> None:
        text = self.search.text().strip()
        items = space_items(self.rows, self.folder, text, self._names, self._service.now_ms())
        self.model.show_items(items)
        self.stack.setCurrentWidget(self.view if items else self.empty)
        may = self._may_write(self.folder)
        if text:
            self.empty.set_texts("没有找到", "请换一个词试试。")
        elif may:
            self.empty.set_texts("这里还没有文件", "把文件拖到这里，或点“上传文件”。")
        else:
            self.empty.set_texts("这里还没有文件", "群主和管理员上传的文件会出现在这里。")
        self.path.setText(" / ".join(["群文件", *self._trail()]))
        self.up.setEnabled(bool(self.folder))
        self.add_folder.setEnabled(may)
        self.upload.setEnabled(may)

    def _trail(self) -> list[str]:
        names: list[str] = []
        at = self._row(self.folder)
        while at is not None and len(names) < 20:
            names.insert(0, at.name)
            at = self._row(at.entry.parent_id)
        return names

    def _may_write(self, folder: str) -> bool:
        if not self._details.can_upload:
            return False
        at = self._row(folder)
        while at is not None:
            if at.entry.write is Who.MANAGERS and not self._details.can_manage:
                return False
            at = self._row(at.entry.parent_id)
        return True

    def _may_change(self, row: SpaceRow) -> bool:
        own = row.entry.author_id == self._details.me
        place = row.entry.id if row.entry.folder else row.entry.parent_id
        return self._may_write(place) and (own or self._details.can_manage)

    # Going.

    def _go_up(self) -> None:
        at = self._row(self.folder)
        self._enter(at.entry.parent_id if at is not None else "")

    def _enter(self, folder: str) -> None:
        self.folder = folder
        self.search.clear()
        self._show()

    def _opened(self, index: QModelIndex) -> None:
        item: SpaceItem | None = index.data(FILE_ROLE)
        if item is None:
            return
        if item.folder:
            self._enter(item.row.entry.id)
        else:
            self.work(self._open_copy(item.row.entry.file_id), "打开文件")

    async def _open_copy(self, file_id: str) -> None:
        path = await self._service.open_file(file_id)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    # Doing.

    def _menu(self, index: QModelIndex, spot: QPoint) -> None:
        item: SpaceItem | None = index.data(FILE_ROLE)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("打开").triggered.connect(lambda: self._opened(index))
        if not item.folder:
            menu.addAction("另存为…").triggered.connect(lambda: self._save(item))
        if self._may_change(item.row):
            menu.addSeparator()
            menu.addAction("重命名…").triggered.connect(lambda: self._rename(item))
            if item.folder and self._details.can_manage:
                closed = item.row.entry.write is Who.MANAGERS
                words = "允许所有成员修改" if closed else "仅管理员可修改"
                menu.addAction(words).triggered.connect(lambda: self._set_rule(item, not closed))
            menu.addAction("删除").triggered.connect(lambda: self._remove(item))
        menu.popup(spot)

    def _set_rule(self, item: SpaceItem, closed: bool) -> None:
        write = Who.MANAGERS if closed else Who.ALL
        self.work(self._space.set_folder_rule(self._id, item.row, write), "设置文件夹权限")

    def _save(self, item: SpaceItem) -> None:
        dialog = QFileDialog(self, "另存为", str(Path.home() / item.name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(item.name)
        file_id = item.row.entry.file_id
        dialog.fileSelected.connect(
            lambda name: self.work(self._service.save_file(file_id, Path(name)), "保存文件")
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _new_folder(self) -> None:
        async def make(name: str) -> None:
            await self._space.add_folder(self._id, name, self.folder)

        self._ask("新建文件夹", "", make)

    def _rename(self, item: SpaceItem) -> None:
        async def rename(name: str) -> None:
            await self._space.rename(self._id, item.row, name)

        self._ask("重命名", item.row.name, rename)

    def _ask(self, title: str, text: str, save) -> None:
        dialog = TextDialog(self.themes, title, text, NAME_LIMIT, save, required=True, parent=self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _remove(self, item: SpaceItem) -> None:
        what = "文件夹和里面的所有文件" if item.folder else "文件"
        dialog = ConfirmDialog(
            self.themes,
            "删除",
            f"将删除“{item.name}”{what}，所有成员都不能再打开。",
            "删除",
            danger=True,
            parent=self,
        )
        dialog.accepted.connect(
            lambda: self.work(self._space.remove_entry(self._id, item.row.entry.id), "删除")
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "上传到群文件", str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.put([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def put(self, paths: Sequence[Path]) -> None:
        """Upload files of this machine into the open folder."""
        self.work(self._put(list(paths), self.folder), "上传文件")

    async def _put(self, paths: list[Path], folder: str) -> None:
        for path in paths:
            size = (await asyncio.to_thread(path.stat)).st_size
            kind = mimetypes.guess_type(path.name)[0] or ""
            await self._space.add_file(self._id, path, size, kind, folder)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._may_write(self.folder) and dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [one for one in dropped_files(event.mimeData()) if one.is_file()]
        if paths:
            event.acceptProposedAction()
            self.put(paths)
