"""Nearness of seats: neighbours, rows, doors."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from meeting_seat_designer.engine.model.layout import Fixture, Seat

APART_MM = 1350.0


def line_key(seat: Seat) -> tuple[Any, ...]:
    """Seats with the same key stand in one unbroken line."""
    return (seat.ring, seat.side, seat.table, seat.row, seat.block)


def are_neighbours(first: Seat, second: Seat) -> bool:
    """Side by side in one line, or within 1.35 m (front, back, diagonal)."""
    if line_key(first) == line_key(second) and abs(first.col - second.col) == 1:
        return True
    return math.hypot(first.x - second.x, first.y - second.y) <= APART_MM


def lines(seats: Iterable[Seat]) -> list[list[Seat]]:
    """Seats in unbroken lines, each sorted by `col`; a missing column breaks a line."""
    grouped: dict[tuple[Any, ...], list[Seat]] = defaultdict(list)
    for seat in seats:
        grouped[line_key(seat)].append(seat)
    result: list[list[Seat]] = []
    for key in sorted(grouped):
        run: list[Seat] = []
        for seat in sorted(grouped[key], key=lambda item: item.col):
            if run and seat.col != run[-1].col + 1:
                result.append(run)
                run = []
            run.append(seat)
        result.append(run)
    return result


def door_distance(seat: Seat, doors: Iterable[Fixture]) -> float:
    """Distance in mm to the nearest door; infinite without doors."""
    return min((math.hypot(seat.x - door.x, seat.y - door.y) for door in doors), default=math.inf)
