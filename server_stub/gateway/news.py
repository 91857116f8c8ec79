"""What one server process tells the others about people, and each then tells its own connections."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import msgspec

from server_stub.bus import Bus
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

log = logging.getLogger(__name__)


class News(msgspec.Struct, frozen=True, array_like=True):
    """What goes over the bus: whom it is about, never what changed."""

    event_id: int
    person_ids: list[str]


class NewsDesk(ABC):
    """One topic of the bus: `start` before it is used, then `close`. A kind says in `_tell` what its connections get."""

    def __init__(self, *, bus: Bus, database: Database, topic: str) -> None:
        self._bus = bus
        self._database = database
        self._topic = topic
        self._decoder = msgspec.msgpack.Decoder(News)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen to the bus."""
        self._unsubscribe = self._bus.subscribe(self._topic, self._arrived)

    async def close(self) -> None:
        """Stop."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _publish(self, person_ids: Sequence[str], event_id: int = 0) -> None:
        """Tell all processes, this one too. `event_id`: one that the change has already."""
        event_id = event_id or (await self._database.write(next_event_ids))[0]
        await self._bus.publish(self._topic, msgspec.msgpack.encode(News(event_id, list(person_ids))))

    def _arrived(self, payload: bytes) -> None:
        try:
            news = self._decoder.decode(payload)
        except msgspec.DecodeError:
            log.error("not news on the bus", extra={"topic": self._topic})
            return
        task = asyncio.get_running_loop().create_task(self._tell(news))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @abstractmethod
    async def _tell(self, news: News) -> None:
        """Tell the connections of this process what each of them may know."""
