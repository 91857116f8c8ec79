"""Tells connected clients that administrators changed something of the assistant, so that open pages ask anew."""

from collections.abc import Callable

from server_stub.bus import TOPIC_ASSISTANT, Bus
from server_stub.contract.events import AssistantEvent
from server_stub.contract.frames import EventFrame

from .gateway import Gateway


class AssistantNews:
    """Says nothing of what changed: who asks gets what he may have."""

    def __init__(self, *, bus: Bus, gateway: Gateway) -> None:
        self._bus, self._gateway = bus, gateway
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen to the bus."""
        self._unsubscribe = self._bus.subscribe(TOPIC_ASSISTANT, self._arrived)

    def close(self) -> None:
        """Stop."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    async def announce(self) -> None:
        """Tell all processes."""
        await self._bus.publish(TOPIC_ASSISTANT, b"")

    def _arrived(self, _payload: bytes) -> None:
        frame = EventFrame(event=AssistantEvent(event_id=0))
        for connection in self._gateway.signed_in_connections():
            if connection.caller is not None and not connection.closed:
                connection.send(frame)
