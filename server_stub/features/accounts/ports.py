"""What accounts need of the rest of the server."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from server_stub.contract.directory import Person


class Cards(Protocol):
    """The directory, as far as accounts need it."""

    async def own_card(self, person_id: str) -> Person:
        """Return the person's own card, with his own phone number."""
        ...


class VerifySm2(Protocol):
    """Checks a device's signature."""

    def __call__(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """`signature` is r‖s; false for anything malformed."""
        ...


AuditRecord = Callable[[str, str, str, str], Awaitable[None]]
"""Kind, person id, object, result."""
