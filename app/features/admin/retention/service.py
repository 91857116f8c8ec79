"""What the section needs of the server."""

from __future__ import annotations

from typing import Protocol

from app.session.session import Session
from server_stub.contract.retention import RetentionAsked, RetentionPolicy, RetentionRun, RetentionState


class RetentionAdmin(Protocol):
    """Raises NetworkError and ApiError."""

    async def state(self) -> RetentionState:
        """What is set, and what it did."""
        ...

    async def waiting(self, days: int) -> int:
        """How many messages are older."""
        ...

    async def change(self, policy: RetentionPolicy) -> RetentionState:
        """Replace what is set."""
        ...

    async def run(self) -> RetentionRun:
        """Delete what is too old now."""
        ...


class SessionRetentionAdmin:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._http = session.api.http

    async def state(self) -> RetentionState:
        return await self._http.call("GET", "/admin/retention", RetentionState)

    async def waiting(self, days: int) -> int:
        query = {"days": days}
        return (await self._http.call("GET", "/admin/retention/waiting", RetentionAsked, query=query)).waiting

    async def change(self, policy: RetentionPolicy) -> RetentionState:
        return await self._http.call("PUT", "/admin/retention", RetentionState, body=policy)

    async def run(self) -> RetentionRun:
        return await self._http.call("POST", "/admin/retention/run", RetentionRun)
