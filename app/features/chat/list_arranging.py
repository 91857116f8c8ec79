"""Reads and changes how the user arranges his conversations; what he does is seen at once and kept with the account."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from app.shell.tasks import Tasks
from app.store.changes import Change
from server_stub.contract.ids import uuid7
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

from .detail_dialogs import TextDialog
from .list_arrangement import (
    FOCUS,
    FOLDER,
    LAYOUT,
    PINS,
    TITLE_LIMIT,
    Folder,
    Layout,
    ListArrangement,
    layout_value,
    moved,
    read_arrangement,
)
from .list_folders import FoldersDialog, LayoutDialog
from .service import ChatService


class ListArranging(QObject):
    """Signals: `changed(ListArrangement)`."""

    changed = Signal(object)

    def __init__(self, service: ChatService, themes: ThemeManager, tasks: Tasks, owner: QWidget) -> None:
        super().__init__(owner)
        self._service, self._themes, self._tasks, self._owner = service, themes, tasks, owner
        self.now = ListArrangement()
        self._subscription = service.listen(self._heard, table="personal")
        self.destroyed.connect(self._subscription.close)

    def start(self) -> None:
        """Read for the first time."""
        self._tasks.start(self._read(), "读取会话分组")

    def close(self) -> None:
        """Stop listening."""
        self._subscription.close()

    def _heard(self, _change: Change) -> None:
        self._tasks.start(self._read(), "读取会话分组")

    async def _read(self) -> None:
        found = read_arrangement(await self._service.personal.items())
        if found != self.now:
            self.now = found
            self.changed.emit(found)

    def _keep(self, name: str, value: object, doing: str) -> None:
        self._tasks.start(self._service.personal.put_item(name, value), doing)

    # Groupings.

    def all(self) -> tuple[Folder, ...]:
        """In their order."""
        return self.now.folders

    def put(self, folder: Folder, conversation_id: str, *, inside: bool) -> None:
        """Put a conversation in, or take it out."""
        members = folder.members | {conversation_id} if inside else folder.members - {conversation_id}
        self._keep(folder.name, Folder(folder.name, folder.title, folder.order, members).value, "修改分组")

    def put_in(self, name: str, conversation_id: str) -> None:
        """A conversation was dropped on a grouping."""
        folder = self.now.folder(name)
        if folder is not None:
            self.put(folder, conversation_id, inside=True)
        elif not name:
            self._ask_where(conversation_id)

    def _ask_where(self, conversation_id: str) -> None:
        """It was dropped on 更多."""
        menu = QMenu(self._owner)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for folder in self.now.folders:
            menu.addAction(folder.title).triggered.connect(
                lambda _on=False, folder=folder: self.put(folder, conversation_id, inside=True)
            )
        menu.addAction("新建分组…").triggered.connect(lambda _on=False: self.make(conversation_id))
        menu.popup(QCursor.pos())

    def make(self, conversation_id: str = "") -> None:
        """Ask for a new grouping."""

        async def save(title: str) -> None:
            members = frozenset({conversation_id} if conversation_id else ())
            folder = Folder(f"{FOLDER}{uuid7()}", title, len(self.now.folders), members)
            await self._service.personal.put_item(folder.name, folder.value)

        self._ask("新建分组", "", save)

    def _rename(self, folder: Folder) -> None:
        async def save(title: str) -> None:
            renamed = Folder(folder.name, title, folder.order, folder.members)
            await self._service.personal.put_item(folder.name, renamed.value)

        self._ask("重命名分组", folder.title, save)

    def _ask(self, title: str, text: str, save) -> None:
        dialog = TextDialog(
            self._themes, title, text, TITLE_LIMIT, save, required=True, parent=self._owner.window()
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _remove(self, folder: Folder) -> None:
        dialog = ConfirmDialog(
            self._themes,
            "删除分组",
            f"“{folder.title}”里的会话不会被删除。",
            "删除",
            danger=True,
            parent=self._owner.window(),
        )
        dialog.accepted.connect(lambda: self._keep(folder.name, None, "删除分组"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def manage(self) -> None:
        """Make, rename, order and delete groupings."""
        dialog = FoldersDialog(self._themes, self.now.folders, self._owner.window())
        dialog.chosen.connect(self._managed)
        dialog.open()

    def _managed(self, kept: list[Folder], gone: list[str]) -> None:
        for folder in kept:
            if folder != self.now.folder(folder.name):
                self._keep(folder.name, folder.value, "修改分组")
        for name in gone:
            self._keep(name, None, "删除分组")

    # Pins, focus, bars.

    def move_pin(self, shown: list[str], moving: str, before: str) -> None:
        """A pinned conversation was dragged to another place."""
        order = moved(self.now.pins, shown, moving, before)
        self._keep(PINS, order, "调整置顶顺序")

    def set_focus(self, *, on: bool) -> None:
        """Begin or end 专注模式."""
        self._keep(FOCUS, True if on else None, "专注模式")

    def tabs_menu(self, key: str, entries: list[tuple[str, str]], spot: QPoint) -> None:
        """The menu of the tabs; with more for a grouping of the user's."""
        menu = QMenu(self._owner)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        folder = self.now.folder(key)
        if folder is not None:
            menu.addAction("重命名分组…").triggered.connect(lambda: self._rename(folder))
            menu.addAction("删除分组").triggered.connect(lambda: self._remove(folder))
            menu.addSeparator()
        menu.addAction("新建分组…").triggered.connect(lambda _on=False: self.make())
        menu.addAction("管理分组…").triggered.connect(self.manage)
        menu.addAction("自定义菜单栏…").triggered.connect(
            lambda: self.customise("tabs", "自定义菜单栏", entries)
        )
        menu.popup(spot)

    def customise(
        self, bar: str, title: str, entries: list[tuple[str, str]], fixed: tuple[str, ...] = ("全部",)
    ) -> LayoutDialog:
        """Ask which entries of a bar ("tabs", "tools", "rail") are shown, and in what order."""
        layout: Layout = getattr(self.now, bar)
        dialog = LayoutDialog(self._themes, title, entries, layout, fixed, self._owner.window())
        dialog.chosen.connect(
            lambda chosen: self._keep(LAYOUT, layout_value(self.now, **{bar: chosen}), title)
        )
        dialog.open()
        return dialog
