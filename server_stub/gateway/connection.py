"""One websocket connection: its states, its frames, its bounded queue. Knows no listener and no database."""

import asyncio
import logging
import time
from collections import deque
from typing import Protocol

import msgspec

from server_stub.contract.conversations import Sent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.frames import (
    PROTOCOL,
    Ack,
    AnyClientFrame,
    AnyServerFrame,
    Bye,
    ClientFrameCodec,
    Hello,
    MarkDelivered,
    MarkRead,
    Nack,
    Ping,
    Pong,
    Send,
    Typing,
    Watch,
    Welcome,
)
from server_stub.http.endpoint import Caller

from .framing import CloseCode, FrameError, Opcode, close_frame, server_frame
from .ports import Authenticate, Messaging, Transport

log = logging.getLogger(__name__)

MAX_QUEUE_BYTES = 4 * 1024 * 1024
"""Bytes that may wait for a slow reader; they are shared with the other receivers of the same events."""
MAX_QUEUE_FRAMES = 10_000
MAX_IN_FLIGHT = 256
"""Messages of one connection that may wait for their commit before it is read no further."""
MAX_WATCHED = 200
_TYPING_GAP = 1.0

_CLOSE_CODES = {
    ErrorCode.BAD_REQUEST: CloseCode.PROTOCOL_ERROR,
    ErrorCode.TOO_LARGE: CloseCode.TOO_BIG,
    ErrorCode.OVERLOADED: CloseCode.TRY_LATER,
    ErrorCode.UNAVAILABLE: CloseCode.RESTART,
}


class Registry(Protocol):
    """Where signed-in connections are known."""

    def signed_in(self, connection: "Connection") -> None:
        """From now on events for the person reach the connection."""
        ...

    def gone(self, connection: "Connection") -> None:
        """The connection ended."""
        ...

    def typing(self, connection: "Connection", conversation_id: str) -> None:
        """Tell the others of a single chat."""
        ...

    def watch(self, connection: "Connection", person_ids: list[str]) -> None:
        """Replace what the connection watches."""
        ...


