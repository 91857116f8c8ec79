"""The only writer of server facts: pages of GET /sync, live events, acknowledgements, and gaps by number."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.session.api import ApiClient
from app.session.http import SessionEnded
from app.session.keys import Keys
from app.session.states import NetworkError
from app.store.commands import SendCommand
from app.store.database import Reader, Writer
from app.store.queries import (
    conversations,
    groups,
    members,
    messages,
    outbox,
    people,
    personal,
    places,
    ranges,
    reactions,
    settings,
    sync_state,
)
from app.store.records import Command, MessageState
from app.store.store import Store
from server_stub.contract.content import AnyContent, Unknown, decode_content
from server_stub.contract.conversations import Conversation, Member, Message, Reaction
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import (
    AnyEvent,
    ConversationEvent,
    JoinRequestEvent,
    MemberEvent,
    MessageEvent,
    PersonalEvent,
    PersonEvent,
    ReactionEvent,
    RelationEvent,
    SettingEvent,
    SpaceEvent,
    StatusEvent,
    SyncPage,
)
from server_stub.contract.frames import Ack

log = logging.getLogger(__name__)

Opened = tuple[Message, MessageState, AnyContent | Unknown | None]

_PAGE = 200
_EVENTS = 500
_FEWEST_EVENTS = 20
"""Events a page of GET /sync: as many when all is well, as few where the network tears larger answers."""
_FIRST_WINDOW = 30
_NEAR = 400
"""How far behind the newest message holes are filled unasked."""
_WINDOWS_DUE = "windows_due"
"""1 while the newest messages of the conversations have yet to be fetched after a reset."""
_CATCH_UP_EVENTS = 300
_CATCH_UP_SECONDS = 300.0


@dataclass(slots=True)
class Applied:
    """What a batch brought, for notifications and delivery marks."""

    new: list[Message] = field(default_factory=list)
    """Messages that were not in the store before."""
    conversations: set[str] = field(default_factory=set)
    """Conversations with messages in the batch."""


class Sync:
    """Idempotent: any event may come twice, late, or in another order; the store ends up the same."""

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        keys: Keys,
        me: str,
        *,
        on_applied: Callable[[Applied, bool], None] = lambda _applied, _live: None,
        on_refused: Callable[[Message, str], None] = lambda _message, _reason: None,
        on_caught_up: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_refused(message, reason)` for each message that is not what its sender sealed ("tampered", "replayed");
        `on_applied(applied, live)` after each batch; `on_caught_up` when nothing is known to be missing."""
        self._store = store
        self._api = api
        self._keys = keys
        self._me = me
        self._on_applied = on_applied
        self._on_refused = on_refused
        self._on_caught_up = on_caught_up
        self._inbox: list[AnyEvent] = []
        self._news = asyncio.Event()
        self._wanted = asyncio.Event()
        self._pausing = False
        self._tasks: list[asyncio.Task[None]] = []
        self._applying = asyncio.Lock()
        self._side: set[asyncio.Task[None]] = set()
        self._closed = False
        self._pages: dict[tuple[str, int | None, int | None], asyncio.Task[None]] = {}
        self._people_wanted: set[str] = set()
        self._live_since = 0
        self._events_at_once = _EVENTS
        self._last_full = 0.0
        self._connected = False

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
        tasks = [*self._tasks, *self._side, *self._pages.values()]
        self._tasks = []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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
            await self.apply(page.events, live=False, position=page.next)
            position = page.next
            if not page.more:
                break
        if await self._store.read(lambda db: sync_state.get(db, _WINDOWS_DUE)):
            await self._first_windows()
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

    async def _first_windows(self) -> None:
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

    # Applying.

    async def _take_live(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            batch, self._inbox = self._inbox, []
            if not batch:
                continue
            try:
                await self.apply(batch, live=True)
            except SessionEnded:
                continue
            except Exception as error:
                # Nothing is lost: the position has not moved, the next catch-up brings these again.
                log.warning("live events not applied", extra={"error": type(error).__name__})
                self._wanted.set()

    async def apply(self, events: Sequence[AnyEvent], *, live: bool, position: int | None = None) -> Applied:
        """Write a batch in one transaction, with the position that it completes."""
        async with self._applying:
            found = [e.message for e in events if isinstance(e, MessageEvent)]
            put = [e.reaction for e in events if isinstance(e, ReactionEvent)]
            fresh = await self._unknown_conversations(events)
            await self._keys.load({m.conversation_id for m in (*found, *put)})
            try:
                await self._keys.ensure_for([*found, *put])
            except (NetworkError, ApiError) as error:
                # They are kept sealed, and opened when the key comes.
                log.info("keys not fetched", extra={"reason": type(error).__name__})
            opened = await self._open(found)
            emoji = [(one, self._keys.open_reaction(one)) for one in put]

            refused: list[tuple[Message, str]] = []

            def work(db: Writer) -> Applied:
                copies = messages.replayed(db, found)
                checked = [
                    (m, MessageState.DAMAGED, None)
                    if (m.conversation_id, m.seq) in copies
                    else (m, state, content)
                    for m, state, content in opened
                ]
                refused[:] = [
                    (m, "replayed" if (m.conversation_id, m.seq) in copies else "tampered")
                    for m, state, _ in checked
                    if state is MessageState.DAMAGED
                ]
                done = self._write_batch(db, fresh, events, checked, position)
                for reaction, content in emoji:
                    reactions.put(db, reaction, None if content is None else content.emoji)
                return done

            applied = await self._store.write(work)
        for message, reason in refused:
            self._on_refused(message, reason)
        self._on_applied(applied, live)
        self._after(applied.conversations, live=live)
        return applied

    async def _open(self, found: list[Message]) -> list[Opened]:
        if len(found) > 20:
            return await asyncio.to_thread(lambda: [(m, *self._keys.open(m)) for m in found])
        return [(m, *self._keys.open(m)) for m in found]

    async def _unknown_conversations(self, events: Iterable[AnyEvent]) -> list[Conversation]:
        """A message may come before the news of its conversation."""
        coming = {e.conversation.id for e in events if isinstance(e, ConversationEvent)}
        wanted: set[str] = set()
        for event in events:
            if isinstance(event, MessageEvent):
                wanted.add(event.message.conversation_id)
            elif isinstance(event, MemberEvent) and event.member.person_id == self._me:
                wanted.add(event.member.conversation_id)
            elif isinstance(event, ReactionEvent):
                wanted.add(event.reaction.conversation_id)
        wanted -= coming
        if not wanted:
            return []
        known = await self._store.read(
            lambda db: {id_ for id_ in wanted if places.number_of(db, id_) is not None}
        )
        fetched: list[Conversation] = []
        for id_ in wanted - known:
            try:
                fetched.append(await self._api.conversation(id_))
            except ApiError as error:
                log.info("unknown conversation", extra={"code": error.code.value})
        return fetched

    def _write_batch(
        self,
        db: Writer,
        fresh: list[Conversation],
        events: Sequence[AnyEvent],
        opened: list[Opened],
        position: int | None,
    ) -> Applied:
        for conversation in fresh:
            conversations.put(db, conversation)
        for event in events:
            if isinstance(event, ConversationEvent):
                conversations.put(db, event.conversation)
            elif isinstance(event, PersonEvent):
                people.put(db, [event.person], _now())
        for event in events:
            if isinstance(event, MemberEvent):
                members.put(db, event.member)
                db.changed("conversations", event.member.conversation_id, [event.member.conversation_id])
            elif isinstance(event, SettingEvent):
                settings.put(db, event.setting)
            else:
                _put_more(db, event)
        applied = self._write_messages(db, opened)
        if position is not None:
            sync_state.put(db, sync_state.POSITION, position)
        return applied

    def _write_messages(self, db: Writer, opened: list[Opened]) -> Applied:
        applied = Applied()
        for message, state, content in opened:
            number = places.number_of(db, message.conversation_id)
            if number is None:
                continue  # Not ours (any more): the server refused the conversation.
            bounds = conversations.bounds(db, message.conversation_id)
            if bounds is not None and message.seq < bounds[0]:
                continue  # The user cleared it before the server heard of that.
            row_id = places.message_id(number, message.seq)
            new = db.one("SELECT 1 FROM messages WHERE id = ?", (row_id,)) is None
            messages.put(db, message, state, content, me=self._me)
            ranges.add(db, number, message.seq, message.seq)
            applied.conversations.add(message.conversation_id)
            if new:
                applied.new.append(message)
        return applied

    async def apply_ack(self, command: Command, ack: Ack) -> None:
        """The server has a message of ours: it becomes an acknowledged row, and leaves the outbox."""

        def work(db: Writer) -> None:
            payload = outbox.get(db, command.client_id) or command
            send = outbox.payload_of(payload)
            if not isinstance(send, SendCommand):
                return
            message = Message(
                conversation_id=ack.conversation_id,
                seq=ack.seq,
                event_id=ack.event_id,
                client_id=ack.client_id,
                sender_id=self._me,
                sent_at=ack.sent_at,
                file_ids=send.file_ids,
            )
            self._write_messages(db, [(message, MessageState.OPENED, decode_content(send.content))])

        await self._store.write(work)
        self._after({ack.conversation_id}, live=True)

    async def apply_messages(self, found: list[Message]) -> None:
        """Take rows that came as the answer to a call."""
        await self.apply([MessageEvent(event_id=m.event_id, message=m) for m in found], live=False)

    async def apply_reaction(self, reaction: Reaction) -> None:
        """Take a reaction that came as the answer to a call."""
        await self.apply([ReactionEvent(event_id=reaction.event_id, reaction=reaction)], live=False)

    async def apply_conversation(self, conversation: Conversation) -> None:
        """Take a conversation that came as the answer to a call."""
        event = ConversationEvent(event_id=conversation.event_id, conversation=conversation)
        await self.apply([event], live=False)

    async def apply_member(self, member: Member) -> None:
        """Take a membership that came as the answer to a call."""
        await self.apply([MemberEvent(event_id=member.event_id, member=member)], live=False)

    # Gaps.

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
        await self.apply(
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

    def _after(self, touched: set[str], *, live: bool) -> None:
        """What follows from a batch, in the background: names of senders, holes near the newest message."""
        if touched:
            self._spawn(self._fetch_people(touched))
            if live:
                for conversation_id in touched:
                    self._spawn(self._mend(conversation_id))

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

    async def reopen(self) -> None:
        """Try again to open what waits for a key."""
        waiting = await self._store.read(messages.sealed)
        if waiting:
            await self.apply([MessageEvent(event_id=m.event_id, message=m) for _, m in waiting], live=False)
        emoji = await self._store.read(reactions.sealed)
        if emoji:
            await self.apply([ReactionEvent(event_id=r.event_id, reaction=r) for r in emoji], live=False)

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
            await self._store.write(lambda db: people.put(db, cards, _now()))
            changed = set(touched)

            def tell(db: Writer) -> None:
                for conversation_id in changed:
                    db.changed("conversations", conversation_id, [conversation_id])

            await self._store.write(tell)
        finally:
            self._people_wanted.difference_update(missing)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return

        async def quietly() -> None:
            try:
                await work
            except (NetworkError, SessionEnded):
                return
            except ApiError as error:
                if error.code is not ErrorCode.NOT_FOUND:
                    log.info("not fetched", extra={"code": error.code.value})

        task = asyncio.get_running_loop().create_task(quietly())
        self._side.add(task)
        task.add_done_callback(self._side.discard)
        # Cancelled before its first step, it has not touched `work`.
        task.add_done_callback(lambda _done: work.close())


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


def _put_more(db: Writer, event: AnyEvent) -> None:
    """Rows of groups and of the account alone."""
    match event:
        case JoinRequestEvent():
            groups.put_request(db, event.request)
        case SpaceEvent():
            groups.put_entry(db, event.entry)
        case PersonalEvent():
            personal.put_item(db, event.item)
        case RelationEvent():
            personal.put_relation(db, event.relation)
        case StatusEvent():
            personal.put_status(db, event.status)
        case _:
            return


def _begin_afresh(db: Writer) -> None:
    """A reset brings no messages: what we have may be out of date, and the newest must be fetched."""
    ranges.forget(db)
    reactions.begin_afresh(db)
    sync_state.put(db, _WINDOWS_DUE, 1)


def _now() -> int:
    return int(time.time() * 1000)
