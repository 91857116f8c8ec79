"""What desktops have to heed and what they report: commands, signed acknowledgements, forced locks, phone keys."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from server_stub.contract.accounts import SessionInfo
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.lock import (
    IDLE_NOTICE,
    TRIGGERS,
    Desktop,
    LockCommand,
    LockReport,
    LockState,
    PhoneKey,
    report_message,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from . import notices
from .access import LockAccess
from .news import LockNews
from .ports import Audit, DeviceBook, Online, PhoneKeys, WrappedPhoneKey
from .settings import page_version, read_policy
from .tables import lock_commands, lock_devices, lock_holds

REMOTE, FORCED = "remote", "forced"
PHONE = "phone"
Verify = Callable[[bytes, bytes, bytes], bool]
"""SM2: public key, message, signature."""


class Desktops:
    """The desktops' side, and what phones and administrators ask of them."""

    def __init__(
        self,
        *,
        database: Database,
        access: LockAccess,
        news: LockNews,
        sessions: DeviceBook,
        online: Online,
        keys: PhoneKeys,
        verify: Verify,
        audit: Audit,
    ) -> None:
        self._database = database
        self._access = access
        self._news = news
        self._sessions = sessions
        self._online = online
        self._keys = keys
        self._verify = verify
        self._audit = audit

    # Desktops.

    async def state(self, person_id: str, device_id: str) -> LockState:
        """What this desktop has to heed; its row is made at the first question."""

        def work(connection: Connection) -> LockState:
            row = ensure(connection, person_id, device_id)
            _bring_holds(connection, row)
            command = connection.execute(
                select(lock_commands)
                .where(
                    lock_commands.c.device_id == device_id,
                    lock_commands.c.person_id == person_id,
                    lock_commands.c.done_at == 0,
                )
                # "forced" before "remote", then the newest.
                .order_by(lock_commands.c.kind, lock_commands.c.at.desc())
                .limit(1)
            ).one_or_none()
            return LockState(
                policy=read_policy(connection),
                page_version=page_version(connection),
                command=None
                if command is None
                else LockCommand(id=command.id, kind=command.kind, at_ms=command.at, reason=command.reason),
                log_last=row.log_last,
            )

        return await self._database.write(work)

    async def report(self, caller: Caller, report: LockReport) -> None:
        """Take a desktop's word that it is locked or open; INTEGRITY when its key did not sign it."""
        if report.trigger not in TRIGGERS or not 0 < len(report.signature) <= 100:
            raise ApiError(ErrorCode.BAD_REQUEST)
        public = await self._sessions.device_public_key(caller)
        message = report_message(caller.device_id, report)
        if not await asyncio.to_thread(self._verify, public, message, report.signature):
            await self._audit("lock_report", caller.person_id, caller.device_id, "bad_signature")
            raise ApiError(ErrorCode.INTEGRITY, message="锁定回执的签名不正确。")
        names = await self._sessions.names_of_person(caller.person_id)
        device_name, now = names.get(caller.device_id, "电脑"), _now()

        def work(connection: Connection) -> None:
            row = ensure(connection, caller.person_id, caller.device_id)
            if report.at_ms >= row.since:
                connection.execute(
                    update(lock_devices)
                    .where(*_is(caller.person_id, caller.device_id))
                    .values(
                        locked=report.locked,
                        since=report.at_ms,
                        trigger=report.trigger,
                        signature=report.signature,
                    )
                )
            if not report.locked:
                # A desktop that is open may still say that it carried out one lock before.
                done_before = (
                    lock_commands.c.id == report.command_id,
                    lock_commands.c.device_id == caller.device_id,
                    lock_commands.c.person_id == caller.person_id,
                )
                connection.execute(update(lock_commands).where(*done_before).values(done_at=now))
                return
            # A desktop that is locked has carried out whatever lock was asked of it before.
            done = [
                lock_commands.c.device_id == caller.device_id,
                lock_commands.c.person_id == caller.person_id,
                lock_commands.c.done_at == 0,
            ]
            if report.trigger != FORCED:
                done.append(or_(lock_commands.c.kind == REMOTE, lock_commands.c.id == report.command_id))
            connection.execute(update(lock_commands).where(*done).values(done_at=now))
            if report.trigger == "idle":
                notices.add(connection, caller.person_id, "idle", f"{device_name} 已自动锁定", IDLE_NOTICE)

        await self._database.write(work)
        await self._news.phone(caller.person_id)

    async def new_phone_key(self, caller: Caller, ticket_digest: bytes) -> PhoneKey:
        """Make the wrapping key of the desktop's phone slot; the one before opens nothing any more."""
        if len(ticket_digest) != 32:
            raise ApiError(ErrorCode.BAD_REQUEST, "ticket_digest")
        public = await self._sessions.device_public_key(caller)

        def make() -> tuple[WrappedPhoneKey, bytes]:
            made = self._keys.new()
            return made, self._keys.envelope(made, caller.device_id, public)

        made, envelope = await asyncio.to_thread(make)

        def work(connection: Connection) -> None:
            ensure(connection, caller.person_id, caller.device_id)
            connection.execute(
                update(lock_devices)
                .where(*_is(caller.person_id, caller.device_id))
                .values(ticket_digest=ticket_digest, key_blob=made.blob, kek_id=made.kek_id)
            )

        await self._database.write(work)
        return PhoneKey(envelope=envelope)

    # Phones.

    async def lock_remotely(self, caller: Caller, device_id: str) -> None:
        """Ask one of the caller's own desktops to lock (3.2.3.1.4)."""
        await self.of_person(caller)  # Makes the rows of desktops that have not asked yet.

        def work(connection: Connection) -> None:
            self._access.access_desktop(connection, caller, device_id, "lock")
            connection.execute(
                insert(lock_commands).values(
                    id=uuid7(), person_id=caller.person_id, device_id=device_id, kind=REMOTE, at=_now()
                )
            )

        await self._database.write(work)
        await self._audit("lock_remote", caller.person_id, device_id, "asked")
        await self._news.desktop(caller.person_id, device_id)

    async def of_person(self, caller: Caller) -> list[Desktop]:
        """Return the person's desktops with their lock; phones are left out."""
        listed = await self._sessions.session_list(caller, self._online)
        owners = await self._sessions.session_devices(caller.person_id)
        newest: dict[str, SessionInfo] = {}
        for session in listed:
            device_id = owners.get(session.id, "")
            if device_id and session.platform != PHONE:
                newest.setdefault(device_id, session)

        def work(connection: Connection) -> list[Desktop]:
            found = []
            for device_id, session in newest.items():
                row = ensure(connection, caller.person_id, device_id)
                _bring_holds(connection, row)
                kinds = (
                    connection.execute(
                        select(lock_commands.c.kind)
                        .where(
                            lock_commands.c.device_id == device_id,
                            lock_commands.c.person_id == caller.person_id,
                            lock_commands.c.done_at == 0,
                        )
                        .order_by(lock_commands.c.kind)
                    )
                    .scalars()
                    .all()
                )
                found.append(
                    Desktop(
                        device_id=device_id,
                        name=session.device_name,
                        platform=session.platform,
                        online=session.online,
                        last_seen_at=session.last_seen_at,
                        locked=row.locked,
                        since_ms=row.since,
                        trigger=row.trigger,
                        signed=bool(row.signature),
                        pending=kinds[0] if kinds else "",
                        forced=bool(holds_on(connection, row)),
                    )
                )
            return found

        return await self._database.write(work)


