"""What two administrators do together: one asks, another confirms within half an hour, then it is done (双人控制)."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.keys import DestructionPreview, KeyRequest
from server_stub.hsm.backup import BadBackup
from server_stub.hsm.errors import SdfError
from server_stub.hsm.shares import BadShare
from server_stub.storage.database import Database

from .journal import Journal
from .tables import key_requests

log = logging.getLogger(__name__)
VALID_MS = 30 * 60 * 1000
SHARED = ("restore", "import")
"""Kinds that need the shares of both administrators."""
FILED = ("backup", "export")
"""Kinds that give a file and hand out shares."""
_ANSWER_S = 5.0
_SHARES_KEPT_S = 30 * 60


@dataclass
class Progress:
    """How far a running request is."""

    done: int = 0
    total: int = 0


@dataclass
class _Held:
    """What lives in this process only: shares never reach a disk."""

    given: str = ""
    shares: dict[str, str] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    until: float = 0.0


class Act:
    """One confirmed request as its worker sees it."""

    def __init__(self, row: Any, shares: list[str], progress: Progress) -> None:
        self.row, self.shares, self.progress = row, shares, progress
        self.give: dict[str, str] = {}
        """Shares to hand out afterwards, by person id."""
        self.data: bytes | None = None
        """What to keep with the request (the sealed backup)."""


Worker = Callable[[Act], Awaitable[str]]
"""Does the work; returns a short result for the log."""


class Requests:
    """Keeps requests in the database; their work runs in this process."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        workers: dict[str, Worker],
        told: Callable[[KeyRequest], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`told` tells the other administrators of a new request."""
        self._database, self._journal, self._workers, self._clock = database, journal, workers, clock
        self._told = told
        self._held: dict[str, _Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def _now(self) -> int:
        return int(self._clock() * 1000)

    async def recover(self) -> None:
        """After a restart: what was running is not any more."""
        await self._database.write(
            lambda connection: (
                connection.execute(
                    update(key_requests)
                    .where(key_requests.c.state == "running")
                    .values(state="failed", error="服务器中途重启，请查看审计日志后重新发起。")
                )
                and None
            )
        )

    async def close(self) -> None:
        """Wait for what is running."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._held.clear()

    async def ask(
        self,
        actor: str,
        kind: str,
        *,
        reason: str,
        preview: DestructionPreview | None = None,
        data: bytes | None = None,
        share: str = "",
    ) -> KeyRequest:
        """Begin a request; raises ApiError for a reason that is blank or too long."""
        reason = reason.strip()
        if not reason:
            raise ApiError(ErrorCode.BAD_REQUEST, "reason", message="请写明原因。")
        if len(reason) > 500:
            raise ApiError(ErrorCode.BAD_REQUEST, "reason", message="原因不能超过 500 个字。")
        request_id, now = uuid7(), self._now()
        text = msgspec.json.encode(preview).decode() if preview is not None else ""
        await self._database.write(
            lambda connection: (
                connection.execute(
                    insert(key_requests).values(
                        id=request_id,
                        kind=kind,
                        state="waiting",
                        created_by=actor,
                        created_at=now,
                        reason=reason,
                        preview=text,
                        data=data,
                    )
                )
                and None
            )
        )
        self._held[request_id] = _Held(given=share)
        what = f"{preview.scope} {preview.target}".strip() if preview is not None else ""
        await self._journal.record(f"{kind}_asked", actor, target=what or request_id, result=reason)
        asked = await self.one(request_id)
        await self._told(asked)
        return asked

    async def confirm(self, actor: str, request_id: str, share: str) -> KeyRequest:
        """Confirm as a second administrator and do the work; a long one goes on after the answer.

        Raises ApiError: FORBIDDEN for the one who asked, CONFLICT when it does not wait any more.
        """
        row = await self._row(request_id)
        if row.created_by == actor:
            raise ApiError(
                ErrorCode.FORBIDDEN, "second", message="须由另一位管理员确认，不能由发起人本人确认。"
            )
        held = self._held.setdefault(request_id, _Held())
        if row.kind in SHARED and not held.given:
            await self._end(request_id, "expired")
            raise ApiError(
                ErrorCode.CONFLICT,
                "share",
                message="第一份密钥分量已失效，请发起人重新提交申请。",
            )
        now = self._now()

        def work(connection: Connection) -> bool:
            # The state is compared in the statement itself: of two confirmations at once one does the work.
            found = connection.execute(
                update(key_requests)
                .where(
                    key_requests.c.id == request_id,
                    key_requests.c.state == "waiting",
                    key_requests.c.created_at > now - VALID_MS,
                )
                .values(state="running", confirmed_by=actor, confirmed_at=now)
            )
            return found.rowcount == 1

        if not await self._database.write(work):
            raise ApiError(ErrorCode.CONFLICT, "state", message="此申请已失效或已处理，请刷新后查看。")
        shares = [one for one in (held.given, share) if one]
        held.given = ""
        task = asyncio.create_task(self._run(await self._row(request_id), shares, held))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task}, timeout=_ANSWER_S)
        return await self.one(request_id)

    async def _run(self, row: Any, shares: list[str], held: _Held) -> None:
        act = Act(row, shares, held.progress)
        preview = msgspec.json.decode(row.preview, type=DestructionPreview) if row.preview else None
        target = f"{preview.scope} {preview.target}".strip() if preview is not None else row.id
        try:
            result = await self._workers[row.kind](act)
        except (BadBackup, BadShare) as refused:
            state, error, result = "failed", refused.text, "refused"
        except (SdfError, ApiError) as failed:
            text = failed.text if isinstance(failed, SdfError) else failed.message
            state, error, result = "failed", text, str(failed.code)
        except Exception as unexpected:
            log.exception("key request failed", extra={"kind": row.kind})
            state, error, result = "failed", "操作未能完成，请查看服务器日志。", type(unexpected).__name__
        else:
            state, error = "done", ""
            held.shares = act.give
            held.until = self._clock() + _SHARES_KEPT_S
        await self._journal.record(
            f"{row.kind}_{state}", row.created_by, second=row.confirmed_by, target=target, result=result
        )
        await self._end(row.id, state, error=error, data=act.data)

    async def _end(self, request_id: str, state: str, *, error: str = "", data: bytes | None = None) -> None:
        values: dict[str, Any] = {"state": state, "error": error, "finished_at": self._now(), "data": data}
        await self._database.write(
            lambda connection: (
                connection.execute(update(key_requests).where(key_requests.c.id == request_id).values(values))
                and None
            )
        )

    async def cancel(self, actor: str, request_id: str) -> KeyRequest:
        """Take back a request that waits; any administrator may."""

        def work(connection: Connection) -> bool:
            found = connection.execute(
                update(key_requests)
                .where(key_requests.c.id == request_id, key_requests.c.state == "waiting")
                .values(state="cancelled", finished_at=self._now(), data=None)
            )
            return found.rowcount == 1

        await self._row(request_id)
        if not await self._database.write(work):
            raise ApiError(ErrorCode.CONFLICT, "state", message="此申请已失效或已处理，请刷新后查看。")
        self._held.pop(request_id, None)
        row = await self._row(request_id)
        await self._journal.record(f"{row.kind}_cancelled", actor, target=request_id)
        return await self.one(request_id)

    async def share(self, actor: str, request_id: str) -> str:
        """Hand the caller his share of a backup's key, once."""
        held = self._held.get(request_id)
        if held is None or self._clock() > held.until or actor not in held.shares:
            raise ApiError(ErrorCode.NOT_FOUND, "share", message="没有可领取的密钥分量，或已领取过。")
        share = held.shares.pop(actor)
        await self._journal.record("share_taken", actor, target=request_id)
        return share

    async def backup(self, actor: str, request_id: str) -> bytes:
        """Return the file of a finished backup or export."""
        row = await self._row(request_id)
        if row.kind not in FILED or row.state != "done" or row.data is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        await self._journal.record(f"{row.kind}_downloaded", actor, target=request_id)
        return bytes(row.data)

    async def one(self, request_id: str) -> KeyRequest:
        """Return a request."""
        return self._view(await self._row(request_id))

    async def newest(self, limit: int) -> list[KeyRequest]:
        """Return requests, newest first."""

        def work(connection: Connection) -> list[Any]:
            query = select(key_requests).order_by(key_requests.c.created_at.desc(), key_requests.c.id.desc())
            return list(connection.execute(query.limit(limit)))

        return [self._view(row) for row in await self._database.read(work)]

    async def _row(self, request_id: str) -> Any:
        row = await self._database.read(
            lambda connection: connection.execute(
                select(key_requests).where(key_requests.c.id == request_id)
            ).one_or_none()
        )
        if row is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        return row

    def _view(self, row: Any) -> KeyRequest:
        waited_out = row.state == "waiting" and row.created_at <= self._now() - VALID_MS
        progress = self._held.get(row.id, _Held()).progress
        preview = None
        if row.preview:
            with contextlib.suppress(msgspec.DecodeError):
                preview = msgspec.json.decode(row.preview, type=DestructionPreview)
        return KeyRequest(
            id=row.id,
            kind=row.kind,
            state="expired" if waited_out else row.state,
            created_by=row.created_by,
            created_at=row.created_at,
            expires_at=row.created_at + VALID_MS,
            confirmed_by=row.confirmed_by,
            confirmed_at=row.confirmed_at,
            finished_at=row.finished_at,
            reason=row.reason,
            preview=preview,
            done=progress.done,
            total=progress.total,
            error=row.error,
        )
