"""聊天分组: make, rename, order and delete groupings, and say what the bars show and in what order (E066, E068, E070)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QWidget

from server_stub.contract.ids import uuid7
from widgets.controls import Dialog, IconButton, button, label
from widgets.theme import ThemeManager

from .list_arrangement import FOLDER, MOST_FOLDERS, TITLE_LIMIT, Folder, Layout

_KEY = Qt.ItemDataRole.UserRole


class OrderList(QListWidget):
    """Entries that are dragged, or moved with the buttons beside it, into another order."""

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__()
        self.setProperty("plain", True)
        self.setAccessibleName(name)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setMinimumHeight(themes.theme.grow(themes.theme.sizes.control_small) * 6)

    def keys(self) -> list[str]:
        """Keys from top to bottom."""
        return [str(self.item(row).data(_KEY)) for row in range(self.count())]

    def move_current(self, step: int) -> None:
        """Move the chosen entry up (-1) or down (1)."""
        row = self.currentRow()
        if row >= 0 and 0 <= row + step < self.count():
            item = self.takeItem(row)
            self.insertItem(row + step, item)
            self.setCurrentRow(row + step)

    def add(
        self, key: str, text: str, *, checked: bool | None = None, editable: bool = False
    ) -> QListWidgetItem:
        """An entry; with `checked` it has a box."""
        item = QListWidgetItem(text)
        item.setData(_KEY, key)
        flags = item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled
        if checked is not None:
            item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if editable else flags)
        self.addItem(item)
        return item


def _movers(themes: ThemeManager, order: OrderList) -> list[IconButton]:
    up, down = IconButton(themes, "arrow-up", "上移"), IconButton(themes, "arrow-down", "下移")
    up.clicked.connect(lambda: order.move_current(-1))
    down.clicked.connect(lambda: order.move_current(1))
    return [up, down]


class FoldersDialog(Dialog):
    """The user's groupings. Signals: `chosen(list[Folder], list[str])`: all that shall be, and the names of those to go."""

    chosen = Signal(list, list)

    def __init__(
        self, themes: ThemeManager, folders: Sequence[Folder], parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, "管理分组", parent)
        self._before = {one.name: one for one in folders}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.hint = label("双击改名，拖动排序。删除分组不会删除里面的会话。", "caption", wrap=True)
        self.name = QLineEdit()
        self.name.setPlaceholderText("新分组的名称")
        self.name.setAccessibleName("新分组的名称")
        self.name.setMaxLength(TITLE_LIMIT)
        self.name.returnPressed.connect(self._add)
        self.add = button("添加", size="small")
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._add)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self.add)
        self.order = OrderList(themes, "分组")
        for one in folders:
            self.order.add(one.name, one.title, editable=True)
        self.remove = IconButton(themes, "trash", "删除分组")
        self.remove.clicked.connect(self._remove)
        tools = QHBoxLayout()
        for one in (*_movers(themes, self.order), self.remove):
            tools.addWidget(one)
        tools.addStretch(1)
        self.content.addWidget(self.hint)
        self.content.addLayout(top)
        self.content.addWidget(self.order, 1)
        self.content.addLayout(tools)
        self.add_button("取消", slot=self.reject)
        self.add_button("保存", "primary", slot=self._save)
        self.name.setFocus()

    def _add(self) -> None:
        title = self.name.text().strip()
        if title and self.order.count() < MOST_FOLDERS:
            self.order.setCurrentItem(self.order.add(f"{FOLDER}{uuid7()}", title, editable=True))
            self.name.clear()
        elif title:
            self.hint.setText(f"最多 {MOST_FOLDERS} 个分组。")

    def _remove(self) -> None:
        self.order.takeItem(self.order.currentRow())

    def _save(self) -> None:
        kept: list[Folder] = []
        for row in range(self.order.count()):
            item = self.order.item(row)
            name, title = str(item.data(_KEY)), item.text().strip()[:TITLE_LIMIT]
            old = self._before.get(name)
            members = old.members if old else frozenset[str]()
            kept.append(Folder(name, title or (old.title if old else "未命名"), row, members))
        names = {one.name for one in kept}
        self.chosen.emit(kept, [name for name in self._before if name not in names])
        self.accept()


class LayoutDialog(Dialog):
    """Which entries of a bar are shown, and in what order. Signals: `chosen(Layout)`."""

    chosen = Signal(object)

    def __init__(
        self,
        themes: ThemeManager,
        title: str,
        entries: Sequence[tuple[str, str]],
        layout: Layout,
        fixed: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`fixed`: keys that cannot be hidden."""
        super().__init__(themes, title, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._names, self._fixed = dict(entries), set(fixed)
        self._keys = [key for key, _text in entries]
        self.order = OrderList(themes, title)
        tools = QHBoxLayout()
        for one in _movers(themes, self.order):
            tools.addWidget(one)
        tools.addStretch(1)
        reset = button("恢复默认", "link")
        reset.clicked.connect(lambda: self._fill(Layout()))
        tools.addWidget(reset)
        self.content.addWidget(
            label("勾选要显示的，拖动排序；随账号同步到您的其他设备。", "caption", wrap=True)
        )
        self.content.addWidget(self.order, 1)
        self.content.addLayout(tools)
        self.add_button("取消", slot=self.reject)
        self.add_button("保存", "primary", default=True, slot=self._save)
        self._fill(layout)

    def _fill(self, layout: Layout) -> None:
        self.order.clear()
        for key in layout.arrange(self._keys):
            item = self.order.add(
                key, self._names[key], checked=key in self._fixed or key not in layout.hidden
            )
            if key in self._fixed:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)

    def _save(self) -> None:
        keys = self.order.keys()
        unchecked = Qt.CheckState.Unchecked
        hidden = {key for row, key in enumerate(keys) if self.order.item(row).checkState() is unchecked}
        self.chosen.emit(Layout(tuple(keys), frozenset(hidden - self._fixed)))
        self.accept()
