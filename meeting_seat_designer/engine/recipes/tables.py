"""Recipes of tables: U, hollow square (回形), conference, talks (会谈), sofas (会见), signing (签字), rounds (圆桌).

`side` of a seat is head, left, right, bottom (as drawn), far, near, guest, host; `ring` 2 and up is 列席.
"""

from __future__ import annotations

from meeting_seat_designer.engine.geometry import Point, rotate
from meeting_seat_designer.engine.model.layout import Seat, Table
from meeting_seat_designer.engine.recipes.params import Values
from meeting_seat_designer.engine.recipes.rows import Made

_GAP = 60.0


def _line(
    count: int, centre: Point, step: Point, size: tuple[float, float], angle: float, side: str, ring: int = 1
) -> list[Seat]:
    """Seats in a straight line round a centre; `col` counts along the step."""
    seats: list[Seat] = []
    for index in range(count):
        offset = index - (count - 1) / 2
        seats.append(
            Seat(
                id="",
                x=centre.x + step.x * offset,
                y=centre.y + step.y * offset,
                w=size[0],
                h=size[1],
                angle=angle,
                col=index + 1,
                side=side,
                ring=ring,
            )
        )
    return seats


def _around(
    head: int,
    side: int,
    bottom: int,
    rings: int,
    inner: tuple[float, float],
    pitch: float,
    size: tuple[float, float],
) -> list[Seat]:
    """Seats round a rectangle of the given size whose top left edge centre is at (0, 0)."""
    width, depth = inner
    seats: list[Seat] = []
    for ring in range(1, rings + 1):
        out = _GAP + size[1] / 2 + (ring - 1) * (size[1] + 500)
        extra = 2 * (ring - 1) * bool(head and side)
        seats += _line(head + extra * bool(head), Point(0, -out), Point(pitch, 0), size, 180, "head", ring)
        seats += _line(side, Point(-width / 2 - out, depth / 2), Point(0, pitch), size, 90, "left", ring)
        seats += _line(side, Point(width / 2 + out, depth / 2), Point(0, pitch), size, 270, "right", ring)
        seats += _line(
            bottom + extra * bool(bottom), Point(0, depth + out), Point(pitch, 0), size, 0, "bottom", ring
        )
    return seats


def hollow(values: Values) -> Made:
    """A ring of tables with an empty middle; the head is the top side, facing the door (回形)."""
    pitch, deep = values.number("pitch_x"), values.number("table")
    size = (values.number("seat_w"), values.number("seat_h"))
    head, side, bottom = values.count("head"), values.count("side"), values.count("bottom")
    width = max(head, bottom) * pitch
    depth = side * pitch + 2 * deep
    seats = _around(head, side, bottom, values.count("rings"), (width, depth), pitch, size)
    tables = [
        Table(id="", x=0, y=deep / 2, w=width, h=deep),
        Table(id="", x=0, y=depth - deep / 2, w=width, h=deep),
        Table(id="", x=-width / 2 + deep / 2, y=depth / 2, w=deep, h=depth - 2 * deep),
        Table(id="", x=width / 2 - deep / 2, y=depth / 2, w=deep, h=depth - 2 * deep),
    ]
    return seats, [table for table in tables if table.h > 0]


def u_shape(values: Values) -> Made:
    """Tables on three sides, open towards the door; the head is the top side (U 形)."""
    pitch, deep = values.number("pitch_x"), values.number("table")
    size = (values.number("seat_w"), values.number("seat_h"))
    head, side = values.count("head"), values.count("side")
    width = max(head, 4) * pitch
    depth = side * pitch + deep
    seats = _around(head, side, 0, values.count("rings"), (width, depth), pitch, size)
    for seat in seats:
        if seat.side in ("left", "right"):
            seat.y += deep / 2
    tables = [Table(id="", x=0, y=deep / 2, w=width, h=deep)]
    if side:
        tables.append(Table(id="", x=-width / 2 + deep / 2, y=(depth + deep) / 2, w=deep, h=depth - deep))
        tables.append(Table(id="", x=width / 2 - deep / 2, y=(depth + deep) / 2, w=deep, h=depth - deep))
    return seats, tables


def conference(values: Values) -> Made:
    """One long table upright in the plan: head at the top, both sides, bottom (会议桌)."""
    pitch = values.number("pitch_x")
    size = (values.number("seat_w"), values.number("seat_h"))
    width, depth = values.number("table_w"), values.count("side") * pitch + 300
    seats = _around(
        values.count("head"), values.count("side"), values.count("bottom"), 1, (width, depth), pitch, size
    )
    return seats, [Table(id="", x=0, y=depth / 2, w=width, h=depth)]


