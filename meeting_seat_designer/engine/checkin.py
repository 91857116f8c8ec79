"""Check-in (签到): counts, the rolling list, and finding the person behind a phone number. Source: 3.1.6.4.8."""

from __future__ import annotations

from typing import NamedTuple

from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person


class Counts(NamedTuple):
    """应到, 实到, 未到, and how many have a seat."""

    expected: int
    present: int
    missing: int
    seated: int


class Arrival(NamedTuple):
    """One line of the rolling list."""

    at: str
    name: str
    unit: str
    code: str
    way: str


def counts(document: Document) -> Counts:
    """The numbers for the big screen; people who were cancelled do not count."""
    attending = {person.id for person in document.people if person.status == "attending"}
    present = len(attending & set(document.plan.checkins))
    seated = len(attending & set(document.plan.seats.values()))
    return Counts(len(attending), present, len(attending) - present, seated)


def arrivals(document: Document, limit: int = 50) -> list[Arrival]:
    """The latest arrivals first."""
    people = document.people_map()
    seats = {who: seat for seat, who in document.plan.seats.items()}
    codes = {seat.id: seat.code for _, seat in document.seats()}
    ordered = sorted(document.plan.checkins.items(), key=lambda item: (item[1].at, item[0]), reverse=True)
    lines: list[Arrival] = []
    for name, mark in ordered[:limit]:
        person = people.get(name)
        if person:
            code = codes.get(seats.get(name, ""), "")
            lines.append(Arrival(mark.at, person.name, person.unit, code, mark.way))
    return lines


def by_phone(document: Document, phone: str) -> list[Person]:
    """Attendees registered with this phone number (country code and separators do not matter)."""
    wanted = _digits(phone)
    if len(wanted) < 5:
        return []
    return [p for p in document.people if p.status == "attending" and _digits(p.phone) == wanted]


def _digits(phone: str) -> str:
    digits = "".join(character for character in phone if character.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
