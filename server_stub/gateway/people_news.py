"""Tells connected clients whose cards changed: each gets what he may see, nothing when that is nothing."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from server_stub.bus import TOPIC_PEOPLE, Bus
from server_stub.contract.directory import People
from server_stub.contract.errors import ApiError
from server_stub.contract.events import PersonEvent
from server_stub.contract.frames import EventFrame
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .gateway import Gateway

log = logging.getLogger(__name__)

MOST_PEOPLE = 200
MOST_VIEWERS = 2000
"""Beyond either nothing is told: clients fetch cards again when they open a unit or a person."""


class Cards(Protocol):
    """The directory, with its access rules."""

    async def people(self, caller: Caller, person_ids: Sequence[str]) -> People:
        """Return the cards as the caller may see them."""
        ...


class _News(msgspec.Struct, frozen=True, array_like=True):
    """What a process tells the others."""

    event_id: int
    person_ids: list[str]


class PeopleNews:
    """Every server process asks the directory's access function for its own connections."""

    def __init__(self, *, bus: Bus, gateway: Gateway, cards: Cards, database: Database) -> None:
        self._bus = bus
        self._gateway = gateway
        self._cards = cards
        self._database = database
        self._decoder = msgspec.msgpack.Decoder(_News)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen to the bus."""
        self._unsubscribe = self._bus.subscribe(TOPIC_PEOPLE, self._arrived)

    async def close(self) -> None:
        """Stop."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def announce(self, person_ids: Sequence[str]) -> None:
        """Tell all processes that these people's cards changed."""
        if not 0 < len(person_ids) <= MOST_PEOPLE:
            return
        event_id = (await self._database.write(next_event_ids))[0]
        await self._bus.publish(TOPIC_PEOPLE, msgspec.msgpack.encode(_News(event_id, list(person_ids))))

    def _arrived(self, payload: bytes) -> None:
        try:
            news = self._decoder.decode(payload)
        except msgspec.DecodeError:
            log.error("not news of people on the bus")
            return
        task = asyncio.get_running_loop().create_task(self._tell(news))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, news: _News) -> None:
        connections = self._gateway.signed_in_connections()
        if len(connections) > MOST_VIEWERS:
            return
        for connection in connections:
            caller = connection.caller
            if caller is None or connection.closed:
                continue
            try:
                seen = await self._cards.people(caller, news.person_ids)
            except ApiError:
                continue
            except Exception as error:
                log.error("changed cards not told", extra={"error": type(error).__name__})
                return
            for person in seen.people:
                connection.send(EventFrame(event=PersonEvent(event_id=news.event_id, person=person)))
