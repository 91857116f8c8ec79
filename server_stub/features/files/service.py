"""Uploads and downloads of sealed files, chunk by chunk, resumable both ways."""

import asyncio
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.files import CHUNK_BYTES, FileComplete, FileStart, FileState
from server_stub.contract.ids import is_uuid
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import FileAccess, FileRight
from .blobs import BlobStore
from .tables import file_chunks, files

SEAL_BYTES = 256
"""What sealing may add to a chunk at most (head, nonce, tag)."""
MAX_CHUNK_BYTES = CHUNK_BYTES + SEAL_BYTES

Digest = Callable[[bytes], bytes]
"""SM3."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Configured limits of files."""

    max_bytes: int = 2 * 1024**3
    blocked_extensions: frozenset[str] = frozenset({"exe", "bat", "cmd", "com", "scr", "msi", "vbs", "ps1"})
    unfinished_per_person: int = 200
    """Uploads that one person may have under way."""


class FileService:
    """Keeps the rows; the bytes are in the blob store. Never sees a name, a key or a plain byte."""

    def __init__(
        self, *, database: Database, blobs: BlobStore, access: FileAccess, digest: Digest, limits: FileLimits
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._access = access
        self._digest = digest
        self._limits = limits

    async def start(self, caller: Caller, wanted: FileStart) -> FileState:
        """Announce an upload, or take up one that was announced before."""
        self._check(wanted)

        def work(connection: Connection) -> FileState:
            now = _now()
            row = connection.execute(select(files).where(files.c.id == wanted.id)).one_or_none()
            if row is None:
                under_way = connection.execute(
                    select(files.c.id)
                    .where(files.c.uploader_id == caller.person_id, files.c.complete.is_(False))
                    .limit(self._limits.unfinished_per_person)
                ).all()
                if len(under_way) >= self._limits.unfinished_per_person:
                    raise ApiError(ErrorCode.THROTTLED, "unfinished uploads", retry_after=60.0)
                connection.execute(
                    insert(files).values(
                        id=wanted.id,
                        uploader_id=caller.person_id,
                        size=wanted.size,
                        chunks=wanted.chunks,
                        extension=wanted.extension,
                        created_at=now,
                        touched_at=now,
                    )
                )
            else:
                # Somebody else's id answers as if it did not exist for the caller.
                self._access.access_file(connection, caller, wanted.id, FileRight.UPLOAD)
                if (row.size, row.chunks, row.extension) != (wanted.size, wanted.chunks, wanted.extension):
                    raise ApiError(ErrorCode.CONFLICT, "announced differently before")
                connection.execute(update(files).where(files.c.id == wanted.id).values(touched_at=now))
            return _state(connection, wanted.id)

        return await self._database.write(work)

    async def put_chunk(self, caller: Caller, file_id: str, index: int, data: bytes, digest: str) -> None:
        """Store a sealed chunk; a repeat with the same bytes changes nothing."""
        if not data or len(data) > MAX_CHUNK_BYTES:
            raise ApiError(ErrorCode.TOO_LARGE, f"chunk > {MAX_CHUNK_BYTES}")

        def look(connection: Connection) -> None:
            row = self._access.access_file(connection, caller, file_id, FileRight.UPLOAD)
            if not 0 <= index < row.chunks:
                raise ApiError(ErrorCode.BAD_REQUEST, "index")
            if row.complete:
                raise ApiError(ErrorCode.CONFLICT, "complete")
            if len(data) > _plain_size(row.size, row.chunks, index) + SEAL_BYTES:
                raise ApiError(ErrorCode.TOO_LARGE, "chunk")

        await self._database.read(look)

        def check_and_store() -> bytes:
            actual = self._digest(data)
            if not hmac.compare_digest(actual.hex(), digest.lower()):
                raise ApiError(ErrorCode.INTEGRITY, "x-chunk-sm3")
            self._blobs.put(actual, data)
            return actual

        actual = await asyncio.to_thread(check_and_store)

        def note(connection: Connection) -> None:
            row = self._access.access_file(connection, caller, file_id, FileRight.UPLOAD)
            mine = (file_chunks.c.file_id == file_id) & (file_chunks.c.chunk_index == index)
            old = connection.execute(select(file_chunks.c.digest).where(mine)).scalar()
            if old is not None and bytes(old) == actual:
                return
            if row.complete:
                raise ApiError(ErrorCode.CONFLICT, "complete")
            connection.execute(delete(file_chunks).where(mine))
            connection.execute(
                insert(file_chunks).values(file_id=file_id, chunk_index=index, digest=actual, size=len(data))
            )
            connection.execute(update(files).where(files.c.id == file_id).values(touched_at=_now()))

        await self._database.write(note)
        # The collector may have set the blob aside just before the row was there; see Collector.
        if not await asyncio.to_thread(self._blobs.has, actual):
            await asyncio.to_thread(self._blobs.put, actual, data)

    async def complete(self, caller: Caller, file_id: str, wanted: FileComplete) -> FileState:
        """Close the upload: every chunk must be there, and the digests must be those that the client sent."""

        def work(connection: Connection) -> FileState:
            row = self._access.access_file(connection, caller, file_id, FileRight.UPLOAD)
            digests = [
                bytes(one)
                for one in connection.scalars(
                    select(file_chunks.c.digest)
                    .where(file_chunks.c.file_id == file_id)
                    .order_by(file_chunks.c.chunk_index)
                )
            ]
            if len(digests) != row.chunks:
                raise ApiError(ErrorCode.CONFLICT, f"{len(digests)} of {row.chunks} chunks")
            if not hmac.compare_digest(self._digest(b"".join(digests)), wanted.digest):
                raise ApiError(ErrorCode.INTEGRITY, "digest")
            connection.execute(
                update(files)
                .where(files.c.id == file_id)
                .values(complete=True, digest=wanted.digest, touched_at=_now())
            )
            return _state(connection, file_id)

        return await self._database.write(work)

    async def state(self, caller: Caller, file_id: str) -> FileState:
        """Return how far the file is."""

        def work(connection: Connection) -> FileState:
            self._access.access_file(connection, caller, file_id, FileRight.READ)
            return _state(connection, file_id)

        return await self._database.read(work)

    async def chunk(self, caller: Caller, file_id: str, index: int) -> tuple[bytes, bytes]:
        """Return a sealed chunk and its digest."""

        def work(connection: Connection) -> bytes:
            self._access.access_file(connection, caller, file_id, FileRight.READ)
            digest = connection.execute(
                select(file_chunks.c.digest).where(
                    file_chunks.c.file_id == file_id, file_chunks.c.chunk_index == index
                )
            ).scalar()
            if digest is None:
                raise ApiError(ErrorCode.NOT_FOUND)
            return bytes(digest)

        digest = await self._database.read(work)
        try:
            return await asyncio.to_thread(self._blobs.get, digest), digest
        except FileNotFoundError:
            raise ApiError(ErrorCode.GONE) from None

    def may_name(self, connection: Connection, person_id: str, file_ids: Sequence[str]) -> bool:
        """Whether all are complete and the person may read each; what messages ask before naming files."""
        rows = {
            row.id: row
            for row in connection.execute(
                select(files.c.id, files.c.uploader_id, files.c.complete).where(files.c.id.in_(file_ids))
            )
        }
        return all(
            (row := rows.get(file_id)) is not None
            and row.complete
            and (row.uploader_id == person_id or self._access.shared(connection, person_id, file_id))
            for file_id in file_ids
        )

    def _check(self, wanted: FileStart) -> None:
        if not is_uuid(wanted.id):
            raise ApiError(ErrorCode.BAD_REQUEST, "id")
        if wanted.size < 0 or wanted.size > self._limits.max_bytes:
            megabytes = self._limits.max_bytes // 1024**2
            raise ApiError(
                ErrorCode.TOO_LARGE, f"> {self._limits.max_bytes}", message=f"文件不能超过 {megabytes} MB。"
            )
        if wanted.chunks != max(1, -(-wanted.size // CHUNK_BYTES)):
            raise ApiError(ErrorCode.BAD_REQUEST, "chunks")
        extension = wanted.extension
        if len(extension) > 20 or extension != extension.lower() or any(ord(one) < 33 for one in extension):
            raise ApiError(ErrorCode.BAD_REQUEST, "extension")
        if extension in self._limits.blocked_extensions:
            raise ApiError(ErrorCode.TYPE_NOT_ALLOWED, extension)


def _plain_size(size: int, chunks: int, index: int) -> int:
    return CHUNK_BYTES if index < chunks - 1 else size - CHUNK_BYTES * (chunks - 1)


def _state(connection: Connection, file_id: str) -> FileState:
    row = connection.execute(select(files).where(files.c.id == file_id)).one()
    received = connection.scalars(
        select(file_chunks.c.chunk_index)
        .where(file_chunks.c.file_id == file_id)
        .order_by(file_chunks.c.chunk_index)
    ).all()
    return FileState(
        id=row.id, size=row.size, chunks=row.chunks, received=list(received), complete=row.complete
    )


def _now() -> int:
    return int(time.time() * 1000)
