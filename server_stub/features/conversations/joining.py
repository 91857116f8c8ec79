"""Becoming a member from outside: by the group's code or QR code, face to face, after a manager's word (E083, E118, E119)."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from server_stub.contract.content import AnyContent, NoticeContent, SystemContent
from server_stub.contract.conversations import Conversation, MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import JoinRequestEvent
from server_stub.contract.group_rules import JoinRule
from server_stub.contract.groups import (
    CODE_PREFIX,
    FACE_DIGITS,
    FACE_SECONDS,
    GroupCode,
    GroupPeek,
    JoinAnswer,
    JoinRequest,
    JoinState,
)
from server_stub.contract.ids import uuid7
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .access import AccessControl, ConversationAccess, RefusalLog, Right
from .changes import WHOLE_ROW, Change, change_seats
from .group_limits import size_check
from .limits import Limits
from .membership import Membership, check_epoch, needs_approval
from .ports import People, Wrapped
from .rooms import Seat, load_rooms, rules_of
from .tables import code_tries, conversations, group_codes, join_requests, members
from .views import conversation_view
from .writer import Draft

Notify = Callable[[str, AnyContent], Awaitable[object]]
"""Writes a notice for a person."""

_TRIES = 10
_TRY_SECONDS = 300
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that are taken for one another."""
_LENGTH = 20
"""100 bits."""


