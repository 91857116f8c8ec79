"""Whose cards are printed and in which order: walking, by unit, by rank. Source: 3.1.6.4.6."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import NamedTuple

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.order.sorting import Sorter

ORDERS = {"walk": "按摆放路线", "unit": "按单位", "rank": "按职级"}


class CardItem(NamedTuple):
    """One card: the person's id, name, unit and seat code."""

    person: str
    name: str
    unit: str
    code: str


def card_items(document: Document, order: str = "walk") -> list[CardItem]:
    """The cards of all seated people; EditError for an unknown order."""
    if order not in ORDERS:
        raise EditError(f"未知的打印顺序“{order}”，可用：{'、'.join(ORDERS)}")
    people = document.people_map()
    plan = document.plan.seats
    walked = [
        (people[plan[seat.id]], seat)
        for region in document.current().regions
        for seat in walk(region)
        if plan.get(seat.id, "") in people
    ]
    if order != "walk":
        sorter = Sorter(document.rules, document.ranks)
        walked.sort(key=lambda pair: sorter.key(pair[0]))
        if order == "unit":
            listed = {unit: i for i, unit in enumerate(dict.fromkeys(person.unit for person, _ in walked))}

            def unit_place(unit: str) -> tuple[int, int]:
                index = sorter.department_index(unit)
                return (1, listed[unit]) if index is None else (0, index)

            walked.sort(key=lambda pair: unit_place(pair[0].unit))
    return [CardItem(person.id, person.label, person.unit, seat.code) for person, seat in walked]


def walk(region: Region) -> list[Seat]:
    """The seats as one who lays the cards passes them: rows to and fro, round a table clockwise, table by table."""
    tables: dict[int, list[Seat]] = defaultdict(list)
    for seat in region.seats:
        tables[seat.table].append(seat)
    if any(tables):
        return [
            seat for number in sorted(tables) for seat in sorted(tables[number], key=lambda s: (s.row, s.col))
        ]
    if any(seat.side for seat in region.seats):
        return _round(region)
    rows: dict[int, list[Seat]] = defaultdict(list)
    for seat in region.seats:
        rows[seat.row].append(seat)
    path: list[Seat] = []
    for index, row in enumerate(sorted(rows)):
        line = sorted(rows[row], key=lambda seat: (seat.col, seat.id))
        path += reversed(line) if index % 2 else line
    return path


def _round(region: Region) -> list[Seat]:
    """Ring by ring clockwise from the left end of the head side, as seen on the plan."""
    x = sum(seat.x for seat in region.seats) / len(region.seats)
    y = sum(seat.y for seat in region.seats) / len(region.seats)
    path: list[Seat] = []
    for ring in sorted({seat.ring for seat in region.seats}):
        seats = [seat for seat in region.seats if seat.ring == ring]

        def turn(seat: Seat) -> float:
            return math.atan2(seat.y - y, seat.x - x) % (2 * math.pi)

        head = [seat for seat in seats if seat.side in ("head", "far")] or seats
        start = turn(min(head, key=lambda seat: (seat.x, seat.y)))
        path += sorted(seats, key=lambda seat: (round((turn(seat) - start) % (2 * math.pi), 9), seat.id))
    return path
