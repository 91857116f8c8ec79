"""All connections of one server process: sign-in, delivery, presence, time-outs, ended sessions."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable

import msgspec

from server_stub.bus import TOPIC_SESSION_ENDED, TOPIC_STATUS, Bus
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import StatusEvent
from server_stub.contract.frames import (
    HEARTBEAT_SECONDS,
    ClientFrameCodec,
    EventFrame,
    Presence,
    TypingFrame,
)
from server_stub.contract.personal import PersonStatus

from .connection import Connection
from .fanout import FanOut
from .ports import Authenticate, Messaging, Sessions, Statuses, Transport, Visibility
from .presence import PresenceBook

log = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
SILENCE_SECONDS = 3.0 * HEARTBEAT_SECONDS
_SWEEP_SECONDS = 1.0
_SESSION_CHECK_SECONDS = 60.0
_NONE: tuple[Connection, ...] = ()


class Gateway:
    """Knows the connections by person and session; one task looks after the clocks of all of them."""

    def __init__(
        self,
        *,
        bus: Bus,
        messaging: Messaging,
        authenticate: Authenticate,
        sessions: Sessions | None = None,
        visibility: Visibility | None = None,
        hello_seconds: float = HELLO_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._bus = bus
        self._messaging = messaging
        self._authenticate = authenticate
        self._sessions = sessions
        self._visibility = visibility
        self._hello_seconds = hello_seconds
        self._silence_seconds = silence_seconds
        self._codec = ClientFrameCodec()
        self._all: set[Connection] = set()
        self._by_person: dict[str, tuple[Connection, ...]] = {}
        self._by_session: dict[str, tuple[Connection, ...]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] | None = None
        self._unsubscribe_status: Callable[[], None] | None = None
        self.statuses: Statuses | None = None
        """Set by the composition: who watches somebody is told his status too."""
        self._closing = False
        self.presence = PresenceBook(
            bus=bus,
            encode=lambda online, offline: self._codec.encode(Presence(online=online, offline=offline)),
            on_death=self.resync_all,
        )
        self.fanout = FanOut(
            bus=bus,
            messaging=messaging,
            connections_of=lambda person_id: self._by_person.get(person_id, _NONE),
            codec=self._codec,
        )

    # Life.

    async def start(self) -> None:
        """Begin to listen to the bus and to look after the clocks."""
        self.fanout.start(self.resync_all)
        self.presence.start()
        self._unsubscribe = self._bus.subscribe(TOPIC_SESSION_ENDED, self._session_ended)
        self._unsubscribe_status = self._bus.subscribe(TOPIC_STATUS, self._status_changed)
        self._spawn(self._sweep())
        if self._sessions is not None:
            self._spawn(self._check_sessions(self._sessions))

    async def close(self) -> None:
        """Say goodbye to everybody and stop."""
        self._closing = True
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._unsubscribe_status is not None:
            self._unsubscribe_status()
            self._unsubscribe_status = None
        for connection in list(self._all):
            connection.end(ApiError(ErrorCode.UNAVAILABLE, "server stops", retry_after=1.0))
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.presence.close()
        await self.fanout.close()

    # For listeners.

    def open(self, transport: Transport, address: str = "") -> Connection:
        """Take a new connection, which now has a few seconds for its hello."""
        connection = Connection(
            transport,
            registry=self,
            messaging=self._messaging,
            authenticate=self._authenticate,
            codec=self._codec,
            address=address,
        )
        self._all.add(connection)
        if self._closing:
            connection.end(ApiError(ErrorCode.UNAVAILABLE, "server stops", retry_after=1.0))
        return connection

    @property
    def connection_count(self) -> int:
        """Open connections, for metrics."""
        return len(self._all)

    def signed_in_connections(self) -> list[Connection]:
        """Return the connections of this process whose person is known."""
        return [connection for connection in self._all if connection.caller is not None]

    def online_sessions(self, session_ids: Iterable[str]) -> set[str]:
        """Return those of `session_ids` that are connected to this process."""
        return {one for one in session_ids if one in self._by_session}

    # Registry.

    def signed_in(self, connection: Connection) -> None:
        """Route events for the person to the connection."""
        caller = connection.caller
        if caller is None:
            raise ValueError("not signed in")
        first = caller.person_id not in self._by_person
        _add(self._by_person, caller.person_id, connection)
        _add(self._by_session, caller.session_id, connection)
        if first:
            self.presence.came(caller.person_id)

    def gone(self, connection: Connection) -> None:
        """Forget the connection."""
        if connection not in self._all:
            return
        self._all.discard(connection)
        self.presence.unwatch(connection)
        caller = connection.caller
        if caller is not None:
            removed = _remove(self._by_person, caller.person_id, connection)
            _remove(self._by_session, caller.session_id, connection)
            if removed and caller.person_id not in self._by_person:
                self.presence.went(caller.person_id)

    def typing(self, connection: Connection, conversation_id: str) -> None:
        """Tell the other end of a single chat that somebody writes."""
        self._spawn(self._tell_typing(connection, conversation_id))

    def watch(self, connection: Connection, person_ids: list[str]) -> None:
        """Replace what the connection watches with those of `person_ids` that it may see."""
        if self._visibility is None:
            self.presence.watch(connection, person_ids)
        else:
            self._spawn(self._watch(self._visibility, connection, person_ids))

    # Ends.

    def end_session(self, session_id: str) -> None:
        """Close the connections of a session that ended."""
        for connection in self._by_session.get(session_id, _NONE):
            connection.end(ApiError(ErrorCode.UNAUTHENTICATED, "session ended"))

    def resync_all(self) -> None:
        """Close every connection with the advice to come back: events may have been missed."""
        log.warning("events may have been lost; clients are told to sync", extra={"count": len(self._all)})
        for connection in list(self._all):
            connection.end(ApiError(ErrorCode.UNAVAILABLE, "sync again", retry_after=1.0))

    async def tell_status(self, status: PersonStatus) -> None:
        """Tell those who watch a person, in every server process."""
        await self._bus.publish(TOPIC_STATUS, msgspec.msgpack.encode(status))

    def _status_changed(self, payload: bytes) -> None:
        try:
            status = msgspec.msgpack.decode(payload, type=PersonStatus)
        except msgspec.DecodeError:
            log.error("not a status on the bus")
            return
        for connection in self.presence.watchers(status.person_id):
            if not connection.closed:
                connection.send(EventFrame(event=StatusEvent(event_id=status.event_id, status=status)))

    def _session_ended(self, payload: bytes) -> None:
        self.end_session(payload.decode("utf-8", "replace"))

    # Tasks.

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the gateway failed", exc_info=task.exception())

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(_SWEEP_SECONDS, self._hello_seconds / 2, self._silence_seconds / 2))
            now = time.monotonic()
            for connection in list(self._all):
                silent = now - connection.last_heard
                if connection.caller is None:
                    if silent > self._hello_seconds:
                        connection.end(ApiError(ErrorCode.UNAUTHENTICATED, "no hello in time"))
                elif silent > self._silence_seconds:
                    connection.end(ApiError(ErrorCode.UNAVAILABLE, "no heartbeat"))

    async def _check_sessions(self, sessions: Sessions) -> None:
        """The bus may lose the news of an ended session; the database does not."""
        while True:
            await asyncio.sleep(_SESSION_CHECK_SECONDS)
            live = list(self._by_session)
            try:
                for start in range(0, len(live), 500):
                    for session_id in await sessions.ended(live[start : start + 500]):
                        self.end_session(session_id)
            except Exception as error:
                log.warning("sessions not checked", extra={"error": type(error).__name__})

    async def _tell_typing(self, connection: Connection, conversation_id: str) -> None:
        caller = connection.caller
        if caller is None:
            return
        others: Collection[str] = await self._messaging.others(caller.person_id, conversation_id)
        if not others:
            return
        frame = TypingFrame(conversation_id=conversation_id, person_id=caller.person_id)
        self.fanout.tell(self._codec.encode(frame), others)

    async def _watch(self, visibility: Visibility, connection: Connection, person_ids: list[str]) -> None:
        if connection.caller is None:
            return
        visible = await visibility.visible(connection.caller, person_ids)
        watched = [one for one in person_ids if one in visible]
        if not connection.closed:
            self.presence.watch(connection, watched)
        if self.statuses is not None:
            for status in (await self.statuses.statuses(watched)).values():
                if not connection.closed:
                    connection.send(EventFrame(event=StatusEvent(event_id=status.event_id, status=status)))


def _add(index: dict[str, tuple[Connection, ...]], key: str, connection: Connection) -> None:
    # Tuples: most have one entry, and a delivery under way keeps its own.
    index[key] = (*index.get(key, _NONE), connection)


def _remove(index: dict[str, tuple[Connection, ...]], key: str, connection: Connection) -> bool:
    before = index.get(key, _NONE)
    after = tuple(one for one in before if one is not connection)
    if after:
        index[key] = after
    elif before:
        del index[key]
    return len(after) < len(before)
