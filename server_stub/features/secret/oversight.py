"""Devices' protections, incidents, the policy, and lawful access by two administrators (3.1.1.11)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import is_uuid, uuid7
from server_stub.contract.secret import (
    PROTECTIONS,
    AccessAsked,
    AccessCase,
    CaptureReport,
    LeaseReport,
    RetainedMessage,
    SecretIncident,
    SecretPolicy,
    Shielding,
)
from server_stub.features.directory.tables import persons
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import SecretAccess
from .burning import Reaper, shorten
from .policy import check_policy, read_policy, write_policy
from .ports import Devices, KeyGone, MessageKeys, News, Refusals, Wrapped
from .tables import (
    secret_cases,
    secret_chats,
    secret_devices,
    secret_incidents,
    secret_parts,
    secret_retained,
)

CASE_MS = 30 * 60 * 1000
"""A request waits this long for its second administrator, and is open this long afterwards."""
MOST_RECORDS = 500
LONGEST_LEASE_MS = 3600 * 1000


class Oversight:
    """What stands over single chats."""

    def __init__(
        self,
        database: Database,
        access: SecretAccess,
        keys: MessageKeys,
        devices: Devices,
        news: News,
        audit: Refusals,
        reaper: Reaper,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._access, self._keys, self._devices = database, access, keys, devices
        self._news, self._audit, self._reaper, self._clock = news, audit, reaper, clock
        self.on_switch: Callable[[], Awaitable[None]] = _nothing
        """Tells all clients what they may use now; set by the composition root."""

    def _now(self) -> int:
        return int(self._clock() * 1000)

    # What devices report.

    async def report_device(self, caller: Caller, shielding: Shielding) -> None:
        """Keep what a device's guard achieves now."""
        if shielding.protection not in PROTECTIONS or len(shielding.words) > 60:
            raise ApiError(ErrorCode.BAD_REQUEST, "protection")
        now = self._now()
        values = {
            "person_id": caller.person_id,
            "protection": shielding.protection,
            "words": shielding.words,
            "excepted_until": min(shielding.excepted_until, now + LONGEST_LEASE_MS),
            "reported_at": now,
        }

        def work(connection: Connection) -> list[Any]:
            self._access.access_feature(connection, caller)
            here = secret_devices.c.session_id == caller.session_id
            if not connection.execute(update(secret_devices).where(here).values(**values)).rowcount:
                connection.execute(insert(secret_devices).values(session_id=caller.session_id, **values))
            return _peers(connection, caller.person_id)

        for chat_id, peer_id in await self._database.write(work):
            await self._news.tell(chat_id, [peer_id])

    async def report_capture(self, caller: Caller, report: CaptureReport) -> None:
        """Note a capture, tell the other side of the chat that was open, and write it into the trail."""
        await self._incident(caller, "capture", report.id, report.chat_id, report.words, report)

    async def report_lease(self, caller: Caller, report: LeaseReport) -> None:
        """Note an exception and tell every other side."""
        if report.until - report.at > LONGEST_LEASE_MS:
            raise ApiError(ErrorCode.BAD_REQUEST, "until")
        await self._incident(caller, "lease", report.id, "", report.why, report)

    async def _incident(
        self,
        caller: Caller,
        kind: str,
        incident_id: str,
        chat_id: str,
        words: str,
        report: CaptureReport | LeaseReport,
    ) -> None:
        key = incident_id if is_uuid(incident_id) else ""
        if not key:
            raise ApiError(ErrorCode.BAD_REQUEST, "id")

        def work(connection: Connection) -> list[tuple[str, str]]:
            self._access.access_feature(connection, caller)
            peers = _peers(connection, caller.person_id)
            if chat_id:
                found = self._access.access_chat(connection, caller, chat_id, with_peer=False)
                peers = [(chat_id, found.peer_id)]
            known = connection.execute(
                select(secret_incidents).where(secret_incidents.c.id == key)
            ).one_or_none()
            if known is not None and known.person_id != caller.person_id:
                raise ApiError(ErrorCode.CONFLICT, "id")
            if known is None:
                connection.execute(
                    insert(secret_incidents).values(
                        id=key,
                        kind=kind,
                        person_id=caller.person_id,
                        chat_id=chat_id,
                        words=words[:200],
                        at=report.at,
                        ended_at=report.ended_at,
                    )
                )
            else:
                connection.execute(
                    update(secret_incidents)
                    .where(secret_incidents.c.id == key)
                    .values(ended_at=report.ended_at)
                )
            return peers

        peers = await self._database.write(work)
        state = "ended" if report.ended_at else "begun"
        await self._audit.record(f"secret_{kind}", caller.person_id, words[:100], state)
        for told_chat, peer_id in peers:
            await self._news.tell(told_chat, [peer_id])

    async def incidents(self, limit: int) -> list[SecretIncident]:
        """Everybody's, newest first."""

        def work(connection: Connection) -> list[Any]:
            query = (
                select(secret_incidents, persons.c.name)
                .join(persons, persons.c.id == secret_incidents.c.person_id)
                .order_by(secret_incidents.c.at.desc())
            )
            return list(connection.execute(query.limit(limit)))

        return [
            SecretIncident(
                kind=row.kind,
                words=row.words,
                at=row.at,
                ended_at=row.ended_at,
                person_id=row.person_id,
                name=row.name,
            )
            for row in await self._database.read(work)
        ]

    # The policy.

    async def policy(self) -> SecretPolicy:
        """What is in force."""
        return await self._database.read(read_policy)

    async def set_policy(self, actor: str, policy: SecretPolicy) -> SecretPolicy:
        """Change it; a shorter retention deletes at once what is past it."""
        check_policy(policy)

        def work(connection: Connection) -> bool:
            switched = read_policy(connection).enabled != policy.enabled
            write_policy(connection, policy)
            shorten(connection, policy)
            return switched

        switched = await self._database.write(work)
        result = f"on={policy.enabled:d} burn={policy.burn_s} keep={policy.retention_s}"
        await self._audit.record("secret_policy", actor, "", result)
        self._reaper.woken()
        if switched:
            await self.on_switch()
        return policy

    # Lawful access.

    async def ask(self, actor: str, wanted: AccessAsked) -> AccessCase:
        """Begin a request; another administrator confirms it."""
        if not wanted.reason.strip() or len(wanted.reason) > 500:
            raise ApiError(ErrorCode.BAD_REQUEST, "reason", message="请填写调阅的法定事由（不超过 500 字）。")
        if not 0 <= wanted.from_ms < wanted.to_ms:
            raise ApiError(ErrorCode.BAD_REQUEST, "time", message="起止时间不正确。")
        case_id = uuid7()

        def work(connection: Connection) -> None:
            people = [one for one in (wanted.person_id, wanted.other_id) if one]
            there = set(connection.scalars(select(persons.c.id).where(persons.c.id.in_(people))))
            if set(people) - there:
                raise ApiError(ErrorCode.NOT_FOUND, "person", message="没有这个人员。")
            connection.execute(
                insert(secret_cases).values(
                    id=case_id,
                    state="waiting",
                    person_id=wanted.person_id,
                    other_id=wanted.other_id,
                    from_ms=wanted.from_ms,
                    to_ms=wanted.to_ms,
                    reason=wanted.reason.strip(),
                    created_by=actor,
                    created_at=self._now(),
                )
            )

        await self._database.write(work)
        await self._audit.record("secret_access_asked", actor, case_id, "waiting")
        return await self._case(case_id)

    async def confirm(self, actor: str, case_id: str) -> AccessCase:
        """Confirm as a second administrator."""
        case = await self._case(case_id)
        if case.created_by == actor:
            raise ApiError(
                ErrorCode.FORBIDDEN, "second", message="须由另一位管理员确认，不能由发起人本人确认。"
            )
        now = self._now()
        moved = await self._move(
            case_id, now - CASE_MS, {"state": "granted", "confirmed_by": actor, "confirmed_at": now}
        )
        if not moved:
            raise ApiError(ErrorCode.CONFLICT, "state", message="此申请已失效或已处理，请刷新后查看。")
        await self._audit.record("secret_access_confirmed", actor, case_id, "granted")
        return await self._case(case_id)

    async def cancel(self, actor: str, case_id: str) -> AccessCase:
        """Take a waiting request back; any administrator may."""
        await self._case(case_id)
        if not await self._move(case_id, 0, {"state": "cancelled"}):
            raise ApiError(ErrorCode.CONFLICT, "state", message="此申请已失效或已处理，请刷新后查看。")
        await self._audit.record("secret_access_cancelled", actor, case_id, "cancelled")
        return await self._case(case_id)

    async def _move(self, case_id: str, made_after: int, values: dict[str, Any]) -> bool:
        def work(connection: Connection) -> bool:
            table = secret_cases.c
            here = (table.id == case_id) & (table.state == "waiting") & (table.created_at > made_after)
            return connection.execute(update(secret_cases).where(here).values(**values)).rowcount == 1

        return await self._database.write(work)

    async def cases(self, limit: int) -> list[AccessCase]:
        """Requests, newest first."""

        def work(connection: Connection) -> list[AccessCase]:
            rows = connection.execute(
                select(secret_cases).order_by(secret_cases.c.created_at.desc()).limit(limit)
            ).all()
            return self._named(connection, rows)

        return await self._database.read(work)

    async def _case(self, case_id: str) -> AccessCase:
        def work(connection: Connection) -> AccessCase:
            row = connection.execute(select(secret_cases).where(secret_cases.c.id == case_id)).one_or_none()
            if row is None:
                raise ApiError(ErrorCode.NOT_FOUND)
            return self._named(connection, [row])[0]

        return await self._database.read(work)

    def _named(self, connection: Connection, rows: Sequence[Any]) -> list[AccessCase]:
        ids = {one for row in rows for one in (row.person_id, row.other_id, row.created_by, row.confirmed_by)}
        names = _names(connection, ids)
        now = self._now()
        made: list[AccessCase] = []
        for row in rows:
            since = row.confirmed_at if row.state == "granted" else row.created_at
            over = row.state in ("waiting", "granted") and since <= now - CASE_MS
            made.append(
                AccessCase(
                    id=row.id,
                    state="expired" if over else row.state,
                    person_id=row.person_id,
                    person_name=names.get(row.person_id, ""),
                    other_id=row.other_id,
                    other_name=names.get(row.other_id, ""),
                    from_ms=row.from_ms,
                    to_ms=row.to_ms,
                    reason=row.reason,
                    created_by=row.created_by,
                    created_name=names.get(row.created_by, ""),
                    created_at=row.created_at,
                    confirmed_by=row.confirmed_by,
                    confirmed_name=names.get(row.confirmed_by, ""),
                    expires_at=since + CASE_MS,
                )
            )
        return made

    async def records(self, caller: Caller, case_id: str) -> list[RetainedMessage]:
        """The sealed copies of a granted case, with keys for the asking administrator's device. Every reading is audited."""
        case = await self._granted(caller, case_id)
        public = await self._devices.device_public_key(caller)
        rows, names = await self._database.read(lambda connection: _retained(connection, case))

        def open_all() -> list[RetainedMessage]:
            made: list[RetainedMessage] = []
            for row in rows:
                try:
                    envelope = self._keys.envelope(
                        Wrapped(bytes(row.wrapped), row.kek_id),
                        client_id=row.client_id,
                        device_public=public,
                    )
                except KeyGone:
                    continue
                made.append(
                    RetainedMessage(
                        client_id=row.client_id,
                        chat_id=row.chat_id,
                        sender_id=row.sender_id,
                        sender_name=names.get(row.sender_id, ""),
                        receiver_name=names.get(row.receiver_id, ""),
                        sent_at=row.sent_at,
                        read_at=row.read_at,
                        keep_until=row.keep_until,
                        parts=row.parts,
                        body=bytes(row.body),
                        envelope=envelope,
                    )
                )
            return made

        found = await asyncio.to_thread(open_all)
        await self._audit.record("secret_access_read", caller.person_id, case_id, f"{len(found)} copies")
        return found

    async def record_part(self, caller: Caller, case_id: str, client_id: str, number: int) -> bytes:
        """A sealed piece of a copy that a granted case covers."""
        case = await self._granted(caller, case_id)

        def work(connection: Connection) -> bytes | None:
            rows, _ = _retained(connection, case)
            if client_id not in {row.client_id for row in rows}:
                return None
            return connection.execute(
                select(secret_parts.c.data).where(
                    secret_parts.c.client_id == client_id, secret_parts.c.number == number
                )
            ).scalar_one_or_none()

        data = await self._database.read(work)
        if data is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        await self._audit.record("secret_access_part", caller.person_id, case_id, client_id)
        return bytes(data)

    async def _granted(self, caller: Caller, case_id: str) -> AccessCase:
        case = await self._case(case_id)
        if case.created_by != caller.person_id or case.state != "granted":
            self._audit.refused(caller, "secret_access", case_id, "read")
            raise ApiError(
                ErrorCode.FORBIDDEN, case.state, message="此调阅申请未获另一位管理员确认，或已过期。"
            )
        return case


