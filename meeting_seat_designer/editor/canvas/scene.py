"""The scene: one item a region, a fixture, the room; kept in step with the document after every change."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsScene

from meeting_seat_designer.editor.canvas.fixture_item import FixtureItem
from meeting_seat_designer.editor.canvas.looks import SeatLook, region_looks
from meeting_seat_designer.editor.canvas.overlay import BandItem, GuidesItem, OutlineItem
from meeting_seat_designer.editor.canvas.region_item import RegionItem
from meeting_seat_designer.editor.canvas.room_item import RoomItem
from meeting_seat_designer.editor.canvas.seat_painter import SeatPainter
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.edits.targets import box_of
from meeting_seat_designer.engine.geometry import Box, Rect, bounds, corners
from widgets.theme import ThemeManager

_AROUND = 3.0
"""The scene reaches this many room sizes beyond the walls, so that any corner can be panned to the middle."""


class PlanScene(QGraphicsScene):
    """Items of the current layout; `things_at`, `rect_of` answer the tools."""

    def __init__(self, editing: Editing, themes: ThemeManager) -> None:
        super().__init__()
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.editing, self.themes = editing, themes
        self.painter = SeatPainter(themes)
        self.room = RoomItem(themes)
        self.outlines = OutlineItem(themes)
        self.target = OutlineItem(themes)
        self.target.setZValue(101)
        self.band = BandItem(themes)
        self.guides = GuidesItem(themes)
        for item in (self.room, self.outlines, self.target, self.band, self.guides):
            self.addItem(item)
        self.regions: dict[str, RegionItem] = {}
        self.fixtures: dict[str, FixtureItem] = {}
        self.looks: dict[str, SeatLook] = {}
        editing.changed.connect(self.sync)
        editing.replaced.connect(self.sync)
        editing.mode_changed.connect(self.sync)
        editing.warnings_changed.connect(self.sync)
        editing.selection_changed.connect(self.outline)
        themes.changed.connect(self._dressed)
        self.sync()

    def _dressed(self, _theme: object) -> None:
        self.painter.forget()
        for item in self.items():
            item.update()

    def sync(self) -> None:
        """Bring every item to the document's present state."""
        editing = self.editing
        layout = editing.document.current()
        warned = frozenset(
            seat
            for warning in editing.warnings
            if warning.level != "note" and warning.code not in ("too_few_seats", "out_of_date")
            for seat in warning.seats
        )
        self.room.set_content(editing.document, editing.mode == "layout")
        room = self.room.floor
        self.setSceneRect(
            room.adjusted(
                -room.width() * _AROUND,
                -room.height() * _AROUND,
                room.width() * _AROUND,
                room.height() * _AROUND,
            )
        )
        self.looks = {}
        for region in layout.regions:
            item = self.regions.get(region.id)
            if item is None:
                item = self.regions[region.id] = RegionItem(self.themes, self.painter, region.id)
                self.addItem(item)
            looks = region_looks(editing, region, warned)
            item.set_content(region, looks)
            for look in looks:
                self.looks[look.id] = look
        for fixture in layout.fixtures:
            drawn = self.fixtures.get(fixture.id)
            if drawn is None:
                drawn = self.fixtures[fixture.id] = FixtureItem(self.themes, fixture, editing.document.room)
                self.addItem(drawn)
            drawn.set_content(fixture, editing.document.room)
        for kept, wanted in (
            (self.regions, {region.id for region in layout.regions}),
            (self.fixtures, {fixture.id for fixture in layout.fixtures}),
        ):
            for ident in [ident for ident in kept if ident not in wanted]:
                self.removeItem(kept.pop(ident))
        self.outline()

    def outline(self) -> None:
        """Draw the selection's outlines."""
        self.outlines.setPos(0, 0)
        shapes = [(self.shape_of(ident), ident in self.regions) for ident in self.editing.selection]
        entered = self.regions.get(self.editing.entered)
        if entered is not None and self.editing.entered not in self.editing.selection:
            shapes.append((QPolygonF(entered.area.adjusted(-150, -150, 150, 150)), True))
        self.outlines.set_shapes([(shape, soft) for shape, soft in shapes if not shape.isEmpty()])

    def shape_of(self, ident: str) -> QPolygonF:
        """The outline of a seat (as drawn), table, fixture or region; empty for an unknown id."""
        region = self.regions.get(ident)
        if region is not None:
            return QPolygonF(region.area.adjusted(-150, -150, 150, 150))
        look = self.looks.get(ident)
        found = self.editing.things.get(ident)
        if look is not None:
            box = Box(look.x, look.y, look.w, look.h, look.angle)
        elif found is not None:
            box = box_of(found[0])
        else:
            return QPolygonF()
        return QPolygonF([QPointF(point.x, point.y) for point in corners(box)])

    def seat_at(self, at: QPointF) -> SeatLook | None:
        """The seat under a point (mm)."""
        for item in reversed(list(self.regions.values())):
            look = item.seat_at(at)
            if look is not None:
                return look
        return None

    def region_at(self, at: QPointF) -> str:
        """The region one of whose seats or tables is under a point, or empty."""
        for region in reversed(self.editing.document.current().regions):
            item = self.regions[region.id]
            if item.seat_at(at) is not None:
                return region.id
            for table in region.tables:
                turn = QTransform().rotate(-table.angle)
                spot = turn.map(QPointF(at.x() - table.x, at.y() - table.y))
                if abs(spot.x()) <= table.w / 2 and abs(spot.y()) <= table.h / 2:
                    return region.id
        return ""

    def fixture_at(self, at: QPointF, slack: float) -> str:
        """The fixture under a point, those on top first, or empty."""
        items = sorted(self.fixtures.values(), key=lambda item: -item.zValue())
        return next((item.ident for item in items if item.holds(at, slack)), "")

    def rect_of(self, ids: list[str]) -> Rect:
        """The upright rectangle in mm around these things."""
        boxes: list[Box] = []
        for ident in ids:
            region = self.regions.get(ident)
            if region is not None:
                area = region.area
                boxes.append(Box(area.center().x(), area.center().y(), area.width(), area.height()))
            elif ident in self.editing.things:
                boxes.append(box_of(self.editing.things[ident][0]))
        return bounds(boxes)

    def rects_except(self, ids: list[str]) -> list[Rect]:
        """Rectangles of the regions, tables and fixtures that are not among `ids` (what a drag can snap to)."""
        chosen = set(ids)
        rects: list[Rect] = []
        for region in self.editing.document.current().regions:
            if region.id not in chosen and region.seats:
                if any(ident in chosen for ident in (seat.id for seat in region.seats)):
                    rects += [bounds([box_of(seat)]) for seat in region.seats if seat.id not in chosen]
                else:
                    rects.append(self.rect_of([region.id]))
        for fixture in self.editing.document.current().fixtures:
            if fixture.id not in chosen:
                rects.append(bounds([box_of(fixture)]))
        return rects

    def content_rect(self) -> QRectF:
        """The room and all that stands in or beside it."""
        area = self.room.floor
        for item in self.regions.values():
            area = area.united(item.area)
        return area
