"""The limits of groups, as administrators set them: members, large groups, one group's own (E089, 3.1.2.4)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.conversations import ConversationKind, MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.groups import AdminGroup, AdminGroups, GroupLimits, GroupLimitsChange

from .limits import Limits
from .tables import conversations, group_limits, members

BOUNDS = {"group_members": (3, 10_000), "large_from": (3, 10_000), "large_groups": (0, 10_000)}
"""What each limit may be set to."""
_LOCK = 0x67726F757073


def read_limits(connection: Connection, defaults: Limits) -> GroupLimits:
    """Return what holds now: what was set, else the configured defaults."""
    kept = {row.name: row.value for row in connection.execute(select(group_limits))}
    return GroupLimits(
        group_members=kept.get("group_members", defaults.group_members),
        large_from=kept.get("large_from", defaults.large_from),
        large_groups=kept.get("large_groups", defaults.large_groups),
    )


def change_limits(connection: Connection, change: GroupLimitsChange, defaults: Limits) -> GroupLimits:
    """Set limits; those of groups that are larger already stay as they are and only cannot grow."""
    for name, (low, high) in BOUNDS.items():
        value = getattr(change, name)
        if value is None:
            continue
        if not low <= value <= high:
            raise ApiError(ErrorCode.BAD_REQUEST, name, message=f"请输入 {low} 到 {high} 之间的整数。")
        connection.execute(delete(group_limits).where(group_limits.c.name == name))
        connection.execute(insert(group_limits).values(name=name, value=value))
    return read_limits(connection, defaults)


def size_check(connection: Connection, defaults: Limits, member_limit: int = 0) -> Callable[[int, int], None]:
    """Return the check of a change of size (members before, members after); it raises ApiError too_large."""

    def check(before: int, after: int) -> None:
        if after <= before:
            return
        limits = read_limits(connection, defaults)
        most = member_limit or limits.group_members
        if after > most:
            raise ApiError(ErrorCode.TOO_LARGE, "members", message=f"群成员不能超过 {most} 人。")
        if before < limits.large_from <= after:
            if connection.dialect.name == "postgresql":
                # Two groups must not both take the last place.
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            if count_large(connection, limits.large_from) >= limits.large_groups:
                raise ApiError(
                    ErrorCode.TOO_LARGE,
                    "large groups",
                    message=f"全系统最多 {limits.large_groups} 个大群（{limits.large_from} 人及以上），名额已用完，"
                    "请联系管理员。",
                )

    return check


def count_large(connection: Connection, large_from: int) -> int:
    """Return how many large groups there are."""
    return connection.execute(
        select(func.count())
        .select_from(conversations)
        .where(
            conversations.c.kind == ConversationKind.GROUP.value,
            conversations.c.dissolved.is_(False),
            conversations.c.member_count >= large_from,
        )
    ).scalar_one()


def list_groups(
    connection: Connection,
    defaults: Limits,
    text: str,
    offset: int,
    limit: int,
    *,
    member: str = "",
    manager: str = "",
) -> AdminGroups:
    """Return groups whose name holds `text`, the largest first, without their owners' names; with `member`, or with
    `manager` as owner or administrator, only this person's."""
    limits = read_limits(connection, defaults)
    here = (conversations.c.kind == ConversationKind.GROUP.value) & conversations.c.dissolved.is_(False)
    if text:
        here &= conversations.c.name.contains(text, autoescape=True)
    if member or manager:
        seat = (members.c.person_id == (manager or member)) & members.c.left.is_(False)
        if manager:
            seat &= members.c.role != MemberRole.MEMBER.value
        here &= conversations.c.number.in_(select(members.c.conversation_no).where(seat))
    total = connection.execute(select(func.count()).select_from(conversations).where(here)).scalar_one()
    rows = connection.execute(
        select(conversations)
        .where(here)
        .order_by(conversations.c.member_count.desc(), conversations.c.number)
        .offset(offset)
        .limit(limit)
    ).all()
    return AdminGroups(
        groups=[_admin_view(row, limits) for row in rows],
        total=total,
        large=count_large(connection, limits.large_from),
        limits=limits,
    )


def one_group(connection: Connection, defaults: Limits, conversation_id: str) -> AdminGroup:
    """Return one group of `list_groups`. Raises not_found."""
    row = connection.execute(
        select(conversations).where(
            conversations.c.id == conversation_id, conversations.c.kind == ConversationKind.GROUP.value
        )
    ).one_or_none()
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND)
    return _admin_view(row, read_limits(connection, defaults))


def set_member_limit(connection: Connection, conversation_id: str, value: int) -> str:
    """Set one group's own limit (0: the general one); return the group's id. Raises not_found."""
    low, high = BOUNDS["group_members"]
    if value and not low <= value <= high:
        raise ApiError(
            ErrorCode.BAD_REQUEST, "member_limit", message=f"请输入 {low} 到 {high} 之间的整数，或 0。"
        )
    changed = connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.kind == ConversationKind.GROUP.value)
        .values(member_limit=value)
    )
    if not changed.rowcount:
        raise ApiError(ErrorCode.NOT_FOUND)
    return conversation_id


def _admin_view(row: Any, limits: GroupLimits) -> AdminGroup:
    return AdminGroup(
        id=row.id,
        name=row.name,
        owner_id=row.owner_id,
        owner_name="",
        member_count=row.member_count,
        member_limit=row.member_limit,
        large=row.member_count >= limits.large_from,
        created_at=row.created_at,
    )
