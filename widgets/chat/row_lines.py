"""Lays out the rows that nobody said: times, what happened, the line before what is new."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF

from widgets.theme import Theme

from .laid import Laid, Line, Part, PartKind, base, metrics_of
from .rows import RowKind
from .text_block import TextBlock


def lay_middle(laid: Laid, theme: Theme) -> None:
    """A line in the middle, with words to click after it."""
    row, space = laid.row, theme.space
    metrics = metrics_of(theme, "caption")
    tails = [(action, metrics.horizontalAdvance(action.label)) for action in row.actions]
    tail = sum(length + space.s for _, length in tails)
    room = max(80.0, min(laid.width - 2 * space.page, theme.sizes.bubble_text_max) - tail)
    block = TextBlock(row.text, theme.font("caption"), theme.line("caption"), room, centred=True)
    top = space.m if row.kind is not RowKind.DATE else space.l
    left = (laid.width - block.width - tail) / 2
    laid.block, laid.block_at, laid.block_color = block, QPointF(left, top), "text_2"
    left += block.width
    foot = top + block.height - theme.line("caption")
    for action, length in tails:
        left += space.s
        at = QPointF(left, top + block.base_line)
        laid.lines.append(Line(action.label, at, "caption", "brand_text"))
        spot = QRectF(left, foot, length, theme.line("caption")).adjusted(-6, -4, 6, 4)
        laid.parts.append(Part(PartKind.ACTION, spot, action.name))
        left += length
    laid.height = math.ceil(top + block.height + (space.xs if row.kind is not RowKind.DATE else 0))


def lay_unread(laid: Laid, theme: Theme) -> None:
    """Words between two rules."""
    space, metrics = theme.space, metrics_of(theme, "caption")
    length = metrics.horizontalAdvance(laid.row.text)
    line = theme.line("caption")
    middle = space.l + line / 2
    left = (laid.width - length) / 2
    laid.lines.append(
        Line(laid.row.text, QPointF(left, base(space.l, theme, "caption", metrics)), "caption", "brand_text")
    )
    for start, end in ((space.xxl, left - space.m), (left + length + space.m, laid.width - space.xxl)):
        if end > start:
            laid.rules.append(QRectF(start, round(middle), end - start, 1))
    laid.height = math.ceil(space.l + line)
