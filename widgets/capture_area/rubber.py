"""The rectangle that is being drawn, moved and resized: pure geometry, no window."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPoint, QRect

SMALLEST = 4
"""Less is a slip of the hand, no selection (pixels)."""


class Grip(Enum):
    """What a press takes hold of: sides as (horizontal, vertical); INSIDE moves, NEW draws anew."""

    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)
    INSIDE = (0, 0)
    NEW = (2, 2)


HANDLES = tuple(grip for grip in Grip if grip not in (Grip.INSIDE, Grip.NEW))


class Rubber:
    """`rect` is the selection inside `bounds` (null while there is none)."""

    def __init__(self, bounds: QRect, reach: int) -> None:
        """`reach`: how near to a handle a press still takes it, in pixels."""
        self.bounds = bounds
        self.rect = QRect()
        self._reach = reach
        self._grip: Grip | None = None
        self._from = QPoint()
        self._start = QRect()

    @property
    def chosen(self) -> bool:
        """Whether there is a selection worth taking."""
        return self.rect.width() >= SMALLEST and self.rect.height() >= SMALLEST

    @property
    def dragging(self) -> bool:
        """Whether the button is held."""
        return self._grip is not None

    def handle(self, grip: Grip) -> QPoint:
        """Where a handle stands."""
        across, down = grip.value
        rect = self.rect
        x = (rect.left(), rect.center().x(), rect.right())[across + 1]
        y = (rect.top(), rect.center().y(), rect.bottom())[down + 1]
        return QPoint(x, y)

    def grip_at(self, spot: QPoint) -> Grip:
        """What a press at `spot` would take hold of."""
        if not self.chosen:
            return Grip.NEW
        for grip in HANDLES:
            away = self.handle(grip) - spot
            if max(abs(away.x()), abs(away.y())) <= self._reach:
                return grip
        return Grip.INSIDE if self.rect.contains(spot) else Grip.NEW

    def press(self, spot: QPoint) -> None:
        """The button goes down."""
        self._grip = self.grip_at(spot)
        self._from, self._start = spot, QRect(self.rect)
        if self._grip is Grip.NEW:
            self.rect = QRect()

    def move(self, spot: QPoint) -> None:
        """The pointer moves with the button held."""
        if self._grip is None:
            return
        if self._grip is Grip.NEW:
            self.rect = _between(self._from, self._inside(spot))
        elif self._grip is Grip.INSIDE:
            self.rect = self._kept(self._start.translated(spot - self._from))
        else:
            self.rect = self._stretched(self._start, self._grip, spot - self._from)

    def release(self) -> None:
        """The button goes up; a selection too small to be meant is dropped."""
        self._grip = None
        if not self.chosen:
            self.rect = QRect()

    def shift(self, by: QPoint) -> None:
        """Move by keyboard."""
        if self.chosen:
            self.rect = self._kept(self.rect.translated(by))

    def grow(self, by: QPoint) -> None:
        """Move the lower right corner by keyboard."""
        if self.chosen:
            grown = self._stretched(self.rect, Grip.BOTTOM_RIGHT, by)
            if grown.width() >= SMALLEST and grown.height() >= SMALLEST:
                self.rect = grown

    def _inside(self, spot: QPoint) -> QPoint:
        box = self.bounds
        return QPoint(
            max(box.left(), min(spot.x(), box.right())), max(box.top(), min(spot.y(), box.bottom()))
        )

    def _kept(self, rect: QRect) -> QRect:
        box = self.bounds
        x = max(box.left(), min(rect.left(), box.right() + 1 - rect.width()))
        y = max(box.top(), min(rect.top(), box.bottom() + 1 - rect.height()))
        return QRect(QPoint(x, y), rect.size())

    def _stretched(self, rect: QRect, grip: Grip, by: QPoint) -> QRect:
        across, down = grip.value
        corner_a, corner_b = rect.topLeft(), rect.bottomRight()
        if across < 0:
            corner_a.setX(corner_a.x() + by.x())
        elif across > 0:
            corner_b.setX(corner_b.x() + by.x())
        if down < 0:
            corner_a.setY(corner_a.y() + by.y())
        elif down > 0:
            corner_b.setY(corner_b.y() + by.y())
        return _between(self._inside(corner_a), self._inside(corner_b))


def _between(a: QPoint, b: QPoint) -> QRect:
    """The rectangle with these two corners, both inside it (QRect.normalized moves one of them by a pixel)."""
    return QRect(QPoint(min(a.x(), b.x()), min(a.y(), b.y())), QPoint(max(a.x(), b.x()), max(a.y(), b.y())))
