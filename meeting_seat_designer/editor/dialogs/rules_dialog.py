"""Ranks, department order and sort rules: drag to order, save under a name, import and export. Source: 3.1.6.2.1, 3.1.6.2.2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from meeting_seat_designer.editor.dialogs.rules_parts import OrderList, RankForm
from meeting_seat_designer.editor.dialogs.small import FormDialog
from meeting_seat_designer.editor.directory import Directory
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.edits.base import Command
from meeting_seat_designer.engine.edits.people import (
    AddRank,
    DeleteRank,
    MoveRank,
    SaveRules,
    SetDepartments,
    SetKeys,
    SetRank,
    SetRankTable,
    SetRules,
)
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.model.layout import EVEN_RULES, HONOUR_SIDES
from meeting_seat_designer.engine.model.rules import (
    DEFAULT_KEYS,
    SORT_KEYS,
    Department,
    Rank,
    RankTable,
    SortKey,
)
from meeting_seat_designer.engine.order.ranks import standard_ranks
from meeting_seat_designer.engine.tables.rules_io import read_ranks, read_rules, write_ranks, write_rules
from widgets.controls import Dialog, button, label
from widgets.theme import ThemeManager

_FILES = "表格和规则文件 (*.xlsx *.json)"
_IDENT = Qt.ItemDataRole.UserRole


class RulesDialog(Dialog):
    """Three tabs over the document's rules; every change is a step of the history at once."""

    def __init__(
        self, editing: Editing, themes: ThemeManager, parent: QWidget, directory: Directory | None = None
    ) -> None:
        super().__init__(themes, "排座规则", parent, width=themes.theme.sizes.dialog_wide)
        self._editing, self._directory = editing, directory
        self.choose_file: Callable[[str, str], str] = lambda title, kinds: QFileDialog.getOpenFileName(
            self, title, "", kinds
        )[0]
        self.choose_target: Callable[[str, str, str], str] = lambda title, suggested, kinds: (
            QFileDialog.getSaveFileName(self, title, suggested, kinds)[0]
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumHeight(themes.theme.sizes.picker_height + themes.theme.sizes.avatar_large)
        self.ranks = OrderList("职级顺序", self._rank_moved)
        self.departments = OrderList("部门顺序", self._department_moved)
        self.keys = OrderList("排序项", self._key_moved)
        self.keys.itemChanged.connect(self._key_switched)
        self.saved = QComboBox()
        self.saved.setAccessibleName("已保存的规则")
        self.saved.activated.connect(self._use)
        self.honour = self._choice("尊位", HONOUR_SIDES, "honour")
        self.even = self._choice("双数时", EVEN_RULES, "even")
        self.unknown = self._choice(
            "职级未知的人", {"hold": "暂不排座并提醒", "last": "排在最后并提醒"}, "unknown_rank"
        )
        self.tabs = QTabWidget()
        self.tabs.addTab(self._rule_page(), "排序规则")
        self.tabs.addTab(self._rank_page(), "职级")
        self.tabs.addTab(self._department_page(), "部门顺序")
        self.content.addWidget(self.tabs, 1)
        self.add_button("完成", "primary", default=True, slot=self.accept)
        self._filling = False
        editing.changed.connect(self.refresh)
        self.refresh()

    def _choice(self, name: str, choices: dict[str, str], field: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for key, text in choices.items():
            box.addItem(text, key)
        box.activated.connect(lambda _index: self._run(SetRules(**{field: box.currentData()})))
        return box

    def _page(self, list_: OrderList, hint: str, tools: list[tuple[str, Callable[[], object]]]) -> QWidget:
        page = QWidget()
        space = self.themes.theme.space
        column = QVBoxLayout(page)
        column.setContentsMargins(0, space.s, 0, 0)
        column.addWidget(label(hint, "caption", "weak", wrap=True))
        column.addWidget(list_, 1)
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        for text, slot in tools:
            tool = button(text, size="small")
            tool.clicked.connect(lambda _checked=False, slot=slot: slot())
            row.addWidget(tool)
        row.addStretch(1)
        column.addLayout(row)
        return page

    def _rule_page(self) -> QWidget:
        page = self._page(
            self.keys,
            "从上到下逐项比较，前一项相同才看后一项。拖动（或 Alt+上下键）调整次序，取消勾选即不参与。",
            [
                ("保存为…", self._save),
                ("恢复默认", lambda: self._run(SetKeys([]))),
                ("导入…", self.import_rules),
                ("导出…", self.export_rules),
            ],
        )
        form = QFormLayout()
        for text, field in (
            ("已保存的规则", self.saved),
            ("尊位", self.honour),
            ("双数时", self.even),
            ("职级未知的人", self.unknown),
        ):
            form.addRow(label(text, "secondary", "weak"), field)
        column = page.layout()
        if isinstance(column, QVBoxLayout):
            column.insertLayout(0, form)
        return page

    def _rank_page(self) -> QWidget:
        return self._page(
            self.ranks,
            "从高到低排列。正在使用的职级删除后只是停用，已有方案不受影响。",
            [
                ("添加…", self._add_rank),
                ("修改…", self._edit_rank),
                ("删除", self.delete_rank),
                ("导入…", self.import_ranks),
                ("导出…", self.export_ranks),
            ],
        )

    def _department_page(self) -> QWidget:
        tree: list[tuple[str, Callable[[], object]]] = [("从组织架构选择…", self.pick_units)]
        return self._page(
            self.departments,
            "从前到后排列。没有列入的单位排在后面。",
            [
                *(tree if self._directory is not None else []),
                ("加入参会单位", self.add_units),
                ("添加…", self._add_department),
                ("移除", self._remove_department),
            ],
        )

    # showing

    def refresh(self) -> None:
        """Show the document's rules."""
        self._filling = True
        rules = self._editing.document.rules
        _fill(self.ranks, [(rank.id, _rank_text(rank)) for rank in self._table().ranks if rank.active])
        _fill(
            self.departments, [(one.name, f"{i}  {one.name}") for i, one in enumerate(rules.departments, 1)]
        )
        _fill(self.keys, [(key.key, SORT_KEYS[key.key]) for key in self._keys()])
        for row, key in enumerate(self._keys()):
            item = self.keys.item(row)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if key.on else Qt.CheckState.Unchecked)
        names = [one.name for one in self._editing.document.rule_sets]
        if [self.saved.itemText(i) for i in range(1, self.saved.count())] != names or not self.saved.count():
            self.saved.clear()
            self.saved.addItems([f"正在使用：{rules.name}", *names])
        for box, value in (
            (self.honour, rules.honour),
            (self.even, rules.even),
            (self.unknown, rules.unknown_rank),
        ):
            box.setCurrentIndex(max(0, box.findData(value)))
        self._filling = False

    def _table(self) -> RankTable:
        return self._editing.document.ranks or standard_ranks()

    def _keys(self) -> list[SortKey]:
        keys = self._editing.document.rules.keys or [SortKey(key=name) for name in DEFAULT_KEYS]
        missing = [SortKey(key=name, on=False) for name in SORT_KEYS if all(key.key != name for key in keys)]
        return [*keys, *missing]

    def _run(self, command: Command, done: str = "") -> None:
        self._editing.close_merge()
        self._editing.run(command, done)
        self.refresh()

    # ranks

    def _rank_moved(self, start: int, end: int) -> None:
        active = [rank for rank in self._table().ranks if rank.active]
        others = [rank.id for rank in self._table().ranks if rank.id != active[start].id]
        rest = [rank for rank in active if rank is not active[start]]
        index = others.index(rest[end].id) if end < len(rest) else len(others)
        self._run(MoveRank(active[start].id, index))
        self.ranks.setCurrentRow(end)

    def _chosen_rank(self) -> Rank | None:
        item = self.ranks.currentItem()
        if item is None:
            self._editing.said.emit("请先选择一个职级", "info")
            return None
        return next((rank for rank in self._table().ranks if rank.id == item.data(_IDENT)), None)

    def _add_rank(self) -> None:
        row = self.ranks.currentRow()
        index = row + 1 if row >= 0 else None

        def done(values: dict) -> None:
            self._run(AddRank(Rank(id="", **values), index))

        RankForm(self.themes, self._table(), None, done, self).open()

    def _edit_rank(self) -> None:
        rank = self._chosen_rank()
        if rank is not None:
            ident = rank.id
            RankForm(
                self.themes, self._table(), rank, lambda values: self._run(SetRank(ident, **values)), self
            ).open()

    def delete_rank(self) -> None:
        """Delete the chosen rank (only taken out of use when someone has it)."""
        rank = self._chosen_rank()
        if rank is not None:
            self._run(DeleteRank(rank.id), f"已删除职级“{rank.name}”（可撤销）")

    # departments

    def _department_moved(self, start: int, end: int) -> None:
        items = [clone(one) for one in self._editing.document.rules.departments]
        items.insert(end, items.pop(start))
        self._run(SetDepartments(items))
        self.departments.setCurrentRow(end)

    def add_units(self) -> None:
        """Append the units of the people that are not listed yet."""
        items = [clone(one) for one in self._editing.document.rules.departments]
        known = {one.name for one in items}
        units = dict.fromkeys(p.unit for p in self._editing.document.people if p.unit and p.unit not in known)
        if units:
            self._run(
                SetDepartments([*items, *(Department(name=unit) for unit in units)]),
                f"已加入 {len(units)} 个单位",
            )
        else:
            self._editing.said.emit("参会单位都已列入", "info")

    def pick_units(self) -> None:
        """Append units picked from the organisation tree."""
        if self._directory is not None:
            self._directory.pick_units(self, self._picked)

    def _picked(self, units: list[Department]) -> None:
        items = [clone(one) for one in self._editing.document.rules.departments]
        known = {one.name for one in items}
        self._run(SetDepartments([*items, *(unit for unit in units if unit.name not in known)]))

    def _add_department(self) -> None:
        self._ask("添加部门", "部门名称", "", self.add_department)

    def add_department(self, name: str) -> None:
        """Put a department at the end of the order."""
        items = [clone(one) for one in self._editing.document.rules.departments]
        self._run(SetDepartments([*items, Department(name=name)]))

    def _ask(self, title: str, what: str, text: str, done: Callable[[str], None]) -> None:
        """Ask for a name; nothing happens without one."""

        def take(values: dict[str, Any]) -> None:
            if values["name"]:
                done(values["name"])

        self.asking = FormDialog(self.themes, title, [("name", what, text)], take, self)
        self.asking.open()

    asking: FormDialog | None = None
    """The question for a name that was opened last."""

    def _remove_department(self) -> None:
        row = self.departments.currentRow()
        items = [clone(one) for one in self._editing.document.rules.departments]
        if 0 <= row < len(items):
            del items[row]
            self._run(SetDepartments(items))

    # keys

    def _key_moved(self, start: int, end: int) -> None:
        keys = [clone(key) for key in self._keys()]
        keys.insert(end, keys.pop(start))
        self._run(SetKeys(keys), "排序规则已修改，重新排座后生效")
        self.keys.setCurrentRow(end)

    def _key_switched(self, item: QListWidgetItem) -> None:
        if self._filling:
            return
        keys = [clone(key) for key in self._keys()]
        keys[self.keys.row(item)].on = item.checkState() == Qt.CheckState.Checked
        self._run(SetKeys(keys))

    def _save(self) -> None:
        self._ask("保存规则", "规则名称", self._editing.document.rules.name, self.save_as)

    def save_as(self, name: str) -> None:
        """Keep the rules in force under a name."""
        self._run(SaveRules(name), f"已保存为“{name.strip()}”")

    def _use(self, index: int) -> None:
        if index > 0:
            rules = self._editing.document.rule_sets[index - 1]
            self._run(SetRules(rules), f"已改用“{rules.name}”，重新排座后生效")

    # files

    def import_ranks(self) -> None:
        """Take a rank table from a file."""
        name = self.choose_file("导入职级表", _FILES)
        if name:
            self._editing.work.run(
                lambda: read_ranks(Path(name)),
                lambda table: self._run(SetRankTable(table), "职级表已导入"),
                self._refused,
                owner=self,
            )

    def export_ranks(self) -> None:
        """Write the rank table to a file."""
        name = self.choose_target("导出职级表", "职级表.xlsx", _FILES)
        if name:
            table = clone(self._table())
            self._editing.work.run(
                lambda: write_ranks(Path(name), table), self._written, self._refused, owner=self
            )

    def import_rules(self) -> None:
        """Take a rule set from a file."""
        name = self.choose_file("导入排序规则", _FILES)
        if name:
            self._editing.work.run(
                lambda: read_rules(Path(name)),
                lambda rules: self._run(SetRules(rules), "规则已导入"),
                self._refused,
                owner=self,
            )

    def export_rules(self) -> None:
        """Write the rules in force to a file."""
        name = self.choose_target("导出排序规则", "排序规则.xlsx", _FILES)
        if name:
            rules = clone(self._editing.document.rules)
            self._editing.work.run(
                lambda: write_rules(Path(name), rules), self._written, self._refused, owner=self
            )

    def _written(self, _result: object) -> None:
        self._editing.said.emit("已导出", "ok")

    def _refused(self, error: Exception) -> None:
        self._editing.said.emit(error.text if isinstance(error, SeatingError) else "文件无法处理", "bad")


def _rank_text(rank: Rank) -> str:
    parts = [part for part in (rank.sequence, rank.level) if part]
    return f"{rank.name}    {' · '.join(parts)}" if parts else rank.name


def _fill(list_: QListWidget, rows: list[tuple[str, str]]) -> None:
    shown = [(list_.item(i).data(_IDENT), list_.item(i).text()) for i in range(list_.count())]
    if shown == rows:
        return
    row = list_.currentRow()
    list_.blockSignals(True)
    list_.clear()
    for ident, text in rows:
        item = QListWidgetItem(text)
        item.setData(_IDENT, ident)
        list_.addItem(item)
    list_.setCurrentRow(min(row, list_.count() - 1))
    list_.blockSignals(False)
