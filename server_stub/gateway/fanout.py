"""Brings committed events to the connections of those who may see them, here and in other server processes.

In this process an event is encoded once and its wire bytes are shared by all receivers; the bus is used only when
other processes listen on it.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from server_stub.bus import TOPIC_EVENTS, Bus, InProcessBus
from server_stub.contract.frames import ClientFrameCodec, EventFrame

from .connection import Connection
from .framing import server_frame
from .outgoing import Outgoing
from .ports import Messaging

log = logging.getLogger(__name__)

_INLINE_AUDIENCE = 64
"""Audiences up to this size travel as ids; larger ones as conversation and version."""
_MAX_WAITING = 10_000


class Shipment(msgspec.Struct, frozen=True, array_like=True):
    """One event on the bus."""

    event_id: int
    frame: bytes
    """Encoded `EventFrame`."""
    people: list[str] = []
    conversation_id: str = ""
    version: int = 0


class Shipments(msgspec.Struct, frozen=True, array_like=True):
    """What one process publishes after a commit. `origin` is that process: it has delivered them already."""

    origin: str
    events: list[Shipment]


class FanOut:
    """The gateway's `Publisher`. Lives on the event loop."""

    def __init__(
        self,
        *,
        bus: Bus,
        messaging: Messaging,
        connections_of: Callable[[str], Iterable[Connection]],
        codec: ClientFrameCodec,
    ) -> None:
        self._bus = bus
        self._messaging = messaging
        self._connections_of = connections_of
        self._codec = codec
        self._alone = isinstance(bus, InProcessBus)
        self._process = secrets.token_hex(8)
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Shipments)
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue(_MAX_WAITING)
        self._inbox: asyncio.Queue[Shipments] = asyncio.Queue(_MAX_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self._unsubscribe: Callable[[], None] | None = None
        self._on_loss: Callable[[], None] = lambda: None
        self.newest_event_id = 0
        self.delivered = 0

    def start(self, on_loss: Callable[[], None]) -> None:
        """Begin to listen; `on_loss` is called when events may have been missed."""
        self._on_loss = on_loss
        if self._alone:
            return
        self._unsubscribe = self._bus.subscribe(TOPIC_EVENTS, self._arrived)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._ship()), loop.create_task(self._receive())]

    async def close(self) -> None:
        """Stop listening."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Deliver to this process's connections at once, in order, and hand the rest to the bus."""
        shipments: list[Shipment] = []
        for one in outgoing:
            event_id = one.event.event_id
            self.newest_event_id = max(self.newest_event_id, event_id)
            payload = self._codec.encode(EventFrame(event=one.event))
            self._deliver(payload, one.people, one.origin)
            if not self._alone:
                shipments.append(_shipment(event_id, payload, one))
        self._hand_over(shipments)

    def tell(self, payload: bytes, people: Collection[str]) -> None:
        """Deliver an encoded frame that is no event (somebody is writing) in every process."""
        self._deliver(payload, people, None)
        if not self._alone:
            self._hand_over([Shipment(0, payload, people=list(people))])

    def _hand_over(self, shipments: list[Shipment]) -> None:
        if not shipments:
            return
        try:
            self._outbox.put_nowait(self._encoder.encode(Shipments(origin=self._process, events=shipments)))
        except asyncio.QueueFull:
            # The bus is stuck. The other processes notice the break themselves; nothing is kept for it.
            log.error("events not published", extra={"count": len(shipments)})

    def _deliver(self, payload: bytes, people: Collection[str], origin: object | None) -> None:
        connections_of = self._connections_of
        data: bytes | None = None
        for person_id in people:
            for connection in connections_of(person_id):
                if connection is not origin:
                    if data is None:
                        data = server_frame(payload)
                    connection.write(data)
                    self.delivered += 1

    # Other processes.

    async def _ship(self) -> None:
        while True:
            payload = await self._outbox.get()
            try:
                await self._bus.publish(TOPIC_EVENTS, payload)
            except Exception as error:
                log.error("bus refused events", extra={"error": type(error).__name__})

    def _arrived(self, payload: bytes) -> None:
        try:
            shipments = self._decoder.decode(payload)
        except msgspec.DecodeError:
            log.error("not a shipment on the bus")
            return
        if shipments.origin == self._process:
            return
        try:
            self._inbox.put_nowait(shipments)
        except asyncio.QueueFull:
            while not self._inbox.empty():
                self._inbox.get_nowait()
            self._on_loss()

    async def _receive(self) -> None:
        while True:
            shipments = await self._inbox.get()
            for one in shipments.events:
                self.newest_event_id = max(self.newest_event_id, one.event_id)
                people: Collection[str] = one.people
                if one.conversation_id:
                    try:
                        people = await self._messaging.members_of(one.conversation_id, one.version)
                    except Exception:
                        log.exception("members of a conversation not read")
                        self._on_loss()
                        continue
                self._deliver(one.frame, people, None)


def _shipment(event_id: int, payload: bytes, one: Outgoing) -> Shipment:
    if one.room is not None and len(one.people) > _INLINE_AUDIENCE:
        return Shipment(event_id, payload, conversation_id=one.room[0], version=one.room[1])
    return Shipment(event_id, payload, people=list(one.people))
