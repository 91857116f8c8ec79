"""What the section needs of the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.session.secret import SecretBody
from app.session.session import Session
from server_stub.contract.directory import SearchResult, UnitChildren
from server_stub.contract.secret import (
    AccessAsked,
    AccessCase,
    RetainedMessage,
    SecretIncident,
    SecretPolicy,
)


class SecretAdminService(Protocol):
    """Policy, incidents and lawful access, and the address book to choose from."""

    @property
    def me_id(self) -> str:
        """The administrator."""
        ...

    async def policy(self) -> SecretPolicy: ...
    async def set_policy(self, policy: SecretPolicy) -> SecretPolicy: ...
    async def incidents(self) -> list[SecretIncident]: ...
    async def cases(self) -> list[AccessCase]: ...
    async def ask_access(self, wanted: AccessAsked) -> AccessCase: ...
    async def decide_access(self, case_id: str, *, confirm: bool) -> AccessCase: ...
    async def retained(self, case_id: str) -> Sequence[tuple[RetainedMessage, SecretBody]]: ...
    async def unit_children(self, unit_id: str = "") -> UnitChildren: ...
    async def search(self, text: str, limit: int) -> SearchResult: ...


class SessionSecretAdmin:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        rooms = session.secret
        self.policy, self.set_policy = rooms.policy, rooms.set_policy
        self.incidents, self.cases = rooms.incidents, rooms.cases
        self.ask_access, self.decide_access = rooms.ask_access, rooms.decide_access
        self.retained = rooms.retained

    @property
    def me_id(self) -> str:
        return self._session.me.id

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)
