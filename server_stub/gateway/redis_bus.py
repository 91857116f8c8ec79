"""The bus between server processes over Redis publish/subscribe, with breaks noticed."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable

import redis.asyncio
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from server_stub.bus import Receiver

log = logging.getLogger(__name__)

_PREFIX = "zhengding:"
_HEALTH_SECONDS = 5.0
_LONGEST_PAUSE = 5.0
_READY_SECONDS = 20.0


class RedisBus:
    """`Bus` over Redis. After a break it reconnects by itself and calls `on_break`, because messages were lost.

    Redis holds nothing: it may be restarted or emptied at any time.
    """

    def __init__(self, url: str) -> None:
        """`url`: redis://[:password@]host:port/number."""
        self._redis = redis.asyncio.Redis.from_url(
            url, socket_connect_timeout=5.0, socket_keepalive=True, health_check_interval=_HEALTH_SECONDS
        )
        self._receivers: dict[bytes, list[Receiver]] = {}
        self._on_break: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()
        self._changed = asyncio.Event()
        self._confirmed: set[bytes] = set()
        self._broken = False

    def on_break(self, told: Callable[[], None]) -> None:
        """See `Bus`."""
        self._on_break.append(told)

    async def start(self) -> None:
        """Connect and listen; raises ConnectionError when Redis cannot be reached."""
        try:
            await self._redis.ping()
        except (RedisError, OSError) as error:
            raise ConnectionError(f"Redis: {type(error).__name__}") from None
        self._task = asyncio.get_running_loop().create_task(self._listen())

    async def close(self) -> None:
        """Stop listening and disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._redis.aclose()

    async def publish(self, topic: str, payload: bytes) -> None:
        """Send to every process; raises ConnectionError while Redis is away."""
        try:
            await self._redis.publish(_PREFIX + topic, payload)
            _end_if_cancelled()
        except (RedisError, OSError) as error:
            # Receivers elsewhere may see no break of their own (only our connection failed): what we could not
            # publish is lost to them, so ours are told to sync when it works again, and theirs by their gaps.
            self._broken = True
            raise ConnectionError(f"Redis: {type(error).__name__}") from None

    def subscribe(self, topic: str, receiver: Receiver) -> Callable[[], None]:
        """Call `receiver` for each payload; returns the function that ends it."""
        channel = (_PREFIX + topic).encode()
        self._receivers.setdefault(channel, []).append(receiver)
        self._changed.set()

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._receivers[channel].remove(receiver)

        return end

    async def ready(self) -> None:
        """See `Bus`."""
        try:
            async with asyncio.timeout(_READY_SECONDS):
                while not set(self._receivers) <= self._confirmed:
                    self._subscribed.clear()
                    await self._subscribed.wait()
        except TimeoutError:
            raise ConnectionError("Redis: subscriptions not confirmed") from None

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await self._serve(pubsub)
                    pause = 0.1
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus broken", extra={"error": type(error).__name__})
            self._broken = True
            self._confirmed.clear()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def _serve(self, pubsub: PubSub) -> None:
        asked: set[bytes] = set()
        while True:
            missing = set(self._receivers) - asked
            if missing:
                self._changed.clear()
                await pubsub.subscribe(*missing)
                asked |= missing
            if not asked:
                await self._changed.wait()
                continue
            # The time-out lets new subscriptions in and sends the health check.
            message = await pubsub.get_message(timeout=0.2)
            _end_if_cancelled()
            if message is None:
                continue
            channel = message["channel"]
            if message["type"] == "subscribe":
                self._confirmed.add(channel)
                if set(self._receivers) <= self._confirmed:
                    self._whole_again()
            elif message["type"] == "message":
                self._hand_out(channel, message["data"])

    def _whole_again(self) -> None:
        self._subscribed.set()
        if self._broken:
            self._broken = False
            for told in self._on_break:
                told()

    def _hand_out(self, channel: bytes, payload: bytes) -> None:
        for receiver in list(self._receivers.get(channel, ())):
            try:
                receiver(payload)
            except Exception:
                log.exception("a receiver of the bus failed")


def _end_if_cancelled() -> None:
    """The library swallows a cancellation that comes in the moment of an answer; whoever waits for the end of this task
    would wait for ever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
