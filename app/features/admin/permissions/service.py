"""What the section needs of the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.session.session import Session
from server_stub.contract.directory import SearchResult, UnitChildren
from server_stub.contract.permissions import FeatureSummary, GrantChange, Grants


class PermissionsService(Protocol):
    """Feature permissions, and the address book to choose from."""

    async def features(self) -> list[FeatureSummary]:
        """All features."""
        ...

    async def grants(self, feature: str) -> Grants:
        """The rows of one."""
        ...

    async def change(self, feature: str, changes: Sequence[GrantChange]) -> Grants:
        """Set and remove rows."""
        ...

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """See OrgSource."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """See OrgSource."""
        ...


class SessionPermissions:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def features(self) -> list[FeatureSummary]:
        return await self._session.api.features()

    async def grants(self, feature: str) -> Grants:
        return await self._session.api.grants(feature)

    async def change(self, feature: str, changes: Sequence[GrantChange]) -> Grants:
        return await self._session.api.change_grants(feature, changes)

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)
