"""Burning: a message's rows go, or move to the sealed copies while they are retained; keys end with them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from server_stub.contract.secret import UNREAD_S, SecretPolicy
from server_stub.storage.database import Database

from .policy import read_policy
from .ports import MessageKeys, News
from .tables import secret_keys, secret_messages, secret_parts, secret_retained

log = logging.getLogger(__name__)
_BEGUN_S = 600
"""A key whose message never came is deleted after this."""
_LONGEST_SLEEP_S = 30.0
_KEK_DAYS = 1
_RETIRE_EVERY_S = 3600.0
_COPIED = (
    "client_id",
    "chat_id",
    "sender_id",
    "receiver_id",
    "body",
    "wrapped",
    "kek_id",
    "parts",
    "sent_at",
    "read_at",
)

Burnt = dict[str, set[str]]
"""Chat id → people to tell."""


def burn(connection: Connection, which: ColumnElement[bool], policy: SecretPolicy, now: int) -> Burnt:
    """Burn the messages for which `which` holds: nobody can open them any more from this commit on."""
    rows = connection.execute(select(secret_messages).where(which)).all()
    told: Burnt = {}
    for row in rows:
        told.setdefault(row.chat_id, set()).update((row.sender_id, row.receiver_id))
        keep_until = row.sent_at + policy.retention_s * 1000
        if policy.retention_s and keep_until > now:
            copied = {name: getattr(row, name) for name in _COPIED}
            connection.execute(insert(secret_retained).values(**copied, keep_until=keep_until))
        else:
            connection.execute(delete(secret_parts).where(secret_parts.c.client_id == row.client_id))
        connection.execute(
            delete(secret_messages).where(
                secret_messages.c.chat_id == row.chat_id, secret_messages.c.seq == row.seq
            )
        )
    return told


def due(connection: Connection, now: int) -> Burnt:
    """Burn what is due by its timer, or lay unopened for too long."""
    policy = read_policy(connection)
    unread = now - (policy.retention_s or UNREAD_S) * 1000
    table = secret_messages.c
    which = or_(and_(table.burn_at > 0, table.burn_at <= now), table.sent_at <= unread)
    return burn(connection, which, policy, now)


def purge(connection: Connection, now: int) -> int:
    """Physically delete sealed copies past their time with their keys and parts, and keys of what was never sent."""
    gone = list(
        connection.scalars(select(secret_retained.c.client_id).where(secret_retained.c.keep_until <= now))
    )
    stale = list(
        connection.scalars(
            select(secret_keys.c.client_id).where(secret_keys.c.made_at <= now - _BEGUN_S * 1000)
        )
    )
    for table, ids in ((secret_retained, gone), (secret_keys, stale)):
        if ids:
            connection.execute(delete(table).where(table.c.client_id.in_(ids)))
            connection.execute(delete(secret_parts).where(secret_parts.c.client_id.in_(ids)))
    return len(gone)


def shorten(connection: Connection, policy: SecretPolicy) -> None:
    """A shorter retention holds also for what is kept already; a longer one does not."""
    table = secret_retained
    wanted = table.c.sent_at + policy.retention_s * 1000
    if not policy.retention_s:
        connection.execute(update(table).values(keep_until=0))
    else:
        connection.execute(update(table).where(table.c.keep_until > wanted).values(keep_until=wanted))


def _next(connection: Connection) -> int | None:
    """When the next timer ends, Unix ms."""
    table = secret_messages.c.burn_at
    return connection.execute(select(table).where(table > 0).order_by(table).limit(1)).scalar_one_or_none()


class Reaper:
    """Burns on time. `woken` when a timer was started; several server processes may do the same work."""

    def __init__(
        self,
        database: Database,
        keys: MessageKeys,
        news: News,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._keys, self._news, self._clock = database, keys, news, clock
        self._job: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._retired_at = 0.0

    def start(self) -> None:
        """Begin."""
        self._job = asyncio.get_running_loop().create_task(self._run(), name="secret-reaper")

    async def close(self) -> None:
        """Stop; the next start burns what became due meanwhile before it serves anything."""
        if self._job is not None:
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)
            self._job = None

    def woken(self) -> None:
        """A timer began."""
        self._wake.set()

    async def sweep(self) -> int:
        """Burn and delete what is due now; returns the number of chats in which something burned."""
        now = int(self._clock() * 1000)

        def work(connection: Connection) -> tuple[Burnt, int]:
            return due(connection, now), purge(connection, now)

        burnt, purged = await self._database.write(work)
        if burnt or purged:
            await self._database.overwrite_log()
        for chat_id, people in burnt.items():
            await self._news.tell(chat_id, people)
        return len(burnt)

    async def retire_keys(self) -> list[int]:
        """Destroy key-encryption keys that no kept message needs, so that backups cannot be opened either."""
        kept = await self._database.read(_keks_in_use)
        older = int((self._clock() - _KEK_DAYS * 86400) * 1000)
        return await asyncio.to_thread(self._keys.retire, kept, older)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.sweep()
                if self._clock() - self._retired_at > _RETIRE_EVERY_S:
                    self._retired_at = self._clock()
                    await self.retire_keys()
                upcoming = await self._database.read(_next)
            except Exception as error:
                log.error("burning failed", extra={"error": type(error).__name__})
                upcoming = None
            wait = _LONGEST_SLEEP_S
            if upcoming is not None:
                wait = min(wait, max(0.05, upcoming / 1000 - self._clock()))
            with contextlib.suppress(TimeoutError):
                # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with the wake.
                async with asyncio.timeout(wait):
                    await self._wake.wait()


def _keks_in_use(connection: Connection) -> set[int]:
    found: set[int] = set()
    for table in (secret_messages, secret_keys, secret_retained):
        found.update(connection.scalars(select(table.c.kek_id).distinct()))
    return found
