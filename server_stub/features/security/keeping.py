"""Keys by level and state, rotation by time, count and on demand."""

import asyncio
import logging
import time
from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, delete, insert, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.keys import (
    KekRow,
    KeyCounts,
    KeyOverview,
    RotationPolicy,
    WorkingKey,
    WorkingKeys,
)
from server_stub.hsm.custody import CONVERSATION, FILE, RETENTION, KeyCustody, KeyDestroyed, WrappedKey
from server_stub.hsm.device import KekInfo
from server_stub.hsm.errors import SdfError
from server_stub.storage.database import Database

from .journal import Journal
from .ports import Epochs
from .tables import key_settings

log = logging.getLogger(__name__)
PURPOSES = (CONVERSATION, FILE, RETENTION)
SYSTEM = "system"
_DAY = 86_400
_EVERY_S = 3600.0


def read_setting(connection: Connection, name: str) -> str:
    """Return a kept value, or ""."""
    return connection.execute(select(key_settings.c.value).where(key_settings.c.name == name)).scalar() or ""


def write_setting(connection: Connection, name: str, value: str) -> None:
    """Keep a value."""
    connection.execute(delete(key_settings).where(key_settings.c.name == name))
    connection.execute(insert(key_settings).values(name=name, value=value))


class Keeping:
    """Overview and rotation."""

    def __init__(
        self,
        *,
        database: Database,
        custody: KeyCustody,
        epochs: Epochs,
        journal: Journal,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._custody, self._epochs = database, custody, epochs
        self._journal, self._clock = journal, clock
        self._job: asyncio.Task[None] | None = None

    async def overview(self) -> KeyOverview:
        """Return all levels with their states and dates."""
        try:
            infos = await asyncio.to_thread(self._custody.keks)
            ready = True
        except SdfError:
            infos, ready = [], False
        under = await self._epochs.under_keks()
        archived = await self._database.read(
            lambda connection: {
                kek.id: int(read_setting(connection, f"archived:{kek.id}") or 0) for kek in infos
            }
        )
        counts = await self._epochs.counts()
        return KeyOverview(
            master_ready=ready,
            keks=[_kek_row(kek, infos, under.get(kek.id, 0), archived[kek.id]) for kek in infos],
            working=[KeyCounts(purpose=CONVERSATION, **counts)],
        )

    async def page(self, after: str, limit: int) -> WorkingKeys:
        """Return a page of working keys; `after` is the cursor of the page before."""
        conversation_id, _, epoch = after.partition(":")
        if after and not (epoch.isascii() and epoch.isdigit() and len(epoch) < 10):
            raise ApiError(ErrorCode.BAD_REQUEST, "after")
        rows = await self._epochs.page((conversation_id, int(epoch or 0)), limit)
        keys = [
            WorkingKey(
                conversation_id=row.conversation_id,
                name=row.name,
                epoch=row.epoch,
                state=row.state,
                created_at=row.created_at,
                destroyed_at=row.destroyed_at,
                kek_id=row.kek_id,
            )
            for row in rows
        ]
        more = len(keys) == limit
        return WorkingKeys(keys=keys, next=f"{keys[-1].conversation_id}:{keys[-1].epoch}" if more else "")

    async def policy(self) -> RotationPolicy:
        """Return the rotation policy."""
        kept = await self._database.read(lambda connection: read_setting(connection, "policy"))
        return msgspec.json.decode(kept, type=RotationPolicy) if kept else RotationPolicy()

    async def set_policy(self, actor: str, policy: RotationPolicy) -> RotationPolicy:
        """Change the rotation policy."""
        for value, most in (
            (policy.kek_days, 3650),
            (policy.conversation_days, 3650),
            (policy.conversation_messages, 10**9),
        ):
            if not 0 <= value <= most:
                raise ApiError(ErrorCode.BAD_REQUEST, "policy", message="轮换周期超出允许范围。")
        text = msgspec.json.encode(policy).decode()
        await self._database.write(lambda connection: write_setting(connection, "policy", text))
        await self._journal.record("policy", actor, result=text)
        return policy

    async def rotate_kek(self, actor: str, purpose: str) -> int:
        """Use a new key-encryption key and move every key under the old ones to it; return how many moved."""
        if purpose not in PURPOSES:
            raise ApiError(ErrorCode.BAD_REQUEST, "purpose")
        before = await asyncio.to_thread(self._custody.keks)
        fresh = await asyncio.to_thread(self._custody.rotate_kek, purpose)
        moved = 0
        for kek in before:
            if kek.purpose != purpose or not kek.active:
                continue
            for one in await self._epochs.kept(kek_id=kek.id):
                key = WrappedKey(one.wrapped.blob, one.wrapped.kek_id)
                try:
                    await self._epochs.move(one, await asyncio.to_thread(self._custody.rewrap, key, fresh))
                except KeyDestroyed:
                    continue
                moved += 1
            if not await self._epochs.kept(kek_id=kek.id):
                now = str(int(self._clock() * 1000))
                await self._database.write(
                    lambda connection, kek_id=kek.id, now=now: write_setting(
                        connection, f"archived:{kek_id}", now
                    )
                )
        await self._journal.record(
            "rotate_kek", actor, target=f"{purpose} #{fresh}", result=f"转移 {moved} 个密钥"
        )
        return moved

    async def rotate_due(self) -> tuple[int, int]:
        """Do what the policy asks for now; return how many key-encryption keys and conversations got new keys."""
        policy = await self.policy()
        now = self._clock()
        keks = 0
        if policy.kek_days:
            infos = await asyncio.to_thread(self._custody.keks)
            for purpose in PURPOSES:
                newest = max(
                    (kek.created for kek in infos if kek.purpose == purpose and kek.active), default=0
                )
                if newest and newest < now - policy.kek_days * _DAY:
                    await self.rotate_kek(SYSTEM, purpose)
                    keks += 1
        older = int((now - policy.conversation_days * _DAY) * 1000) if policy.conversation_days else 0
        due = await self._epochs.due(older_than=older, messages_more=policy.conversation_messages)
        for conversation_id in due:
            await self._epochs.rotate(conversation_id)
        if due:
            await self._journal.record("rotate_conversations", SYSTEM, result=f"{len(due)} 个会话")
        return keks, len(due)

    def start(self) -> None:
        """Look every hour."""
        self._job = asyncio.get_running_loop().create_task(self._run(), name="key-rotation")

    async def close(self) -> None:
        """Stop looking."""
        if self._job is not None:
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)
            self._job = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.rotate_due()
            except Exception as error:
                log.warning("rotation failed", extra={"error": type(error).__name__})


def _kek_row(kek: KekInfo, infos: list[KekInfo], keys: int, archived_at: int) -> KekRow:
    newer = [
        other.created
        for other in infos
        if other.purpose == kek.purpose and (other.created, other.id) > (kek.created, kek.id)
    ]
    if kek.destroyed:
        state = "destroyed"
    elif not newer:
        state = "active"
    else:
        state = "archived" if archived_at and not keys else "retired"
    return KekRow(
        id=kek.id,
        purpose=kek.purpose,
        state=state,
        created_at=kek.created * 1000,
        retired_at=min(newer) * 1000 if newer else 0,
        archived_at=archived_at,
        destroyed_at=kek.destroyed * 1000,
        keys=keys,
    )