def talks(values: Values) -> Made:
    """Two sides of one table. Long side to the door: far side (guests) faces it; end to the door: guests right."""
    pitch, deep = values.number("pitch_x"), values.number("table_w")
    size = (values.number("seat_w"), values.number("seat_h"))
    count, observers = values.count("seats"), values.count("observers")
    length = count * pitch + 400
    out = _GAP + size[1] / 2
    seats: list[Seat] = []
    for ring, number in ((1, count), (2, observers)):
        away = out + (ring - 1) * (size[1] + 500)
        if values.text("door") == "long":
            seats += _line(number, Point(0, -away), Point(pitch, 0), size, 180, "far", ring)
            seats += _line(number, Point(0, deep + away), Point(pitch, 0), size, 0, "near", ring)
        else:
            middle = length / 2
            seats += _line(number, Point(deep / 2 + away, middle), Point(0, pitch), size, 270, "guest", ring)
            seats += _line(number, Point(-deep / 2 - away, middle), Point(0, pitch), size, 90, "host", ring)
    if values.text("door") == "long":
        return seats, [Table(id="", x=0, y=deep / 2, w=length, h=deep)]
    return seats, [Table(id="", x=0, y=length / 2, w=deep, h=length)]


def sofas(values: Values) -> Made:
    """Host and guest of honour side by side facing the door, the others down each side (会见).

    The guest sits at the host's right, which is the plan's left. Interpreters sit behind the two or outside.
    """
    pitch, spread = values.number("pitch_x"), values.number("spread")
    size = (values.number("seat_w"), values.number("seat_h"))
    seats: list[Seat] = []
    for side, sign in (("guest", -1), ("host", 1)):
        x = sign * pitch / 2
        seats.append(Seat(id="", x=x, y=0, w=size[0], h=size[1], angle=180, side=side, col=1))
        for index in range(values.count("side")):
            seats.append(
                Seat(
                    id="",
                    x=sign * spread / 2,
                    y=1000 + index * pitch,
                    w=size[0],
                    h=size[1],
                    angle=90 if sign < 0 else 270,
                    side=side,
                    col=index + 2,
                )
            )
    for index in range(values.count("interpreters")):
        sign = -1 if index % 2 == 0 else 1
        outward = index // 2
        x, y = sign * (pitch / 2 + outward * 700), -size[1] / 2 - 500
        if values.text("interpreter_side") == "outer":
            x, y = sign * (pitch * 1.5 + outward * 700), -size[1] / 2 + 250
        seats.append(
            Seat(
                id="",
                x=x,
                y=y,
                w=500,
                h=480,
                angle=180,
                side="guest" if sign < 0 else "host",
                ring=2,
                col=outward + 1,
                kind="interpreter",
            )
        )
    return seats, [Table(id="", x=0, y=900, w=500, h=500)]


def signing(values: Values) -> Made:
    """Signing table: host at the left hand, guest at the host's right, attendants standing behind (签字)."""
    pitch, rows = values.number("pitch_x"), values.count("rows")
    w, h = values.number("seat_w"), values.number("seat_h")
    front = rows * values.number("pitch_y") + h
    seats: list[Seat] = []
    for side, sign in (("guest", -1), ("host", 1)):
        seats.append(Seat(id="", x=sign * 800, y=front, w=w, h=h, angle=180, side=side, col=1))
        for row in range(1, rows + 1):
            for index in range(values.count("attendants")):
                x = sign * (index + 0.5) * pitch
                y = front - row * values.number("pitch_y")
                seats.append(
                    Seat(id="", x=x, y=y, w=w, h=h, angle=180, side=side, row=row + 1, col=index + 1)
                )
    return seats, [Table(id="", x=0, y=front + h / 2 + 340, w=3200, h=600)]


def rounds(values: Values) -> Made:
    """Round tables in rows from the stage; seat 1 of each faces the door, numbers go clockwise (圆桌)."""
    per, across = values.count("seats"), values.count("across")
    radius = values.number("diameter") / 2
    w, h = values.number("seat_w"), values.number("seat_h")
    seats: list[Seat] = []
    tables: list[Table] = []
    total = values.count("tables")
    for index in range(total):
        line, place = divmod(index, across)
        in_line = min(across, total - line * across)
        x = _centre_first(in_line)[place] * values.number("pitch_x")
        y = line * values.number("pitch_y") + radius + h + _GAP
        number = index + 1
        tables.append(Table(id="", shape="round", x=x, y=y, w=2 * radius, h=2 * radius, label=f"{number}"))
        for seat in range(per):
            turn = seat * 360 / per
            at = rotate(Point(0, -(radius + _GAP + h / 2)), turn)
            seats.append(
                Seat(
                    id="",
                    x=round(x + at.x, 1),
                    y=round(y + at.y, 1),
                    w=w,
                    h=h,
                    angle=round((turn + 180) % 360, 2),
                    row=line + 1,
                    col=seat + 1,
                    table=number,
                )
            )
    return seats, tables


def _centre_first(count: int) -> list[float]:
    """Offsets of tables in one line, the middle first, then right and left in turn."""
    offsets = [i - (count - 1) / 2 for i in range(count)]
    return sorted(offsets, key=lambda offset: (abs(offset), -offset))
