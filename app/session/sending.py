"""Sends text, files and pictures: as commands of the outbox, with the transfers of their files."""

import asyncio
import mimetypes
from collections.abc import Callable, Sequence
from pathlib import Path

from app.session.files import FileRefused, Files
from app.session.outbox import Outbox
from app.store.commands import SendCommand
from app.store.database import Writer
from app.store.queries import conversations, drafts, outbox, transfers
from app.store.records import TransferDirection, TransferState
from app.store.store import Store
from server_stub.contract.content import (
    AnyContent,
    FileContent,
    FileRef,
    ImageContent,
    LinkPreview,
    Quote,
    TextContent,
    encode_content,
)
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.sealed import new_key

MAX_TEXT = 20_000
MAX_THUMBNAIL = 16 * 1024
MAX_QUOTE = 200


class Sending:
    """Part of a session. Each method that sends returns when the command is on disk; other kinds: `MessageKinds`."""

    def __init__(self, store: Store, queue: Outbox, files: Files, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._queue = queue
        self._files = files
        self._now_ms = now_ms
        self._max_bytes = 0
        self._blocked: frozenset[str] = frozenset()

    def limit(self, max_bytes: int, blocked_extensions: Sequence[str]) -> None:
        """The server's limits (ServerInfo), so that a refused file is refused before it is sealed; 0 bytes: unknown."""
        self._max_bytes = max_bytes
        self._blocked = frozenset(extension.lower() for extension in blocked_extensions)

    async def text(
        self,
        conversation_id: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        quote: Quote | None = None,
        preview: LinkPreview | None = None,
    ) -> str:
        """Send text (1 to 20,000 characters); return the client id. Raises ValueError when empty or too long.

        The conversation's draft goes in the same transaction.
        """
        if not text.strip():
            raise ValueError("消息不能为空。")
        if len(text) > MAX_TEXT:
            raise ValueError(f"消息不能超过 {MAX_TEXT} 字。")
        content = TextContent(text=text, mentions=list(mentions), quote=short(quote), preview=preview)
        client_id = uuid7()

        def work(db: Writer) -> None:
            self._enqueue(db, client_id, conversation_id, content, [])
            drafts.remove(db, conversation_id)

        await self._store.write(work)
        self._queue.kick(conversation_id)
        return client_id

    async def files(
        self, conversation_id: str, paths: Sequence[Path], *, quote: Quote | None = None
    ) -> list[str]:
        """Send files, each a message; return client ids. Nothing is sent when one of them is refused.

        Raises files.FileRefused (missing, too large, type).
        """
        sizes = await asyncio.to_thread(lambda: [self._checked(path) for path in paths])
        client_ids: list[str] = []
        for path, size in zip(paths, sizes, strict=True):
            file = FileRef(
                file_id=uuid7(), key=new_key(), name=path.name, size=size, media_type=_media_type(path.name)
            )
            content = FileContent(file=file, quote=short(quote) if not client_ids else None)
            client_ids.append(
                await self.with_file(
                    conversation_id, content, file, TransferState.PREPARING, str(path.absolute())
                )
            )
        return client_ids

    async def image(
        self,
        conversation_id: str,
        data: bytes,
        *,
        name: str,
        width: int,
        height: int,
        thumbnail: bytes = b"",
        media_type: str = "image/png",
        quote: Quote | None = None,
    ) -> str:
        """Send a picture from memory (pasted, screenshot, dropped); it is sealed into the cache before this returns.

        `thumbnail`: a JPEG of at most 16 KiB.
        """
        if len(thumbnail) > MAX_THUMBNAIL:
            raise ValueError("the thumbnail is larger than 16 KiB")
        self.check(name, len(data))
        file_id, key = uuid7(), new_key()
        digest = await self._files.seal_now(data, file_id, key)
        file = FileRef(
            file_id=file_id, key=key, name=name, size=len(data), digest=digest, media_type=media_type
        )
        content = ImageContent(file=file, width=width, height=height, thumbnail=thumbnail, quote=short(quote))
        return await self.with_file(conversation_id, content, file, TransferState.QUEUED, "")

    async def with_file(
        self,
        conversation_id: str,
        content: AnyContent,
        file: FileRef,
        state: TransferState,
        source: str,
    ) -> str:
        """Send a message whose file goes up first: from `source` (PREPARING), or from the cache (QUEUED)."""
        client_id = uuid7()

        def work(db: Writer) -> None:
            transfers.start(
                db,
                file,
                TransferDirection.UP,
                conversation_id=conversation_id,
                client_id=client_id,
                state=state,
                source=source,
                now_ms=self._now_ms(),
            )
            self._enqueue(db, client_id, conversation_id, content, [file.file_id])

        await self._store.write(work)
        self._files.launch_upload(file.file_id)
        return client_id

    async def content(
        self, conversation_id: str, content: AnyContent, file_ids: list[str], *, forwarded: bool = False
    ) -> str:
        """Send a content whose files, if any, are on the server already; return the client id."""
        client_id = uuid7()

        def work(db: Writer) -> None:
            self._enqueue(db, client_id, conversation_id, content, file_ids, forwarded=forwarded)

        await self._store.write(work)
        self._queue.kick(conversation_id)
        return client_id

    def _enqueue(
        self,
        db: Writer,
        client_id: str,
        conversation_id: str,
        content: AnyContent,
        file_ids: list[str],
        *,
        forwarded: bool = False,
    ) -> None:
        now = self._now_ms()
        command = SendCommand(encode_content(content), file_ids, forwarded)
        outbox.add(db, client_id, conversation_id, command, now)
        conversations.touch(db, conversation_id, now)

    def _checked(self, path: Path) -> int:
        try:
            if path.is_dir():
                raise FileRefused(f"“{path.name}”是文件夹，请先压缩再发送。")
            with path.open("rb"):
                size = path.stat().st_size
        except OSError:
            raise FileRefused(f"“{path.name}”不存在或无法读取。") from None
        self.check(path.name, size)
        return size

    def check(self, name: str, size: int) -> None:
        """Raises FileRefused for what the server would refuse."""
        if self._max_bytes and size > self._max_bytes:
            raise FileRefused(f"“{name}”超过 {self._max_bytes // (1024 * 1024)} MB 的大小限制。")
        extension = Path(name).suffix.removeprefix(".").lower()
        if extension in self._blocked:
            raise FileRefused(f"不允许发送 .{extension} 类型的文件。")


def short(quote: Quote | None) -> Quote | None:
    """The quote with at most 200 characters of text."""
    if quote is None or len(quote.text) <= MAX_QUOTE:
        return quote
    return Quote(seq=quote.seq, sender_id=quote.sender_id, text=quote.text[:MAX_QUOTE] + "…")


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or ""
