"""A small server around conversations, files and the gateway, with the real database, sealing and sockets.

Accounts and the directory are stand-ins with one rule each, so that tests reach the rules of messaging alone.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Engine, insert
from starlette.applications import Starlette

import server_stub.features.conversations.tables
import server_stub.features.files.tables  # noqa: F401
from server_stub.bus import Bus, InProcessBus
from server_stub.contract.content import AnyContent, encode_content
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.frames import AnyClientFrame, AnyServerFrame, Hello, ServerFrameCodec, Welcome
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import new_key, seal_envelope, seal_message
from server_stub.features.conversations.ports import Wrapped
from server_stub.gateway.assembly import Chat, Settings
from server_stub.gateway.framing import FrameReader, Opcode, client_frame
from server_stub.http.endpoint import Caller
from server_stub.http.router import Router
from server_stub.storage.database import Database
from server_stub.storage.schema import EVENT_COUNTER, counters, metadata


def make_schema(engine: Engine) -> None:
    """Create every table as the models say, and the event counter."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(counters).values(name=EVENT_COUNTER, value=0))


@dataclass
class PlainKeys:
    """`Keys` without an HSM: "wrapped" is masked with one byte string, so that no plain key is stored."""

    algorithms: Algorithms
    mask: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def _swap(self, key: bytes) -> bytes:
        return bytes(a ^ b for a, b in zip(key, self.mask, strict=True))

    def new_conversation_key(self) -> Wrapped:
        return Wrapped(self._swap(new_key()))

    def plain(self, wrapped: bytes) -> bytes:
        return self._swap(wrapped)

    def envelope(self, wrapped: Wrapped, *, conversation_id: str, epoch: int, device_public: bytes) -> bytes:
        return seal_envelope(
            self.algorithms,
            device_public,
            conversation_id=conversation_id,
            epoch=epoch,
            key=self._swap(wrapped.blob),
        )

    def seal_as_server(
        self, wrapped: Wrapped, *, conversation_id: str, epoch: int, client_id: str, content: AnyContent
    ) -> bytes:
        return seal_message(
            self.algorithms,
            self._swap(wrapped.blob),
            epoch=epoch,
            conversation_id=conversation_id,
            sender_id="system",
            client_id=client_id,
            plaintext=encode_content(content),
        )


@dataclass
class Somebody:
    """A person of the test with one device."""

    id: str
    name: str
    private: bytes
    public: bytes
    session_id: str = ""

    @property
    def token(self) -> str:
        """An access token that the stand-in accepts."""
        return f"{self.id}/{self.session_id}"

    @property
    def caller(self) -> Caller:
        """The caller behind the token."""
        return Caller(person_id=self.id, session_id=self.session_id, device_id="d-" + self.session_id)


class Town:
    """Stand-ins of accounts and directory: `People`, `Devices`, `Sessions` and the refusal log."""

    def __init__(self, algorithms: Algorithms) -> None:
        self.algorithms = algorithms
        self.people: dict[str, Somebody] = {}
        self.devices: dict[str, bytes] = {}
        self.ended_sessions: set[str] = set()
        self.expired_tokens: set[str] = set()
        self.avatars: set[str] = set()
        self.units: dict[str, list[str]] = {}
        self.barred: dict[tuple[str, str], str] = {}
        """(from, to) → why he may not write to him."""
        self.refusals: list[tuple[str, str, str, str]] = []

    def add(self, name: str) -> Somebody:
        """A new person with a device."""
        pair = self.algorithms.sm2_generate()
        person = Somebody(uuid7(), name, pair.private, pair.public, uuid7())
        self.people[person.id] = person
        self.devices[person.session_id] = person.public
        return person

    def second_device(self, person: Somebody) -> Somebody:
        """The same person on another device."""
        pair = self.algorithms.sm2_generate()
        other = Somebody(person.id, person.name, pair.private, pair.public, uuid7())
        self.devices[other.session_id] = other.public
        return other

    async def authenticate(self, token: str) -> Caller:
        person_id, _, session_id = token.partition("/")
        if token in self.expired_tokens:
            raise ApiError(ErrorCode.TOKEN_EXPIRED)
        if session_id not in self.devices or session_id in self.ended_sessions:
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        return Caller(person_id=person_id, session_id=session_id, device_id="d-" + session_id)

    async def names(self, caller: Caller, person_ids: Sequence[str]) -> dict[str, str]:
        return {one: self.people[one].name for one in person_ids if one in self.people}

    async def people_of_unit(self, caller: Caller, unit_id: str, limit: int) -> list[str]:
        return self.units[unit_id][:limit]

    async def device_public_key(self, caller: Caller) -> bytes:
        return self.devices[caller.session_id]

    async def ended(self, session_ids: Collection[str]) -> Collection[str]:
        return [one for one in session_ids if one in self.ended_sessions]

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        self.refusals.append((caller.person_id, kind, target, wanted))


