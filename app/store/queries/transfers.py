"""Files on their way and in the cache."""

from dataclasses import dataclass
from typing import Any

from app.store.database import Reader, Writer
from app.store.records import TransferDirection, TransferRow, TransferState
from server_stub.contract.content import FileRef
from server_stub.contract.sm.sealed import chunk_count

from . import file_texts

_COLUMNS = (
    "file_id, direction, conversation_id, client_id, name, size, chunks, done, state, error, updated_at, have"
)


@dataclass(frozen=True, slots=True)
class FileSecrets:
    """What opens and checks a file."""

    key: bytes
    digest: bytes
    """SM3 of the plain bytes; empty when unknown."""
    source: str
    """Where an upload is read from while it is being prepared."""


def start(
    db: Writer,
    file: FileRef,
    direction: TransferDirection,
    *,
    conversation_id: str = "",
    client_id: str = "",
    state: TransferState,
    source: str = "",
    now_ms: int,
) -> None:
    """Begin a transfer; one that exists is left as it is. `source`: the path from which an upload is prepared."""
    db.run(
        """INSERT OR IGNORE INTO transfers(file_id, direction, conversation_id, client_id, name, size, chunks,
             file_key, digest, state, source, used_at, updated_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            file.file_id,
            direction,
            conversation_id,
            client_id,
            file.name,
            file.size,
            chunk_count(file.size),
            file.key,
            file.digest,
            state,
            source,
            now_ms,
            now_ms,
        ),
    )
    db.changed("transfers", conversation_id, [file.file_id])


def get(db: Reader, file_id: str) -> TransferRow | None:
    """One transfer, or None when the file was never asked for on this machine."""
    row = db.one(f"SELECT {_COLUMNS} FROM transfers WHERE file_id = ?", (file_id,))  # noqa: S608
    return None if row is None else _row(row)


def secrets_of(db: Reader, file_id: str) -> FileSecrets | None:
    """Key and digest."""
    row = db.one("SELECT file_key, digest, source FROM transfers WHERE file_id = ?", (file_id,))
    return None if row is None else FileSecrets(row[0], row[1] or b"", row[2])


def ref(db: Reader, file_id: str) -> tuple[str, FileRef] | None:
    """The conversation of a transfer and what opens its file, or None."""
    row = db.one(
        "SELECT conversation_id, file_key, name, size, digest FROM transfers WHERE file_id = ?", (file_id,)
    )
    if row is None:
        return None
    return row[0], FileRef(file_id=file_id, key=row[1], name=row[2], size=row[3], digest=row[4] or b"")


def active(db: Reader) -> list[TransferRow]:
    """What is under way or paused, oldest first."""
    rows = db.all(
        f"""SELECT {_COLUMNS} FROM transfers WHERE state IN ('preparing', 'queued', 'running', 'paused')
            ORDER BY updated_at, file_id"""  # noqa: S608
    )
    return [_row(row) for row in rows]


def of_conversation(db: Reader, conversation_id: str) -> list[TransferRow]:
    """Every transfer of a conversation."""
    rows = db.all(f"SELECT {_COLUMNS} FROM transfers WHERE conversation_id = ?", (conversation_id,))  # noqa: S608
    return [_row(row) for row in rows]


def set_state(db: Writer, file_id: str, state: TransferState, now_ms: int, error: str = "") -> None:
    """Move to another state."""
    db.run(
        "UPDATE transfers SET state = ?, error = ?, updated_at = ? WHERE file_id = ?",
        (state, error, now_ms, file_id),
    )
    _changed(db, file_id)


def set_have(db: Writer, file_id: str, have: set[int] | frozenset[int], now_ms: int) -> None:
    """Note which chunks are finished."""
    db.run(
        "UPDATE transfers SET have = ?, done = ?, updated_at = ? WHERE file_id = ?",
        (_pack(have), len(have), now_ms, file_id),
    )
    _changed(db, file_id)


def set_digest(db: Writer, file_id: str, digest: bytes) -> None:
    """Note the plain content's SM3."""
    db.run("UPDATE transfers SET digest = ? WHERE file_id = ?", (digest, file_id))


def touch(db: Writer, file_id: str, now_ms: int) -> None:
    """The cached file was used now."""
    db.run("UPDATE transfers SET used_at = ? WHERE file_id = ?", (now_ms, file_id))


def remove(db: Writer, file_id: str) -> None:
    """Forget a transfer; the words of a file go from the index with it."""
    _changed(db, file_id)
    file_texts.forget(db, file_id)
    db.run("DELETE FROM transfers WHERE file_id = ?", (file_id,))


def evictable(db: Reader) -> list[tuple[str, int]]:
    """Finished files in the cache that nothing waits for: (file id, size), the longest unused first."""
    rows = db.all(
        """SELECT t.file_id, t.size FROM transfers t WHERE t.state = 'done'
             AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.client_id = t.client_id)
           ORDER BY t.used_at, t.file_id"""
    )
    return [(file_id, size) for file_id, size in rows]


def _changed(db: Writer, file_id: str) -> None:
    conversation_id = db.value("SELECT conversation_id FROM transfers WHERE file_id = ?", (file_id,), "")
    db.changed("transfers", conversation_id, [file_id])


def _pack(have: set[int] | frozenset[int]) -> bytes:
    bits = 0
    for index in have:
        bits |= 1 << index
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _unpack(data: bytes | None) -> frozenset[int]:
    bits = int.from_bytes(data or b"", "little")
    return frozenset(index for index in range(bits.bit_length()) if bits >> index & 1)


def _row(row: tuple[Any, ...]) -> TransferRow:
    file_id, direction, conversation, client, name, size, chunks, done, state, error, updated, have = row
    return TransferRow(
        file_id=file_id,
        direction=TransferDirection(direction),
        conversation_id=conversation,
        client_id=client,
        name=name,
        size=size,
        chunks=chunks,
        done=done,
        state=TransferState(state),
        error=error,
        updated_at=updated,
        have=_unpack(have),
    )
