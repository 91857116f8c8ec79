"""What administrators of the system set about groups; they see counts and names, never content (E089, 3.1.2.4)."""

from collections.abc import Awaitable, Callable

from server_stub.contract.groups import AdminGroup, AdminGroups, GroupLimits, GroupLimitsChange
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .group_limits import change_limits, list_groups, one_group, set_member_limit
from .limits import Limits
from .ports import People

Record = Callable[[str, str, str, str], Awaitable[None]]
"""Writes the audit trail: kind, person, object, result."""


class GroupConsole:
    """Endpoints of this are for administrators alone; every change is audited."""

    def __init__(
        self,
        *,
        database: Database,
        people: People,
        limits: Limits,
        record: Record,
        announce: Callable[[str], Awaitable[None]],
    ) -> None:
        """`announce(conversation id)` tells the members of a group's new limit."""
        self._database = database
        self._people = people
        self._limits = limits
        self._record = record
        self._announce = announce

    async def groups(
        self, caller: Caller, text: str, offset: int, limit: int, member: str = "", manager: str = ""
    ) -> AdminGroups:
        """Return groups whose name holds `text`, the largest first; see list_groups."""
        found = await self._database.read(
            lambda connection: list_groups(
                connection, self._limits, text, offset, limit, member=member, manager=manager
            )
        )
        names = await self._people.names(caller, [one.owner_id for one in found.groups if one.owner_id])
        return AdminGroups(
            groups=[_with_owner(one, names) for one in found.groups],
            total=found.total,
            large=found.large,
            limits=found.limits,
        )

    async def set_limits(self, caller: Caller, change: GroupLimitsChange) -> GroupLimits:
        """Set the limits of the whole system."""
        limits = await self._database.write(
            lambda connection: change_limits(connection, change, self._limits)
        )
        said = f"{limits.group_members}/{limits.large_from}/{limits.large_groups}"
        await self._record("group_limits", caller.person_id, "groups", said)
        return limits

    async def set_group_limit(self, caller: Caller, conversation_id: str, value: int) -> AdminGroup:
        """Set one group's limit."""
        await self._database.write(lambda connection: set_member_limit(connection, conversation_id, value))
        await self._record("group_limit", caller.person_id, conversation_id, str(value))
        await self._announce(conversation_id)
        return await self.one(caller, conversation_id)

    async def one(self, caller: Caller, conversation_id: str) -> AdminGroup:
        """Return one group as it is now."""
        group = await self._database.read(
            lambda connection: one_group(connection, self._limits, conversation_id)
        )
        names = await self._people.names(caller, [group.owner_id] if group.owner_id else [])
        return _with_owner(group, names)


def _with_owner(group: AdminGroup, names: dict[str, str]) -> AdminGroup:
    return AdminGroup(
        id=group.id,
        name=group.name,
        owner_id=group.owner_id,
        owner_name=names.get(group.owner_id, ""),
        member_count=group.member_count,
        member_limit=group.member_limit,
        large=group.large,
        created_at=group.created_at,
    )
