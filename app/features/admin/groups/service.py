"""What the section 群聊 needs, and how a session gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.session.session import Session
from server_stub.contract.groups import (
    AdminGroup,
    AdminGroupChange,
    AdminGroupMembers,
    AdminGroups,
    GroupLimits,
    GroupLimitsChange,
)


class GroupsAdmin(Protocol):
    """Raises NetworkError and ApiError."""

    async def groups(
        self, text: str, offset: int, limit: int, *, member: str = "", manager: str = ""
    ) -> AdminGroups:
        """Groups whose name holds `text`, the largest first; with `member`, or `manager` as owner or administrator, this
        person's."""
        ...

    async def members(self, id_: str, limit: int) -> AdminGroupMembers:
        """Who is in a group."""
        ...

    async def change(
        self,
        id_: str,
        *,
        name: str | None = None,
        owner_id: str = "",
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
    ) -> AdminGroup:
        """Rename a group, hand it over, add and remove members."""
        ...

    async def dissolve(self, id_: str) -> None:
        """End a group."""
        ...

    async def set_limits(self, change: GroupLimitsChange) -> GroupLimits:
        """The limits of the whole system."""
        ...

    async def set_group_limit(self, id_: str, member_limit: int) -> AdminGroup:
        """One group's limit; 0 for the general one."""
        ...


class SessionGroupsAdmin:
    """See GroupsAdmin."""

    def __init__(self, session: Session) -> None:
        self._api = session.groups.api

    async def groups(
        self, text: str, offset: int, limit: int, *, member: str = "", manager: str = ""
    ) -> AdminGroups:
        return await self._api.admin_groups(text, offset, limit, member=member, manager=manager)

    async def members(self, id_: str, limit: int) -> AdminGroupMembers:
        return await self._api.admin_group_members(id_, limit)

    async def change(
        self,
        id_: str,
        *,
        name: str | None = None,
        owner_id: str = "",
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
    ) -> AdminGroup:
        change = AdminGroupChange(name=name, owner_id=owner_id, add=list(add), remove=list(remove))
        return await self._api.change_admin_group(id_, change)

    async def dissolve(self, id_: str) -> None:
        await self._api.dissolve_admin_group(id_)

    async def set_limits(self, change: GroupLimitsChange) -> GroupLimits:
        return await self._api.set_limits(change)

    async def set_group_limit(self, id_: str, member_limit: int) -> AdminGroup:
        return await self._api.set_group_limit(id_, member_limit)
