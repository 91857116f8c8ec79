"""Tells desktops to heed (over their websockets) and phone pages to look again (over server-sent events)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from typing import Protocol

import msgspec

from server_stub.bus import TOPIC_LOCK, Bus
from server_stub.contract.frames import AnyServerFrame, ClientFrameCodec, LockFrame

HEARTBEAT_S = 15.0
ROUNDS = 40
"""An event stream ends after so many heartbeats; the page comes back by itself, and its session is asked for again."""
PER_SECOND = 200
"""Desktops that may fetch a changed lock page in one second."""


class Told(Protocol):
    """A signed-in websocket."""

    def send(self, frame: AnyServerFrame) -> None:
        """Send a frame."""
        ...


class _News(msgspec.Struct, frozen=True, array_like=True):
    person_id: str
    """"": everybody's policy or page changed."""
    device_id: str = ""


class LockNews:
    """Every process hears each piece of news over the bus and tells its own connections."""

    def __init__(
        self,
        bus: Bus,
        tell: Callable[[bytes, Collection[str]], None],
        everybody: Callable[[], Iterable[Told]],
    ) -> None:
        """`tell(frame, people)` reaches a person's websockets in every process; `everybody`: those of this process."""
        self._bus = bus
        self._tell = tell
        self._everybody = everybody
        self._codec = ClientFrameCodec()
        self._phones: dict[str, set[asyncio.Event]] = {}
        self._unsubscribe: Callable[[], None] | None = None
        self._closing = False

    def start(self) -> None:
        """Begin to listen."""
        self._unsubscribe = self._bus.subscribe(TOPIC_LOCK, self._arrived)

    async def close(self) -> None:
        """End the event streams."""
        self._closing = True
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        for events in self._phones.values():
            for event in events:
                event.set()

    async def desktop(self, person_id: str, device_id: str = "") -> None:
        """A person's desktop (or all of them) has something to heed; his phones look again as well."""
        self._tell(self._codec.encode(LockFrame(device_id=device_id)), [person_id])
        await self.phone(person_id)

    async def phone(self, person_id: str) -> None:
        """What a person's phone pages show has changed."""
        await self._bus.publish(TOPIC_LOCK, msgspec.msgpack.encode(_News(person_id)))

    async def everybody(self) -> None:
        """Policy or page changed."""
        await self._bus.publish(TOPIC_LOCK, msgspec.msgpack.encode(_News("")))

    def _arrived(self, payload: bytes) -> None:
        try:
            news = msgspec.msgpack.decode(payload, type=_News)
        except msgspec.DecodeError:
            return
        if news.person_id:
            for event in self._phones.get(news.person_id, ()):
                event.set()
            return
        told = list(self._everybody())
        frame = LockFrame(spread_s=len(told) / PER_SECOND)
        for connection in told:
            connection.send(frame)

    async def stream(self, person_id: str) -> AsyncIterator[bytes]:
        """Server-sent events for one phone page: "changed" when it should look again, "beat" to keep the line open."""
        event = asyncio.Event()
        self._phones.setdefault(person_id, set()).add(event)
        try:
            yield b"retry: 3000\n\n"
            for _ in range(ROUNDS):
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        await event.wait()
                except TimeoutError:
                    yield b"event: beat\ndata: \n\n"
                    continue
                event.clear()
                if self._closing:
                    return
                yield b"event: changed\ndata: \n\n"
        finally:
            left = self._phones.get(person_id, set())
            left.discard(event)
            if not left:
                self._phones.pop(person_id, None)
