"""Makes conversations and changes who is in them; every change is one transaction with its system line."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select

from server_stub.contract.content import AnyContent, SystemContent
from server_stub.contract.conversations import Conversation, ConversationKind, MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import ConversationEvent, MemberEvent
from server_stub.contract.group_rules import JoinRule
from server_stub.contract.ids import uuid7
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import AccessControl, ConversationAccess, Right
from .appender import message_event
from .changes import (
    Change,
    change_seats,
    current_key,
    find_by_key,
    finish,
    insert_members,
    store_key,
)
from .group_limits import read_limits, size_check
from .limits import Limits
from .ports import ContactGate, KeyGone, Keys, People, Wrapped
from .rooms import RoomCache, Seat, load_rooms, rules_of
from .tables import conversation_heads, conversations
from .views import conversation_view, member_view
from .writer import SYSTEM_SENDER, Draft, MessageWriter, Written, good_id

_NAMES_IN_LINE = 20
_NAMED = 5
_RACES = 8


class EpochMoved(Exception):
    """The epoch changed between sealing the system line and writing it."""


class Membership:
    """Creates single, group and service conversations; adds, removes, renames."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        writer: MessageWriter,
        cache: RoomCache,
        publisher: Publisher,
        keys: Keys,
        people: People,
        limits: Limits,
        gate: ContactGate,
    ) -> None:
        self._gate = gate
        self._database = database
        self._access = access
        self._writer = writer
        self._cache = cache
        self._publisher = publisher
        self._keys = keys
        self._people = people
        self._limits = limits

    # Making.

    async def open_single(self, caller: Caller, person_id: str) -> Conversation:
        """Return the single chat with `person_id`, made if need be. Clause 3.1.2.2."""
        await self.names_of(caller, [person_id])
        pair = sorted((caller.person_id, person_id))
        key = "single:" + "|".join(pair)
        people = dict.fromkeys(pair, MemberRole.MEMBER)
        found = await self._database.read(lambda connection: find_by_key(connection, key, caller.person_id))
        if found is not None:
            return found
        await self.check_contact(caller, [person_id])
        return await self._make(caller.person_id, ConversationKind.SINGLE, key, people)

    async def create_group(
        self, caller: Caller, client_id: str, name: str, person_ids: Sequence[str], *, alone: bool = False
    ) -> Conversation:
        """Make a group; a repeat with the same `client_id` returns the first one. Clause 3.1.2.4.

        `alone`: nobody else need be in it yet (E118).
        """
        if not good_id(client_id):
            raise ApiError(ErrorCode.BAD_REQUEST, "client_id")
        others = [one for one in dict.fromkeys(person_ids) if one != caller.person_id]
        if not others and not alone:
            raise ApiError(ErrorCode.BAD_REQUEST, "member_ids", message="请至少选择一位群成员。")
        most = (
            await self._database.read(lambda connection: read_limits(connection, self._limits))
        ).group_members
        if len(others) + 1 > most:
            raise ApiError(ErrorCode.TOO_LARGE, f"> {most}", message=f"群成员不能超过 {most} 人。")
        self.check_name(name)
        names = await self.names_of(caller, [caller.person_id, *others])
        people = {caller.person_id: MemberRole.OWNER} | dict.fromkeys(others, MemberRole.MEMBER)
        await self.check_contact(caller, others)
        me = names[caller.person_id]
        line_text = f"{me} 邀请 {list_names(names, others)} 加入群聊" if others else f"{me} 创建了群聊"
        return await self._make(
            caller.person_id,
            ConversationKind.GROUP,
            f"group:{caller.person_id}:{client_id}",
            people,
            name=name.strip(),
            line=SystemContent(text=line_text, kind="invited", people=others[:_NAMES_IN_LINE]),
        )

    async def open_service(self, service: str, name: str, person_id: str) -> Conversation:
        """Return the person's service conversation (工作通知, 会务), made if need be; `service` is its key."""
        return await self._make(
            person_id,
            ConversationKind.SERVICE,
            f"service:{service}:{person_id}",
            {person_id: MemberRole.MEMBER},
            name=name,
        )

    async def _make(
        self,
        viewer: str,
        kind: ConversationKind,
        unique_key: str,
        people: dict[str, MemberRole],
        *,
        name: str = "",
        line: SystemContent | None = None,
    ) -> Conversation:
        found = await self._database.read(lambda connection: find_by_key(connection, unique_key, viewer))
        if found is not None:
            return found
        conversation_id = uuid7()
        wrapped = await asyncio.to_thread(self._keys.new_conversation_key)
        draft = None
        if line is not None:
            draft = await asyncio.to_thread(self._seal, conversation_id, 1, wrapped, line)

        def work(connection: Connection) -> Change | Conversation:
            if self._database.dialect == "postgresql":
                # Two processes that make the same chat at once: the second waits here and finds the first's.
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(unique_key, 0))))
            existing = find_by_key(connection, unique_key, viewer)
            if existing is not None:
                return existing
            if kind is ConversationKind.GROUP:
                size_check(connection, self._limits)(0, len(people))
            now = int(time.time() * 1000)
            number = connection.execute(
                insert(conversations)
                .values(
                    id=conversation_id,
                    kind=kind.value,
                    unique_key=unique_key,
                    name=name,
                    owner_id=next((one for one, role in people.items() if role is MemberRole.OWNER), ""),
                    created_at=now,
                    event_id=0,
                )
                .returning(conversations.c.number)
            ).scalar_one()
            connection.execute(insert(conversation_heads).values(conversation_no=number))
            store_key(connection, number, 1, wrapped, now)
            line_ = self.append_line(connection, draft)
            insert_members(connection, number, people, first_seq=1, epoch=1, now=now)
            return finish(connection, number, conversation_id, list(people), line_)

        made = await self._database.write(work)
        if isinstance(made, Conversation):
            return made
        self.announce(made)
        return conversation_view(made.row, made.seats[viewer], viewer)

    # Changing.

    async def change_members(
        self, caller: Caller, conversation_id: str, add: Sequence[str], remove: Sequence[str]
    ) -> Conversation:
        """Add and remove members of a group; a removal starts a new key epoch."""
        joining = list(dict.fromkeys(add))
        leaving = list(dict.fromkeys(remove))
        if not joining and not leaving:
            raise ApiError(ErrorCode.BAD_REQUEST, "add, remove")
        if set(joining) & set(leaving) or caller.person_id in leaving:
            raise ApiError(ErrorCode.BAD_REQUEST, "remove")

        def look(connection: Connection) -> None:
            # Before the directory is asked: an outsider must not learn who exists from its answer.
            if joining:
                self._access.access_conversation(connection, caller, conversation_id, Right.INVITE)
            if leaving:
                self._access.access_conversation(connection, caller, conversation_id, Right.MANAGE)

        await self._database.read(look)
        names = await self.names_of(caller, [caller.person_id, *joining])
        await self.check_contact(caller, joining)
        names |= await self._people.names(caller, leaving)
        parts: list[str] = []
        me = names[caller.person_id]
        if joining:
            parts.append(f"{me} 邀请 {list_names(names, joining)} 加入群聊")
        if leaving:
            parts.append(f"{me} 将 {list_names(names, leaving)} 移出群聊")
        line = SystemContent(
            text="；".join(parts),
            kind="removed" if leaving else "invited",
            people=(joining + leaving)[:_NAMES_IN_LINE],
        )

        def work(connection: Connection, draft: Draft, fresh_key: Wrapped | None, epoch: int) -> Change:
            right = Right.MANAGE if leaving else Right.INVITE
            granted = self._access.access_conversation(connection, caller, conversation_id, right, lock=True)
            check_epoch(granted, epoch, fresh_key)
            if joining and needs_approval(granted):
                raise ApiError(ErrorCode.FORBIDDEN, "approval", message="加入本群需要群管理员同意。")
            return self._change(connection, caller, granted, joining, leaving, draft, fresh_key)

        change = await self.with_line(conversation_id, line, bool(leaving), work)
        self.announce(change)
        return conversation_view(change.row, change.seats[caller.person_id], caller.person_id)

    async def leave(self, caller: Caller, conversation_id: str) -> Conversation:
        """Give up the own membership; an owner who leaves hands the group to the longest-serving manager."""
        names = await self._people.names(caller, [caller.person_id])
        line_text = f"{names.get(caller.person_id, '一位成员')} 退出了群聊"
        line = SystemContent(text=line_text, kind="left", people=[caller.person_id])

        def work(connection: Connection, draft: Draft, fresh_key: Wrapped | None, epoch: int) -> Change:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.LEAVE, lock=True
            )
            check_epoch(granted, epoch, fresh_key)
            return self._change(connection, caller, granted, [], [caller.person_id], draft, fresh_key)

        await self._database.read(
            lambda connection: self._access.access_conversation(
                connection, caller, conversation_id, Right.LEAVE
            )
        )
        change = await self.with_line(conversation_id, line, True, work)
        self.announce(change)
        return conversation_view(change.row, change.seats[caller.person_id], caller.person_id)

    async def write_as_server(self, conversation_id: str, content: AnyContent) -> Written:
        """Write a content of the server's own (notice, system line); a method for other features."""

        def work(connection: Connection, draft: Draft, fresh_key: Wrapped | None, epoch: int) -> Change:
            room = load_rooms(connection, [conversation_id]).get(conversation_id)
            if room is None:
                raise ApiError(ErrorCode.NOT_FOUND)
            outcome = self._writer.append(connection, [draft]).outcomes[0]
            if isinstance(outcome, ApiError):
                raise EpochMoved if outcome.code is ErrorCode.CONFLICT else outcome
            return Change(conversation_id, room, {}, None, [], outcome)

        change = await self.with_line(conversation_id, content, False, work)
        if change.line is None:
            raise ApiError(ErrorCode.INTERNAL)
        self._publisher.publish([message_event(change.line)])
        return change.line

    # Steps.

    async def names_of(self, caller: Caller, person_ids: Sequence[str]) -> dict[str, str]:
        names = await self._people.names(caller, person_ids)
        missing = [one for one in person_ids if one not in names]
        if missing:
            raise ApiError(
                ErrorCode.NOT_FOUND, f"person × {len(missing)}", message="所选人员不存在，或您无法联系。"
            )
        return names

    async def contacts_of_unit(self, caller: Caller, unit_id: str) -> list[str]:
        """Return those of a unit and of the units below whom the caller may add to a group."""
        limits = await self._database.read(lambda connection: read_limits(connection, self._limits))
        found = await self._people.people_of_unit(caller, unit_id, limits.group_members + 1)
        pairs = {(caller.person_id, one) for one in found}
        refused = await self._database.read(lambda connection: self._gate.refused(connection, pairs))
        return [one for one in found if (caller.person_id, one) not in refused]

    async def check_contact(self, caller: Caller, person_ids: Sequence[str]) -> None:
        """Raise forbidden where the caller may not write to one of these people, or add him (E145, E161); of several it says
        who."""
        pairs = {(caller.person_id, one) for one in person_ids if one != caller.person_id}
        if not pairs:
            return
        refused = await self._database.read(lambda connection: self._gate.refused(connection, pairs))
        if not refused:
            return
        words = next(iter(refused.values()))
        if len(pairs) > 1:
            whom = [to for (_from, to), said in refused.items() if said == words]
            names = [*(await self._people.names(caller, whom)).values()]
            # Whom the caller may not see at all he is not told of either.
            more = f"等 {len(names)} 人" if len(names) > _NAMED else ""
            words = f"{'、'.join(names[:_NAMED])}{more}：{words}" if names else words
        raise ApiError(ErrorCode.FORBIDDEN, "contact", message=words)

    def check_name(self, name: str) -> None:
        if len(name.strip()) > self._limits.name_length or any(ord(one) < 32 for one in name):
            raise ApiError(
                ErrorCode.BAD_REQUEST, "name", message=f"群名称不能超过 {self._limits.name_length} 个字。"
            )

    async def with_line(
        self,
        conversation_id: str,
        content: AnyContent,
        rotate: bool,
        work: Callable[[Connection, Draft, Wrapped | None, int], Change],
    ) -> Change:
        """Seal `content` under the epoch that will be current, and run `work`; again when the epoch moved."""
        for _ in range(_RACES):
            epoch, wrapped = await self._database.read(
                lambda connection: current_key(connection, conversation_id)
            )
            fresh_key = None
            if rotate:
                fresh_key = wrapped = await asyncio.to_thread(self._keys.new_conversation_key)
                epoch += 1
            try:
                draft = await asyncio.to_thread(self._seal, conversation_id, epoch, wrapped, content)
            except KeyGone:
                raise ApiError(ErrorCode.KEY_DESTROYED) from None
            try:
                return await self._database.write(
                    lambda connection, d=draft, k=fresh_key, e=epoch: work(connection, d, k, e)
                )
            except EpochMoved:
                continue
        raise ApiError(ErrorCode.CONFLICT)

    def _seal(self, conversation_id: str, epoch: int, wrapped: Wrapped, content: AnyContent) -> Draft:
        client_id = uuid7()
        body = self._keys.seal_as_server(
            wrapped, conversation_id=conversation_id, epoch=epoch, client_id=client_id, content=content
        )
        return Draft(sender_id=SYSTEM_SENDER, conversation_id=conversation_id, client_id=client_id, body=body)

    def _change(
        self,
        connection: Connection,
        caller: Caller,
        granted: ConversationAccess,
        joining: list[str],
        leaving: list[str],
        draft: Draft,
        fresh_key: Wrapped | None,
    ) -> Change:
        return change_seats(
            connection,
            granted,
            joining,
            leaving,
            fresh_key,
            acting_role=granted.seat.role,
            self_id=caller.person_id,
            check_size=size_check(connection, self._limits, granted.row.member_limit),
            write_line=lambda: self.append_line(connection, draft),
        )

    def append_line(self, connection: Connection, draft: Draft | None) -> Written | None:
        if draft is None:
            return None
        outcome = self._writer.append(connection, [draft]).outcomes[0]
        if isinstance(outcome, ApiError):
            raise outcome
        return outcome

    def announce(self, change: Change) -> None:
        room = change.room
        self._cache.put(room)
        at = (room.id, room.version)
        everyone = room.seats.keys()
        events: list[Outgoing] = []
        for person_ids, seat in _views(change.seats, change.row.kind):
            view = conversation_view(change.row, seat, person_ids[0])
            whole = len(person_ids) == len(everyone) and not seat.left
            events.append(
                Outgoing(
                    ConversationEvent(event_id=view.event_id, conversation=view),
                    person_ids,
                    room=at if whole else None,
                )
            )
        for row in change.members:
            member = member_view(row, room.id, cursors=room.rules.receipts)
            event = MemberEvent(event_id=member.event_id, member=member)
            if len(change.members) <= self._limits.cursor_audience:
                events.append(Outgoing(event, everyone, room=at))
                if row.left:
                    events.append(Outgoing(event, [row.person_id]))
            else:
                events.append(Outgoing(event, [row.person_id]))
        if change.line is not None:
            events.append(message_event(Written(change.line.message, room)))
        self._publisher.publish(events)


