"""Check-in by hand, and 缺席递补: who did not come leaves, those behind move up; who changes side is shown (3.1.6.4.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QListWidget, QListWidgetItem, QRadioButton, QWidget

from meeting_seat_designer.engine.arrange.changes import Change, changes, describe
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import FillAbsences
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.model.document import Document
from widgets.controls import Dialog, SearchField, label
from widgets.theme import ThemeManager

_ID = Qt.ItemDataRole.UserRole
_IN_ORDER, _LEAST = "按序递补", "最少移动"


def _words(document: Document, person_id: str, seats: dict[str, str]) -> str:
    person = document.people_map()[person_id]
    code = document.seat_map()[seats[person_id]][1].code if person_id in seats else "无座位"
    return "  ".join(part for part in (person.name, person.unit, code) if part)


class MarkDialog(Dialog):
    """Find an attendee by name, unit, seat or phone; Enter or the button marks, again takes the mark back."""

    def __init__(
        self,
        themes: ThemeManager,
        document: Document,
        mark: Callable[[str, bool], object],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "手动签到", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document, self._mark = document, mark
        self._seats = {who: seat for seat, who in document.plan.seats.items()}
        self.search = SearchField(themes, "姓名、单位、座位或手机号")
        self.search.query_changed.connect(lambda _text: self._fill())
        self.search.submitted.connect(lambda _text: self.toggle())
        self.list = QListWidget()
        self.list.setAccessibleName("参会人员")
        self.list.setMinimumHeight(themes.theme.sizes.picker_side)
        self.list.currentRowChanged.connect(lambda _row: self._say())
        self.list.itemDoubleClicked.connect(lambda _item: self.toggle())
        self.content.addWidget(self.search)
        self.content.addWidget(self.list, 1)
        self.add_button("关闭", slot=self.reject)
        self.go = self.add_button("签到", "primary", slot=self.toggle)
        self._fill()
        self.search.setFocus()

    def _fill(self) -> None:
        text = self.search.edit.text().strip()
        self.list.clear()
        came = self._document.plan.checkins
        for person in self._document.people:
            words = _words(self._document, person.id, self._seats)
            if person.status != "attending" or (text not in words and text not in person.phone):
                continue
            item = QListWidgetItem(f"✓ {words}" if person.id in came else words)
            item.setData(_ID, person.id)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._say()

    def _current(self) -> str:
        item = self.list.currentItem()
        return item.data(_ID) if item is not None else ""

    def _say(self) -> None:
        person = self._current()
        self.go.setEnabled(bool(person))
        self.go.setText("撤销签到" if person in self._document.plan.checkins else "签到")

    def toggle(self) -> None:
        """Mark, or take back, whoever is chosen."""
        person = self._current()
        if person:
            self._mark(person, person not in self._document.plan.checkins)
            self.accept()


class Filled(NamedTuple):
    """What one way of filling absences would do: the plan after it, who changes seat, (person, before, after) of sides."""

    after: Document
    moved: list[Change]
    sides: list[tuple[str, str, str]]


class AbsenceDialog(Dialog):
    """Tick who will not come (at first those without a mark on the rostrum stay unticked: nobody is sent away by default);
    the preview lists everyone who moves and who changes side. `done(ids, seated, least)`: who has checked in stays, unless
    the clerk wants otherwise; `least`: as few people as possible move. Both ways say beforehand how many they move."""

    def __init__(
        self,
        themes: ThemeManager,
        document: Document,
        done: Callable[[list[str], list[str], bool], object],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "缺席递补", parent, width=themes.theme.sizes.picker)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document, self._done = document, done
        seats = {who: seat for seat, who in document.plan.seats.items()}
        self.search = SearchField(themes, "按姓名、单位或座位查找")
        self.search.query_changed.connect(self._filter)
        self.list = QListWidget()
        self.list.setAccessibleName("未签到人员")
        missing = [
            person
            for person in document.people
            if person.status == "attending" and person.id in seats and person.id not in document.plan.checkins
        ]
        for person in missing:
            item = QListWidgetItem(_words(document, person.id, seats))
            item.setData(_ID, person.id)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.itemChanged.connect(lambda _item: self._preview())
        self.list.setUniformItemSizes(True)
        self.stay = QCheckBox("已签到入座的人不动")
        self.stay.setChecked(True)
        self.stay.setVisible(any(person in seats for person in document.plan.checkins))
        self.stay.toggled.connect(lambda _on: self._preview())
        self.in_order = QRadioButton(_IN_ORDER)
        self.least = QRadioButton(_LEAST)
        self.in_order.setChecked(True)
        self.least.toggled.connect(lambda _on: self._preview())
        self.told = label("", "secondary", "strong", wrap=True)
        self.moves = QListWidget()
        self.moves.setAccessibleName("递补后座位有变动的人员")
        self.moves.setWordWrap(True)
        self.moves.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for one in (self.list, self.moves):
            one.setMinimumHeight(themes.theme.sizes.picker_height // 2)
        row = QHBoxLayout()
        row.setSpacing(themes.theme.space.m)
        row.addWidget(self.list, 1)
        row.addWidget(self.moves, 1)
        self.content.addWidget(
            label(
                "勾选不再参会的人员。按序递补时后面的人依次向前；最少移动时听众席的空位保留，"
                "主席台和会议桌仍按序递补。锁定的座位不动。",
                "caption",
                "weak",
                wrap=True,
            )
        )
        self.content.addWidget(self.search)
        ways = QHBoxLayout()
        ways.setSpacing(themes.theme.space.l)
        ways.addWidget(self.in_order)
        ways.addWidget(self.least)
        ways.addStretch(1)
        self.content.addLayout(ways)
        self.content.addWidget(self.told)
        self.content.addLayout(row, 1)
        self.content.addWidget(self.stay)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("递补", "primary", default=True, slot=self._go)
        self.sides: list[tuple[str, str, str]] = []
        self._preview()

    def _filter(self, text: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(text.strip() not in item.text())

    def chosen(self) -> list[str]:
        """Ids of those who are ticked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(_ID) for item in items if item.checkState() is Qt.CheckState.Checked]

    def seated(self) -> list[str]:
        """Ids of those who keep their seat because they have checked in."""
        if not self.stay.isChecked():
            return []
        return [person for person in self._document.plan.checkins if person not in self.chosen()]

    def _preview(self) -> None:
        absent = self.chosen()
        self.go.setEnabled(bool(absent))
        self.moves.clear()
        for choice, name in ((self.in_order, _IN_ORDER), (self.least, _LEAST)):
            choice.setEnabled(bool(absent))
            choice.setText(name)
        if not absent:
            self.sides = []
            self.told.setText(f"{self.list.count()} 人尚未签到" if self.list.count() else "所有人都已签到")
            self.moves.addItem("勾选后，这里列出座位有变动的人。")
            return
        try:
            ways = {least: self._filled(absent, least) for least in (False, True)}
        except SeatingError as error:
            self.told.setText(error.text)
            self.go.setEnabled(False)
            return
        for least, choice in ((False, self.in_order), (True, self.least)):
            name = _LEAST if least else _IN_ORDER
            choice.setText(f"{name}：{len(ways[least].moved)} 人移动，{len(ways[least].sides)} 人换边")
        self._show(absent, ways[self.least.isChecked()])

    def _filled(self, absent: list[str], least: bool) -> Filled:
        after = clone(self._document)
        command = FillAbsences(absent, self.seated(), least=least)
        History(after).run(command)
        moved = changes(self._document.plan.seats, after.plan.seats)
        return Filled(after, [one for one in moved if one.person not in absent], command.sides)

    def _show(self, absent: list[str], filled: Filled) -> None:
        before, self.sides = self._document, filled.sides
        sides = {person: f"{old} → {new}" for person, old, new in filled.sides}
        found = sorted(filled.moved, key=lambda one: one.person not in sides)
        for one in found:
            text = describe(one, before, filled.after)
            if one.person in sides:
                text = f"换边（{sides[one.person]}）  {text}"
            self.moves.addItem(text)
        if not found:
            self.moves.addItem("没有人需要移动，缺席的座位保持空着。")
        words = (
            f"{len(absent)} 人缺席，{len(found)} 人向前递补" if found else f"{len(absent)} 人缺席，没有人移动"
        )
        came = sum(one.person in before.plan.checkins for one in found)
        parts = ([f"{len(sides)} 人换边"] if sides else []) + ([f"{came} 人已签到入座"] if came else [])
        self.told.setText(f"{words}，其中 {'，'.join(parts)}" if parts else words)

    def _go(self) -> None:
        chosen, seated, least = self.chosen(), self.seated(), self.least.isChecked()
        self.accept()
        self._done(chosen, seated, least)
