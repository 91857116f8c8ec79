"""Files of the account: sealed into the cache, up and down in chunks that resume, opened only when the user asks."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from app.session.api import ApiClient
from app.session.filecache import Cancelled, FileCache
from app.session.foldertree import TreeReader, UnsafeTree, unpack_tree
from app.session.http import SessionEnded, is_temporary
from app.session.states import NetworkError
from app.store.commands import SendCommand
from app.store.database import Reader, Writer
from app.store.queries import outbox, transfers
from app.store.records import TransferDirection, TransferRow, TransferState
from app.store.store import Store
from server_stub.contract.content import FILED, FileRef, FolderContent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.files import FileStart, FileState
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError, SealReason
from server_stub.contract.sm.sealed import chunk_count

T = TypeVar("T")
log = logging.getLogger(__name__)

_CHUNKS_AT_ONCE = 2
_FILES_AT_ONCE = 2
_CACHE_LIMIT = 2 * 1024**3
_PROGRESS_SECONDS = 0.2
_SPOILT_CHUNKS = 3
"""Downloads of one file that do not fit their digest before it is given up."""


class FileRefused(Exception):
    """A file cannot be sent; `text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class FileUnavailable(Exception):
    """A file cannot be fetched or opened; `text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Files:
    """Runs transfers in the background; their state is in the "transfers" table.

    `released(client_id)` is called when a message's file has arrived or was paused, so that messages behind it need not
    wait for it; `upload_failed(client_id, text)` when it was definitely refused;
    `tampered(conversation_id, file_id)` when a chunk is not what its sender sealed.
    """

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        algorithms: Algorithms,
        *,
        wait_connected: Callable[[], Awaitable[None]],
        released: Callable[[str], None] = lambda _client_id: None,
        upload_failed: Callable[[str, str], Awaitable[None]],
        tampered: Callable[[str, str], None] = lambda _conversation_id, _file_id: None,
        cache_limit: int = _CACHE_LIMIT,
    ) -> None:
        """`cache_limit` in bytes: finished files beyond it are dropped, the longest unused first."""
        self._store = store
        self._api = api
        self._algorithms = algorithms
        self._wait_connected = wait_connected
        self._released = released
        self._upload_failed = upload_failed
        self._tampered = tampered
        self._cache_limit = cache_limit
        self._cache = FileCache(store.folder, algorithms)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stops: dict[str, threading.Event] = {}
        self._done: dict[str, asyncio.Event] = {}
        self._slots = {
            TransferDirection.UP: asyncio.Semaphore(_FILES_AT_ONCE),
            TransferDirection.DOWN: asyncio.Semaphore(_FILES_AT_ONCE),
        }
        self._spoilt: dict[str, int] = {}
        self._closing = False

    async def start(self, *, wipe: bool = True) -> None:
        """Wipe plain copies of the last run, and go on with what was under way."""
        if wipe:
            await asyncio.to_thread(self._store.folder.wipe_opened)
        await self._store.write(_reconcile)
        for row in await self._store.read(transfers.active):
            if row.state is not TransferState.PAUSED:
                self._launch(row.file_id)

    async def close(self) -> None:
        """Stop the transfers (they resume at the next start) and wipe plain copies."""
        self._closing = True
        for stop in self._stops.values():
            stop.set()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._store.folder.wipe_opened)

    # Uploads.

    async def seal_now(self, data: bytes, file_id: str, key: bytes) -> bytes:
        """Seal bytes from memory into the cache; return their SM3."""
        return await asyncio.to_thread(self._cache.seal_bytes, data, file_id, key)

    def launch_upload(self, file_id: str) -> None:
        """Begin an upload whose transfer row is in the store."""
        self._launch(file_id)

    async def upload_again(self, file_id: str) -> bool:
        """The server no longer has a file that we sent: send it once more from the cache; False when we cannot."""
        row = await self._store.read(lambda db: transfers.get(db, file_id))
        if row is None or row.direction is not TransferDirection.UP:
            return False
        if not await asyncio.to_thread(self._cache.path(file_id).exists):
            return False

        def work(db: Writer) -> None:
            transfers.set_have(db, file_id, set(), _now())
            transfers.set_state(db, file_id, TransferState.QUEUED, _now())

        await self._store.write(work)
        self._launch(file_id)
        return True

    # Downloads.

    async def fetch(self, file: FileRef, conversation_id: str) -> None:
        """Start or resume a download in the background; nothing to do when the file is here."""
        row = await self._ensure_row(file, conversation_id)
        if row.state in (TransferState.PAUSED, TransferState.FAILED):
            await self.resume(file.file_id)
        elif row.state is not TransferState.DONE:
            self._launch(file.file_id)

    async def fetched(self, file: FileRef, conversation_id: str) -> None:
        """Wait until the file is here. Raises FileUnavailable."""
        await self.fetch(file, conversation_id)
        while True:
            event = self._done.setdefault(file.file_id, asyncio.Event())
            row = await self._store.read(lambda db: transfers.get(db, file.file_id))
            if row is None:
                raise FileUnavailable("已取消。")
            if row.state is TransferState.DONE:
                return
            if row.state is TransferState.FAILED:
                raise FileUnavailable(row.error or "文件无法获取。")
            if row.state is TransferState.PAUSED:
                raise FileUnavailable("已暂停。")
            if row.direction is TransferDirection.UP and row.state is not TransferState.PREPARING:
                return  # Our own file lies in the cache already while it goes up.
            event.clear()
            await event.wait()

    async def open_copy(self, file: FileRef, conversation_id: str) -> Path:
        """Fetch if needed, and make a plain copy for the system's program."""
        return await self._with_content(
            file,
            conversation_id,
            lambda: self._cache.open_copy(file.file_id, file.key, file.size, file.digest, file.name),
        )

    async def save(self, file: FileRef, conversation_id: str, target: Path) -> None:
        """Fetch if needed, and write the plain file to `target`."""
        await self._with_content(
            file,
            conversation_id,
            lambda: self._cache.write_plain(file.file_id, file.key, file.size, file.digest, target),
        )

    async def unpack(self, folder: FolderContent, conversation_id: str, target: Path) -> Path:
        """Fetch a folder if needed, and write it whole below `target`; returns where it lies. Raises FileUnavailable."""
        file = folder.file

        def work() -> Path:
            chunks = self._cache.plain_chunks(file.file_id, file.key, file.size)
            return unpack_tree(chunks, folder, target)

        try:
            return await self._with_content(file, conversation_id, work)
        except UnsafeTree as error:
            raise FileUnavailable(error.text) from None

    async def read(self, file: FileRef, conversation_id: str) -> bytes:
        """Fetch if needed; the plain content in memory."""
        return await self._with_content(
            file,
            conversation_id,
            lambda: self._cache.read_plain(file.file_id, file.key, file.size),
        )

    async def read_here(self, file: FileRef) -> bytes | None:
        """The plain content in memory if the file lies here whole; nothing is fetched."""
        try:
            return await asyncio.to_thread(self._cache.read_plain, file.file_id, file.key, file.size)
        except (SealError, OSError):
            return None

    # Both.

    async def pause(self, file_id: str) -> None:
        """Stop for now; also over a restart."""
        row = await self._store.read(lambda db: transfers.get(db, file_id))
        if row is None or row.state in (TransferState.DONE, TransferState.FAILED):
            return
        await self._stop(file_id)
        await self._set(file_id, TransferState.PAUSED)
        if row.direction is TransferDirection.UP and row.client_id:
            self._released(row.client_id)

    async def resume(self, file_id: str) -> None:
        """Go on with a paused or failed transfer."""
        row = await self._store.read(lambda db: transfers.get(db, file_id))
        if row is None or row.state not in (TransferState.PAUSED, TransferState.FAILED):
            return
        source = await self._store.read(lambda db: transfers.secrets_of(db, file_id))
        unprepared = row.direction is TransferDirection.UP and source is not None and not source.digest
        await self._set(file_id, TransferState.PREPARING if unprepared else TransferState.QUEUED)
        self._launch(file_id)

    async def cancel(self, file_id: str) -> None:
        """Give up: the row and the cached bytes go."""
        await self._stop(file_id)
        await self._store.write(lambda db: transfers.remove(db, file_id))
        await asyncio.to_thread(self._cache.remove, file_id)
        self._tell(file_id)

    # Inner parts.

    async def _with_content(self, file: FileRef, conversation_id: str, work: Callable[[], T]) -> T:
        """Run `work` in a thread once the file is here; fetch it anew once when the cached bytes are bad."""
        problem = "文件内容不完整。"
        for attempt in (0, 1):
            await self.fetched(file, conversation_id)
            try:
                return await asyncio.to_thread(work)
            except SealError as error:
                problem = error.text
            except OSError as error:
                if await asyncio.to_thread(self._cache.path(file.file_id).exists) and error.errno is not None:
                    raise FileUnavailable("无法写入文件，请检查位置和可用空间。") from None
                problem = "文件内容不完整。"
            row = await self._store.read(lambda db: transfers.get(db, file.file_id))
            if (
                row is not None
                and row.direction is TransferDirection.UP
                and row.state is not TransferState.DONE
            ):
                break  # The only copy there is: the upload finds out by itself.
            if attempt == 0:
                log.warning("a cached file is damaged; fetching it again")
                await self.cancel(file.file_id)
        raise FileUnavailable(problem)

    async def _ensure_row(self, file: FileRef, conversation_id: str) -> TransferRow:
        def work(db: Writer) -> TransferRow | None:
            transfers.start(
                db,
                file_id=file.file_id,
                direction=TransferDirection.DOWN,
                name=file.name,
                size=file.size,
                chunks=chunk_count(file.size),
                key=file.key,
                digest=file.digest,
                conversation_id=conversation_id,
                state=TransferState.QUEUED,
                now_ms=_now(),
            )
            transfers.touch(db, file.file_id, _now())
            return transfers.get(db, file.file_id)

        row = await self._store.write(work)
        if row is None:
            raise FileUnavailable("文件无法获取。")
        return row

    def _launch(self, file_id: str) -> None:
        if self._closing or file_id in self._tasks:
            return
        task = asyncio.get_running_loop().create_task(self._run(file_id), name="transfer")
        self._tasks[file_id] = task

        def ended(done: "asyncio.Task[None]") -> None:
            if self._tasks.get(file_id) is done:
                del self._tasks[file_id]
            self._tell(file_id)

        task.add_done_callback(ended)

    def _tell(self, file_id: str) -> None:
        event = self._done.get(file_id)
        if event is not None:
            event.set()

    async def _stop(self, file_id: str) -> None:
        stop = self._stops.get(file_id)
        if stop is not None:
            stop.set()
        task = self._tasks.pop(file_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _set(self, file_id: str, state: TransferState, error: str = "") -> None:
        await self._store.write(lambda db: transfers.set_state(db, file_id, state, _now(), error))
        self._tell(file_id)

    async def _run(self, file_id: str) -> None:
        row = await self._store.read(lambda db: transfers.get(db, file_id))
        secrets = await self._store.read(lambda db: transfers.secrets_of(db, file_id))
        if row is None or secrets is None:
            return
        try:
            async with self._slots[row.direction]:
                if row.state is TransferState.PREPARING:
                    await self._prepare(row, secrets.key, secrets.source)
                await self._set(file_id, TransferState.RUNNING)
                await self._persist(row, secrets.key)
        except _Failed as failure:
            await self._set(file_id, TransferState.FAILED, failure.text)
            if row.direction is TransferDirection.UP and row.client_id:
                await self._upload_failed(row.client_id, failure.text)
            return
        except SessionEnded:
            return  # It goes on after the next sign-in.
        await self._set(file_id, TransferState.DONE)
        if row.direction is TransferDirection.UP and row.client_id:
            self._released(row.client_id)
        await self._evict()

    async def _persist(self, row: TransferRow, key: bytes) -> None:
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
                    raise _Failed(error.message) from None
            except OSError:
                raise _Failed("本机磁盘读写失败，请检查可用空间后重试。") from None
            await asyncio.sleep(wait)
            pause = min(pause * 2, 30.0)

    async def _prepare(self, row: TransferRow, key: bytes, source: str) -> None:
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
            raise _Failed("文件已被移动、更改或无法读取。") from None
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
            raise _Failed(error.text) from None

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
            if not self._closing:
                await asyncio.shield(self._note(row.file_id, have))

    async def _note(self, file_id: str, have: set[int]) -> None:
        copy = frozenset(have)
        await self._store.write(lambda db: transfers.set_have(db, file_id, copy, _now()))

    async def _evict(self) -> None:
        """Drop the longest unused finished files beyond the limit."""

        def excess(db: Reader) -> list[str]:
            rows = transfers.evictable(db)
            over = sum(size for _, size in rows) - self._cache_limit
            gone: list[str] = []
            for file_id, size in rows[:-1]:
                if over <= 0:
                    break
                gone.append(file_id)
                over -= size
            return gone

        for file_id in await self._store.read(excess):
            await self._store.write(lambda db, file_id=file_id: transfers.remove(db, file_id))
            await asyncio.to_thread(self._cache.remove, file_id)


_START_OVER = {ErrorCode.INTEGRITY, ErrorCode.NOT_FOUND, ErrorCode.GONE}


class _Failed(Exception):
    """Trying again does not help; `text` is for the user."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _tree_of(db: Reader, client_id: str) -> FolderContent | None:
    """The folder that a waiting message carries; None for every other message."""
    command = outbox.get(db, client_id)
    content = outbox.content_of(command) if command is not None else None
    return content if isinstance(content, FolderContent) else None


def _reconcile(db: Writer) -> None:
    """Unsent messages whose transfers were lost with a damaged store: the sealed files are in the cache."""
    for command in outbox.waiting(db):
        content, payload = outbox.content_of(command), outbox.payload_of(command)
        if isinstance(content, FILED) and isinstance(payload, SendCommand) and not payload.forwarded:
            file = content.file
            transfers.start(
                db,
                file_id=file.file_id,
                direction=TransferDirection.UP,
                name=file.name,
                size=file.size,
                chunks=chunk_count(file.size),
                key=file.key,
                digest=file.digest,
                conversation_id=command.conversation_id,
                client_id=command.client_id,
                state=TransferState.QUEUED,
                now_ms=_now(),
            )


def _now() -> int:
    return int(time.time() * 1000)
