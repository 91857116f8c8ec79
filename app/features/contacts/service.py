"""What the address book needs of the rest of the client (E130–E132, E137, E141)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.session.session import Session
from app.store.changes import Subscription
from server_stub.contract.directory import Person, SearchResult, UnitChildren


class ContactsService(Protocol):
    """Reads of the directory; offline they answer from what this machine has seen."""

    @property
    def me(self) -> Person:
        """The signed-in person."""
        ...

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit; "" for the root."""
        ...

    async def person(self, person_id: str) -> Person | None:
        """A person's card, or None where the caller may not see him."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """People and units by name, pinyin, initials or phone, best first."""
        ...

    def watch(self, person_ids: Sequence[str]) -> None:
        """Whose presence to follow."""
        ...

    def is_online(self, person_id: str) -> bool:
        """Whether a watched person is online."""
        ...

    def on_presence(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        """Be told whose presence changed."""
        ...


class SessionContacts:
    """The address book over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def me(self) -> Person:
        return self._session.me

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.unit_children(unit_id)

    async def person(self, person_id: str) -> Person | None:
        return await self._session.person(person_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.search_directory(text, limit)

    def watch(self, person_ids: Sequence[str]) -> None:
        self._session.watch(person_ids, party="contacts")

    def is_online(self, person_id: str) -> bool:
        return self._session.is_online(person_id)

    def on_presence(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        return self._session.presence_changed.connect(listener)
