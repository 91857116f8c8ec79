"""Key epochs of conversations for key management: counting, rotation, destruction (一话一密, 紧急销密)."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from server_stub.contract.conversations import ConversationKind
from server_stub.storage.database import Database

from .changes import Change, finish, store_key
from .ports import Wrapped
from .tables import conversation_heads, conversations, epochs, members, messages

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Extent:
    """What a destruction touches. `groups`: those that only get a new key."""

    name: str
    conversations: list[str]
    groups: list[str]
    keys: int
    messages: int
    people: int


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One key of a conversation; times in Unix milliseconds."""

    conversation_id: str
    name: str
    epoch: int
    state: str
    created_at: int
    destroyed_at: int
    kek_id: int


@dataclass(frozen=True, slots=True)
class KeptEpoch:
    """A wrapped key with its place, for backups and re-wrapping."""

    conversation_id: str
    epoch: int
    wrapped: Wrapped
    created_at: int


_JOINED = epochs.join(conversations, conversations.c.number == epochs.c.conversation_no).join(
    conversation_heads, conversation_heads.c.conversation_no == epochs.c.conversation_no
)


class Epochs:
    """Changes are told to members like every other change of a conversation."""

    def __init__(
        self, database: Database, new_key: Callable[[], Wrapped], announce: Callable[[Change], None]
    ) -> None:
        """`new_key` may block; `announce` runs on the loop after the commit."""
        self._database, self._new_key, self._announce = database, new_key, announce

    # Reading.

    async def counts(self) -> dict[str, int]:
        """Return how many keys are active, retired, archived (of dissolved conversations) and destroyed."""

        def work(connection: Connection) -> dict[str, int]:
            gone = epochs.c.wrapped_key.is_(None)
            current = epochs.c.epoch == conversation_heads.c.epoch
            found = {"active": 0, "retired": 0, "archived": 0, "destroyed": 0}
            rows = connection.execute(
                select(gone, conversations.c.dissolved, current, func.count())
                .select_from(_JOINED)
                .group_by(gone, conversations.c.dissolved, current)
            )
            for is_gone, dissolved, is_current, number in rows:
                found[_state(is_gone, dissolved, is_current)] += number
            return found

        return await self._database.read(work)

    async def under_keks(self) -> dict[int, int]:
        """Return how many keys each key-encryption key wraps."""

        def work(connection: Connection) -> dict[int, int]:
            rows = connection.execute(
                select(epochs.c.kek_id, func.count())
                .where(epochs.c.wrapped_key.is_not(None))
                .group_by(epochs.c.kek_id)
            )
            return {kek_id: number for kek_id, number in rows}

        return await self._database.read(work)

    async def page(self, after: tuple[str, int], limit: int) -> list[EpochRow]:
        """Return keys behind (conversation id, epoch)."""

        def work(connection: Connection) -> list[EpochRow]:
            rows = connection.execute(
                select(
                    conversations.c.id,
                    conversations.c.name,
                    conversations.c.dissolved,
                    conversation_heads.c.epoch.label("current"),
                    epochs,
                )
                .select_from(_JOINED)
                .where(
                    or_(
                        conversations.c.id > after[0],
                        and_(conversations.c.id == after[0], epochs.c.epoch > after[1]),
                    )
                )
                .order_by(conversations.c.id, epochs.c.epoch)
                .limit(limit)
            )
            return [
                EpochRow(
                    row.id,
                    row.name,
                    row.epoch,
                    _state(row.wrapped_key is None, row.dissolved, row.epoch == row.current),
                    row.created_at,
                    row.destroyed_at or 0,
                    row.kek_id,
                )
                for row in rows
            ]

        return await self._database.read(work)

    async def kept(self, *, kek_id: int | None = None, conversation_id: str | None = None) -> list[KeptEpoch]:
        """Return the wrapped keys, of one key-encryption key or conversation or of all."""

        def work(connection: Connection) -> list[KeptEpoch]:
            query = (
                select(conversations.c.id, epochs)
                .select_from(_JOINED)
                .where(epochs.c.wrapped_key.is_not(None))
            )
            if kek_id is not None:
                query = query.where(epochs.c.kek_id == kek_id)
            if conversation_id is not None:
                query = query.where(conversations.c.id == conversation_id)
            return [
                KeptEpoch(row.id, row.epoch, Wrapped(bytes(row.wrapped_key), row.kek_id), row.created_at)
                for row in connection.execute(query)
            ]

        return await self._database.read(work)

    async def extent(self, scope: str, target: str) -> Extent | None:
        """Return what a destruction of `scope` would touch; None for an unknown target."""

        def work(connection: Connection) -> Extent | None:
            query = select(
                conversations.c.number, conversations.c.id, conversations.c.kind, conversations.c.name
            )
            if scope == "conversation":
                query = query.where(conversations.c.id == target)
            elif scope == "person":
                query = query.join(members, members.c.conversation_no == conversations.c.number).where(
                    members.c.person_id == target
                )
            rows = list(connection.execute(query))
            if scope == "conversation" and not rows:
                return None
            whole = scope != "person"
            touched = [row for row in rows if whole or row.kind != ConversationKind.GROUP]
            groups = [row.id for row in rows if not whole and row.kind == ConversationKind.GROUP]
            numbers = [row.number for row in touched]
            keys = messages_ = people = 0
            for at in range(0, len(numbers), _PAGE):
                part = numbers[at : at + _PAGE]
                keys += connection.execute(
                    select(func.count()).where(
                        epochs.c.conversation_no.in_(part), epochs.c.wrapped_key.is_not(None)
                    )
                ).scalar_one()
                messages_ += connection.execute(
                    select(func.count()).select_from(messages).where(messages.c.conversation_no.in_(part))
                ).scalar_one()
            if scope == "all":
                people = connection.execute(select(func.count(members.c.person_id.distinct()))).scalar_one()
            else:
                found: set[str] = set()
                for at in range(0, len(numbers), _PAGE):
                    found.update(
                        connection.scalars(
                            select(members.c.person_id).where(
                                members.c.conversation_no.in_(numbers[at : at + _PAGE])
                            )
                        )
                    )
                people = len(found)
            name = touched[0].name if scope == "conversation" else ""
            return Extent(name, [row.id for row in touched], groups, keys, messages_, people)

        return await self._database.read(work)

    # Changing.

    async def rotate(self, conversation_id: str) -> None:
        """Begin a new epoch; what is under the old one stays readable."""
        fresh = await asyncio.to_thread(self._new_key)

        def work(connection: Connection) -> Change | None:
            row = _locked(connection, conversation_id)
            if row is None:
                return None
            _next_epoch(connection, row.conversation_no, row.epoch, fresh)
            return finish(connection, row.conversation_no, conversation_id, [], None)

        change = await self._database.write(work)
        if change is not None:
            self._announce(change)

    async def destroy(self, conversation_id: str, revoke: Callable[[list[Wrapped]], None]) -> int:
        """Destroy every key of a conversation and begin a new epoch; return how many were destroyed.

        `revoke` (may block) makes the device refuse them before anything else happens.
        """
        revoked: set[bytes] = set()
        while True:
            kept = await self.kept(conversation_id=conversation_id)
            open_keys = [one.wrapped for one in kept if one.wrapped.blob not in revoked]
            await asyncio.to_thread(revoke, open_keys)
            revoked.update(one.blob for one in open_keys)
            fresh = await asyncio.to_thread(self._new_key)
            change = await self._database.write(
                lambda connection, fresh=fresh: _destroy(connection, conversation_id, revoked, fresh)
            )
            if isinstance(change, Change):
                self._announce(change)
                return len(revoked)
            if change is None:
                return len(revoked)

    async def move(self, one: KeptEpoch, to: Wrapped) -> None:
        """Keep a key that was wrapped anew, unless it was destroyed meanwhile."""

        def work(connection: Connection) -> None:
            number = (
                select(conversations.c.number)
                .where(conversations.c.id == one.conversation_id)
                .scalar_subquery()
            )
            connection.execute(
                update(epochs)
                .where(
                    epochs.c.conversation_no == number,
                    epochs.c.epoch == one.epoch,
                    epochs.c.wrapped_key == one.wrapped.blob,
                )
                .values(wrapped_key=to.blob, kek_id=to.kek_id)
            )

        await self._database.write(work)

    async def restore(self, kept: Sequence[KeptEpoch]) -> int:
        """Put back keys that are missing and were never destroyed here; return how many."""

        def work(connection: Connection) -> int:
            count = 0
            for one in kept:
                row = _locked(connection, one.conversation_id)
                if row is None or one.epoch > row.epoch:
                    continue
                known = connection.execute(
                    select(epochs.c.wrapped_key, epochs.c.destroyed_at).where(
                        epochs.c.conversation_no == row.conversation_no, epochs.c.epoch == one.epoch
                    )
                ).one_or_none()
                values = {"wrapped_key": one.wrapped.blob, "kek_id": one.wrapped.kek_id}
                if known is None:
                    connection.execute(
                        insert(epochs).values(
                            conversation_no=row.conversation_no,
                            epoch=one.epoch,
                            created_at=one.created_at,
                            **values,
                        )
                    )
                elif known.wrapped_key is None and known.destroyed_at is None:
                    connection.execute(
                        update(epochs)
                        .where(epochs.c.conversation_no == row.conversation_no, epochs.c.epoch == one.epoch)
                        .values(values)
                    )
                else:
                    continue
                count += 1
            return count

        return await self._database.write(work)

    async def due(self, *, older_than: int, messages_more: int, limit: int = 1000) -> list[str]:
        """Return conversations whose current key was made before `older_than` or sealed `messages_more` messages.

        0 switches a rule off.
        """

        def work(connection: Connection) -> list[str]:
            live = select(conversations.c.id).where(
                conversations.c.dissolved.is_(False),
                epochs.c.epoch == conversation_heads.c.epoch,
                epochs.c.wrapped_key.is_not(None),
            )
            found: dict[str, None] = {}
            if older_than:
                aged = live.select_from(_JOINED).where(epochs.c.created_at < older_than)
                found.update(dict.fromkeys(connection.scalars(aged.limit(limit))))
            if messages_more:
                # The message that many before the newest one is already under the current key.
                full = live.select_from(
                    _JOINED.join(
                        messages,
                        and_(
                            messages.c.conversation_no == epochs.c.conversation_no,
                            messages.c.seq == conversation_heads.c.last_seq - messages_more + 1,
                        ),
                    )
                ).where(messages.c.sent_at >= epochs.c.created_at)
                found.update(dict.fromkeys(connection.scalars(full.limit(limit))))
            return list(found)

        return await self._database.read(work)