def ensure(connection: Connection, person_id: str, device_id: str) -> Any:
    """Return the desktop's row, made where there is none."""
    query = select(lock_devices).where(*_is(person_id, device_id)).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        connection.execute(insert(lock_devices).values(person_id=person_id, device_id=device_id))
        row = connection.execute(query).one()
    return row


def holds_on(connection: Connection, row: Any) -> Sequence[Any]:
    """Return the forced locks that this desktop has not been scanned out of."""
    return connection.execute(
        select(lock_holds).where(
            lock_holds.c.person_id == row.person_id,
            lock_holds.c.device_id.in_(["", row.device_id]),
            lock_holds.c.lifted_at == 0,
            lock_holds.c.at > row.scanned_at,
        )
    ).all()


def _bring_holds(connection: Connection, row: Any) -> None:
    """A forced lock of a person holds for desktops that come later, too: each gets its command once."""
    for hold in holds_on(connection, row):
        known = connection.execute(
            select(lock_commands.c.id).where(
                lock_commands.c.id == hold.id, lock_commands.c.device_id == row.device_id
            )
        ).one_or_none()
        if known is None:
            connection.execute(
                insert(lock_commands).values(
                    id=hold.id,
                    person_id=row.person_id,
                    device_id=row.device_id,
                    kind=FORCED,
                    reason=hold.reason,
                    at=hold.at,
                )
            )


def _is(person_id: str, device_id: str) -> tuple[Any, Any]:
    return lock_devices.c.person_id == person_id, lock_devices.c.device_id == device_id


def _now() -> int:
    return int(time.time() * 1000)
