"""What the section 群聊 needs, and how a session gives it."""

from __future__ import annotations

from typing import Protocol

from app.session.session import Session
from server_stub.contract.groups import AdminGroup, AdminGroups, GroupLimits, GroupLimitsChange


class GroupsAdmin(Protocol):
    """Raises NetworkError and ApiError."""

    async def groups(self, text: str, offset: int, limit: int) -> AdminGroups:
        """Groups whose name holds `text`, the largest first."""
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

    async def groups(self, text: str, offset: int, limit: int) -> AdminGroups:
        return await self._api.admin_groups(text, offset, limit)

    async def set_limits(self, change: GroupLimitsChange) -> GroupLimits:
        return await self._api.set_limits(change)

    async def set_group_limit(self, id_: str, member_limit: int) -> AdminGroup:
        return await self._api.set_group_limit(id_, member_limit)
