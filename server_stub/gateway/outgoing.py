"""What a feature hands to the fan-out after a commit: an event and who may see it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from server_stub.contract.events import AnyEvent


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A committed event with its audience.

    `people`: person ids that may see it. `room`: the conversation whose members `people` are, with the version of
    its membership; set for large audiences, so that other server processes look the members up instead of
    receiving their ids. `origin`: the connection that caused the event and knows it already (this process only).
    """

    event: AnyEvent
    people: Collection[str]
    room: tuple[str, int] | None = None
    origin: object | None = None


class Publisher(Protocol):
    """Where features publish what was committed."""

    def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Deliver in the given order; called on the event loop, never blocks."""
        ...
