"""The files of messages, found by their id: open, save, fetch, pause, cancel."""

from pathlib import Path

from app.session.files import Files, FileUnavailable
from app.session.messages import Messages
from app.store.database import Reader
from app.store.queries import groups, messages, outbox, transfers
from app.store.records import TransferDirection
from app.store.store import Store
from server_stub.contract.content import FileRef


class Attachments:
    """Part of a session. What needs the file raises files.FileUnavailable when it cannot be had."""

    def __init__(self, store: Store, files: Files, messages: Messages) -> None:
        self._store, self._files, self._messages = store, files, messages

    async def open(self, file_id: str) -> Path:
        """Fetch if needed, open into the private folder, return the plain path (wiped at exit)."""
        conversation_id, file = await self._find(file_id)
        return await self._files.open_copy(file, conversation_id)

    async def save(self, file_id: str, target: Path) -> None:
        """Fetch if needed and write the plain file where the user wants it."""
        conversation_id, file = await self._find(file_id)
        await self._files.save(file, conversation_id, target)

    async def read(self, file_id: str, limit: int = 32 * 1024 * 1024) -> bytes:
        """The plain content in memory (pictures in the viewer); never touches the disk in clear. `limit`: bytes."""
        conversation_id, file = await self._find(file_id)
        if file.size > limit:
            raise FileUnavailable("文件太大，无法直接预览，请保存后查看。")
        return await self._files.read(file, conversation_id)

    async def download(self, file_id: str) -> None:
        """Start or resume a download in the background; follow it in the "transfers" table."""
        conversation_id, file = await self._find(file_id)
        await self._files.fetch(file, conversation_id)

    async def pause(self, file_id: str) -> None:
        """Pause an upload or download."""
        await self._files.pause(file_id)

    async def resume(self, file_id: str) -> None:
        """Go on with a paused or failed one."""
        row = await self._store.read(lambda db: transfers.get(db, file_id))
        if row is not None and row.direction is TransferDirection.UP and row.client_id:
            await self._messages.retry(row.client_id)
        await self._files.resume(file_id)

    async def cancel(self, file_id: str) -> None:
        """Cancel: a download is dropped, an upload's message is discarded."""
        row = await self._store.read(lambda db: transfers.get(db, file_id))
        if row is not None and row.direction is TransferDirection.UP and row.client_id:
            if await self._store.read(lambda db: outbox.get(db, row.client_id)) is None:
                return  # It has gone out: what is in the cache belongs to a message now.
            await self._messages.discard(row.client_id)
        else:
            await self._files.cancel(file_id)

    async def _find(self, file_id: str) -> tuple[str, FileRef]:
        def find(db: Reader) -> tuple[str, FileRef] | None:
            return (
                transfers.ref(db, file_id) or messages.file_ref(db, file_id) or groups.file_ref(db, file_id)
            )

        found = await self._store.read(find)
        if found is None:
            raise FileUnavailable("文件不存在，或消息已被撤回。")
        return found
