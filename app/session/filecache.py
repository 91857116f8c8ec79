"""Sealed files on the disk: the same sealed chunks that travel, one after the other in one file each."""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from app.store.folders import AccountFolder, make_private
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import CHUNK, CHUNK_OVERHEAD, chunk_count, open_chunk, seal_chunk

_SEALED_CHUNK = CHUNK + CHUNK_OVERHEAD
_FORBIDDEN = '<>:"/\\|?*'


class Cancelled(Exception):
    """The work was stopped by its `stop` event."""


class SourceChanged(OSError):
    """The file that is being sent changed its size or went away meanwhile."""


class FileCache:
    """All methods block and are called from threads; memory holds one chunk at a time.

    The keys are in the store. A cache file holds no plain byte, name or type.
    """

    def __init__(self, folder: AccountFolder, algorithms: Algorithms) -> None:
        self._folder = folder
        self._algorithms = algorithms

    def path(self, file_id: str) -> Path:
        """Where the sealed file lies."""
        return self._folder.files / file_id[:2] / file_id

    def seal_file(
        self,
        source: Path,
        file_id: str,
        key: bytes,
        size: int,
        *,
        stop: threading.Event,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> bytes:
        """Seal a plain file into the cache; return the SM3 of its plain bytes.

        Raises OSError (SourceChanged too) and Cancelled. `progress` gets the number of finished chunks.
        """
        with source.open("rb") as reader:
            return self._seal(lambda: reader.read(CHUNK), file_id, key, size, stop, progress)

    def seal_stream(
        self, read: Callable[[], bytes], file_id: str, key: bytes, size: int, *, stop: threading.Event
    ) -> bytes:
        """Seal what `read` gives, a chunk at each call; return the SM3 of it. Raises OSError and Cancelled."""
        return self._seal(read, file_id, key, size, stop, lambda _done: None)

    def seal_bytes(self, data: bytes, file_id: str, key: bytes) -> bytes:
        """Seal bytes from memory; return their SM3."""
        pieces = iter([data[start : start + CHUNK] for start in range(0, len(data), CHUNK)])
        return self._seal(
            lambda: next(pieces, b""), file_id, key, len(data), threading.Event(), lambda _done: None
        )

    def sealed_chunk(self, file_id: str, index: int, size: int) -> bytes:
        """Read a sealed chunk. Raises OSError when it is not whole."""
        length = _sealed_length(size, index)
        with self.path(file_id).open("rb") as reader:
            reader.seek(index * _SEALED_CHUNK)
            sealed = reader.read(length)
        if len(sealed) != length:
            raise OSError("the cached file is too short")
        return sealed

    def put_chunk(self, file_id: str, key: bytes, index: int, size: int, sealed: bytes) -> None:
        """Check a downloaded chunk and keep it in its place. Raises SealError, OSError."""
        last = index == chunk_count(size) - 1
        plain = open_chunk(self._algorithms, key, file_id=file_id, index=index, last=last, sealed=sealed)
        if len(plain) + CHUNK_OVERHEAD != _sealed_length(size, index):
            raise OSError("the chunk has another length than announced")
        path = self.path(file_id)
        make_private(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "r+b") as writer:
            writer.seek(index * _SEALED_CHUNK)
            writer.write(sealed)

    def plain_chunks(self, file_id: str, key: bytes, size: int) -> Iterator[bytes]:
        """The plain content, chunk by chunk. Raises SealError, OSError."""
        count = chunk_count(size)
        for index in range(count):
            yield open_chunk(
                self._algorithms,
                key,
                file_id=file_id,
                index=index,
                last=index == count - 1,
                sealed=self.sealed_chunk(file_id, index, size),
            )

    def write_plain(
        self,
        file_id: str,
        key: bytes,
        size: int,
        digest: bytes,
        target: Path,
        *,
        private: bool = False,
    ) -> None:
        """Write the plain file whole or not at all. Raises SealError, OSError."""
        part = target.with_name(f".{secrets.token_hex(6)}.part")
        hasher = self._algorithms.sm3_hasher()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            with os.fdopen(os.open(part, flags, 0o600 if private else 0o666), "wb") as writer:
                for plain in self.plain_chunks(file_id, key, size):
                    hasher.update(plain)
                    writer.write(plain)
            if digest and hasher.digest() != digest:
                raise OSError("the content does not match its digest")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def read_plain(self, file_id: str, key: bytes, size: int) -> bytes:
        """The plain content in memory. Raises SealError, OSError."""
        return b"".join(self.plain_chunks(file_id, key, size))

    def open_copy(self, file_id: str, key: bytes, size: int, digest: bytes, name: str) -> Path:
        """A plain copy in the private folder, for the system's program; wiped at exit and at the next start."""
        folder = make_private(make_private(self._folder.opened) / secrets.token_hex(8))
        target = folder / safe_name(name)
        self.write_plain(file_id, key, size, digest, target, private=True)
        # A program that edits this copy would lose the work when it is wiped: let it ask for another place.
        target.chmod(0o400)
        return target

    def remove(self, file_id: str) -> None:
        """Delete the sealed file; quiet when there is none."""
        self.path(file_id).unlink(missing_ok=True)

    def _seal(
        self,
        read: Callable[[], bytes],
        file_id: str,
        key: bytes,
        size: int,
        stop: threading.Event,
        progress: Callable[[int], None],
    ) -> bytes:
        path = self.path(file_id)
        make_private(path.parent)
        hasher = self._algorithms.sm3_hasher()
        count = chunk_count(size)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as writer:
            for index in range(count):
                if stop.is_set():
                    raise Cancelled
                plain = read()
                if len(plain) + CHUNK_OVERHEAD != _sealed_length(size, index):
                    raise SourceChanged("the file changed while it was read")
                hasher.update(plain)
                writer.write(
                    seal_chunk(
                        self._algorithms,
                        key,
                        file_id=file_id,
                        index=index,
                        last=index == count - 1,
                        data=plain,
                    )
                )
                progress(index + 1)
            if size and read():
                raise SourceChanged("the file grew while it was read")
        return hasher.digest()


def _sealed_length(size: int, index: int) -> int:
    count = chunk_count(size)
    return (CHUNK if index < count - 1 else size - (count - 1) * CHUNK) + CHUNK_OVERHEAD


def safe_name(name: str) -> str:
    """A file name that every system takes, with its ending kept."""
    cleaned = "".join("_" if c in _FORBIDDEN or ord(c) < 32 else c for c in name).strip(" .")
    stem, dot, ending = cleaned.rpartition(".")
    if not dot:
        stem, ending = cleaned, ""
    if stem.upper() in {"CON", "PRN", "AUX", "NUL", *(f"{p}{n}" for p in ("COM", "LPT") for n in range(10))}:
        stem = f"_{stem}"
    # 255 bytes is the limit of most file systems, and Chinese takes three each.
    while len(f"{stem}.{ending}".encode()) > 200 and len(stem) > 1:
        stem = stem[:-1]
    return f"{stem}.{ending[:20]}" if dot else (stem or "文件")


__all__ = ["Cancelled", "FileCache", "SealError", "SourceChanged", "safe_name"]
