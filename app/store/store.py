"""The local store of one account: opens, reads, writes, tells of changes, recovers from damage."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .changes import Change, Changes
from .connection import Connection, connect, is_damage
from .database import Database, Reader, Writer
from .errors import StoreDamaged
from .exclusive import ExclusiveLock
from .folders import AccountFolder, make_private
from .lifeline import Lifeline
from .migrate import migrate
from .queries import outbox, secrets
from .salvage import Salvage, salvage

T = TypeVar("T")
log = logging.getLogger(__name__)
_SIDE_FILES = ("-wal", "-shm", "-journal")
_QUARANTINES_KEPT = 3


@dataclass(frozen=True, slots=True)
class Recovery:
    """What happened to a damaged store."""

    quarantined: Path
    salvage: Salvage
    unsent: int
    """Commands that came back from the lifeline alone."""


class Store:
    """Made by `await Store.open(folder, key)`; `read` and `write` run functions in the store's own threads.

    Damage found while open is repaired in place: the file is set aside, readable rows come over, unsent commands
    come back from the lifeline, and listeners get a Change("*"); the call that found it runs again.
    """

    def __init__(
        self, folder: AccountFolder, key: bytes, loop: asyncio.AbstractEventLoop, lock: ExclusiveLock
    ) -> None:
        """Use `open`."""
        self.folder = folder
        self.changes = Changes(loop)
        self.recovery: Recovery | None = None
        """Set when the store had to be recovered since it was opened."""
        self.on_recovered: Callable[[Recovery], None] | None = None
        self._key = key
        self._lock = lock
        self._database: Database | None = None
        self._lifeline = Lifeline(folder.lifeline, key)
        self._mending: asyncio.Lock = asyncio.Lock()
        self._closed = False

    @classmethod
    async def open(cls, folder: AccountFolder, key: bytes) -> "Store":
        """Open (or make) the store. Raises StoreInUse, StoreTooNew."""
        make_private(folder.path)
        lock = ExclusiveLock(folder.lock)
        lock.take()
        store = cls(folder, key, asyncio.get_running_loop(), lock)
        try:
            await asyncio.to_thread(store._start)
        except BaseException:
            lock.release()
            raise
        return store

    @property
    def key(self) -> bytes:
        """The raw key, for making another slot; never to be kept or shown."""
        return self._key

    async def read(self, work: Callable[[Reader], T], *, background: bool = False) -> T:
        """Run `work` on one snapshot. `background` takes the thread for slow reads."""
        database = self._current()
        try:
            return await database.read(work, background=background)
        except StoreDamaged:
            await self._mend(database)
        return await self._current().read(work, background=background)

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in a transaction; returns after the commit is on disk. `work` may run twice after damage."""
        database = self._current()
        try:
            return await database.write(work)
        except StoreDamaged:
            await self._mend(database)
        return await self._current().write(work)

    async def close(self) -> None:
        """Finish what was submitted and let go of the files."""
        if self._closed:
            return
        self._closed = True
        async with self._mending:
            if self._database is not None:
                await asyncio.to_thread(self._database.close)
            self._lifeline.close()
            self._lock.release()

    def _current(self) -> Database:
        if self._closed or self._database is None:
            raise RuntimeError("the store is closed")
        return self._database

    # In a thread.

    def _start(self) -> None:
        try:
            connection = self._prepare()
        except Exception as error:
            if not isinstance(error, StoreDamaged) and not is_damage(error):
                raise
            self._recover(error)
            return
        try:
            self._refresh_lifeline(connection)
        finally:
            connection.close()
        self._database = self._run_database()

    def _run_database(self) -> Database:
        return Database(self.folder.database, self._key, self._lifeline, self.changes.post)

    def _prepare(self) -> Connection:
        """Open, migrate, and look at what must be readable for anything to work."""
        if not self.folder.database.exists() and self._lifeline.size() > 0:
            raise StoreDamaged("the database file is missing")
        connection = connect(self.folder.database, self._key)
        try:
            migrate(connection, self.folder.database)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            for table in ("secrets", "sync_state", "outbox", "conversations"):
                connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  our own names
        except BaseException:
            connection.close()
            raise
        with contextlib.suppress(OSError):
            self.folder.database.chmod(0o600)
        return connection

    def _refresh_lifeline(self, connection: Connection) -> None:
        reader = Reader(connection)
        commands = {
            c.client_id: outbox.lifeline_copy(c.client_id, c.kind, c.conversation_id, c.payload, c.created_at)
            for c in outbox.all_of(reader)
        }
        self._lifeline.rewrite(commands, secrets.all_of(reader))

    def _recover(self, cause: BaseException) -> None:
        """Set the file aside, make a fresh one, fill it with what is left."""
        log.error("the store is damaged; recovering", extra={"error": type(cause).__name__})
        quarantined = self._quarantine()
        commands, kept = self._lifeline.replay()
        connection = connect(self.folder.database, self._key)
        try:
            migrate(connection, self.folder.database)
            connection.execute("BEGIN IMMEDIATE")
            writer = Writer(connection, self._lifeline)
            report = salvage(quarantined, self._key, writer)
            unsent = sum(outbox.restore(writer, data) for data in commands.values())
            for name, value in kept.items():
                writer.run("INSERT OR REPLACE INTO secrets(name, value) VALUES(?, ?)", (name, value))
            connection.execute("COMMIT")
            self._lifeline.back_to(0)
            self._refresh_lifeline(connection)
        finally:
            connection.close()
        self.recovery = Recovery(quarantined, report, unsent)
        self._database = self._run_database()
        log.warning(
            "the store was recovered",
            extra={"rows": report.rows, "broken": report.broken, "unsent": unsent},
        )

    def _quarantine(self) -> Path:
        """Rename the file with the time; the write-ahead log goes with it, the oldest quarantines go."""
        stamp = time.strftime("%Y%m%d-%H%M%S") + f"-{time.monotonic_ns() % 1_000_000:06d}"
        file = self.folder.database
        quarantined = file.with_name(f"{file.name}.damaged-{stamp}")
        for suffix in ("", *_SIDE_FILES):
            part = file.with_name(file.name + suffix)
            if part.exists():
                part.replace(quarantined.with_name(quarantined.name + suffix))
        kept = sorted(
            f for f in file.parent.glob(f"{file.name}.damaged-*") if not f.name.endswith(_SIDE_FILES)
        )
        for old in kept[:-_QUARANTINES_KEPT]:
            for suffix in ("", *_SIDE_FILES):
                old.with_name(old.name + suffix).unlink(missing_ok=True)
        return quarantined

    async def _mend(self, damaged: Database) -> None:
        """Recover once, however many calls met the damage."""
        async with self._mending:
            if self._closed or self._database is not damaged:
                return

            def work() -> None:
                damaged.close()
                self._lifeline.close()
                self._recover(StoreDamaged("found while open"))

            await asyncio.to_thread(work)
        self.changes.post([Change("*")])
        if self.on_recovered is not None and self.recovery is not None:
            self.on_recovered(self.recovery)
