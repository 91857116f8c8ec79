"""What owner and administrators do with a group, and a member with his own row; each change is one transaction."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from server_stub.contract.content import SystemContent
from server_stub.contract.conversations import Conversation, GroupChange, MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.groups import MuteMember, OwnMemberChange
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import AccessControl, ConversationAccess, Right
from .changes import Change, finish
from .limits import Limits
from .membership import Membership, check_epoch
from .ports import People, Wrapped
from .rooms import rules_of
from .tables import conversations, members
from .views import conversation_view
from .writer import Draft

_RANK = {MemberRole.MEMBER: 0, MemberRole.ADMIN: 1, MemberRole.OWNER: 2}
_EDIT = ("name", "avatar_file")
_RULE_WORDS = {
    "join": "入群方式",
    "invite": "邀请权限",
    "edit": "群资料修改权限",
    "upload": "群文件权限",
    "mention_all": "@所有人权限",
    "receipts": "已读回执",
    "history": "新成员查看历史消息",
}

Change_ = Callable[[Connection, ConversationAccess], list[str]]
"""Writes rows; returns the members touched."""


class GroupAdministration:
    """E078, E080, E086, E109 to E116, E120, E121. Whoever may not is refused by the access function."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        membership: Membership,
        people: People,
        limits: Limits,
        avatar_exists: Callable[[Connection, str], bool],
    ) -> None:
        self._database = database
        self._access = access
        self._membership = membership
        self._people = people
        self._limits = limits
        self._avatar_exists = avatar_exists

    async def change(self, caller: Caller, conversation_id: str, wanted: GroupChange) -> Conversation:
        """Change name, picture, announcement, rules, or silence everybody."""
        values = self._values(wanted)
        if not values and wanted.rules is None:
            raise ApiError(ErrorCode.BAD_REQUEST, "nothing to change")
        right = Right.EDIT if set(values) <= set(_EDIT) and wanted.rules is None else Right.MANAGE

        def work(connection: Connection, granted: ConversationAccess) -> list[str]:
            row = granted.row
            if wanted.avatar_file and not self._avatar_exists(connection, wanted.avatar_file):
                raise ApiError(ErrorCode.NOT_FOUND, "avatar_file")
            changed: dict[str, Any] = dict(values)
            if wanted.rules is not None:
                changed["rules"] = msgspec.json.encode(wanted.rules).decode()
            touched: list[str] = []
            if wanted.announcement is not None:
                version = row.announcement_version + 1
                changed |= {
                    "announcement_version": version,
                    "announced_by": caller.person_id,
                    "announced_at": int(time.time() * 1000),
                }
                own_row(connection, granted.number, caller.person_id, announcement_seen=version)
                touched.append(caller.person_id)
            connection.execute(
                update(conversations).where(conversations.c.number == granted.number).values(changed)
            )
            return touched

        async def line() -> SystemContent:
            me = await self._name(caller, caller.person_id)
            before = await self._database.read(
                lambda connection: (
                    self._access.access_conversation(connection, caller, conversation_id, right).row
                )
            )
            return SystemContent(
                text=f"{me} {_said(wanted, rules_of(before.rules))}",
                kind="announcement" if wanted.announcement is not None else "changed",
            )

        return await self._change(caller, conversation_id, right, await line(), work)

    async def set_role(
        self, caller: Caller, conversation_id: str, person_id: str, role: MemberRole
    ) -> Conversation:
        """Name an administrator, or take the office from him; the owner's right (E109)."""
        if role is MemberRole.OWNER or person_id == caller.person_id:
            raise ApiError(ErrorCode.BAD_REQUEST, "role")

        def work(connection: Connection, granted: ConversationAccess) -> list[str]:
            seated(connection, granted, person_id)
            own_row(connection, granted.number, person_id, role=role.value)
            return [person_id]

        text = "设为群管理员" if role is MemberRole.ADMIN else "取消群管理员"
        line = await self._line_about(caller, conversation_id, Right.OWN, person_id, text)
        return await self._change(caller, conversation_id, Right.OWN, line, work)

    async def transfer(self, caller: Caller, conversation_id: str, person_id: str) -> Conversation:
        """Hand the group to another member (E115)."""
        if person_id == caller.person_id:
            raise ApiError(ErrorCode.BAD_REQUEST, "person_id")

        def work(connection: Connection, granted: ConversationAccess) -> list[str]:
            seated(connection, granted, person_id)
            own_row(connection, granted.number, caller.person_id, role=MemberRole.MEMBER.value)
            own_row(connection, granted.number, person_id, role=MemberRole.OWNER.value, muted_until=0)
            connection.execute(
                update(conversations)
                .where(conversations.c.number == granted.number)
                .values(owner_id=person_id)
            )
            return [caller.person_id, person_id]

        line = await self._line_about(caller, conversation_id, Right.OWN, person_id, "设为新群主")
        return await self._change(caller, conversation_id, Right.OWN, line, work)

    async def mute(self, caller: Caller, conversation_id: str, wanted: MuteMember) -> Conversation:
        """Silence a member of lower rank, or let him speak again (E114)."""
        if not 0 <= wanted.until < 2**53:
            raise ApiError(ErrorCode.BAD_REQUEST, "until")

        def work(connection: Connection, granted: ConversationAccess) -> list[str]:
            row = seated(connection, granted, wanted.person_id)
            if _RANK[granted.seat.role] <= _RANK[MemberRole(row.role)]:
                raise ApiError(ErrorCode.FORBIDDEN)
            own_row(connection, granted.number, wanted.person_id, muted_until=wanted.until)
            return [wanted.person_id]

        text = "禁言" if wanted.until else "解除禁言"
        line = await self._line_about(caller, conversation_id, Right.MANAGE, wanted.person_id, text)
        return await self._change(caller, conversation_id, Right.MANAGE, line, work)

    async def dissolve(self, caller: Caller, conversation_id: str) -> Conversation:
        """End the group: nobody writes any more, its codes lead nowhere (E116)."""

        def work(connection: Connection, granted: ConversationAccess) -> list[str]:
            connection.execute(
                update(conversations).where(conversations.c.number == granted.number).values(dissolved=True)
            )
            return []

        await self._look(caller, conversation_id, Right.OWN)
        me = await self._name(caller, caller.person_id)
        line = SystemContent(text=f"{me} 解散了群聊", kind="dissolved", people=[caller.person_id])
        return await self._change(caller, conversation_id, Right.OWN, line, work)

    async def change_own(self, caller: Caller, conversation_id: str, wanted: OwnMemberChange) -> Conversation:
        """Change the own nickname (E086), or note which announcement one has read (E120); no line is written."""
        values: dict[str, Any] = {}
        if wanted.nickname is not None:
            nickname = wanted.nickname.strip()
            if len(nickname) > self._limits.nickname_length or any(ord(one) < 32 for one in nickname):
                raise ApiError(
                    ErrorCode.BAD_REQUEST,
                    "nickname",
                    message=f"群昵称不能超过 {self._limits.nickname_length} 个字。",
                )
            values["nickname"] = nickname
        if wanted.announcement_seen is not None:
            values["announcement_seen"] = wanted.announcement_seen
        if not values:
            raise ApiError(ErrorCode.BAD_REQUEST, "nothing to change")

        def work(connection: Connection) -> Change:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.CURSOR, lock=True
            )
            seen = values.get("announcement_seen")
            if seen is not None and not 0 <= seen <= granted.row.announcement_version:
                raise ApiError(ErrorCode.BAD_REQUEST, "announcement_seen")
            own_row(connection, granted.number, caller.person_id, **values)
            return finish(connection, granted.number, conversation_id, [caller.person_id], None)

        change = await self._database.write(work)
        self._membership.announce(change)
        return conversation_view(change.row, change.seats[caller.person_id], caller.person_id)

    async def clear(self, caller: Caller, conversation_id: str, up_to: int) -> Conversation:
        """Let the caller's history begin behind `up_to`, on all his devices (E076, E087)."""

        def work(connection: Connection) -> Change:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.READ, lock=True
            )
            first = min(up_to, granted.visible_last_seq) + 1
            if first > granted.seat.first_seq:
                own_row(connection, granted.number, caller.person_id, first_seq=first)
            return finish(connection, granted.number, conversation_id, [caller.person_id], None)

        change = await self._database.write(work)
        self._membership.announce(change)
        return conversation_view(change.row, change.seats[caller.person_id], caller.person_id)

    # Steps.

    def _values(self, wanted: GroupChange) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if wanted.name is not None:
            self._membership.check_name(wanted.name)
            values["name"] = wanted.name.strip()
        if wanted.announcement is not None:
            if len(wanted.announcement) > self._limits.announcement_length:
                raise ApiError(ErrorCode.TOO_LARGE, "announcement")
            values["announcement"] = wanted.announcement
        if wanted.avatar_file is not None:
            values["avatar_file"] = wanted.avatar_file
        if wanted.muted_all is not None:
            if not 0 <= wanted.muted_until < 2**53:
                raise ApiError(ErrorCode.BAD_REQUEST, "muted_until")
            values |= {
                "muted_all": wanted.muted_all,
                "muted_until": wanted.muted_until if wanted.muted_all else 0,
            }
        return values

    async def _look(self, caller: Caller, conversation_id: str, right: Right) -> None:
        """Ask for the right before anything else: an outsider must learn nothing from another refusal."""
        await self._database.read(
            lambda connection: self._access.access_conversation(connection, caller, conversation_id, right)
        )

    async def _name(self, caller: Caller, person_id: str) -> str:
        return (await self._people.names(caller, [person_id])).get(person_id, "一位成员")

    async def _line_about(
        self, caller: Caller, conversation_id: str, right: Right, person_id: str, text: str
    ) -> SystemContent:
        await self._look(caller, conversation_id, right)
        me, other = await self._name(caller, caller.person_id), await self._name(caller, person_id)
        return SystemContent(text=f"{me} 将 {other} {text}", kind="changed", people=[person_id])

    async def _change(
        self,
        caller: Caller,
        conversation_id: str,
        right: Right,
        line: SystemContent,
        rows: Change_,
    ) -> Conversation:
        def work(connection: Connection, draft: Draft, fresh_key: Wrapped | None, epoch: int) -> Change:
            granted = self._access.access_conversation(connection, caller, conversation_id, right, lock=True)
            check_epoch(granted, epoch, fresh_key)
            # The line first: once the group is dissolved or silent, not even the server writes in it.
            written = self._membership.append_line(connection, draft)
            touched = rows(connection, granted)
            return finish(connection, granted.number, conversation_id, touched, written)

        change = await self._membership.with_line(conversation_id, line, False, work)
        self._membership.announce(change)
        seat = change.seats.get(caller.person_id)
        if seat is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        return conversation_view(change.row, seat, caller.person_id)


