"""Messages: taking server facts in, and windows by seq for the views (never by offset)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from app.store.commands import SendCommand
from app.store.database import Reader, Writer
from app.store.records import CommandKind, CommandState, MessageRow, MessageState, ReactionMark
from server_stub.contract.content import (
    FILED,
    AnyContent,
    Filed,
    FileRef,
    TextContent,
    Unknown,
    decode_content,
    encode_content,
    file_refs,
)
from server_stub.contract.conversations import MemberRole, Message
from server_stub.contract.group_rules import GroupRules, Who

from . import conversations, destroyed, file_texts, reactions, search
from .places import MAX_SEQ, message_id, number_of, split
from .secrets import own_person_id

_rules = msgspec.msgpack.Decoder(GroupRules)
_COLUMNS = (
    """id, event_id, client_id, sender_id, sent_at, state, content, file_ids, recalled_by, recalled_at"""
)


def put(
    db: Writer, message: Message, state: MessageState, content: AnyContent | Unknown | None, *, me: str
) -> bool:
    """Take the server's row when it is newer than ours or opens what we could not open; return whether we did.

    The conversation must be known. The sealed body is kept only while it cannot be opened.
    """
    m = message
    number = number_of(db, m.conversation_id)
    if number is None:
        raise LookupError("the conversation is unknown")
    row_id = message_id(number, m.seq)
    known = db.one("SELECT event_id, state FROM messages WHERE id = ?", (row_id,))
    # A message of ours that came back, whichever way: it is no longer on its way out.
    if m.sender_id == me:
        forget_pending(db, m.conversation_id, m.client_id)
    if known is not None:
        if known[1] == MessageState.REMOVED:
            # The user deleted it here: it does not come back.
            db.run("UPDATE messages SET event_id = max(event_id, ?) WHERE id = ?", (m.event_id, row_id))
            return False
        newer = m.event_id > known[0]
        opens = m.event_id == known[0] and known[1] == MessageState.SEALED and state != MessageState.SEALED
        if not (newer or opens):
            return False
        if newer and known[1] == MessageState.OPENED and state == MessageState.SEALED:
            # The same message with a newer mark; what we opened once stays open.
            db.run("UPDATE messages SET event_id = ? WHERE id = ?", (m.event_id, row_id))
            return False
    if state is MessageState.OPENED and m.body and destroyed.covers(db, m.conversation_id, m.body):
        # Opened with a key from memory while the news of its destruction was on its way.
        state, content = MessageState.DESTROYED, None
    search.remove(db, row_id)
    packed = _pack(content)
    db.run(
        f"""INSERT OR REPLACE INTO messages({_COLUMNS}, sealed) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            row_id,
            m.event_id,
            m.client_id,
            m.sender_id,
            m.sent_at,
            state,
            packed,
            msgspec.msgpack.encode(m.file_ids) if m.file_ids else None,
            m.recalled_by or None,
            m.recalled_at or None,
            m.body if state is MessageState.SEALED else None,
        ),
    )
    if state in (MessageState.RECALLED, MessageState.DESTROYED):
        reactions.forget(db, row_id, row_id)
        db.run("DELETE FROM transcripts WHERE message = ?", (row_id,))
    if content is not None:
        search.add(db, row_id, m.sent_at, content)
    _note_mention(db, row_id, content, m.sender_id, me)
    brought = file_texts.brought_in(db, row_id, row_id) if known is not None else []
    note_file(db, row_id, content)
    file_texts.forget_unbrought(db, brought)
    conversations.note_message(db, number, m.conversation_id, m.seq, m.sent_at, m.sender_id == me)
    db.changed("messages", m.conversation_id, [m.client_id])
    return True


def remove(db: Writer, conversation_id: str, seqs: Iterable[int]) -> list[str]:
    """Delete messages on this machine only (E108); returns the files that no other message brings."""
    number = number_of(db, conversation_id)
    if number is None:
        return []
    gone: list[str] = []
    for seq in seqs:
        row_id = message_id(number, seq)
        row = db.one("SELECT client_id, content FROM messages WHERE id = ?", (row_id,))
        if row is None:
            continue
        search.remove(db, row_id)
        gone += [ref.file_id for ref in file_refs(decode_content(row[1]))] if row[1] else []
        db.run(
            """UPDATE messages SET state = ?, content = NULL, sealed = NULL, file_ids = NULL, search_id = NULL
               WHERE id = ?""",
            (MessageState.REMOVED, row_id),
        )
        brought = file_texts.brought_in(db, row_id, row_id)
        for table in ("mentions", "file_refs", "reactions", "transcripts"):
            db.run(f"DELETE FROM {table} WHERE message = ?", (row_id,))  # noqa: S608
        file_texts.forget_unbrought(db, brought)
        db.changed("messages", conversation_id, [row[0]])
    db.changed("conversations", conversation_id, [conversation_id])
    return [id_ for id_ in gone if db.one("SELECT 1 FROM file_refs WHERE file_id = ?", (id_,)) is None]


