"""How each seat is to look: the document's facts boiled down to what a painter needs, comparable by value."""

from __future__ import annotations

import math
from typing import NamedTuple

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.model.layout import Region, Seat

WIDEN = 1.6
"""How much wider than the chair its chip may be drawn, so that a name fits, where the next chair leaves room."""


class SeatLook(NamedTuple):
    """One seat as drawn: place in mm, size of its chip, texts, and the style that picks the colours."""

    id: str
    x: float
    y: float
    w: float
    h: float
    angle: float
    style: str
    text: str
    sub: str
    code: str
    mark: str
    warned: bool


def pitch(region: Region) -> float:
    """The smallest distance in mm between neighbours of a line; 0 when no line has two seats."""
    nearest = math.inf
    last: Seat | None = None
    for seat in region.seats:
        if last and (last.row, last.side, last.ring, last.table) == (
            seat.row,
            seat.side,
            seat.ring,
            seat.table,
        ):
            nearest = min(nearest, math.hypot(seat.x - last.x, seat.y - last.y))
        last = seat
    return 0 if nearest is math.inf else nearest


def chip_width(region: Region) -> float:
    """The factor by which the chips of a region are wider than its chairs."""
    gap = pitch(region)
    widest = max((seat.w for seat in region.seats), default=0)
    return min(WIDEN, max(1.0, gap * 0.96 / widest)) if gap and widest else 1.0


def region_looks(editing: Editing, region: Region, warned: frozenset[str]) -> list[SeatLook]:
    """The looks of a region's seats, in stored order."""
    plan, people = editing.document.plan, editing.people
    locked = set(plan.locks)
    pinned = {pin.seat for pin in plan.pins}
    wide = chip_width(region)
    stage = region.role == "rostrum"
    looks: list[SeatLook] = []
    for seat in region.seats:
        person = people.get(plan.seats.get(seat.id, ""))
        if seat.kind == "disabled":
            style = "off"
        elif person is not None and person.id in plan.checkins:
            style = "present"
        elif person is not None:
            style = "stage" if stage else "taken"
        else:
            style = seat.kind if seat.kind != "normal" else "stage-empty" if stage else "empty"
        mark = "special" if person is not None and seat.kind != "normal" else ""
        mark = "lock" if seat.id in locked else "pin" if seat.id in pinned else mark
        looks.append(
            SeatLook(
                seat.id,
                seat.x,
                seat.y,
                seat.w * wide,
                seat.h,
                seat.angle,
                style,
                person.label if person else "",
                person.unit if person else "",
                seat.code,
                mark,
                seat.id in warned,
            )
        )
    return looks