def own_row(connection: Connection, number: int, person_id: str, **values: Any) -> None:
    """Change a member's row."""
    connection.execute(
        update(members)
        .where(members.c.conversation_no == number, members.c.person_id == person_id)
        .values(**values)
    )


def seated(connection: Connection, granted: ConversationAccess, person_id: str) -> Any:
    """Return the row of somebody who is in the group; not_found for others."""
    row = connection.execute(
        select(members).where(
            members.c.conversation_no == granted.number,
            members.c.person_id == person_id,
            members.c.left.is_(False),
        )
    ).one_or_none()
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND, "person_id", message="此人已不在群里。")
    return row


def _said(wanted: GroupChange, before: Any) -> str:
    """What was done, for the line in the chat."""
    parts: Sequence[str] = []
    if wanted.name is not None:
        parts = [*parts, f"将群名称改为“{wanted.name.strip()}”"]
    if wanted.announcement is not None:
        parts = [*parts, "更新了群公告"]
    if wanted.avatar_file is not None:
        parts = [*parts, "更换了群头像"]
    if wanted.muted_all is not None:
        parts = [*parts, "开启了全员禁言" if wanted.muted_all else "关闭了全员禁言"]
    if wanted.rules is not None:
        changed = [
            words
            for name, words in _RULE_WORDS.items()
            if getattr(wanted.rules, name) != getattr(before, name)
        ]
        parts = [*parts, f"修改了{'、'.join(changed) or '群设置'}"]
    return "，".join(parts)
