"""Sealed files of the software HSM: each write is whole or did not happen, and one process writes at a time."""

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError

from .errors import SdfCode, SdfError
from .secret import Secret, wipe_bytes

MAGIC = b"ZDHSM\x00\x00\x01"
SALT_BYTES = 16
_HEADER = len(MAGIC) + SALT_BYTES


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file so that after a crash there is either the old or the new one. Raises OSError."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # The clock of file systems is coarse; readers tell one version from the next by this time.
        os.utime(fresh, ns=(time.time_ns(), time.time_ns()))
        _replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _replace(fresh: Path, path: Path) -> None:
    """Rename over `path`; on Windows a reader may hold it open for a moment."""
    for _ in range(50 if sys.platform == "win32" else 0):
        try:
            fresh.replace(path)
            return
        except PermissionError:
            time.sleep(0.01)
    fresh.replace(path)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path` against other processes; the system frees it when a process dies."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def stamp(path: Path) -> tuple[int, int, int]:
    """Return what changes whenever the file is replaced. Raises `SdfError` (HARDWARE) when it is gone."""
    try:
        found = os.stat(path)
    except OSError:
        raise SdfError(SdfCode.HARDWARE, "stat") from None
    return found.st_ino, found.st_mtime_ns, found.st_size


def storage_key(alg: Algorithms, master: bytes) -> Secret:
    """Derive the key that seals the files."""
    derived = alg.hmac_sm3(master, b"zhengding/hsm/storage")
    try:
        return Secret(derived[:16])
    finally:
        wipe_bytes(derived)


def read_salt(path: Path) -> bytes:
    """Return the salt of a sealed file. Raises `SdfError` (HARDWARE) when it is no file of ours."""
    try:
        with path.open("rb") as stream:
            header = stream.read(_HEADER)
    except OSError:
        raise SdfError(SdfCode.HARDWARE, "read") from None
    if len(header) != _HEADER or not header.startswith(MAGIC):
        raise SdfError(SdfCode.HARDWARE, "header")
    return header[len(MAGIC) :]


def write_sealed(alg: Algorithms, key: Secret, salt: bytes, path: Path, name: str, data: bytes) -> None:
    """Seal `data` under its name and replace the file. Raises `SdfError` (FILE_WRITE)."""
    nonce = secrets.token_bytes(12)
    with key.use() as clear:
        sealed = alg.sm4_gcm_seal(clear, nonce, data, MAGIC + salt + name.encode())
    try:
        write_whole(path, MAGIC + salt + nonce + sealed)
    except OSError:
        raise SdfError(SdfCode.FILE_WRITE, "write") from None


def read_sealed(alg: Algorithms, key: Secret, path: Path, name: str) -> bytes:
    """Open a sealed file. Raises `SdfError`: FILE_NOT_EXIST, or PRIVATE_KEY_ACCESS for a wrong key or damage."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SdfError(SdfCode.FILE_NOT_EXIST, "read") from None
    except OSError:
        raise SdfError(SdfCode.HARDWARE, "read") from None
    salt, rest = data[len(MAGIC) : _HEADER], data[_HEADER:]
    try:
        if not data.startswith(MAGIC) or len(rest) < 28:
            raise ValueError
        with key.use() as clear:
            return alg.sm4_gcm_open(clear, rest[:12], rest[12:], MAGIC + salt + name.encode())
    except (SealError, ValueError):
        raise SdfError(SdfCode.PRIVATE_KEY_ACCESS, "open") from None