def set_transcript(db: Writer, conversation_id: str, seq: int, text: str) -> None:
    """Keep what a voice message says (3.1.2.2), and let the search find it."""
    number = number_of(db, conversation_id)
    if number is None:
        return
    row_id = message_id(number, seq)
    row = db.one(
        "SELECT client_id, sent_at, content FROM messages WHERE id = ? AND content IS NOT NULL", (row_id,)
    )
    if row is not None:
        search.remove(db, row_id)
        db.run("INSERT OR REPLACE INTO transcripts(message, text) VALUES(?, ?)", (row_id, text))
        search.add(db, row_id, row[1], decode_content(row[2]))
        db.changed("messages", conversation_id, [row[0]])


def replayed(db: Reader, found: Sequence[Message]) -> set[tuple[str, int]]:
    """Which of these messages, as (conversation id, seq), stand a second time under a later number: a replay.

    The server numbers each client id of a sender once; a body says nothing of its number, so that nothing but this shows
    a copy. Looks among all that this machine holds of each conversation, and among `found`.
    """
    bad: set[tuple[str, int]] = set()
    for conversation_id in {m.conversation_id for m in found}:
        number = number_of(db, conversation_id)
        mine = [m for m in found if m.conversation_id == conversation_id]
        first: dict[tuple[str, str], int] = {}
        for m in mine:
            key = (m.sender_id, m.client_id)
            first[key] = min(first.get(key, m.seq), m.seq)
        if number is not None:
            marks = ",".join("?" * len(first))
            rows = db.all(
                f"""SELECT id, sender_id, client_id FROM messages INDEXED BY messages_client
                    WHERE client_id IN ({marks}) AND id > ? AND id <= ?""",  # noqa: S608
                (*(client_id for _, client_id in first), message_id(number, 0), message_id(number, MAX_SEQ)),
            )
            for row_id, sender_id, client_id in rows:
                key = (sender_id, client_id)
                if key in first:
                    first[key] = min(first[key], row_id & MAX_SEQ)
        bad |= {(conversation_id, m.seq) for m in mine if m.seq > first[m.sender_id, m.client_id]}
    return bad


def forget_pending(db: Writer, conversation_id: str, client_id: str) -> None:
    """The server has this message: drop it from the outbox."""
    if db.run("DELETE FROM outbox WHERE client_id = ? AND kind = ?", (client_id, CommandKind.SEND)):
        db.lifeline.done(client_id)
        db.changed("messages", conversation_id, [client_id])
        db.changed("outbox", conversation_id, [client_id])


def sealed(db: Reader, conversation_id: str | None = None, limit: int = 500) -> list[tuple[str, Message]]:
    """Messages that wait for a key, with their bodies; newest first."""
    number = None if conversation_id is None else number_of(db, conversation_id)
    span = (0, 1 << 62) if number is None else (message_id(number, 0), message_id(number, MAX_SEQ))
    rows = db.all(
        """SELECT c.id, m.id, m.event_id, m.client_id, m.sender_id, m.sent_at, m.sealed, m.file_ids
           FROM messages m JOIN conversations c ON c.number = m.id >> 40
           WHERE m.state = 1 AND m.id BETWEEN ? AND ? ORDER BY m.id DESC LIMIT ?""",
        (*span, limit),
    )
    return [
        (
            row[0],
            Message(
                conversation_id=row[0],
                seq=split(row[1])[1],
                event_id=row[2],
                client_id=row[3],
                sender_id=row[4],
                sent_at=row[5],
                body=row[6] or b"",
                file_ids=msgspec.msgpack.decode(row[7]) if row[7] else [],
            ),
        )
        for row in rows
    ]


# Windows. All return ascending seqs.


def newest(db: Reader, conversation_id: str, limit: int = 60) -> list[MessageRow]:
    """The newest `limit` messages."""
    return before(db, conversation_id, MAX_SEQ, limit)


def with_files(db: Reader, conversation_id: str, limit: int) -> list[MessageRow]:
    """The newest messages that carry files, newest first."""
    number = number_of(db, conversation_id)
    if number is None:
        return []
    return select(
        db,
        conversation_id,
        """id IN (SELECT message FROM file_refs WHERE message BETWEEN ? AND ?) AND state = ?
           ORDER BY id DESC LIMIT ?""",
        (message_id(number, 1), message_id(number, MAX_SEQ), MessageState.OPENED, limit),
    )


