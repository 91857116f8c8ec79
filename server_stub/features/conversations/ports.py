"""What conversations need of the rest of the server; app.py passes the real things in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from server_stub.contract.content import AnyContent
from server_stub.http.endpoint import Caller


class People(Protocol):
    """The directory, as far as conversations need it."""

    async def names(self, caller: Caller, person_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those people who exist, are active, and whom `caller` may contact."""
        ...

    async def people_of_unit(self, caller: Caller, unit_id: str, limit: int) -> list[str]:
        """Return the active people of a unit and of those below it; raises not_found."""
        ...


class ContactGate(Protocol):
    """Who may not be written to nor added to groups by whom: VIP leaders (E145), those who blocked him (E161)."""

    def refused(
        self, connection: Connection, pairs: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return those of `pairs` (from, to) that are refused, each with a sentence for the user."""
        ...


class OpenGate:
    """Refuses nobody: for servers without a directory of leaders (tests)."""

    def refused(
        self, connection: Connection, pairs: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return nothing."""
        return {}


class Devices(Protocol):
    """Where a session's device key is found."""

    async def device_public_key(self, caller: Caller) -> bytes:
        """Return the SM2 public key (65 bytes) of the caller's device."""
        ...


class KeyGone(Exception):
    """The key was destroyed in the HSM."""


class KeyUnreadable(Exception):
    """The key is there and not of this device's wrapping: another device's database, or damaged."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key as the database keeps it: `blob`, under key-encryption key `kek_id`."""

    blob: bytes = field(repr=False)
    kek_id: int = 0


class Keys(Protocol):
    """Conversation keys. Plain keys never leave the HSM: what passes here is wrapped.

    Calls may block. Those that use a key raise KeyGone when it was destroyed.
    """

    def new_conversation_key(self) -> Wrapped:
        """Return a fresh key, wrapped."""
        ...

    def envelope(self, wrapped: Wrapped, *, conversation_id: str, epoch: int, device_public: bytes) -> bytes:
        """Return the key under the device's public key."""
        ...

    def seal_as_server(
        self, wrapped: Wrapped, *, conversation_id: str, epoch: int, client_id: str, content: AnyContent
    ) -> bytes:
        """Seal a content of the server's own, sender "system"."""
        ...


class FileGate(Protocol):
    """Whether somebody may name files in a message."""

    def may_name(self, connection: Connection, person_id: str, file_ids: Sequence[str]) -> bool:
        """True when all of them are complete and the person may read each."""
        ...
