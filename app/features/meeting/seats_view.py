"""我的座位: the meetings one attends, and the published plan with the own seat marked (3.1.6.4.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.shell.problems import describe
from app.shell.tasks import Tasks
from meeting_seat_designer.editor.dialogs.preview import PlanPreview
from meeting_seat_designer.engine.codec import from_plain
from meeting_seat_designer.engine.model.document import Document
from server_stub.contract.meetings import MySeat, SeatPlan
from widgets.controls import EmptyState, IconButton, SearchField, Skeleton, label, pill
from widgets.theme import ThemeManager

from .server_service import ServerPlans

_ABOVE = 200
"""Over everything else on the plan."""
_SEAT = Qt.ItemDataRole.UserRole


def when_of(start: int, end: int) -> str:
    """ "11月25日 周三 09:00–11:00"; "" without a time."""
    if not start:
        return ""
    begin = datetime.fromtimestamp(start / 1000)
    text = f"{begin.month}月{begin.day}日 周{'一二三四五六日'[begin.weekday()]} {begin:%H:%M}"
    return f"{text}–{datetime.fromtimestamp(end / 1000):%H:%M}" if end else text


class SeatRow(QFrame):
    """One meeting: title, time and place, the own seat large at the right."""

    def __init__(self, themes: ThemeManager, seat: MySeat) -> None:
        super().__init__()
        self.setProperty("surface", "tile")
        space = themes.theme.space
        words = QVBoxLayout()
        words.setSpacing(space.half)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        head.addWidget(label(seat.title, "body", "strong"))
        if seat.cancelled:
            head.addWidget(pill("已取消", "bad"))
        elif seat.present_at:
            head.addWidget(pill("已签到", "ok"))
        head.addStretch(1)
        words.addLayout(head)
        about = [when_of(seat.starts_at, seat.ends_at), seat.place, seat.organiser]
        words.addWidget(label(" · ".join(part for part in about if part), "caption", "weak"))
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.m, space.l, space.m)
        row.addLayout(words, 1)
        row.addWidget(label(seat.seat or "座位待定", "title", "brand" if seat.seat else "weak"))


class SeatsView(QStackedWidget):
    """The list; above it one published plan. `shown` when a plan is on the screen."""

    shown = Signal()

    def __init__(
        self, service: ServerPlans, themes: ThemeManager, tasks: Tasks, say: Callable[[str, str], object]
    ):
        super().__init__()
        self._service, self._themes, self._tasks, self._say = service, themes, tasks, say
        self.list = QListWidget()
        self.list.setAccessibleName("我的座位")
        self.list.setProperty("plain", True)
        self.list.setSpacing(themes.theme.space.half)
        self.list.itemActivated.connect(self._open)
        self.list.itemClicked.connect(self._open)
        self.empty = EmptyState(
            themes,
            "chair",
            "还没有您的座位",
            "会务人员发布座位图后，您会在“会务”中收到消息，座位也会列在这里。",
        )
        self.loading = Skeleton(themes)
        self.plan: SeatPlanView | None = None
        for one in (self.loading, self.list, self.empty):
            self.addWidget(one)

    async def reload(self) -> None:
        """Ask the server again."""
        found = await self._service.calls.my_seats()
        self.list.clear()
        for one in found:
            row = SeatRow(self._themes, one)
            item = QListWidgetItem()
            item.setData(_SEAT, one)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{one.title}，{one.seat or '座位待定'}")
            item.setSizeHint(row.sizeHint())
            self.list.addItem(item)
            self.list.setItemWidget(item, row)
        if self.plan is None:
            self.setCurrentWidget(self.list if found else self.empty)

    def filter(self, text: str) -> None:
        """Only meetings whose title, place or seat holds the text."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            one: MySeat = item.data(_SEAT)
            item.setHidden(not any(text.strip() in part for part in (one.title, one.place, one.seat)))

    def _open(self, item: QListWidgetItem) -> None:
        self.open_meeting(item.data(_SEAT).meeting_id)

    def open_meeting(self, meeting_id: str) -> None:
        """Show the published plan of a meeting."""
        self._tasks.start(self._show(meeting_id), "打开座位图", on_error=self._failed)

    def _failed(self, error: BaseException, doing: str) -> None:
        code = getattr(error, "code", "")
        text = describe(error, doing).text
        if code == "forbidden":
            text = "您不在这次会议的接收人中，不能查看座位图。如有疑问请联系会务人员。"
        self._say(text, "bad")

    async def _show(self, meeting_id: str) -> None:
        got = await self._service.calls.seat_plan(meeting_id)
        self.back()
        self.plan = SeatPlanView(got, self._themes)
        self.plan.back.clicked.connect(self.back)
        self.addWidget(self.plan)
        self.setCurrentWidget(self.plan)
        self.shown.emit()

    def back(self) -> None:
        """Back to the list."""
        plan, self.plan = self.plan, None
        if plan is not None:
            self.removeWidget(plan)
            plan.deleteLater()
        self.setCurrentWidget(self.list if self.list.count() else self.empty)