def needs_approval(granted: ConversationAccess) -> bool:
    """Whether those whom this member invites must wait for a manager (E111)."""
    rules = rules_of(granted.row.rules)
    return rules.join is JoinRule.APPROVAL and granted.seat.role is MemberRole.MEMBER


def check_epoch(granted: ConversationAccess, epoch: int, fresh_key: Wrapped | None) -> None:
    if granted.row.epoch + (1 if fresh_key is not None else 0) != epoch:
        raise EpochMoved


def list_names(names: dict[str, str], person_ids: Sequence[str]) -> str:
    shown = "、".join(names.get(one, "一位成员") for one in person_ids[:_NAMES_IN_LINE])
    return shown if len(person_ids) <= _NAMES_IN_LINE else f"{shown} 等 {len(person_ids)} 人"


def _views(seats: dict[str, Seat], kind: str) -> list[tuple[list[str], Seat]]:
    """Group people who see the conversation alike, so that each view is encoded once."""
    groups: dict[Any, list[str]] = {}
    for person_id, seat in seats.items():
        who = person_id if kind == ConversationKind.SINGLE else ""
        groups.setdefault((who, seat.first_seq, seat.last_seq, seat.last_epoch), []).append(person_id)
    return [(people, seats[people[0]]) for people in groups.values()]
