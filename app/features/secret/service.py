"""What the secret pages need of the rest of the client, and how a signed-in session provides it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from app.session.secret import SecretBody
from app.session.session import Session
from app.store.changes import Subscription
from server_stub.contract.directory import Person
from server_stub.contract.permissions import SECRET_CHAT
from server_stub.contract.secret import (
    CaptureReport,
    LeaseReport,
    SecretChat,
    SecretLevel,
    SecretMessage,
    SecretOverview,
    SecretPage,
    Shielding,
)

Unlock = Callable[[str], Awaitable[bool]]
"""Whether a code or password opens this account."""


class SecretService(Protocol):
    """Secret chat as the views see it. Calls raise NetworkError and ApiError."""

    @property
    def me(self) -> Person:
        """The signed-in person."""
        ...

    @property
    def allowed(self) -> bool:
        """Whether the account may use secret chat now."""
        ...

    def now_ms(self) -> int:
        """The server's time."""
        ...

    def on_allowed(self, listener: Callable[[bool], None]) -> Subscription:
        """Be told when the permission comes and goes, and when anybody's may have."""
        ...

    def on_changed(self, listener: Callable[[str], None]) -> Subscription:
        """Be told which chat changed ("" for any: connected anew)."""
        ...

    async def overview(self) -> SecretOverview: ...
    async def allowed_with(self, person_id: str) -> bool: ...
    async def open(self, person_id: str) -> SecretChat: ...
    async def page(self, chat_id: str) -> SecretPage: ...
    async def change(
        self, chat_id: str, *, level: SecretLevel | None = None, burn_s: int | None = None
    ) -> None: ...
    async def clear(self, chat_id: str) -> None: ...
    async def hide(self, chat_id: str) -> None: ...
    async def send(self, chat_id: str, body: SecretBody, protection: str) -> SecretMessage: ...
    async def reveal(self, message: SecretMessage, protection: str) -> tuple[SecretMessage, SecretBody]: ...
    async def report_device(self, shielding: Shielding) -> None: ...
    async def report_capture(self, report: CaptureReport) -> None: ...
    async def report_lease(self, report: LeaseReport) -> None: ...
    async def unlocks(self, secret: str) -> bool: ...


class SessionSecret:
    """Over a signed-in session."""

    def __init__(self, session: Session, unlocks: Unlock) -> None:
        self._session = session
        self._rooms = session.secret
        self._unlocks = unlocks
        self.overview = self._rooms.overview
        self.allowed_with = self._rooms.allowed_with
        self.open = self._rooms.open
        self.page = self._rooms.page
        self.change = self._rooms.change
        self.clear = self._rooms.clear
        self.hide = self._rooms.hide
        self.send = self._rooms.send
        self.reveal = self._rooms.reveal
        self.report_device = self._rooms.report_device
        self.report_capture = self._rooms.report_capture
        self.report_lease = self._rooms.report_lease

    @property
    def me(self) -> Person:
        return self._session.me

    @property
    def allowed(self) -> bool:
        return self._session.features.allows(SECRET_CHAT)

    def now_ms(self) -> int:
        return self._session.now_ms()

    def on_allowed(self, listener: Callable[[bool], None]) -> Subscription:
        return self._session.features.told.connect(lambda _features: listener(self.allowed))

    def on_changed(self, listener: Callable[[str], None]) -> Subscription:
        return self._rooms.changed.connect(listener)

    async def unlocks(self, secret: str) -> bool:
        return await self._unlocks(secret)
