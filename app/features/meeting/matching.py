"""Joins names of a spreadsheet with people of the directory, so that they are reached in the chat (3.1.6.3.1, 3.1.6.4.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.shell.org_picker import OrgSource
from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.people import SetPerson
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from server_stub.contract.directory import Person as Card

from .pickers import attendee

_AT_ONCE = 6
_FOUND = 50


@dataclass
class Matched:
    """What was found: the edit (None when nothing), how many, and the names that stay open."""

    edit: Command | None = None
    count: int = 0
    unclear: list[str] = field(default_factory=list)
    """Several people of that name fit."""
    unknown: list[str] = field(default_factory=list)

    def words(self) -> str:
        """For the clerk."""
        parts = [f"已与通讯录对应 {self.count} 人"]
        for names, what in ((self.unclear, "有同名人员，请在人员信息中核对"), (self.unknown, "通讯录中没有")):
            if names:
                shown = "、".join(names[:3]) + (f" 等 {len(names)} 人" if len(names) > 3 else "")
                parts.append(f"{shown}{what}")
        return "；".join(parts)


def unmatched(document: Document) -> list[Person]:
    """Attendees who are not outsiders and not joined with anybody of the directory yet."""
    return [
        one
        for one in document.people
        if one.status == "attending" and not one.external and not one.user_id and one.notify != "paper"
    ]


async def match(source: OrgSource, document: Document) -> Matched:
    """Look each open name up. A person fits by name and phone, else by name and unit, else by a name that is unique."""
    people = unmatched(document)
    turn = asyncio.Semaphore(_AT_ONCE)

    async def cards(name: str) -> list[Card]:
        async with turn:
            return [one for one in (await source.search(name, _FOUND)).people if one.name == name]

    names = list(dict.fromkeys(one.name for one in people))
    found = dict(zip(names, await asyncio.gather(*(cards(name) for name in names)), strict=True))
    taken = {one.user_id for one in document.people if one.user_id}
    result = Matched()
    commands: list[Command] = []
    for person in people:
        fitting = choose(person, [card for card in found[person.name] if card.id not in taken])
        if len(fitting) == 1:
            taken.add(fitting[0].id)
            commands.append(SetPerson(person.id, **_fields(person, fitting[0])))
        else:
            (result.unclear if fitting else result.unknown).append(person.name)
    result.count = len(commands)
    result.edit = Batch("与通讯录对应", commands) if commands else None
    return result


def choose(person: Person, cards: Sequence[Card]) -> list[Card]:
    """Those of the same name whom the person may be."""
    phone = _digits(person.phone)
    by_phone = [card for card in cards if phone and _digits(card.phone) == phone]
    if by_phone:
        return by_phone
    # A number that the clerk may see and that differs is somebody else's.
    cards = [card for card in cards if not (phone and card.phone)]
    if person.unit:
        by_unit = [card for card in cards if any(_same_unit(person.unit, post) for post in card.posts)]
        if by_unit:
            return by_unit
        # Another unit: the name alone is no proof.
        return []
    return list(cards)


def _same_unit(unit: str, post: Any) -> bool:
    path = [part for part in post.unit_path.split(" / ") if part]
    return unit in path or unit == post.unit_name


def _fields(person: Person, card: Card) -> dict[str, Any]:
    """What the directory adds; what the list says stays."""
    known = attendee(card)
    fields: dict[str, Any] = {"user_id": card.id, "notify": "chat"}
    for name in ("unit", "post", "rank", "phone"):
        if not getattr(person, name) and getattr(known, name):
            fields[name] = getattr(known, name)
    return fields


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())[-11:]
