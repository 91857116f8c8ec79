"""排座: click a seat, drag a name to another seat or off the plan, move about by keys. Source: 3.1.6.4.2."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsPixmapItem, QMenu

from meeting_seat_designer.editor.canvas.looks import SeatLook
from meeting_seat_designer.editor.canvas.view import FULL, PlanView
from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.layouts import SetSeatKind
from meeting_seat_designer.engine.edits.seating import (
    LockSeats,
    PinPerson,
    SeatPerson,
    SetGroup,
    SwapSeats,
    Unseat,
)
from meeting_seat_designer.engine.edits.targets import fresh_id
from meeting_seat_designer.engine.model.layout import SEAT_KINDS
from meeting_seat_designer.engine.model.plan import Group

_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


class SeatingTool:
    """Mouse and keys of the seating mode. `off_plan(global_pos)` tells whether a name dropped there is unseated."""

    def __init__(self, view: PlanView) -> None:
        self.view, self.plan, self.editing = view, view.plan, view.editing
        self.off_plan: Callable[[QPoint], bool] = lambda _spot: False
        self.shift_asked: Callable[[str], None] = lambda _seat: None
        self._pressed: SeatLook | None = None
        self._start = QPointF()
        self._band: QPointF | None = None
        self._kept: list[str] = []
        self._ghost: QGraphicsPixmapItem | None = None
        self._grip = QPointF()

    @property
    def dragging(self) -> bool:
        """Whether a name or the rubber band follows the pointer."""
        return self._ghost is not None or self._band is not None

    # mouse

    def press(self, event: QMouseEvent, at: QPointF) -> None:
        """Select a seat, add to the selection with Shift, or begin a rubber band."""
        self.editing.close_merge()
        look = self.plan.seat_at(at)
        more = bool(
            event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        )
        self._start = event.position()
        chosen = self.editing.selection
        if look is None:
            self._band, self._kept = at, list(chosen) if more else []
            self.editing.select(self._kept)
            return
        if more:
            self.editing.select(
                [s for s in chosen if s != look.id] if look.id in chosen else [*chosen, look.id]
            )
            return
        self.editing.select([look.id])
        self._pressed = look

    def move(self, event: QMouseEvent, at: QPointF) -> None:
        """Drag a name or the rubber band."""
        if self._band is not None:
            rect = QRectF(self._band, at).normalized()
            self.plan.band.set_rect(rect)
            inside = [seat for item in self.plan.regions.values() for seat in item.seats_in(rect)]
            self.editing.select([*self._kept, *inside])
            return
        pressed = self._pressed
        if pressed is None or not pressed.text:
            return
        if self._ghost is None:
            far = (event.position() - self._start).manhattanLength()
            if far < QApplication.startDragDistance():
                return
            self._lift(pressed)
        if self._ghost is not None:
            self._ghost.setPos(at)
        over = self.plan.seat_at(at)
        self._aim(over.id if over is not None and over.id != pressed.id else "")

    def _lift(self, look: SeatLook) -> None:
        scale = max(self.view.scale_now, FULL * 0.75)
        wide, high = max(44, round(look.w * scale)), max(26, round(look.h * scale))
        chip = self.plan.painter.chip(look._replace(warned=False), wide, high, self.view.devicePixelRatioF())
        self._ghost = QGraphicsPixmapItem(chip)
        self._ghost.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self._ghost.setOffset(-wide / 2, -high / 2)
        self._ghost.setZValue(200)
        self.plan.addItem(self._ghost)
        self.view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _aim(self, seat: str) -> None:
        self.plan.target.set_shapes([(self.plan.shape_of(seat), False)] if seat else [])

    def release(self, event: QMouseEvent, at: QPointF) -> None:
        """Seat, swap or unseat."""
        pressed, dragged = self._pressed, self._ghost is not None
        self.cancel()
        if pressed is None or not dragged:
            return
        person = self.editing.person_at(pressed.id)
        over = self.plan.seat_at(at)
        if person is None:
            return
        if over is not None and over.id != pressed.id:
            self.seat(person.id, over.id)
        elif over is None and self.off_plan(self.view.viewport().mapToGlobal(event.position().toPoint())):
            self.unseat([pressed.id])

    def seat(self, person: str, seat: str) -> None:
        """Seat someone; whoever was there swaps or waits."""
        before = self.editing.person_at(seat)
        found = self.editing.people.get(person)
        if found is None:
            return
        code = self.editing.seats[seat][1].code
        done = f"{found.name} 与 {before.name} 已互换" if before else f"{found.name} 已安排到 {code}"
        if before and person not in self.editing.places:
            done = f"{found.name} 已安排到 {code}，{before.name} 转入待排"
        self.editing.close_merge()
        if self.editing.run(SeatPerson(person, seat), done):
            self.editing.select([seat])

    def unseat(self, seats: list[str]) -> None:
        """Take people off these seats."""
        taken = [seat for seat in seats if self.editing.person_at(seat)]
        if taken:
            self.editing.close_merge()
            names = "、".join(p.name for p in map(self.editing.person_at, taken[:3]) if p)
            more = f" 等 {len(taken)} 人" if len(taken) > 3 else ""
            self.editing.run(Unseat(taken), f"{names}{more} 已转入待排")

    def double_click(self, event: QMouseEvent, at: QPointF) -> None:
        """The same as a press: the panel beside shows the seat."""
        self.press(event, at)

    def cancel(self) -> bool:
        """Stop what is being dragged; whether there was something."""
        active = self._ghost is not None or self._band is not None
        if self._ghost is not None:
            self.plan.removeItem(self._ghost)
        self._ghost = self._pressed = self._band = None
        self.plan.band.set_rect(QRectF())
        self._aim("")
        self.view.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        return active

    # keys

    def key(self, event: QKeyEvent) -> bool:
        """Arrows walk from seat to seat, with Alt they carry the person along; Delete unseats, L locks."""
        key = Qt.Key(event.key())
        chosen = [ident for ident in self.editing.selection if ident in self.editing.seats]
        if key == Qt.Key.Key_Escape:
            if not self.cancel():
                self.editing.select([])
            return True
        if key in _ARROWS:
            self._walk(chosen, _ARROWS[key], event.modifiers())
            return True
        if not chosen:
            return False
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.unseat(chosen)
        elif key == Qt.Key.Key_L and not event.modifiers():
            self.lock(chosen)
        else:
            return False
        return True

    def lock(self, seats: list[str]) -> None:
        """Lock these seats, or release them when all are locked."""
        locks = set(self.editing.document.plan.locks)
        self.editing.close_merge()
        locked = not all(seat in locks for seat in seats)
        self.editing.run(LockSeats(seats, locked), f"已{'锁定' if locked else '解锁'} {len(seats)} 个座位")

    def _walk(self, chosen: list[str], arrow: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
        if not chosen:
            first = next(iter(self.plan.looks), "")
            self.editing.select([first] if first else [])
            return
        here = chosen[-1]
        there = self._neighbour(here, arrow)
        if not there:
            return
        if modifiers & Qt.KeyboardModifier.AltModifier:
            self.editing.close_merge()
            if self.editing.run(SwapSeats(here, there)):
                self.editing.select([there])
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.editing.select([*(seat for seat in chosen if seat != there), there])
        else:
            self.editing.select([there])
        self.view.show_thing(there)

    def _neighbour(self, seat: str, arrow: tuple[float, float]) -> str:
        """The nearest seat in a direction of the screen; sideways distance counts three times."""
        turn = math.radians(-self.editing.turn)
        cos, sin = math.cos(turn), math.sin(turn)
        ax, ay = arrow[0] * cos - arrow[1] * sin, arrow[0] * sin + arrow[1] * cos
        here = self.plan.looks[seat]
        best, found = math.inf, ""
        for look in self.plan.looks.values():
            dx, dy = look.x - here.x, look.y - here.y
            along = dx * ax + dy * ay
            if along > 1:
                cost = along + 3 * abs(dx * ay - dy * ax)
                if cost < best and cost < along * 6:
                    best, found = cost, look.id
        return found

    def menu(self, event: QContextMenuEvent, at: QPointF) -> None:
        """The commands of a seat under the pointer or the selection."""
        look = self.plan.seat_at(at)
        if look is not None and look.id not in self.editing.selection:
            self.editing.select([look.id])
        seats = [ident for ident in self.editing.selection if ident in self.editing.seats]
        if seats:
            self.menu_for(seats).exec(event.globalPos())

    def menu_for(self, seats: list[str]) -> QMenu:
        """The menu of these seats."""
        editing = self.editing
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        locks = set(editing.document.plan.locks)
        held = all(seat in locks for seat in seats)
        menu.addAction("解锁座位\tL" if held else "锁定座位\tL", lambda: self.lock(seats))
        if any(editing.person_at(seat) for seat in seats):
            menu.addAction("取消座位（转入待排）\tDel", lambda: self.unseat(seats))
        if len(seats) == 2:
            menu.addAction("互换这两个座位", lambda: editing.run(SwapSeats(seats[0], seats[1])))
        if len(seats) == 1:
            person = editing.person_at(seats[0])
            if person is not None:
                pinned = any(pin.person == person.id for pin in editing.document.plan.pins)
                label = "取消指定座位" if pinned else "指定坐这里（重新排座时保持）"
                target = "" if pinned else seats[0]
                menu.addAction(label, lambda: editing.run(PinPerson(person.id, target)))
            menu.addAction("从这里整体后移…", lambda: self.shift_asked(seats[0]))
        people = [person.id for person in map(editing.person_at, seats) if person]
        if len(people) > 1:
            menu.addSeparator()
            menu.addAction("设为相邻（排座时坐在一起）", lambda: self.bind(people, "together"))
            menu.addAction("设为分开（排座时不相邻）", lambda: self.bind(people, "apart"))
        if any(set(people) & set(group.people) for group in editing.document.plan.groups):
            menu.addAction("取消相邻 / 分开设置", lambda: self.unbind(people))
        menu.addSeparator()
        kinds = menu.addMenu("座位类型")
        for kind, name in SEAT_KINDS.items():
            kinds.addAction(name, lambda kind=kind: editing.run(SetSeatKind(seats, kind)))
        return menu

    def bind(self, people: list[str], kind: str) -> None:
        """Keep people together or apart from the next arrangement on."""
        known = {group.id for group in self.editing.document.plan.groups}
        group = Group(id=fresh_id(known, "g"), kind=kind, people=people)
        self.editing.close_merge()
        word = "坐在一起" if kind == "together" else "分开坐"
        self.editing.run(SetGroup(group), f"已设置，重新排座时 {len(people)} 人将{word}")

    def unbind(self, people: list[str]) -> None:
        """Take these people out of every group; a group of one is no group."""
        steps: list[Command] = []
        for group in self.editing.document.plan.groups:
            left = [person for person in group.people if person not in people]
            if left != group.people:
                kept = left if len(left) > 1 else []
                steps.append(SetGroup(Group(id=group.id, kind=group.kind, name=group.name, people=kept)))
        self.editing.close_merge()
        self.editing.run(Batch("取消分组", steps))

    # drops

    def accepts(self, kind: str) -> bool:
        """People can be dropped on seats."""
        return kind == "person"

    def hover(self, kind: str, value: str, at: QPointF) -> None:
        """Show the seat under the dragged name."""
        look = self.plan.seat_at(at)
        self._aim(look.id if look is not None else "")

    def drop(self, kind: str, value: str, at: QPointF) -> None:
        """Seat the person that was dropped."""
        look = self.plan.seat_at(at)
        self.cancel()
        if look is not None:
            self.seat(value, look.id)
