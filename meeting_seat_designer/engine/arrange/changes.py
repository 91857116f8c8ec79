"""Differences between plans: who moves, who is new, who is gone. Source: 3.1.6.4.1, 3.1.6.4.4."""

from __future__ import annotations

from typing import NamedTuple

from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Seat


class Change(NamedTuple):
    """One person's change between two plans; an empty seat id means not seated."""

    person: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """moved, seated or unseated."""
        if not self.before:
            return "seated"
        return "moved" if self.after else "unseated"


def changes(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    """People whose seat differs between two assignments (seat → person), sorted by person id."""
    old = {person: seat for seat, person in before.items()}
    new = {person: seat for seat, person in after.items()}
    people = sorted(set(old) | set(new))
    return [Change(p, old.get(p, ""), new.get(p, "")) for p in people if old.get(p, "") != new.get(p, "")]


def describe(change: Change, before: Document, after: Document) -> str:
    """One change in words a clerk understands."""
    people = {**before.people_map(), **after.people_map()}
    person = people.get(change.person)
    name = (
        f"{person.name}（{person.unit}）"
        if person and person.unit
        else person.name
        if person
        else change.person
    )
    old = before.seat_map().get(change.before)
    new = after.seat_map().get(change.after)
    old_code = old[1].code if old else change.before
    new_code = new[1].code if new else change.after
    if change.kind == "moved":
        return f"{name}：{old_code} → {new_code}"
    return f"{name}：安排到 {new_code}" if change.kind == "seated" else f"{name}：离开 {old_code}"


class Shifted(NamedTuple):
    """The outcome of a shift along the path: seat → person for the part shifted, and who fell off the end."""

    seats: dict[str, str]
    emptied: list[str]
    overflow: list[str]


def shift_contents(
    path: list[Seat], start: str, places: int, seats: dict[str, str], closed: set[str]
) -> Shifted:
    """Move everyone from `start` on by `places` seats along the path (按顺序后移); locked seats are passed over.

    Empty seats between people move along as gaps; trailing gaps are dropped before anyone overflows.
    """
    open_seats = [seat.id for seat in path if seat.id not in closed]
    if start not in open_seats or places <= 0:
        return Shifted({}, [], [])
    tail = open_seats[open_seats.index(start) :]
    contents = [seats.get(seat, "") for seat in tail]
    while contents and not contents[-1]:
        contents.pop()
    moved = [""] * places + contents
    result = {seat: person for seat, person in zip(tail, moved, strict=False) if person}
    emptied = [seat for seat in tail if seat in seats and seat not in result]
    return Shifted(result, emptied, [person for person in moved[len(tail) :] if person])
