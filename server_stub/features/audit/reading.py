"""Reads the trail for administrators; that somebody looked is a line of its own."""

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from sqlalchemy import Connection, Select, and_, false, or_, select

from server_stub.contract.audit import MOST_EXPORTED, AuditLine, AuditPage
from server_stub.contract.audit_words import (
    action_in_words,
    result_in_words,
    results_that_say,
    target_in_words,
)
from server_stub.http.endpoint import Caller
from server_stub.spreadsheet import beijing, to_csv, to_xlsx
from server_stub.storage.database import Database

from .trail import AuditTrail, audit

HEADINGS = ("序号", "时间", "操作人", "操作", "对象", "结果", "操作人 ID", "操作代码", "对象 ID")
_WIDTHS = (10, 20, 12, 22, 40, 30, 38, 26, 60)
_GRANTS = 50
"""So many names at most are looked for in grants of features."""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Names(Protocol):
    """What people, units, groups, meetings and devices are called."""

    async def __call__(self, ids: Collection[str]) -> dict[str, str]:
        """Names by id; unknown ones are missing."""
        ...

    async def called(self, text: str) -> list[str]:
        """Ids of those in whose name a text is; of very many, some."""
        ...


@dataclass(frozen=True)
class AuditFilter:
    """What to show; times in Unix milliseconds, `to_ms` exclusive, 0 and "" for all.

    `text`: a part of the target, of its name, or of the result or its words, in any case.
    """

    from_ms: int = 0
    to_ms: int = 0
    actor: str = ""
    action: str = ""
    text: str = ""

    def said(self) -> str:
        """For the line that tells what was looked for; what is not filtered is not named."""
        parts: list[str] = []
        if self.from_ms:
            parts.append(f"从 {beijing(self.from_ms)}")
        if self.to_ms:
            parts.append(f"到 {beijing(self.to_ms)}")
        if self.action:
            parts.append(action_in_words(self.action))
        if self.text:
            parts.append(f"查找“{self.text}”")
        return "，".join(parts)


class AuditReader:
    """Every reading writes its own line first, so that nobody reads without it: whose lines, when, what."""

    def __init__(self, database: Database, trail: AuditTrail, names: Names) -> None:
        self._database, self._trail, self._names = database, trail, names

    async def page(self, caller: Caller, wanted: AuditFilter, *, before: int | None, limit: int) -> AuditPage:
        """Return lines that fit, the newest first; `before`: the last one's id of the page before."""
        called = await self._begin("audit_read", caller, wanted)

        def work(connection: Connection) -> list[Any]:
            return list(connection.execute(_query(connection, wanted, called, before).limit(limit + 1)))

        rows = await self._database.read(work)
        return AuditPage(lines=await self._lines(rows[:limit]), more=len(rows) > limit)

    async def export(self, caller: Caller, wanted: AuditFilter, kind: str) -> bytes:
        """Return xlsx or csv (`kind`) with the lines that fit, oldest first; of too many, the newest."""
        called = await self._begin("audit_exported", caller, wanted)

        def work(connection: Connection) -> list[Any]:
            return list(connection.execute(_query(connection, wanted, called).limit(MOST_EXPORTED + 1)))

        rows = await self._database.read(work)
        lines = await self._lines(rows[:MOST_EXPORTED][::-1])
        return await asyncio.to_thread(_file, lines, kind, cut=len(rows) > MOST_EXPORTED)

    async def _begin(self, kind: str, caller: Caller, wanted: AuditFilter) -> list[str]:
        """Note the reading; return the ids of what is called as the filter's text says."""
        await self._trail.record(kind, caller.person_id, wanted.actor or "audit", wanted.said())
        await self._trail.settled()
        return await self._names.called(wanted.text) if wanted.text else []

    async def _lines(self, rows: list[Any]) -> list[AuditLine]:
        ids = {row.person_id for row in rows}
        for row in rows:
            ids.update(_ID.findall(row.object))
        names = await self._names(ids)
        return [
            AuditLine(
                id=row.id,
                at_ms=row.at,
                actor=row.person_id,
                actor_name=names.get(row.person_id, ""),
                action=row.kind,
                target=row.object,
                target_name=_named(row.object, names),
                result=row.result,
            )
            for row in rows
        ]


def _query(
    connection: Connection, wanted: AuditFilter, called: list[str], before: int | None = None
) -> Select[Any]:
    """Ordered by time and then id, which the indexes on the time serve for any range and person."""
    query = select(audit).where(audit.c.at >= wanted.from_ms)
    if wanted.to_ms:
        query = query.where(audit.c.at < wanted.to_ms)
    if wanted.actor:
        query = query.where(audit.c.person_id == wanted.actor)
    if wanted.action:
        query = query.where(audit.c.kind == wanted.action)
    if wanted.text:
        holds = [
            column.icontains(wanted.text, autoescape=True) for column in (audit.c.object, audit.c.result)
        ]
        # What is seen is found too: the names of ids (also at the end, after what is done to them) and the words.
        holds += [audit.c.object.in_(called), audit.c.result.in_(results_that_say(wanted.text))]
        grants = [audit.c.object.endswith(one) for one in called[:_GRANTS]]
        holds.append(and_(audit.c.kind == "feature_grant", or_(*grants, false())))
        query = query.where(or_(*holds))
    if before is not None:
        at = connection.execute(select(audit.c.at).where(audit.c.id == before)).scalar_one_or_none()
        older = audit.c.id < before
        if at is not None:
            older = or_(audit.c.at < at, and_(audit.c.at == at, older))
            query = query.where(audit.c.at <= at)
        query = query.where(older)
    return query.order_by(audit.c.at.desc(), audit.c.id.desc())


def _named(target: str, names: dict[str, str]) -> str:
    said = _ID.sub(lambda found: names.get(found[0], found[0]), target)
    return said if said != target else ""


def _file(lines: list[AuditLine], kind: str, *, cut: bool) -> bytes:
    # Whoever reads the file later learns that it is not all, where the rest is missing.
    note = [("", f"更早的未导出：一次最多 {len(lines)} 条，请缩小范围分次导出。")] if cut else []
    rows = chain(note, map(row_of, lines))
    return to_csv(HEADINGS, rows) if kind == "csv" else to_xlsx("操作审计", HEADINGS, _WIDTHS, rows)


def row_of(line: AuditLine) -> tuple[str, ...]:
    """The texts of one line; times are Beijing time."""
    return (
        str(line.id),
        beijing(line.at_ms),
        line.actor_name,
        action_in_words(line.action),
        target_in_words(line.action, line.target_name or line.target),
        result_in_words(line.action, line.result),
        line.actor,
        line.action,
        line.target,
    )
