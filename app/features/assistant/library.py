"""What the assistant may read: messages of this machine through the oracle of the store (3.2.6.13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.store.database import Reader
from app.store.queries import assistant, conversations, search
from app.store.store import Store

MOST = 120
_PER_WORD = 40


@dataclass(frozen=True, slots=True)
class Readable:
    """A document that may be read: a message, or a file of the user's."""

    key: str
    title: str
    text: str


class Library(Protocol):
    """Where messages come from."""

    async def find(self, terms: Sequence[Sequence[str]]) -> list[Readable]:
        """Visible messages that hold the words, the fitting ones first."""
        ...

    async def read(self, key: str) -> Readable | None:
        """One message, if it is visible now."""
        ...


class StoreLibrary:
    """Over the local store; nothing leaves the machine."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, terms: Sequence[Sequence[str]]) -> list[Readable]:
        return await self._store.read(lambda db: find(db, terms), background=True)

    async def read(self, key: str) -> Readable | None:
        return await self._store.read(lambda db: read(db, key))


def find(db: Reader, terms: Sequence[Sequence[str]]) -> list[Readable]:
    """Candidates from the full-text index; the oracle decides before anything is counted or ranked."""
    scored: dict[str, tuple[int, int, str]] = {}
    for group in list(terms)[:8]:
        here: set[str] = set()
        for word in list(group)[:4]:
            for position, row, body in search.find(db, word, limit=_PER_WORD):
                key = assistant.message_key(row.conversation_id, row.seq)
                hits, _, _ = scored.get(key, (0, 0, ""))
                scored[key] = (hits + (key not in here), position, body)
                here.add(key)
    allowed = assistant.visible(db, list(scored))
    best = sorted(allowed, key=lambda key: (-scored[key][0], -scored[key][1]))[:MOST]
    titles = _titles(db, best)
    return [Readable(key, titles[key], scored[key][2]) for key in best]


def read(db: Reader, key: str) -> Readable | None:
    """One message, if the oracle allows it."""
    place = assistant.place_of(key)
    if place is None or key not in assistant.visible(db, [key]):
        return None
    from app.store.queries import messages

    row = messages.get(db, *place)
    return None if row is None else Readable(key, _titles(db, [key])[key], search.text_of(row.content))


def _titles(db: Reader, keys: Sequence[str]) -> dict[str, str]:
    """Conversation and day, as a source is named."""
    from app.store.queries import messages

    places = {key: place for key in keys if (place := assistant.place_of(key)) is not None}
    names = {
        row.id: row.title
        for row in conversations.overview(db, {one for one, _ in places.values()}, hidden=True)
    }
    made: dict[str, str] = {}
    for key, (conversation_id, seq) in places.items():
        row = messages.get(db, conversation_id, seq)
        day = datetime.fromtimestamp(row.sent_at / 1000).strftime("%Y-%m-%d") if row is not None else ""
        made[key] = f"{names.get(conversation_id, '会话')} {day}".strip()
    return made
