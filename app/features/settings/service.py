"""What the settings pages need of the rest of the client (E007, E152, E156, E157, E162, E167)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.session.organisation_api import OrganisationApi
from app.session.session import Session
from app.session.states import LinkState
from app.store.queries import conversations, search, transfers
from app.store.records import ConversationRow
from server_stub.contract.accounts import SessionInfo
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person, SearchResult, UnitChildren
from server_stub.contract.personal import RelationKind

from .probing import Probe, probe


@dataclass(frozen=True, slots=True)
class About:
    """Facts about the program and where it keeps things."""

    version: str
    server_url: str
    bundled: bool
    organisation: str
    data_folder: Path
    system: str
    """Operating system and Qt, for support."""
    protocol: int = 1
    algorithms: tuple[tuple[str, str], ...] = ()
    """Pairs such as ("SM4", "libgcrypt 1.10.3"): what does the sealing on this machine."""
    licences: Path | None = None
    """The list of third-party components, where it was installed."""
    news: Path | None = None
    """What is new in each version."""
    privacy: Path | None = None
    """The privacy statement."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes that this account takes on this machine."""

    database: int
    cache: int
    """Sealed files in the cache that can be fetched again."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair found and did. `sound`: the store's file is whole; `indexed`: messages in the new index."""

    sound: bool
    indexed: int
    online: bool
    """Whether everything is being fetched again now, and not only when the link is back."""


@dataclass(frozen=True, slots=True)
class Release:
    """The client's version that the server recommends; empty for none."""

    version: str = ""
    notes: str = ""
    url: str = ""


class Autostart(Protocol):
    """Whether the client starts with the desktop. Calls block for a small file."""

    @property
    def available(self) -> bool:
        """Whether this desktop can do it."""
        ...

    def is_on(self) -> bool:
        """Whether it is switched on."""
        ...

    def set_on(self, on: bool) -> None:
        """Switch it. Raises OSError."""
        ...


class SettingsService(Protocol):
    """The signed-in account and its devices."""

    @property
    def me(self) -> Person:
        """The signed-in person."""
        ...

    @property
    def about(self) -> About:
        """Facts about the program."""
        ...

    async def sessions(self) -> list[SessionInfo]:
        """The own signed-in devices."""
        ...

    async def end_session(self, session_id: str) -> None:
        """Sign another device out."""
        ...

    async def change_password(self, old: str, new: str) -> None:
        """Change the password; other devices are signed out."""
        ...

    async def services(self) -> list[ConversationRow]:
        """The service accounts that have written to the account, by name (E164)."""
        ...

    async def set_service(
        self, conversation_id: str, *, muted: bool | None = None, pinned: bool | None = None
    ) -> None:
        """Change how a service account is treated, on all devices of the account."""
        ...

    async def sees_phone(self) -> list[Person]:
        """Those with whom the user shares his number, the newest first (E160)."""
        ...

    async def share_phone(self, person_id: str, *, on: bool) -> None:
        """Share the own number with somebody, or no longer; without a connection once it is back."""
        ...

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit ("" for the root)."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """People and units."""
        ...

    async def may_change_phone(self) -> bool:
        """Whether administrators let people change their own number (E138)."""
        ...

    async def send_phone_code(self, phone: str, password: str) -> None:
        """Have a code sent to a new number."""
        ...

    async def change_phone(self, phone: str, code: str) -> None:
        """Change the own number with that code (E151)."""
        ...

    async def release(self) -> Release:
        """The version that the server recommends (E168)."""
        ...

    async def sign_out(self) -> None:
        """Sign out here; the client then shows the login page."""
        ...

    async def storage(self) -> Storage:
        """How much this account takes on this machine."""
        ...

    async def clear_cache(self) -> int:
        """Drop sealed files that nothing waits for; bytes set free. They are fetched again when opened."""
        ...

    async def repair(self) -> Repair:
        """Check the store, index all messages anew, and fetch everything from the server again (E158)."""
        ...

    def probe(self) -> AsyncIterator[Probe]:
        """Look at the way to the server step by step (E159); stops after the first step that fails."""
        ...


class SessionSettings:
    """Settings over a signed-in session. `sign_out` is the client's: it also closes the windows.
    `password_changed(password)`: the account is unlocked by this one from now on.
    """

    def __init__(
        self,
        session: Session,
        about: Callable[[], About],
        sign_out: Callable[[], Awaitable[None]],
        password_changed: Callable[[str], Awaitable[None]],
    ) -> None:
        self._session = session
        self._about = about
        self._sign_out = sign_out
        self._password_changed = password_changed

    @property
    def me(self) -> Person:
        return self._session.me

    @property
    def about(self) -> About:
        return self._about()

    async def sessions(self) -> list[SessionInfo]:
        return await self._session.api.sessions()

    async def end_session(self, session_id: str) -> None:
        await self._session.api.end_session(session_id)

    async def change_password(self, old: str, new: str) -> None:
        await self._session.api.change_password(old, new)
        await self._password_changed(new)

    async def services(self) -> list[ConversationRow]:
        rows = await self._session.store.read(lambda db: conversations.overview(db, hidden=True))
        return sorted(
            (row for row in rows if row.kind is ConversationKind.SERVICE), key=lambda row: row.title
        )

    async def set_service(
        self, conversation_id: str, *, muted: bool | None = None, pinned: bool | None = None
    ) -> None:
        await self._session.conversations.change_setting(conversation_id, muted=muted, pinned=pinned)

    async def sees_phone(self) -> list[Person]:
        ids = await self._session.personal.related(RelationKind.PHONE)
        found = await self._session.directory.people(ids)
        return [found[one] for one in ids if one in found]

    async def share_phone(self, person_id: str, *, on: bool) -> None:
        await self._session.personal.relate(person_id, RelationKind.PHONE, on=on)

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)

    async def may_change_phone(self) -> bool:
        return (await OrganisationApi(self._session.api.http).settings()).own_phone_change

    async def send_phone_code(self, phone: str, password: str) -> None:
        await self._session.api.send_phone_code(phone, password)

    async def change_phone(self, phone: str, code: str) -> None:
        await self._session.api.change_phone(phone, code)

    async def release(self) -> Release:
        info = await self._session.api.server_info()
        return Release(info.client_version, info.client_notes, info.client_url)

    async def sign_out(self) -> None:
        await self._sign_out()

    async def storage(self) -> Storage:
        folder = self._session.store.folder.path
        cached = await self._session.store.read(transfers.evictable, background=True)
        database = await asyncio.to_thread(_size, folder.glob("store.db*"))
        return Storage(database=database, cache=sum(size for _, size in cached))

    async def repair(self) -> Repair:
        store = self._session.store
        answer = await store.read(lambda db: db.one("PRAGMA quick_check(1)"), background=True)
        indexed = await store.write(search.rebuild)
        await self._session.fetch_again()
        online = self._session.link_state is not LinkState.OFFLINE
        return Repair(sound=answer is not None and answer[0] == "ok", indexed=indexed, online=online)

    async def probe(self) -> AsyncIterator[Probe]:
        async for step in probe(self._session):
            yield step

    async def clear_cache(self) -> int:
        cached = await self._session.store.read(transfers.evictable, background=True)
        for file_id, _ in cached:
            await self._session.files.cancel(file_id)
        return sum(size for _, size in cached)


def _size(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total
