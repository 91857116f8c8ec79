"""Labels of fixtures, regions and rows: put where they cover nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from meeting_seat_designer.engine.codes import row_letter
from meeting_seat_designer.engine.geometry import Box, Rect, bounds
from meeting_seat_designer.engine.model.layout import Region
from meeting_seat_designer.exports.drawing import Drawing
from meeting_seat_designer.exports.fonts import Face


class Labels:
    """Places labels on one sheet; `taken` are the rectangles that a label should not cover."""

    def __init__(self, drawing: Drawing, taken: Iterable[Box], wall: Rect) -> None:
        self._drawing = drawing
        self._taken = [bounds([box]) for box in taken]
        self._wall = wall

    def beside(
        self, text: str, target: Box, size: float, face: Face, colour: str, *, inside: bool = True
    ) -> bool:
        """A label on or next to a thing, at the first free place; False (and nothing drawn) where there is none."""
        around = bounds([target])
        width = self._drawing.type.width(face, text) * size
        middle_x, middle_y = (around.left + around.right) / 2, (around.top + around.bottom) / 2
        gap = size * 0.95
        places: list[tuple[float, float]] = []
        if inside and around.width > width * 1.1 and around.height > size * 1.3:
            places += [(middle_x, around.bottom - gap), (middle_x, around.top + gap), (middle_x, middle_y)]
        places += [
            (middle_x, around.top - gap),
            (middle_x, around.bottom + gap),
            (around.left + width / 2, around.top - gap),
            (around.right - width / 2, around.top - gap),
            (around.right + width / 2 + size * 0.5, middle_y),
            (around.left - width / 2 - size * 0.5, middle_y),
        ]
        for x, y in places:
            if self._free(Rect(x - width / 2, y - size * 0.55, x + width / 2, y + size * 0.55)):
                self._drawing.text(text, x, y, size, face, colour, part="label")
                self.take(Box(x, y, width, size))
                return True
        return False

    def take(self, box: Box) -> None:
        """Keep later labels off a rectangle."""
        self._taken.append(bounds([box]))

    def _free(self, area: Rect) -> bool:
        wall = self._wall
        if (
            area.left < wall.left
            or area.right > wall.right
            or area.top < wall.top
            or area.bottom > wall.bottom
        ):
            return False
        return all(
            area.right <= other.left
            or area.left >= other.right
            or area.bottom <= other.top
            or area.top >= other.bottom
            for other in self._taken
        )

    def rows(self, region: Region, seats: dict[str, Box], size: float, face: Face, colour: str) -> None:
        """Row numbers at both ends of each row, for regions made of rows."""
        if any(seat.side or seat.table for seat in region.seats):
            return
        rows: dict[int, list[Box]] = defaultdict(list)
        for seat in region.seats:
            rows[seat.row].append(seats[seat.id])
        if len(rows) < 2:
            return
        scheme = region.codes
        for row, boxes in rows.items():
            number = row + scheme.first_row - 1
            text = row_letter(number, scheme.skip_letters) if "{letter}" in scheme.pattern else str(number)
            across = max(box.x for box in boxes) - min(box.x for box in boxes)
            down = max(box.y for box in boxes) - min(box.y for box in boxes)
            upright = down > across
            for end in (min, max):
                box = end(boxes, key=lambda b: b.y if upright else b.x)
                away = -1 if end is min else 1
                reach = (min(box.w, box.h) if upright else bounds([box]).width) / 2 + size * 0.9
                x = box.x if upright else box.x + away * reach
                y = box.y + away * reach if upright else box.y
                width = self._drawing.type.width(face, text) * size
                if self._free(Rect(x - width / 2, y - size / 2, x + width / 2, y + size / 2)):
                    self._drawing.text(text, x, y, size, face, colour, part="row")
