"""The websocket listener on asyncio's own transports: for uvicorn's port, beside its HTTP.

uvicorn hands over a connection that asks for an upgrade. From there on no ASGI, no task and no queue of its own
stand between the socket and the gateway's `Connection`: that is what keeps an idle connection small and a
broadcast fast. It runs on asyncio's and on uvloop's event loop.
"""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from server_stub.contract.frames import MAX_FRAME_BYTES

from .connection import Connection
from .framing import CloseCode, FrameError, FrameReader, Opcode, close_frame, server_frame
from .gateway import Gateway

log = logging.getLogger(__name__)

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_WRITE_BUFFER = 64 * 1024
_CLOSE_SECONDS = 5.0
_MAX_HANDSHAKE = 16 * 1024


class GatewayProtocol(asyncio.Protocol):
    """One websocket connection as uvicorn sees it: `connection_made`, `data_received`, `shutdown`."""

    __slots__ = (
        "_closing",
        "_connection",
        "_connections",
        "_gateway",
        "_handshake",
        "_path",
        "_reader",
        "_transport",
    )

    def __init__(self, gateway: Gateway, path: str, connections: "set[Any] | None" = None) -> None:
        """`connections`: uvicorn's set of open connections, which it waits for when it stops."""
        self._gateway = gateway
        self._path = path
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._connection: Connection | None = None
        self._reader: FrameReader | None = None
        self._handshake = b""
        self._closing: asyncio.TimerHandle | None = None

    # asyncio.Protocol.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the socket."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER)
        if self._connections is not None:
            self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes: the request first, then frames."""
        if self._closing is not None:
            return
        if self._reader is None:
            self._take_request(data)
            return
        connection = self._connection
        if connection is None:
            return
        try:
            found = self._reader.feed(data)
        except FrameError as error:
            self._fail(error)
            return
        for opcode, payload in found:
            if opcode < Opcode.CLOSE:
                connection.received(opcode, payload)
            elif opcode == Opcode.PING:
                connection.heard()
                connection.write(server_frame(payload, Opcode.PONG))
            elif opcode == Opcode.PONG:
                connection.heard()
            else:
                # The peer closes: answer in kind and end.
                self._finish(server_frame(payload[:2], Opcode.CLOSE))
                return

    def eof_received(self) -> bool:
        """End with the peer's end: half-open websockets make no sense."""
        return False

    def pause_writing(self) -> None:
        """Pass on that the socket is full."""
        if self._connection is not None:
            self._connection.writing_paused()

    def resume_writing(self) -> None:
        """Pass on that the socket takes more."""
        if self._connection is not None:
            self._connection.writing_resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget everything."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._connections is not None:
            self._connections.discard(self)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.lost()
        self._transport = None

    # uvicorn.

    def shutdown(self) -> None:
        """End because the server stops."""
        if self._closing is None:
            self.close(close_frame(CloseCode.RESTART))

    # gateway.ports.Transport.

    def write(self, data: bytes) -> None:
        """Send wire bytes."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self, data: bytes) -> None:
        """Send the last frames and close; a peer that does not close in turn is cut off after a few seconds.

        Only our direction ends at first, and what still comes is thrown away: closing a socket with unread bytes
        would make the kernel reset it, and the peer would never read why.
        """
        transport = self._transport
        if transport is None or self._closing is not None:
            return
        self._closing = asyncio.get_running_loop().call_later(_CLOSE_SECONDS, transport.abort)
        if transport.is_closing():
            return
        transport.write(data)
        if transport.can_write_eof():
            try:
                transport.write_eof()
            except OSError:
                # The peer reset the connection a moment ago; nobody is left to read why, and nobody else may suffer.
                transport.abort()
                return
            transport.resume_reading()
        else:
            transport.close()

    def pause_reading(self) -> None:
        """Take no more from the socket."""
        if self._transport is not None and self._closing is None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        if self._transport is not None and self._closing is None and not self._transport.is_closing():
            self._transport.resume_reading()

    # Steps.

    def _fail(self, error: FrameError) -> None:
        connection = self._connection
        if connection is not None:
            connection.fail(error)

    def _finish(self, data: bytes) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.lost()
        self.close(data)

    def _take_request(self, data: bytes) -> None:
        self._handshake += data
        head, mark, rest = self._handshake.partition(b"\r\n\r\n")
        if not mark:
            if len(self._handshake) > _MAX_HANDSHAKE:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self._handshake = b""
        status, key = check_request(head, self._path)
        if status is not HTTPStatus.SWITCHING_PROTOCOLS or self._transport is None:
            self._refuse(status)
            return
        accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self._reader = FrameReader(MAX_FRAME_BYTES)
        peer = self._transport.get_extra_info("peername")
        self._connection = self._gateway.open(self, str(peer[0]) if isinstance(peer, tuple) else "")
        if rest:
            self.data_received(rest)

    def _refuse(self, status: HTTPStatus) -> None:
        line = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n"
        if status is HTTPStatus.UPGRADE_REQUIRED:
            line += "sec-websocket-version: 13\r\n"
        self.close(line.encode() + b"\r\n")


def check_request(head: bytes, path: str) -> tuple[HTTPStatus, bytes]:
    """Return 101 and the key of a good upgrade request, or the status to refuse it with."""
    lines = head.split(b"\r\n")
    request = lines[0].split(b" ")
    if len(request) != 3 or request[0] != b"GET":
        return HTTPStatus.BAD_REQUEST, b""
    if request[1].partition(b"?")[0] != path.encode():
        return HTTPStatus.NOT_FOUND, b""
    headers: dict[bytes, bytes] = {}
    for line in lines[1:]:
        name, _mark, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    if headers.get(b"upgrade", b"").lower() != b"websocket":
        return HTTPStatus.BAD_REQUEST, b""
    if headers.get(b"sec-websocket-version") != b"13":
        return HTTPStatus.UPGRADE_REQUIRED, b""
    if b"origin" in headers:
        # A page in a browser: the gateway speaks to clients only, and no foreign page may drive a local server.
        return HTTPStatus.FORBIDDEN, b""
    key = headers.get(b"sec-websocket-key", b"")
    try:
        if len(base64.b64decode(key, validate=True)) != 16:
            return HTTPStatus.BAD_REQUEST, b""
    except ValueError:
        return HTTPStatus.BAD_REQUEST, b""
    return HTTPStatus.SWITCHING_PROTOCOLS, key


def uvicorn_protocol(gateway: Gateway, path: str) -> Callable[..., asyncio.Protocol]:
    """Return what to pass as `ws=` to uvicorn.Config: websockets on `path` go to `gateway`, others are 404."""

    def make(config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> asyncio.Protocol:
        return GatewayProtocol(gateway, path, server_state.connections)

    return make
