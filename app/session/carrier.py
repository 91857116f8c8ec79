"""Carries one file up or down: sealed first, chunk by chunk, through network failures and busy servers."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.session.api import ApiClient
from app.session.filecache import Cancelled, FileCache
from app.session.foldertree import TreeReader
from app.session.http import is_temporary
from app.session.states import NetworkError
from app.store.database import Reader, Writer
from app.store.queries import outbox, transfers
from app.store.records import TransferDirection, TransferRow, TransferState
from app.store.store import Store
from server_stub.contract.content import FolderContent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.files import FileStart, FileState
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError, SealReason

_CHUNKS_AT_ONCE = 2
_PROGRESS_SECONDS = 0.2
_SPOILT_CHUNKS = 3
"""Downloads of one file that do not fit their digest before it is given up."""
_START_OVER = {ErrorCode.INTEGRITY, ErrorCode.NOT_FOUND, ErrorCode.GONE}


class TransferFailed(Exception):
    """Trying again does not help; `text` is for the user."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Carrier:
    """Part of Files, which decides what is carried when. Progress is noted in the "transfers" table."""

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        algorithms: Algorithms,
        cache: FileCache,
        *,
        wait_connected: Callable[[], Awaitable[None]],
        tampered: Callable[[str, str], None],
    ) -> None:
        """`tampered`: see Files."""
        self._store, self._api, self._algorithms, self._cache = store, api, algorithms, cache
        self._wait_connected, self._tampered = wait_connected, tampered
        self._stops: dict[str, threading.Event] = {}
        self._spoilt: dict[str, int] = {}
        self.closing = False
        """The store is about to close: progress is noted no more."""

    def stop(self, file_id: str) -> None:
        """Let the sealing of a file end soon; the rest ends with the task that carries it."""
        stop = self._stops.get(file_id)
        if stop is not None:
            stop.set()

    def close(self) -> None:
        """Let all sealing end soon."""
        self.closing = True
        for stop in self._stops.values():
            stop.set()

    async def persist(self, row: TransferRow, key: bytes) -> None:
        """Keep trying through network failures and busy servers."""
        pause, restarts = 0.5, 0
        while True:
            try:
                if row.direction is TransferDirection.UP:
                    await self._upload(row)
                else:
                    await self._download(row, key)
                return
            except NetworkError:
                await self._wait_connected()
                wait = pause
            except ApiError as error:
                if is_temporary(error):
                    wait = max(pause, error.retry_after)
                elif row.direction is TransferDirection.UP and error.code in _START_OVER and restarts < 3:
                    # The server dropped a half-finished upload, or a chunk was damaged on the way.
                    restarts += 1
                    wait = 0.2
                else:
                    raise TransferFailed(error.message) from None
            except OSError:
                raise TransferFailed("本机磁盘读写失败，请检查可用空间后重试。") from None
            await asyncio.sleep(wait)
            pause = min(pause * 2, 30.0)

    async def prepare(self, row: TransferRow, key: bytes, source: str) -> None:
        """Seal the file into the cache, so that it goes out as it was when the user sent it."""
        stop = self._stops[row.file_id] = threading.Event()
        try:
            tree = await self._store.read(lambda db: _tree_of(db, row.client_id))
            if tree is None:
                digest = await asyncio.to_thread(
                    self._cache.seal_file, Path(source), row.file_id, key, row.size, stop=stop
                )
            else:
                reader = TreeReader(Path(source), tree.entries)
                digest = await asyncio.to_thread(
                    self._cache.seal_stream, reader, row.file_id, key, row.size, stop=stop
                )
        except Cancelled:
            raise asyncio.CancelledError from None
        except OSError:
            raise TransferFailed("文件已被移动、更改或无法读取。") from None
        finally:
            self._stops.pop(row.file_id, None)

        def work(db: Writer) -> None:
            transfers.set_digest(db, row.file_id, digest)
            transfers.set_state(db, row.file_id, TransferState.QUEUED, _now())
            outbox.note_digest(db, row.client_id, row.file_id, digest)

        await self._store.write(work)

    async def _upload(self, row: TransferRow) -> None:
        extension = Path(row.name).suffix.removeprefix(".").lower()[:20]
        state: FileState = await self._api.start_file(
            FileStart(id=row.file_id, size=row.size, chunks=row.chunks, extension=extension)
        )
        if not state.complete:
            await self._each_chunk(row, set(state.received), lambda index: self._send_chunk(row, index))
            digest = await asyncio.to_thread(self._digest_of_chunks, row)
            await self._api.complete_file(row.file_id, digest)
        every = set(range(row.chunks))
        await self._store.write(lambda db: transfers.set_have(db, row.file_id, every, _now()))

    async def _send_chunk(self, row: TransferRow, index: int) -> None:
        def read() -> tuple[bytes, bytes]:
            sealed = self._cache.sealed_chunk(row.file_id, index, row.size)
            return sealed, self._algorithms.sm3(sealed)

        sealed, digest = await asyncio.to_thread(read)
        await self._api.put_chunk(row.file_id, index, sealed, digest)

    def _digest_of_chunks(self, row: TransferRow) -> bytes:
        hasher = self._algorithms.sm3_hasher()
        for index in range(row.chunks):
            hasher.update(self._algorithms.sm3(self._cache.sealed_chunk(row.file_id, index, row.size)))
        return hasher.digest()

    async def _download(self, row: TransferRow, key: bytes) -> None:
        current = await self._store.read(lambda db: transfers.get(db, row.file_id))
        have = set(current.have) if current is not None else set()
        if not await asyncio.to_thread(self._cache.path(row.file_id).exists):
            have = set()
        await self._each_chunk(row, have, lambda index: self._get_chunk(row, key, index))

    async def _get_chunk(self, row: TransferRow, key: bytes, index: int) -> None:
        sealed, digest = await self._api.get_chunk(row.file_id, index)

        def keep() -> None:
            if digest and self._algorithms.sm3(sealed) != digest:
                spoilt = self._spoilt[row.file_id] = self._spoilt.get(row.file_id, 0) + 1
                if spoilt >= _SPOILT_CHUNKS:
                    # Not the line's doing: it lies like this on the server.
                    raise SealError(SealReason.TAMPERED)
                raise NetworkError("下载的内容有误，正在重试。", "chunk digest")
            self._cache.put_chunk(row.file_id, key, index, row.size, sealed)

        try:
            await asyncio.to_thread(keep)
        except SealError as error:
            self._spoilt.pop(row.file_id, None)
            self._tampered(row.conversation_id, row.file_id)
            raise TransferFailed(error.text) from None

    async def _each_chunk(
        self, row: TransferRow, have: set[int], work: Callable[[int], Awaitable[None]]
    ) -> None:
        """Run `work` for every missing chunk, a few at once, and note the progress."""
        missing = iter(sorted(set(range(row.chunks)) - have))
        noted = 0.0

        async def worker() -> None:
            nonlocal noted
            for index in missing:
                await work(index)
                have.add(index)
                now = time.monotonic()
                if now - noted >= _PROGRESS_SECONDS:
                    noted = now
                    await self._note(row.file_id, have)

        await self._note(row.file_id, have)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_CHUNKS_AT_ONCE):
                    group.create_task(worker())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            if not self.closing:
                await asyncio.shield(self._note(row.file_id, have))

    async def _note(self, file_id: str, have: set[int]) -> None:
        copy = frozenset(have)
        await self._store.write(lambda db: transfers.set_have(db, file_id, copy, _now()))


def _tree_of(db: Reader, client_id: str) -> FolderContent | None:
    """The folder that a waiting message carries; None for every other message."""
    command = outbox.get(db, client_id)
    content = outbox.content_of(command) if command is not None else None
    return content if isinstance(content, FolderContent) else None


def _now() -> int:
    return int(time.time() * 1000)