class Connection:
    """Waits for hello, then serves frames until either end closes.

    Events are written straight to the transport. When that pushes back, the (shared) bytes queue here up to a
    bound; a reader slower than that is told `bye overloaded`, and syncs when it comes back.
    """

    __slots__ = (
        "_authenticate",
        "_closed",
        "_codec",
        "_hello_task",
        "_in_flight",
        "_last_typing",
        "_messaging",
        "_paused",
        "_queue",
        "_queued_bytes",
        "_reading_paused",
        "_registry",
        "_transport",
        "address",
        "caller",
        "last_heard",
        "watched",
    )

    def __init__(
        self,
        transport: Transport,
        *,
        registry: Registry,
        messaging: Messaging,
        authenticate: Authenticate,
        codec: ClientFrameCodec,
        address: str = "",
    ) -> None:
        self._transport = transport
        self._registry = registry
        self._messaging = messaging
        self._authenticate = authenticate
        self._codec = codec
        self._queue: deque[bytes] | None = None
        self._queued_bytes = 0
        self._paused = False
        self._closed = False
        self._in_flight = 0
        self._reading_paused = False
        self._hello_task: asyncio.Task[None] | None = None
        self._last_typing = 0.0
        self.address = address
        self.caller: Caller | None = None
        self.last_heard = time.monotonic()
        self.watched: tuple[str, ...] = ()

    # From the listener.

    def received(self, opcode: int, payload: bytes) -> None:
        """Take a whole message."""
        if self._closed:
            return
        self.last_heard = time.monotonic()
        if opcode != Opcode.BINARY:
            self.end(ApiError(ErrorCode.BAD_REQUEST, "binary messages only"))
            return
        try:
            frame = self._codec.decode(payload)
        except (msgspec.DecodeError, RecursionError):
            self.end(ApiError(ErrorCode.BAD_REQUEST, "not a frame"))
            return
        except UnicodeDecodeError:
            self.end(ApiError(ErrorCode.BAD_REQUEST, "not UTF-8"))
            return
        if self.caller is None:
            self._before_hello(frame)
        else:
            self._serve(frame, self.caller)

    def heard(self) -> None:
        """Note a sign of life (a websocket ping or pong)."""
        self.last_heard = time.monotonic()

    def writing_paused(self) -> None:
        """Note that the transport takes no more for now."""
        self._paused = True

    def writing_resumed(self) -> None:
        """Send what waited."""
        self._paused = False
        queue = self._queue
        while queue and not self._paused:
            data = queue.popleft()
            self._queued_bytes -= len(data)
            self._transport.write(data)
        if not queue:
            self._queue = None

    def lost(self) -> None:
        """Note that the transport is gone."""
        self._closed = True
        self._queue = None
        if self._hello_task is not None:
            self._hello_task.cancel()
            self._hello_task = None
        self._registry.gone(self)

    # To the peer.

    @property
    def closed(self) -> bool:
        """Whether nothing more is sent."""
        return self._closed

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait for the reader."""
        return self._queued_bytes

    def write(self, data: bytes) -> None:
        """Send wire bytes, or queue them while the reader is slow."""
        if not self._paused and self._queue is None:
            if not self._closed:
                self._transport.write(data)
            return
        if self._closed:
            return
        if self._queue is None:
            self._queue = deque()
        if self._queued_bytes + len(data) > MAX_QUEUE_BYTES or len(self._queue) >= MAX_QUEUE_FRAMES:
            self.end(ApiError(ErrorCode.OVERLOADED, "slow reader"))
            return
        self._queue.append(data)
        self._queued_bytes += len(data)

    def send(self, frame: AnyServerFrame) -> None:
        """Send one frame."""
        if not self._closed:
            self.write(server_frame(self._codec.encode(frame)))

    def end(self, error: ApiError) -> None:
        """Say why, and close. What waits in the queue is dropped: the client syncs when it comes back."""
        if self._closed:
            return
        self._closed = True
        self._queue = None
        self._queued_bytes = 0
        code = _CLOSE_CODES.get(error.code, CloseCode.POLICY)
        bye = server_frame(self._codec.encode(Bye(error=error.body())))
        self._transport.close(bye + close_frame(code, error.code.value))
        self._registry.gone(self)

    def fail(self, error: FrameError) -> None:
        """End a peer that broke the websocket protocol itself."""
        code = ErrorCode.TOO_LARGE if error.code is CloseCode.TOO_BIG else ErrorCode.BAD_REQUEST
        self.end(ApiError(code, error.reason))

    # Frames.

    def _before_hello(self, frame: AnyClientFrame) -> None:
        if not isinstance(frame, Hello) or self._hello_task is not None:
            self.end(ApiError(ErrorCode.UNAUTHENTICATED, "hello first"))
            return
        if frame.protocol != PROTOCOL:
            self.end(
                ApiError(
                    ErrorCode.BAD_REQUEST,
                    f"protocol {frame.protocol}, here {PROTOCOL}",
                    message="客户端版本与服务器不匹配，请升级。",
                )
            )
            return
        self._pause_reading()
        self._hello_task = asyncio.get_running_loop().create_task(self._sign_in(frame.access_token))

    async def _sign_in(self, token: str) -> None:
        try:
            caller = await self._authenticate(token)
            if self._closed:
                return
            self.caller = caller
            # Registered first: what is committed from now on arrives live, what was before is in `event_id`.
            self._registry.signed_in(self)
            newest = await self._messaging.newest_event_id()
        except ApiError as error:
            self.end(error)
            return
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("sign-in of a connection failed")
            self.end(ApiError(ErrorCode.UNAVAILABLE, retry_after=1.0))
            return
        finally:
            self._hello_task = None
        self.send(
            Welcome(
                session_id=caller.session_id,
                server_time=int(time.time() * 1000),
                event_id=newest,
            )
        )
        self._resume_reading()

    def _serve(self, frame: AnyClientFrame, caller: Caller) -> None:
        match frame:
            case Send():
                self._send_message(frame, caller)
            case MarkRead():
                self._move(caller, frame.conversation_id, frame.seq, 0)
            case MarkDelivered():
                self._move(caller, frame.conversation_id, 0, frame.seq)
            case Ping():
                self.send(Pong(t=frame.t, server_time=int(time.time() * 1000)))
            case Typing() if not _is_id(frame.conversation_id):
                return
            case Typing():
                if self.last_heard - self._last_typing >= _TYPING_GAP:
                    self._last_typing = self.last_heard
                    self._registry.typing(self, frame.conversation_id)
            case Watch():
                if len(frame.person_ids) > MAX_WATCHED:
                    self.end(ApiError(ErrorCode.BAD_REQUEST, f"watch > {MAX_WATCHED}"))
                else:
                    self._registry.watch(self, [one for one in frame.person_ids if _is_id(one)])
            case Hello():
                self.end(ApiError(ErrorCode.BAD_REQUEST, "hello twice"))

    def _move(self, caller: Caller, conversation_id: str, read_seq: int, delivered_seq: int) -> None:
        if 0 <= read_seq < 2**53 and 0 <= delivered_seq < 2**53 and _is_id(conversation_id):
            self._messaging.move(caller.person_id, conversation_id, read_seq, delivered_seq, self)

    def _send_message(self, frame: Send, caller: Caller) -> None:
        self._in_flight += 1
        if self._in_flight >= MAX_IN_FLIGHT:
            self._pause_reading()
        client_id = frame.client_id

        def answer(outcome: Sent | ApiError) -> None:
            self._in_flight -= 1
            if self._reading_paused and self._in_flight < MAX_IN_FLIGHT // 2:
                self._resume_reading()
            if isinstance(outcome, ApiError):
                self.send(Nack(client_id=client_id, error=outcome.body()))
            else:
                self.send(
                    Ack(
                        client_id=client_id,
                        conversation_id=outcome.conversation_id,
                        seq=outcome.seq,
                        event_id=outcome.event_id,
                        sent_at=outcome.sent_at,
                        duplicate=outcome.duplicate,
                    )
                )

        self._messaging.send(
            caller.person_id, frame.conversation_id, client_id, frame.body, frame.file_ids, self, answer
        )

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._closed:
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and not self._closed:
            self._reading_paused = False
            self._transport.resume_reading()


def _is_id(text: str) -> bool:
    """Whether `text` can be an id: what cannot (NUL above all) must not fail the others of its batch."""
    return 0 < len(text) <= 64 and text.isascii() and text.isprintable()
