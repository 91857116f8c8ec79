"""What the section needs of the server."""

from __future__ import annotations

from typing import Any, Protocol

from app.session.session import Session
from server_stub.contract.directory import SearchResult, UnitChildren
from server_stub.contract.lock import (
    Desktop,
    Hold,
    HoldRequest,
    LockLogPage,
    LockPageChange,
    LockPageNow,
    LockPolicy,
)


class LockAdminService(Protocol):
    """The app lock as administrators see it, and the address book to choose from. Raises as the session does."""

    async def page(self) -> LockPageNow:
        """The lock page in force."""
        ...

    async def change_page(self, change: LockPageChange) -> None:
        """Set it for everybody at once."""
        ...

    async def default_page(self) -> None:
        """Back to the product's own."""
        ...

    async def policy(self) -> LockPolicy:
        """The policy in force."""
        ...

    async def change_policy(self, policy: LockPolicy) -> None:
        """Set it for everybody at once."""
        ...

    async def log(self, **query: Any) -> LockLogPage:
        """Everybody's log."""
        ...

    async def export_log(self, **query: Any) -> bytes:
        """The same as a file."""
        ...

    async def desktops(self, person_id: str) -> list[Desktop]:
        """A person's desktops."""
        ...

    async def holds(self) -> list[Hold]:
        """Forced locks, newest first."""
        ...

    async def hold(self, request: HoldRequest) -> list[Hold]:
        """Force one."""
        ...

    async def lift(self, hold_id: str) -> None:
        """Take one back."""
        ...

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """See OrgSource."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """See OrgSource."""
        ...


class SessionLockAdmin:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        calls = session.lock_calls
        self.page = calls.admin_page
        self.change_page = calls.change_page
        self.default_page = calls.default_page
        self.policy = calls.policy
        self.change_policy = calls.change_policy
        self.log = calls.log
        self.export_log = calls.export_log
        self.desktops = calls.desktops
        self.holds = calls.holds
        self.hold = calls.hold
        self.lift = calls.lift

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)
