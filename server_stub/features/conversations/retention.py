"""Deletes messages that are older than administrators want them kept (数据定期删除, 3.2.3.2).

What is gone cannot be fetched by anybody: each member's history begins behind it, and clients drop it as they do a history
that was cleared. Files stay: the same picture or document may be used elsewhere.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.retention import (
    EVERY_HOURS,
    LONGEST_DAYS,
    SHORTEST_DAYS,
    RetentionPolicy,
    RetentionRun,
    RetentionState,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .changes import Change, finish
from .group_console import Record
from .tables import conversation_heads, conversations, group_limits, members, messages, reactions

log = logging.getLogger(__name__)

_ON, _DAYS, _EVERY = "keep_on", "keep_days", "keep_every_hours"
_RAN, _REMOVED = "keep_ran_s", "keep_removed"
_LOOK_S = 600.0
"""So often a server looks whether a run is due."""
_DAY_S, _HOUR_S = 86_400, 3_600


class Retention:
    """Start, then close. `announce` tells the members of a conversation that their history begins later."""

    def __init__(
        self,
        *,
        database: Database,
        record: Record,
        announce: Callable[[Change], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._record = record
        self._announce = announce
        self._clock = clock
        self._job: asyncio.Task[None] | None = None
        self._running = asyncio.Lock()

    async def start(self) -> None:
        """Run when it is due, from now on."""
        self._job = asyncio.get_running_loop().create_task(self._run_for_ever(), name="retention")

    async def close(self) -> None:
        """Stop; what was begun is whole, conversation by conversation."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)

    async def state(self) -> RetentionState:
        """Return what is set and what it did last."""

        def work(connection: Connection) -> RetentionState:
            kept = _read(connection)
            policy = _policy(kept)
            return RetentionState(
                policy=policy,
                ran_at=kept.get(_RAN, 0) * 1000,
                removed=kept.get(_REMOVED, 0),
                waiting=self._waiting(connection, policy.days),
            )

        return await self._database.read(work)

    async def waiting(self, days: int) -> int:
        """Return how many messages are older than so many days."""
        _check_days(days)
        return await self._database.read(lambda connection: self._waiting(connection, days))

    async def set(self, caller: Caller, wanted: RetentionPolicy) -> RetentionState:
        """Replace what is set; it begins with the next look."""
        _check_days(wanted.days)
        if wanted.every_hours not in EVERY_HOURS:
            raise ApiError(ErrorCode.BAD_REQUEST, "every_hours", message="请选择每天、每周或每月。")

        def work(connection: Connection) -> None:
            for name, value in ((_ON, int(wanted.on)), (_DAYS, wanted.days), (_EVERY, wanted.every_hours)):
                _write(connection, name, value)

        await self._database.write(work)
        said = f"{wanted.days} 天，每 {wanted.every_hours} 小时" if wanted.on else "off"
        await self._record("retention_policy", caller.person_id, "messages", said)
        return await self.state()

    async def run_now(self, caller: Caller) -> RetentionRun:
        """Delete what is too old now; BAD_REQUEST while it is switched off."""
        kept = await self._database.read(_read)
        if not _policy(kept).on:
            raise ApiError(ErrorCode.BAD_REQUEST, "off", message="请先开启定期删除并保存。")
        return await self._run(caller.person_id)

    # Running.

    async def _run_for_ever(self) -> None:
        while True:
            try:
                if await self._due():
                    await self._run("")
            except Exception:
                log.exception("old messages were not deleted; trying again later")
            await asyncio.sleep(_LOOK_S)

    async def _due(self) -> bool:
        """Whether a run is due, and this process is the one to do it."""
        now = int(self._clock())

        def work(connection: Connection) -> bool:
            kept = _read(connection)
            policy = _policy(kept)
            if not policy.on or now - kept.get(_RAN, 0) < policy.every_hours * _HOUR_S:
                return False
            # Whoever moves the time first does the work.
            if _RAN not in kept:
                connection.execute(insert(group_limits).values(name=_RAN, value=now))
                return True
            mine = (group_limits.c.name == _RAN) & (group_limits.c.value == kept[_RAN])
            return bool(connection.execute(update(group_limits).where(mine).values(value=now)).rowcount)

        return await self._database.write(work)

    async def _run(self, person_id: str) -> RetentionRun:
        async with self._running:
            kept = await self._database.read(_read)
            before = self._before(_policy(kept).days)

            def old(connection: Connection) -> list[tuple[int, int]]:
                end = _first_since(connection, before)
                rows = connection.execute(
                    select(messages.c.conversation_no, func.max(messages.c.seq))
                    .where(messages.c.id < end)
                    .group_by(messages.c.conversation_no)
                )
                return [(int(number), int(seq)) for number, seq in rows]

            found = await self._database.read(old)
            removed = 0
            for number, up_to in found:
                removed += await self._cut(number, up_to)

            def note(connection: Connection) -> None:
                _write(connection, _RAN, int(self._clock()))
                _write(connection, _REMOVED, removed)

            await self._database.write(note)
            if removed or person_id:
                said = f"{removed} 条，{len(found)} 个会话"
                await self._record("retention_run", person_id, "messages", said)
            return RetentionRun(removed=removed, conversations=len(found))

    async def _cut(self, number: int, up_to: int) -> int:
        """Delete a conversation's messages up to one, and let everybody's history begin behind it."""

        def work(connection: Connection) -> tuple[int, Change]:
            connection.execute(
                select(conversation_heads.c.conversation_no)
                .where(conversation_heads.c.conversation_no == number)
                .with_for_update()
            )
            ident = connection.execute(
                select(conversations.c.id).where(conversations.c.number == number)
            ).scalar_one()
            late = (members.c.conversation_no == number) & (members.c.first_seq <= up_to)
            touched = list(connection.scalars(select(members.c.person_id).where(late)))
            connection.execute(update(members).where(late).values(first_seq=up_to + 1))
            for table in (reactions, messages):
                gone = connection.execute(
                    delete(table).where(table.c.conversation_no == number, table.c.seq <= up_to)
                )
            return gone.rowcount, finish(connection, number, ident, touched, None)

        count, change = await self._database.write(work)
        self._announce(change)
        return count

    def _before(self, days: int) -> int:
        return int((self._clock() - days * _DAY_S) * 1000)

    def _waiting(self, connection: Connection, days: int) -> int:
        end = _first_since(connection, self._before(days))
        return connection.execute(select(func.count()).where(messages.c.id < end)).scalar_one()


