"""Reads the words of the chats' files into the store, while nothing else goes on: one at a time, bounded, and only if wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from app.session.files import Files
from app.store.changes import Change
from app.store.database import Reader, Writer
from app.store.queries import assistant, file_texts
from app.store.queries.file_texts import Passage, TextState, Waiting
from app.store.store import Store

log = logging.getLogger(__name__)

QUIET_SECONDS = 4.0
"""Nothing came, went or was fetched for so long."""
FILE_SECONDS = 90.0
_BREATH = 0.5
"""Between two files."""
_TABLES = ("transfers", "messages", "conversations", "*")


class Unreadable(Exception):
    """The file holds no words that can be read."""


class WordReader(Protocol):
    """Opens files in a process of its own."""

    endings: Sequence[str]
    """How names of files end that it can read."""

    async def read(self, data: bytes, name: str, most: int) -> tuple[str, list[Passage]]:
        """Text and passages. Raises Unreadable."""
        ...

    async def cancel(self) -> None:
        """End what runs; the read raises Unreadable."""
        ...

    async def rest(self) -> None:
        """Nothing more to do for now: give the memory back."""
        ...

    async def close(self) -> None:
        """End for good."""
        ...


class FileReading:
    """`set_on(False)` stops and forgets every text. `caught_up` is set while nothing waits."""

    def __init__(
        self,
        store: Store,
        files: Files,
        reader: WordReader,
        *,
        quiet: float = QUIET_SECONDS,
        longest: float = FILE_SECONDS,
    ) -> None:
        """`quiet` and `longest` in seconds, shortened in tests."""
        self._store, self._files, self._reader = store, files, reader
        self._quiet, self._longest = quiet, longest
        self._on: bool | None = None
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._listening = store.changes.listen(self._changed)
        self.caught_up = asyncio.Event()

    def set_on(self, on: bool) -> None:
        """Begin, or stop and forget."""
        if on == self._on:
            return
        self._on = on
        loop = asyncio.get_running_loop()
        before, self._task = self._task, None
        if on:
            self._task = loop.create_task(self._run(before), name="file reading")
        else:
            self._task = loop.create_task(self._forget(before), name="forgetting files' words")

    async def close(self) -> None:
        """Stop; what was read stays for the next time."""
        self._listening.close()
        await self._stop(self._task)
        await self._reader.close()

    async def _stop(self, task: asyncio.Task[None] | None) -> None:
        if task is None:
            return
        if task.get_name() == "file reading":
            task.cancel()
            await self._reader.cancel()
        # Its own cancellation, should it come meanwhile, is not taken for the task's.
        await asyncio.gather(task, return_exceptions=True)

    async def _forget(self, before: asyncio.Task[None] | None) -> None:
        await self._stop(before)
        await self._store.write(file_texts.forget_all)
        await self._reader.rest()
        self.caught_up.set()

    def _changed(self, change: Change) -> None:
        if change.table in _TABLES:
            self._stirred.set()

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        await self._stop(before)
        while True:
            await self._settled()
            if not await self._read_all():
                continue
            self.caught_up.set()
            await self._reader.rest()
            await self._stirred.wait()
            self.caught_up.clear()

    async def _settled(self) -> None:
        """Wait until nothing has stirred for a while."""
        while True:
            self._stirred.clear()
            try:
                # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with a change.
                async with asyncio.timeout(self._quiet):
                    await self._stirred.wait()
            except TimeoutError:
                return

    async def _read_all(self) -> bool:
        """Whether everything that waited is read; False when something stirred meanwhile."""
        while rows := await self._store.read(self._waiting, background=True):
            for row in rows:
                if self._stirred.is_set():
                    return False
                await self._read_one(row)
                await asyncio.sleep(_BREATH if self._quiet >= _BREATH else 0)
        return True

    def _waiting(self, db: Reader) -> list[Waiting]:
        found = file_texts.waiting(db, self._reader.endings)
        keys = {
            row.file.file_id: assistant.message_key(row.conversation_id, row.seq, row.file.file_id)
            for row in found
        }
        allowed = assistant.visible(db, list(keys.values()))
        return [row for row in found if keys[row.file.file_id] in allowed]

    async def _read_one(self, row: Waiting) -> None:
        data = await self._files.read_here(row.file)
        state, text, parts = TextState.NOTHING, "", list[Passage]()
        if data is not None:
            reading = asyncio.ensure_future(
                self._reader.read(data, row.file.name, file_texts.MOST_CHARACTERS)
            )
            try:
                done, _ = await asyncio.wait([reading], timeout=self._longest)
                if not done:
                    await self._reader.cancel()
                text, parts = await reading
                state = TextState.READ if text else TextState.NOTHING
            except Unreadable:
                pass
            finally:
                reading.cancel()

        def work(db: Writer) -> None:
            file_texts.put(db, row.file.file_id, state, text, parts)

        await self._store.write(work)
