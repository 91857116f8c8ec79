"""布置: select, drag with snapping, nudge, drop from the palette. Source: 3.1.6.1.1, 3.1.6.1.2."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu

from meeting_seat_designer.editor.canvas.handles import CURSORS, HandlesItem
from meeting_seat_designer.editor.canvas.region_item import RegionItem
from meeting_seat_designer.editor.canvas.snapping import Snapper
from meeting_seat_designer.editor.canvas.view import PlanView
from meeting_seat_designer.editor.layout_actions import LayoutActions
from meeting_seat_designer.engine.edits.objects import SIZES, AddFixture, AddRegion, MoveObjects
from meeting_seat_designer.engine.geometry import Rect

_REACH = 8.0
"""Pixels within which a dragged edge is caught."""
_SLACK = 6.0
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


class LayoutTool:
    """Mouse and keys of the layout mode. A drag moves pictures only; the command runs once, at its end."""

    def __init__(self, view: PlanView, actions: LayoutActions) -> None:
        self.view, self.plan, self.editing, self.actions = view, view.plan, view.editing, actions
        self.snap_grid = True
        self.snap_objects = True
        self._press: QPointF | None = None
        self._start = QPointF()
        self._band: QPointF | None = None
        self._kept: list[str] = []
        self._snapper: Snapper | None = None
        self._moving = Rect(0, 0, 0, 0)
        self._vector = (0.0, 0.0)
        self._float: list[RegionItem] = []
        self.handles = HandlesItem(self.plan, self.plan.themes)
        self._handle = ""
        editing = self.editing
        for signal in (editing.selection_changed, editing.changed, editing.mode_changed, editing.replaced):
            signal.connect(self._stand)
        view.zoomed.connect(lambda _scale: self._stand())

    def _stand(self) -> None:
        self.handles.refresh(self.view.scale_now)

    def thing_at(self, at: QPointF) -> str:
        """What a click there selects: single seats inside the entered region, else a region or a fixture."""
        slack = _SLACK / self.view.scale_now
        region = self.plan.region_at(at)
        if region and region == self.editing.entered:
            look = self.plan.seat_at(at)
            if look is not None:
                return look.id
            for table in self.editing.things:
                shape = self.plan.shape_of(table)
                found = self.editing.things[table]
                if (
                    found[1] is not None
                    and found[1].id == region
                    and shape.containsPoint(at, Qt.FillRule.OddEvenFill)
                ):
                    return table
        if region:
            return region
        return self.plan.fixture_at(at, slack)

    def _with_group(self, ident: str) -> list[str]:
        """The thing and all that is bound to it."""
        found = self.editing.things.get(ident)
        if found is None or not found[0].group:
            return [ident]
        return [name for name, (thing, _) in self.editing.things.items() if thing.group == found[0].group]

    @property
    def dragging(self) -> bool:
        """Whether things or the rubber band follow the pointer."""
        return self._snapper is not None or self._band is not None

    # mouse

    def press(self, event: QMouseEvent, at: QPointF) -> None:
        """Select and get ready to drag, or begin a rubber band."""
        self.editing.close_merge()
        self._handle = self.handles.at(at)
        if self._handle:
            return
        more = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        ident = self.thing_at(at)
        chosen = self.editing.selection
        self._start = event.position()
        if not ident:
            self._band, self._kept = at, list(chosen) if more else []
            self.editing.select(self._kept)
            return
        names = self._with_group(ident)
        if more:
            left = [name for name in chosen if name not in names]
            self.editing.select(left if ident in chosen else [*chosen, *names])
        elif ident not in chosen:
            inside = self.editing.entered if ident in self.editing.things else ""
            self.editing.select(names, entered=inside if ident not in self.plan.fixtures else "")
        self._press = at

    def move(self, event: QMouseEvent, at: QPointF) -> None:
        """Drag the selection (Ctrl: without snapping) or the rubber band."""
        free = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._handle:
            self.plan.target.set_shapes([(self.handles.shape_for(self._handle, at, free), False)])
            return
        if self._band is not None:
            rect = QRectF(self._band, at).normalized()
            self.plan.band.set_rect(rect)
            self.editing.select([*self._kept, *self._caught(rect)])
            return
        if self._press is None:
            over = Qt.CursorShape.SizeAllCursor if self.thing_at(at) else Qt.CursorShape.ArrowCursor
            self.view.viewport().setCursor(CURSORS.get(self.handles.at(at), over))
            return
        if self._snapper is None:
            if (event.position() - self._start).manhattanLength() < QApplication.startDragDistance():
                return
            self._lift()
        self._shift(at.x() - self._press.x(), at.y() - self._press.y(), free)

    def _caught(self, rect: QRectF) -> list[str]:
        entered = self.plan.regions.get(self.editing.entered)
        if entered is not None:
            return entered.seats_in(rect)
        regions = [ident for ident, item in self.plan.regions.items() if rect.contains(item.area)]
        fixtures = [
            ident
            for ident, item in self.plan.fixtures.items()
            if rect.contains(item.mapRectToScene(item.body))
        ]
        return regions + fixtures

    def _movable(self) -> list[str]:
        """The selection without what is locked in place."""
        names: list[str] = []
        for ident in self.editing.selection:
            region = self.editing.region(ident)
            found = self.editing.things.get(ident)
            held = (
                region.locked
                if region
                else bool(found and (found[0].locked or (found[1] and found[1].locked)))
            )
            if not held:
                names.append(ident)
        return names

    def _lift(self) -> None:
        """Get the pictures of what moves: regions and fixtures move themselves, single seats get an item of their own."""
        names = self._movable()
        if len(names) < len(self.editing.selection):
            self.editing.said.emit("已锁定的对象不会移动", "info")
        room = self.editing.document.room
        self._moving = self.plan.rect_of(names)
        self._snapper = Snapper(
            Rect(0, 0, room.width, room.depth),
            self.plan.rects_except(names),
            use_grid=self.snap_grid,
            use_objects=self.snap_objects,
        )
        for region in self.editing.document.current().regions:
            seats = [seat for seat in region.seats if seat.id in names]
            if seats and region.id not in names:
                looks = [self.plan.looks[seat.id] for seat in seats]
                item = RegionItem(self.plan.themes, self.plan.painter, "")
                item.set_looks(looks)
                self.plan.addItem(item)
                self._float.append(item)
                self.plan.regions[region.id].hide_seats(frozenset(seat.id for seat in seats))

    def _shift(self, dx: float, dy: float, free: bool) -> None:
        if self._snapper is None:
            return
        if free:
            self._vector = (dx, dy)
            self.plan.guides.set_guides([])
        else:
            snapped = self._snapper.snap(self._moving, dx, dy, _REACH / self.view.scale_now)
            self._vector = (snapped.dx, snapped.dy)
            self.plan.guides.set_guides(snapped.guides)
        x, y = self._vector
        for ident in self._movable():
            if ident in self.plan.regions:
                self.plan.regions[ident].setPos(x, y)
            elif ident in self.plan.fixtures:
                fixture = self.plan.fixtures[ident]
                fixture.setPos(fixture.fixture.x + x, fixture.fixture.y + y)
        for item in self._float:
            item.setPos(x, y)
        self.plan.outlines.setPos(x, y)

    def release(self, event: QMouseEvent, at: QPointF) -> None:
        """Run the one command that the drag amounts to."""
        vector, names, dragged = self._vector, self._movable(), self._snapper is not None
        handle = self._handle
        self.cancel()
        if handle:
            free = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            command = self.handles.command(handle, at, free)
            if command is not None:
                self.editing.run(command)
            self.editing.close_merge()
            return
        if dragged and any(vector) and names:
            self.editing.run(MoveObjects(names, round(vector[0], 1), round(vector[1], 1)))
            self.editing.close_merge()

    def double_click(self, event: QMouseEvent, at: QPointF) -> None:
        """Enter a region: from here on single seats are picked."""
        region = self.plan.region_at(at)
        look = self.plan.seat_at(at)
        if region:
            self.editing.select([look.id] if look else [], entered=region)
            self.editing.said.emit("正在调整单个座位，按 Esc 返回整个区域", "info")

    def cancel(self) -> bool:
        """Put every picture back; whether something was being dragged."""
        active = self._snapper is not None or self._band is not None or bool(self._handle)
        self._handle = ""
        self._press = self._band = self._snapper = None
        self._vector = (0.0, 0.0)
        for item in self._float:
            self.plan.removeItem(item)
        self._float = []
        for item in self.plan.regions.values():
            item.setPos(0, 0)
            item.hide_seats(frozenset())
        for drawn in self.plan.fixtures.values():
            drawn.setPos(drawn.fixture.x, drawn.fixture.y)
        self.plan.outlines.setPos(0, 0)
        self.plan.guides.set_guides([])
        self.plan.band.set_rect(QRectF())
        self.plan.target.set_shapes([])
        return active

    # keys

    def key(self, event: QKeyEvent) -> bool:
        """Arrows nudge by 10 mm (Shift 100, Alt 1), Page Down and Up walk from thing to thing, Enter goes into a region,
        Esc leaves; the rest are actions with shortcuts."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            if self.cancel():
                return True
            if self.editing.entered:
                self.editing.select([self.editing.entered], entered="")
            else:
                self.editing.select([])
            return True
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self._step(1 if key == Qt.Key.Key_PageDown else -1)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            region = self.editing.region(self.editing.selection[0]) if self.editing.selection else None
            if region is not None and region.seats:
                self.editing.select([region.seats[0].id], entered=region.id)
            return True
        if key in _ARROWS and self.editing.selection:
            step = 10.0
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                step = 100.0
            elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
                step = 1.0
            x, y = self.actions.on_plan(_ARROWS[key])
            self.editing.run(MoveObjects(list(self.editing.selection), x * step, y * step))
            return True
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.actions.delete()
            return True
        if key == Qt.Key.Key_R and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.actions.rotate(-15 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 90)
            return True
        return False

    def _step(self, way: int) -> None:
        """Select the next or the previous thing, or seat inside the entered region."""
        layout = self.editing.document.current()
        inside = self.editing.region(self.editing.entered)
        names = [seat.id for seat in inside.seats] if inside else []
        names = names or [*(r.id for r in layout.regions), *(f.id for f in layout.fixtures)]
        if names:
            chosen = self.editing.selection
            now = names.index(chosen[-1]) if chosen and chosen[-1] in names else (-1 if way > 0 else 0)
            there = names[(now + way) % len(names)]
            self.editing.select([there])
            self.view.show_thing(there)

    def menu(self, event: QContextMenuEvent, at: QPointF) -> None:
        """The commands of the thing under the pointer."""
        ident = self.thing_at(at)
        if ident and ident not in self.editing.selection:
            self.editing.select(self._with_group(ident))
        if self.editing.selection:
            menu = QMenu(self.view)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.actions.fill_menu(menu)
            menu.exec(event.globalPos())

    # drops

    def accepts(self, kind: str) -> bool:
        """Fixtures and regions can be dropped."""
        return kind in ("fixture", "region")

    def hover(self, kind: str, value: str, at: QPointF) -> None:
        """Show where a fixture would stand, snapped to walls and things."""
        if kind == "fixture":
            _, snapper, rect = self._spot(value, at)
            found = snapper.snap(rect, 0, 0, _REACH / self.view.scale_now)
            self.plan.guides.set_guides(found.guides)

    def _spot(self, kind: str, at: QPointF) -> tuple[QPointF, Snapper, Rect]:
        w, h = SIZES[kind]
        room = self.editing.document.room
        rect = Rect(at.x() - w / 2, at.y() - h / 2, at.x() + w / 2, at.y() + h / 2)
        snapper = Snapper(
            Rect(0, 0, room.width, room.depth), self.plan.rects_except([]), use_grid=self.snap_grid
        )
        found = snapper.snap(rect, 0, 0, _REACH / self.view.scale_now)
        return QPointF(at.x() + found.dx, at.y() + found.dy), snapper, rect

    def drop(self, kind: str, value: str, at: QPointF) -> None:
        """Place what was dropped and select it."""
        self.cancel()
        if kind == "fixture":
            at = self._spot(value, at)[0]
        self.place(kind, value, at)

    def place(self, kind: str, value: str, at: QPointF) -> None:
        """Place a fixture (its middle) or a region (its top middle) there and select it."""
        make = AddFixture if kind == "fixture" else AddRegion
        command = make(value, round(at.x()), round(at.y()))
        self.editing.close_merge()
        if self.editing.run(command):
            self.editing.select([command.created], entered="")