async def _nothing() -> None:
    return None


def _peers(connection: Connection, person_id: str) -> list[tuple[str, str]]:
    """Chats with something in them, and their other sides."""
    table = secret_chats.c
    rows = connection.execute(
        select(secret_chats).where(or_(table.low_id == person_id, table.high_id == person_id))
    )
    return [(row.id, row.high_id if row.low_id == person_id else row.low_id) for row in rows]


def _names(connection: Connection, ids: set[str]) -> dict[str, str]:
    rows = connection.execute(select(persons.c.id, persons.c.name).where(persons.c.id.in_(list(ids))))
    return {person_id: name for person_id, name in rows}


def _retained(connection: Connection, case: AccessCase) -> tuple[list[Any], dict[str, str]]:
    table = secret_retained.c
    about = or_(table.sender_id == case.person_id, table.receiver_id == case.person_id)
    query = select(secret_retained).where(about, table.sent_at >= case.from_ms, table.sent_at <= case.to_ms)
    if case.other_id:
        query = query.where(or_(table.sender_id == case.other_id, table.receiver_id == case.other_id))
    rows = list(connection.execute(query.order_by(table.sent_at).limit(MOST_RECORDS)))
    return rows, _names(connection, {one for row in rows for one in (row.sender_id, row.receiver_id)})
