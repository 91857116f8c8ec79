"""Handles of the one selected thing: corners to size a facility, a knob to turn it or a region. Source: 3.1.6.1.1."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from meeting_seat_designer.editor.canvas.scene import PlanScene
from meeting_seat_designer.engine.edits.base import Command
from meeting_seat_designer.engine.edits.objects import RotateObjects, SetObject
from meeting_seat_designer.engine.geometry import Box, Point, corners, rotate
from meeting_seat_designer.engine.model.layout import Fixture
from widgets.theme import ThemeManager

_CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))
_STEP = 10.0
_TURN = 15.0
_LEAST = 50.0


class HandlesItem(QGraphicsItem):
    """Draws the handles; `at` finds one, `drag` says what it would do, `command` makes it so."""

    def __init__(self, plan: PlanScene, themes: ThemeManager) -> None:
        super().__init__()
        self._plan, self._themes = plan, themes
        self._box: Box | None = None
        self._sizes = False
        self._scale = 1.0
        self.setZValue(120)
        plan.addItem(self)

    def refresh(self, scale: float) -> None:
        """Stand at the present selection; `scale` in pixels a mm."""
        self.prepareGeometryChange()
        self._scale = scale
        self._box, self._sizes = None, False
        editing = self._plan.editing
        if editing.mode == "layout" and len(editing.selection) == 1:
            ident = editing.selection[0]
            found = editing.things.get(ident)
            region = editing.region(ident)
            if found is not None and isinstance(found[0], Fixture) and not found[0].locked:
                thing = found[0]
                self._box, self._sizes = Box(thing.x, thing.y, thing.w, thing.h, thing.angle), True
            elif region is not None and not region.locked and ident in self._plan.regions:
                area = self._plan.regions[ident].area.adjusted(-150, -150, 150, 150)
                self._box = Box(area.center().x(), area.center().y(), area.width(), area.height())
        self.update()

    @property
    def _reach(self) -> float:
        return self._themes.theme.sizes.handle / self._scale

    def knob(self) -> Point:
        """Where the knob stands (mm)."""
        box = self._box
        if box is None:
            return Point(0, 0)
        up = Point(box.x, box.y - box.h / 2 - 2.6 * self._reach)
        return rotate(up, box.angle, Point(box.x, box.y))

    def _spots(self) -> list[tuple[str, Point]]:
        if self._box is None:
            return []
        spots = [(f"corner{i}", point) for i, point in enumerate(corners(self._box))] if self._sizes else []
        return [*spots, ("knob", self.knob())]

    def at(self, at: QPointF) -> str:
        """The handle under a point (mm), or empty."""
        for name, point in self._spots():
            if math.hypot(point.x - at.x(), point.y - at.y()) <= self._reach:
                return name
        return ""

    def _sized(self, handle: str, at: QPointF, free: bool) -> Box:
        """The box when this corner is dragged there; the opposite corner stays."""
        box = self._box
        if box is None:
            return Box(0, 0, 0, 0)
        number = int(handle[-1])
        fixed = corners(box)[(number + 2) % 4]
        sign = _CORNERS[number]
        away = rotate(Point(at.x() - fixed.x, at.y() - fixed.y), -box.angle)
        wide, high = max(_LEAST, away.x * sign[0]), max(_LEAST, away.y * sign[1])
        if not free:
            wide, high = (max(_STEP, round(length / _STEP) * _STEP) for length in (wide, high))
        middle = rotate(Point(wide / 2 * sign[0], high / 2 * sign[1]), box.angle)
        return Box(fixed.x + middle.x, fixed.y + middle.y, wide, high, box.angle)

    def _turned(self, at: QPointF, free: bool) -> float:
        """Degrees by which the knob dragged there turns the thing."""
        box = self._box
        if box is None:
            return 0.0
        now = math.degrees(math.atan2(at.x() - box.x, box.y - at.y()))
        return now - box.angle if free else round(now / _TURN) * _TURN - box.angle

    def shape_for(self, handle: str, at: QPointF, free: bool) -> QPolygonF:
        """The outline while dragging."""
        box = self._box
        if box is None:
            return QPolygonF()
        if handle == "knob":
            box = box._replace(angle=box.angle + self._turned(at, free))
        else:
            box = self._sized(handle, at, free)
        return QPolygonF([QPointF(point.x, point.y) for point in corners(box)])

    def command(self, handle: str, at: QPointF, free: bool) -> Command | None:
        """What letting go there does."""
        selection = self._plan.editing.selection
        if self._box is None or len(selection) != 1:
            return None
        if handle == "knob":
            turn = self._turned(at, free) % 360
            return RotateObjects(list(selection), turn) if turn else None
        box = self._sized(handle, at, free)
        fields = {name: round(getattr(box, name), 1) for name in ("x", "y", "w", "h")}
        return SetObject(selection[0], **fields)

    def boundingRect(self) -> QRectF:
        if self._box is None:
            return QRectF()
        reach = 4 * self._reach
        half = math.hypot(self._box.w, self._box.h) / 2 + reach
        return QRectF(self._box.x - half, self._box.y - half, 2 * half, 2 * half)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._box is None:
            return
        theme = self._themes.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("focus"), theme.sizes.focus_ring)
        pen.setCosmetic(True)
        painter.setPen(pen)
        knob = self.knob()
        foot = rotate(
            Point(self._box.x, self._box.y - self._box.h / 2), self._box.angle, Point(*self._box[:2])
        )
        painter.drawLine(QPointF(*foot), QPointF(*knob))
        painter.setBrush(theme.color("content"))
        half = self._reach / 2
        for name, point in self._spots():
            spot = QRectF(point.x - half, point.y - half, 2 * half, 2 * half)
            if name == "knob":
                painter.drawEllipse(spot)
            else:
                painter.drawRect(spot)


CURSORS = {
    "knob": Qt.CursorShape.CrossCursor,
    "corner0": Qt.CursorShape.SizeFDiagCursor,
    "corner1": Qt.CursorShape.SizeBDiagCursor,
    "corner2": Qt.CursorShape.SizeFDiagCursor,
    "corner3": Qt.CursorShape.SizeBDiagCursor,
}
