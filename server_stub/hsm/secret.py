"""Key bytes in memory that can be wiped."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from .errors import SdfCode, SdfError

_address_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(("PyBytes_AsString", ctypes.pythonapi))


def wipe_bytes(value: bytes) -> None:
    """Overwrite a bytes object that nobody else holds. Python shares only bytes of length 0 and 1."""
    if len(value) > 1:
        ctypes.memset(_address_of(value), 0, len(value))


class Secret:
    """A key that is wiped when it is destroyed or no longer referenced.

    Python's own copies on the way (sockets, other libraries) are beyond reach; those made here are wiped.
    """

    __slots__ = ("_lock", "_room")

    def __init__(self, value: bytes) -> None:
        self._room: bytearray | None = bytearray(value)
        self._lock = Lock()

    @contextmanager
    def use(self) -> Iterator[bytes]:
        """Lend the key as bytes, wiped afterwards. Raises `SdfError` when it was destroyed."""
        with self._lock:
            if self._room is None:
                raise SdfError(SdfCode.KEY_NOT_EXIST)
            copy = bytes(self._room)
        try:
            yield copy
        finally:
            wipe_bytes(copy)

    def wipe(self) -> None:
        """Overwrite the key; later uses are refused."""
        with self._lock:
            if self._room is not None:
                self._room[:] = bytes(len(self._room))
                self._room = None

    def __del__(self) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "Secret()"
