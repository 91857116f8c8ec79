"""Websocket frames (RFC 6455) without an extension: the server's bytes, and a parser for the client's.

The server's frames are not masked, so one event's bytes are the same for every receiver: they are made once and shared.
"""

import os
from enum import IntEnum

try:
    from websockets.speedups import apply_mask
except ImportError:  # pragma: no cover - where the wheel has no compiled part
    from websockets.utils import apply_mask


class Opcode(IntEnum):
    """Kinds of frames."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class CloseCode(IntEnum):
    """Reasons of closing that we send."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    POLICY = 1008
    TOO_BIG = 1009
    RESTART = 1012
    TRY_LATER = 1013


class FrameError(Exception):
    """The peer broke the protocol; `code` goes into the close frame."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def server_frame(payload: bytes, opcode: Opcode = Opcode.BINARY) -> bytes:
    """Return the wire bytes of one whole frame from the server."""
    size = len(payload)
    first = 0x80 | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def close_frame(code: CloseCode, reason: str = "") -> bytes:
    """Return the wire bytes of a close frame."""
    return server_frame(int(code).to_bytes(2, "big") + reason.encode()[:120], Opcode.CLOSE)


def client_frame(payload: bytes, opcode: int = Opcode.BINARY, *, final: bool = True) -> bytes:
    """Return the wire bytes of a frame from a client, masked (for tests and load generators)."""
    size = len(payload)
    first = (0x80 if final else 0) | opcode
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65536:
        head = bytes((first, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0x80 | 127)) + size.to_bytes(8, "big")
    mask = os.urandom(4)
    return head + mask + apply_mask(payload, mask)


class FrameReader:
    """Cuts a client's byte stream into messages and control frames.

    Holds no buffer while nothing is half read, so that an idle connection costs next to nothing.
    """

    __slots__ = ("_buffer", "_limit", "_opcode", "_parts", "_size")

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one message, over all its fragments."""
        self._limit = limit
        self._buffer = b""
        self._parts: list[bytes] | None = None
        self._size = 0
        self._opcode = 0

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer) + self._size

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return what is complete, in order, as (opcode, payload); raises FrameError.

        Fragments come joined, under the opcode of the first; control frames may come in between.
        """
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        found: list[tuple[int, bytes]] = []
        at = 0
        end = len(data)
        while end - at >= 2:
            first, second = data[at], data[at + 1]
            opcode = first & 0x0F
            size = second & 0x7F
            body = at + 6
            self._check_head(first, second, opcode, size)
            if size == 126:
                if end - at < 4:
                    break
                size = int.from_bytes(data[at + 2 : at + 4], "big")
                body += 2
            elif size == 127:
                if end - at < 10:
                    break
                size = int.from_bytes(data[at + 2 : at + 10], "big")
                body += 8
            if size + self._size > self._limit:
                raise FrameError(CloseCode.TOO_BIG, "message too large")
            stop = body + size
            if stop > end:
                break
            payload = apply_mask(data[body:stop], data[body - 4 : body]) if size else b""
            at = stop
            if opcode >= Opcode.CLOSE:
                found.append((opcode, payload))
            else:
                self._take(found, opcode, payload, final=bool(first & 0x80))
        if at < end:
            self._buffer = data[at:]
        return found

    def _check_head(self, first: int, second: int, opcode: int, size: int) -> None:
        if first & 0x70:
            raise FrameError(CloseCode.PROTOCOL_ERROR, "reserved bits")
        if not second & 0x80:
            raise FrameError(CloseCode.PROTOCOL_ERROR, "unmasked frame")
        if opcode >= Opcode.CLOSE:
            if opcode > Opcode.PONG or not first & 0x80 or size > 125:
                raise FrameError(CloseCode.PROTOCOL_ERROR, "bad control frame")
        elif opcode > Opcode.BINARY:
            raise FrameError(CloseCode.PROTOCOL_ERROR, "unknown opcode")
        elif (opcode == Opcode.CONTINUATION) != (self._parts is not None):
            raise FrameError(CloseCode.PROTOCOL_ERROR, "fragments out of order")

    def _take(self, found: list[tuple[int, bytes]], opcode: int, payload: bytes, *, final: bool) -> None:
        if final and self._parts is None:
            found.append((opcode, payload))
            return
        if self._parts is None:
            self._parts = []
            self._opcode = opcode
        self._parts.append(payload)
        # An empty fragment counts too: a message of endless nothing must end as well.
        self._size += len(payload) + 1
        if final:
            found.append((self._opcode, b"".join(self._parts)))
            self._parts = None
            self._size = 0
