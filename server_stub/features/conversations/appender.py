"""The hot path of sending: collects drafts on the event loop and writes many in one transaction."""

import asyncio
import logging
from collections import deque
from concurrent.futures import Future

from sqlalchemy.exc import OperationalError

from server_stub.contract.conversations import Sent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import MessageEvent
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.storage.database import Database

from .rooms import RoomCache
from .writer import Appended, Draft, MessageWriter, Written, check_draft

log = logging.getLogger(__name__)

_MAX_BATCH = 1000
_MAX_BATCH_BYTES = 8 * 1024 * 1024
_MAX_WAITING = 50_000
_MAX_WAITING_BYTES = 256 * 1024 * 1024


class MessageAppender:
    """One flush is under way at a time; what arrives meanwhile shares the next one.

    So drafts of one conversation keep their order, a lone draft waits for one commit only, and the busier the
    server is the more messages one fdatasync carries. Lives on one event loop.
    """

    def __init__(
        self, database: Database, writer: MessageWriter, cache: RoomCache, publisher: Publisher
    ) -> None:
        self._database = database
        self._writer = writer
        self._cache = cache
        self._publisher = publisher
        self._waiting: deque[Draft] = deque()
        self._waiting_bytes = 0
        self._flushing = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, draft: Draft) -> Sent:
        """Append one draft and wait for its commit; raises ApiError."""
        outcome: asyncio.Future[Written | ApiError] = asyncio.get_running_loop().create_future()

        def done(value: Written | ApiError) -> None:
            if not outcome.done():
                outcome.set_result(value)

        draft.done = done
        self.submit(draft)
        result = await outcome
        if isinstance(result, ApiError):
            raise result
        return result.sent

    def submit(self, draft: Draft) -> None:
        """Take a draft; `draft.done` is called once with the outcome, after the commit."""
        refusal = check_draft(draft)
        if refusal is None and (
            len(self._waiting) >= _MAX_WAITING or self._waiting_bytes >= _MAX_WAITING_BYTES
        ):
            refusal = ApiError(ErrorCode.OVERLOADED, retry_after=1.0)
        if refusal is not None:
            _tell(draft, refusal)
            return
        self._waiting.append(draft)
        self._waiting_bytes += len(draft.body)
        if not self._flushing:
            self._flush()

    def _flush(self) -> None:
        batch: list[Draft] = []
        size = 0
        while self._waiting and len(batch) < _MAX_BATCH and size < _MAX_BATCH_BYTES:
            draft = self._waiting.popleft()
            size += len(draft.body)
            batch.append(draft)
        self._waiting_bytes -= size
        self._flushing = True
        self._write([batch])

    def _write(self, batches: list[list[Draft]]) -> None:
        """Write the first of `batches`; the others follow when it is done."""
        loop = self._loop = self._loop or asyncio.get_running_loop()
        batch = batches[0]
        try:
            future = self._database.submit(lambda connection: self._writer.append(connection, batch))
        except RuntimeError:
            # The database is closed: the server is going down, and nothing of this was acknowledged.
            self._flushing = False
            for unsent in [draft for batch in batches for draft in batch]:
                _tell(unsent, ApiError(ErrorCode.UNAVAILABLE, retry_after=1.0))
            return
        future.add_done_callback(lambda done: loop.call_soon_threadsafe(self._written, done, batches))

    def _written(self, future: "Future[Appended]", batches: list[list[Draft]]) -> None:
        batch, rest = batches[0], batches[1:]
        error = future.exception()
        if error is not None and len(batch) > 1 and not isinstance(error, OperationalError):
            # One draft spoils the others: find it by halves, in order.
            half = len(batch) // 2
            rest = [batch[:half], batch[half:], *rest]
            batch = []
        if rest:
            self._write(rest)
        elif self._waiting:
            self._flush()
        else:
            self._flushing = False
        if error is not None:
            log.error("messages not written", extra={"count": len(batch), "error": type(error).__name__})
            for draft in batch:
                _tell(draft, ApiError(ErrorCode.UNAVAILABLE, retry_after=1.0))
            return
        self._announce(batch, future.result())

    def _announce(self, batch: list[Draft], appended: Appended) -> None:
        for room in appended.rooms.values():
            self._cache.put(room)
        events: list[Outgoing] = []
        for draft, outcome in zip(batch, appended.outcomes, strict=True):
            _tell(draft, outcome)
            if isinstance(outcome, Written) and not outcome.duplicate:
                events.append(message_event(outcome, draft.origin))
        self._publisher.publish(events)


def message_event(written: Written, origin: object | None = None) -> Outgoing:
    """Return the event of a new message, for all members."""
    message = written.message
    return Outgoing(
        event=MessageEvent(event_id=message.event_id, message=message),
        people=written.room.seats.keys(),
        room=(written.room.id, written.room.version),
        origin=origin,
    )


def _tell(draft: Draft, outcome: Written | ApiError) -> None:
    if draft.done is None:
        return
    try:
        draft.done(outcome)
    except Exception:
        log.exception("an acknowledgement could not be delivered")
