"""The websocket: signs in, keeps itself alive, comes back by itself, and says in which state it is."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import Protocol

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from app.session.http import SessionEnded, is_loopback
from app.session.listeners import Listeners
from app.session.states import LinkState, NetworkError
from server_stub.contract.errors import ApiError, ErrorBody, ErrorCode
from server_stub.contract.frames import (
    AnyClientFrame,
    AnyServerFrame,
    Bye,
    Hello,
    Ping,
    Pong,
    ServerFrameCodec,
    Welcome,
)

log = logging.getLogger(__name__)

_FIRST_WAIT = 0.4
_LONGEST_WAIT = 30.0
_WELCOME_SECONDS = 15.0
_MAX_FRAME = 4 * 1024 * 1024
_SLEPT = 8.0
"""Seconds by which the wall clock must outrun the monotonic one for us to think that the machine slept."""


class TokenSource(Protocol):
    """Where the link gets its token; `HttpCaller` is one."""

    base_url: str

    async def access_token(self) -> str:
        """A token to sign in with. Raises SessionEnded, NetworkError, ApiError."""
        ...

    async def refresh(self, used: str) -> None:
        """The server did not take `used`. Raises SessionEnded, NetworkError, ApiError."""
        ...


class Link:
    """Call `start`, then it lives until `close`.

    `on_frame` gets every frame but welcome, pong and bye, in order, on the loop. `on_welcome` is called when a
    connection is signed in; its owner syncs and then calls `synced()`.
    """

    def __init__(self, http: TokenSource, *, heartbeat: float | None = None) -> None:
        """`heartbeat` in seconds overrides what the server asks for (tests)."""
        self._http = http
        self._heartbeat = heartbeat
        self._codec = ServerFrameCodec()
        self._task: asyncio.Task[None] | None = None
        self._connection: ClientConnection | None = None
        self._wake = asyncio.Event()
        self._online = asyncio.Event()
        self._failures = 0
        self._closing = False
        self._state = LinkState.OFFLINE
        self._last_heard = 0.0
        self._best_trip = float("inf")
        self._waiting_pings: dict[int, float] = {}
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(maxsize=2000)
        self.skew_ms = 0
        """Server's clock minus ours, from the fastest ping so far."""
        self.state_changed: Listeners[LinkState] = Listeners()
        self.on_frame: Callable[[AnyServerFrame], None] = lambda _frame: None
        self.on_welcome: Callable[[Welcome], None] = lambda _welcome: None
        self.on_ended: Callable[[str], None] = lambda _text: None
        """The server ended the session: the sentence for the user. The link stops."""

    @property
    def state(self) -> LinkState:
        """State now."""
        return self._state

    @property
    def connected(self) -> bool:
        """Whether frames can be sent (SYNCING or ONLINE)."""
        return self._state in (LinkState.SYNCING, LinkState.ONLINE)

    def start(self) -> None:
        """Begin to connect."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="link")

    async def close(self) -> None:
        """End the connection and stop."""
        self._closing = True
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._set(LinkState.OFFLINE)

    def wake(self) -> None:
        """The network may be back (hint of the system, window activated): try now, or test the connection."""
        self._failures = 0
        self._wake.set()

    def synced(self) -> None:
        """Everything missed has been fetched."""
        if self._state is LinkState.SYNCING:
            self._set(LinkState.ONLINE)

    def send(self, frame: AnyClientFrame) -> bool:
        """Put a frame on the wire; False when there is no connection (then it is not kept)."""
        if not self.connected:
            return False
        try:
            self._outgoing.put_nowait(self._codec.encode(frame))
        except asyncio.QueueFull:
            return False
        return True

    async def wait_connected(self) -> None:
        """Return once frames can be sent."""
        await self._online.wait()

    def drop(self) -> None:
        """Give this connection up and make a new one (it no longer answers)."""
        if self._connection is not None:
            self._connection.transport.abort()

    # The life of the link.

    async def _run(self) -> None:
        # The flag and not the cancellation alone: where a connection breaks in the moment of the cancellation,
        # the library raises the break instead.
        while not self._closing:
            wait = 0.0
            try:
                wait = await self._once()
            except SessionEnded as ended:
                self._set(LinkState.OFFLINE)
                self.on_ended(ended.text)
                return
            except NetworkError as error:
                log.info("not connected", extra={"reason": error.detail})
            except (WebSocketException, OSError, TimeoutError, msgspec.DecodeError) as error:
                log.info("connection ended", extra={"reason": type(error).__name__})
            except ApiError as error:
                log.warning("connection refused", extra={"code": error.code.value})
                wait = error.retry_after
            self._set(LinkState.OFFLINE)
            if self._closing:
                return
            self._failures += 1
            longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._failures - 1, 10))
            pause = max(wait, longest * random.uniform(0.5, 1.0))
            await self._woken(pause)
            self._wake.clear()

    async def _once(self) -> float:
        """One connection from beginning to end; returns the least wait before the next one, in seconds."""
        self._set(LinkState.CONNECTING)
        token = await self._http.access_token()
        url = "ws" + self._http.base_url.removeprefix("http") + "/api/v1/ws"
        async with connect(
            url,
            max_size=_MAX_FRAME,
            ping_interval=None,
            compression=None,
            open_timeout=8,
            close_timeout=1,
            proxy=None if is_loopback(url) else True,
        ) as connection:
            self._connection = connection
            self._last_heard = time.monotonic()
            self._outgoing = asyncio.Queue(maxsize=2000)
            helpers: list[asyncio.Task[None]] = []
            try:
                await connection.send(self._codec.encode(Hello(access_token=token)))
                async with asyncio.timeout(_WELCOME_SECONDS):
                    first = self._codec.decode(_binary(await connection.recv()))
                if isinstance(first, Bye):
                    return await self._said_bye(first.error, token)
                if not isinstance(first, Welcome):
                    raise NetworkError(detail="no welcome")
                self._welcomed(first)
                heartbeat = self._heartbeat or float(max(5, first.heartbeat_seconds))
                loop = asyncio.get_running_loop()
                helpers = [
                    loop.create_task(self._write(connection, self._outgoing)),
                    loop.create_task(self._keep_alive(connection, heartbeat)),
                ]
                async for data in connection:
                    self._last_heard = time.monotonic()
                    frame = self._codec.decode(_binary(data))
                    if isinstance(frame, Pong):
                        self._ponged(frame)
                    elif isinstance(frame, Bye):
                        return await self._said_bye(frame.error, token)
                    else:
                        self.on_frame(frame)
                return 0.0
            finally:
                self._connection = None
                # At once, so that nobody believes in this connection while it is taken apart.
                self._set(LinkState.OFFLINE)
                for helper in helpers:
                    helper.cancel()
                await asyncio.gather(*helpers, return_exceptions=True)

    def _welcomed(self, welcome: Welcome) -> None:
        self._failures = 0
        self._wake.clear()
        self._best_trip = float("inf")
        self._waiting_pings.clear()
        self.skew_ms = welcome.server_time - int(time.time() * 1000)
        self._set(LinkState.SYNCING)
        self._ping()
        self.on_welcome(welcome)

    async def _said_bye(self, error: ErrorBody, token: str) -> float:
        """Decide what a goodbye means: another try later, a fresh token, or the end of the session."""
        log.info("server said goodbye", extra={"code": error.code.value})
        if error.code in (ErrorCode.TOKEN_EXPIRED, ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN):
            # The refresh tells a stale token from a session that is over.
            try:
                await self._http.refresh(token)
            except SessionEnded as ended:
                log.info("session over", extra={"code": ended.code.value})
                raise
            return 0.0
        if error.code is ErrorCode.ACCOUNT_DISABLED:
            raise SessionEnded(ApiError(error.code, message=error.message))
        return error.retry_after

    async def _write(self, connection: ClientConnection, outgoing: "asyncio.Queue[bytes]") -> None:
        try:
            while True:
                await connection.send(await outgoing.get())
        except (WebSocketException, OSError):
            return  # The reader sees the same end.

    async def _keep_alive(self, connection: ClientConnection, heartbeat: float) -> None:
        """Ping; give up a connection that is silent for too long; notice that the machine slept."""
        step = max(0.05, heartbeat / 5)
        pinged = time.monotonic()
        while True:
            wall, steady = time.time(), time.monotonic()
            doubted = False
            if await self._woken(step):
                self._wake.clear()
                doubted = True
            now = time.monotonic()
            slept = doubted or (time.time() - wall) - (now - steady) > _SLEPT or now - steady > step + _SLEPT
            if slept or now - pinged >= heartbeat:
                self._ping()
                pinged = now
            if now - self._last_heard > heartbeat * 2 or (slept and not await self._answers(connection)):
                connection.transport.abort()
                return

    async def _woken(self, seconds: float) -> bool:
        """Wait for a hint; False when none came in time."""
        try:
            # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with the hint.
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    async def _answers(self, connection: ClientConnection) -> bool:
        before = self._last_heard
        await asyncio.sleep(3)
        return self._last_heard > before and connection.close_code is None

    def _ping(self) -> None:
        now = time.monotonic()
        mark = int(now * 1000)
        self._waiting_pings = {t: at for t, at in self._waiting_pings.items() if now - at < 60}
        self._waiting_pings[mark] = now
        self.send(Ping(t=mark))

    def _ponged(self, pong: Pong) -> None:
        sent = self._waiting_pings.pop(pong.t, None)
        if sent is None:
            return
        trip = time.monotonic() - sent
        # A slow round trip says little about the clock: the fastest one counts, and ages.
        self._best_trip *= 1.1
        if trip <= self._best_trip:
            self._best_trip = trip
            self.skew_ms = pong.server_time + int(trip * 500) - int(time.time() * 1000)

    def _set(self, state: LinkState) -> None:
        if state is self._state:
            return
        self._state = state
        if self.connected:
            self._online.set()
        else:
            self._online.clear()
        self.state_changed.emit(state)


def _binary(data: str | bytes) -> bytes:
    if isinstance(data, str):
        raise NetworkError(detail="text frame")
    return data
