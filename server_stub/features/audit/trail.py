"""Keeps who did what, and who was refused what; never what was in it."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, insert

from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import metadata

log = logging.getLogger(__name__)

LONGEST_RESULT = 2000
"""Characters: reasons and lists of rules stand whole; a line never grows without bound."""

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("object", String(120), nullable=False),
    Column("result", Text, nullable=False),
    Index("ix_audit_at", "at"),
    Index("ix_audit_person", "person_id", "at"),
    Index("ix_audit_kind", "kind", "at"),
)


class AuditTrail:
    """Writes the audit table; a refusal is written in the background, so that it costs the refused no disk."""

    def __init__(self, database: Database, count_refusal: Callable[[str], None] = lambda _kind: None) -> None:
        """`count_refusal` learns the kind of each refusal, for the metrics."""
        self._database = database
        self._pending: set[Future[None]] = set()
        self._count_refusal = count_refusal

    async def record(self, kind: str, person_id: str, target: str, result: str) -> None:
        """Write one line and wait for its commit."""
        values = _values(kind, person_id, target, result)
        await self._database.write(
            lambda connection: connection.execute(insert(audit).values(**values)) and None
        )

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """Note a refusal by an access function."""
        self._count_refusal(kind)
        values = _values(f"refused_{kind}", caller.person_id, target, wanted)
        log.info("access refused", extra={"kind": kind, "wanted": wanted, "person": caller.person_id})
        written = self._database.submit(
            lambda connection: connection.execute(insert(audit).values(**values)) and None
        )
        self._pending.add(written)
        written.add_done_callback(self._pending.discard)

    async def settled(self) -> None:
        """Wait until every refusal noted so far is on the disk."""
        await asyncio.gather(*(asyncio.wrap_future(one) for one in list(self._pending)))


def _values(kind: str, person_id: str, target: str, result: str) -> dict[str, object]:
    if len(result) > LONGEST_RESULT:
        result = result[: LONGEST_RESULT - 1] + "…"
    return {
        "at": int(time.time() * 1000),
        "kind": kind[:40],
        "person_id": person_id[:36],
        "object": target[:120],
        "result": result,
    }