def with_links(db: Reader, conversation_id: str, limit: int) -> list[MessageRow]:
    """The newest messages whose text holds an address, newest first."""
    return [
        message for _, message, _ in search.find(db, "http", conversation_id=conversation_id, limit=limit)
    ]


def newest_event_id(db: Reader) -> int:
    """The id of the newest message event in the store; 0 without messages."""
    row = db.one("SELECT max(event_id) FROM messages")
    return int(row[0] or 0) if row is not None else 0


def before(db: Reader, conversation_id: str, seq: int, limit: int = 60) -> list[MessageRow]:
    """The `limit` messages with a smaller seq."""
    number = number_of(db, conversation_id)
    if number is None:
        return []
    rows = select(
        db,
        conversation_id,
        "id > ? AND id < ? ORDER BY id DESC LIMIT ?",
        (message_id(number, 0), message_id(number, seq), limit),
    )
    return rows[::-1]


def after(db: Reader, conversation_id: str, seq: int, limit: int = 60) -> list[MessageRow]:
    """The `limit` messages with a greater seq."""
    number = number_of(db, conversation_id)
    if number is None:
        return []
    return select(
        db,
        conversation_id,
        "id > ? AND id <= ? ORDER BY id LIMIT ?",
        (message_id(number, seq), message_id(number, MAX_SEQ), limit),
    )


