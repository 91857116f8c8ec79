"""What administrators of the system do with a group they are not in: find, rename, hand over, add, remove, dissolve.

They see names and counts, never content. Each change is one transaction with its line in the chat, and audited (3.2.3.4.2).
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, func, select, update

from server_stub.contract.content import SystemContent
from server_stub.contract.conversations import MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.groups import AdminGroupChange, AdminGroupMember, AdminGroupMembers
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import AccessControl, ConversationAccess
from .administration import own_row, seated
from .changes import Change, change_seats, finish
from .group_console import Record
from .group_limits import size_check
from .limits import Limits
from .membership import Membership, check_epoch, list_names
from .ports import People, Wrapped
from .tables import conversations, members
from .writer import Draft

_WHO = "系统管理员"
_IN_LINE = 20
_ORDER = {MemberRole.OWNER: 0, MemberRole.ADMIN: 1, MemberRole.MEMBER: 2}

Rows = Callable[[Connection, ConversationAccess], list[str]]
"""Writes rows; returns the members touched."""


class GroupControl:
    """Endpoints of this are for administrators of the system alone."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        membership: Membership,
        people: People,
        limits: Limits,
        record: Record,
    ) -> None:
        self._database = database
        self._access = access
        self._membership = membership
        self._people = people
        self._limits = limits
        self._record = record

    async def members(
        self, caller: Caller, conversation_id: str, offset: int, limit: int
    ) -> AdminGroupMembers:
        """Return who is in the group, the owner and the administrators first."""

        def work(connection: Connection) -> tuple[list[Any], int]:
            granted = self._access.access_as_administrator(connection, caller, conversation_id)
            here = (members.c.conversation_no == granted.number) & members.c.left.is_(False)
            rows = connection.execute(
                select(members.c.person_id, members.c.role, members.c.joined_at)
                .where(here)
                # "owner" sorts after "member": administrators, the owner and the rest are put in order below.
                .order_by(members.c.role == MemberRole.MEMBER.value, members.c.joined_at, members.c.person_id)
                .offset(offset)
                .limit(limit)
            ).all()
            total = connection.execute(select(func.count()).select_from(members).where(here)).scalar_one()
            return list(rows), total

        rows, total = await self._database.read(work)
        names = await self._people.names(caller, [row.person_id for row in rows])
        found = [
            AdminGroupMember(
                person_id=row.person_id,
                name=names.get(row.person_id, ""),
                role=MemberRole(row.role),
                joined_at=row.joined_at,
            )
            for row in rows
        ]
        return AdminGroupMembers(members=sorted(found, key=lambda one: _ORDER[one.role]), total=total)

    async def change(self, caller: Caller, conversation_id: str, wanted: AdminGroupChange) -> None:
        """Rename, hand over, add and remove, in this order."""
        if wanted.name is not None:
            await self._rename(caller, conversation_id, wanted.name)
        if wanted.owner_id:
            await self._hand_over(caller, conversation_id, wanted.owner_id)
        if wanted.add or wanted.remove:
            await self._change_members(caller, conversation_id, wanted.add, wanted.remove)

    async def _rename(self, caller: Caller, conversation_id: str, name: str) -> None:
        self._membership.check_name(name)
        name = name.strip()
        if not name:
            raise ApiError(ErrorCode.BAD_REQUEST, "name", message="请填写群名称。")

        def rows(connection: Connection, granted: ConversationAccess) -> list[str]:
            connection.execute(
                update(conversations).where(conversations.c.number == granted.number).values(name=name)
            )
            return []

        await self._change(caller, conversation_id, f"将群名称改为“{name}”", "changed", [], rows)
        await self._record("group_rename", caller.person_id, conversation_id, name)

    async def _hand_over(self, caller: Caller, conversation_id: str, person_id: str) -> None:
        names = await self._people.names(caller, [person_id])

        def rows(connection: Connection, granted: ConversationAccess) -> list[str]:
            seated(connection, granted, person_id)
            before = str(granted.row.owner_id)
            if before == person_id:
                raise ApiError(ErrorCode.BAD_REQUEST, "owner_id", message="此人已经是群主。")
            own_row(connection, granted.number, before, role=MemberRole.MEMBER.value)
            own_row(connection, granted.number, person_id, role=MemberRole.OWNER.value, muted_until=0)
            connection.execute(
                update(conversations)
                .where(conversations.c.number == granted.number)
                .values(owner_id=person_id)
            )
            return [one for one in (before, person_id) if one]

        said = f"将 {names.get(person_id, '一位成员')} 设为新群主"
        await self._change(caller, conversation_id, said, "changed", [person_id], rows)
        await self._record("group_owner", caller.person_id, conversation_id, person_id)

    async def _change_members(
        self, caller: Caller, conversation_id: str, add: list[str], remove: list[str]
    ) -> None:
        joining, leaving = list(dict.fromkeys(add)), list(dict.fromkeys(remove))
        if set(joining) & set(leaving):
            raise ApiError(ErrorCode.BAD_REQUEST, "remove")
        names = await self._membership.names_of(caller, joining)
        names |= await self._people.names(caller, leaving)
        parts = [f"邀请 {list_names(names, joining)} 加入群聊"] if joining else []
        parts += [f"将 {list_names(names, leaving)} 移出群聊"] if leaving else []
        line = SystemContent(
            text=f"{_WHO} {'；'.join(parts)}",
            kind="removed" if leaving else "invited",
            people=(joining + leaving)[:_IN_LINE],
        )

        def work(connection: Connection, draft: Draft, fresh_key: Wrapped | None, epoch: int) -> Change:
            granted = self._access.access_as_administrator(connection, caller, conversation_id, lock=True)
            if granted.row.owner_id in leaving:
                raise ApiError(ErrorCode.BAD_REQUEST, "owner", message="请先更换群主，再将原群主移出。")
            check_epoch(granted, epoch, fresh_key)
            return change_seats(
                connection,
                granted,
                joining,
                leaving,
                fresh_key,
                acting_role=MemberRole.OWNER,
                self_id="",
                check_size=size_check(connection, self._limits, granted.row.member_limit),
                write_line=lambda: self._membership.append_line(connection, draft),
            )

        await self._look(caller, conversation_id)
        change = await self._membership.with_line(conversation_id, line, bool(leaving), work)
        self._membership.announce(change)
        said = f"+{len(joining)} -{len(leaving)}"
        await self._record("group_members", caller.person_id, conversation_id, said)

    async def dissolve(self, caller: Caller, conversation_id: str) -> None:
        """End the group: nobody writes any more, its codes lead nowhere."""

        def rows(connection: Connection, granted: ConversationAccess) -> list[str]:
            connection.execute(
                update(conversations).where(conversations.c.number == granted.number).values(dissolved=True)
            )
            return []

        await self._change(caller, conversation_id, "解散了群聊", "dissolved", [], rows)
        await self._record("group_dissolve", caller.person_id, conversation_id, "")

    # Steps.

    async def _look(self, caller: Caller, conversation_id: str) -> None:
        await self._database.read(
            lambda connection: self._access.access_as_administrator(connection, caller, conversation_id)
        )

    async def _change(
        self, caller: Caller, conversation_id: str, said: str, kind: str, people: list[str], rows: Rows
    ) -> None:
        line = SystemContent(text=f"{_WHO} {said}", kind=kind, people=people)

        def work(connection: Connection, draft: Draft, fresh_key: Wrapped | None, epoch: int) -> Change:
            granted = self._access.access_as_administrator(connection, caller, conversation_id, lock=True)
            check_epoch(granted, epoch, fresh_key)
            # The line first: once the group is dissolved not even the server writes in it.
            written = self._membership.append_line(connection, draft)
            touched = rows(connection, granted)
            return finish(connection, granted.number, conversation_id, touched, written)

        await self._look(caller, conversation_id)
        self._membership.announce(await self._membership.with_line(conversation_id, line, False, work))
