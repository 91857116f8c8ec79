"""What is known of the selected seat: who sits there and why here (为何坐这里). Source: 3.1.6.4.1, 3.1.6.4.2."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.editor.panels.parts import clear, fact
from meeting_seat_designer.engine.arrange.explain import explain
from meeting_seat_designer.engine.model.layout import SEAT_KINDS
from meeting_seat_designer.engine.model.people import Person
from widgets.controls import Avatar, AvatarSpec, button, label, pill, surface
from widgets.theme import ThemeManager


class SeatPanel(QWidget):
    """Follows the selection. Signals: `lock_asked(seats)`, `unseat_asked(seats)`, `edit_asked(person)`, `shift_asked(seat)`."""

    lock_asked = Signal(object)
    unseat_asked = Signal(object)
    edit_asked = Signal(str)
    shift_asked = Signal(str)

    def __init__(self, editing: Editing, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editing, self._themes = editing, themes
        self._column = QVBoxLayout(self)
        space = themes.theme.space
        self._column.setContentsMargins(space.l, space.m, space.l, space.s)
        self._column.setSpacing(space.s)
        self.why: QLabel = label("")
        self.name: QLabel = label("")
        self._shown: object = None
        editing.selection_changed.connect(self.refresh)
        editing.changed.connect(self.refresh)
        editing.replaced.connect(self.refresh)
        editing.mode_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the selection as it is now."""
        if self._editing.mode != "seating":
            return
        clear(self._column)
        seats = [ident for ident in self._editing.selection if ident in self._editing.seats]
        if not seats:
            self._nothing()
        elif len(seats) == 1:
            self._one(seats[0])
        else:
            self._many(seats)

    def _nothing(self) -> None:
        document = self._editing.document
        title = label(document.meeting.title or document.room.name, "title", "strong", wrap=True)
        self._column.addWidget(title)
        self._column.addWidget(label(document.room.name, "secondary", "weak", wrap=True))
        hint = "单击座位查看是谁、为何坐这里；拖动姓名调整座位，放到有人的座位即互换。"
        self._column.addWidget(_card(label(hint, "secondary", "weak", wrap=True)))

    def _head(self, text: str, tag: str) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label(text, "body", "strong"))
        if tag:
            line.addWidget(pill(tag))
        line.addStretch(1)
        self._column.addWidget(row)

    def _one(self, ident: str) -> None:
        region, seat = self._editing.seats[ident]
        document = self._editing.document
        locked = ident in document.plan.locks
        self._head(seat.code, region.name)
        person = self._editing.person_at(ident)
        if person is None:
            kind = SEAT_KINDS.get(seat.kind, "")
            self._column.addWidget(fact("状态", f"空座 · {kind}"))
            self._column.addWidget(fact("锁定", "是" if locked else "否"))
            text = "把左侧名单中的人拖到这里；或在名单中选中后按回车。"
            self.why = label(text, "secondary", "weak", wrap=True)
            self._column.addWidget(_card(self.why))
        else:
            self._person(person)
            told = explain(document, ident, self._editing.sorter)
            self._column.addWidget(fact("职级排序", f"{told.level or '未知'} · 第 {told.place} 位"))
            index = self._editing.sorter.department_index(person.unit)
            self._column.addWidget(fact("部门顺序", "未列入" if index is None else f"第 {index + 1} 位"))
            self._column.addWidget(fact("锁定", "是" if locked else "否"))
            if person.id in document.plan.checkins:
                self._column.addWidget(fact("签到", document.plan.checkins[person.id].at[11:16] or "已到"))
            self.why = label(told.text, "secondary", "weak", wrap=True)
            self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.addWidget(_card(label("为何坐这里", "secondary", "strong"), self.why))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(self._themes.theme.space.xs)
        lock = button("解锁" if locked else "锁定", size="small")
        lock.clicked.connect(lambda: self.lock_asked.emit([ident]))
        line.addWidget(lock)
        if person is not None:
            who = person.id
            free = button("取消座位", size="small")
            free.setEnabled(not locked)
            free.clicked.connect(lambda: self.unseat_asked.emit([ident]))
            edit = button("人员信息", size="small")
            edit.clicked.connect(lambda: self.edit_asked.emit(who))
            line.addWidget(free)
            line.addWidget(edit)
        line.addStretch(1)
        self._column.addWidget(row)

    def _person(self, person: Person) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(self._themes.theme.space.m)
        avatar = Avatar(self._themes, AvatarSpec(person.name, person.id), self._themes.theme.sizes.avatar)
        line.addWidget(avatar, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.name = label(person.name, "title", "strong", wrap=True)
        words.addWidget(self.name)
        about = " · ".join(part for part in (person.unit, person.rank or person.post or person.level) if part)
        words.addWidget(label(about or "未填单位和职级", "secondary", "weak", wrap=True))
        line.addLayout(words, 1)
        self._column.addWidget(row)

    def _many(self, seats: list[str]) -> None:
        taken = [seat for seat in seats if self._editing.person_at(seat)]
        self._head(f"已选 {len(seats)} 个座位", "")
        self._column.addWidget(fact("有人", f"{len(taken)} 个"))
        self._column.addWidget(fact("空座", f"{len(seats) - len(taken)} 个"))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(self._themes.theme.space.xs)
        held = set(seats) <= set(self._editing.document.plan.locks)
        lock = button("全部解锁" if held else "全部锁定", size="small")
        lock.clicked.connect(lambda: self.lock_asked.emit(seats))
        free = button("取消座位", size="small")
        free.setEnabled(bool(taken))
        free.clicked.connect(lambda: self.unseat_asked.emit(seats))
        line.addWidget(lock)
        line.addWidget(free)
        line.addStretch(1)
        self._column.addWidget(row)


def _card(*inside: QWidget) -> QWidget:
    card = surface("card")
    column = QVBoxLayout(card)
    column.setSpacing(2)
    for one in inside:
        column.addWidget(one)
    return card
