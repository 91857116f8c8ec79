"""Files inside the software HSM (SDF_CreateFile and its kin), sealed like the keys."""

from pathlib import Path
from threading import Lock

from server_stub.contract.sm.algorithms import Algorithms

from . import vault
from .errors import SdfCode, SdfError
from .soft_state import LOCK, STATE, SoftState

NAME_BYTES = 128
FILE_BYTES = 1 << 20


class SoftFiles:
    """Small sealed files by name: names up to 128 bytes, contents up to 1 MiB."""

    def __init__(self, folder: Path, state: SoftState, alg: Algorithms) -> None:
        self._folder, self._state, self._alg = folder, state, alg
        self._salt_of = folder.parent / STATE
        self._lock_file = folder.parent / LOCK
        self._lock = Lock()

    def _path(self, name: str) -> Path:
        self._state.view()  # refuses when the device is closed
        encoded = name.encode()
        if not 0 < len(encoded) <= NAME_BYTES:
            raise SdfError(SdfCode.ARGUMENT_IN, "file name")
        # Hashed, because hexadecimal of 128 bytes would be longer than file systems allow.
        return self._folder / f"{self._alg.sm3(encoded).hex()}.sealed"

    def _write(self, path: Path, name: str, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        salt = vault.read_salt(self._salt_of)
        vault.write_sealed(self._alg, self._state.storage_key, salt, path, f"file/{name}", data)

    def _read(self, path: Path, name: str) -> bytes:
        return vault.read_sealed(self._alg, self._state.storage_key, path, f"file/{name}")

    def create(self, name: str, size: int) -> None:
        """Make a file of `size` zeros."""
        path = self._path(name)
        if not 0 <= size <= FILE_BYTES:
            raise SdfError(SdfCode.FILE_SIZE, "create file")
        with self._lock, vault.exclusive(self._lock_file):
            if path.exists():
                raise SdfError(SdfCode.FILE_EXISTS, "create file")
            self._write(path, name, bytes(size))

    def read(self, name: str, offset: int, size: int) -> bytes:
        """Read up to `size` bytes from `offset`."""
        data = self._read(self._path(name), name)
        if not 0 <= offset <= len(data) or size < 0:
            raise SdfError(SdfCode.FILE_OFFSET, "read file")
        return data[offset : offset + size]

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Write within the size that the file was made with."""
        path = self._path(name)
        with self._lock, vault.exclusive(self._lock_file):
            before = self._read(path, name)
            if not 0 <= offset <= len(before):
                raise SdfError(SdfCode.FILE_OFFSET, "write file")
            if offset + len(data) > len(before):
                raise SdfError(SdfCode.FILE_SIZE, "write file")
            self._write(path, name, before[:offset] + data + before[offset + len(data) :])

    def delete(self, name: str) -> None:
        """Delete a file."""
        path = self._path(name)
        with self._lock, vault.exclusive(self._lock_file):
            try:
                path.unlink()
            except FileNotFoundError:
                raise SdfError(SdfCode.FILE_NOT_EXIST, "delete file") from None
            vault.sync_folder(self._folder)
