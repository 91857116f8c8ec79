"""Forced locks: by administrators or by the server itself; only the owner's phone opens what they closed."""

import time
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.lock import Hold, HoldRequest
from server_stub.storage.database import Database

from . import notices
from .news import LockNews
from .ports import Audit, Names
from .settings import read_policy
from .tables import lock_commands, lock_holds

RISK = "risk"
"""Who asked, where the server did by itself."""
MOST = 200


class Holds:
    """Puts forced locks on people and desktops."""

    def __init__(
        self,
        *,
        database: Database,
        news: LockNews,
        names: Names,
        device_names: Callable[[list[str]], Awaitable[dict[str, str]]],
        audit: Audit,
    ) -> None:
        self._database = database
        self._news = news
        self._names = names
        self._device_names = device_names
        self._audit = audit

    async def put(self, by: str, wanted: HoldRequest) -> str:
        """Lock at once, and at their next start what is not connected; returns the hold's id.

        `by`: an administrator's id, or `RISK`. Also the way for other features to lock on a suspicion.
        """
        reason = wanted.reason.strip()
        if not reason or len(reason) > 100:
            raise ApiError(ErrorCode.BAD_REQUEST, message="请填写锁定原因，不超过 100 字。")
        if by != RISK and wanted.person_id not in await self._names([wanted.person_id]):
            raise ApiError(ErrorCode.NOT_FOUND, message="没有这个人员。")
        hold_id, now = uuid7(), int(time.time() * 1000)

        def work(connection: Connection) -> None:
            connection.execute(
                insert(lock_holds).values(
                    id=hold_id,
                    person_id=wanted.person_id,
                    device_id=wanted.device_id,
                    reason=reason,
                    by=by,
                    at=now,
                )
            )
            notices.add(
                connection,
                wanted.person_id,
                "forced",
                "电脑端已被强制锁定",
                f"原因：{reason}。请在电脑锁屏上显示二维码，用手机扫码解锁。",
            )

        await self._database.write(work)
        await self._audit("lock_forced", by, wanted.device_id or wanted.person_id, reason)
        await self._news.desktop(wanted.person_id, wanted.device_id)
        return hold_id

    async def lift(self, by: str, hold_id: str) -> None:
        """Take a forced lock back: desktops that have not locked yet are spared. Those that have still want a scan."""

        def work(connection: Connection) -> str:
            now = int(time.time() * 1000)
            row = connection.execute(
                update(lock_holds)
                .where(lock_holds.c.id == hold_id, lock_holds.c.lifted_at == 0)
                .values(lifted_at=now, lifted_by=by)
                .returning(lock_holds.c.person_id)
            ).one_or_none()
            if row is None:
                raise ApiError(ErrorCode.NOT_FOUND, message="该强制锁定已经结束。")
            connection.execute(
                update(lock_commands)
                .where(lock_commands.c.id == hold_id, lock_commands.c.done_at == 0)
                .values(done_at=now)
            )
            return str(row.person_id)

        person_id = await self._database.write(work)
        await self._audit("lock_lifted", by, hold_id, "done")
        await self._news.desktop(person_id)

    async def tampered(self, person_id: str, device_id: str) -> None:
        """A desktop's log was altered: lock it where the policy says so."""
        if (await self._database.read(read_policy)).force_on_tamper:
            request = HoldRequest(person_id=person_id, device_id=device_id, reason="锁定日志被篡改")
            await self.put(RISK, request)

    async def all(self) -> list[Hold]:
        """The newest ones."""
        rows = await self._database.read(
            lambda connection: list(
                connection.execute(select(lock_holds).order_by(lock_holds.c.at.desc()).limit(MOST)).all()
            )
        )
        ids = {row.person_id for row in rows} | {row.by for row in rows if row.by != RISK}
        people = await self._names(sorted(ids))
        devices = await self._device_names(sorted({row.device_id for row in rows if row.device_id}))
        return [
            Hold(
                id=row.id,
                person_id=row.person_id,
                person_name=people.get(row.person_id, ""),
                reason=row.reason,
                by=row.by,
                by_name="系统风控" if row.by == RISK else people.get(row.by, ""),
                at_ms=row.at,
                device_id=row.device_id,
                device_name=devices.get(row.device_id, ""),
                lifted_at=row.lifted_at,
                lifted_by=row.lifted_by,
            )
            for row in rows
        ]
