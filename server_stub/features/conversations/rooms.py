"""A conversation's head and members as the server keeps them in memory, each tagged with its version."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Row, select

from server_stub.contract.conversations import ConversationKind, MemberRole
from server_stub.contract.group_rules import GroupRules

from .tables import conversation_heads, conversations, members

_CACHED_ROOMS = 20_000
_CACHED_MEMBERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Seat:
    """What a membership allows: the role, and from which message and key epoch on one may read.

    `last_seq` and `last_epoch` are None for a member and set for one who left.
    """

    role: MemberRole
    first_seq: int
    first_epoch: int
    last_seq: int | None = None
    last_epoch: int | None = None
    muted_until: int = 0
    """May not write until then, Unix milliseconds."""

    @property
    def left(self) -> bool:
        """Whether the person is no longer a member."""
        return self.last_seq is not None


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation's rights, at `version`. `seats` holds the current members only."""

    number: int
    id: str
    kind: ConversationKind
    version: int
    epoch: int
    muted_all: bool
    dissolved: bool
    seats: Mapping[str, Seat]
    muted_until: int = 0
    rules: GroupRules = field(default_factory=GroupRules)


_HEAD = (
    select(
        conversations.c.number,
        conversations.c.id,
        conversations.c.kind,
        conversations.c.muted_all,
        conversations.c.muted_until,
        conversations.c.rules,
        conversations.c.dissolved,
        conversation_heads.c.version,
        conversation_heads.c.epoch,
    )
    .select_from(conversations)
    .join(conversation_heads, conversation_heads.c.conversation_no == conversations.c.number)
)


_rules = msgspec.json.Decoder(GroupRules)
_PLAIN = GroupRules()


def rules_of(text: str) -> GroupRules:
    """Read the rules of a row of `conversations`."""
    return _rules.decode(text) if text else _PLAIN


def seat_of(row: "Row[tuple[object, ...]]") -> Seat:
    """Make a seat of a row of `members`."""
    return Seat(
        role=MemberRole(row.role),
        first_seq=row.first_seq,
        first_epoch=row.first_epoch,
        last_seq=row.last_seq if row.left else None,
        last_epoch=row.last_epoch if row.left else None,
        muted_until=row.muted_until,
    )


def load_rooms(connection: Connection, ids: Iterable[str]) -> dict[str, Room]:
    """Read rooms by conversation id; unknown ids are left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    heads = connection.execute(_HEAD.where(conversations.c.id.in_(wanted))).all()
    seats: dict[int, dict[str, Seat]] = {head.number: {} for head in heads}
    rows = connection.execute(
        select(members).where(members.c.conversation_no.in_(list(seats)), members.c.left.is_(False))
    )
    for row in rows:
        seats[row.conversation_no][row.person_id] = seat_of(row)
    return {
        head.id: Room(
            number=head.number,
            id=head.id,
            kind=ConversationKind(head.kind),
            version=head.version,
            epoch=head.epoch,
            muted_all=head.muted_all,
            dissolved=head.dissolved,
            seats=seats[head.number],
            muted_until=head.muted_until,
            rules=rules_of(head.rules),
        )
        for head in heads
    }


class RoomCache:
    """Rooms by conversation id; safe to use from several threads.

    A cached room may be out of date. Whoever acts on one compares its version with the head's inside the
    transaction (`MessageAppender`), so that another server process's change of membership is never missed.
    """

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._members = 0
        self._lock = threading.Lock()

    def get(self, conversation_id: str) -> Room | None:
        """Return the cached room, or None."""
        return self._rooms.get(conversation_id)

    def put(self, room: Room) -> None:
        """Keep `room` unless a newer version is kept already."""
        with self._lock:
            old = self._rooms.pop(room.id, None)
            if old is not None:
                self._members -= len(old.seats)
                if old.version > room.version:
                    room = old
            self._rooms[room.id] = room
            self._members += len(room.seats)
            while len(self._rooms) > _CACHED_ROOMS or self._members > _CACHED_MEMBERS:
                oldest = next(iter(self._rooms))
                if oldest == room.id:
                    break
                self._members -= len(self._rooms.pop(oldest).seats)

    def drop(self, conversation_id: str) -> None:
        """Forget a room."""
        with self._lock:
            old = self._rooms.pop(conversation_id, None)
            if old is not None:
                self._members -= len(old.seats)
