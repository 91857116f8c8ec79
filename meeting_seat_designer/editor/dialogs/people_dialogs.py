"""People: importing a table with column matching and preview, and the form of one person. Source: 3.1.6.3.1."""

from __future__ import annotations

import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.people import AddPeople, SetDepartments, SetPerson
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.model.people import ATTENDANCE, NEEDS, PARTIES, Person
from meeting_seat_designer.engine.model.rules import Department
from meeting_seat_designer.engine.order.ranks import standard_ranks
from meeting_seat_designer.engine.tables.people_io import FIELD_LABELS, PeopleTable, read_people
from widgets.controls import Dialog, label
from widgets.theme import ThemeManager

_ACROSS = 3
"""Fields side by side."""
_MAIN = (
    "name",
    "unit",
    "post",
    "rank",
    "level",
    "phone",
    "number",
    "leadership",
    "roles",
    "needs",
    "external",
    "id",
)


def known_as(editing: Editing, table: PeopleTable) -> dict[str, Person]:
    """Imported id → the person already in the meeting: by id, else by name with phone, else by name with unit.

    A list without a column of ids gets ids from its contents, so a changed rank must not make a second person.
    Only pairs that are unique on both sides count.
    """
    found = {person.id: editing.people[person.id] for person in table.people if person.id in editing.people}
    if "id" in table.matching:
        return found
    for pair in (
        lambda p: (p.name, p.phone) if p.phone else None,
        lambda p: (p.name, p.unit) if p.unit else None,
    ):
        ours, theirs = Counter(map(pair, editing.document.people)), Counter(map(pair, table.people))
        people = {pair(person): person for person in editing.document.people}
        taken = {person.id for person in found.values()}
        for person in table.people:
            key = pair(person)
            if (
                key
                and person.id not in found
                and ours[key] == theirs[key] == 1
                and people[key].id not in taken
            ):
                found[person.id] = people[key]
    return found


def merge(editing: Editing, table: PeopleTable) -> tuple[list[Command], int, int]:
    """The commands that take a table over, how many people are new and how many of the known ones change."""
    known = known_as(editing, table)
    fresh = [person for person in table.people if person.id not in known]
    edits: list[Command] = [AddPeople(fresh)] if fresh else []
    changed = 0
    for person in table.people:
        old = known.get(person.id)
        if old is None:
            continue
        fields: dict[str, Any] = {
            name: getattr(person, name)
            for name in table.matching
            if name != "id" and getattr(person, name) != getattr(old, name)
        }
        if fields:
            changed += 1
            edits.append(SetPerson(old.id, **fields))
    return edits, len(fresh), changed


def units_of(table: PeopleTable) -> list[str]:
    """The units in the order in which the list names them: the order of protocol, as offices write it."""
    return list(dict.fromkeys(person.unit for person in table.people if person.unit))


