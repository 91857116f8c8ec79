"""The one way to a conversation: every read and write asks here, and what is not allowed is denied."""

import time
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn, Protocol

from sqlalchemy import Connection, Row, select

from server_stub.contract.conversations import ConversationKind, MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.group_rules import GroupRules, Who
from server_stub.contract.ids import is_uuid
from server_stub.http.endpoint import Caller

from .rooms import Room, Seat, rules_of, seat_of
from .tables import conversation_heads, conversations, members

_PLAIN = GroupRules()


class Right(Enum):
    """What somebody wants to do in a conversation."""

    READ = "read"
    """See the conversation, its members, messages and keys, within the own visible range."""
    SEND = "send"
    """Write messages."""
    CURSOR = "cursor"
    """Move the own cursors, tell that one is writing."""
    SETTING = "setting"
    """Change the own setting (pin, mute, hide); stays with those who left."""
    INVITE = "invite"
    """Add members."""
    EDIT = "edit"
    """Change name and picture."""
    UPLOAD = "upload"
    """Put something into the group's space."""
    MANAGE = "manage"
    """Change announcement and rules, silence and remove members, decide who joins, recall the messages of others."""
    OWN = "own"
    """Name administrators, hand the group over, dissolve it."""
    LEAVE = "leave"
    """Give up the own membership."""


class RefusalLog(Protocol):
    """Learns of refusals, for the audit trail."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """`kind` is "conversation" or "file". Called from any thread; must not block or raise."""
        ...


@dataclass(frozen=True, slots=True)
class ConversationAccess:
    """A granted access: the conversation's row (with its head) and the caller's seat."""

    row: "Row[tuple[object, ...]]"
    """Columns of `conversations` and of `conversation_heads` (last_seq, version, epoch)."""
    seat: Seat

    @property
    def number(self) -> int:
        """The conversation's internal number."""
        return self.row.number

    @property
    def visible_last_seq(self) -> int:
        """The newest message that the caller may see."""
        return self.row.last_seq if self.seat.last_seq is None else min(self.seat.last_seq, self.row.last_seq)


def decide(
    kind: ConversationKind,
    seat: Seat | None,
    right: Right,
    *,
    muted_all: bool,
    dissolved: bool,
    muted_until: int = 0,
    rules: GroupRules = _PLAIN,
    now_ms: int = 0,
) -> ErrorCode | None:
    """Return why `right` is refused, or None when it is granted. No database, no clock: the whole rule."""
    if seat is None:
        return ErrorCode.NOT_FOUND
    if right in (Right.READ, Right.SETTING):
        return None
    if seat.left or dissolved:
        return ErrorCode.FORBIDDEN
    if right is Right.CURSOR:
        return None
    manager = seat.role in (MemberRole.OWNER, MemberRole.ADMIN)
    if right is Right.SEND:
        silent = muted_all and (not muted_until or now_ms < muted_until)
        quiet = kind is ConversationKind.SERVICE or (silent and not manager) or now_ms < seat.muted_until
        return ErrorCode.FORBIDDEN if quiet else None
    if kind is not ConversationKind.GROUP:
        return ErrorCode.FORBIDDEN
    granted = {
        Right.LEAVE: True,
        Right.INVITE: manager or rules.invite is Who.ALL,
        Right.EDIT: manager or rules.edit is Who.ALL,
        Right.UPLOAD: manager or rules.upload is Who.ALL,
        Right.MANAGE: manager,
        Right.OWN: seat.role is MemberRole.OWNER,
    }
    return None if granted.get(right, False) else ErrorCode.FORBIDDEN


def decide_in(room: Room, person_id: str, right: Right) -> ErrorCode | None:
    """The same rule for a room in memory."""
    return decide(
        room.kind,
        room.seats.get(person_id),
        right,
        muted_all=room.muted_all,
        dissolved=room.dissolved,
        muted_until=room.muted_until,
        rules=room.rules,
        now_ms=int(time.time() * 1000),
    )


_ROW = (
    select(
        conversations,
        conversation_heads.c.last_seq,
        conversation_heads.c.version,
        conversation_heads.c.epoch,
    )
    .select_from(conversations)
    .join(conversation_heads, conversation_heads.c.conversation_no == conversations.c.number)
)


class AccessControl:
    """Grants and refuses; refusals are reported."""

    def __init__(self, refusals: RefusalLog) -> None:
        self._refusals = refusals

    def access_conversation(
        self,
        connection: Connection,
        caller: Caller,
        conversation_id: str,
        right: Right,
        *,
        lock: bool = False,
    ) -> ConversationAccess:
        """Return the granted access.

        `lock` holds the conversation's head until the commit: for writes that change membership or rights.
        Raises ApiError: not_found to outsiders (whether or not it exists), forbidden to those without the right.
        """
        query = _ROW.where(conversations.c.id == conversation_id)
        if lock:
            query = query.with_for_update(of=conversation_heads)
        row = connection.execute(query).one_or_none() if is_uuid(conversation_id) else None
        seat = None
        if row is not None:
            mine = connection.execute(
                select(members).where(
                    members.c.conversation_no == row.number, members.c.person_id == caller.person_id
                )
            ).one_or_none()
            seat = None if mine is None else seat_of(mine)
        if row is None or seat is None:
            self._refuse(caller, conversation_id, right, ErrorCode.NOT_FOUND)
        refusal = decide(
            ConversationKind(row.kind),
            seat,
            right,
            muted_all=row.muted_all,
            dissolved=row.dissolved,
            muted_until=row.muted_until,
            rules=rules_of(row.rules),
            now_ms=int(time.time() * 1000),
        )
        if refusal is not None:
            self._refuse(caller, conversation_id, right, refusal)
        return ConversationAccess(row=row, seat=seat)

    def access_by_code(self, connection: Connection, conversation_id: str) -> ConversationAccess:
        """Return the access of somebody whose code for the group was found to hold: to take a plain seat, locked.

        Raises ApiError not_found when the group has ended meanwhile.
        """
        row = connection.execute(
            _ROW.where(
                conversations.c.id == conversation_id,
                conversations.c.kind == ConversationKind.GROUP.value,
                conversations.c.dissolved.is_(False),
            ).with_for_update(of=conversation_heads)
        ).one_or_none()
        if row is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        return ConversationAccess(row=row, seat=Seat(MemberRole.MEMBER, row.last_seq + 1, row.epoch))

    def access_as_administrator(
        self, connection: Connection, caller: Caller, conversation_id: str, *, lock: bool = False
    ) -> ConversationAccess:
        """Return the access of an administrator of the system to a group that goes on: its facts and members, no content.

        Raises ApiError: forbidden to others, not_found for what is no group or has ended.
        """
        if not caller.is_admin:
            self._refuse(caller, conversation_id, Right.OWN, ErrorCode.FORBIDDEN)
        query = _ROW.where(
            conversations.c.id == conversation_id,
            conversations.c.kind == ConversationKind.GROUP.value,
            conversations.c.dissolved.is_(False),
        )
        if lock:
            query = query.with_for_update(of=conversation_heads)
        row = connection.execute(query).one_or_none() if is_uuid(conversation_id) else None
        if row is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        return ConversationAccess(row=row, seat=Seat(MemberRole.OWNER, row.last_seq + 1, row.epoch))

    def _refuse(self, caller: Caller, conversation_id: str, right: Right, code: ErrorCode) -> NoReturn:
        self._refusals.refused(caller, "conversation", conversation_id[:64], right.value)
        raise ApiError(code)
