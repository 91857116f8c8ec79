"""Tells connected clients what they may use now, so that entries appear and vanish at once."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import msgspec

from server_stub.bus import TOPIC_FEATURES, Bus
from server_stub.contract.events import FeaturesEvent
from server_stub.contract.frames import EventFrame
from server_stub.contract.permissions import GrantChange, Subject
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .connection import Connection
from .gateway import Gateway

log = logging.getLogger(__name__)
_AT_ONCE = 500


class Decisions(Protocol):
    """The permissions."""

    async def features_among(self, person_ids: Collection[str]) -> dict[str, list[str]]:
        """Return for each person the features he may use."""
        ...


class _News(msgspec.Struct, frozen=True, array_like=True):
    """What a process tells the others. Without `person_ids` everybody is affected."""

    event_id: int
    person_ids: list[str]


class FeatureNews:
    """Every server process decides anew for its own connections and sends each its own list, never a grant."""

    def __init__(self, *, bus: Bus, gateway: Gateway, decisions: Decisions, database: Database) -> None:
        self._bus = bus
        self._gateway = gateway
        self._decisions = decisions
        self._database = database
        self._decoder = msgspec.msgpack.Decoder(_News)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen to the bus."""
        self._unsubscribe = self._bus.subscribe(TOPIC_FEATURES, self._arrived)

    async def close(self) -> None:
        """Stop."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def announce(self, _feature: str, changes: Sequence[GrantChange]) -> None:
        """Tell all processes that grants changed."""
        wide = any(change.subject is not Subject.PERSON for change in changes)
        people = [] if wide else [change.subject_id for change in changes]
        event_id = (await self._database.write(next_event_ids))[0]
        await self._bus.publish(TOPIC_FEATURES, msgspec.msgpack.encode(_News(event_id, people)))

    def _arrived(self, payload: bytes) -> None:
        try:
            news = self._decoder.decode(payload)
        except msgspec.DecodeError:
            log.error("not news of features on the bus")
            return
        task = asyncio.get_running_loop().create_task(self._tell(news))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, news: _News) -> None:
        named = set(news.person_ids)
        affected: dict[str, list[Connection]] = {}
        # Who looks at somebody is told too, with his own list: what needs both sides' permission he must ask for anew.
        watching = {one for person_id in named for one in self._gateway.presence.watchers(person_id)}
        for connection in self._gateway.signed_in_connections():
            caller = connection.caller
            if caller is None:
                continue
            if not named or caller.person_id in named or connection in watching:
                affected.setdefault(caller.person_id, []).append(connection)
        people = list(affected)
        for start in range(0, len(people), _AT_ONCE):
            try:
                decided = await self._decisions.features_among(people[start : start + _AT_ONCE])
            except Exception as error:
                # Clients ask again with their next connection, and every use is decided by the server.
                log.error("changed features not told", extra={"error": type(error).__name__})
                return
            for person_id, features in decided.items():
                event = EventFrame(event=FeaturesEvent(event_id=news.event_id, features=features))
                for connection in affected[person_id]:
                    if not connection.closed:
                        connection.send(event)
