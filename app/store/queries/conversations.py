"""Conversations as the server told them, and the list that the user sees."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from app.store.database import Reader, Writer
from app.store.records import ConversationRow, MessageRow, MessageState
from server_stub.contract.content import summary
from server_stub.contract.conversations import Conversation, ConversationKind
from server_stub.contract.group_rules import GroupRules

from . import cleared, destroyed, file_texts, messages, people
from .places import MAX_SEQ, message_id, number_of
from .secrets import own_person_id

_rules = msgspec.msgpack.Decoder(GroupRules)


def put(db: Writer, conversation: Conversation) -> bool:
    """Take the server's row when it is not older than ours; return whether it was new to us."""
    c = conversation
    known = db.one("SELECT number, event_id, left, first_seq FROM conversations WHERE id = ?", (c.id,))
    if known is None:
        db.run("INSERT INTO conversations(id, kind, active_at) VALUES(?, ?, ?)", (c.id, c.kind, c.created_at))
    elif known[1] > c.event_id:
        return False
    db.run(
        """UPDATE conversations SET kind = ?, name = ?, peer_id = ?, owner_id = ?, avatar_file = ?,
             created_at = ?, member_count = ?, sample_members = ?, epoch = max(epoch, ?),
             first_seq = iif(left, ?, max(first_seq, ?)),
             last_seq = max(last_seq, ?), announcement = ?, announcement_version = ?,
             announced_by = ?, announced_at = ?, muted_all = ?, muted_until = ?, rules = ?, member_limit = ?,
             left = ?, dissolved = ?, event_id = ?
           WHERE id = ?""",
        (
            c.kind,
            c.name,
            c.peer_id,
            c.owner_id,
            c.avatar_file,
            c.created_at,
            c.member_count,
            msgspec.msgpack.encode(c.sample_members),
            c.epoch,
            c.first_seq,
            c.first_seq,
            c.last_seq,
            c.announcement,
            c.announcement_version,
            c.announced_by,
            c.announced_at,
            c.muted_all,
            c.muted_until,
            msgspec.msgpack.encode(c.rules),
            c.member_limit,
            c.left,
            c.dissolved,
            c.event_id,
            c.id,
        ),
    )
    if known is not None and (c.left or not known[2]) and c.first_seq > known[3]:
        # Cleared on another device, or too old to be kept. Who left and came back keeps what he had.
        cleared.purge(db, c.id, c.first_seq)
    if c.destroyed_epoch:
        number = known[0] if known is not None else number_of(db, c.id)
        if number is not None:
            destroyed.take(db, c.id, number, c.destroyed_epoch, c.destroyed_seq)
    if c.left or c.dissolved:
        file_texts.forget_conversation(db, c.id)
    db.changed("conversations", c.id, [c.id])
    return known is None


def note_message(db: Writer, number: int, conversation_id: str, seq: int, sent_at: int, own: bool) -> None:
    """A message exists at `seq`: move the head, the activity and the own floor forward."""
    db.run(
        """UPDATE conversations SET last_seq = max(last_seq, ?), active_at = max(active_at, ?),
             own_seq = max(own_seq, ?) WHERE number = ?""",
        (seq, sent_at, seq if own else 0, number),
    )
    db.changed("conversations", conversation_id, [conversation_id])


def note_epoch(db: Writer, conversation_id: str, epoch: int) -> None:
    """The current epoch is at least this."""
    db.run("UPDATE conversations SET epoch = max(epoch, ?) WHERE id = ?", (epoch, conversation_id))


def clear(db: Writer, conversation_id: str, up_to: int) -> None:
    """The user clears his history up to a number; shown at once."""
    db.run(
        "UPDATE conversations SET first_seq = max(first_seq, ?) WHERE id = ?", (up_to + 1, conversation_id)
    )
    cleared.purge(db, conversation_id, up_to + 1)
    db.changed("conversations", conversation_id, [conversation_id])


def touch(db: Writer, conversation_id: str, at: int) -> None:
    """The user wrote something here: it goes to the top before the server knows."""
    db.run("UPDATE conversations SET active_at = max(active_at, ?) WHERE id = ?", (at, conversation_id))
    db.changed("conversations", conversation_id, [conversation_id])


def epoch_of(db: Reader, conversation_id: str) -> int:
    """The current key epoch; 0 when the conversation is unknown."""
    return db.value("SELECT epoch FROM conversations WHERE id = ?", (conversation_id,), 0)


def bounds(db: Reader, conversation_id: str) -> tuple[int, int] | None:
    """First and last seq that the user may see, or None when the conversation is unknown."""
    row = db.one("SELECT first_seq, last_seq FROM conversations WHERE id = ?", (conversation_id,))
    return None if row is None else (row[0], row[1])


def single_with(db: Reader, person_id: str) -> str | None:
    """The single chat with a person, if this machine knows it."""
    return db.value(
        "SELECT id FROM conversations WHERE peer_id = ? AND kind = ?", (person_id, ConversationKind.SINGLE)
    )


def all_ids(db: Reader) -> list[str]:
    """Every conversation, the most active first."""
    return [row[0] for row in db.all("SELECT id FROM conversations ORDER BY active_at DESC, number DESC")]


def get(db: Reader, conversation_id: str) -> ConversationRow | None:
    """One row of the list, or None."""
    rows = overview(db, [conversation_id], hidden=True)
    return rows[0] if rows else None


