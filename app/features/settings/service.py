"""What the settings pages need of the rest of the client (E007, E152, E156, E162, E167)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.session.session import Session
from server_stub.contract.accounts import SessionInfo
from server_stub.contract.directory import Person


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

    async def sign_out(self) -> None:
        """Sign out here; the client then shows the login page."""
        ...


class SessionSettings:
    """Settings over a signed-in session. `sign_out` is the client's: it also closes the windows."""

    def __init__(self, session: Session, about: About, sign_out: Callable[[], Awaitable[None]]) -> None:
        self._session = session
        self._about = about
        self._sign_out = sign_out

    @property
    def me(self) -> Person:
        return self._session.me

    @property
    def about(self) -> About:
        return self._about

    async def sessions(self) -> list[SessionInfo]:
        return await self._session.sessions()

    async def end_session(self, session_id: str) -> None:
        await self._session.end_session(session_id)

    async def change_password(self, old: str, new: str) -> None:
        await self._session.change_password(old, new)

    async def sign_out(self) -> None:
        await self._sign_out()