class Joining:
    """Codes, requests, and what managers say to them."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        refusals: RefusalLog,
        membership: Membership,
        publisher: Publisher,
        people: People,
        limits: Limits,
        notify: Notify,
    ) -> None:
        """`notify` writes into a person's 工作通知."""
        self._notify = notify
        self._database = database
        self._access = access
        self._refusals = refusals
        self._membership = membership
        self._publisher = publisher
        self._people = people
        self._limits = limits

    # Codes.

    async def code(self, caller: Caller, conversation_id: str, *, face: bool, renew: bool) -> GroupCode:
        """Return the group's code, made if need be; whoever may invite may have it."""

        def work(connection: Connection) -> GroupCode:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.MANAGE if renew else Right.INVITE
            )
            if rules_of(granted.row.rules).join is JoinRule.INVITE and not face:
                raise ApiError(
                    ErrorCode.FORBIDDEN, "join", message="本群只能由群成员邀请加入，不提供二维码。"
                )
            if face and needs_approval(granted):
                raise ApiError(ErrorCode.FORBIDDEN, "join", message="加入本群需要群管理员同意。")
            now = _now()
            connection.execute(delete(group_codes).where(group_codes.c.expires_at <= now))
            mine = (group_codes.c.conversation_no == granted.number) & group_codes.c.face.is_(face)
            if renew:
                connection.execute(delete(group_codes).where(mine))
            row = connection.execute(
                select(group_codes).where(mine, group_codes.c.expires_at > now + 60_000)
            ).first()
            if row is not None:
                return GroupCode(
                    conversation_id=conversation_id, code=row.code, expires_at=row.expires_at, face=face
                )
            code = _free_number(connection) if face else _random_code()
            life = FACE_SECONDS if face else self._limits.code_days * 86_400
            expires_at = now + life * 1000
            connection.execute(
                insert(group_codes).values(
                    code=code,
                    conversation_no=granted.number,
                    face=face,
                    created_by=caller.person_id,
                    expires_at=expires_at,
                )
            )
            return GroupCode(conversation_id=conversation_id, code=code, expires_at=expires_at, face=face)

        return await self._database.write(work)

    async def peek(self, caller: Caller, code: str) -> GroupPeek:
        """Return what whoever holds a code may know of the group."""
        row, _face = await self._by_code(caller, code)

        def joined(connection: Connection) -> bool:
            return caller.person_id in load_rooms(connection, [row.id])[row.id].seats

        return GroupPeek(
            conversation_id=row.id,
            name=row.name,
            member_count=row.member_count,
            avatar_file=row.avatar_file,
            sample_members=row.sample_members.split(),
            rules_join=rules_of(row.rules).join.value,
            joined=await self._database.read(joined),
        )

    async def join(self, caller: Caller, code: str, note: str) -> JoinAnswer:
        """Become a member by a code, or ask to become one (E119)."""
        row, face = await self._by_code(caller, code)
        rule = rules_of(row.rules).join
        if rule is JoinRule.INVITE and not face:
            raise ApiError(ErrorCode.FORBIDDEN, "join", message="本群只能由群成员邀请加入。")
        seat = await self._database.read(
            lambda connection: load_rooms(connection, [row.id])[row.id].seats.get(caller.person_id)
        )
        if seat is not None:
            conversation = await self._database.read(lambda connection: _view(connection, row.id, caller))
            return JoinAnswer(state=JoinState.JOINED, conversation=conversation)
        if rule is JoinRule.APPROVAL and not face:
            request = await self._ask(caller, row.id, caller.person_id, "", note)
            return JoinAnswer(state=JoinState.WAITING, request=request)
        name = (await self._people.names(caller, [caller.person_id])).get(caller.person_id, "一位同事")
        how = "面对面加入了群聊" if face else "通过二维码加入了群聊"
        line = SystemContent(text=f"{name} {how}", kind="joined", people=[caller.person_id])
        conversation = await self._let_in(caller, row.id, caller.person_id, line)
        return JoinAnswer(state=JoinState.JOINED, conversation=conversation)

    # Requests.

    async def must_ask(self, caller: Caller, conversation_id: str) -> bool:
        """Whether those whom the caller invites must wait for a manager."""
        return await self._database.read(
            lambda connection: needs_approval(
                self._access.access_conversation(connection, caller, conversation_id, Right.INVITE)
            )
        )

    async def invite(self, caller: Caller, conversation_id: str, person_ids: list[str]) -> None:
        """Put invited people before the managers; they do not have to do anything themselves."""
        people = list(dict.fromkeys(person_ids))
        await self._membership.names_of(caller, people)
        await self._membership.check_contact(caller, people)
        for person_id in people:
            await self._ask(caller, conversation_id, person_id, caller.person_id, "")

    async def waiting(self, caller: Caller, conversation_id: str) -> list[JoinRequest]:
        """Return the requests that wait, oldest first."""

        def work(connection: Connection) -> list[JoinRequest]:
            granted = self._access.access_conversation(connection, caller, conversation_id, Right.MANAGE)
            rows = connection.execute(
                select(join_requests)
                .where(
                    join_requests.c.conversation_no == granted.number,
                    join_requests.c.state == JoinState.WAITING.value,
                )
                .order_by(join_requests.c.created_at)
            )
            return [request_view(row, conversation_id, granted.row.name) for row in rows]

        return await self._database.read(work)

    async def decide(
        self, caller: Caller, conversation_id: str, request_id: str, *, accept: bool
    ) -> JoinRequest:
        """Let somebody in, or not. Raises conflict when another manager was quicker."""

        def look(connection: Connection) -> Any:
            granted = self._access.access_conversation(connection, caller, conversation_id, Right.MANAGE)
            return _open_request(connection, granted, request_id)

        row = await self._database.read(look)
        if accept:
            whom = (await self._people.names(caller, [row.person_id])).get(row.person_id)
            if whom is None:
                raise ApiError(ErrorCode.NOT_FOUND, "person_id", message="此人账号已停用，无法加入。")
            me = (await self._people.names(caller, [caller.person_id])).get(caller.person_id, "管理员")
            line = SystemContent(text=f"{me} 同意 {whom} 加入群聊", kind="joined", people=[row.person_id])
            await self._let_in(caller, conversation_id, row.person_id, line, request_id=request_id)
        state = JoinState.JOINED if accept else JoinState.REFUSED

        def work(connection: Connection) -> tuple[JoinRequest, list[str]]:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.MANAGE, lock=True
            )
            if not accept:
                _open_request(connection, granted, request_id)
            connection.execute(
                update(join_requests)
                .where(join_requests.c.id == request_id)
                .values(
                    state=state.value,
                    decided_by=caller.person_id,
                    event_id=next_event_ids(connection)[0],
                )
            )
            return _whole(connection, request_id)

        decided = self._tell(*await self._database.write(work))
        await self._inform_asker(decided)
        return decided

    async def _inform_managers(self, caller: Caller, request: JoinRequest, audience: list[str]) -> None:
        """Managers who are not in the group's window right now hear of it too."""
        ids = [one for one in (request.person_id, request.inviter_id) if one]
        names = await self._people.names(caller, ids)
        who = names.get(request.person_id, "一位同事")
        text = f"{who} 申请加入“{request.group_name}”"
        if request.inviter_id:
            text = f"{names.get(request.inviter_id, '群成员')} 邀请 {who} 加入“{request.group_name}”"
        if request.note:
            text += f"：{request.note}"
        notice = NoticeContent(title="入群申请", text=f"{text}。请在群详情的“入群申请”中处理。")
        for person_id in audience:
            if person_id not in (request.person_id, caller.person_id):
                await self._notify(person_id, notice)

    async def _inform_asker(self, request: JoinRequest) -> None:
        if request.state is JoinState.REFUSED and not request.inviter_id:
            text = f"您加入“{request.group_name}”的申请未获同意。"
            await self._notify(request.person_id, NoticeContent(title="入群申请", text=text))

    async def _ask(
        self, caller: Caller, conversation_id: str, person_id: str, inviter_id: str, note: str
    ) -> JoinRequest:
        if len(note) > self._limits.note_length:
            raise ApiError(ErrorCode.TOO_LARGE, "note", message="申请说明过长。")

        asked: list[str] = []

        def work(connection: Connection) -> tuple[JoinRequest, list[str]]:
            asked.clear()
            room = load_rooms(connection, [conversation_id]).get(conversation_id)
            if room is None or room.dissolved:
                raise ApiError(ErrorCode.NOT_FOUND)
            if person_id in room.seats:
                raise ApiError(ErrorCode.CONFLICT, "member", message="此人已在群里。")
            same = connection.execute(
                select(join_requests.c.id).where(
                    join_requests.c.conversation_no == room.number,
                    join_requests.c.person_id == person_id,
                    join_requests.c.state == JoinState.WAITING.value,
                )
            ).scalar()
            if same is not None:
                return _whole(connection, same)
            made = uuid7()
            asked.append(made)
            connection.execute(
                insert(join_requests).values(
                    id=made,
                    conversation_no=room.number,
                    person_id=person_id,
                    inviter_id=inviter_id,
                    note=note.strip(),
                    state=JoinState.WAITING.value,
                    created_at=_now(),
                    event_id=next_event_ids(connection)[0],
                )
            )
            return _whole(connection, made)

        request, audience = await self._database.write(work)
        self._tell(request, audience)
        if asked:
            await self._inform_managers(caller, request, audience)
        return request

    def _tell(self, request: JoinRequest, audience: list[str]) -> JoinRequest:
        event = JoinRequestEvent(event_id=request.event_id, request=request)
        self._publisher.publish([Outgoing(event, audience)])
        return request

    # Letting in.

    async def _let_in(
        self,
        caller: Caller,
        conversation_id: str,
        person_id: str,
        line: SystemContent,
        *,
        request_id: str = "",
    ) -> Conversation:
        def work(connection: Connection, draft: Draft, fresh_key: Wrapped | None, epoch: int) -> Change:
            if request_id:
                granted = self._access.access_conversation(
                    connection, caller, conversation_id, Right.MANAGE, lock=True
                )
                _open_request(connection, granted, request_id)
            else:
                # Whoever comes by a code has no seat; the code was his right, and is asked for again.
                granted = self._access.access_by_code(connection, conversation_id)
            check_epoch(granted, epoch, fresh_key)
            return change_seats(
                connection,
                granted,
                [person_id],
                [],
                None,
                acting_role=MemberRole.MEMBER,
                self_id=person_id,
                check_size=size_check(connection, self._limits, granted.row.member_limit),
                write_line=lambda: self._membership.append_line(connection, draft),
            )

        change = await self._membership.with_line(conversation_id, line, False, work)
        self._membership.announce(change)
        return conversation_view(change.row, change.seats[person_id], person_id)

    async def _by_code(self, caller: Caller, code: str) -> tuple[Any, bool]:
        """Return the group of a code that holds, and whether it is a number; wrong ones are counted."""
        plain = code.strip().removeprefix(CODE_PREFIX).upper().replace(" ", "").replace("-", "")

        def work(connection: Connection) -> tuple[Any, bool] | None:
            now = _now()
            since, count = now, 0
            tries = connection.execute(
                select(code_tries.c.since, code_tries.c.count.label("wrong")).where(
                    code_tries.c.person_id == caller.person_id
                )
            ).one_or_none()
            if tries is not None and now - tries.since < _TRY_SECONDS * 1000:
                since, count = tries.since, tries.wrong
            if count >= _TRIES:
                wait = (since + _TRY_SECONDS * 1000 - now) / 1000
                raise ApiError(ErrorCode.THROTTLED, "codes", retry_after=wait)
            found = connection.execute(
                select(group_codes.c.face, conversations)
                .join(conversations, conversations.c.number == group_codes.c.conversation_no)
                .where(
                    group_codes.c.code == plain,
                    group_codes.c.expires_at > now,
                    conversations.c.dissolved.is_(False),
                )
            ).one_or_none()
            if found is not None:
                return found, bool(found.face)
            connection.execute(delete(code_tries).where(code_tries.c.person_id == caller.person_id))
            connection.execute(
                insert(code_tries).values(person_id=caller.person_id, since=since, count=count + 1)
            )
            return None

        found = await self._database.write(work)
        if found is None:
            self._refusals.refused(caller, "conversation", "code", "join")
            raise ApiError(ErrorCode.BAD_CODE, message="群号码不正确或已过期，请向群成员重新获取。")
        return found


