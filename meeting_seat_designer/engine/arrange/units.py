"""Seating by unit (按单位): contiguous runs along the rows, or blocks of columns with heads in row 1."""

from __future__ import annotations

from collections import defaultdict

from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.order.paths import Setting, column_order
from meeting_seat_designer.engine.order.sorting import Sorter

Lane = tuple[list[Seat], list[Person | None]]


def by_unit(people: list[Person], sorter: Sorter) -> list[list[Person]]:
    """People (already sorted) grouped by unit, units in department order, unlisted ones after by name."""
    groups: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        groups[person.unit].append(person)

    def place(unit: str) -> tuple[int, int, str]:
        index = sorter.department_index(unit)
        return (1, 0, unit) if index is None else (0, index, unit)

    return [groups[unit] for unit in sorted(groups, key=place)]


def unit_rows(path: list[Seat], units: list[list[Person]], gap: int, whole_rows: bool) -> Lane:
    """One contiguous run per unit along the path; gaps and whole rows only as far as seats are to spare."""
    spare = len(path) - sum(len(unit) for unit in units)
    lane: list[Person | None] = []
    for number, unit in enumerate(units):
        if number:
            padding = min(gap, spare)
            lane += [None] * padding
            spare -= padding
        if whole_rows:
            padding = _to_next_row(path, len(lane), len(unit))
            if padding <= spare:
                lane += [None] * padding
                spare -= padding
        lane += unit
    return path, lane


def _to_next_row(path: list[Seat], start: int, size: int) -> int:
    """Seats to leave empty so that a unit which fits into one row is not split over two; 0 when none."""
    if start >= len(path) or start + size > len(path):
        return 0
    line = (path[start].row, path[start].block)
    if all((seat.row, seat.block) == line for seat in path[start : start + size]):
        return 0
    rest = 0
    while start + rest < len(path) and (path[start + rest].row, path[start + rest].block) == line:
        rest += 1
    following = path[start + rest : start + rest + size]
    if len(following) < size or len({(seat.row, seat.block) for seat in following}) > 1:
        return 0
    return rest


def unit_columns(region: Region, conf: Setting, seats: list[Seat], units: list[list[Person]]) -> Lane:
    """A block of whole columns per unit, filled row by row so that heads sit in row 1 (竖排).

    Where whole columns do not suffice, the units run down the columns one after another without gaps.
    """
    columns: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        columns[seat.col].append(seat)
    order = column_order(sorted(columns), region, conf, seats)
    for column in columns.values():
        column.sort(key=lambda seat: seat.row)
    path: list[Seat] = []
    lane: list[Person | None] = []
    place = 0
    for unit in units:
        taken: list[Seat] = []
        while len(taken) < len(unit) and place < len(order):
            taken += columns[order[place]]
            place += 1
        if len(taken) < len(unit):
            packed = [seat for col in order for seat in columns[col]]
            return packed, [person for one in units for person in one]
        # Row by row within the block, so that the unit's first people share row 1.
        taken.sort(key=lambda seat: (seat.row, order.index(seat.col)))
        path += taken
        lane += [*unit, *([None] * (len(taken) - len(unit)))]
    path += [seat for col in order[place:] for seat in columns[col]]
    return path, lane
