"""What the administration of the directory needs of others."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from sqlalchemy import Connection

Record = Callable[[str, str, str, str], Awaitable[None]]
"""kind, person, target, result: the audit trail."""
Announce = Callable[[Sequence[str]], Awaitable[None]]
"""Tells clients that the cards of these people changed."""


class AccountDesk(Protocol):
    """Accounts as the administration sees them (accounts.desk)."""

    def add(self, connection: Connection, person_id: str, login: str, base: str, phone: str) -> str:
        """Make an account that waits for activation; an empty `login` is made free from `base`. Returns the login.
        Raises ApiError where the login is taken or not one."""
        ...

    def change_phone(self, connection: Connection, person_id: str, phone: str) -> None:
        """Change the number to sign in with."""
        ...

    def records(
        self, connection: Connection, person_ids: Sequence[str]
    ) -> dict[str, tuple[str, bool, bool, bool, int]]:
        """Return login, disabled, activated, is_admin, last seen (unix ms) of each."""
        ...

    def may_lose(self, connection: Connection, person_id: str) -> bool:
        """Whether the organisation still has an administrator when this person's account is disabled."""
        ...

    async def set_disabled(self, person_id: str, disabled: bool) -> None:
        """Disable or enable an account; disabling ends its sessions at once."""
        ...

    def put_administrator(self, connection: Connection, person_id: str, on: bool) -> bool:
        """Make an account an administrator's, or an ordinary one again; returns whether that changed anything."""
        ...

    async def rights_changed(self, person_id: str) -> None:
        """End the person's sessions: what they were allowed is no longer so."""
        ...

    async def reset(self, person_id: str) -> None:
        """Forget the password and end all sessions: the account must be activated anew."""
        ...
