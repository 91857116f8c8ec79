"""Who is online, in this process and in the others, and who wants to know."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable

import msgspec

from server_stub.bus import TOPIC_PRESENCE, Bus, InProcessBus

from .connection import Connection
from .framing import server_frame

log = logging.getLogger(__name__)

STATE_SECONDS = 10.0
"""How often a process repeats who is online with it; one silent for three times as long is forgotten."""


class PresenceNews(msgspec.Struct, frozen=True, array_like=True):
    """What a process tells the others. `whole`: `online` is everybody, who is not in it is offline."""

    process: str
    online: list[str]
    offline: list[str]
    whole: bool = False
    leaving: bool = False
    """The process ends in good order, with everything published."""


class PresenceBook:
    """Counts signed-in connections a person, here and elsewhere, and tells the watchers of changes."""

    def __init__(
        self,
        *,
        bus: Bus,
        encode: Callable[[list[str], list[str]], bytes],
        on_death: Callable[[], None] = lambda: None,
    ) -> None:
        """`encode` makes the payload of a presence frame from those online and those offline; `on_death` is called when
        another process fell silent without a goodbye: what it committed last it may not have published."""
        self._bus = bus
        self._encode = encode
        self._on_death = on_death
        self._alone = isinstance(bus, InProcessBus)
        self._process = secrets.token_hex(8)
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(PresenceNews)
        self._here: set[str] = set()
        self._elsewhere: dict[str, set[str]] = {}
        self._heard: dict[str, float] = {}
        self._watchers: dict[str, set[Connection]] = {}
        self._news: dict[str, bool] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to exchange with other processes."""
        if self._alone:
            return
        self._unsubscribe = self._bus.subscribe(TOPIC_PRESENCE, self._arrived)
        self._task = asyncio.get_running_loop().create_task(self._tell())

    async def close(self) -> None:
        """Tell the others that nobody is online here any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            try:
                await self._publish(PresenceNews(self._process, [], [], whole=True, leaving=True))
            except Exception as error:
                log.warning("presence not published", extra={"error": type(error).__name__})

    def online(self, person_id: str) -> bool:
        """Whether the person has a signed-in connection anywhere."""
        return person_id in self._here or any(person_id in people for people in self._elsewhere.values())

    def came(self, person_id: str) -> None:
        """Note the first connection of a person in this process."""
        before = self.online(person_id)
        self._here.add(person_id)
        self._note(person_id, True)
        if not before:
            self._tell_watchers(person_id)

    def went(self, person_id: str) -> None:
        """Note the end of the last connection of a person in this process."""
        self._here.discard(person_id)
        self._note(person_id, False)
        if not self.online(person_id):
            self._tell_watchers(person_id)

    def watch(self, connection: Connection, person_ids: Iterable[str]) -> None:
        """Replace what `connection` watches, and tell it the state."""
        self.unwatch(connection)
        people = tuple(dict.fromkeys(person_ids))
        connection.watched = people
        for person_id in people:
            self._watchers.setdefault(person_id, set()).add(connection)
        if people:
            online = [one for one in people if self.online(one)]
            offline = [one for one in people if not self.online(one)]
            connection.write(server_frame(self._encode(online, offline)))

    def watchers(self, person_id: str) -> list[Connection]:
        """Return the connections of this process that watch a person."""
        return list(self._watchers.get(person_id, ()))

    def unwatch(self, connection: Connection) -> None:
        """Forget what `connection` watches."""
        for person_id in connection.watched:
            watchers = self._watchers.get(person_id)
            if watchers is not None:
                watchers.discard(connection)
                if not watchers:
                    del self._watchers[person_id]
        connection.watched = ()

    def _tell_watchers(self, person_id: str) -> None:
        watchers = self._watchers.get(person_id)
        if watchers:
            online = self.online(person_id)
            data = server_frame(self._encode([person_id] if online else [], [] if online else [person_id]))
            for connection in list(watchers):
                connection.write(data)

    # Other processes.

    def _note(self, person_id: str, online: bool) -> None:
        if not self._alone:
            self._news[person_id] = online
            self._wake.set()

    async def _tell(self) -> None:
        whole_at = 0.0
        while True:
            whole = time.monotonic() >= whole_at
            news, self._news = self._news, {}
            self._wake.clear()
            try:
                if whole:
                    await self._publish(PresenceNews(self._process, sorted(self._here), [], whole=True))
                    whole_at = time.monotonic() + STATE_SECONDS
                elif news:
                    online = [one for one, here in news.items() if here]
                    offline = [one for one, here in news.items() if not here]
                    await self._publish(PresenceNews(self._process, online, offline))
            except Exception as error:
                log.warning("presence not published", extra={"error": type(error).__name__})
                whole_at = 0.0
                await asyncio.sleep(1.0)
            self._forget_silent()
            try:
                # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with the wake.
                async with asyncio.timeout(max(0.0, whole_at - time.monotonic())):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _publish(self, news: PresenceNews) -> None:
        await self._bus.publish(TOPIC_PRESENCE, self._encoder.encode(news))

    def _arrived(self, payload: bytes) -> None:
        try:
            news = self._decoder.decode(payload)
        except msgspec.DecodeError:
            log.error("not presence on the bus")
            return
        if news.process == self._process:
            return
        if news.leaving:
            self._forget(news.process)
            return
        self._heard[news.process] = time.monotonic()
        people = self._elsewhere.get(news.process, set())
        after = set(news.online) if news.whole else (people | set(news.online)) - set(news.offline)
        self._replace(news.process, after)

    def _replace(self, process: str, after: set[str]) -> None:
        before = self._elsewhere.get(process, set())
        changed = before ^ after
        were = {person_id: self.online(person_id) for person_id in changed}
        self._elsewhere[process] = after
        for person_id, was in were.items():
            if self.online(person_id) != was:
                self._tell_watchers(person_id)

    def _forget_silent(self) -> None:
        now = time.monotonic()
        for process in [one for one, at in self._heard.items() if now - at > 3 * STATE_SECONDS]:
            self._forget(process)
            self._on_death()

    def _forget(self, process: str) -> None:
        self._replace(process, set())
        del self._elsewhere[process]
        self._heard.pop(process, None)
