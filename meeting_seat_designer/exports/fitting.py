"""Fitting names into boxes: shrink, then break into lines, never clip."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import NamedTuple

from meeting_seat_designer.exports.fonts import Face, Type

LINE = 1.14
"""Distance of two baselines in ems."""
_SOFT = "·•‧・ -－—"


class Fitted(NamedTuple):
    """Lines and the em they fit at, in the units of the box."""

    lines: list[str]
    size: int


def fit(
    type_: Type, face: Face, text: str, width: float, height: float, largest: float, lines: int = 3
) -> Fitted:
    """The text as large as it goes (at most `largest`) inside width × height, on at most `lines` lines.

    One line is preferred unless breaking makes the text at least a fifth larger.
    """
    clean = " ".join(text.split())
    if not clean or width <= 0 or height <= 0:
        return Fitted([], 1)
    best = Fitted([clean], _size(type_, face, [clean], width, height, largest))
    for count in range(2, lines + 1):
        if best.size >= largest * 0.999 or len(clean) < count + 1:
            break
        broken = _broken(type_, face, clean, count)
        size = _size(type_, face, broken, width, height, largest)
        if size > best.size * 1.2:
            best = Fitted(broken, size)
    return best


def _size(type_: Type, face: Face, lines: list[str], width: float, height: float, largest: float) -> int:
    widest = max(type_.width(face, line) for line in lines)
    tall = 1 + (len(lines) - 1) * LINE
    return max(1, int(min(largest, width / max(widest, 0.01), height / tall)))


def _broken(type_: Type, face: Face, text: str, count: int) -> list[str]:
    """The text on `count` lines as even as possible; after a separator or at a blank where that is nearly as good."""
    soft = [i + 1 for i, character in enumerate(text[:-1]) if character in _SOFT]
    places = soft if len(soft) >= count - 1 else list(range(1, len(text)))
    if len(places) > 24:
        step = len(places) / 24
        places = sorted({places[int(i * step)] for i in range(24)})
    best: list[str] = [text]
    narrowest = float("inf")
    for cuts in combinations(places, count - 1):
        edges = [0, *cuts, len(text)]
        parts = [text[a:b].strip() for a, b in pairwise(edges)]
        if not all(parts):
            continue
        widest = max(type_.width(face, part) for part in parts)
        if widest < narrowest:
            best, narrowest = parts, widest
    return best
