"""会议室: buildings and rooms under units with their layouts, edited with drag and drop and kept in versions (3.1.6.1)."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
)

from server_stub.contract.meetings import Room, Rooms
from widgets.controls import EmptyState, IconButton, Skeleton, button, label, pill, surface
from widgets.theme import ThemeManager


class RoomCard(QFrame):
    """One room: name, unit, layouts as pills, and what can be done with it."""

    def __init__(self, themes: ThemeManager, room: Room, view: RoomsView) -> None:
        super().__init__()
        self.room = room
        space = themes.theme.space
        self.setProperty("surface", "tile")
        head = QHBoxLayout()
        head.setSpacing(space.s)
        head.addWidget(label(room.name, "body", "strong"))
        if room.floor:
            head.addWidget(label(room.floor, "caption", "weak"))
        head.addStretch(1)
        pills = QHBoxLayout()
        pills.setSpacing(space.s)
        for one in room.layouts[:4]:
            pills.addWidget(pill(f"{one.name} · {one.seats} 座", "brand"))
        if len(room.layouts) > 4:
            pills.addWidget(label(f"等 {len(room.layouts)} 个布局", "caption", "weak"))
        pills.addStretch(1)
        changed = time.strftime("%Y-%m-%d %H:%M", time.localtime(room.changed_at / 1000))
        who = f"{room.changed_by} " if room.changed_by else ""
        words = QVBoxLayout()
        words.setSpacing(space.s)
        words.addLayout(head)
        words.addLayout(pills)
        words.addWidget(
            label(f"{room.unit_name} · 第 {room.version} 版，{who}修改于 {changed}", "caption", "weak")
        )
        self.meet = button("在此开会")
        self.meet.clicked.connect(lambda: view.meeting_wanted.emit(room))
        self.edit = button("编辑布局" if room.may_edit else "查看布局")
        self.edit.clicked.connect(lambda: view.open_wanted.emit(room))
        self.more = IconButton(themes, "more", "更多")
        self.more.clicked.connect(lambda: self._menu(view))
        if not room.may_edit:
            self.more.hide()
        if not view.clerk:
            self.meet.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.m, space.l, space.m)
        row.addLayout(words, 1)
        for one in (self.meet, self.edit, self.more):
            row.addWidget(one)

    def _menu(self, view: RoomsView) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("历史版本…", lambda: view.versions_wanted.emit(self.room))
        menu.addAction("从列表移除…", lambda: view.remove_wanted.emit(self.room))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


class RoomsView(QStackedWidget):
    """Signals: `open_wanted(Room)`, `meeting_wanted(Room)`, `versions_wanted(Room)`, `remove_wanted(Room)`,
    `new_wanted()`."""

    open_wanted = Signal(object)
    meeting_wanted = Signal(object)
    remove_wanted = Signal(object)
    versions_wanted = Signal(object)
    new_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.clerk = False
        self.cards: list[RoomCard] = []
        self._rooms = Rooms(buildings=[], rooms=[])
        self._text = ""
        self.loading = Skeleton(themes)
        self.empty = EmptyState(
            themes, "door", "还没有会议室", "会务人员可在单位下建立会议室，并配置多个布局。", "新建会议室"
        )
        self.empty.acted.connect(self.new_wanted)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        for one in (self.loading, self.area, self.empty):
            self.addWidget(one)

    def put(self, rooms: Rooms) -> None:
        """Show these."""
        self._rooms, self.clerk = rooms, rooms.clerk
        self._show()

    def filter(self, text: str) -> None:
        """Only rooms whose name, unit or building holds the text."""
        self._text = text.strip()
        self._show()

    def _show(self) -> None:
        space = self._themes.theme.space
        inner = surface("canvas")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.s)
        self.cards = []
        building: str | None = None
        for room in self._rooms.rooms:
            if not any(self._text in part for part in (room.name, room.unit_name, room.building_name)):
                continue
            if room.building_name != building:
                building = room.building_name
                column.addSpacing(space.s)
                column.addWidget(label(building or "未分楼宇", "secondary", "weak"))
            card = RoomCard(self._themes, room, self)
            self.cards.append(card)
            column.addWidget(card)
        column.addStretch(1)
        old = self.area.takeWidget()
        if old is not None:
            old.deleteLater()
        self.area.setWidget(inner)
        if self.cards:
            self.setCurrentWidget(self.area)
            return
        if self._rooms.rooms:
            self.empty.set_texts("没有找到", "换个会议室、单位或楼宇名称试试。")
        else:
            self.empty.set_texts(
                "还没有会议室",
                "会务人员可在单位下建立会议室，并配置多个布局。",
                "新建会议室" if self.clerk else "",
            )
        self.setCurrentWidget(self.empty)