def _first_since(connection: Connection, at: int) -> int:
    """Return the id of the first message written at `at` (Unix ms) or later, or one behind the last.

    Messages are written in the order of their ids, so this needs some forty looks into a full archive and no index.
    """
    low, high = connection.execute(select(func.min(messages.c.id), func.max(messages.c.id))).one()
    if low is None:
        return 0
    high += 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            select(messages.c.id, messages.c.sent_at)
            .where(messages.c.id >= middle)
            .order_by(messages.c.id)
            .limit(1)
        ).one_or_none()
        if row is None or row.sent_at >= at:
            high = middle
        else:
            low = row.id + 1
    return low


def _read(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(group_limits).where(group_limits.c.name.startswith("keep_")))
    return {row.name: int(row.value) for row in rows}


def _policy(kept: dict[str, Any]) -> RetentionPolicy:
    default = RetentionPolicy()
    return RetentionPolicy(
        on=bool(kept.get(_ON, 0)),
        days=kept.get(_DAYS, default.days),
        every_hours=kept.get(_EVERY, default.every_hours),
    )


def _write(connection: Connection, name: str, value: int) -> None:
    if not connection.execute(
        update(group_limits).where(group_limits.c.name == name).values(value=value)
    ).rowcount:
        connection.execute(insert(group_limits).values(name=name, value=value))


def _check_days(days: int) -> None:
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise ApiError(
            ErrorCode.BAD_REQUEST, "days", message=f"保留时间须在 {SHORTEST_DAYS} 到 {LONGEST_DAYS} 天之间。"
        )


__all__ = ["Retention"]
