"""What the app lock needs of the rest of the server; app.py passes the real things in."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from server_stub.contract.accounts import SessionInfo
from server_stub.http.endpoint import Caller


class DeviceBook(Protocol):
    """Devices and sessions of people."""

    async def session_list(
        self, caller: Caller, online: Callable[[Collection[str]], Collection[str]]
    ) -> list[SessionInfo]:
        """Live sessions, newest first."""
        ...

    async def session_devices(self, person_id: str) -> dict[str, str]:
        """Device id of each live session id."""
        ...

    async def device_public_key(self, caller: Caller) -> bytes:
        """The SM2 key of the caller's device."""
        ...

    async def names(self, device_ids: list[str]) -> dict[str, str]:
        """Names by device id."""
        ...

    async def names_of_person(self, person_id: str) -> dict[str, str]:
        """Names of a person's devices by id."""
        ...


@dataclass(frozen=True, slots=True)
class WrappedPhoneKey:
    """A wrapping key as the database keeps it."""

    blob: bytes = field(repr=False)
    kek_id: int = 0


class PhoneKeys(Protocol):
    """Wrapping keys of phone slots; their clear form never leaves the HSM except in envelopes. Calls may block."""

    def new(self) -> WrappedPhoneKey:
        """Make one."""
        ...

    def envelope(self, wrapped: WrappedPhoneKey, device_id: str, public: bytes) -> bytes:
        """Return it under an SM2 key, bound to the device."""
        ...


class Refusals(Protocol):
    """Learns of refusals, for the audit trail."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """Never blocks."""
        ...


Names = Callable[[Sequence[str]], Awaitable[dict[str, str]]]
Audit = Callable[[str, str, str, str], Awaitable[None]]
Online = Callable[[Collection[str]], Collection[str]]
