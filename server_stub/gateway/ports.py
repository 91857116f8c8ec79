"""What the gateway needs of the rest of the server; the composition passes the real things in."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from server_stub.contract.conversations import Sent
from server_stub.contract.errors import ApiError
from server_stub.contract.personal import PersonStatus
from server_stub.http.endpoint import Caller

Authenticate = Callable[[str], Awaitable[Caller]]
"""Turns an access token into a caller; raises ApiError."""

Answer = Callable[[Sent | ApiError], None]


class Messaging(Protocol):
    """Where frames from clients go. Nothing here blocks."""

    def send(
        self,
        sender_id: str,
        conversation_id: str,
        client_id: str,
        body: bytes,
        file_ids: Sequence[str],
        origin: object,
        answer: Answer,
    ) -> None:
        """Write a message; `answer` is called once, on the event loop, after the commit."""
        ...

    def move(
        self, person_id: str, conversation_id: str, read_seq: int, delivered_seq: int, origin: object
    ) -> None:
        """Move the person's cursors."""
        ...

    async def others(self, person_id: str, conversation_id: str) -> Collection[str]:
        """Return the other people of a single chat that the person is in; else nothing."""
        ...

    async def members_of(self, conversation_id: str, version: int) -> Collection[str]:
        """Return a conversation's members, as of `version` or newer."""
        ...

    async def newest_event_id(self) -> int:
        """Return the newest committed event id."""
        ...


class Sessions(Protocol):
    """What became of sessions, for the times when a message of the bus was lost."""

    async def ended(self, session_ids: Collection[str]) -> Collection[str]:
        """Return those that are no longer live."""
        ...


class Visibility(Protocol):
    """Whose presence somebody may see."""

    async def visible(self, caller: Caller, person_ids: Sequence[str]) -> Collection[str]:
        """Return those of `person_ids` that the caller may see."""
        ...


class Statuses(Protocol):
    """What people say of themselves (在线, 忙碌, …)."""

    async def statuses(self, person_ids: Collection[str]) -> dict[str, PersonStatus]:
        """Return the statuses of those who have set one."""
        ...


class Transport(Protocol):
    """One websocket connection, whatever listens."""

    def write(self, data: bytes) -> None:
        """Send wire bytes (whole frames). Never blocks."""
        ...

    def close(self, data: bytes) -> None:
        """Send wire bytes (the last frames) and close once they are out, or after a while regardless."""
        ...

    def pause_reading(self) -> None:
        """Take no more from the peer for now."""
        ...

    def resume_reading(self) -> None:
        """Go on reading."""
        ...
