"""The outbox: commands that the server has not answered; every change is also on the lifeline."""

from typing import Any

import msgspec

from app.store.commands import AnyCommand, ReactCommand, SendCommand, kind_of, pack, unpack
from app.store.database import Reader, Writer
from app.store.records import Command, CommandKind, CommandState
from server_stub.contract.content import (
    FILED,
    AnyContent,
    Unknown,
    decode_content,
    encode_content,
)

_COLUMNS = "id, client_id, kind, conversation_id, payload, state, attempts, error_code, error, created_at"


class _Copy(msgspec.Struct, frozen=True, array_like=True):
    """A command on the lifeline."""

    client_id: str
    kind: str
    conversation_id: str
    payload: bytes
    created_at: int


def add(db: Writer, client_id: str, conversation_id: str, command: AnyCommand, created_at: int) -> None:
    """Append a command. A second one with the same client id is ignored."""
    kind, payload = kind_of(command), pack(command)
    if _insert(db, _Copy(client_id, kind, conversation_id, payload, created_at)):
        db.lifeline.add(client_id, lifeline_copy(client_id, kind, conversation_id, payload, created_at))
    _changed(db, kind, conversation_id, client_id)


def lifeline_copy(client_id: str, kind: str, conversation_id: str, payload: bytes, created_at: int) -> bytes:
    """What the lifeline keeps of a command."""
    return msgspec.msgpack.encode(_Copy(client_id, kind, conversation_id, payload, created_at))


def restore(db: Writer, data: bytes) -> bool:
    """Put a command from the lifeline back; False when it is there already or unreadable."""
    try:
        return _insert(db, msgspec.msgpack.decode(data, type=_Copy))
    except msgspec.DecodeError:
        return False


def finish(db: Writer, command: Command) -> None:
    """The server did it, or the user gave it up."""
    db.run("DELETE FROM outbox WHERE client_id = ?", (command.client_id,))
    db.lifeline.done(command.client_id)
    _changed(db, command.kind, command.conversation_id, command.client_id)


def drop_reads(db: Writer, conversation_id: str) -> None:
    """A later read mark makes the earlier ones needless."""
    for (client_id,) in db.all(
        "SELECT client_id FROM outbox WHERE conversation_id = ? AND kind = ?",
        (conversation_id, CommandKind.READ),
    ):
        db.run("DELETE FROM outbox WHERE client_id = ?", (client_id,))
        db.lifeline.done(client_id)


def drop_reacts(db: Writer, conversation_id: str, seq: int) -> None:
    """A later change of the own emoji at a message makes the earlier ones needless."""
    for client_id, payload in db.all(
        "SELECT client_id, payload FROM outbox WHERE conversation_id = ? AND kind = ?",
        (conversation_id, CommandKind.REACT),
    ):
        command = unpack(CommandKind.REACT, payload)
        if isinstance(command, ReactCommand) and command.seq == seq:
            db.run("DELETE FROM outbox WHERE client_id = ?", (client_id,))
            db.lifeline.done(client_id)


def set_state(
    db: Writer, command: Command, state: CommandState, *, error_code: str = "", error: str = ""
) -> None:
    """Mark as failed with the reason, or as pending again."""
    db.run(
        "UPDATE outbox SET state = ?, error_code = ?, error = ? WHERE client_id = ?",
        (state, error_code, error, command.client_id),
    )
    _changed(db, command.kind, command.conversation_id, command.client_id)


def count_attempt(db: Writer, client_id: str) -> None:
    """It went out once more."""
    db.run("UPDATE outbox SET attempts = attempts + 1 WHERE client_id = ?", (client_id,))


def get(db: Reader, client_id: str) -> Command | None:
    """One command, or None."""
    row = db.one(f"SELECT {_COLUMNS} FROM outbox WHERE client_id = ?", (client_id,))  # noqa: S608
    return None if row is None else _command(row)


def waiting(db: Reader, conversation_id: str | None = None) -> list[Command]:
    """Every command that is to be sent (in one conversation), in the order of making."""
    if conversation_id is None:
        rows = db.all(f"SELECT {_COLUMNS} FROM outbox WHERE state = 0 ORDER BY id")  # noqa: S608
    else:
        rows = db.all(
            f"SELECT {_COLUMNS} FROM outbox WHERE conversation_id = ? AND state = 0 ORDER BY id",  # noqa: S608
            (conversation_id,),
        )
    return [_command(row) for row in rows]


def all_of(db: Reader) -> list[Command]:
    """Everything, failed ones too."""
    return [_command(row) for row in db.all(f"SELECT {_COLUMNS} FROM outbox ORDER BY id")]  # noqa: S608


def _insert(db: Writer, copy: _Copy) -> bool:
    return bool(
        db.run(
            """INSERT OR IGNORE INTO outbox(client_id, kind, conversation_id, payload, created_at)
               VALUES(?, ?, ?, ?, ?)""",
            (copy.client_id, copy.kind, copy.conversation_id, copy.payload, copy.created_at),
        )
    )


def _command(row: tuple[Any, ...]) -> Command:
    number, client_id, kind, conversation_id, payload, state, attempts, code, error, created_at = row
    return Command(
        number,
        client_id,
        CommandKind(kind),
        conversation_id,
        payload,
        CommandState(state),
        attempts,
        code,
        error,
        created_at,
    )


def _changed(db: Writer, kind: str, conversation_id: str, client_id: str) -> None:
    db.changed("outbox", conversation_id, [client_id])
    if kind == CommandKind.SEND:
        db.changed("messages", conversation_id, [client_id])
        db.changed("conversations", conversation_id, [conversation_id])


def payload_of(command: Command) -> AnyCommand:
    """The unpacked payload."""
    return unpack(command.kind, command.payload)


def content_of(command: Command) -> AnyContent | Unknown | None:
    """What a waiting message says; None for other commands."""
    payload = payload_of(command)
    return decode_content(payload.content) if isinstance(payload, SendCommand) else None


def set_payload(db: Writer, client_id: str, payload: AnyCommand) -> None:
    """Replace the payload (a file's digest became known)."""
    command = get(db, client_id)
    if command is None:
        return
    packed = pack(payload)
    db.run("UPDATE outbox SET payload = ? WHERE client_id = ?", (packed, client_id))
    db.lifeline.add(
        client_id,
        lifeline_copy(client_id, command.kind, command.conversation_id, packed, command.created_at),
    )


def note_digest(db: Writer, client_id: str, file_id: str, digest: bytes) -> None:
    """Put the plain content's SM3 into the message that carries the file."""
    command = get(db, client_id)
    if command is None:
        return
    send = payload_of(command)
    if not isinstance(send, SendCommand):
        return
    content = decode_content(send.content)
    if isinstance(content, FILED) and content.file.file_id == file_id:
        file = msgspec.structs.replace(content.file, digest=digest)
        packed = encode_content(msgspec.structs.replace(content, file=file))
        set_payload(db, client_id, SendCommand(packed, send.file_ids))
