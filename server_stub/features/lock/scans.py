"""Opening a locked desktop by phone: the desktop asks with its ticket, the owner's phone agrees, the key comes once."""

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.lock import PhoneScan, Scan, ScanState
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from . import notices
from .access import LockAccess
from .news import LockNews
from .ports import Audit, PhoneKeys, WrappedPhoneKey
from .tables import lock_commands, lock_devices, lock_holds, lock_scans

LASTS_S = 180
MOST_WAITING = 5
Digest = Callable[[bytes], bytes]


class Scans:
    """One request to open is one row; it is answered once and soon forgotten."""

    def __init__(
        self,
        *,
        database: Database,
        access: LockAccess,
        news: LockNews,
        keys: PhoneKeys,
        digest: Digest,
        audit: Audit,
        device_names: Callable[[str], Any],
    ) -> None:
        """`device_names(person_id)`: awaitable of names by device id."""
        self._database = database
        self._access = access
        self._news = news
        self._keys = keys
        self._digest = digest
        self._audit = audit
        self._device_names = device_names

    async def whose(self, ticket: str) -> tuple[str, str]:
        """Return person and device of a locked desktop's ticket. Raises UNAUTHENTICATED."""
        device_id, _, secret = ticket.partition(".")
        digest = self._digest(secret.encode())
        rows = await self._database.read(
            lambda connection: connection.execute(
                select(lock_devices.c.person_id, lock_devices.c.ticket_digest).where(
                    lock_devices.c.device_id == device_id
                )
            ).all()
        )
        for row in rows:
            if row.ticket_digest is not None and hmac.compare_digest(bytes(row.ticket_digest), digest):
                return row.person_id, device_id
        raise ApiError(ErrorCode.UNAUTHENTICATED)

    async def ask(self, ticket: str, public_key: bytes, address: str) -> Scan:
        """A locked desktop wants to be opened."""
        person_id, device_id = await self.whose(ticket)
        if len(public_key) != 65 or public_key[0] != 4:
            raise ApiError(ErrorCode.BAD_REQUEST, "public_key")
        scan_id, now = uuid7(), _now()
        code = f"{secrets.randbelow(100_000_000):08d}"

        def work(connection: Connection) -> None:
            connection.execute(delete(lock_scans).where(lock_scans.c.expires_at < now - 3_600_000))
            connection.execute(
                update(lock_scans)
                .where(
                    lock_scans.c.device_id == device_id,
                    lock_scans.c.person_id == person_id,
                    lock_scans.c.state == "waiting",
                )
                .values(state="expired")
            )
            connection.execute(
                insert(lock_scans).values(
                    id=scan_id,
                    person_id=person_id,
                    device_id=device_id,
                    code=code,
                    address=address,
                    public_key=public_key,
                    at=now,
                    expires_at=now + LASTS_S * 1000,
                    state="waiting",
                )
            )

        await self._database.write(work)
        await self._news.phone(person_id)
        return Scan(id=scan_id, code=code, path=f"/m/unlock#{scan_id}", expires_at=now + LASTS_S * 1000)

    async def outcome(self, ticket: str, scan_id: str) -> ScanState:
        """What became of it; the key comes once, and with it the forced locks of this desktop are over."""
        person_id, device_id = await self.whose(ticket)
        now = _now()

        def work(connection: Connection) -> tuple[str, Any, Any]:
            scan = connection.execute(
                select(lock_scans)
                .where(
                    lock_scans.c.id == scan_id,
                    lock_scans.c.device_id == device_id,
                    lock_scans.c.person_id == person_id,
                )
                .with_for_update()
            ).one_or_none()
            if scan is None or scan.state == "used":
                return "expired", None, None
            if scan.state == "waiting" and scan.expires_at < now:
                return "expired", None, None
            if scan.state != "confirmed":
                return scan.state, None, None
            if scan.expires_at + LASTS_S * 1000 < now:
                return "expired", None, None
            device = connection.execute(
                select(lock_devices).where(
                    lock_devices.c.device_id == device_id, lock_devices.c.person_id == person_id
                )
            ).one()
            connection.execute(update(lock_scans).where(lock_scans.c.id == scan_id).values(state="used"))
            _scanned(connection, person_id, device_id, now)
            return "confirmed", device, scan

        state, device, scan = await self._database.write(work)
        if device is None or device.key_blob is None:
            return ScanState(state=state if device is None else "expired")
        wrapped = WrappedPhoneKey(bytes(device.key_blob), device.kek_id)
        envelope = await asyncio.to_thread(self._keys.envelope, wrapped, device_id, bytes(scan.public_key))
        await self._audit("lock_opened_by_phone", person_id, device_id, "done")
        await self._news.phone(person_id)
        return ScanState(state="confirmed", envelope=envelope)

    # The phone.

    async def find(self, caller: Caller, code: str) -> PhoneScan:
        """Return the caller's own waiting request with this code."""
        wanted = "".join(part for part in code if part.isdigit())
        rows = await self._database.read(
            lambda connection: connection.execute(
                select(lock_scans.c.id).where(
                    lock_scans.c.person_id == caller.person_id,
                    lock_scans.c.code == wanted,
                    lock_scans.c.state == "waiting",
                    lock_scans.c.expires_at >= _now(),
                )
            ).all()
        )
        if len(rows) != 1:
            raise ApiError(ErrorCode.NOT_FOUND, message="没有这个解锁码，或已过期。请核对电脑锁屏上的数字。")
        return await self.show(caller, rows[0].id)

    async def waiting(self, caller: Caller) -> list[PhoneScan]:
        """Return the caller's requests that wait for an answer, newest first."""
        ids = await self._database.read(
            lambda connection: (
                connection.execute(
                    select(lock_scans.c.id)
                    .where(
                        lock_scans.c.person_id == caller.person_id,
                        lock_scans.c.state == "waiting",
                        lock_scans.c.expires_at >= _now(),
                    )
                    .order_by(lock_scans.c.at.desc())
                    .limit(MOST_WAITING)
                )
                .scalars()
                .all()
            )
        )
        return [await self.show(caller, one) for one in ids]

    async def show(self, caller: Caller, scan_id: str) -> PhoneScan:
        """What the phone asks about before it agrees."""
        row = await self._database.write(
            lambda connection: self._access.access_scan(connection, caller, scan_id, "read")
        )
        names = await self._device_names(caller.person_id)
        state = "expired" if row.state == "waiting" and row.expires_at < _now() else row.state
        return PhoneScan(
            id=row.id,
            device_name=names.get(row.device_id, "电脑"),
            address=row.address,
            asked_at=row.at,
            state=state,
            code=row.code,
        )

    async def answer(self, caller: Caller, scan_id: str, *, agree: bool) -> None:
        """The owner agrees or not. GONE when it is too late."""
        names = await self._device_names(caller.person_id)

        def work(connection: Connection) -> str:
            row = self._access.access_scan(connection, caller, scan_id, "answer")
            if row.state != "waiting" or row.expires_at < _now():
                raise ApiError(ErrorCode.GONE, message="解锁请求已过期或已处理，请在电脑上重新显示二维码。")
            connection.execute(
                update(lock_scans)
                .where(lock_scans.c.id == scan_id)
                .values(state="confirmed" if agree else "rejected")
            )
            name = names.get(row.device_id, "电脑")
            if agree:
                notices.add(
                    connection,
                    row.person_id,
                    "unlock",
                    f"{name} 已由手机解锁",
                    "如非本人操作，请立即锁定并修改密码。",
                )
            else:
                notices.add(
                    connection,
                    row.person_id,
                    "unlock",
                    f"已拒绝解锁 {name}",
                    "有人在这台电脑上请求解锁，您已拒绝。",
                )
            return str(row.device_id)

        device_id = await self._database.write(work)
        await self._audit("lock_scan", caller.person_id, device_id, "agreed" if agree else "rejected")
        await self._news.desktop(caller.person_id, device_id)


def _scanned(connection: Connection, person_id: str, device_id: str, now: int) -> None:
    connection.execute(
        update(lock_devices)
        .where(lock_devices.c.device_id == device_id, lock_devices.c.person_id == person_id)
        .values(scanned_at=now)
    )
    connection.execute(
        update(lock_holds)
        .where(
            lock_holds.c.person_id == person_id,
            lock_holds.c.device_id == device_id,
            lock_holds.c.lifted_at == 0,
        )
        .values(lifted_at=now, lifted_by="phone")
    )
    connection.execute(
        update(lock_commands)
        .where(
            lock_commands.c.device_id == device_id,
            lock_commands.c.person_id == person_id,
            lock_commands.c.done_at == 0,
        )
        .values(done_at=now)
    )


def _now() -> int:
    return int(time.time() * 1000)
