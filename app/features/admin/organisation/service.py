"""What the sections need: the administration's calls, and the address book to browse and choose from."""

from __future__ import annotations

from typing import Protocol

from app.session.organisation_api import OrganisationApi
from app.session.session import Session
from server_stub.contract.directory import SearchResult, UnitChildren


class Browse(Protocol):
    """The address book, fresh from the server (see OrgSource)."""

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit; "" for the root. All people, however many."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """People and units."""
        ...


class SessionBrowse:
    """Over a signed-in session; never from its cache, for an administrator must see what he has just changed."""

    def __init__(self, session: Session) -> None:
        self._api = session.api

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        content = await self._api.unit_children(unit_id, limit=500)
        while len(content.people) < content.people_total:
            more = await self._api.unit_children(content.unit.id, offset=len(content.people), limit=500)
            if not more.people:
                break
            content.people.extend(more.people)
        return content

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._api.search_directory(text, limit)


def organisation_api(session: Session) -> OrganisationApi:
    """The administration's calls of a session."""
    return OrganisationApi(session.api.http)
