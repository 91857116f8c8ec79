"""Seating documents for the server's tests, made with the real designer."""

from __future__ import annotations

from typing import Any

import msgspec

from meeting_seat_designer.engine.codec import to_plain
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.templates import template


def plain(document: Document) -> dict[str, Any]:
    """The document as JSON values, as a client sends it."""
    return msgspec.to_builtins(to_plain(document))


def room(name: str = "第一会议室", kind: str = "u") -> Document:
    """A room with one layout and nobody in it."""
    document = template(kind)
    document.room.name = name
    return document


def arranged(document: Document, people: list[Person]) -> Document:
    """Put people into the document and seat them."""
    document.people = people
    History(document).run(Arrange("all"))
    return document


def person(ident: str, name: str, **fields: Any) -> Person:
    """An attendee with a rank that is known."""
    return Person(id=ident, name=name, **{"rank": "一级主任科员", **fields})
