"""From the room in mm to the paper in 0.01 mm: turned for the frame, scaled, placed. Source: 3.1.6.4.3."""

from __future__ import annotations

from meeting_seat_designer.engine.geometry import Box, Point, Rect, bounds, frame_turn, rotate
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Fixture, Seat, Table


def box_of(item: Seat | Table | Fixture) -> Box:
    """The rectangle of a thing in the room."""
    return Box(item.x, item.y, item.w, item.h, item.angle)


def main_door(document: Document) -> Point | None:
    """Where the main door is, else the first door; None without doors."""
    doors = [fixture for fixture in document.current().fixtures if fixture.kind == "door"]
    doors.sort(key=lambda door: not door.main)
    return Point(doors[0].x, doors[0].y) if doors else None


class View:
    """The transform of one sheet: `turn` degrees clockwise, `scale` paper units per room mm."""

    def __init__(self, document: Document, frame: str) -> None:
        room = document.room
        self.turn = frame_turn(frame, main_door(document), room.width, room.depth)
        layout = document.current()
        things: list[Box] = [Box(room.width / 2, room.depth / 2, room.width, room.depth)]
        things += [box_of(fixture) for fixture in layout.fixtures]
        for region in layout.regions:
            things += [box_of(seat) for seat in region.seats]
            things += [box_of(table) for table in region.tables]
        self.extent: Rect = bounds([self._turned(box) for box in things])
        self.scale = 1.0
        self._dx = self._dy = 0.0

    def _turned(self, box: Box) -> Box:
        at = rotate(Point(box.x, box.y), self.turn)
        return Box(at.x, at.y, box.w, box.h, (box.angle + self.turn) % 360)

    def scale_into(self, width: float, height: float) -> float:
        """The scale at which everything fits width × height."""
        return min(width / max(self.extent.width, 1), height / max(self.extent.height, 1))

    def place(self, area: Rect) -> None:
        """Fit everything into an area of the paper, centred across, a little above the middle."""
        self.scale = self.scale_into(area.width, area.height)
        middle_x = (self.extent.left + self.extent.right) / 2
        slack = max(0.0, area.height - self.extent.height * self.scale)
        self._dx = (area.left + area.right) / 2 - middle_x * self.scale
        self._dy = area.top + slack * 0.35 - self.extent.top * self.scale

    def box(self, box: Box) -> Box:
        """A rectangle of the room on the paper."""
        turned = self._turned(box)
        return Box(
            turned.x * self.scale + self._dx,
            turned.y * self.scale + self._dy,
            box.w * self.scale,
            box.h * self.scale,
            turned.angle,
        )


def upright(box: Box) -> Box:
    """The same rectangle with its angle within ±45°, so that text along it reads without turning the page."""
    angle = (box.angle + 45) % 90 - 45
    if round((box.angle - angle) / 90) % 2:
        return Box(box.x, box.y, box.h, box.w, angle)
    return Box(box.x, box.y, box.w, box.h, angle)