def around(db: Reader, conversation_id: str, seq: int, limit: int = 60) -> list[MessageRow]:
    """Half of `limit` up to `seq` (inclusive), half after it: for jumps to a message."""
    half = max(1, limit // 2)
    return before(db, conversation_id, seq + 1, half) + after(db, conversation_id, seq, limit - half)


def get(db: Reader, conversation_id: str, seq: int) -> MessageRow | None:
    """One message, or None."""
    number = number_of(db, conversation_id)
    if number is None:
        return None
    rows = select(db, conversation_id, "id = ?", (message_id(number, seq),))
    return rows[0] if rows else None


def by_client_ids(db: Reader, conversation_id: str, client_ids: Iterable[str]) -> list[MessageRow]:
    """What a change named: acknowledged rows by seq, then pending ones."""
    wanted = set(client_ids)
    number = number_of(db, conversation_id)
    found: list[MessageRow] = []
    if number is not None and wanted:
        marks = ",".join("?" * len(wanted))
        rows = select(
            db,
            conversation_id,
            f"""id IN (SELECT id FROM messages INDEXED BY messages_client
                WHERE client_id IN ({marks}) AND id > ? AND id <= ?) ORDER BY id""",  # noqa: S608
            (*wanted, message_id(number, 0), message_id(number, MAX_SEQ)),
        )
        found += rows
    return found + [row for row in pending(db, conversation_id) if row.client_id in wanted]


def pending(db: Reader, conversation_id: str) -> list[MessageRow]:
    """Own messages without an acknowledgement, in the order of making; show them below all others."""
    me = own_person_id(db)
    rows = db.all(
        f"SELECT {_PENDING} FROM outbox WHERE conversation_id = ? AND kind = ? ORDER BY id",  # noqa: S608
        (conversation_id, CommandKind.SEND),
    )
    return [_pending_row(row, me) for row in rows]


def newest_pending(db: Reader, me: str) -> dict[str, MessageRow]:
    """For each conversation its newest pending message."""
    rows = db.all(
        f"""SELECT {_PENDING} FROM outbox WHERE id IN
            (SELECT max(id) FROM outbox WHERE kind = ? GROUP BY conversation_id)""",  # noqa: S608
        (CommandKind.SEND,),
    )
    return {row[2]: _pending_row(row, me) for row in rows}


def select(db: Reader, conversation_id: str, where: str, parameters: Sequence[Any]) -> list[MessageRow]:
    """Rows of one conversation by a condition of our own making (never from user input)."""
    rows = db.all(f"SELECT {_COLUMNS} FROM messages WHERE {where}", parameters)  # noqa: S608
    ids = [row[0] for row in rows]
    marks = reactions.marks(db, ids)
    said = _transcripts(db, ids)
    return [_row(conversation_id, row, marks.get(row[0], ()), said.get(row[0], "")) for row in rows]


def newest_shown(db: Reader, conversation_id: str, number: int) -> MessageRow | None:
    """The newest message that was not deleted here, for the list: without what was put to it."""
    row = db.one(
        f"SELECT {_COLUMNS} FROM messages WHERE id BETWEEN ? AND ? AND state <> ? ORDER BY id DESC LIMIT 1",  # noqa: S608
        (message_id(number, 1), message_id(number, MAX_SEQ), MessageState.REMOVED),
    )
    return None if row is None else _row(conversation_id, row)


def _transcripts(db: Reader, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    spots = ",".join("?" * len(ids))
    return dict(db.all(f"SELECT message, text FROM transcripts WHERE message IN ({spots})", ids))  # type: ignore[arg-type]  # noqa: S608


# Inner parts.

_PENDING = "id, client_id, conversation_id, payload, state, error, created_at"


def _pending_row(row: tuple[Any, ...], me: str) -> MessageRow:
    number, client_id, conversation_id, payload, state, error, created_at = row
    command = msgspec.msgpack.decode(payload, type=SendCommand)
    return MessageRow(
        conversation_id=conversation_id,
        seq=0,
        client_id=client_id,
        sender_id=me,
        sent_at=created_at,
        state=MessageState.FAILED if state == CommandState.FAILED else MessageState.PENDING,
        content=decode_content(command.content),
        file_ids=tuple(command.file_ids),
        error=error,
        order=number,
    )


def _row(
    conversation_id: str, row: tuple[Any, ...], marks: tuple[ReactionMark, ...] = (), transcript: str = ""
) -> MessageRow:
    row_id, event_id, client_id, sender, sent_at, state, content, file_ids, by, at = row
    return MessageRow(
        conversation_id=conversation_id,
        seq=split(row_id)[1],
        client_id=client_id,
        sender_id=sender,
        sent_at=sent_at,
        state=MessageState(state),
        content=None if content is None else decode_content(content),
        file_ids=tuple(msgspec.msgpack.decode(file_ids)) if file_ids else (),
        recalled_by=by or "",
        recalled_at=at or 0,
        event_id=event_id,
        reactions=marks,
        transcript=transcript,
    )


def _pack(content: AnyContent | Unknown | None) -> bytes | None:
    if content is None:
        return None
    return content.raw if isinstance(content, Unknown) else encode_content(content)


def _note_mention(
    db: Writer, row_id: int, content: AnyContent | Unknown | None, sender_id: str, me: str
) -> None:
    db.run("DELETE FROM mentions WHERE message = ?", (row_id,))
    if (
        isinstance(content, TextContent)
        and sender_id != me
        and names_me(db, split(row_id)[0], content, sender_id, me)
    ):
        db.run("INSERT INTO mentions(message) VALUES(?)", (row_id,))


def names_me(db: Reader, number: int, content: TextContent, sender_id: str, me: str) -> bool:
    """Whether a message calls the user. 所有人 counts only from who may say it by the group's rules (E095, E110): the server
    cannot read who is named. Somebody whose role is not known here is believed."""
    if me in content.mentions:
        return True
    if "all" not in content.mentions:
        return False
    row = db.one("SELECT rules, owner_id FROM conversations WHERE number = ?", (number,))
    rules = _rules.decode(row[0]) if row is not None and row[0] else GroupRules()
    if rules.mention_all is Who.ALL or (row is not None and row[1] == sender_id):
        return True
    role = db.value(
        "SELECT role FROM members WHERE conversation = ? AND person_id = ?", (number, sender_id), ""
    )
    return role != MemberRole.MEMBER


def note_file(db: Writer, row_id: int, content: AnyContent | Unknown | None) -> None:
    """Remember which message brought which files; those inside forwarded records too."""
    db.run("DELETE FROM file_refs WHERE message = ?", (row_id,))
    for ref in file_refs(content):
        db.run("INSERT OR IGNORE INTO file_refs(file_id, message) VALUES(?, ?)", (ref.file_id, row_id))


def file_ref(db: Reader, file_id: str) -> tuple[str, FileRef] | None:
    """A conversation in which a file came, and what opens it; None when no message brought it."""
    rows = db.all(
        """SELECT c.id, m.content FROM file_refs f JOIN messages m ON m.id = f.message
           JOIN conversations c ON c.number = m.id >> 40 WHERE f.file_id = ? ORDER BY m.id DESC""",
        (file_id,),
    )
    for conversation_id, packed in rows:
        if packed is not None:
            for ref in file_refs(decode_content(packed)):
                if ref.file_id == file_id:
                    return conversation_id, ref
    return None


def file_of(row: MessageRow) -> Filed | None:
    """The content when the message carries a file."""
    return row.content if isinstance(row.content, FILED) else None