def requests_since(connection: Connection, me: str, after: int, limit: int) -> list[JoinRequestEvent]:
    """Requests of the caller's own, and of the groups that he manages (a source of Sync)."""
    managed = select(members.c.conversation_no).where(
        members.c.person_id == me, members.c.left.is_(False), members.c.role.in_(("owner", "admin"))
    )
    rows = connection.execute(
        select(join_requests, conversations.c.id.label("conversation_id"), conversations.c.name)
        .join(conversations, conversations.c.number == join_requests.c.conversation_no)
        .where(
            join_requests.c.event_id > after,
            or_(join_requests.c.person_id == me, join_requests.c.conversation_no.in_(managed)),
            *([] if after else [join_requests.c.state == JoinState.WAITING.value]),
        )
        .order_by(join_requests.c.event_id)
        .limit(limit)
    )
    return [
        JoinRequestEvent(event_id=row.event_id, request=request_view(row, row.conversation_id, row.name))
        for row in rows
    ]


def request_view(row: Any, conversation_id: str, name: str) -> JoinRequest:
    """Return a request of its row."""
    return JoinRequest(
        id=row.id,
        conversation_id=conversation_id,
        group_name=name,
        person_id=row.person_id,
        inviter_id=row.inviter_id,
        note=row.note,
        state=JoinState(row.state),
        decided_by=row.decided_by,
        created_at=row.created_at,
        event_id=row.event_id,
    )


