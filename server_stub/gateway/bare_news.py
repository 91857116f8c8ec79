"""Tells connected clients that administrators changed something, so that whoever needs it asks anew."""

from collections.abc import Callable

from server_stub.bus import Bus
from server_stub.contract.events import AnyEvent
from server_stub.contract.frames import EventFrame

from .gateway import Gateway


class BareNews:
    """Says nothing of what changed: who asks gets what he may have."""

    def __init__(self, *, bus: Bus, gateway: Gateway, topic: str, event: AnyEvent) -> None:
        """`topic`: of the bus; `event`: what clients are sent, live only and of no row."""
        self._bus, self._gateway = bus, gateway
        self._topic = topic
        self._frame = EventFrame(event=event)
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen to the bus."""
        self._unsubscribe = self._bus.subscribe(self._topic, self._arrived)

    def close(self) -> None:
        """Stop."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    async def announce(self) -> None:
        """Tell all processes."""
        await self._bus.publish(self._topic, b"")

    def _arrived(self, _payload: bytes) -> None:
        for connection in self._gateway.signed_in_connections():
            if connection.caller is not None and not connection.closed:
                connection.send(self._frame)