def overview(db: Reader, ids: Iterable[str] | None = None, *, hidden: bool = False) -> list[ConversationRow]:
    """The conversation list: pinned first, then by activity. `hidden` includes those the user hid."""
    sql = """SELECT c.number, c.id, c.kind, c.name, c.peer_id, c.owner_id, c.avatar_file, c.member_count,
               c.sample_members, c.announcement, c.epoch, c.first_seq, c.last_seq, c.active_at, c.own_seq,
               c.muted_all, c.left, c.dissolved,
               coalesce(s.pinned, 0), coalesce(s.muted, 0), coalesce(s.hidden, 0), coalesce(s.marked_unread, 0),
               coalesce(d.text, ''), coalesce(m.read_seq, 0),
               c.announcement_version, c.announced_by, c.announced_at, c.muted_until, c.rules, c.member_limit
             FROM conversations c
             LEFT JOIN settings s ON s.conversation_id = c.id
             LEFT JOIN drafts d ON d.conversation_id = c.id
             LEFT JOIN members m ON m.conversation = c.number AND m.person_id = ?"""
    me = own_person_id(db)
    parameters: list[Any] = [me]
    if ids is not None:
        wanted = list(ids)
        sql += f" WHERE c.id IN ({','.join('?' * len(wanted))})"
        parameters += wanted
    rows = db.all(sql, parameters)
    pending = messages.newest_pending(db, me)
    found = [_row(db, me, row, pending.get(row[1])) for row in rows]
    names = people.names(db, _people_in(found))
    listed = [_named(row, me, names) for row in found if hidden or not row.hidden]
    return sorted(listed, key=lambda row: (not row.pinned, -row.active_at, row.id))


def unread_total(db: Reader) -> int:
    """Unread messages of all conversations that are not muted, for the badge."""
    return sum(row.unread or row.marked_unread for row in overview(db) if not row.muted)


def _row(db: Reader, me: str, row: tuple[Any, ...], pending: MessageRow | None) -> ConversationRow:
    (number, id_, kind, name, peer, owner, avatar, count, sample, announcement, epoch, first, last) = row[:13]
    (active_at, own_seq, muted_all, left, dissolved, pinned, muted, hidden, marked, draft, read_seq) = row[
        13:24
    ]
    (version, announced_by, announced_at, muted_until, rules, member_limit) = row[24:]
    read = max(read_seq, own_seq, first - 1)
    newest = pending
    if newest is None:
        newest = messages.newest_shown(db, id_, number)
    mentioned = db.value(
        "SELECT 1 FROM mentions WHERE message BETWEEN ? AND ? LIMIT 1",
        (message_id(number, read + 1), message_id(number, MAX_SEQ)),
    )
    return ConversationRow(
        id=id_,
        kind=ConversationKind(kind),
        title=name,
        peer_id=peer,
        owner_id=owner,
        avatar_file=avatar,
        member_count=count,
        sample_members=tuple(msgspec.msgpack.decode(sample)) if sample else (),
        announcement=announcement,
        epoch=epoch,
        first_seq=first,
        last_seq=last,
        read_seq=read,
        unread=max(0, last - read),
        mentioned=bool(mentioned),
        last=newest,
        active_at=active_at,
        draft=draft,
        pinned=bool(pinned),
        muted=bool(muted),
        hidden=bool(hidden),
        marked_unread=bool(marked),
        muted_all=bool(muted_all),
        muted_until=muted_until,
        announcement_version=version,
        announced_by=announced_by,
        announced_at=announced_at,
        rules=_rules.decode(rules) if rules else GroupRules(),
        member_limit=member_limit,
        left=bool(left),
        dissolved=bool(dissolved),
    )


def _people_in(rows: list[ConversationRow]) -> set[str]:
    wanted: set[str] = set()
    for row in rows:
        if row.peer_id:
            wanted.add(row.peer_id)
        if not row.title:
            wanted.update(row.sample_members)
        if row.last is not None:
            wanted.add(row.last.sender_id)
            wanted.add(row.last.recalled_by)
    return wanted


def _named(row: ConversationRow, me: str, names: dict[str, str]) -> ConversationRow:
    title = row.title
    if not title and row.kind is ConversationKind.SINGLE:
        title = names.get(row.peer_id, "")
    if not title:
        title = "、".join(names[p] for p in row.sample_members if p != me and p in names)
    text = sender = ""
    if row.last is not None:
        text = line_of(row.last, me, names)
        quiet = row.last.sender_id in (me, "system") or row.last.state is MessageState.RECALLED
        if not quiet and row.kind is ConversationKind.GROUP:
            sender = names.get(row.last.sender_id, "")
    return replace(row, title=title or "未命名会话", last_text=text, last_sender=sender)


def line_of(message: MessageRow, me: str, names: dict[str, str]) -> str:
    """One line of a message for lists, in Chinese."""
    match message.state:
        case MessageState.RECALLED:
            if message.recalled_by == me:
                return "您撤回了一条消息"
            return f"{names.get(message.recalled_by, '对方')}撤回了一条消息"
        case MessageState.SEALED:
            return "[新消息]"
        case MessageState.DESTROYED:
            return "[密钥已销毁]"
        case MessageState.DAMAGED:
            return "[消息无法查看]"
        case _:
            return summary(message.content) if message.content is not None else ""