class SeatPlanView(QWidget):
    """A published plan to look at: the own seat outlined, others found by name or unit."""

    def __init__(self, got: SeatPlan, themes: ThemeManager) -> None:
        super().__init__()
        space = themes.theme.space
        self._document = from_plain(Document, got.document)
        mine = got.mine
        self._own = [seat for seat, who in self._document.plan.seats.items() if who == got.attendee_id]
        self.back = IconButton(themes, "chevron-left", "返回我的座位")
        self.seat = label(f"您的座位：{mine.seat or '未安排'}", "title", "brand")
        about = [when_of(mine.starts_at, mine.ends_at), mine.place]
        self.search = SearchField(themes, "查找同事或单位")
        self.search.setMaximumWidth(themes.theme.sizes.list)
        self.search.query_changed.connect(self._find)
        self.found = label("", "caption", "weak")
        words = QVBoxLayout()
        words.setSpacing(space.half)
        words.addWidget(label(mine.title, "body", "strong"))
        words.addWidget(label(" · ".join(part for part in about if part), "caption", "weak"))
        head = QHBoxLayout()
        head.setSpacing(space.m)
        head.addWidget(self.back)
        head.addLayout(words)
        if mine.cancelled:
            head.addWidget(pill("已取消", "bad"))
        head.addSpacing(space.l)
        head.addWidget(self.seat)
        head.addStretch(1)
        head.addWidget(self.found)
        head.addWidget(self.search)
        self.preview = PlanPreview(self._document, themes, f"座位图，您的座位 {mine.seat or '未安排'}")
        self.preview.mark(self._own)
        self._pin(themes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addLayout(head)
        column.addWidget(self.preview, 1)

    def _pin(self, themes: ThemeManager) -> None:
        """A ring around the own seat that is seen at once in a hall of 2,000."""
        plan, room = self.preview.plan, self._document.room
        for seat in self._own:
            box = plan.shape_of(seat).boundingRect()
            side = max(box.width(), box.height(), max(room.width, room.depth) / 30) * 1.5
            ring = QRectF(0, 0, side, side)
            ring.moveCenter(box.center())
            pen = QPen(themes.theme.color("brand"), side / 12)
            plan.addEllipse(ring, pen).setZValue(_ABOVE)

    def _find(self, text: str) -> None:
        text = text.strip()
        if not text:
            self.found.setText("")
            self.preview.mark(self._own)
            return
        wanted = {one.id for one in self._document.people if text in one.name or text in one.unit}
        seats = [seat for seat, who in self._document.plan.seats.items() if who in wanted]
        codes = self._document.seat_map()
        near = "、".join(codes[seat][1].code for seat in seats[:3] if seat in codes)
        more = f" 等 {len(seats)} 个座位" if len(seats) > 3 else ""
        self.found.setText(f"{near}{more}" if seats else "没有找到")
        self.preview.mark(seats)
