"""Files of the account: sealed into the cache, up and down in chunks that resume, opened only when the user asks."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from app.session.api import ApiClient
from app.session.carrier import Carrier, TransferFailed
from app.session.filecache import FileCache
from app.session.foldertree import UnsafeTree, unpack_tree
from app.session.http import SessionEnded
from app.store.commands import SendCommand
from app.store.database import Reader, Writer
from app.store.queries import outbox, transfers
from app.store.records import TransferDirection, TransferRow, TransferState
from app.store.store import Store
from server_stub.contract.content import FILED, FileRef, FolderContent
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError

T = TypeVar("T")
log = logging.getLogger(__name__)

_FILES_AT_ONCE = 2
_CACHE_LIMIT = 2 * 1024**3


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
        self._released = released
        self._upload_failed = upload_failed
        self._cache_limit = cache_limit
        self._cache = FileCache(store.folder, algorithms)
        self._carrier = Carrier(
            store, api, algorithms, self._cache, wait_connected=wait_connected, tampered=tampered
        )
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._done: dict[str, asyncio.Event] = {}
        self._slots = {
            TransferDirection.UP: asyncio.Semaphore(_FILES_AT_ONCE),
            TransferDirection.DOWN: asyncio.Semaphore(_FILES_AT_ONCE),
        }

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
        self._carrier.close()
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
                file,
                TransferDirection.DOWN,
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
        if self._carrier.closing or file_id in self._tasks:
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
        self._carrier.stop(file_id)
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
                    await self._carrier.prepare(row, secrets.key, secrets.source)
                await self._set(file_id, TransferState.RUNNING)
                await self._carrier.persist(row, secrets.key)
        except TransferFailed as failure:
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


def _reconcile(db: Writer) -> None:
    """Unsent messages whose transfers were lost with a damaged store: the sealed files are in the cache."""
    for command in outbox.waiting(db):
        content, payload = outbox.content_of(command), outbox.payload_of(command)
        if isinstance(content, FILED) and isinstance(payload, SendCommand) and not payload.forwarded:
            file = content.file
            transfers.start(
                db,
                file,
                TransferDirection.UP,
                conversation_id=command.conversation_id,
                client_id=command.client_id,
                state=TransferState.QUEUED,
                now_ms=_now(),
            )


def _now() -> int:
    return int(time.time() * 1000)
