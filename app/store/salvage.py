"""Takes what can still be read out of a damaged database file into a fresh one."""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server_stub.contract.content import decode_content

from .connection import Connection, connect
from .database import Writer
from .queries import messages, places, ranges, search

log = logging.getLogger(__name__)
_PAGE = 200
_LARGEST_ID = (1 << 62) - 1

TABLES = (
    "secrets",
    "conversation_keys",
    "preferences",
    "drafts",
    "outbox",
    "conversations",
    "settings",
    "members",
    "transfers",
    "people",
    "messages",
    "mentions",
    "reactions",
    "transcripts",
)
"""What is worth saving, the irreplaceable first. Ranges, the index and the sync position are made anew."""

_ROW_IDS = {
    "conversations": "number",
    "messages": "id",
    "mentions": "message",
    "outbox": "id",
    "transcripts": "message",
}


@dataclass(slots=True)
class Salvage:
    """How much came over."""

    rows: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    """Tables of which something could not be read."""


def salvage(damaged: Path, key: bytes, target: Writer) -> Salvage:
    """Copy readable rows of `damaged` into `target` (a fresh schema). Never raises for damage."""
    report = Salvage()
    reading = _Reading(damaged, key)
    for table in TABLES:
        reading.failed = False
        report.rows[table] = _copy_table(reading, target, table)
        if reading.failed:
            report.broken.append(table)
    reading.close()
    _rebuild(target)
    return report


def _copy_table(reading: "_Reading", target: Writer, table: str) -> int:
    theirs = reading.columns(table)
    ours = [row[1] for row in target.all(f"PRAGMA table_info({table})")]
    columns = [name for name in ours if name in theirs and name != "search_id"]
    if not columns:
        return 0
    names = ", ".join(columns)
    insert = f"INSERT OR IGNORE INTO {table}({names}) VALUES({', '.join('?' * len(columns))})"
    row_id = _ROW_IDS.get(table)
    if row_id:
        pages = reading.by_row_id(table, names, row_id, columns.index(row_id))
    else:
        pages = reading.in_order(table, names)
    count = 0
    for rows in pages:
        for row in rows:
            with contextlib.suppress(Exception):  # One bad row does not take the others with it.
                count += target.run(insert, row)
    return count


class _Reading:
    """Pages of rows that can be read; `failed` tells whether some could not.

    After one page that does not decrypt, SQLCipher refuses everything on that connection: it is opened anew.
    """

    def __init__(self, damaged: Path, key: bytes) -> None:
        self._damaged = damaged
        self._key = key
        self._connection: Connection | None = None
        self.failed = False

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None

    def columns(self, table: str) -> list[str]:
        """Names of the columns there; empty when even that cannot be read."""
        return [row[1] for row in self._fetch(f"PRAGMA table_info({table})", ())[0]]

    def in_order(self, table: str, names: str) -> Iterator[list[tuple[Any, ...]]]:
        """From the front to the first damage, then from the back to it."""
        rows, whole = self._fetch(f"SELECT {names} FROM {table}", ())  # noqa: S608
        yield rows
        if not whole:
            keys = [row[1] for row in self._fetch(f"PRAGMA table_info({table})", ())[0] if row[5]]
            order = ", ".join(f"{name} DESC" for name in keys)
            if order:
                yield self._fetch(f"SELECT {names} FROM {table} ORDER BY {order}", ())[0]  # noqa: S608

    def by_row_id(self, table: str, names: str, row_id: str, index: int) -> Iterator[list[tuple[Any, ...]]]:
        """Page by page; at damage leap ahead in growing steps until rows can be read, then look back."""
        forward = f"SELECT {names} FROM {table} WHERE {row_id} > ? ORDER BY {row_id} LIMIT {_PAGE}"  # noqa: S608
        back = f"SELECT {names} FROM {table} WHERE {row_id} > ? AND {row_id} <= ? ORDER BY {row_id} DESC"  # noqa: S608
        position, leap = -1, 1
        bad_from: int | None = None
        while position < _LARGEST_ID:
            rows, whole = self._fetch(forward, (position,))
            if (rows or whole) and bad_from is not None:
                yield self._fetch(back, (bad_from, position))[0]
                bad_from, leap = None, 1
            if rows:
                yield rows
                position = rows[-1][index]
            if not whole:
                bad_from = position if bad_from is None else bad_from
                position, leap = min(position + leap, _LARGEST_ID), leap * 2
            elif not rows:
                return

    def _fetch(self, sql: str, parameters: tuple[Any, ...]) -> tuple[list[tuple[Any, ...]], bool]:
        """Rows up to the first that cannot be read, and whether that was all."""
        rows: list[tuple[Any, ...]] = []
        try:
            connection = self._connection = self._connection or connect(self._damaged, self._key)
            for row in connection.execute(sql, parameters):
                rows.append(row)
        except Exception:
            self.failed = True
            self.close()
            return rows, False
        return rows, True


def _rebuild(db: Writer) -> None:
    """What follows from the messages: the index, and the ranges that lie together."""
    run: tuple[int, int, int] | None = None
    last = -1
    while True:
        rows = db.all(
            "SELECT id, sent_at, content FROM messages WHERE id > ? ORDER BY id LIMIT 1000", (last,)
        )
        if not rows:
            break
        for row_id, sent_at, content in rows:
            if content is not None:
                opened = decode_content(content)
                search.add(db, row_id, sent_at, opened)
                messages.note_file(db, row_id, opened)
            number, seq = places.split(row_id)
            if run is not None and run[0] == number and run[2] + 1 == seq:
                run = (number, run[1], seq)
            else:
                if run is not None:
                    ranges.add(db, *run)
                run = (number, seq, seq)
        last = rows[-1][0]
    if run is not None:
        ranges.add(db, *run)
