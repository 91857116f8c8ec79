"""What the lock needs of the rest of the client; app/main.py provides it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lock.policy.model import UnlockMethod


@dataclass(frozen=True)
class Owner:
    """The signed-in person whose client locks. `folder`: the account's folder."""

    person_id: str
    device_id: str
    name: str
    unit: str
    folder: Path


class PhoneAsk(Protocol):
    """A request to be opened by the owner's phone."""

    url: str
    """For the QR picture."""
    code: str
    """Eight digits to type on the phone instead."""

    async def outcome(self) -> tuple[str, str]:
        """State ("waiting", "confirmed", "rejected", "expired") and, once confirmed, the secret for `reopen`.

        Raises NetworkError, ApiError."""
        ...

    def is_over(self) -> bool:
        """Whether its time has run out."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class LockHost(Protocol):
    """The client around the lock. None of these calls may show a window while the lock is on."""

    async def keep_drafts(self) -> None:
        """Write drafts and unsaved plans into the store; best effort."""
        ...

    async def close_session(self, *, forced: bool) -> frozenset[UnlockMethod]:
        """Take down the session's windows, close its store and wipe the keys; returns how it can be opened again.

        `forced`: by the server, so that from here on only the phone may open it."""
        ...

    async def reopen(self, method: UnlockMethod, secret: str) -> str:
        """Open the store and connect; "" when it is open, else what was wrong. The windows stay away."""
        ...

    async def ask_phone(self) -> PhoneAsk:
        """Ask the server to have the owner's phone open this client. Raises NetworkError, ApiError."""
        ...

    async def show_again(self) -> None:
        """Build the windows of the session that was opened again."""
        ...

    async def sign_out(self) -> None:
        """Leave the locked account and show the login page."""
        ...

    def tell(self, title: str, text: str) -> None:
        """Show a native notification without any content."""
        ...
