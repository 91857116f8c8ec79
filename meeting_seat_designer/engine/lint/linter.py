"""All warnings of a document, the most serious first. Source: 3.1.6.4 (座位预警)."""

from __future__ import annotations

from meeting_seat_designer.engine.lint import order, people, seats
from meeting_seat_designer.engine.lint.warning import SeatWarning
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.order.sorting import Sorter

_LEVELS = {"error": 0, "warning": 1, "note": 2}


def lint(document: Document, sorter: Sorter | None = None) -> list[SeatWarning]:
    """Every warning, in a stable order; each has a fix that is a command ready for the history."""
    rank = sorter or Sorter(document.rules, document.ranks)
    found: list[SeatWarning] = [
        *seats.codes(document),
        *seats.seated_twice(document),
        *seats.pins(document, rank),
        *seats.capacity(document),
        *seats.collisions(document),
        *people.unknown_ranks(document, rank),
        *people.same_names(document),
        *people.phones(document),
        *people.bookings(document),
        *people.waiting(document, rank),
        *order.first_places(document, rank),
        *order.inversions(document, rank),
        *order.units(document, rank),
        *order.groups(document, rank),
        *order.needs(document, rank),
        *order.publication(document),
    ]
    return sorted(found, key=lambda warning: _LEVELS[warning.level])
