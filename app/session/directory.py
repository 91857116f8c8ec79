"""The address book: from the server, with the store as cache; from the cache alone when offline."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence

import msgspec

from app.session.api import ApiClient
from app.session.http import SessionEnded
from app.session.side_work import SideWork
from app.session.states import NetworkError
from app.store.database import Reader, Writer
from app.store.queries import conversations, people, sync_state
from app.store.store import Store
from server_stub.contract.directory import Person, SearchResult, UnitChildren
from server_stub.contract.errors import ApiError, ErrorCode

log = logging.getLogger(__name__)

_FRESH_MS = 10 * 60 * 1000
_OLD_MS = 4 * 60 * 60 * 1000
_SHOWN = 50
"""Conversations that are seen without scrolling far."""
_MOST_PEOPLE = 3000
_PAGE = 200
_CARDS_PAUSE = 60.0
_AT_ONCE = 500


class Directory:
    """Lookups with a cache. Raises NetworkError when offline and nothing is cached, ApiError when refused."""

    def __init__(self, store: Store, api: ApiClient, connected: Callable[[], bool], side: SideWork) -> None:
        self.cards_pause = _CARDS_PAUSE
        """Seconds within which old cards are fetched anew after a connection; shortened in tests."""
        self._store = store
        self._api = api
        self._connected = connected
        self._side = side
        self._refreshing = False

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit, with all its people (at most 3,000)."""
        if not self._connected():
            cached = await self._store.read(lambda db: people.get_unit(db, unit_id))
            if cached is not None:
                return cached
        try:
            children = await self._whole_unit(unit_id)
        except NetworkError:
            cached = await self._store.read(lambda db: people.get_unit(db, unit_id))
            if cached is None:
                raise
            return cached
        await self._store.write(lambda db: people.put_unit(db, unit_id, children, _now()))
        return children

    async def person(self, person_id: str) -> Person | None:
        """A card; None when there is no such person for us."""
        cached = (await self._store.read(lambda db: people.get(db, [person_id]))).get(person_id)
        if cached is not None:
            fetched = await self._store.read(lambda db: people.fetched_at(db, person_id))
            if not fetched and self._connected():
                # Whether he is told of at all is not certain: the server is asked first.
                await self._quietly([person_id])
                return (await self._store.read(lambda db: people.get(db, [person_id]))).get(person_id)
            age = _now() - fetched
            if age > _FRESH_MS and self._connected():
                self._side.start(self._quietly([person_id]))
            return cached
        try:
            card = await self._api.person(person_id)
        except ApiError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return None
            raise
        await self._store.write(lambda db: people.put(db, [card], _now()))
        return card

    async def people(self, person_ids: Sequence[str]) -> dict[str, Person]:
        """Cards by id; what is not cached comes from the server if it can."""
        missing = await self._store.read(lambda db: people.missing(db, person_ids))
        if missing:
            try:
                await self.fetch(missing)
            except (NetworkError, ApiError) as error:
                log.info("cards not fetched", extra={"reason": type(error).__name__})
        return await self._store.read(lambda db: people.get(db, person_ids))

    async def fetch(self, person_ids: Sequence[str]) -> None:
        """Fetch cards into the cache; of whom the server does not tell any more only the name stays there."""
        cards = await self._api.people(person_ids)
        untold = set(person_ids) - {card.id for card in cards}

        def keep(db: Writer) -> None:
            people.put(db, cards, _now())
            people.reduce(db, untold, _now())

        await self._store.write(keep)

    async def learn(self, person_ids: Sequence[str]) -> None:
        """Fetch the cards that are not cached; quiet when that cannot be."""
        missing = await self._store.read(lambda db: people.missing(db, person_ids))
        if missing:
            await self._quietly(missing)

    async def _quietly(self, person_ids: Sequence[str]) -> None:
        try:
            await self.fetch(person_ids)
        except (NetworkError, ApiError, SessionEnded):
            return

    async def outdate(self) -> None:
        """How the directory is shown, or to whom, may be another now: all is fetched anew when it is asked for."""
        await self._store.write(people.outdate)

    def refresh_soon(self) -> None:
        """`refresh_changed` at once, and `refresh_shown` within `cards_pause`: not all clients of a city at once, when they have waited for
        the same server."""
        self._side.start(self._look_for_changes())

    async def _look_for_changes(self) -> None:
        try:
            await self.refresh_changed()
        except (NetworkError, ApiError, SessionEnded) as error:
            log.info("changed cards not fetched", extra={"reason": type(error).__name__})
        if not self._refreshing:
            self._refreshing = True
            self._side.start(self._refresh_after_pause())

    async def _refresh_after_pause(self) -> None:
        await asyncio.sleep(random.uniform(0, self.cards_pause))
        try:
            await self.refresh_shown()
        except (NetworkError, ApiError, SessionEnded) as error:
            log.info("old cards not fetched", extra={"reason": type(error).__name__})
        finally:
            self._refreshing = False

    async def refresh_changed(self) -> None:
        """Fetch those of the kept cards that changed while one was away, and was told of nothing.

        One small question with each connection; ids go over only when anybody's card changed since the last.
        """
        after = await self._store.read(lambda db: sync_state.get(db, sync_state.CARDS))
        news = await self._api.changed_cards(after, [])
        if news.everybody:
            await self._store.write(people.outdate)
        elif news.some:
            kept = await self._store.read(lambda db: people.newest(db, _MOST_PEOPLE), background=True)
            for start in range(0, len(kept), _AT_ONCE):
                found = await self._api.changed_cards(after, kept[start : start + _AT_ONCE])
                await self._store.write(lambda db, cards=found.people: people.put(db, cards, _now()))
        if news.event_id != after:
            await self._store.write(lambda db: sync_state.put(db, sync_state.CARDS, news.event_id))

    async def refresh_shown(self) -> None:
        """Fetch the cards of the newest conversations anew where they are old: what is told to nobody, such as a changed rule of visibility."""

        def old(db: Reader) -> list[str]:
            wanted: list[str] = []
            for row in conversations.overview(db)[:_SHOWN]:
                wanted += [row.peer_id, *row.sample_members]
            return people.older(db, wanted, _now() - _OLD_MS)[:_PAGE]

        found = await self._store.read(old, background=True)
        if found:
            await self.fetch(found)

    async def search(self, text: str, limit: int = 30) -> SearchResult:
        """People and units; people of the cache alone when offline."""
        if not text.strip():
            return SearchResult(people=[], units=[])
        if self._connected():
            try:
                found = await self._api.search_directory(text.strip()[:100], limit)
            except NetworkError:
                pass
            else:
                await self._store.write(lambda db: people.put(db, found.people, _now()))
                return found
        cached = await self._store.read(lambda db: people.search(db, text, limit))
        return SearchResult(people=cached, units=[])

    async def _whole_unit(self, unit_id: str) -> UnitChildren:
        children = await self._api.unit_children(unit_id, limit=_PAGE)
        found = list(children.people)
        while len(found) < min(children.people_total, _MOST_PEOPLE):
            page = await self._api.unit_children(children.unit.id, offset=len(found), limit=_PAGE)
            if not page.people:
                break
            found += page.people
        return msgspec.structs.replace(children, people=found)


def _now() -> int:
    return int(time.time() * 1000)
