"""Where the boxes of a mind map stand: a tidy tree from left to right, no two boxes over one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSizeF


@dataclass(frozen=True)
class MindNode:
    """One box: its words, what lies below it, and a key that comes back when it is clicked."""

    text: str
    key: int = 0
    children: tuple[MindNode, ...] = ()


@dataclass(eq=False)
class Placed:
    """A box with its place; `path` are the child numbers from the root, its identity while texts repeat."""

    node: MindNode
    depth: int
    path: tuple[int, ...]
    rect: QRectF
    branch: int
    folded: bool
    parent: Placed | None = None
    children: list[Placed] = field(default_factory=list)

    @property
    def left_port(self) -> QPointF:
        return QPointF(self.rect.left(), self.rect.center().y())

    @property
    def right_port(self) -> QPointF:
        return QPointF(self.rect.right(), self.rect.center().y())


def place(
    root: MindNode,
    size: Callable[[MindNode, int], QSizeF],
    folded: set[tuple[int, ...]],
    *,
    gap_x: float,
    gap_y: float,
) -> list[Placed]:
    """All visible boxes; `size(node, depth)` measures one. Siblings are stacked, parents stand at their middle."""
    found: list[Placed] = []

    def walk(
        node: MindNode, depth: int, path: tuple[int, ...], left: float, top: float, branch: int
    ) -> tuple[Placed, float]:
        own = size(node, depth)
        hidden = path in folded and bool(node.children)
        placed = Placed(node, depth, path, QRectF(left, top, own.width(), own.height()), branch, hidden)
        found.append(placed)
        bottom = top
        if not hidden:
            for number, child in enumerate(node.children):
                made, bottom_of = walk(
                    child,
                    depth + 1,
                    (*path, number),
                    left + own.width() + gap_x,
                    bottom,
                    number if depth == 0 else branch,
                )
                made.parent = placed
                placed.children.append(made)
                bottom = bottom_of + gap_y
            if placed.children:
                bottom -= gap_y
        if not placed.children:
            return placed, top + own.height()
        middle = (placed.children[0].rect.center().y() + placed.children[-1].rect.center().y()) / 2
        placed.rect.moveTop(middle - own.height() / 2)
        if placed.rect.top() < top:
            _shift(placed, top - placed.rect.top())
            bottom += top - middle + own.height() / 2
        return placed, max(bottom, placed.rect.bottom())

    walk(root, 0, (), 0.0, 0.0, 0)
    return found


def _shift(placed: Placed, by: float) -> None:
    placed.rect.translate(0, by)
    for child in placed.children:
        _shift(child, by)
