"""The central log (3.2.3.1.8): takes desktops' entries, recomputes their chain, shows and exports them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.lock import (
    METHODS,
    TRIGGERS,
    LockLogEntry,
    LockLogLine,
    LockLogPage,
    digest_message,
)
from server_stub.http.endpoint import Caller
from server_stub.spreadsheet import beijing, to_csv, to_xlsx
from server_stub.storage.database import Database

from .desktops import ensure
from .ports import Audit, Names
from .tables import lock_devices, lock_entries

START = "0" * 64
MOST = 500
MOST_EXPORTED = 200_000
ACTIONS = {"lock": "锁定", "unlock": "解锁", "attempt": "解锁尝试", "lease": "会议免锁"}
RESULTS = {
    "done": "成功",
    "failed": "失败",
    "cancelled": "已取消",
    "granted": "开始",
    "ended": "结束",
    "expired": "到期",
}
HEADINGS = (
    "时间",
    "事件",
    "结果",
    "触发方式",
    "解锁方式",
    "窗口",
    "姓名",
    "用户 ID",
    "设备",
    "设备 ID",
    "备注",
)
_WIDTHS = (20, 10, 8, 16, 12, 14, 12, 38, 18, 38, 16)
Digest = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Filter:
    """What to show; times in Unix milliseconds, `to_ms` exclusive, 0 and "" for all."""

    from_ms: int = 0
    to_ms: int = 0
    trigger: str = ""
    person_id: str = ""


class CentralLog:
    """`tampered(person_id, device_id)` is awaited when a desktop's log does not continue what it sent before."""

    def __init__(
        self,
        *,
        database: Database,
        digest: Digest,
        names: Names,
        device_names: Callable[[list[str]], Awaitable[dict[str, str]]],
        audit: Audit,
        tampered: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._database = database
        self._digest = digest
        self._names = names
        self._device_names = device_names
        self._audit = audit
        self._tampered = tampered

    async def take(self, caller: Caller, entries: list[LockLogEntry]) -> str:
        """Append a desktop's entries after recomputing them; returns the digest of the newest one kept."""
        if not 0 < len(entries) <= MOST:
            raise ApiError(ErrorCode.BAD_REQUEST, f"1 to {MOST} entries")
        for one in entries:
            own = one.person_id == caller.person_id and one.device_id == caller.device_id
            if not own or max(map(len, (one.action, one.result, one.trigger, one.method))) > 20:
                raise ApiError(ErrorCode.BAD_REQUEST, "entry")
        problem = self._broken(entries)
        if not problem:
            last = await self._database.write(lambda connection: self._append(connection, caller, entries))
            if last:
                return last
            problem = "not the continuation"
        await self._audit("lock_log", caller.person_id, caller.device_id, "tampered")
        await self._tampered(caller.person_id, caller.device_id)
        raise ApiError(ErrorCode.INTEGRITY, problem, message="锁定日志与服务器记录不符。")

    def _broken(self, entries: list[LockLogEntry]) -> str:
        previous = entries[0].previous
        for one in entries:
            if one.previous != previous:
                return "chain"
            if self._digest(digest_message(one)).hex() != one.digest:
                return "digest"
            previous = one.digest
        return ""

    def _append(self, connection: Connection, caller: Caller, entries: list[LockLogEntry]) -> str:
        row = ensure(connection, caller.person_id, caller.device_id)
        kept = {one.digest: index for index, one in enumerate(entries)}
        if row.log_last and row.log_last in kept:
            # A repetition of what was lost on the way back.
            entries = entries[kept[row.log_last] + 1 :]
            if not entries:
                return str(row.log_last)
        begins = entries[0].previous == START
        if entries[0].previous != (row.log_last or START) and not begins:
            return ""
        count = row.log_count
        for one in entries:
            count += 1
            connection.execute(
                insert(lock_entries).values(
                    person_id=caller.person_id,
                    device_id=caller.device_id,
                    seq=count,
                    at=one.at_ms,
                    action=one.action,
                    result=one.result,
                    trigger=one.trigger,
                    method=one.method,
                    window=one.window[:80],
                    digest=one.digest,
                    new_chain=one.previous == START and count > 1,
                )
            )
        connection.execute(
            update(lock_devices)
            .where(lock_devices.c.person_id == caller.person_id, lock_devices.c.device_id == caller.device_id)
            .values(log_count=count, log_last=entries[-1].digest)
        )
        return entries[-1].digest

    # Reading.

    async def page(self, wanted: Filter, offset: int, limit: int) -> LockLogPage:
        """Newest first."""

        def work(connection: Connection) -> tuple[int, list[Any]]:
            where = _where(wanted)
            total = connection.execute(
                select(func.count()).select_from(lock_entries).where(*where)
            ).scalar_one()
            rows = connection.execute(
                select(lock_entries)
                .where(*where)
                .order_by(lock_entries.c.at.desc(), lock_entries.c.seq.desc())
                .offset(offset)
                .limit(limit)
            ).all()
            return total, list(rows)

        total, rows = await self._database.read(work)
        return LockLogPage(lines=await self._lines(rows), total=total)

    async def export(self, wanted: Filter, kind: str) -> bytes:
        """Return xlsx or csv with what fits the filter, oldest first; of more than MOST_EXPORTED the newest, and the first
        row says how many are missing."""

        def work(connection: Connection) -> tuple[int, list[Any]]:
            where = _where(wanted)
            rows = connection.execute(
                select(lock_entries)
                .where(*where)
                .order_by(lock_entries.c.at.desc(), lock_entries.c.seq.desc())
                .limit(MOST_EXPORTED)
            ).all()
            if len(rows) < MOST_EXPORTED:
                return 0, list(rows)
            counted = select(func.count()).select_from(lock_entries).where(*where)
            return connection.execute(counted).scalar_one() - len(rows), list(rows)

        left_out, rows = await self._database.read(work)
        lines = await self._lines(rows[::-1])
        # Building a workbook of so many rows takes many seconds; nobody's message waits for it.
        return await asyncio.to_thread(_file, lines, kind, left_out)

    async def _lines(self, rows: list[Any]) -> list[LockLogLine]:
        people = await self._names(sorted({row.person_id for row in rows}))
        devices = await self._device_names(sorted({row.device_id for row in rows}))
        return [
            LockLogLine(
                at_ms=row.at,
                action=row.action,
                result=row.result,
                trigger=row.trigger,
                method=row.method,
                window=row.window,
                person_id=row.person_id,
                person_name=people.get(row.person_id, ""),
                device_id=row.device_id,
                device_name=devices.get(row.device_id, ""),
                new_chain=row.new_chain,
            )
            for row in rows
        ]


def _file(lines: list[LockLogLine], kind: str, left_out: int) -> bytes:
    words = f"更早的 {left_out} 条未导出：一次最多 {len(lines)} 条，请缩小日期范围分次导出。"
    # Whoever reads the file later learns that it is not all, where the rest is missing.
    note: list[tuple[str, ...]] = [("", words)] if left_out else []
    rows = chain(note, map(row_of, lines))
    return to_csv(HEADINGS, rows) if kind == "csv" else to_xlsx("锁定日志", HEADINGS, _WIDTHS, rows)


def _where(wanted: Filter) -> list[Any]:
    where: list[Any] = [lock_entries.c.at >= wanted.from_ms]
    if wanted.to_ms:
        where.append(lock_entries.c.at < wanted.to_ms)
    if wanted.trigger:
        where.append(lock_entries.c.trigger == wanted.trigger)
    if wanted.person_id:
        where.append(lock_entries.c.person_id == wanted.person_id)
    return where


def row_of(line: LockLogLine) -> tuple[str, ...]:
    """The texts of one line; times are Beijing time."""
    return (
        beijing(line.at_ms),
        ACTIONS.get(line.action, line.action),
        RESULTS.get(line.result, line.result),
        TRIGGERS.get(line.trigger, line.trigger),
        METHODS.get(line.method, line.method),
        line.window,
        line.person_name,
        line.person_id,
        line.device_name,
        line.device_id,
        "本机日志曾丢失" if line.new_chain else "",
    )
