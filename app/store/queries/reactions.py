"""Emoji at messages: one row per person, replaced whole by the server's newer row (E103)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from app.store.commands import ReactCommand, unpack
from app.store.database import Reader, Writer
from app.store.records import CommandKind, ReactionMark
from server_stub.contract.conversations import Reaction

from . import outbox
from .places import message_id, number_of, split
from .secrets import own_person_id


def put(db: Writer, reaction: Reaction, emoji: Sequence[str] | None) -> bool:
    """Take the server's row when it is newer than ours; `emoji` None: it cannot be opened yet.

    While a newer change of ours waits in the outbox, what the user sees stays as he left it.
    """
    number = number_of(db, reaction.conversation_id)
    if number is None:
        return False
    row_id = message_id(number, reaction.seq)
    known = db.one(
        "SELECT event_id, sealed IS NOT NULL FROM reactions WHERE message = ? AND person_id = ?",
        (row_id, reaction.person_id),
    )
    if known is not None:
        opens = known[0] == reaction.event_id and known[1] and emoji is not None
        if not (reaction.event_id > known[0] or opens):
            return False
    if known is not None and _waits(db, reaction):
        db.run(
            "UPDATE reactions SET event_id = ? WHERE message = ? AND person_id = ?",
            (reaction.event_id, row_id, reaction.person_id),
        )
        return False
    db.run(
        """INSERT OR REPLACE INTO reactions(message, person_id, client_id, emoji, sealed, at, event_id)
           VALUES(?, ?, ?, ?, ?, ?, ?)""",
        (
            row_id,
            reaction.person_id,
            reaction.client_id,
            msgspec.msgpack.encode(list(emoji)) if emoji else None,
            reaction.body if emoji is None and reaction.body else None,
            reaction.at,
            reaction.event_id,
        ),
    )
    _changed(db, reaction.conversation_id, row_id)
    return True


def set_own(
    db: Writer, conversation_id: str, seq: int, me: str, emoji: Sequence[str], client_id: str, now_ms: int
) -> None:
    """Show the user's own change at once."""
    number = number_of(db, conversation_id)
    if number is None:
        return
    row_id = message_id(number, seq)
    db.run(
        """INSERT INTO reactions(message, person_id, client_id, emoji, at) VALUES(?, ?, ?, ?, ?)
           ON CONFLICT(message, person_id) DO UPDATE SET emoji = excluded.emoji, sealed = NULL,
             at = CASE WHEN emoji IS NULL THEN excluded.at ELSE at END""",
        (row_id, me, client_id, msgspec.msgpack.encode(list(emoji)) if emoji else None, now_ms),
    )
    _changed(db, conversation_id, row_id)


def own(db: Reader, conversation_id: str, seq: int, me: str) -> list[str]:
    """What the user has put to a message."""
    number = number_of(db, conversation_id)
    if number is None:
        return []
    row = db.one(
        "SELECT emoji FROM reactions WHERE message = ? AND person_id = ?", (message_id(number, seq), me)
    )
    return [] if row is None or row[0] is None else msgspec.msgpack.decode(row[0], type=list[str])


def forget_own(db: Writer, conversation_id: str, seq: int, me: str) -> None:
    """The server refused the user's change: what it has is asked for again."""
    number = number_of(db, conversation_id)
    if number is not None:
        row_id = message_id(number, seq)
        db.run("DELETE FROM reactions WHERE message = ? AND person_id = ?", (row_id, me))
        _changed(db, conversation_id, row_id)


def marks(db: Reader, row_ids: Iterable[int]) -> dict[int, tuple[ReactionMark, ...]]:
    """What is shown at messages, by their ids."""
    wanted = list(row_ids)
    if not wanted:
        return {}
    found: dict[int, dict[str, list[str]]] = defaultdict(dict)
    spots = ",".join("?" * len(wanted))
    for row_id, person_id, packed in db.all(
        f"""SELECT message, person_id, emoji FROM reactions
            WHERE message IN ({spots}) AND emoji IS NOT NULL ORDER BY message, at, person_id""",  # noqa: S608
        wanted,
    ):
        for one in msgspec.msgpack.decode(packed, type=list[str]):
            found[row_id].setdefault(one, []).append(person_id)
    return {
        row_id: tuple(ReactionMark(emoji, tuple(people)) for emoji, people in each.items())
        for row_id, each in found.items()
    }


def sealed(db: Reader, limit: int = 500) -> list[Reaction]:
    """Those that wait for a key."""
    rows = db.all(
        """SELECT c.id, r.message, r.person_id, r.client_id, r.sealed, r.at, r.event_id
           FROM reactions r JOIN conversations c ON c.number = r.message >> 40
           WHERE r.sealed IS NOT NULL LIMIT ?""",
        (limit,),
    )
    return [
        Reaction(
            conversation_id=row[0],
            seq=split(row[1])[1],
            person_id=row[2],
            client_id=row[3],
            body=row[4],
            at=row[5],
            event_id=row[6],
        )
        for row in rows
    ]


def forget(db: Writer, first: int, last: int) -> None:
    """The messages between two ids are gone, and with them what was put to them."""
    db.run("DELETE FROM reactions WHERE message BETWEEN ? AND ?", (first, last))


def begin_afresh(db: Writer) -> None:
    """After a reset the messages are fetched again, each with its reactions; own ones on their way stay."""
    waiting = [
        (number_of(db, command.conversation_id), payload.seq)
        for command in outbox.all_of(db)
        if isinstance(payload := outbox.payload_of(command), ReactCommand)
    ]
    kept = [message_id(number, seq) for number, seq in waiting if number is not None]
    spots = ",".join("?" * len(kept))
    db.run(f"DELETE FROM reactions WHERE message NOT IN ({spots})", kept)  # noqa: S608


def _waits(db: Reader, reaction: Reaction) -> bool:
    if reaction.person_id != own_person_id(db):
        return False
    waiting = db.all(
        "SELECT payload FROM outbox WHERE conversation_id = ? AND kind = ?",
        (reaction.conversation_id, CommandKind.REACT),
    )
    return any(unpack(CommandKind.REACT, payload).seq == reaction.seq for (payload,) in waiting)  # type: ignore[union-attr]


def _changed(db: Writer, conversation_id: str, row_id: int) -> None:
    row = db.one("SELECT client_id FROM messages WHERE id = ?", (row_id,))
    if row is not None:
        db.changed("messages", conversation_id, [row[0]])
