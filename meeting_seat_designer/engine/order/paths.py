"""The seat path of a region: the order in which its seats are filled (编排路径). Source: 3.1.6.1.2."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.geometry import Point, left_hand
from meeting_seat_designer.engine.model.layout import (
    AISLE_POLICIES,
    EVEN_RULES,
    HONOUR_SIDES,
    ORDER_MODES,
    Region,
    Seat,
)
from meeting_seat_designer.engine.model.rules import RuleSet
from meeting_seat_designer.engine.order.centre import centre_out


class Setting(NamedTuple):
    """The resolved order settings of one region."""

    mode: str
    honour: str
    even: str
    aisles: str
    columns: str


def setting(region: Region, rules: RuleSet) -> Setting:
    """The region's settings with the rule set's where the region inherits; EditError on unknown values."""
    own = region.rules
    resolved = Setting(own.mode, own.honour or rules.honour, own.even or rules.even, own.aisles, own.columns)
    for value, known, what in (
        (resolved.mode, ORDER_MODES, "排座方式"),
        (resolved.honour, HONOUR_SIDES, "尊位"),
        (resolved.even, EVEN_RULES, "双数规则"),
        (resolved.aisles, AISLE_POLICIES, "过道策略"),
    ):
        if value not in known:
            raise EditError(f"区域“{region.name}”的{what}“{value}”未知，可用：{'、'.join(known)}")
    return resolved


def usable(region: Region) -> list[Seat]:
    """The seats that automatic arrangement fills: ordinary ones (wheelchair, buffer … are kept apart)."""
    return [seat for seat in region.seats if seat.kind == "normal"]


def toward(seats: list[Seat], region: Region, honour: str, mode: str = "honour") -> int:
    """+1 when number 2 of this line sits at the next higher `col`, -1 at the next lower.

    Honour sides are in the occupants' frame: facing the audience, the left hand is the plan's right.
    """
    if mode == "centre_right":
        return 1
    if mode == "centre_left":
        return -1
    middle = seats[len(seats) // 2]
    hand = left_hand(middle.angle - region.angle)
    axis = Point(0, 1) if middle.side in ("left", "right") or _upright(middle) else Point(1, 0)
    along = hand.x * axis.x + hand.y * axis.y
    sign = 1 if along >= 0 else -1
    return sign if honour == "left" else -sign


def _upright(seat: Seat) -> bool:
    return seat.side in ("guest", "host") and seat.row == 1 and round(seat.angle) % 180 == 90


def centre_line(seats: list[Seat], region: Region, conf: Setting, people: int) -> list[Seat]:
    """One line of seats centre-out under the settings, for this many people."""
    ordered = sorted(seats, key=lambda seat: seat.col)
    if not ordered:
        return []
    mode = conf.mode if conf.mode.startswith("centre_") else "honour"
    direction = toward(ordered, region, conf.honour, mode)
    taken = min(people, len(ordered))
    return [ordered[i] for i in centre_out(len(ordered), taken, direction, conf.even)]


def row_path(region: Region, conf: Setting, people: int) -> list[Seat]:
    """The path of a region made of rows, for this many people (parity counts people, not chairs)."""
    seats = usable(region)
    if conf.mode == "numbered":
        return sorted(seats, key=lambda seat: (seat.order or 10**6, seat.row, seat.col))
    blocks: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        blocks[seat.block].append(seat)
    if conf.aisles == "across" or len(blocks) < 2:
        return _fill(seats, region, conf, people)
    ordered = [blocks[key] for key in sorted(blocks)]
    if conf.aisles == "separate":
        if conf.mode in ("rows_rtl", "s_rows_right"):
            ordered.reverse()
        return _chain([(block, conf.mode) for block in ordered], region, conf, people)
    order = _block_order(len(ordered), toward(ordered[len(ordered) // 2], region, conf.honour, conf.mode))
    parts: list[tuple[list[Seat], str]] = []
    for index in order:
        mode = conf.mode
        if mode in ("honour", "centre_left", "centre_right"):
            mode = _outwards(index, len(ordered))
        parts.append((ordered[index], mode))
    if conf.aisles == "centre_first":
        return _chain(parts, region, conf, people)
    path: list[Seat] = []
    for row in sorted({seat.row for seat in seats}):
        cells = [([seat for seat in block if seat.row == row], mode) for block, mode in parts]
        path += _chain(cells, region, conf, people - len(path))
    return path


def _block_order(count: int, direction: int) -> list[int]:
    """Blocks from the centre outwards; of two middle blocks the honoured one first."""
    middle = (count - 1) / 2
    return sorted(range(count), key=lambda index: (abs(index - middle), -direction * (index - middle)))


def _outwards(index: int, count: int) -> str:
    """The mode of one block when the whole goes centre-out: side blocks are filled away from the centre."""
    middle = (count - 1) / 2
    if index == middle:
        return "honour"
    return "rows_ltr" if index > middle else "rows_rtl"


def _chain(parts: list[tuple[list[Seat], str]], region: Region, conf: Setting, people: int) -> list[Seat]:
    path: list[Seat] = []
    for seats, mode in parts:
        kept = conf.mode if mode == "honour" else mode
        path += _fill(seats, region, conf._replace(mode=kept), max(people - len(path), 0))
    return path


def _fill(seats: list[Seat], region: Region, conf: Setting, people: int) -> list[Seat]:
    """One block in the mode of the settings, aisles ignored."""
    mode = conf.mode
    if mode in ("cols_down", "cols_up", "s_cols_top", "s_cols_bottom"):
        columns: dict[int, list[Seat]] = defaultdict(list)
        for seat in seats:
            columns[seat.col].append(seat)
        path: list[Seat] = []
        for index, col in enumerate(column_order(sorted(columns), region, conf, seats)):
            line = sorted(columns[col], key=lambda seat: seat.row)
            upward = mode in ("cols_up", "s_cols_bottom")
            if mode.startswith("s_") and index % 2:
                upward = not upward
            path += reversed(line) if upward else line
        return path
    rows: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        rows[seat.row].append(seat)
    path = []
    for index, row in enumerate(sorted(rows)):
        line = sorted(rows[row], key=lambda seat: seat.col)
        if mode in ("honour", "centre_left", "centre_right"):
            path += centre_line(line, region, conf, max(people - len(path), 0))
            continue
        backward = mode in ("rows_rtl", "s_rows_right")
        if mode.startswith("s_") and index % 2:
            backward = not backward
        path += reversed(line) if backward else line
    return path


def column_order(columns: list[int], region: Region, conf: Setting, seats: list[Seat]) -> list[int]:
    """Columns from left, from right, or from the centre outwards, honoured side first."""
    if conf.columns == "rtl":
        return list(reversed(columns))
    if conf.columns == "centre" and columns:
        direction = toward(seats, region, conf.honour)
        return [columns[i] for i in centre_out(len(columns), len(columns), direction, conf.even)]
    return columns
