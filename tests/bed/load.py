"""A lean websocket client for load: many connections on one event loop, few microseconds a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server_stub.contract.frames import AnyServerFrame, Hello, ServerFrameCodec, Welcome
from server_stub.gateway.framing import client_frame

_CODEC = ServerFrameCodec()


class LoadClient(asyncio.Protocol):
    """One signed-in connection; `on_frame` gets every frame after the welcome."""

    def __init__(self, token: str, on_frame: Callable[[LoadClient, AnyServerFrame], None] | None) -> None:
        self._token = token
        self._on_frame = on_frame
        self._buffer = b""
        self._upgraded = False
        self.transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(  # type: ignore[union-attr]
            b"GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        if not self._upgraded:
            head, mark, rest = data.partition(b"\r\n\r\n")
            if not mark:
                self._buffer = data
                return
            if b" 101 " not in head:
                self.ready.set_exception(ConnectionError(head[:80].decode("latin-1")))
                return
            self._upgraded = True
            self.transport.write(client_frame(_CODEC.encode(Hello(access_token=self._token))))  # type: ignore[union-attr]
            data = rest
        at, end = 0, len(data)
        while end - at >= 2:
            size, body = data[at + 1], at + 2
            if size == 126:
                if end - at < 4:
                    break
                size, body = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                if end - at < 10:
                    break
                size, body = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if body + size > end:
                break
            if data[at] & 15 == 2:
                self._frame(data[body : body + size])
            at = body + size
        self._buffer = data[at:]

    def _frame(self, payload: bytes) -> None:
        if self.ready.done():
            if self._on_frame is not None:
                self._on_frame(self, _CODEC.decode(payload))
            return
        frame = _CODEC.decode(payload)
        if isinstance(frame, Welcome):
            self.ready.set_result(frame)
        else:
            self.ready.set_exception(ConnectionError(str(frame)))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("lost"))
        if not self.lost.done():
            self.lost.set_result(None)


async def connect(
    port: int, token: str, on_frame: Callable[[LoadClient, AnyServerFrame], None] | None = None
) -> LoadClient:
    """Connect and sign in."""
    loop = asyncio.get_running_loop()
    _transport, client = await loop.create_connection(lambda: LoadClient(token, on_frame), "127.0.0.1", port)
    await client.ready
    return client


async def connect_all(
    port: int,
    tokens: list[str],
    on_frame: Callable[[LoadClient, AnyServerFrame], None] | None = None,
    *,
    at_once: int = 100,
) -> list[LoadClient]:
    """Connect many, in order."""
    clients: list[LoadClient] = []
    for start in range(0, len(tokens), at_once):
        clients += await asyncio.gather(
            *(connect(port, token, on_frame) for token in tokens[start : start + at_once])
        )
    return clients