def _whole(connection: Connection, request_id: str) -> tuple[JoinRequest, list[str]]:
    """The request, and who hears of it: whom it is about, who invited him, the managers."""
    row = connection.execute(
        select(join_requests, conversations.c.id.label("conversation_id"), conversations.c.name)
        .join(conversations, conversations.c.number == join_requests.c.conversation_no)
        .where(join_requests.c.id == request_id)
    ).one()
    managers = connection.scalars(
        select(members.c.person_id).where(
            members.c.conversation_no == row.conversation_no,
            members.c.left.is_(False),
            members.c.role.in_(("owner", "admin")),
        )
    ).all()
    audience = dict.fromkeys([row.person_id, *managers])
    return request_view(row, row.conversation_id, row.name), list(audience)


def _open_request(connection: Connection, granted: ConversationAccess, request_id: str) -> Any:
    row = connection.execute(
        select(join_requests).where(
            join_requests.c.id == request_id, join_requests.c.conversation_no == granted.number
        )
    ).one_or_none()
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND)
    if row.state != JoinState.WAITING.value:
        raise ApiError(ErrorCode.CONFLICT, "decided", message="这个申请已被处理。")
    return row


def _view(connection: Connection, conversation_id: str, caller: Caller) -> Conversation:
    row = connection.execute(WHOLE_ROW.where(conversations.c.id == conversation_id)).one()
    seat: Seat = load_rooms(connection, [conversation_id])[conversation_id].seats[caller.person_id]
    return conversation_view(row, seat, caller.person_id)


def _free_number(connection: Connection) -> str:
    for _ in range(200):
        code = f"{secrets.randbelow(10**FACE_DIGITS):0{FACE_DIGITS}d}"
        if connection.execute(select(group_codes.c.code).where(group_codes.c.code == code)).first() is None:
            return code
    raise ApiError(ErrorCode.OVERLOADED, "no free number", retry_after=10.0)


def _random_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def _now() -> int:
    return int(time.time() * 1000)
