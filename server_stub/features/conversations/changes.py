"""The row steps of a change of membership, inside the caller's transaction."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from server_stub.contract.conversations import Conversation, MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.storage.schema import next_event_ids

from .access import ConversationAccess
from .ports import Wrapped
from .rooms import Room, Seat, load_rooms, rules_of, seat_of
from .tables import conversation_heads, conversations, epochs, members
from .views import conversation_view
from .writer import Written

_SAMPLE = 9


@dataclass(slots=True)
class Change:
    """What a transaction did, told after its commit."""

    conversation_id: str
    room: Room
    seats: dict[str, Seat]
    row: Any
    members: list[Any]
    line: Written | None = None


_STAMP = text(
    "UPDATE conversation_members SET event_id = :e, membership_event_id = :e"
    " WHERE conversation_no = :n AND person_id = :p"
)
WHOLE_ROW = (
    select(
        conversations,
        conversation_heads.c.last_seq,
        conversation_heads.c.version,
        conversation_heads.c.epoch,
    )
    .select_from(conversations)
    .join(conversation_heads, conversation_heads.c.conversation_no == conversations.c.number)
)


def find_by_key(connection: Connection, unique_key: str, viewer: str) -> Conversation | None:
    row = connection.execute(WHOLE_ROW.where(conversations.c.unique_key == unique_key)).one_or_none()
    if row is None:
        return None
    mine = connection.execute(
        select(members).where(members.c.conversation_no == row.number, members.c.person_id == viewer)
    ).one_or_none()
    if mine is None:
        return None
    return conversation_view(row, seat_of(mine), viewer, event_id=max(row.event_id, mine.membership_event_id))


def current_key(connection: Connection, conversation_id: str) -> tuple[int, Wrapped]:
    found = connection.execute(
        select(epochs.c.epoch, epochs.c.wrapped_key, epochs.c.kek_id)
        .select_from(conversations)
        .join(conversation_heads, conversation_heads.c.conversation_no == conversations.c.number)
        .join(
            epochs,
            (epochs.c.conversation_no == conversations.c.number)
            & (epochs.c.epoch == conversation_heads.c.epoch),
        )
        .where(conversations.c.id == conversation_id)
    ).one_or_none()
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND)
    if found.wrapped_key is None:
        raise ApiError(ErrorCode.KEY_DESTROYED)
    return found.epoch, Wrapped(bytes(found.wrapped_key), found.kek_id)


def store_key(connection: Connection, number: int, epoch: int, wrapped: Wrapped, now: int) -> None:
    connection.execute(
        insert(epochs).values(
            conversation_no=number,
            epoch=epoch,
            wrapped_key=wrapped.blob,
            kek_id=wrapped.kek_id,
            created_at=now,
        )
    )


def insert_members(
    connection: Connection,
    number: int,
    people: dict[str, MemberRole],
    *,
    first_seq: int,
    epoch: int,
    now: int,
    read_seq: int | None = None,
) -> None:
    """`read_seq`: what newcomers count as read; without it, all before `first_seq`."""
    read = first_seq - 1 if read_seq is None else read_seq
    connection.execute(
        insert(members),
        [
            {
                "conversation_no": number,
                "person_id": person_id,
                "role": role.value,
                "joined_at": now,
                "first_seq": first_seq,
                "first_epoch": epoch,
                "read_seq": read,
                "delivered_seq": read,
                "event_id": 0,
                "membership_event_id": 0,
            }
            for person_id, role in people.items()
        ],
    )


def change_seats(
    connection: Connection,
    granted: ConversationAccess,
    joining: list[str],
    leaving: list[str],
    fresh_key: Wrapped | None,
    *,
    acting_role: MemberRole,
    self_id: str,
    check_size: Callable[[int, int], None],
    write_line: Callable[[], Written | None],
) -> Change:
    """Add `joining` and take out `leaving`; `fresh_key` is the next epoch's, needed when somebody leaves.

    `write_line` runs in between, so that those who leave do not see the line, and newcomers do.
    """
    number = granted.number
    now = int(time.time() * 1000)
    touched = joining + leaving
    heirs: list[str] = []
    old = {
        row.person_id: row
        for row in connection.execute(
            select(members).where(members.c.conversation_no == number, members.c.person_id.in_(touched))
        )
    }
    for person_id in leaving:
        if person_id not in old or old[person_id].left:
            raise ApiError(ErrorCode.NOT_FOUND, "remove")
        if person_id != self_id and not _outranks(acting_role, MemberRole(old[person_id].role)):
            raise ApiError(ErrorCode.FORBIDDEN)
        if old[person_id].role == MemberRole.OWNER:
            heir = _hand_over(connection, number, person_id)
            if heir:
                heirs.append(heir)
    joining = [one for one in joining if one not in old or old[one].left]
    before = granted.row.member_count
    check_size(before, before + len(joining) - len(leaving))
    if leaving:
        # The line about the removal is under the new epoch, and comes after what they may see.
        if fresh_key is None:
            raise ValueError("a removal needs the next epoch's key")
        connection.execute(
            update(members)
            .where(members.c.conversation_no == number, members.c.person_id.in_(leaving))
            .values(left=True, last_seq=granted.row.last_seq, last_epoch=granted.row.epoch, role="member")
        )
        connection.execute(
            update(conversation_heads)
            .where(conversation_heads.c.conversation_no == number)
            .values(epoch=granted.row.epoch + 1)
        )
        store_key(connection, number, granted.row.epoch + 1, fresh_key, now)
    epoch = granted.row.epoch + (1 if leaving else 0)
    # Newcomers see what was written before only where the group says so (E112).
    history = rules_of(granted.row.rules).history
    first_seq, first_epoch = (1, 1) if history else (granted.row.last_seq + 1, epoch)
    back = [one for one in joining if one in old]
    if back:
        connection.execute(
            update(members)
            .where(members.c.conversation_no == number, members.c.person_id.in_(back))
            .values(
                left=False,
                last_seq=None,
                last_epoch=None,
                first_seq=first_seq,
                first_epoch=first_epoch,
                joined_at=now,
                muted_until=0,
                nickname="",
                read_seq=granted.row.last_seq,
                delivered_seq=granted.row.last_seq,
            )
        )
    new = {one: MemberRole.MEMBER for one in joining if one not in old}
    if new:
        insert_members(
            connection,
            number,
            new,
            first_seq=first_seq,
            epoch=first_epoch,
            now=now,
            read_seq=granted.row.last_seq,
        )
    written = write_line() if joining or leaving else None
    return finish(connection, number, granted.row.id, joining + leaving + heirs, written)


def _hand_over(connection: Connection, number: int, owner_id: str) -> str | None:
    """Make the longest-serving administrator, or else member, the owner; returns the heir."""
    heir = connection.execute(
        select(members.c.person_id)
        .where(
            members.c.conversation_no == number,
            members.c.left.is_(False),
            members.c.person_id != owner_id,
        )
        .order_by(members.c.role, members.c.joined_at, members.c.person_id)
        # "admin" sorts before "member".
        .limit(1)
    ).scalar()
    if heir is not None:
        connection.execute(
            update(members)
            .where(members.c.conversation_no == number, members.c.person_id == heir)
            .values(role=MemberRole.OWNER.value)
        )
    connection.execute(
        update(conversations).where(conversations.c.number == number).values(owner_id=heir or "")
    )
    return heir


def _outranks(one: MemberRole, other: MemberRole) -> bool:
    order = (MemberRole.MEMBER, MemberRole.ADMIN, MemberRole.OWNER)
    return order.index(one) > order.index(other)


def finish(
    connection: Connection,
    number: int,
    conversation_id: str,
    touched: list[str],
    line: Written | None,
) -> Change:
    """Count members, raise the version, give every changed row its event id; the conversation's is last."""
    sample = connection.scalars(
        select(members.c.person_id)
        .where(members.c.conversation_no == number, members.c.left.is_(False))
        .order_by(members.c.joined_at, members.c.role.desc(), members.c.person_id)
        # "owner" sorts after "member", so descending puts the owner first.
        .limit(_SAMPLE)
    ).all()
    count = connection.execute(
        select(func.count())
        .select_from(members)
        .where(members.c.conversation_no == number, members.c.left.is_(False))
    ).scalar_one()
    connection.execute(
        update(conversation_heads)
        .where(conversation_heads.c.conversation_no == number)
        .values(version=conversation_heads.c.version + 1)
    )
    ids = next_event_ids(connection, len(touched) + 1)
    if touched:
        connection.execute(
            _STAMP, [{"n": number, "p": one, "e": at} for one, at in zip(touched, ids, strict=False)]
        )
    connection.execute(
        update(conversations)
        .where(conversations.c.number == number)
        .values(member_count=count, sample_members=" ".join(sample), event_id=ids[-1])
    )
    room = load_rooms(connection, [conversation_id])[conversation_id]
    row = connection.execute(WHOLE_ROW.where(conversations.c.number == number)).one()
    changed = (
        connection.execute(
            select(members).where(members.c.conversation_no == number, members.c.person_id.in_(touched))
        ).all()
        if touched
        else []
    )
    seats = dict(room.seats) | {one.person_id: seat_of(one) for one in changed}
    return Change(conversation_id, room, seats, row, list(changed), line)
