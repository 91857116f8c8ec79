"""Members and their cursors."""

from app.store.database import Reader, Writer
from app.store.records import MemberRow, Receipt
from server_stub.contract.conversations import Member, MemberRole

from .places import number_of


def put(db: Writer, member: Member) -> bool:
    """Take the server's row when it is not older; cursors never go back."""
    m = member
    number = number_of(db, m.conversation_id)
    if number is None:
        return False
    db.run(
        """INSERT INTO members(conversation, person_id, role, nickname, joined_at, read_seq, delivered_seq, left,
             muted_until, announcement_seen, event_id) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT(conversation, person_id) DO UPDATE SET
             read_seq = max(read_seq, excluded.read_seq), delivered_seq = max(delivered_seq, excluded.delivered_seq),
             role = iif(excluded.event_id >= event_id, excluded.role, role),
             nickname = iif(excluded.event_id >= event_id, excluded.nickname, nickname),
             joined_at = iif(excluded.event_id >= event_id, excluded.joined_at, joined_at),
             left = iif(excluded.event_id >= event_id, excluded.left, left),
             muted_until = iif(excluded.event_id >= event_id, excluded.muted_until, muted_until),
             announcement_seen = max(announcement_seen, excluded.announcement_seen),
             event_id = max(event_id, excluded.event_id)""",
        (
            number,
            m.person_id,
            m.role,
            m.nickname,
            m.joined_at,
            m.read_seq,
            m.delivered_seq,
            m.left,
            m.muted_until,
            m.announcement_seen,
            m.event_id,
        ),
    )
    db.changed("members", m.conversation_id, [m.person_id])
    return True


def replace_all(db: Writer, conversation_id: str, members: list[Member], now_ms: int) -> None:
    """Take a whole list: who is not in it has left."""
    number = number_of(db, conversation_id)
    if number is None:
        return
    db.run("UPDATE members SET left = 1 WHERE conversation = ?", (number,))
    for member in members:
        put(db, member)
        db.run(
            "UPDATE members SET left = ? WHERE conversation = ? AND person_id = ?",
            (member.left, number, member.person_id),
        )
    db.run("UPDATE conversations SET members_at = ? WHERE number = ?", (now_ms, number))
    db.changed("members", conversation_id)


def move_read(db: Writer, conversation_id: str, person_id: str, seq: int) -> bool:
    """Move a read cursor forward at once; whether it moved."""
    number = number_of(db, conversation_id)
    if number is None:
        return False
    moved = db.run(
        """INSERT INTO members(conversation, person_id, role, read_seq) VALUES(?, ?, 'member', ?)
           ON CONFLICT(conversation, person_id) DO UPDATE SET read_seq = excluded.read_seq
             WHERE excluded.read_seq > read_seq""",
        (number, person_id, seq),
    )
    if moved:
        db.changed("members", conversation_id, [person_id])
        db.changed("conversations", conversation_id, [conversation_id])
    return bool(moved)


def change_own(
    db: Writer, conversation_id: str, person_id: str, nickname: str | None, announcement_seen: int | None
) -> None:
    """Show the user's own change at once; the server's row replaces it later."""
    number = number_of(db, conversation_id)
    if number is not None:
        db.run(
            """UPDATE members SET nickname = coalesce(?, nickname),
                 announcement_seen = max(announcement_seen, coalesce(?, 0))
               WHERE conversation = ? AND person_id = ?""",
            (nickname, announcement_seen, number, person_id),
        )
        db.changed("members", conversation_id, [person_id])


def read_seq(db: Reader, conversation_id: str, person_id: str) -> int:
    """A person's read cursor."""
    return db.value(
        """SELECT m.read_seq FROM members m JOIN conversations c ON c.number = m.conversation
           WHERE c.id = ? AND m.person_id = ?""",
        (conversation_id, person_id),
        0,
    )


def loaded_at(db: Reader, conversation_id: str) -> int:
    """When the whole list was fetched, Unix ms; 0 for never."""
    return db.value("SELECT members_at FROM conversations WHERE id = ?", (conversation_id,), 0)


def of(db: Reader, conversation_id: str, *, gone: bool = False) -> list[MemberRow]:
    """Members: the owner, then administrators, then by joining. `gone` includes those who left."""
    rows = db.all(
        """SELECT m.person_id, coalesce(nullif(m.nickname, ''), p.name, ''), m.role, m.nickname, m.joined_at,
             m.read_seq, m.delivered_seq, m.left, m.muted_until, m.announcement_seen
           FROM members m JOIN conversations c ON c.number = m.conversation LEFT JOIN people p ON p.id = m.person_id
           WHERE c.id = ? AND (m.left = 0 OR ?)
           ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END, m.joined_at, m.person_id""",
        (conversation_id, gone),
    )
    return [
        MemberRow(
            conversation_id,
            person,
            name,
            MemberRole(role),
            nickname,
            joined,
            read,
            delivered,
            bool(left),
            muted,
            seen,
        )
        for person, name, role, nickname, joined, read, delivered, left, muted, seen in rows
    ]


def receipt(db: Reader, conversation_id: str, seq: int, sender_id: str) -> Receipt:
    """Who has read and received a message; the sender does not count."""
    read: list[str] = []
    delivered: list[str] = []
    waiting: list[str] = []
    for member in of(db, conversation_id):
        if member.person_id == sender_id:
            continue
        if member.read_seq >= seq:
            read.append(member.person_id)
        elif member.delivered_seq >= seq:
            delivered.append(member.person_id)
        else:
            waiting.append(member.person_id)
    return Receipt(tuple(read), tuple(delivered), tuple(waiting))


def cursors(db: Reader, conversation_id: str, sender_id: str) -> list[tuple[int, int]]:
    """(read, delivered) of every member but the sender: read marks of a whole window from one query."""
    rows = db.all(
        """SELECT m.read_seq, m.delivered_seq FROM members m JOIN conversations c ON c.number = m.conversation
           WHERE c.id = ? AND m.left = 0 AND m.person_id <> ?""",
        (conversation_id, sender_id),
    )
    return [(read, delivered) for read, delivered in rows]
