"""Clears away abandoned uploads, files that nothing names any more, and chunks without a file."""

import asyncio
import logging
import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from server_stub.storage.database import Database

from .access import FileAccess
from .blobs import BlobStore
from .tables import file_chunks, files

log = logging.getLogger(__name__)
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Ages:
    """Seconds after which something may be cleared away."""

    unfinished: float = 24 * 3600.0
    unnamed: float = 7 * 24 * 3600.0
    blob: float = 3600.0
    pause: float = 1800.0
    """Between two rounds."""


class Collector:
    """Safe beside running uploads, in any number of server processes.

    An upload writes the blob, then the row, then looks whether the blob is still there. The collector sets an old
    blob without a row aside first and looks for a row again: either it sees the upload's row and brings the blob
    back, or the upload sees the blob missing and writes it once more.
    """

    def __init__(self, database: Database, blobs: BlobStore, access: FileAccess, ages: Ages) -> None:
        self._database = database
        self._blobs = blobs
        self._access = access
        self._ages = ages

    async def run(self) -> None:
        """Clear away for ever, with pauses."""
        while True:
            try:
                await self.collect()
            except Exception as error:
                log.error("collection failed", extra={"error": type(error).__name__})
            await asyncio.sleep(self._ages.pause)

    async def collect(self) -> tuple[int, int]:
        """Go once over everything; returns the files and the blobs that were removed."""
        gone = await self._files()
        blobs = await self._blobs_without_row()
        if gone or blobs:
            log.info("files collected", extra={"files": gone, "blobs": blobs})
        return gone, blobs

    async def _files(self) -> int:
        now = time.time() * 1000
        removed = 0
        for complete, age in ((False, self._ages.unfinished), (True, self._ages.unnamed)):
            after = ""
            while True:
                page = await self._database.read(
                    lambda connection, c=complete, a=after, t=now - age * 1000: self._old(connection, c, a, t)
                )
                if not page:
                    break
                after = page[-1]
                removed += await self._database.write(
                    lambda connection, p=page, t=now - age * 1000: self._remove(connection, p, t)
                )
        return removed

    @staticmethod
    def _old(connection: Connection, complete: bool, after: str, limit: float) -> list[str]:
        return list(
            connection.scalars(
                select(files.c.id)
                .where(files.c.complete.is_(complete), files.c.touched_at < limit, files.c.id > after)
                .order_by(files.c.id)
                .limit(_PAGE)
            )
        )

    def _remove(self, connection: Connection, page: list[str], limit: float) -> int:
        # Asked again inside the write: an upload may have gone on, a message may name the file by now.
        still = list(
            connection.scalars(
                select(files.c.id).where(files.c.id.in_(page), files.c.touched_at < limit).with_for_update()
            )
        )
        doomed = set(still) - self._access.named(connection, still)
        if doomed:
            connection.execute(delete(file_chunks).where(file_chunks.c.file_id.in_(doomed)))
            connection.execute(delete(files).where(files.c.id.in_(doomed)))
        return len(doomed)

    async def _blobs_without_row(self) -> int:
        candidates = await asyncio.to_thread(lambda: list(self._blobs.older_than(self._ages.blob)))
        removed = 0
        for start in range(0, len(candidates), _PAGE):
            page = candidates[start : start + _PAGE]
            used = await self._database.read(lambda connection, p=page: _used(connection, p))
            unused = [one for one in page if one not in used]
            for digest in unused:
                await asyncio.to_thread(self._blobs.set_aside, digest)
        aside = await asyncio.to_thread(self._blobs.set_aside_before)
        for start in range(0, len(aside), _PAGE):
            page = aside[start : start + _PAGE]
            used = await self._database.read(lambda connection, p=page: _used(connection, p))
            for digest in page:
                if digest in used:
                    await asyncio.to_thread(self._blobs.bring_back, digest)
                elif await asyncio.to_thread(self._blobs.discard, digest):
                    removed += 1
        return removed


def _used(connection: Connection, digests: list[bytes]) -> set[bytes]:
    return {
        bytes(one)
        for one in connection.scalars(
            select(file_chunks.c.digest).where(file_chunks.c.digest.in_(digests)).distinct()
        )
    }