class ImportDialog(Dialog):
    """Reads the file in the background; every column can be matched by hand before importing."""

    def __init__(self, editing: Editing, themes: ThemeManager, path: Path, parent: QWidget) -> None:
        super().__init__(themes, "导入参会名单", parent, width=themes.theme.sizes.picker)
        self._editing, self._path = editing, path
        self.table: PeopleTable | None = None
        self.columns: dict[str, QComboBox] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill = QCheckBox("单位空白的人沿用上一行的单位")
        self.fill.setChecked(True)
        self.fill.hide()
        self.fill.toggled.connect(lambda _on: self._match())
        self.order = QCheckBox("部门顺序按名单中单位的先后")
        self.order.setChecked(True)
        self.order.hide()
        self.told = label(f"正在读取 {path.name}…", "secondary", "weak", wrap=True)
        self._grid = QGridLayout()
        self._grid.setSpacing(themes.theme.space.s)
        for column in range(_ACROSS):
            self._grid.setColumnStretch(column * 2 + 1, 1)
        self.preview = QTableWidget()
        self.preview.setAccessibleName("前几行预览")
        self.preview.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.preview.verticalHeader().hide()
        self.preview.setMinimumHeight(themes.theme.sizes.picker_side)
        self.problems = QPlainTextEdit()
        self.problems.setReadOnly(True)
        self.problems.setAccessibleName("未能导入和请核对的行")
        self.problems.setMaximumHeight(themes.theme.sizes.detail // 2)
        self.problems.hide()
        self.content.addWidget(self.told)
        self.content.addLayout(self._grid)
        self.content.addWidget(self.fill)
        self.content.addWidget(self.order)
        self.content.addWidget(self.preview, 1)
        self.content.addWidget(self.problems)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("导入", "primary", default=True, slot=self._import)
        self.go.setEnabled(False)
        self.read(None)

    def read(self, matching: dict[str, int] | None) -> None:
        """Read the file with this matching (None: by the titles)."""
        path, fill = self._path, self.fill.isChecked()
        self._editing.work.run(
            lambda: read_people(path, matching, fill_units=fill), self._read, self._failed, owner=self
        )

    def _failed(self, error: Exception) -> None:
        text = error.text if isinstance(error, SeatingError) else "文件无法读取"
        self.told.setText(f"{text}。请检查文件后重新导入，或另存为 xlsx。")
        self.go.setEnabled(False)

    def _read(self, table: PeopleTable) -> None:
        self.table = table
        _, fresh, changed = merge(self._editing, table)
        parts = [f"共 {len(table.people)} 人：新增 {fresh} 人"]
        if changed:
            parts.append(f"更新 {changed} 人")
        lost = sum(not one.kept for one in table.errors)
        if lost:
            parts.append(f"{lost} 行不能导入")
        if len(table.errors) > lost:
            parts.append(f"{len(table.errors) - lost} 处请核对")
        self.told.setText("，".join(parts) + "。列对应不正确时可在下面修改。")
        self.fill.setVisible(bool(table.blank_units))
        self.fill.setText(f"{table.blank_units} 人的单位空白，沿用上一行的单位")
        units = units_of(table)
        self.order.setVisible(len(units) > 1 and not self._editing.document.rules.departments)
        self.order.setText(f"部门顺序按名单中 {len(units)} 个单位的先后（可在“规则”中调整）")
        self.problems.setVisible(bool(table.errors))
        # What is lost comes first.
        errors = sorted(table.errors, key=lambda one: one.kept)[:200]
        lines = [f"第 {one.row} 行：{one.text}" if one.row else one.text for one in errors]
        self.problems.setPlainText("\n".join(lines))
        self.go.setEnabled(bool(fresh or changed))
        self.go.setText(f"导入 {fresh + changed} 人" if fresh or changed else "没有可导入的人")
        if not self.columns:
            self._fields(table)
        self._rows(table)

    def _fields(self, table: PeopleTable) -> None:
        for index, name in enumerate(_MAIN):
            box = QComboBox()
            box.setAccessibleName(f"{FIELD_LABELS[name]}对应的列")
            box.addItem("不导入", -1)
            # A long title over one column does not make the dialog wider.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(4)
            for column, title in enumerate(table.header):
                box.addItem(title or f"第 {column + 1} 列", column)
            box.setCurrentIndex(box.findData(table.matching.get(name, -1)))
            box.activated.connect(lambda _index: self._match())
            self.columns[name] = box
            place = index // _ACROSS, (index % _ACROSS) * 2
            self._grid.addWidget(label(FIELD_LABELS[name], "secondary", "weak"), *place)
            self._grid.addWidget(box, place[0], place[1] + 1)

    def _match(self) -> None:
        chosen = {name: box.currentData() for name, box in self.columns.items() if box.currentData() >= 0}
        if "name" not in chosen:
            self.told.setText("请选择“姓名”所在的列")
            self.go.setEnabled(False)
            return
        self.read(chosen)

    def _rows(self, table: PeopleTable) -> None:
        names = {column: FIELD_LABELS[name] for name, column in table.matching.items()}
        self.preview.setColumnCount(len(table.header))
        self.preview.setHorizontalHeaderLabels(
            [
                f"{title}\n→ {names[i]}" if i in names else f"{title}\n（不导入）"
                for i, title in enumerate(table.header)
            ]
        )
        self.preview.setRowCount(len(table.preview))
        for row, cells in enumerate(table.preview):
            for column, text in enumerate(cells[: len(table.header)]):
                self.preview.setItem(row, column, QTableWidgetItem(text))
        self.preview.resizeColumnsToContents()

    def _import(self) -> None:
        if self.table is None:
            return
        edits, fresh, changed = merge(self._editing, self.table)
        if edits and not self.order.isHidden() and self.order.isChecked():
            edits.append(SetDepartments([Department(name=unit) for unit in units_of(self.table)]))
        if edits:
            self._editing.close_merge()
            told = f"已导入：新增 {fresh} 人" + (f"，更新 {changed} 人" if changed else "")
            self._editing.run(Batch("导入名单", edits), f"{told}。按“一键排座”开始排座。")
        self.accept()


class PersonDialog(Dialog):
    """Add a person (also one from outside, with phone) or change one."""

    def __init__(
        self, editing: Editing, themes: ThemeManager, person: Person | None, parent: QWidget
    ) -> None:
        super().__init__(themes, "人员信息" if person else "添加人员", parent)
        self._editing, self._person = editing, person
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        now = person or Person(id="", name="")
        table = editing.document.ranks or standard_ranks()
        ranks = [rank.name for rank in table.ranks if rank.active]
        levels = list(table.levels)
        units = sorted({one.unit for one in editing.document.people if one.unit})
        inner = QWidget()
        form = QFormLayout(inner)
        form.setContentsMargins(0, 0, themes.theme.space.s, 0)
        form.setSpacing(themes.theme.space.s)
        self.fields: dict[str, Any] = {}
        for name in ("name", "unit", "post", "rank", "level", "phone"):
            choices = {"unit": units, "rank": ranks, "level": levels}.get(name)
            field: Any
            if choices is None:
                field = QLineEdit(getattr(now, name))
            else:
                field = QComboBox()
                field.setEditable(True)
                field.addItems(["", *choices])
                field.setCurrentText(getattr(now, name))
            self._add(form, name, FIELD_LABELS[name], field)
        for name, text in (("number", "人工序号"), ("leadership", "班子顺序")):
            field = QSpinBox()
            field.setRange(0, 9999)
            field.setSpecialValueText("未设")
            field.setValue(getattr(now, name))
            self._add(form, name, text, field)
        years = QSpinBox()
        years.setRange(0, 60)
        years.setValue(round(now.years))
        self._add(form, "years", "任职年限", years)
        for name, text, names in (("party", "主客", PARTIES), ("status", "状态", ATTENDANCE)):
            box = QComboBox()
            for key, shown in names.items():
                box.addItem(shown, key)
            box.setCurrentIndex(box.findData(getattr(now, name)))
            self._add(form, name, text, box)
        self._add(form, "roles", "会议角色", QLineEdit("、".join(now.roles)))
        self.fields["roles"].setPlaceholderText("如：主席台、主持人，用顿号分开")
        for key, text in NEEDS.items():
            check = QCheckBox(text)
            check.setChecked(key in now.needs)
            self._add(form, f"need:{key}", "特殊需要" if key == "wheelchair" else "", check)
        outside = QCheckBox("外部人员（用短信通知，须填手机号）")
        outside.setChecked(now.external)
        self._add(form, "external", "", outside)
        self._add(form, "display", "座位显示", QLineEdit(now.display))
        self.fields["display"].setPlaceholderText("留空则显示姓名")
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setMinimumHeight(themes.theme.sizes.picker_height - themes.theme.sizes.detail)
        self.wrong = label("", "caption", "bad", wrap=True)
        self.content.addWidget(scroll, 1)
        self.content.addWidget(self.wrong)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("保存" if person else "添加", "primary", default=True, slot=self.store)
        self.fields["name"].setFocus()

    def _add(self, form: QFormLayout, name: str, text: str, field: Any) -> None:
        field.setAccessibleName(text or field.text())
        self.fields[name] = field
        form.addRow(label(text, "secondary", "weak"), field)

    def values(self) -> dict[str, Any]:
        """What is written in the form."""
        values: dict[str, Any] = {}
        for name, field in self.fields.items():
            if name.startswith("need:"):
                continue
            if isinstance(field, QLineEdit):
                values[name] = field.text().strip()
            elif isinstance(field, QSpinBox):
                values[name] = field.value()
            elif isinstance(field, QCheckBox):
                values[name] = field.isChecked()
            else:
                values[name] = field.currentText().strip() if field.isEditable() else field.currentData()
        values["roles"] = [part for part in values["roles"].replace("，", "、").split("、") if part]
        values["needs"] = [key for key in NEEDS if self.fields[f"need:{key}"].isChecked()]
        return values

    def store(self) -> None:
        """Check and run the command."""
        values = self.values()
        if not values["name"]:
            self.wrong.setText("请填写姓名")
            self.fields["name"].setFocus()
            return
        if values["external"] and not values["phone"]:
            self.wrong.setText("外部人员须填手机号，用于发送座位短信")
            self.fields["phone"].setFocus()
            return
        self._editing.close_merge()
        if self._person is None:
            person = Person(id=f"p{uuid.uuid4().hex[:12]}", **values)
            self._editing.run(AddPeople([person]), f"已添加 {person.name}")
        else:
            if values["years"] == round(self._person.years):
                del values["years"]
            self._editing.run(SetPerson(self._person.id, **values))
        self.accept()
