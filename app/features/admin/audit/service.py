"""What the section needs of the server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Protocol

from app.session.session import Session
from app.shell.whole_file import write_whole
from server_stub.contract.audit import AuditPage
from server_stub.contract.directory import SearchResult, UnitChildren

PAGE = 200
_PATH = "/admin/audit"
_LONG_S = 120.0


class AuditAdmin(Protocol):
    """The audit trail, and the address book to choose from. Raises NetworkError and ApiError."""

    async def page(self, before: int | None, **query: Any) -> AuditPage:
        """Lines that fit (`from_ms`, `to_ms`, `actor`, `action`, `text`), the newest first, from before a line on."""
        ...

    async def save(self, path: Path, **query: Any) -> None:
        """All that fits as a file, by its suffix; raises OSError too. What was there stays until the new one is whole."""
        ...

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """See OrgSource."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """See OrgSource."""
        ...


class SessionAuditAdmin:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._http = session.api.http

    async def page(self, before: int | None, **query: Any) -> AuditPage:
        asked = {**query, "before": before, "limit": PAGE}
        return await self._http.call("GET", _PATH, AuditPage, query=asked)

    async def save(self, path: Path, **query: Any) -> None:
        asked = {**query, "format": path.suffix.lower()[1:]}
        answer = await self._http.raw("GET", _PATH + "/export", query=asked, timeout=_LONG_S)
        await asyncio.to_thread(write_whole, answer.content, path)

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)
