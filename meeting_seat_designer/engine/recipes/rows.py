"""Recipes of rows: grid, blocks with aisles, arc, rostrum and photo rows; local origin = top centre."""

from __future__ import annotations

import math

from meeting_seat_designer.engine.geometry import Point, rotate
from meeting_seat_designer.engine.model.layout import Seat, Table
from meeting_seat_designer.engine.recipes.params import Values

Made = tuple[list[Seat], list[Table]]


def grid(values: Values) -> Made:
    """Rows of equal length, with a desk before each row where wanted (课桌式)."""
    rows, cols = values.count("rows"), values.count("cols")
    pitch_x, pitch_y = values.number("pitch_x"), values.number("pitch_y")
    w, h = values.number("seat_w"), values.number("seat_h")
    desk = 400.0 if values.flag("desk") else 0.0
    seats: list[Seat] = []
    tables: list[Table] = []
    for row in range(rows):
        shift = pitch_x / 2 if values.flag("stagger") and row % 2 else 0
        y = desk + 40 * bool(desk) + row * pitch_y + h / 2
        for col in range(cols):
            x = (col - (cols - 1) / 2) * pitch_x + shift
            seats.append(Seat(id="", x=x, y=y, w=w, h=h, row=row + 1, col=col + 1))
        if desk:
            tables.append(Table(id="", x=shift, y=y - h / 2 - 40 - desk / 2, w=cols * pitch_x - 60, h=desk))
    return seats, tables


def blocks(values: Values) -> Made:
    """Blocks side by side with aisles between (剧院式); columns are numbered through."""
    sizes = values.counts("blocks")
    aisle, pitch_x, pitch_y = values.number("aisle"), values.number("pitch_x"), values.number("pitch_y")
    w, h = values.number("seat_w"), values.number("seat_h")
    cross = set(values.counts("cross"))
    width = sum(sizes) * pitch_x + (len(sizes) - 1) * aisle
    seats: list[Seat] = []
    y = h / 2
    for row in range(1, values.count("rows") + 1):
        x = -width / 2 + pitch_x / 2
        col = 1
        for block, size in enumerate(sizes, 1):
            for _ in range(size):
                seats.append(Seat(id="", x=x, y=y, w=w, h=h, row=row, col=col, block=block))
                x += pitch_x
                col += 1
            x += aisle
        y += pitch_y + (values.number("cross_width") if row in cross else 0)
    return seats, []


def arc(values: Values) -> Made:
    """Rows on circles round a point above the region; every seat faces that point (弧形)."""
    pitch_x, pitch_y = values.number("pitch_x"), values.number("pitch_y")
    w, h = values.number("seat_w"), values.number("seat_h")
    parts, aisle = values.count("blocks"), values.number("aisle")
    first = values.number("radius")
    seats: list[Seat] = []
    for row in range(1, values.count("rows") + 1):
        radius = first + (row - 1) * pitch_y
        count = values.count("cols") + (row - 1) * values.count("grow")
        sizes = [count // parts + (1 if i < count % parts else 0) for i in range(parts)]
        if parts == 3:
            middle = count - 2 * (count // 3)
            sizes = [count // 3, middle, count // 3]
        length = count * pitch_x + (parts - 1) * aisle
        if length > radius * math.radians(300):
            raise_too_long(row)
        along = -length / 2 + pitch_x / 2
        col = 1
        for block, size in enumerate(sizes, 1):
            for _ in range(size):
                angle = math.degrees(along / radius)
                at = rotate(Point(0, radius), -angle)
                seats.append(
                    Seat(
                        id="",
                        x=round(at.x, 1),
                        y=round(at.y - first + h / 2, 1),
                        w=w,
                        h=h,
                        angle=round(-angle, 2),
                        row=row,
                        col=col,
                        block=block,
                    )
                )
                along += pitch_x
                col += 1
            along += aisle
    return seats, []


def raise_too_long(row: int) -> None:
    """Refuse an arc whose row would close on itself."""
    from meeting_seat_designer.engine.errors import EditError

    raise EditError(f"弧形第 {row} 排过长：请增大半径或减少座位")


def rostrum(values: Values) -> Made:
    """Rows facing the audience; row 1 is the front row, nearest to the audience (主席台)."""
    counts = values.counts("rows")
    pitch_x, pitch_y = values.number("pitch_x"), values.number("pitch_y")
    w, h = values.number("seat_w"), values.number("seat_h")
    split, gap = values.count("aisle_after"), values.number("aisle")
    seats: list[Seat] = []
    tables: list[Table] = []
    for row, count in enumerate(counts, 1):
        y = (len(counts) - row) * pitch_y + h / 2
        divided = row == 1 and 0 < split < count
        for col in range(1, count + 1):
            x = (col - (count + 1) / 2) * pitch_x
            block = 1
            if divided:
                x += gap / 2 if col > split else -gap / 2
                block = 2 if col > split else 1
            seats.append(Seat(id="", x=x, y=y, w=w, h=h, angle=180, row=row, col=col, block=block))
        width = count * pitch_x + (gap if divided else 0)
        tables.append(Table(id="", x=0, y=y + h / 2 + 40 + 250, w=width, h=500))
    return seats, tables


def photo(values: Values) -> Made:
    """Standing rows facing the camera below; row 1 is the front row (合影)."""
    counts = values.counts("rows")
    pitch_x, pitch_y = values.number("pitch_x"), values.number("pitch_y")
    w, h = values.number("seat_w"), values.number("seat_h")
    seats: list[Seat] = []
    for row, count in enumerate(counts, 1):
        y = (len(counts) - row) * pitch_y + h / 2
        for col in range(1, count + 1):
            x = (col - (count + 1) / 2) * pitch_x
            seats.append(Seat(id="", x=x, y=y, w=w, h=h, angle=180, row=row, col=col))
    return seats, []
