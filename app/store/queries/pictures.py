"""Small own pictures of people and groups, and which of them belongs to whom."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from app.store.database import Reader, Writer
from app.store.queries import people
from server_stub.contract.conversations import ConversationKind

MOSAIC = 4
"""Members pictured for a group."""
MOST = 1000
"""So many are kept; the ones that were used longest ago go first."""


USED_MS = 24 * 60 * 60 * 1000
"""Use is noted once a day."""


def get(db: Reader, picture_id: str) -> bytes | None:
    """The picture as it came, or None."""
    return db.value("SELECT data FROM pictures WHERE id = ?", (picture_id,))


def resting(db: Reader, picture_id: str, now_ms: int) -> bool:
    """Whether its use has not been noted of late."""
    return db.value("SELECT used_at FROM pictures WHERE id = ?", (picture_id,), now_ms) < now_ms - USED_MS


def used(db: Writer, picture_id: str, now_ms: int) -> None:
    """Keep it longer than others."""
    db.run("UPDATE pictures SET used_at = ? WHERE id = ?", (now_ms, picture_id))


def put(db: Writer, picture_id: str, data: bytes, now_ms: int) -> None:
    """Keep a picture."""
    db.run("INSERT OR REPLACE INTO pictures(id, data, used_at) VALUES(?, ?, ?)", (picture_id, data, now_ms))
    db.run(
        """DELETE FROM pictures WHERE id IN
             (SELECT id FROM pictures ORDER BY used_at DESC, id LIMIT -1 OFFSET ?)""",
        (MOST,),
    )


@dataclass(frozen=True, slots=True)
class Face:
    """How somebody or a conversation is pictured: `picture`, or "" for none; of a group without one the first `members` (id, name)."""

    picture: str = ""
    members: tuple[tuple[str, str], ...] = ()
    waiting: bool = False
    """Cards of some of them are not here yet."""


def faces(db: Reader, ids: Iterable[str]) -> dict[str, Face]:
    """The face of each person or conversation; a single chat has the peer's, unknown ids have none."""
    wanted = list(dict.fromkeys(ids))
    found = dict.fromkeys(wanted, Face())
    found.update((id_, Face(card.avatar_file)) for id_, card in people.get(db, wanted).items())
    rows: list[tuple[str, str, str, tuple[str, ...]]] = []
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        sql = (
            f"SELECT id, kind, avatar_file, peer_id, sample_members FROM conversations WHERE id IN ({marks})"  # noqa: S608
        )
        rows += [
            (id_, own, peer, _members(sample) if kind == ConversationKind.GROUP else ())
            for id_, kind, own, peer, sample in db.all(sql, part)
        ]
    cards = people.get(db, [one for row in rows for one in (row[2], *row[3])])
    for id_, own, peer, sample in rows:
        if own or not peer:
            first = () if own else sample[:MOSAIC]
            named = tuple((one, cards[one].name) for one in first if one in cards)
            found[id_] = Face(own, named, waiting=len(named) < len(first))
        elif peer in cards:
            found[id_] = Face(cards[peer].avatar_file)
    return found


def _members(sample: bytes | None) -> tuple[str, ...]:
    return tuple(msgspec.msgpack.decode(sample)) if sample else ()