@dataclass
class TownGate:
    """`ContactGate` over `Town.barred`."""

    town: Town

    def refused(self, connection: Any, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        return {pair: self.town.barred[pair] for pair in pairs if pair in self.town.barred}


class _NoMetrics:
    def observe_call(self, method: str, path: str, status: int, seconds: float) -> None:
        pass


@dataclass
class RunningChat:
    """A listening server of this process."""

    chat: Chat
    town: Town
    keys: PlainKeys
    database: Database
    bus: Bus
    port: int
    folder: Path
    wires: list[Wire] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Base of the REST calls."""
        return f"http://127.0.0.1:{self.port}"

    def http(self, person: Somebody, *, port: int | None = None) -> httpx.AsyncClient:
        """A REST client signed in as `person`."""
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port or self.port}/api/v1",
            headers={"authorization": f"Bearer {person.token}"},
            timeout=30,
            trust_env=False,
            verify=False,
        )

    async def connect(self, person: Somebody, *, port: int | None = None) -> Wire:
        """A websocket signed in as `person`."""
        wire = await self.bare(port=port)
        wire.send(Hello(access_token=person.token))
        wire.welcome = await wire.take(Welcome)
        return wire

    async def bare(self, path: str = "/api/v1/ws", *, headers: str = "", port: int | None = None) -> Wire:
        """A websocket before its hello."""
        wire = await Wire.open(port or self.port, path, headers=headers)
        self.wires.append(wire)
        return wire

    def seal(self, sender: Somebody, conversation_id: str, client_id: str, content: AnyContent) -> bytes:
        """Seal under the current epoch's key, as a client would that has opened its envelope."""
        return self.seal_bytes(sender, conversation_id, client_id, encode_content(content))

    def seal_bytes(self, sender: Somebody, conversation_id: str, client_id: str, plain: bytes) -> bytes:
        """Seal any bytes as `seal` does."""
        from sqlalchemy import select

        from server_stub.features.conversations.tables import conversations, epochs

        epoch, wrapped = self.database.read_now(
            lambda connection: connection.execute(
                select(epochs.c.epoch, epochs.c.wrapped_key)
                .join(conversations, conversations.c.number == epochs.c.conversation_no)
                .where(conversations.c.id == conversation_id)
                .order_by(epochs.c.epoch.desc())
            ).first()
        ) or (1, b"")
        return seal_message(
            self.keys.algorithms,
            self.keys.plain(bytes(wrapped)),
            epoch=epoch,
            conversation_id=conversation_id,
            sender_id=sender.id,
            client_id=client_id,
            plaintext=plain,
        )


class Wire:
    """A websocket client on bare streams: it can also break the protocol."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.codec = ServerFrameCodec()
        self.frames: list[AnyServerFrame] = []
        self.close_code: int | None = None
        self.welcome: Welcome | None = None
        self._buffer = b""
        self.raw = bytearray()

    @classmethod
    async def open(cls, port: int, path: str = "/api/v1/ws", *, headers: str = "") -> Wire:
        """Connect and upgrade."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{headers}\r\n"
            ).encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head:
            await cls(reader, writer).close()
            raise ConnectionRefusedError(head.split(b"\r\n")[0].decode())
        return cls(reader, writer)

    def send(self, frame: AnyClientFrame) -> None:
        """Send a frame."""
        self.writer.write(client_frame(self.codec.encode(frame)))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    async def next(self, seconds: float = 20.0) -> AnyServerFrame | None:
        """The next frame, or None at the end of the connection."""
        while not self.frames:
            if not await self._more(seconds):
                return None
        return self.frames.pop(0)

    async def take(
        self, kind: type[Any], seconds: float = 20.0, *, where: Callable[[Any], bool] | None = None
    ) -> Any:
        """The next frame of `kind` for which `where` holds; others before it stay."""
        looked = 0
        while True:
            for index in range(looked, len(self.frames)):
                frame = self.frames[index]
                if isinstance(frame, kind) and (where is None or where(frame)):
                    return self.frames.pop(index)
            looked = len(self.frames)
            if not await self._more(seconds):
                raise ConnectionError(f"ended while waiting for {kind.__name__}: {self.frames[-3:]}")

    async def _more(self, seconds: float) -> bool:
        data = await asyncio.wait_for(self.reader.read(65536), seconds)
        if not data:
            return False
        self.raw += data
        self._buffer += data
        while True:
            found = self._cut()
            if found is None:
                return True
            opcode, payload = found
            if opcode == Opcode.BINARY:
                self.frames.append(self.codec.decode(payload))
            elif opcode == Opcode.CLOSE:
                self.close_code = int.from_bytes(payload[:2], "big")

    def _cut(self) -> tuple[int, bytes] | None:
        data = self._buffer
        if len(data) < 2:
            return None
        size, at = data[1], 2
        if size == 126:
            size, at = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, at = int.from_bytes(data[2:10], "big"), 10
        if len(data) < at + size or len(data) < at:
            return None
        self._buffer = data[at + size :]
        return data[0] & 15, data[at : at + size]

    async def close(self) -> None:
        """End at once."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass


@asynccontextmanager
async def running_chat(
    engine: Engine,
    folder: Path,
    *,
    town: Town | None = None,
    keys: PlainKeys | None = None,
    bus: Bus | None = None,
    settings: Settings | None = None,
    new: bool = True,
    writers: int = 1,
    tune: Callable[[Chat], Awaitable[None] | None] | None = None,
):
    """Serve on a free loopback port while the context lasts; gives a `RunningChat`."""
    if new:
        make_schema(engine)
    town = town or Town(Algorithms.best())
    keys = keys or PlainKeys(town.algorithms)
    bus = bus or InProcessBus()
    database = Database(engine, writers=writers)
    await bus.start()
    chat = Chat(
        database=database,
        bus=bus,
        authenticate=town.authenticate,
        keys=keys,
        people=town,
        devices=town,
        refusals=town,
        digest=town.algorithms.sm3,
        settings=settings or Settings(chunk_folder=folder / "chunks"),
        sessions=town,
        gate=TownGate(town),
        avatar_exists=lambda _connection, avatar_id: avatar_id in town.avatars,
    )
    await chat.start()
    routes = Router(town.authenticate, _NoMetrics()).routes(chat.endpoints())
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(
            Starlette(routes=routes),
            ws=chat.websocket_protocol(),  # pyright: ignore[reportArgumentType]
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=3,
        )
        server = uvicorn.Server(config)
        task = asyncio.get_running_loop().create_task(server._serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.005)
        try:
            running = RunningChat(chat, town, keys, database, bus, port, folder)
            yield running
        finally:
            for wire in running.wires:
                await wire.close()
            await chat.close()
            server.should_exit = True
            await task
            await bus.close()
            database.close()


__all__ = [
    "FrameReader",
    "PlainKeys",
    "RunningChat",
    "Somebody",
    "Town",
    "Wire",
    "make_schema",
    "running_chat",
]
