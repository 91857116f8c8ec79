"""Building a region from its recipe: place, ids and codes; hand changes survive a rebuild."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meeting_seat_designer.engine.codes import encode
from meeting_seat_designer.engine.geometry import Point, rotate
from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.recipes import rows, tables
from meeting_seat_designer.engine.recipes.params import Values

_MAKERS: dict[str, Callable[[Values], rows.Made]] = {
    "grid": rows.grid,
    "blocks": rows.blocks,
    "arc": rows.arc,
    "rostrum": rows.rostrum,
    "photo": rows.photo,
    "u": tables.u_shape,
    "hollow": tables.hollow,
    "conference": tables.conference,
    "talks": tables.talks,
    "sofas": tables.sofas,
    "signing": tables.signing,
    "rounds": tables.rounds,
}

Key = tuple[Any, ...]


def seat_key(seat: Seat) -> Key:
    """The logical place of a seat in its region, by which a rebuild recognises it."""
    return (seat.ring, seat.side, seat.table, seat.row, seat.block, seat.col)


def build(region: Region) -> None:
    """Make the seats and tables of a region anew; seats changed by hand keep position, kind and code.

    Seats of the same logical place keep their id, so that people stay seated. EditError on bad parameters.
    """
    values = Values(region.recipe.kind, region.recipe.params)
    maker = _MAKERS.get(region.recipe.kind)
    if maker is None:
        return
    seats, tables_made = maker(values)
    origin = Point(region.x, region.y)
    old = {seat_key(seat): seat for seat in region.seats}
    used = {seat.id for seat in region.seats}
    kept: list[Seat] = []
    for seat in seats:
        at = rotate(Point(seat.x, seat.y), region.angle)
        seat.x, seat.y = round(at.x + origin.x, 1), round(at.y + origin.y, 1)
        seat.angle = (seat.angle + region.angle) % 360
        before = old.get(seat_key(seat))
        if before is None:
            seat.id = ""
            kept.append(seat)
            continue
        seat.id, seat.code, seat.order = before.id, before.code, before.order
        seat.locked, seat.group, seat.extra = before.locked, before.group, before.extra
        if before.kind != "normal":
            seat.kind = before.kind
        if before.hand:
            seat.x, seat.y, seat.angle = before.x, before.y, before.angle
            seat.w, seat.h, seat.hand = before.w, before.h, True
        kept.append(seat)
    number = 1
    for seat in kept:
        if seat.id:
            continue
        while f"{region.id}-{number}" in used:
            number += 1
        seat.id = f"{region.id}-{number}"
        used.add(seat.id)
    region.seats = kept
    for index, table in enumerate(tables_made, 1):
        at = rotate(Point(table.x, table.y), region.angle)
        table.x, table.y = round(at.x + origin.x, 1), round(at.y + origin.y, 1)
        table.angle = (table.angle + region.angle) % 360
        table.id = f"{region.id}-t{index}"
    region.tables = tables_made
    missing = [seat for seat in region.seats if not seat.code]
    if missing:
        codes = encode(region)
        taken = {seat.code for seat in region.seats if seat.code}
        for seat in missing:
            code, suffix = codes[seat.id], 2
            while code in taken:
                code, suffix = f"{codes[seat.id]}-{suffix}", suffix + 1
            seat.code = code
            taken.add(code)
