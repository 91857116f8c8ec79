"""Lays out the richer contents of a bubble from (0, 0) on: voice, cards, page previews; and the chips under it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from .laid import Line, Part, PartKind, base, metrics_of
from .text_block import TextBlock

if TYPE_CHECKING:
    from .row_layout import Bubble

LONGEST_SECONDS = 60
DESCRIPTION_LINES = 2


def lay_voice(bubble: Bubble) -> tuple[float, float]:
    """A button, the levels, the length; below what was said, once it is written down."""
    row, theme, space, sizes = bubble.row, bubble.theme, bubble.theme.space, bubble.theme.sizes
    box = row.voice
    if box is None:
        return 2.0 * space.m, 2.0 * space.s
    metrics = metrics_of(theme, "secondary")
    length = metrics.horizontalAdvance(box.length)
    share = min(1.0, box.seconds / LONGEST_SECONDS)
    waves = sizes.voice_min + (sizes.voice_max - sizes.voice_min) * share
    across, icon = space.m, float(sizes.icon)
    used, down = bubble.quote(across, space.s, bubble.room - 2 * across)
    line = float(theme.line("body"))
    top = space.s + down
    bubble.laid.icon = QRectF(across, top + (line - icon) / 2, icon, icon)
    left = across + icon + space.s
    bubble.laid.waves = QRectF(left, top, waves, line)
    at = QPointF(left + waves + space.s, base(top, theme, "body", metrics))
    bubble.laid.lines.append(Line(box.length, at, "secondary", "text_2"))
    width = max(left + waves + space.s + length + across, used + 2 * across)
    bottom = top + line
    bubble.laid.parts.append(Part(PartKind.VOICE, QRectF(0, top - space.s, width, line + 2 * space.s)))
    if row.text or box.note:
        words = row.text or box.note
        block = TextBlock(
            words,
            theme.font("secondary"),
            theme.line("secondary"),
            max(width, bubble.room * 0.6) - 2 * across,
        )
        bubble.laid.block, bubble.laid.block_at = block, QPointF(across, bottom + space.xs)
        bubble.laid.block_color = "text" if row.text else "text_2"
        bottom += space.xs + block.height
        width = max(width, block.width + 2 * across)
    return math.ceil(width), math.ceil(bottom + space.s)


def lay_card(bubble: Bubble) -> tuple[float, float]:
    """An icon or a face, a title and lines; a rule and the foot below."""
    row, theme, space, sizes = bubble.row, bubble.theme, bubble.theme.space, bubble.theme.sizes
    box = row.card
    width = min(float(sizes.file_card), bubble.room)
    if box is None:
        return width, 2.0 * space.m
    inset, side = float(space.m), float(sizes.file_icon)
    top = inset + bubble.quote(inset, inset, width - 2 * inset)[1]
    start = top
    pictured = bool(box.icon or box.face)
    left = inset + (side + space.m if pictured else 0)
    room = width - left - inset
    title = metrics_of(theme, "body", 500)
    shown = title.elidedText(box.title, Qt.TextElideMode.ElideRight, room)
    bubble.laid.lines.append(Line(shown, QPointF(left, base(top, theme, "body", title)), "body", "text", 500))
    top += theme.line("body")
    small = metrics_of(theme, "caption")
    for line in box.lines:
        shown = small.elidedText(line, Qt.TextElideMode.ElideRight, room)
        at = QPointF(left, base(top, theme, "caption", small))
        bubble.laid.lines.append(Line(shown, at, "caption", "text_2"))
        top += theme.line("caption")
    if pictured:
        high = max(top - start, side)
        bubble.laid.icon = QRectF(inset, start + (max(top - start, side) - side) / 2, side, side)
        top = start + high
    top += space.s
    if box.foot:
        bubble.laid.bar = QRectF(inset, math.ceil(top), width - 2 * inset, 1)
        top += space.xs + 1
        at = QPointF(inset, base(top, theme, "caption", small))
        bubble.laid.lines.append(Line(box.foot, at, "caption", "text_2"))
        top += theme.line("caption") + space.xs
    else:
        top += space.xs
    bubble.laid.parts.append(Part(PartKind.CARD, QRectF(0, 0, width, top)))
    return width, math.ceil(top)


def lay_link(bubble: Bubble, left: float, top: float, width: float) -> float:
    """The card of a page below a text; returns its height."""
    box, theme, space, sizes = bubble.row.link, bubble.theme, bubble.theme.space, bubble.theme.sizes
    if box is None:
        return 0.0
    inset, side = float(space.s), float(sizes.link_picture)
    room = width - 2 * inset - space.xs
    pictured = bool(box.thumbnail)
    if pictured:
        room -= side + space.s
    at = left + inset + space.xs
    title, small = metrics_of(theme, "secondary", 600), metrics_of(theme, "caption")
    y = top + inset
    lines: list[tuple[str, str]] = []
    if box.site:
        lines.append((box.site, "text_2"))
    for text, color in lines:
        shown = small.elidedText(text, Qt.TextElideMode.ElideRight, room)
        bubble.laid.lines.append(Line(shown, QPointF(at, base(y, theme, "caption", small)), "caption", color))
        y += theme.line("caption")
    shown = title.elidedText(box.title, Qt.TextElideMode.ElideRight, room)
    bubble.laid.lines.append(
        Line(shown, QPointF(at, base(y, theme, "secondary", title)), "secondary", "text", 600)
    )
    y += theme.line("secondary")
    for text in _wrapped(box.description, small, room, DESCRIPTION_LINES):
        bubble.laid.lines.append(
            Line(text, QPointF(at, base(y, theme, "caption", small)), "caption", "text_2")
        )
        y += theme.line("caption")
    height = max(y - top, side + 2 * inset - inset if pictured else 0.0) + inset
    bubble.laid.link = QRectF(left, top, width, height)
    if pictured:
        bubble.laid.link_picture = QRectF(left + width - inset - side, top + (height - side) / 2, side, side)
    bubble.laid.parts.append(Part(PartKind.LINK_CARD, bubble.laid.link, box.url))
    return height


def _wrapped(text: str, metrics, room: float, most: int) -> list[str]:
    """At most `most` lines; the last one ends in dots where there is more."""
    words, made = " ".join(text.split()), list[str]()
    while words and len(made) < most:
        if len(made) == most - 1 or metrics.horizontalAdvance(words) <= room:
            made.append(metrics.elidedText(words, Qt.TextElideMode.ElideRight, room))
            break
        low, high = 1, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            if metrics.horizontalAdvance(words[:middle]) <= room:
                low = middle
            else:
                high = middle - 1
        made.append(words[:low])
        words = words[low:].lstrip()
    return made


def lay_chips(bubble: Bubble, left: float, bottom: float, width: float) -> float:
    """Emoji under the bubble in rows that wrap; returns where they end."""
    chips, theme, space = bubble.row.chips, bubble.theme, bubble.theme.space
    if not chips:
        return bottom
    metrics, high = metrics_of(theme, "caption"), float(theme.line("caption") + space.xs)
    emoji = metrics_of(theme, "secondary")
    room, gap = max(bubble.room, width), float(space.xs)
    rows: list[list[tuple[float, int]]] = [[]]
    used = 0.0
    for number, chip in enumerate(chips):
        text = metrics.horizontalAdvance(chip.label)
        long = min(room, emoji.horizontalAdvance(chip.emoji) + space.xs + text + 2 * space.s)
        if rows[-1] and used + gap + long > room:
            rows.append([])
            used = 0.0
        used += long + (gap if rows[-1] else 0.0)
        rows[-1].append((long, number))
    top = bottom + space.xs
    for row in rows:
        whole = sum(long for long, _ in row) + gap * (len(row) - 1)
        at = left + width - whole if bubble.row.own else left
        for long, number in row:
            spot = QRectF(at, top, long, high)
            bubble.laid.chips.append((spot, chips[number]))
            bubble.laid.parts.append(Part(PartKind.CHIP, spot, chips[number].emoji))
            at += long + gap
        top += high + gap
    return top - gap
