"""Sealed chunks on disk, named by their digest: written whole or not at all, each kept once."""

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_TEMPORARY = "tmp"
_TRASH = "trash"


class BlobStore:
    """A folder of blobs, two levels deep. All calls block: use them from threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("", _TEMPORARY, _TRASH):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, digest: bytes) -> Path:
        """Return where the blob lies or would lie."""
        name = digest.hex()
        return self._folder / name[:2] / name[2:4] / name

    def has(self, digest: bytes) -> bool:
        """Whether the blob is there."""
        return self.path(digest).is_file()

    def put(self, digest: bytes, data: bytes) -> bool:
        """Store `data`; on return it is on disk. Returns whether it was new.

        A blob that is there already is touched, so that the collector leaves it alone until a row names it.
        """
        target = self.path(digest)
        try:
            if target.stat().st_size == len(data):
                os.utime(target)
                return False
        except FileNotFoundError:
            pass
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._folder / _TEMPORARY / secrets.token_hex(16)
        try:
            with open(temporary, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return True

    def get(self, digest: bytes) -> bytes:
        """Return the blob; raises FileNotFoundError."""
        return self.path(digest).read_bytes()

    # For the collector.

    def older_than(self, seconds: float) -> Iterator[bytes]:
        """Yield the digests of blobs that nobody has touched for `seconds`; removes old temporary files."""
        limit = time.time() - seconds
        for entry in (self._folder / _TEMPORARY).iterdir():
            with contextlib.suppress(FileNotFoundError):
                if entry.stat().st_mtime < limit:
                    entry.unlink()
        for entry in self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError, ValueError):
                if entry.stat().st_mtime < limit:
                    yield bytes.fromhex(entry.name)

    def set_aside(self, digest: bytes) -> bool:
        """Move a blob to the trash; from now on `has` is false. Returns whether there was one."""
        try:
            os.replace(self.path(digest), self._folder / _TRASH / digest.hex())
        except FileNotFoundError:
            return False
        return True

    def bring_back(self, digest: bytes) -> None:
        """Undo `set_aside`."""
        with contextlib.suppress(FileNotFoundError):
            os.replace(self._folder / _TRASH / digest.hex(), self.path(digest))

    def set_aside_before(self) -> list[bytes]:
        """Return what a collector that was interrupted left in the trash."""
        found: list[bytes] = []
        for entry in (self._folder / _TRASH).iterdir():
            with contextlib.suppress(ValueError):
                found.append(bytes.fromhex(entry.name))
        return found

    def discard(self, digest: bytes) -> int:
        """Delete a blob that was set aside; returns its bytes."""
        path = self._folder / _TRASH / digest.hex()
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        return size


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
