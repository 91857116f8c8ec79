"""Files of the chats by their names and by their words, for the search; only what may be seen."""

from dataclasses import dataclass

from app.store.bigrams import matches
from app.store.database import Reader
from server_stub.contract.content import FILED

from . import assistant, conversations, file_texts, messages, search

_NAMES = 200


@dataclass(frozen=True, slots=True)
class FileHit:
    """One file found. `line` is the passage that holds the words, empty where the name does; `page` from 1 or 0."""

    conversation_id: str
    conversation_title: str
    seq: int
    sent_at: int
    name: str
    line: str = ""
    page: int = 0


def find(db: Reader, text: str, *, conversation_id: str = "", limit: int = 50) -> list[FileHit]:
    """Newest first, each file once; with its words where these hold the text, else by its name."""
    named: dict[str, tuple[str, int]] = {}
    for _, row, _ in search.find(db, text, conversation_id=conversation_id, limit=_NAMES):
        if isinstance(row.content, FILED) and matches(row.content.file.name, text):
            named.setdefault(row.content.file.file_id, (row.conversation_id, row.seq))
    words: dict[str, file_texts.PassageHit] = {}
    for hit in file_texts.find(db, text, limit=_NAMES):
        # Within a file the first passage.
        if hit.file_id not in words or hit.start < words[hit.file_id].start:
            words[hit.file_id] = hit
    places = {
        file_id: [
            place
            for place in [*file_texts.places_of(db, file_id), *([named[file_id]] if file_id in named else [])]
            if conversation_id in ("", place[0])
        ]
        for file_id in {*named, *words}
    }
    keys = {assistant.message_key(*place, file_id) for file_id, found in places.items() for place in found}
    allowed = assistant.visible(db, keys)
    titles = {
        row.id: row.title
        for row in conversations.overview(
            db, {place[0] for found in places.values() for place in found}, hidden=True
        )
    }
    made: list[FileHit] = []
    for file_id, found in places.items():
        place = next((one for one in found if assistant.message_key(*one, file_id) in allowed), None)
        row = messages.get(db, *place) if place is not None else None
        if place is None or row is None:
            continue
        hit = words.get(file_id)
        made.append(
            FileHit(
                place[0],
                titles.get(place[0], ""),
                place[1],
                row.sent_at,
                _name(row, file_id),
                hit.text if hit is not None else "",
                hit.page if hit is not None else 0,
            )
        )
    return sorted(made, key=lambda one: -one.sent_at)[:limit]


def _name(row: messages.MessageRow, file_id: str) -> str:
    refs = messages.file_refs(row.content)
    return next((ref.name for ref in refs if ref.file_id == file_id), "文件")
