"""Small own pictures of people and groups, and which of them belongs to whom."""

from collections.abc import Iterable

from app.store.database import Reader, Writer
from app.store.queries import people

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


def of(db: Reader, ids: Iterable[str]) -> dict[str, str]:
    """The picture of each person or conversation, "" for those without one; a single chat has the peer's."""
    wanted = list(dict.fromkeys(ids))
    found = dict.fromkeys(wanted, "")
    found.update((id_, card.avatar_file) for id_, card in people.get(db, wanted).items())
    peers: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        sql = f"SELECT id, avatar_file, peer_id FROM conversations WHERE id IN ({marks})"  # noqa: S608
        for id_, own, peer in db.all(sql, part):
            found[id_] = own
            if not own and peer:
                peers[id_] = peer
    cards = people.get(db, peers.values())
    found.update((id_, cards[peer].avatar_file) for id_, peer in peers.items() if peer in cards)
    return found
