"""Tells connected clients what they may use now, so that entries appear and vanish at once."""

import logging
from collections.abc import Collection, Sequence
from typing import Protocol

from server_stub.bus import TOPIC_FEATURES, Bus
from server_stub.contract.events import FeaturesEvent
from server_stub.contract.frames import EventFrame
from server_stub.contract.permissions import GrantChange, Subject
from server_stub.storage.database import Database

from .connection import Connection
from .gateway import Gateway
from .news import News, NewsDesk

log = logging.getLogger(__name__)
_AT_ONCE = 500


class Decisions(Protocol):
    """The permissions."""

    async def features_among(self, person_ids: Collection[str]) -> dict[str, list[str]]:
        """Return for each person the features he may use."""
        ...


class FeatureNews(NewsDesk):
    """Every server process decides anew for its own connections and sends each its own list, never a grant. News without
    people is about everybody."""

    def __init__(self, *, bus: Bus, gateway: Gateway, decisions: Decisions, database: Database) -> None:
        super().__init__(bus=bus, database=database, topic=TOPIC_FEATURES)
        self._gateway = gateway
        self._decisions = decisions

    async def announce(self, _feature: str, changes: Sequence[GrantChange]) -> None:
        """Tell all processes that grants changed."""
        wide = any(change.subject is not Subject.PERSON for change in changes)
        await self._publish([] if wide else [change.subject_id for change in changes])

    async def _tell(self, news: News) -> None:
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
