"""What the assistant may read: messages and files of the chats on this machine, through the oracle of the store (3.2.6.13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.store.database import Reader
from app.store.queries import assistant, conversations, file_texts, found_pictures, messages, search
from app.store.queries.found_pictures import PictureShown
from app.store.store import Store
from server_stub.contract.content import file_refs

MOST = 120
MOST_PASSAGES = 60
_PER_WORD = 40


@dataclass(frozen=True, slots=True)
class Readable:
    """A document that may be read: a message, a passage of a file of the chats, or a file of the user's.

    `key` names the whole and `start` says where in it `text` begins.
    """

    key: str
    title: str
    text: str
    start: int = 0

    @property
    def end(self) -> int:
        """Where in the whole `text` ends."""
        return self.start + len(self.text)

    @property
    def part(self) -> str:
        """Names this passage among others of one file."""
        return f"{self.key}@{self.start}"


class Library(Protocol):
    """Where messages and files come from."""

    async def find(self, terms: Sequence[Sequence[str]]) -> list[Readable]:
        """Visible messages and passages that hold the words, the fitting ones first."""
        ...

    async def read(self, key: str) -> Readable | None:
        """One message or file whole, if it is visible now."""
        ...

    async def pictures(self, terms: Sequence[Sequence[str]], sources: Sequence[str]) -> list[str]:
        """Keys of visible pictures that go with the words or with the messages that answer."""
        ...

    async def picture(self, key: str) -> PictureShown | None:
        """One picture, if it is visible now."""
        ...


class StoreLibrary:
    """Over the local store; nothing leaves the machine."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, terms: Sequence[Sequence[str]]) -> list[Readable]:
        return await self._store.read(lambda db: find(db, terms), background=True)

    async def read(self, key: str) -> Readable | None:
        return await self._store.read(lambda db: read(db, key))

    async def pictures(self, terms: Sequence[Sequence[str]], sources: Sequence[str]) -> list[str]:
        return await self._store.read(
            lambda db: found_pictures.find(db, _words(terms), sources), background=True
        )

    async def picture(self, key: str) -> PictureShown | None:
        return await self._store.read(lambda db: found_pictures.read(db, key))


def find(db: Reader, terms: Sequence[Sequence[str]]) -> list[Readable]:
    """Candidates from the full-text indexes; the oracle decides before anything is counted or ranked."""
    return [*_find_messages(db, terms), *_find_passages(db, terms)]


def _words(terms: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(group)[:4] for group in list(terms)[:8]]


def _find_messages(db: Reader, terms: Sequence[Sequence[str]]) -> list[Readable]:
    scored: dict[str, tuple[int, int, str]] = {}
    for group in _words(terms):
        here: set[str] = set()
        for word in group:
            for position, row, body in search.find(db, word, limit=_PER_WORD):
                key = assistant.message_key(row.conversation_id, row.seq)
                hits, _, _ = scored.get(key, (0, 0, ""))
                scored[key] = (hits + (key not in here), position, body)
                here.add(key)
    allowed = assistant.visible(db, list(scored))
    best = sorted(allowed, key=lambda key: (-scored[key][0], -scored[key][1]))[:MOST]
    titles = _titles(db, best)
    return [Readable(key, titles[key], scored[key][2]) for key in best]


def _find_passages(db: Reader, terms: Sequence[Sequence[str]]) -> list[Readable]:
    scored: dict[int, tuple[int, file_texts.PassageHit]] = {}
    for group in _words(terms):
        here: set[int] = set()
        for word in group:
            for hit in file_texts.find(db, word, limit=_PER_WORD):
                hits = scored[hit.position][0] if hit.position in scored else 0
                scored[hit.position] = (hits + (hit.position not in here), hit)
                here.add(hit.position)
    keys = _keys_of(db, {hit.file_id for _, hit in scored.values()})
    seen = [(hits, hit) for hits, hit in scored.values() if keys[hit.file_id]]
    best = sorted(seen, key=lambda one: (-one[0], -one[1].position))[:MOST_PASSAGES]
    titles = _titles(db, list({keys[hit.file_id] for _, hit in best}))
    made: list[Readable] = []
    for _, hit in best:
        key = keys[hit.file_id]
        page = f" 第{hit.page}页" if hit.page else ""
        made.append(Readable(key, titles[key] + page, hit.text, hit.start))
    return made


def _keys_of(db: Reader, file_ids: Iterable[str]) -> dict[str, str]:
    """For each file the newest message that may be seen and brings it; empty where there is none."""
    keys = {
        file_id: [assistant.message_key(*place, file_id) for place in file_texts.places_of(db, file_id)]
        for file_id in file_ids
    }
    allowed = assistant.visible(db, {key for found in keys.values() for key in found})
    return {file_id: next((key for key in found if key in allowed), "") for file_id, found in keys.items()}


def read(db: Reader, key: str) -> Readable | None:
    """One message or file, if the oracle allows it."""
    place = assistant.place_of(key)
    if place is None or key not in assistant.visible(db, [key]):
        return None
    row = messages.get(db, *place)
    if row is None:
        return None
    file_id = assistant.file_of(key)
    text = file_texts.text_of(db, file_id) if file_id else search.body_of(row)
    return Readable(key, _titles(db, [key])[key], text) if text else None


def _titles(db: Reader, keys: Sequence[str]) -> dict[str, str]:
    """Conversation and day, as a source is named; a file's name before them."""
    places = {key: place for key in keys if (place := assistant.place_of(key)) is not None}
    names = {
        row.id: row.title
        for row in conversations.overview(db, {one for one, _ in places.values()}, hidden=True)
    }
    made: dict[str, str] = {}
    for key, (conversation_id, seq) in places.items():
        row = messages.get(db, conversation_id, seq)
        day = datetime.fromtimestamp(row.sent_at / 1000).strftime("%Y-%m-%d") if row is not None else ""
        file_id = assistant.file_of(key)
        refs = file_refs(row.content) if row is not None and file_id else []
        name = next((f"《{ref.name}》 " for ref in refs if ref.file_id == file_id), "")
        made[key] = f"{name}{names.get(conversation_id, '会话')} {day}".strip()
    return made
