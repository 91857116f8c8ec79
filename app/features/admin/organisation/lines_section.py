"""条线: functional lines at the left, the units and people of the chosen one at the right (E133)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app.session.organisation_api import OrganisationApi
from app.shell.org_picker import OrgPicker, Picked
from server_stub.contract.directory_admin import Line, LineMember, LineWanted
from widgets.controls import ConfirmDialog, EmptyNote, button
from widgets.theme import ThemeManager

from .parts import FormDialog, Section, fill_row, make_table
from .service import Browse

_KINDS = {"unit": "单位（含下级）", "person": "人员"}


class LineDialog(FormDialog):
    """Names a line, new or known."""

    def __init__(
        self, themes: ThemeManager, api: OrganisationApi, line: Line | None, parent_id: str, parent: QWidget
    ) -> None:
        super().__init__(themes, "新建条线" if line is None else f"修改“{line.name}”", "保存", parent)
        self._api, self._line, self._parent_id = api, line, parent_id
        self.name = self.add_line("名称", line.name if line else "", "如：财政条线")
        self.name.setFocus()

    async def save(self) -> None:
        if self._line is None:
            await self._api.add_line(LineWanted(name=self.name.text(), parent_id=self._parent_id))
        else:
            wanted = LineWanted(name=self.name.text(), parent_id=self._line.parent_id, order=self._line.order)
            await self._api.change_line(self._line.id, wanted)


class LinesSection(Section):
    """Signals: `told(words)` for good news."""

    told = Signal(str)

    def __init__(
        self, api: OrganisationApi, browse: Browse, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            themes,
            "条线",
            "按业务把各级单位和人员连成条线，如财政、应急。条线内的人在通讯录里能看到本条线。",
            parent,
        )
        self._api, self._browse = api, browse
        self._members: list[LineMember] = []
        space = themes.theme.space
        both = QHBoxLayout()
        both.setSpacing(space.l)
        left, right = QVBoxLayout(), QVBoxLayout()
        for one in (left, right):
            one.setSpacing(space.s)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("条线")
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumWidth(themes.theme.sizes.list_min)
        self.tree.currentItemChanged.connect(lambda _now, _before: self._load_members())
        self.no_lines = EmptyNote(themes, self.tree, "还没有条线")
        left.addWidget(self.tree, 1)
        self.new, self.below = button("新建条线…", "primary"), button("新建下级…")
        self.rename, self.remove = button("改名…"), button("删除")
        self.new.clicked.connect(lambda: self._dialog(None, ""))
        self.below.clicked.connect(lambda: self._dialog(None, self.line.id if self.line else ""))
        self.rename.clicked.connect(lambda: self._dialog(self.line, ""))
        self.remove.clicked.connect(self._ask_remove)
        for pair in ((self.new, self.below), (self.rename, self.remove)):
            row = QHBoxLayout()
            row.setSpacing(space.s)
            for one in pair:
                row.addWidget(one, 1)
            left.addLayout(row)
        self.table = make_table(themes, "条线成员", ("名称", "类型"), 0)
        self.no_members = EmptyNote(themes, self.table, "")
        right.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        self.add, self.drop = button("添加单位或人员…", "primary"), button("移出")
        self.add.clicked.connect(self._pick)
        self.drop.clicked.connect(self._drop)
        row.addStretch(1)
        row.addWidget(self.drop)
        row.addWidget(self.add)
        right.addLayout(row)
        both.addLayout(left)
        both.addLayout(right, 1)
        self.column.addLayout(both, 1)
        self.table.itemSelectionChanged.connect(self._settle)
        self._settle()

    @property
    def line(self) -> Line | None:
        """The chosen line."""
        item = self.tree.currentItem()
        return item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None

    def entered(self) -> None:
        self.tasks.start(self._read(), "读取条线")

    async def _read(self) -> None:
        kept = self.line
        lines = await self._api.lines()
        self.problem.hide()
        self.tree.clear()
        items: dict[str, QTreeWidgetItem] = {}
        waiting = list(lines)
        while waiting:
            later = [one for one in waiting if one.parent_id and one.parent_id not in items]
            if len(later) == len(waiting):
                break
            for line in waiting:
                if line in later:
                    continue
                item = QTreeWidgetItem([f"{line.name}（{line.members}）"])
                item.setData(0, Qt.ItemDataRole.UserRole, line)
                items[line.id] = item
                if line.parent_id:
                    items[line.parent_id].addChild(item)
                else:
                    self.tree.addTopLevelItem(item)
            waiting = later
        self.no_lines.settle()
        self.no_members.settle(
            "这个条线还没有成员，点“添加单位或人员”。" if items else "先新建一个条线，再添加单位或人员。"
        )
        self.tree.expandAll()
        if items:
            self.tree.setCurrentItem(items.get(kept.id if kept else "") or self.tree.topLevelItem(0))
        self._settle()

    def _load_members(self) -> None:
        self._settle()
        if self.line is not None:
            self.tasks.start(self._read_members(self.line.id), "读取条线成员")
        else:
            self._show([])

    async def _read_members(self, line_id: str) -> None:
        found = await self._api.members(line_id)
        if self.line is not None and self.line.id == line_id:
            self._show(found)

    def _show(self, members: list[LineMember]) -> None:
        self._members = members
        self.table.setRowCount(len(members))
        for row, one in enumerate(members):
            fill_row(self.table, row, (one.name or "（已不存在）", _KINDS.get(one.kind, one.kind)), one)
            self.table.item(row, 0).setIcon(
                self.themes.icons.icon("unit" if one.kind == "unit" else "user", "text_2")
            )
        self._settle()

    def _settle(self) -> None:
        for one in (self.below, self.rename, self.remove, self.add):
            one.setEnabled(self.line is not None)
        self.drop.setEnabled(bool(self.table.selectionModel().selectedRows()))

    def _dialog(self, line: Line | None, parent_id: str) -> None:
        dialog = LineDialog(self.themes, self._api, line, parent_id, self)
        dialog.accepted.connect(self.entered)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    dialog: LineDialog | None = None
    """The dialog opened last."""

    def _ask_remove(self) -> None:
        line = self.line
        if line is None:
            return
        dialog = ConfirmDialog(
            self.themes,
            f"删除条线“{line.name}”？",
            "条线里的单位和人员不受影响。",
            accept="删除",
            danger=True,
            parent=self,
        )
        dialog.accepted.connect(lambda: self.tasks.start(self._removed(line), "删除条线"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _removed(self, line: Line) -> None:
        await self._api.remove_line(line.id)
        self.told.emit(f"“{line.name}”已删除")
        await self._read()

    def _pick(self) -> None:
        line = self.line
        if line is None:
            return

        async def accept(picked: list[Picked]) -> None:
            more = [LineMember(kind=one.kind, id=one.id) for one in picked]
            self._show(await self._api.set_members(line.id, [*self._members, *more]))
            self.entered()

        picker = OrgPicker(
            self._browse,
            self.themes,
            f"加入“{line.name}”",
            accept,
            confirm="加入",
            hidden=[one.id for one in self._members],
            parent=self,
        )
        picker.finished.connect(picker.deleteLater)
        self.picker = picker
        picker.open()

    picker: OrgPicker | None = None
    """The picker opened last."""

    def _drop(self) -> None:
        line, rows = self.line, {one.row() for one in self.table.selectionModel().selectedRows()}
        if line is not None and rows:
            kept = [one for row, one in enumerate(self._members) if row not in rows]
            self.tasks.start(self._dropped(line.id, kept), "移出条线")

    async def _dropped(self, line_id: str, kept: list[LineMember]) -> None:
        self._show(await self._api.set_members(line_id, kept))
        await self._read()
