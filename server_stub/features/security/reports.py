"""What clients refused to open, in the log that administrators read: each once, and only by who may see it."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, func, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.keys import SealReport
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .journal import Journal
from .tables import key_audit

KIND = "seal_refused"
REASONS = ("tampered", "replayed", "chunk")
_MOST_OF_ONE = 100
"""Lines of one person: a broken client must not fill the log."""

MayRead = Callable[[Caller, str], Awaitable[Any]]
"""Raises ApiError unless the caller may read the conversation."""


class SealReports:
    """Takes reports."""

    def __init__(self, database: Database, journal: Journal, may_read: MayRead) -> None:
        self._database, self._journal, self._may_read = database, journal, may_read

    async def take(self, caller: Caller, report: SealReport) -> None:
        """Write a report down; raises ApiError for one that is none, or about what the caller may not read."""
        if report.reason not in REASONS or not 0 < len(report.what) <= 40:
            raise ApiError(ErrorCode.BAD_REQUEST, "reason, what")
        await self._may_read(caller, report.conversation_id)
        target = f"{report.conversation_id} {report.what}"

        def known(connection: Connection) -> tuple[int, int]:
            mine = (key_audit.c.kind == KIND) & (key_audit.c.actor == caller.person_id)
            count = select(func.count()).select_from(key_audit)
            return (
                connection.execute(count.where(mine, key_audit.c.target == target)).scalar_one(),
                connection.execute(count.where(mine)).scalar_one(),
            )

        same, every = await self._database.read(known)
        if not same and every < _MOST_OF_ONE:
            await self._journal.record(KIND, caller.person_id, target=target, result=report.reason)
