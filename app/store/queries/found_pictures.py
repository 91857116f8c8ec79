"""Pictures of the chats that go with a question: by their names, or sent along with the messages that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.store.database import Reader
from app.store.records import MessageRow
from server_stub.contract.content import ImageContent

from . import assistant, messages, search

MOST = 4
_NEAR = 2
"""Messages before and after one that answers."""
_NEAR_MS = 10 * 60 * 1000
_PER_WORD = 60
_ASKS = ("照片", "图片", "图像", "相片", "截图", "示意图", "图")
"""Words that ask for a picture and say nothing of what is on it."""


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A picture that may be seen now. `thumbnail`: a small JPEG."""

    key: str
    name: str
    conversation_id: str
    seq: int
    thumbnail: bytes


def find(db: Reader, terms: Sequence[Sequence[str]], sources: Sequence[str] = ()) -> list[str]:
    """Keys of pictures that may be seen, the fitting ones first.

    `terms`: groups of words that mean the same; `sources`: keys of the messages that the answer is made of.
    """
    groups = [[word for word in group if word not in _ASKS] for group in terms]
    wants = any(word in _ASKS for group in terms for word in group)
    groups = [group for group in groups if group]
    scored: dict[str, tuple[int, int]] = {}
    for group in groups:
        here: set[str] = set()
        for word in group[:4]:
            for position, row, _ in search.find(db, word, limit=_PER_WORD):
                if (key := _key(row)) and key not in here:
                    here.add(key)
                    scored[key] = (scored.get(key, (0, 0))[0] + 1, position)
    # One word of many says little, unless a picture was asked for.
    enough = 1 if wants else max(2, (len(groups) + 1) // 2)
    named = sorted(
        (key for key, (hits, _) in scored.items() if hits >= min(enough, len(groups))),
        key=lambda key: (-scored[key][0], -scored[key][1]),
    )
    keys = list(dict.fromkeys([*named, *_beside(db, sources)]))
    allowed = assistant.visible(db, keys)
    return [key for key in keys if key in allowed][:MOST]


def read(db: Reader, key: str) -> PictureShown | None:
    """One picture, if the oracle allows it."""
    place = assistant.place_of(key)
    if place is None or key not in assistant.visible(db, [key]):
        return None
    row = messages.get(db, *place)
    if row is None or not isinstance(row.content, ImageContent):
        return None
    return PictureShown(key, row.content.file.name, *place, row.content.thumbnail)


def _key(row: MessageRow) -> str:
    """The key of a picture message, empty for others."""
    if not isinstance(row.content, ImageContent) or not row.seq:
        return ""
    return assistant.message_key(row.conversation_id, row.seq, row.content.file.file_id)


def _beside(db: Reader, sources: Sequence[str]) -> list[str]:
    """Pictures that the same person sent right before or after a message."""
    found: list[str] = []
    for key in sources:
        place = assistant.place_of(key)
        source = messages.get(db, *place) if place is not None else None
        if place is None or source is None:
            continue
        for row in messages.around(db, *place, limit=2 * _NEAR + 1):
            near = row.sender_id == source.sender_id and abs(row.sent_at - source.sent_at) <= _NEAR_MS
            if near and (picture := _key(row)):
                found.append(picture)
    return found
