"""Snapping of what is dragged: to other objects, to the walls, to the grid. No Qt."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NamedTuple

from meeting_seat_designer.engine.geometry import Rect


class Guide(NamedTuple):
    """An alignment line: upright at `at` (vertical) or level, from `first` to `last`, in mm."""

    vertical: bool
    at: float
    first: float
    last: float


class Snapped(NamedTuple):
    """The corrected vector and the lines that say why."""

    dx: float
    dy: float
    guides: list[Guide]


@dataclass
class Snapper:
    """Made once per drag from what stays where it is; `snap` then costs a few comparisons."""

    room: Rect
    others: list[Rect]
    grid: float = 100.0
    use_grid: bool = True
    use_objects: bool = True
    _xs: list[tuple[float, float, float]] = field(default_factory=lambda: [])
    _ys: list[tuple[float, float, float]] = field(default_factory=lambda: [])

    def __post_init__(self) -> None:
        for rect in [self.room, *self.others]:
            for x in (rect.left, (rect.left + rect.right) / 2, rect.right):
                self._xs.append((x, rect.top, rect.bottom))
            for y in (rect.top, (rect.top + rect.bottom) / 2, rect.bottom):
                self._ys.append((y, rect.left, rect.right))
        self._xs.sort()
        self._ys.sort()

    def snap(self, moving: Rect, dx: float, dy: float, reach: float) -> Snapped:
        """The vector (dx, dy) of the drag corrected so that an edge or the middle meets something within `reach` mm."""
        now = Rect(moving.left + dx, moving.top + dy, moving.right + dx, moving.bottom + dy)
        guides: list[Guide] = []
        shift_x, hit_x = self._best(self._xs, (now.left, (now.left + now.right) / 2, now.right), reach)
        shift_y, hit_y = self._best(self._ys, (now.top, (now.top + now.bottom) / 2, now.bottom), reach)
        if hit_x is None and self.use_grid:
            shift_x = _to_grid(now.left, self.grid)
        if hit_y is None and self.use_grid:
            shift_y = _to_grid(now.top, self.grid)
        top, bottom = now.top + shift_y, now.bottom + shift_y
        left, right = now.left + shift_x, now.right + shift_x
        if hit_x is not None:
            guides.append(Guide(True, hit_x[0], min(top, hit_x[1]), max(bottom, hit_x[2])))
        if hit_y is not None:
            guides.append(Guide(False, hit_y[0], min(left, hit_y[1]), max(right, hit_y[2])))
        return Snapped(dx + shift_x, dy + shift_y, guides)

    def _best(
        self, lines: list[tuple[float, float, float]], marks: tuple[float, ...], reach: float
    ) -> tuple[float, tuple[float, float, float] | None]:
        best, hit = reach, None
        shift = 0.0
        if not self.use_objects:
            return 0.0, None
        for mark in marks:
            at = bisect_left(lines, (mark,))
            for index in (at - 1, at):
                if 0 <= index < len(lines) and abs(lines[index][0] - mark) < best:
                    best = abs(lines[index][0] - mark)
                    shift, hit = lines[index][0] - mark, lines[index]
        return shift, hit


def _to_grid(value: float, step: float) -> float:
    return round(value / step) * step - value
