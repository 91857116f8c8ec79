"""How much larger than the chairs the seats can be drawn, so that names are as large as the room allows."""

from __future__ import annotations

from collections import defaultdict

from meeting_seat_designer.engine.geometry import Box

_FACTORS = (1.3, 1.24, 1.18, 1.14, 1.1, 1.06)
_GAP = 1.03
_Flat = tuple[float, float, float, float]


def growth(seats: list[Box], tables: list[Box]) -> float:
    """The largest factor (1 to 1.3) at which the seats touch neither each other nor a table; 1 for tilted ones."""
    if not seats or any(box.angle % 90 for box in seats):
        return 1.0
    flat = [_flat(box) for box in seats]
    pairs = _neighbours(flat)
    desks = [_flat(box) for box in tables if not box.angle % 90]
    covers = [(seat, desk) for desk in desks for seat in flat if _overlap(seat, desk, _FACTORS[0])]
    for factor in _FACTORS:
        if any(_overlap(a, b, factor * _GAP, factor * _GAP) for a, b in pairs):
            continue
        if not any(_overlap(seat, desk, factor) for seat, desk in covers):
            return factor
    return 1.0


def _neighbours(flat: list[_Flat]) -> list[tuple[_Flat, _Flat]]:
    """Pairs of seats near enough to touch when grown."""
    cell = max(max(w, h) for _, _, w, h in flat) * _FACTORS[0] * _GAP
    near: dict[tuple[int, int], list[_Flat]] = defaultdict(list)
    for seat in flat:
        near[int(seat[0] // cell), int(seat[1] // cell)].append(seat)
    pairs: list[tuple[_Flat, _Flat]] = []
    for (cx, cy), members in near.items():
        for index, seat in enumerate(members):
            pairs += [(seat, other) for other in members[index + 1 :]]
            for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
                pairs += [(seat, other) for other in near.get((cx + dx, cy + dy), ())]
    return pairs


def _flat(box: Box) -> _Flat:
    return (box.x, box.y, box.h, box.w) if box.angle % 180 else (box.x, box.y, box.w, box.h)


def _overlap(a: _Flat, b: _Flat, first: float, second: float = 1.0) -> bool:
    return (
        abs(a[0] - b[0]) < (a[2] * first + b[2] * second) / 2
        and abs(a[1] - b[1]) < (a[3] * first + b[3] * second) / 2
    )
