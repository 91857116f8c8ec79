"""组织与人员: walk the tree, make, change, move, order and disable."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTableWidgetItem, QWidget

from app.session.organisation_api import OrganisationApi
from app.shell.org_picker import OrgPicker, Picked
from server_stub.contract.directory import Person, Unit, UnitChildren
from server_stub.contract.directory_admin import UnitChange
from widgets.controls import ConfirmDialog, EmptyState, IconButton, SearchField, button, label
from widgets.theme import ThemeManager

from .parts import Section, fill_row, make_table
from .person_dialog import PersonDialog
from .service import Browse
from .unit_dialog import UnitDialog

_COLUMNS = ("名称", "职务", "职级", "电话", "人数")
_FOUND = 100


class UnitsSection(Section):
    """Signals: `told(words)` for good news; `changed()` after the organisation changed."""

    told = Signal(str)
    changed = Signal()

    def __init__(
        self, api: OrganisationApi, browse: Browse, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            themes,
            "组织与人员",
            "双击单位进入下级，双击人员修改。停用的人员不再出现在通讯录里，也不能登录；聊天记录和文件都保留。",
            parent,
        )
        self._api, self._browse = api, browse
        self._unit = ""
        self._asked = 0
        self.content: UnitChildren | None = None
        space = themes.theme.space
        bar = QHBoxLayout()
        bar.setSpacing(space.s)
        self.up = IconButton(themes, "arrow-left", "上级单位")
        self.up.clicked.connect(self._go_up)
        self.path = label("", "body")
        self.search = SearchField(themes, "搜索姓名、拼音、手机号、职务或单位")
        self.search.setFixedWidth(themes.theme.sizes.list_min)
        self.search.query_changed.connect(lambda _text: self._load())
        bar.addWidget(self.up)
        bar.addWidget(self.path, 1)
        bar.addWidget(self.search)
        self.column.addLayout(bar)
        tools = QHBoxLayout()
        tools.setSpacing(space.s)
        self.new_person, self.new_unit = button("新建人员…", "primary"), button("新建下级单位…")
        self.edit_unit = button("本单位…")
        self.move_up, self.move_down = button("上移"), button("下移")
        self.new_person.clicked.connect(lambda: self._person_dialog(None))
        self.new_unit.clicked.connect(lambda: self._unit_dialog(None))
        self.edit_unit.clicked.connect(self._edit_here)
        self.move_up.clicked.connect(lambda: self._shift(-1))
        self.move_down.clicked.connect(lambda: self._shift(1))
        for one in (self.new_person, self.new_unit, self.edit_unit):
            tools.addWidget(one)
        tools.addStretch(1)
        for one in (self.move_up, self.move_down):
            tools.addWidget(one)
        self.column.addLayout(tools)
        self.table = make_table(themes, "单位和人员", _COLUMNS, 1)
        self.table.itemDoubleClicked.connect(lambda _item: self._open())
        self.table.itemSelectionChanged.connect(self._settle_buttons)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.column.addWidget(self.table, 1)
        self.empty = EmptyState(themes, "search", "没有找到", "请换一个字，或者输入完整的名称。")
        self.empty.hide()
        self.column.addWidget(self.empty, 1)
        self._settle_buttons()

    # Reading.

    def entered(self) -> None:
        self._load()

    def _load(self) -> None:
        self._asked += 1
        text = self.search.text().strip()
        self.tasks.start(self._find(text, self._asked) if text else self._read(self._asked), "读取组织架构")

    async def _read(self, asked: int) -> None:
        content = await self._browse.unit_children(self._unit)
        if asked != self._asked:
            return
        self.content, self._unit = content, content.unit.id
        self.problem.hide()
        self.path.setText(" / ".join(one.name for one in [*content.path, content.unit]))
        self._show(content.units, content.people)

    async def _find(self, text: str, asked: int) -> None:
        found = await self._browse.search(text, _FOUND)
        if asked == self._asked:
            self.problem.hide()
            self.content = None
            self.path.setText(f"“{text}”的搜索结果")
            self._show(found.units, found.people)

    def _show(self, units: list[Unit], people: list[Person]) -> None:
        kept = self._selected()
        self.table.setRowCount(len(units) + len(people))
        for row, unit in enumerate(units):
            fill_row(self.table, row, (unit.name, "", "", "", f"{unit.people_count:,}"), unit)
            self._mark(row, "unit")
        for row, person in enumerate(people, start=len(units)):
            fill_row(
                self.table,
                row,
                (_name(person), _titles(person, self._unit), person.rank, person.phone, ""),
                person,
            )
            self._mark(row, "user")
        self.table.setVisible(bool(units or people))
        self.empty.setVisible(not units and not people)
        words = (
            ("没有找到", "请换一个字，或者输入完整的名称。")
            if self.content is None
            else ("这里还没有人", "新建人员，或者新建下级单位。")
        )
        self.empty.title.setText(words[0])
        self.empty.text.setText(words[1])
        self.table.clearSelection()
        for row in range(self.table.rowCount()):
            if kept is not None and self._at(row).id == kept.id:
                self.table.selectRow(row)
        self._settle_buttons()

    def _mark(self, row: int, icon: str) -> None:
        item: QTableWidgetItem = self.table.item(row, 0)
        item.setIcon(self.themes.icons.icon(icon, "text_2"))

    def _at(self, row: int) -> Unit | Person:
        return self.table.item(row, 0).data(Qt.ItemDataRole.UserRole)

    def _selected(self) -> Unit | Person | None:
        rows = self.table.selectionModel().selectedRows()
        return self._at(rows[0].row()) if rows and rows[0].row() < self.table.rowCount() else None

    def _settle_buttons(self) -> None:
        here = self.content is not None
        for one in (self.new_person, self.new_unit, self.edit_unit):
            one.setEnabled(here)
        self.up.setEnabled(not here or bool(self.content and self.content.path))
        chosen = self._selected()
        for step, one in ((-1, self.move_up), (1, self.move_down)):
            one.setEnabled(here and chosen is not None and self._neighbour(chosen, step) is not None)

    # Walking.

    def _open(self) -> None:
        chosen = self._selected()
        if isinstance(chosen, Unit):
            self.go_to(chosen.id)
        elif chosen is not None:
            self._person_dialog(chosen)

    def go_to(self, unit_id: str) -> None:
        """Show what is in a unit; "" for the top."""
        self._unit = unit_id
        if self.search.text():
            self.search.clear()
        self._load()

    def _go_up(self) -> None:
        if self.content is None:
            self.go_to(self._unit)
        elif self.content.path:
            self.go_to(self.content.path[-1].id)

    # Changing.

    def _unit_dialog(self, unit: Unit | None) -> None:
        if self.content is not None or unit is not None:
            above = self.content.unit if self.content is not None else None
            self._follow(UnitDialog(self.themes, self._api, unit, above, self))

    def _edit_here(self) -> None:
        if self.content is not None:
            self._unit_dialog(self.content.unit)

    def _person_dialog(self, person: Person | None) -> None:
        here = self.content.unit if self.content is not None else None
        self._follow(PersonDialog(self.themes, self._api, self._browse, person, here, self))

    def _follow(self, dialog: UnitDialog | PersonDialog) -> None:
        dialog.accepted.connect(lambda: self._done(dialog.done_words))
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    dialog: UnitDialog | PersonDialog | None = None
    """The dialog opened last."""

    def _done(self, words: str) -> None:
        self.told.emit(words)
        self.changed.emit()
        self._load()

    def _neighbour(self, chosen: Unit | Person, step: int) -> int | None:
        if self.content is None:
            return None
        ids = [one.id for one in (self.content.units if isinstance(chosen, Unit) else self.content.people)]
        if chosen.id not in ids:
            return None
        place = ids.index(chosen.id) + step
        return place if 0 <= place < len(ids) else None

    def _shift(self, step: int) -> None:
        chosen = self._selected()
        place = None if chosen is None else self._neighbour(chosen, step)
        if chosen is None or place is None or self.content is None:
            return
        units, people = ([one.id for one in rows] for rows in (self.content.units, self.content.people))
        ids = units if isinstance(chosen, Unit) else people
        ids.remove(chosen.id)
        ids.insert(place, chosen.id)
        ordered = (units, []) if isinstance(chosen, Unit) else ([], people)
        self.tasks.start(self._order(*ordered), "调整顺序")

    async def _order(self, units: list[str], people: list[str]) -> None:
        await self._api.order(self._unit, units, people)
        self.changed.emit()
        self._load()

    def _menu(self, at: QPoint) -> None:
        item = self.table.itemAt(at)
        if item is None:
            return
        self.table.selectRow(item.row())
        chosen = self._selected()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if isinstance(chosen, Unit):
            menu.addAction("进入", self._open)
            menu.addAction("修改…", lambda: self._unit_dialog(chosen))
            menu.addAction("移到其他单位下…", lambda: self._move(chosen))
            menu.addAction("删除", lambda: self._remove(chosen))
        elif chosen is not None:
            menu.addAction("修改…", self._open)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _move(self, unit: Unit) -> None:
        async def accept(picked: list[Picked]) -> None:
            await self._api.change_unit(unit.id, UnitChange(parent_id=picked[0].id))
            self._done(f"“{unit.name}”已移到“{picked[0].name}”下")

        picker = OrgPicker(
            self._browse,
            self.themes,
            f"把“{unit.name}”移到",
            accept,
            people=False,
            several=False,
            confirm="移动",
            hidden=[unit.id],
            parent=self,
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def _remove(self, unit: Unit) -> None:
        dialog = ConfirmDialog(
            self.themes,
            f"删除“{unit.name}”？",
            "只能删除没有下级单位和人员的单位。此操作不能撤销。",
            accept="删除",
            danger=True,
            parent=self,
        )
        dialog.accepted.connect(lambda: self.tasks.start(self._removed(unit), "删除单位"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _removed(self, unit: Unit) -> None:
        await self._api.remove_unit(unit.id)
        self._done(f"“{unit.name}”已删除")


def _name(person: Person) -> str:
    marks = ("（重点保护）" if person.vip else "") + ("（已停用）" if not person.active else "")
    return person.name + marks


def _titles(person: Person, unit_id: str) -> str:
    here = [post.title for post in person.posts if post.unit_id == unit_id and post.title]
    return "、".join(here) or "、".join(f"{post.unit_name} {post.title}".strip() for post in person.posts)