def _state(gone: bool, dissolved: bool, current: bool) -> str:
    if gone:
        return "destroyed"
    if dissolved:
        return "archived"
    return "active" if current else "retired"


def _locked(connection: Connection, conversation_id: str) -> Row[Any] | None:
    query = (
        select(conversation_heads)
        .join(conversations, conversations.c.number == conversation_heads.c.conversation_no)
        .where(conversations.c.id == conversation_id)
    )
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(of=conversation_heads)
    return connection.execute(query).one_or_none()


def _next_epoch(connection: Connection, number: int, epoch: int, fresh: Wrapped) -> None:
    connection.execute(
        update(conversation_heads)
        .where(conversation_heads.c.conversation_no == number)
        .values(epoch=epoch + 1)
    )
    store_key(connection, number, epoch + 1, fresh, int(time.time() * 1000))


def _destroy(
    connection: Connection, conversation_id: str, revoked: set[bytes], fresh: Wrapped
) -> Change | bool | None:
    """Return the change, None for an unknown conversation, False when a key appeared that is not revoked yet."""
    row = _locked(connection, conversation_id)
    if row is None:
        return None
    kept = connection.scalars(
        select(epochs.c.wrapped_key).where(
            epochs.c.conversation_no == row.conversation_no, epochs.c.wrapped_key.is_not(None)
        )
    )
    if any(bytes(blob) not in revoked for blob in kept):
        return False
    now = int(time.time() * 1000)
    connection.execute(
        update(epochs)
        .where(epochs.c.conversation_no == row.conversation_no, epochs.c.wrapped_key.is_not(None))
        .values(wrapped_key=None, destroyed_at=now)
    )
    _next_epoch(connection, row.conversation_no, row.epoch, fresh)
    connection.execute(
        update(conversations)
        .where(conversations.c.number == row.conversation_no)
        .values(destroyed_epoch=row.epoch, destroyed_seq=row.last_seq)
    )
    # Those who left still hold keys of their time: they hear of it too.
    left = connection.scalars(
        select(members.c.person_id).where(
            members.c.conversation_no == row.conversation_no, members.c.left.is_(True)
        )
    ).all()
    return finish(connection, row.conversation_no, conversation_id, list(left), None)
