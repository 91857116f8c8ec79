"""The one way to the database: reads in a thread pool, writes with group commit.

A write's future resolves only after the commit that holds it is on disk. Writes that arrive while a commit is
running share the next one, so that one fdatasync carries many of them.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

T = TypeVar("T")
log = logging.getLogger(__name__)

Work = Callable[[Connection], Any]
_MAX_BATCH = 512
_RETRIES = 5
_SERIALISATION = {"40001", "40P01"}


class Database:
    """Runs functions on SQLAlchemy connections.

    `read(fn)`: fn sees one snapshot and must not write. `write(fn)`: fn runs inside a transaction shared with
    other writes, in a savepoint of its own, so that its failure leaves the others alone. fn may run again after
    a serialisation failure: it must have no effect outside the database.
    """

    def __init__(self, engine: Engine, *, readers: int = 4, writers: int = 1) -> None:
        """`writers` is 1 on SQLite, which has one writer anyway; more on PostgreSQL."""
        self.engine = engine
        self.dialect = engine.dialect.name
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="db-read")
        self._queue: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._writers = [
            threading.Thread(target=self._write_loop, name=f"db-write-{index}", daemon=True)
            for index in range(writers)
        ]
        self._closed = False
        for thread in self._writers:
            thread.start()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a reader thread and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.read_now, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next transaction and return its value once that is committed."""
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Callable[[Connection], T]) -> "Future[T]":
        """The same for threads: a future that resolves after the commit."""
        if self._closed:
            raise RuntimeError("the database is closed")
        future: Future[T] = Future()
        self._queue.put((work, future))
        return future

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Run `work` at once in this thread (start-up, command line, tests)."""
        with self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            try:
                return work(connection)
            finally:
                connection.rollback()

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """Run `work` through the writer and wait for its commit (start-up, command line, tests)."""
        return self.submit(work).result()

    async def overwrite_log(self) -> None:
        """Empty the write-ahead log, where pages from before a deletion lie; in the writer, between two commits, because it
        shuts other writers out. Nothing happens on PostgreSQL, nor while a long read holds the log."""
        if self.dialect == "sqlite":
            await self.write(_overwrite_log)

    def close(self) -> None:
        """Finish what was submitted, then let go of every connection."""
        if self._closed:
            return
        self._closed = True
        for _ in self._writers:
            self._queue.put(None)
        for thread in self._writers:
            thread.join()
        self._readers.shutdown(wait=True)
        self.engine.dispose()

    # The writer threads.

    def _write_loop(self) -> None:
        held: tuple[Work, Future[Any]] | None = None
        while True:
            first = held or self._queue.get()
            held = None
            if first is None:
                return
            if first[0] is _overwrite_log:
                self._empty_log(first[1])
                continue
            batch = [first]
            last = False
            while len(batch) < _MAX_BATCH:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    last = True
                    break
                if item[0] is _overwrite_log:
                    held = item
                    break
                batch.append(item)
            self._commit(batch)
            if last:
                return

    def _empty_log(self, future: "Future[Any]") -> None:
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                raw: Any = connection.connection.driver_connection
                # A long read must not hold up the writers: the next deletion tries again.
                before = raw.execute("PRAGMA busy_timeout").fetchone()[0]
                raw.execute("PRAGMA busy_timeout = 200")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                raw.execute(f"PRAGMA busy_timeout = {before}")
        except Exception as error:
            self._fail([(_overwrite_log, future)], error)
        else:
            self._deliver([(True, None)], [(_overwrite_log, future)])

    def _commit(self, batch: list[tuple[Work, "Future[Any]"]]) -> None:
        for attempt in range(_RETRIES):
            try:
                self._deliver(self._run_batch(batch), batch)
            except DBAPIError as error:
                if _may_retry(error) and attempt + 1 < _RETRIES:
                    continue
                self._fail(batch, error)
            except BaseException as error:
                self._fail(batch, error)
            return

    def _run_batch(self, batch: list[tuple[Work, "Future[Any]"]]) -> list[tuple[bool, Any]]:
        results: list[tuple[bool, Any]] = []
        with self.engine.connect() as connection:
            with connection.begin():
                for work, _future in batch:
                    try:
                        with connection.begin_nested():
                            results.append((True, work(connection)))
                    except DBAPIError as error:
                        if _may_retry(error) or error.connection_invalidated:
                            raise
                        results.append((False, error))
                    except Exception as error:
                        results.append((False, error))
        return results

    @staticmethod
    def _deliver(results: list[tuple[bool, Any]], batch: list[tuple[Work, "Future[Any]"]]) -> None:
        for (good, value), (_work, future) in zip(results, batch, strict=True):
            if not future.set_running_or_notify_cancel():
                continue
            if good:
                future.set_result(value)
            else:
                future.set_exception(value)

    @staticmethod
    def _fail(batch: list[tuple[Work, "Future[Any]"]], error: BaseException) -> None:
        log.error("a batch of writes failed", extra={"writes": len(batch), "error": type(error).__name__})
        for _work, future in batch:
            if future.set_running_or_notify_cancel():
                future.set_exception(error)


def _overwrite_log(_connection: Connection) -> None:
    """Stands in the writer's queue for `Database.overwrite_log`."""


def _may_retry(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    if state in _SERIALISATION:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)
