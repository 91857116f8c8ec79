"""Tells every connected client that administrators changed how the directory is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from server_stub.bus import TOPIC_DIRECTORY, Bus
from server_stub.contract.events import DirectoryEvent
from server_stub.contract.frames import EventFrame

from .gateway import Gateway


class DirectoryNews:
    """The event names nothing: each client asks for the settings, and for the cards that it shows, as it may see them."""

    def __init__(
        self, *, bus: Bus, gateway: Gateway, note_changed: Callable[[Sequence[str]], Awaitable[int]]
    ) -> None:
        """`note_changed` keeps for clients that are away whose cards changed, nobody named: everybody's; returns the event id."""
        self._bus = bus
        self._gateway = gateway
        self._note_changed = note_changed
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen to the bus."""
        self._unsubscribe = self._bus.subscribe(TOPIC_DIRECTORY, self._arrived)

    def close(self) -> None:
        """Stop."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    async def announce(self) -> None:
        """Tell all processes."""
        event_id = await self._note_changed(())
        await self._bus.publish(TOPIC_DIRECTORY, str(event_id).encode())

    def _arrived(self, payload: bytes) -> None:
        event = EventFrame(event=DirectoryEvent(event_id=int(payload)))
        for connection in self._gateway.signed_in_connections():
            if not connection.closed:
                connection.send(event)
