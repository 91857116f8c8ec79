"""Brings what the server has: live events in batches, and pages of GET /sync from the position that the store has reached."""

import asyncio
import logging
import time
from collections.abc import Callable

from app.session.api import ApiClient
from app.session.applying import Applied, Applying
from app.session.gaps import Gaps
from app.session.http import SessionEnded
from app.session.states import NetworkError
from app.store.database import Writer
from app.store.queries import ranges, reactions, sync_state
from app.store.store import Store
from server_stub.contract.errors import ApiError
from server_stub.contract.events import AnyEvent, SyncPage

log = logging.getLogger(__name__)

_EVENTS = 500
_FEWEST_EVENTS = 20
"""Events a page of GET /sync: as many when all is well, as few where the network tears larger answers."""
_WINDOWS_DUE = "windows_due"
"""1 while the newest messages of the conversations have yet to be fetched after a reset."""
_CATCH_UP_EVENTS = 300
_CATCH_UP_SECONDS = 300.0


class Sync:
    """Owns when something is fetched and in which order; what is written is `Applying`'s, what is missing `Gaps`'."""

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        applying: Applying,
        gaps: Gaps,
        *,
        on_applied: Callable[[Applied, bool], None] = lambda _applied, _live: None,
        on_caught_up: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_applied(applied, live)` after each batch; `on_caught_up` when nothing is known to be missing."""
        self._store = store
        self._api = api
        self._applying = applying
        self._gaps = gaps
        self._on_applied = on_applied
        self._on_caught_up = on_caught_up
        self._inbox: list[AnyEvent] = []
        self._news = asyncio.Event()
        self._wanted = asyncio.Event()
        self._pausing = False
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False
        self._live_since = 0
        self._events_at_once = _EVENTS
        self._last_full = 0.0
        self._connected = False
        applying.on_applied = self._after

    def start(self) -> None:
        """Begin to take live events and to catch up when told."""
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = [
                loop.create_task(self._take_live(), name="sync-live"),
                loop.create_task(self._catch_up_loop(), name="sync-pages"),
            ]

    async def close(self) -> None:
        """Stop; what was not applied comes again with the next catch-up."""
        self._closed = True
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._gaps.close()

    def connected(self) -> None:
        """The link is signed in: catch up from the position."""
        self._connected = True
        self._wanted.set()

    def disconnected(self) -> None:
        """The link is gone: wait for the next one."""
        self._connected = False
        self._wanted.clear()

    def live(self, event: AnyEvent) -> None:
        """Take an event from the link; applied in batches, in the order of arrival."""
        self._inbox.append(event)
        self._news.set()
        self._live_since += 1
        if self._live_since >= _CATCH_UP_EVENTS or (
            self._connected and time.monotonic() - self._last_full > _CATCH_UP_SECONDS
        ):
            # Moves the position forward, and shows events that were lost on the way.
            self._wanted.set()

    async def afresh(self) -> None:
        """Forget the position: the next catch-up brings conversations whole and the newest messages again."""
        await self._store.write(lambda db: sync_state.put(db, sync_state.POSITION, 0))
        if self._connected:
            self._wanted.set()

    # Catching up.

    async def catch_up(self) -> None:
        """Fetch everything missed. Raises NetworkError, ApiError, SessionEnded."""
        position = await self._store.read(lambda db: sync_state.get(db, sync_state.POSITION))
        self._live_since = 0
        while True:
            page = await self._sync_page(position)
            if page.reset:
                await self._store.write(_begin_afresh)
            await self._applying.apply(page.events, live=False, position=page.next)
            position = page.next
            if not page.more:
                break
        if await self._store.read(lambda db: sync_state.get(db, _WINDOWS_DUE)):
            await self._gaps.first_windows()
            await self._store.write(lambda db: sync_state.put(db, _WINDOWS_DUE, 0))
        self._last_full = time.monotonic()

    async def _sync_page(self, position: int) -> SyncPage:
        """One page; after a failure the next one is asked for in half the size, so that it gets through."""
        try:
            page = await self._api.sync(position, self._events_at_once)
        except NetworkError:
            self._events_at_once = max(_FEWEST_EVENTS, self._events_at_once // 2)
            raise
        self._events_at_once = min(_EVENTS, self._events_at_once * 2)
        return page

    async def _catch_up_loop(self) -> None:
        pause = 0.5
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.catch_up()
            except SessionEnded:
                continue  # The link hears of it too and ends the session.
            except (NetworkError, ApiError) as error:
                if self._closed:
                    return  # A failure in the moment of closing may come instead of the cancellation.
                log.info("catching up failed", extra={"reason": type(error).__name__})
                wait = max(pause, getattr(error, "retry_after", 0.0))
                pause = min(pause * 2, 20.0)
                await self._pause(wait)
                if self._connected:
                    self._wanted.set()
                continue
            pause = 0.5
            if self._connected:
                self._on_caught_up()

    def hint(self) -> None:
        """The network may be better now: what waits for another try does not wait on."""
        if self._pausing:
            self._wanted.set()

    async def _pause(self, seconds: float) -> None:
        """Wait before another try; a new connection ends the pause, however long it has grown."""
        self._pausing = True
        try:
            async with asyncio.timeout(seconds):
                await self._wanted.wait()
        except TimeoutError:
            return
        finally:
            self._pausing = False

    # Live.

    def _after(self, applied: Applied, live: bool) -> None:
        self._on_applied(applied, live)
        self._gaps.look_around(applied.conversations, live=live)

    async def _take_live(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            batch, self._inbox = self._inbox, []
            if not batch:
                continue
            try:
                await self._applying.apply(batch, live=True)
            except SessionEnded:
                continue
            except Exception as error:
                # Nothing is lost: the position has not moved, the next catch-up brings these again.
                log.warning("live events not applied", extra={"error": type(error).__name__})
                self._wanted.set()


def _begin_afresh(db: Writer) -> None:
    """A reset brings no messages: what we have may be out of date, and the newest must be fetched."""
    ranges.forget(db)
    reactions.begin_afresh(db)
    sync_state.put(db, _WINDOWS_DUE, 1)
