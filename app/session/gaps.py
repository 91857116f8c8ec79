"""What the store lacks: messages by their numbers, fetched when shown or near the newest, and the names of their senders."""

import asyncio
import logging
import time

from app.session.api import ApiClient
from app.session.applying import Applying
from app.session.side_work import SideWork
from app.store.database import Reader, Writer
from app.store.queries import conversations, messages, people, places, ranges
from app.store.store import Store
from server_stub.contract.errors import ApiError
from server_stub.contract.events import MessageEvent, ReactionEvent

log = logging.getLogger(__name__)

_PAGE = 200
_FIRST_WINDOW = 30
_NEAR = 400
"""How far behind the newest message holes are filled unasked."""


class Gaps:
    """Messages are numbered without gaps on the server: a number that is not here is one not fetched yet."""

    def __init__(self, store: Store, api: ApiClient, applying: Applying) -> None:
        self._store = store
        self._api = api
        self._applying = applying
        self._pages: dict[tuple[str, int | None, int | None], asyncio.Task[None]] = {}
        self._people_wanted: set[str] = set()
        self._side = SideWork()

    async def close(self) -> None:
        """Give up what is being fetched."""
        await self._side.close()
        pages = list(self._pages.values())
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)

    async def fetch_page(
        self,
        conversation_id: str,
        *,
        before_seq: int | None = None,
        after_seq: int | None = None,
        limit: int = _PAGE,
    ) -> None:
        """Fetch one page by number; the same page asked for twice at once is fetched once."""
        key = (conversation_id, before_seq, after_seq)
        task = self._pages.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(
                self._fetch_page(conversation_id, before_seq, after_seq, limit)
            )
            self._pages[key] = task
            task.add_done_callback(lambda _done: self._pages.pop(key, None))
        await asyncio.shield(task)

    async def _fetch_page(
        self, conversation_id: str, before_seq: int | None, after_seq: int | None, limit: int
    ) -> None:
        page = await self._api.messages(
            conversation_id, before_seq=before_seq, after_seq=after_seq, limit=limit
        )
        await self._applying.apply(
            [
                *(MessageEvent(event_id=m.event_id, message=m) for m in page.messages),
                *(ReactionEvent(event_id=r.event_id, reaction=r) for r in page.reactions),
            ],
            live=False,
        )
        low = page.first_seq if after_seq is None else max(page.first_seq, after_seq + 1)
        high = page.last_seq if before_seq is None else min(page.last_seq, before_seq - 1)
        if len(page.messages) >= limit:
            # A full page covers its own span only; a short one covers all that was asked for.
            if after_seq is not None:
                high = page.messages[-1].seq
            else:
                low = page.messages[0].seq

        def work(db: Writer) -> None:
            number = places.number_of(db, conversation_id)
            if number is not None:
                ranges.add(db, number, low, high)
                db.run(
                    "UPDATE conversations SET first_seq = max(first_seq, ?) WHERE number = ?",
                    (page.first_seq, number),
                )

        await self._store.write(work)

    async def fill(self, conversation_id: str, first_seq: int, last_seq: int) -> None:
        """Fetch what is missing between two numbers (inclusive). Raises NetworkError, ApiError."""

        def holes(db: Reader) -> list[tuple[int, int]]:
            number = places.number_of(db, conversation_id)
            bounds = conversations.bounds(db, conversation_id)
            if number is None or bounds is None:
                return []
            return ranges.gaps(db, number, max(first_seq, bounds[0]), min(last_seq, bounds[1]))

        while True:
            missing = await self._store.read(holes)
            if not missing:
                return
            # From the newer end: that is where the user looks.
            low, high = missing[-1]
            await self.fetch_page(
                conversation_id,
                before_seq=high + 1,
                after_seq=low - 1 if high - low < _PAGE else None,
                limit=_PAGE,
            )
            if await self._store.read(holes) == missing:
                return  # The server gives nothing for these numbers; do not ask for ever.

    async def first_windows(self) -> None:
        """After a reset the newest messages of each conversation, the most active first."""
        ids = await self._store.read(_without_newest)
        queue = list(reversed(ids))

        async def work() -> None:
            while queue:
                await self._fill_quietly(queue.pop())

        await asyncio.gather(*(work() for _ in range(4)))

    async def _fill_quietly(self, conversation_id: str) -> None:
        try:
            await self.fetch_page(conversation_id, limit=_FIRST_WINDOW)
        except ApiError as error:
            log.info("no first window", extra={"code": error.code.value})

    def look_around(self, touched: set[str], *, live: bool) -> None:
        """What follows from a batch, in the background: names of senders, holes near the newest message."""
        if touched:
            self._side.start(self._fetch_people(touched))
            if live:
                for conversation_id in touched:
                    self._side.start(self._mend(conversation_id))

    async def _mend(self, conversation_id: str) -> None:
        bounds = await self._store.read(lambda db: conversations.bounds(db, conversation_id))
        if bounds is None:
            return
        known = await self._store.read(lambda db: self._oldest_known(db, conversation_id))
        # Only holes between what we have and what came: older history waits until it is shown. All of them, for a fetch
        # that failed in one outage leaves a hole behind the next one.
        low = max(bounds[0], bounds[1] - _NEAR, known)
        await self.fill(conversation_id, low, bounds[1])

    @staticmethod
    def _oldest_known(db: Reader, conversation_id: str) -> int:
        number = places.number_of(db, conversation_id)
        every = [] if number is None else ranges.all_of(db, number)
        return every[0][0] if every else 0

    async def _fetch_people(self, touched: set[str]) -> None:
        """Names for the lists: senders, peers, sample members that the cache does not have."""

        def absent(db: Reader) -> list[str]:
            wanted: list[str] = []
            for row in conversations.overview(db, touched, hidden=True):
                wanted += [row.peer_id, *row.sample_members]
                wanted += [m.sender_id for m in messages.newest(db, row.id, 60)]
            return people.missing(db, wanted)

        missing = [p for p in await self._store.read(absent) if p not in self._people_wanted]
        if not missing:
            return
        self._people_wanted.update(missing)
        try:
            cards = await self._api.people(missing)
            await self._store.write(lambda db: people.put(db, cards, int(time.time() * 1000)))
            changed = set(touched)

            def tell(db: Writer) -> None:
                for conversation_id in changed:
                    db.changed("conversations", conversation_id, [conversation_id])

            await self._store.write(tell)
        finally:
            self._people_wanted.difference_update(missing)


def _without_newest(db: Reader) -> list[str]:
    """Conversations whose newest message is not known for sure, the most active first."""
    found: list[str] = []
    for conversation_id in conversations.all_ids(db):
        number, bounds = places.number_of(db, conversation_id), conversations.bounds(db, conversation_id)
        if number is None or bounds is None or bounds[1] < bounds[0]:
            continue
        if ranges.gaps(db, number, bounds[1], bounds[1]):
            found.append(conversation_id)
    return found
