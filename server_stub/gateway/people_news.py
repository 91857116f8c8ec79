"""Tells connected clients whose cards changed: each gets what he may see, nothing when that is nothing."""

import logging
from collections.abc import Sequence
from typing import Protocol

from server_stub.bus import TOPIC_PEOPLE, Bus
from server_stub.contract.directory import People
from server_stub.contract.errors import ApiError
from server_stub.contract.events import PersonEvent
from server_stub.contract.frames import EventFrame
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .gateway import Gateway
from .news import News, NewsDesk

log = logging.getLogger(__name__)

MOST_PEOPLE = 200
MOST_VIEWERS = 2000
"""Beyond either nothing is told: clients fetch cards again when they open a unit or a person, and with the next connection."""


class Cards(Protocol):
    """The directory, with its access rules."""

    async def people(self, caller: Caller, person_ids: Sequence[str]) -> People:
        """Return the cards as the caller may see them."""
        ...

    async def note_changed(self, person_ids: Sequence[str]) -> int:
        """Keep whose cards changed for clients that are away; return the event id."""
        ...


class PeopleNews(NewsDesk):
    """Every server process asks the directory's access function for its own connections."""

    def __init__(self, *, bus: Bus, gateway: Gateway, cards: Cards, database: Database) -> None:
        super().__init__(bus=bus, database=database, topic=TOPIC_PEOPLE)
        self._gateway = gateway
        self._cards = cards

    async def announce(self, person_ids: Sequence[str]) -> None:
        """Tell all processes that these people's cards changed, and keep it for whoever is away."""
        if not person_ids:
            return
        event_id = await self._cards.note_changed(person_ids)
        if len(person_ids) <= MOST_PEOPLE:
            await self._publish(person_ids, event_id)

    async def _tell(self, news: News) -> None:
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
