"""A measured row: where its parts stand, and what the mouse meets there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from widgets.theme import TextRole, Theme

from .rows import BubbleRow, Chip, SpanKind
from .text_block import TextBlock


class PartKind(StrEnum):
    """What a click or the mouse meets."""

    AVATAR = "avatar"
    AUTHOR = "author"
    TEXT = "text"
    LINK = "link"
    QUOTE = "quote"
    PICTURE = "picture"
    FILE = "file"
    ACTION = "action"
    MARK = "mark"
    RETRY = "retry"
    QUICK = "quick"
    CARD = "card"
    VOICE = "voice"
    CHIP = "chip"
    LINK_CARD = "link-card"


@dataclass(frozen=True, slots=True)
class Part:
    """One place that answers to the mouse; `data` is an address, an action's name or an id."""

    kind: PartKind
    rect: QRectF
    data: str = ""


@dataclass(slots=True)
class Line:
    """One line of text, elided to its room. `at` is the left end of its base line."""

    text: str
    at: QPointF
    role: TextRole
    color: str
    weight: int | None = None


@dataclass(slots=True)
class Laid:
    """A measured row: all rectangles are relative to its upper left corner."""

    row: BubbleRow
    width: int
    height: int = 0
    avatar: QRectF | None = None
    bubble: QRectF | None = None
    block: TextBlock | None = None
    block_at: QPointF = field(default_factory=QPointF)
    block_color: str = "text"
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    picture: QRectF | None = None
    icon: QRectF | None = None
    bar: QRectF | None = None
    quote_bar: QRectF | None = None
    waves: QRectF | None = None
    """The levels of a spoken message."""
    link: QRectF | None = None
    """The card of a page under a text,"""
    link_picture: QRectF | None = None
    """and its picture."""
    chips: list[tuple[QRectF, Chip]] = field(default_factory=list)
    state_icon: QRectF | None = None
    side: QPointF | None = None
    """Where the texts beside the bubble stand: its inner end at the bottom."""
    quick: list[Part] = field(default_factory=list)
    """Small buttons that are there only under the mouse."""
    rules: list[QRectF] = field(default_factory=list)

    def part_at(self, point: QPointF) -> Part | None:
        """What is under `point`."""
        for part in (*self.quick, *self.parts):
            if part.rect.contains(point):
                return part
        if self.block is not None:
            inner = point - self.block_at
            span = self.block.span_at(inner)
            if span is not None and span.kind is SpanKind.LINK:
                return Part(PartKind.LINK, QRectF(), span.target)
            if span is not None and span.target and span.target != "all":
                return Part(PartKind.AUTHOR, QRectF(), span.target)
            if self.bubble is not None and self.bubble.contains(point):
                return Part(PartKind.TEXT, QRectF())
        return None

    @property
    def focus_rect(self) -> QRectF:
        """Around what the keyboard's ring goes."""
        if self.bubble is not None:
            return self.bubble
        return QRectF(0, 0, self.width, self.height).adjusted(self.width * 0.2, 2, -self.width * 0.2, -2)


def metrics_of(theme: Theme, role: TextRole, weight: int | None = None) -> QFontMetricsF:
    """Measures of a role's font."""
    return QFontMetricsF(theme.font(role, weight))


def base(top: float, theme: Theme, role: TextRole, metrics: QFontMetricsF) -> float:
    """The base line of a text that stands in a line of its role's height from `top` on."""
    return top + (theme.line(role) - metrics.height()) / 2 + metrics.ascent()
