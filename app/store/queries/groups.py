"""Join requests and the file space of groups."""

from dataclasses import dataclass

import msgspec

from app.store.database import Reader, Writer
from server_stub.contract.content import (
    AnyContent,
    FileContent,
    FileRef,
    TextContent,
    Unknown,
    decode_content,
)
from server_stub.contract.groups import JoinRequest, JoinState, SpaceEntry

_request = msgspec.msgpack.Decoder(JoinRequest)
_entry = msgspec.msgpack.Decoder(SpaceEntry)


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """One file or folder of a group's space as it can be shown. `name` is "" while its key is missing."""

    entry: SpaceEntry
    name: str
    file: FileRef | None = None
    pending: bool = False
    """Own, not acknowledged yet."""


def put_request(db: Writer, request: JoinRequest) -> None:
    """Take the server's row when it is not older than ours."""
    db.run(
        """INSERT INTO join_requests(id, conversation_id, state, row, event_id) VALUES(?, ?, ?, ?, ?)
           ON CONFLICT(id) DO UPDATE SET state = excluded.state, row = excluded.row, event_id = excluded.event_id
             WHERE excluded.event_id >= event_id""",
        (
            request.id,
            request.conversation_id,
            request.state,
            msgspec.msgpack.encode(request),
            request.event_id,
        ),
    )
    db.changed("join_requests", request.conversation_id, [request.id])


def waiting(db: Reader, conversation_id: str) -> list[JoinRequest]:
    """Requests of a group that wait for a manager, oldest first."""
    rows = db.all(
        "SELECT row FROM join_requests WHERE conversation_id = ? AND state = ? ORDER BY event_id",
        (conversation_id, JoinState.WAITING),
    )
    return [_request.decode(row[0]) for row in rows]


def put_entry(db: Writer, entry: SpaceEntry, packed: bytes | None = None) -> None:
    """Take an entry of the server; without `packed` (its content) the body is opened when it is looked at."""
    if entry.gone:
        db.run("DELETE FROM space WHERE id = ? AND event_id <= ?", (entry.id, entry.event_id))
    else:
        db.run(
            """INSERT INTO space(id, conversation_id, row, content, file_id, pending, event_id)
                 VALUES(?, ?, ?, ?, ?, 0, ?)
               ON CONFLICT(id) DO UPDATE SET row = excluded.row, content = excluded.content,
                 file_id = excluded.file_id, pending = 0, event_id = excluded.event_id
                 WHERE excluded.event_id >= event_id""",
            (
                entry.id,
                entry.conversation_id,
                msgspec.msgpack.encode(entry),
                packed,
                entry.file_id,
                entry.event_id,
            ),
        )
    db.changed("space", entry.conversation_id, [entry.id])


def put_pending(db: Writer, entry: SpaceEntry, packed: bytes) -> None:
    """Show the user's own entry at once; the server's row replaces it."""
    known = db.value("SELECT event_id FROM space WHERE id = ?", (entry.id,), 0)
    db.run(
        """INSERT OR REPLACE INTO space(id, conversation_id, row, content, file_id, pending, event_id)
           VALUES(?, ?, ?, ?, ?, 1, ?)""",
        (entry.id, entry.conversation_id, msgspec.msgpack.encode(entry), packed, entry.file_id, known),
    )
    db.changed("space", entry.conversation_id, [entry.id])


def drop_entry(db: Writer, conversation_id: str, entry_id: str) -> None:
    """The user takes an entry away, or what he put was refused."""
    db.run("DELETE FROM space WHERE id = ?", (entry_id,))
    db.changed("space", conversation_id, [entry_id])


def replace_entries(db: Writer, conversation_id: str, entries: list[SpaceEntry]) -> None:
    """Take the server's whole list: what is not in it is gone; own pending ones stay."""
    kept = {entry.id for entry in entries}
    for (id_,) in db.all(
        "SELECT id FROM space WHERE conversation_id = ? AND pending = 0", (conversation_id,)
    ):
        if id_ not in kept:
            db.run("DELETE FROM space WHERE id = ?", (id_,))
    for entry in entries:
        known = db.value("SELECT event_id FROM space WHERE id = ?", (entry.id,), -1)
        if entry.event_id > known:
            put_entry(db, entry)
    db.changed("space", conversation_id)


def sealed_entries(db: Reader, conversation_id: str) -> list[SpaceEntry]:
    """Entries whose bodies have not been opened."""
    rows = db.all("SELECT row FROM space WHERE conversation_id = ? AND content IS NULL", (conversation_id,))
    return [_entry.decode(row[0]) for row in rows]


def note_opened(db: Writer, conversation_id: str, entry_id: str, packed: bytes) -> None:
    """Keep what a body says."""
    db.run("UPDATE space SET content = ? WHERE id = ?", (packed, entry_id))
    db.changed("space", conversation_id, [entry_id])


def space_of(db: Reader, conversation_id: str) -> list[SpaceRow]:
    """Everything in a group's space."""
    rows = db.all("SELECT row, content, pending FROM space WHERE conversation_id = ?", (conversation_id,))
    return [_row(_entry.decode(row), content, bool(pending)) for row, content, pending in rows]


def file_ref(db: Reader, file_id: str) -> tuple[str, FileRef] | None:
    """A file of a space with its group."""
    row = db.one("SELECT conversation_id, content FROM space WHERE file_id = ?", (file_id,))
    if row is None or row[1] is None:
        return None
    content = decode_content(row[1])
    return (row[0], content.file) if isinstance(content, FileContent) else None


def _row(entry: SpaceEntry, packed: bytes | None, pending: bool) -> SpaceRow:
    content: AnyContent | Unknown | None = None if packed is None else decode_content(packed)
    if isinstance(content, FileContent):
        return SpaceRow(entry, content.file.name, content.file, pending)
    if isinstance(content, TextContent):
        return SpaceRow(entry, content.text, None, pending)
    return SpaceRow(entry, "", None, pending)
