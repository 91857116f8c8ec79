"""What secret chat needs of others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from server_stub.http.endpoint import Caller


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key as the database keeps it: `blob`, under key-encryption key `kek_id`."""

    blob: bytes = field(repr=False)
    kek_id: int


class KeyGone(Exception):
    """The key was destroyed in the HSM."""


class MessageKeys(Protocol):
    """Keys of single messages. Plain keys never leave the HSM. Calls may block: use threads."""

    def make(self) -> Wrapped:
        """A fresh key."""
        ...

    def envelope(self, wrapped: Wrapped, *, client_id: str, device_public: bytes) -> bytes:
        """The key under a device's public key. Raises KeyGone."""
        ...

    def retire(self, kept: Collection[int], older_than_ms: int) -> list[int]:
        """Begin a new key-encryption key when the newest is older, and destroy those under which no key is kept.

        From then on no backup of the database holds a key that could be unwrapped. Returns the destroyed ones.
        """
        ...


class Permissions(Protocol):
    """Feature permissions."""

    def allowed_now(self, connection: Connection, person_ids: Collection[str], feature: str) -> set[str]:
        """Those of the people who may use the feature."""
        ...


class ContactGate(Protocol):
    """Who may not be written to by whom: VIP leaders (E145), those who blocked him (E161)."""

    def refused(
        self, connection: Connection, pairs: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return those of `pairs` (from, to) that are refused, each with a sentence for the user."""
        ...


class Names(Protocol):
    """The directory's names."""

    async def names(self, caller: Caller, person_ids: Sequence[str]) -> dict[str, str]:
        """Names of those whom the caller may contact."""
        ...


class Devices(Protocol):
    """Where a session's device key is found."""

    async def device_public_key(self, caller: Caller) -> bytes:
        """The SM2 public key (65 bytes) of the caller's device."""
        ...


class Connected(Protocol):
    """Who is connected to this process."""

    def online_sessions(self, session_ids: Sequence[str]) -> set[str]:
        """Those of the sessions that are connected."""
        ...


class Refusals(Protocol):
    """The audit trail."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """Note a refusal."""
        ...

    async def record(self, kind: str, person_id: str, target: str, result: str) -> None:
        """Write a line."""
        ...


class News(Protocol):
    """Tells connected clients that something changed."""

    async def tell(self, chat_id: str, person_ids: Collection[str]) -> None:
        """The chat changed for these people."""
        ...
