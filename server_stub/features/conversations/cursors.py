"""Moves read and delivered cursors, many in one transaction; they go forward only."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, text, tuple_

from server_stub.contract.conversations import Member
from server_stub.contract.events import MemberEvent
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .limits import Limits
from .rooms import Room, RoomCache, load_rooms
from .tables import conversation_heads, conversations, members
from .views import member_view

log = logging.getLogger(__name__)
_MAX_BATCH = 400
_MAX_WAITING = 100_000

Key = tuple[str, str]
"""Person id, conversation id."""


@dataclass(slots=True)
class _Move:
    read_seq: int = 0
    delivered_seq: int = 0
    origin: object | None = None


@dataclass(slots=True)
class _Moved:
    row: Row[Any]
    room: Room
    origin: object | None


_UPDATE = text(
    "UPDATE conversation_members SET read_seq = :r, delivered_seq = :d, event_id = :e"
    " WHERE conversation_no = :n AND person_id = :p"
)


class CursorKeeper:
    """Collects moves on the event loop; a later move of the same cursor replaces an earlier one that waits.

    Moves of people who are not members, and moves beyond the last message, do nothing or are cut short: a client
    learns nothing from them. A lost move is made good by the next one, so callers need not wait.
    """

    def __init__(self, database: Database, cache: RoomCache, publisher: Publisher, limits: Limits) -> None:
        self._database = database
        self._cache = cache
        self._publisher = publisher
        self._limits = limits
        self._waiting: dict[Key, _Move] = {}
        self._waiters: list[asyncio.Future[None]] = []
        self._flushing = False

    def move(
        self,
        person_id: str,
        conversation_id: str,
        *,
        read_seq: int = 0,
        delivered_seq: int = 0,
        origin: object | None = None,
    ) -> None:
        """Move forward to the given numbers; reading implies delivery."""
        key = (person_id, conversation_id)
        move = self._waiting.get(key)
        if move is None:
            if len(self._waiting) >= _MAX_WAITING:
                return
            move = self._waiting[key] = _Move()
        move.read_seq = max(move.read_seq, read_seq)
        move.delivered_seq = max(move.delivered_seq, delivered_seq, read_seq)
        move.origin = origin
        if not self._flushing:
            self._flush()

    async def settled(self) -> None:
        """Wait until what was asked for so far is on disk."""
        if self._flushing or self._waiting:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def _flush(self) -> None:
        batch = dict(list(self._waiting.items())[:_MAX_BATCH])
        for key in batch:
            del self._waiting[key]
        self._flushing = True
        loop = asyncio.get_running_loop()
        try:
            future = self._database.submit(lambda connection: self._apply(connection, batch))
        except RuntimeError:
            # The database is closed: the server is going down.
            self._flushing = False
            self._release()
            return
        future.add_done_callback(lambda done: loop.call_soon_threadsafe(self._applied, done))

    def _applied(self, future: "Future[tuple[list[_Moved], dict[str, Room]]]") -> None:
        if self._waiting:
            self._flush()
        else:
            self._flushing = False
            self._release()
        error = future.exception()
        if error is not None:
            log.error("cursors not moved", extra={"error": type(error).__name__})
            return
        moved, rooms = future.result()
        for room in rooms.values():
            self._cache.put(room)
        self._publisher.publish([self._event(one) for one in moved])

    def _release(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _event(self, moved: _Moved) -> Outgoing:
        member = member_view(moved.row, moved.room.id)
        event = MemberEvent(event_id=member.event_id, member=member)
        if len(moved.room.seats) > self._limits.cursor_audience or not moved.room.rules.receipts:
            return Outgoing(event, [member.person_id], origin=moved.origin)
        return Outgoing(event, moved.room.seats.keys(), origin=moved.origin)

    def _apply(self, connection: Connection, batch: dict[Key, _Move]) -> tuple[list[_Moved], dict[str, Room]]:
        wanted = {conversation_id for _person, conversation_id in batch}
        numbers: dict[str, int] = {
            row.id: row.number
            for row in connection.execute(
                select(conversations.c.id, conversations.c.number).where(conversations.c.id.in_(wanted))
            )
        }
        keys = {
            (numbers[conversation_id], person_id): (person_id, conversation_id)
            for person_id, conversation_id in batch
            if conversation_id in numbers
        }
        ahead: list[tuple[str, str, int, dict[str, Any]]] = []
        for row in self._rows(connection, sorted(keys)):
            key = keys[(row.conversation_no, row.person_id)]
            move = batch[key]
            read = max(row.read_seq, min(move.read_seq, row.head_seq))
            delivered = max(row.delivered_seq, min(move.delivered_seq, row.head_seq))
            if read > row.read_seq or delivered > row.delivered_seq:
                values = {"n": row.conversation_no, "p": row.person_id, "r": read, "d": delivered}
                ahead.append((*key, row.version, values))
        if not ahead:
            return [], {}
        loaded = self._fresh_rooms(connection, {key[1]: key[2] for key in ahead})
        for one, event_id in zip(ahead, next_event_ids(connection, len(ahead)), strict=True):
            one[3]["e"] = event_id
        connection.execute(_UPDATE, [one[3] for one in ahead])
        after = {
            (row.conversation_no, row.person_id): row
            for row in connection.execute(
                select(members).where(
                    tuple_(members.c.conversation_no, members.c.person_id).in_(
                        [(one[3]["n"], one[3]["p"]) for one in ahead]
                    )
                )
            )
        }
        moved: list[_Moved] = []
        for person_id, conversation_id, _version, values in ahead:
            room = loaded.get(conversation_id) or self._cache.get(conversation_id)
            if room is not None:
                origin = batch[(person_id, conversation_id)].origin
                moved.append(_Moved(after[(values["n"], values["p"])], room, origin))
        return moved, loaded

    @staticmethod
    def _rows(connection: Connection, keys: Sequence[tuple[int, str]]) -> Sequence[Any]:
        if not keys:
            return []
        # Locked in the order of the key, so that two writers cannot wait for each other.
        return connection.execute(
            select(
                members.c.conversation_no,
                members.c.person_id,
                members.c.read_seq,
                members.c.delivered_seq,
                conversation_heads.c.last_seq.label("head_seq"),
                conversation_heads.c.version,
            )
            .join(conversation_heads, conversation_heads.c.conversation_no == members.c.conversation_no)
            .where(
                tuple_(members.c.conversation_no, members.c.person_id).in_(keys), members.c.left.is_(False)
            )
            .order_by(members.c.conversation_no, members.c.person_id)
            .with_for_update(of=members)
        ).all()

    def _fresh_rooms(self, connection: Connection, versions: dict[str, int]) -> dict[str, Room]:
        stale: list[str] = []
        for conversation_id, version in versions.items():
            room = self._cache.get(conversation_id)
            if room is None or room.version != version:
                stale.append(conversation_id)
        return load_rooms(connection, stale)


def own_member(connection: Connection, number: int, person_id: str, conversation_id: str) -> Member:
    """Return one's own row."""
    row = connection.execute(
        select(members).where(members.c.conversation_no == number, members.c.person_id == person_id)
    ).one()
    return member_view(row, conversation_id)
