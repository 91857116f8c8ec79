"""Forms of the meeting page: a meeting, a room, a conflict (3.1.6.1, 3.1.6.4)."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from meeting_seat_designer.engine.templates import TEMPLATES
from server_stub.contract.meetings import Building, Meeting, MeetingChange, Room
from widgets.controls import Dialog, button, label
from widgets.theme import ThemeManager

from .pickers import OrgPickers

_HOUR_MS = 3_600_000


class UnitField(QWidget):
    """The unit that something belongs to, chosen from the organisation."""

    def __init__(self, pickers: OrgPickers, unit_id: str, name: str) -> None:
        super().__init__()
        self.unit_id = unit_id
        self.shown = QLineEdit(name)
        self.shown.setReadOnly(True)
        self.shown.setAccessibleName("所属单位")
        self.shown.setPlaceholderText("请选择单位")
        self.choose = button("选择…")
        self.choose.clicked.connect(lambda: pickers.pick_unit(self.window(), self.set))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.shown, 1)
        row.addWidget(self.choose)

    def set(self, unit_id: str, name: str) -> None:
        """Show another unit."""
        self.unit_id = unit_id
        self.shown.setText(name)


class MeetingForm(Dialog):
    """A meeting's facts. `done(change, template key)`: the template is for meetings without a room."""

    def __init__(
        self,
        themes: ThemeManager,
        pickers: OrgPickers,
        rooms: list[Room],
        unit: tuple[str, str],
        done: Callable[[MeetingChange, str], object],
        parent: QWidget,
        *,
        meeting: Meeting | None = None,
        room: Room | None = None,
        title: str = "",
        with_plan: bool = False,
    ) -> None:
        """`room` is chosen at first; `with_plan`: there is a plan already, so neither layout nor template is asked."""
        super().__init__(themes, "会议信息" if meeting else "新建会议", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done, self._meeting, self._rooms = done, meeting, rooms
        self.title = QLineEdit(meeting.title if meeting else title)
        self.title.setAccessibleName("会议名称")
        self.title.setMaxLength(200)
        self.title.setPlaceholderText("如：全市安全生产工作会议")
        self.unit = UnitField(pickers, *((meeting.unit_id, meeting.unit_name) if meeting else unit))
        start = meeting.starts_at if meeting and meeting.starts_at else _next_hour()
        end = meeting.ends_at if meeting and meeting.ends_at else start + 2 * _HOUR_MS
        self.start, self.end = _time_field("开始时间", start), _time_field("结束时间", end)
        self.start.dateTimeChanged.connect(self._follow)
        self._length = end - start
        self.room = QComboBox()
        self.room.setAccessibleName("会议室")
        self.room.addItem("不使用已建会议室", "")
        for one in rooms:
            self.room.addItem(" · ".join(part for part in (one.building_name, one.name) if part), one.id)
        wanted = meeting.room_id if meeting else room.id if room else ""
        self.room.setCurrentIndex(max(0, self.room.findData(wanted)))
        self.layout_choice = QComboBox()
        self.layout_choice.setAccessibleName("布局")
        self.place = QLineEdit(meeting.place if meeting else "")
        self.place.setAccessibleName("地点")
        self.place.setPlaceholderText("不填则用会议室名称")
        self.organiser = QLineEdit(meeting.organiser if meeting else "")
        self.organiser.setAccessibleName("主办")
        self.wrong = label("", "caption", "bad", wrap=True)
        form = QFormLayout()
        form.setSpacing(themes.theme.space.m)
        rows: list[tuple[str, QWidget]] = [
            ("会议名称", self.title),
            ("所属单位", self.unit),
            ("开始", self.start),
            ("结束", self.end),
            ("会议室", self.room),
            ("布局", self.layout_choice),
            ("地点", self.place),
            ("主办", self.organiser),
        ]
        for text, field in rows:
            form.addRow(label(text, "secondary", "weak"), field)
        self._form = form
        self.content.addLayout(form)
        self.content.addWidget(self.wrong)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("保存" if meeting else "新建", "primary", default=True, slot=self.store)
        self.room.currentIndexChanged.connect(lambda _index: self._layouts())
        self._layouts()
        form.setRowVisible(self.layout_choice, not (meeting or with_plan))
        self.title.setFocus()

    def _layouts(self) -> None:
        self.layout_choice.clear()
        room = next((one for one in self._rooms if one.id == self.room.currentData()), None)
        if room is None:
            for key, (text, _) in TEMPLATES.items():
                self.layout_choice.addItem(text, key)
            return
        for one in room.layouts:
            self.layout_choice.addItem(f"{one.name}（{one.seats} 座）", one.id)

    def _follow(self, start: QDateTime) -> None:
        self.end.setDateTime(start.addMSecs(self._length))

    def store(self) -> None:
        """Check and hand over."""
        start, end = self.start.dateTime().toMSecsSinceEpoch(), self.end.dateTime().toMSecsSinceEpoch()
        problem = ""
        if not self.title.text().strip():
            problem = "请填写会议名称"
        elif not self.unit.unit_id:
            problem = "请选择会议所属的单位"
        elif end <= start:
            problem = "结束时间应晚于开始时间"
        if problem:
            self.wrong.setText(problem)
            return
        room_id = self.room.currentData() or ""
        choice = self.layout_choice.currentData() or ""
        change = MeetingChange(
            title=self.title.text().strip(),
            unit_id=self.unit.unit_id,
            room_id=room_id,
            layout_id=choice if room_id else "",
            place=self.place.text().strip(),
            starts_at=start,
            ends_at=end,
            organiser=self.organiser.text().strip(),
            oa_id=self._meeting.oa_id if self._meeting else "",
            cancelled=self._meeting.cancelled if self._meeting else False,
            base_version=self._meeting.version if self._meeting else 0,
        )
        self._done(change, "" if room_id else choice)
        self.accept()


class RoomForm(Dialog):
    """A room: unit, building, name, floor, and the template of its first layout.

    `done(unit_id, building name, name, floor, template key)`.
    """

    def __init__(
        self,
        themes: ThemeManager,
        pickers: OrgPickers,
        buildings: list[Building],
        unit: tuple[str, str],
        done: Callable[[str, str, str, str, str], object],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "新建会议室", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done = done
        self.unit = UnitField(pickers, *unit)
        self.building = QComboBox()
        self.building.setEditable(True)
        self.building.setAccessibleName("楼宇")
        self.building.addItem("")
        self.building.addItems([one.name for one in buildings])
        self.name = QLineEdit()
        self.name.setAccessibleName("会议室名称")
        self.name.setMaxLength(100)
        self.name.setPlaceholderText("如：第一会议室")
        self.floor = QLineEdit()
        self.floor.setAccessibleName("楼层")
        self.floor.setMaxLength(40)
        self.template = QComboBox()
        self.template.setAccessibleName("第一个布局")
        for key, (text, _) in TEMPLATES.items():
            self.template.addItem(text, key)
        self.wrong = label("", "caption", "bad", wrap=True)
        form = QFormLayout()
        form.setSpacing(themes.theme.space.m)
        rows: list[tuple[str, QWidget]] = [
            ("所属单位", self.unit),
            ("楼宇", self.building),
            ("名称", self.name),
            ("楼层", self.floor),
            ("第一个布局", self.template),
        ]
        for text, field in rows:
            form.addRow(label(text, "secondary", "weak"), field)
        self.content.addLayout(form)
        self.content.addWidget(self.wrong)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("新建", "primary", default=True, slot=self.store)
        self.name.setFocus()

    def store(self) -> None:
        """Check and hand over."""
        name = self.name.text().strip()
        if not name or not self.unit.unit_id:
            self.wrong.setText("请填写会议室名称" if not name else "请选择所属单位")
            return
        self._done(
            self.unit.unit_id,
            self.building.currentText().strip(),
            name,
            self.floor.text().strip(),
            self.template.currentData(),
        )
        self.accept()


class ConflictDialog(Dialog):
    """Somebody else saved the same: keep mine, take theirs, or later. `words`: title and text."""

    def __init__(
        self,
        themes: ThemeManager,
        words: tuple[str, str],
        mine: Callable[[], object],
        theirs: Callable[[], object],
        parent: QWidget,
        *,
        give_up: str = "用对方的",
    ) -> None:
        super().__init__(themes, words[0], parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.content.addWidget(label(words[1], "body", "weak", wrap=True))
        self.later = self.add_button("稍后处理", default=True, slot=self.reject)
        self.theirs = self.add_button(give_up, slot=lambda: self._choose(theirs))
        self.mine = self.add_button("以我的为准", "primary", slot=lambda: self._choose(mine))

    @staticmethod
    def plan_words(meeting: Meeting) -> tuple[str, str]:
        """Title and text for a plan that somebody else saved."""
        when = time.strftime("%m月%d日 %H:%M", time.localtime(meeting.plan_at / 1000))
        who = meeting.plan_by or "其他会务人员"
        text = (
            f"{who}在 {when} 保存了“{meeting.title}”的第 {meeting.plan_version} 版，您的修改基于更早的版本。"
            "两份都不会丢失：选“以我的为准”，对方的版本仍在历史版本中；选“用对方的”，您的修改会另存为一份方案。"
        )
        return "座位图已被他人修改", text

    def _choose(self, act: Callable[[], object]) -> None:
        self.accept()
        act()


def _time_field(name: str, at: int) -> QDateTimeEdit:
    field = QDateTimeEdit(QDateTime.fromMSecsSinceEpoch(at))
    field.setAccessibleName(name)
    field.setDisplayFormat("yyyy-MM-dd HH:mm")
    field.setCalendarPopup(True)
    return field


def _next_hour() -> int:
    return (int(time.time() * 1000) // _HOUR_MS + 1) * _HOUR_MS
