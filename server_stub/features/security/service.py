"""Joins the parts of key management; what the console's endpoints and the composition root use."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import msgspec

from server_stub.contract.content import NoticeContent
from server_stub.contract.keys import (
    AlgorithmBackends,
    AuditVerdict,
    DeviceList,
    DeviceStanding,
    KeyAudit,
    KeyAuditLine,
    KeyRequest,
    KeyRequests,
)
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.hsm.custody import KeyCustody
from server_stub.hsm.device import DeviceInfo, Hsm, SelfTest
from server_stub.hsm.dual import DualActive
from server_stub.hsm.errors import SdfError
from server_stub.storage.database import Database

from .backends import measure
from .journal import Journal, to_csv
from .keeping import SYSTEM, Keeping
from .ports import Epochs
from .requests import Requests
from .telling import Telling
from .works import Works

_EXPORTED = 100_000


def standing(number: int, info: DeviceInfo | None, reason: str = "", served: int = 0) -> DeviceStanding:
    """Describe a device; without `info` it is away."""
    if info is None:
        return DeviceStanding(number=number, up=False, reason=reason, served=served)
    return DeviceStanding(
        number=number,
        up=True,
        served=served,
        issuer=info.issuer,
        name=info.name,
        serial=info.serial,
        version=info.version,
        standard=info.standard,
        algorithms=list(info.algorithms),
    )


def describe(hsm: Hsm) -> DeviceList:
    """Test the devices and describe them. Blocks."""
    if isinstance(hsm, DualActive):
        devices = [standing(one.number, one.info, one.reason, one.served) for one in hsm.standings()]
    else:
        try:
            devices = [standing(0, hsm.info())]
        except SdfError as error:
            devices = [standing(0, None, error.text)]
    try:
        report = hsm.self_test()
    except SdfError as error:
        report = SelfTest(False, ("self-test",), (error.text,))
    return DeviceList(devices=devices, checks=list(report.checks), failures=list(report.failures))


class KeyManagement:
    """`keeping` (overview, rotation), `requests` (two administrators), `works` (previews), `journal` (audit)."""

    def __init__(
        self,
        *,
        database: Database,
        alg: Algorithms,
        hsm: Hsm,
        custody: KeyCustody,
        epochs: Epochs,
        names: Callable[[Sequence[str]], Awaitable[dict[str, str]]],
        administrators: Callable[[], Awaitable[Sequence[str]]],
        notify: Callable[[str, NoticeContent], Awaitable[object]],
    ) -> None:
        """`names`: person ids to names; `administrators` and `notify`: see Telling."""
        self._alg, self._hsm, self._names = alg, hsm, names
        self.journal = Journal(database, alg.sm3, custody)
        self.keeping = Keeping(database=database, custody=custody, epochs=epochs, journal=self.journal)
        self.works = Works(
            alg=alg, hsm=hsm, custody=custody, epochs=epochs, journal=self.journal, names=names
        )
        telling = Telling(administrators, notify, names)
        self.requests = Requests(database, self.journal, self.works.workers(), telling.waits)

    async def start(self) -> None:
        """Begin to rotate by policy."""
        await self.requests.recover()
        self.keeping.start()

    async def close(self) -> None:
        """Finish what runs."""
        await self.keeping.close()
        await self.requests.close()

    async def devices(self) -> DeviceList:
        """Test the devices and describe them."""
        return await asyncio.to_thread(describe, self._hsm)

    async def backends(self) -> AlgorithmBackends:
        """Test and time the algorithm backends."""
        return AlgorithmBackends(backends=await asyncio.to_thread(measure, self._alg))

    async def named(self, found: Iterable[KeyRequest]) -> KeyRequests:
        """Fill in the administrators' names."""
        rows = list(found)
        names = await self._names_of([name for row in rows for name in (row.created_by, row.confirmed_by)])
        return KeyRequests(requests=[_with_names(row, names) for row in rows])

    async def audit(self, *, before: int | None, kind: str, actor: str, limit: int) -> KeyAudit:
        """Return a page of the log."""
        rows = await self.journal.lines(before=before, kind=kind, actor=actor, limit=limit + 1)
        names = await self._names_of([name for row in rows for name in (row.actor, row.second)])
        lines = [
            KeyAuditLine(
                seq=row.seq,
                at=row.at,
                kind=row.kind,
                actor=row.actor,
                actor_name=names.get(row.actor, ""),
                second=row.second,
                second_name=names.get(row.second, ""),
                target=row.target,
                result=row.result,
                hash=bytes(row.hash).hex(),
                signed=row.signature is not None,
            )
            for row in rows[:limit]
        ]
        return KeyAudit(lines=lines, more=len(rows) > limit)

    async def audit_csv(self, actor: str, *, kind: str) -> str:
        """Return the log as CSV; that it was exported is a line of its own."""
        await self.journal.record("audit_exported", actor, target=kind)
        rows = await self.journal.lines(before=None, kind=kind, actor="", limit=_EXPORTED)
        names = await self._names_of([name for row in rows for name in (row.actor, row.second)])
        return await asyncio.to_thread(to_csv, rows[::-1], names)

    async def verify_audit(self) -> AuditVerdict:
        """Walk the chain."""
        return await asyncio.to_thread(self.journal.verify)

    async def _names_of(self, person_ids: Iterable[str]) -> dict[str, str]:
        wanted = [one for one in dict.fromkeys(person_ids) if one and one != SYSTEM]
        return {SYSTEM: "系统"} | (await self._names(wanted) if wanted else {})


def _with_names(row: KeyRequest, names: dict[str, str]) -> KeyRequest:
    changes: dict[str, Any] = {
        "created_by_name": names.get(row.created_by, ""),
        "confirmed_by_name": names.get(row.confirmed_by, ""),
    }
    return msgspec.structs.replace(row, **changes)
