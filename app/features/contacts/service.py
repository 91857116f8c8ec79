"""What the address book needs of the rest of the client (E130–E132, E137, E141)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.session.http import SessionEnded
from app.session.organisation_api import OrganisationApi
from app.session.session import Session
from app.session.states import NetworkError
from app.store.changes import Subscription
from app.store.queries import conversations
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person, SearchResult, UnitChildren
from server_stub.contract.directory_admin import DirectorySettings, Line, LineContent
from server_stub.contract.personal import STATUS_NAMES, RelationKind, StatusKind

from .groups_dialog import OwnGroup


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

    async def display(self) -> DirectorySettings:
        """How administrators want it shown; the defaults while the server cannot be asked."""
        ...

    async def lines(self) -> list[Line]:
        """The functional lines that the user belongs to; none while the server cannot be asked."""
        ...

    async def line(self, line_id: str) -> LineContent:
        """What a line holds."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """People and units by name, pinyin, initials or phone, best first."""
        ...

    async def people(self, person_ids: Sequence[str]) -> list[Person]:
        """Cards in the order asked for."""
        ...

    async def related(self, kind: RelationKind) -> list[str]:
        """People of one relation, the newest first."""
        ...

    async def relations_of(self, person_id: str) -> set[RelationKind]:
        """What a person is to the user."""
        ...

    async def relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        """Begin or end a relation."""
        ...

    async def recent(self, limit: int) -> list[str]:
        """People of the newest single chats."""
        ...

    async def own_groups(self) -> list[OwnGroup]:
        """Groups that the user belongs to, by name."""
        ...

    def status_text(self, person_id: str) -> str:
        """What a person says of himself now, "" for nothing."""
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

    def on_directory(self, listener: Callable[[], None]) -> Subscription:
        """Be told when it may have to be shown in another way."""
        ...

    def on_people(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        """Be told whose cards came anew; everybody's when empty."""
        ...


class SessionContacts:
    """The address book over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._organisation = OrganisationApi(session.api.http)

    @property
    def me(self) -> Person:
        return self._session.me

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def person(self, person_id: str) -> Person | None:
        return await self._session.directory.person(person_id)

    async def display(self) -> DirectorySettings:
        try:
            return await self._organisation.settings()
        except (NetworkError, SessionEnded):
            return DirectorySettings()

    async def lines(self) -> list[Line]:
        try:
            return await self._organisation.lines()
        except (NetworkError, SessionEnded):
            return []

    async def line(self, line_id: str) -> LineContent:
        return await self._organisation.line(line_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)

    async def people(self, person_ids: Sequence[str]) -> list[Person]:
        found = await self._session.directory.people(person_ids)
        return [found[one] for one in person_ids if one in found]

    async def related(self, kind: RelationKind) -> list[str]:
        return await self._session.personal.related(kind)

    async def relations_of(self, person_id: str) -> set[RelationKind]:
        return await self._session.personal.relations_of(person_id)

    async def relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        await self._session.personal.relate(person_id, kind, on=on)

    async def recent(self, limit: int) -> list[str]:
        rows = await self._session.store.read(lambda db: conversations.overview(db, hidden=True))
        newest = sorted(rows, key=lambda row: -row.active_at)
        return [row.peer_id for row in newest if row.peer_id and row.peer_id != self.me.id][:limit]

    async def own_groups(self) -> list[OwnGroup]:
        rows = await self._session.store.read(lambda db: conversations.overview(db, hidden=True))
        mine = [
            OwnGroup(row.id, row.title, row.member_count, row.owner_id == self.me.id)
            for row in rows
            if row.kind is ConversationKind.GROUP and not (row.left or row.dissolved)
        ]
        return sorted(mine, key=lambda one: (not one.own, one.title))

    def status_text(self, person_id: str) -> str:
        status = self._session.personal.status_of(person_id)
        if status is None:
            return ""
        name = "" if status.kind in (StatusKind.CUSTOM, StatusKind.ONLINE) else STATUS_NAMES[status.kind]
        return "：".join(part for part in (name, status.text) if part)

    def watch(self, person_ids: Sequence[str]) -> None:
        self._session.presence.watch(person_ids, party="contacts")

    def is_online(self, person_id: str) -> bool:
        return self._session.presence.is_online(person_id)

    def on_presence(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        return self._session.presence.changed.connect(listener)

    def on_directory(self, listener: Callable[[], None]) -> Subscription:
        return self._session.directory_changed.connect(lambda _nothing: listener())

    def on_people(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        return self._session.store.changes.listen(lambda change: listener(change.keys), table="people")
