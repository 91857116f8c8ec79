"""The threads of the store: one writer with group commit, a few readers, each with a connection of its own."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from .changes import Change
from .connection import Connection, connect, is_damage
from .errors import StoreDamaged
from .lifeline import Lifeline

T = TypeVar("T")
_MAX_BATCH = 256


class Reader:
    """What query functions get: a snapshot of the store."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return self.connection.execute(sql, parameters).fetchone()

    def value(self, sql: str, parameters: Sequence[Any] = (), default: Any = None) -> Any:
        """The first column of the first row, or `default`."""
        row = self.one(sql, parameters)
        return default if row is None or row[0] is None else row[0]


class Writer(Reader):
    """What write functions get: one transaction, and the means to say what changed."""

    def __init__(self, connection: Connection, lifeline: Lifeline) -> None:
        super().__init__(connection)
        self.lifeline = lifeline
        self._changes: dict[tuple[str, str], set[str] | None] = {}

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute one statement; return the number of changed rows."""
        return self.connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute one statement for many rows."""
        self.connection.executemany(sql, rows)

    def changed(self, table: str, conversation_id: str = "", keys: Iterable[str] = ()) -> None:
        """Note what changed; without keys it means any row of that table and conversation."""
        names = set(keys)
        place = (table, conversation_id)
        known = self._changes.get(place, names)
        self._changes[place] = None if not names or known is None else known | names

    def take_changes(self) -> list[Change]:
        """Return and forget what was noted."""
        changes = [
            Change(table, conversation_id, frozenset(keys or ()))
            for (table, conversation_id), keys in self._changes.items()
        ]
        self._changes = {}
        return changes


class Database:
    """Runs functions on the file's connections. Raises StoreDamaged when the file is damaged."""

    def __init__(
        self,
        file: Path,
        key: bytes,
        lifeline: Lifeline,
        on_commit: Callable[[list[Change]], None],
        *,
        readers: int = 2,
    ) -> None:
        self._file = file
        self._key = key
        self._lifeline = lifeline
        self._on_commit = on_commit
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._guard = threading.Lock()
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="store-slow")
        self._queue: queue.SimpleQueue[tuple[Callable[[Writer], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = False
        self._thread = threading.Thread(target=self._write_loop, name="store-write", daemon=True)
        self._thread.start()

    async def read(self, work: Callable[[Reader], T], *, background: bool = False) -> T:
        """Run `work` in a reader thread."""
        executor = self._slow if background else self._readers
        return await asyncio.get_running_loop().run_in_executor(executor, self._read, work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in the writer thread; returns after the commit."""
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Callable[[Writer], T]) -> "Future[T]":
        """The same from any thread."""
        if self._closed:
            raise RuntimeError("the store is closed")
        future: Future[T] = Future()
        self._queue.put((work, future))
        return future

    def close(self) -> None:
        """Finish what was submitted and close every connection. Blocks: call it from a thread."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._readers.shutdown(wait=True)
        self._slow.shutdown(wait=True)
        for connection in self._connections:
            try:
                connection.close()
            except Exception:  # noqa: S112  a damaged file may refuse even this
                continue

    # Readers.

    def _read(self, work: Callable[[Reader], T]) -> T:
        try:
            reader = getattr(self._local, "reader", None)
            if reader is None:
                reader = self._local.reader = Reader(connect(self._file, self._key))
                with self._guard:
                    self._connections.append(reader.connection)
            reader.connection.execute("BEGIN")
            try:
                return work(reader)
            finally:
                reader.connection.execute("ROLLBACK")
        except Exception as error:
            if is_damage(error):
                raise StoreDamaged(type(error).__name__) from error
            raise

    # The writer.

    def _write_loop(self) -> None:
        connection: Connection | None = None
        ended = False
        while not ended:
            first = self._queue.get()
            if first is None:
                break
            batch = [first]
            while len(batch) < _MAX_BATCH:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    ended = True
                    break
                batch.append(item)
            try:
                if connection is None:
                    connection = connect(self._file, self._key, cache_kib=8000)
                self._commit(connection, batch)
            except Exception as error:
                self._fail(connection, batch, error)
        if connection is not None:
            connection.close()

    def _commit(
        self, connection: Connection, batch: list[tuple[Callable[[Writer], Any], "Future[Any]"]]
    ) -> None:
        outcomes: list[tuple[bool, Any]] = []
        changes: list[Change] = []
        connection.execute("BEGIN IMMEDIATE")
        for work, _future in batch:
            writer = Writer(connection, self._lifeline)
            mark = self._lifeline.mark()
            connection.execute("SAVEPOINT one")
            try:
                outcomes.append((True, work(writer)))
            except Exception as error:
                if is_damage(error):
                    raise
                connection.execute("ROLLBACK TO one")
                self._lifeline.back_to(mark)
                outcomes.append((False, error))
            else:
                changes += writer.take_changes()
            connection.execute("RELEASE one")
        # Unsent commands are on the lifeline before they are in the database, so that no crash falls between.
        self._lifeline.flush()
        connection.execute("COMMIT")
        self._lifeline.committed()
        self._on_commit(changes)
        for (good, value), (_work, future) in zip(outcomes, batch, strict=True):
            if future.set_running_or_notify_cancel():
                if good:
                    future.set_result(value)
                else:
                    future.set_exception(value)

    def _fail(
        self,
        connection: Connection | None,
        batch: list[tuple[Callable[[Writer], Any], "Future[Any]"]],
        error: Exception,
    ) -> None:
        self._lifeline.back_to(0)
        if connection is not None and connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except Exception:
                error = StoreDamaged("rollback failed")
        if is_damage(error):
            damage = StoreDamaged(type(error).__name__)
            damage.__cause__ = error
            error = damage
        for _work, future in batch:
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
