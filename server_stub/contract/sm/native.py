"""Small means to call C libraries: loading by name, prototypes, and bytes made without a second copy."""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterable
from typing import Any

from .ports import BackendUnavailable


def load(names: Iterable[str], search: str = "") -> ctypes.CDLL:
    """Load the first of `names` that exists, then what the system finds for `search`.

    The search comes last because it may start other programs, which takes tens of milliseconds.
    Raises `BackendUnavailable`.
    """
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    found = ctypes.util.find_library(search) if search else None
    if found:
        try:
            return ctypes.CDLL(found)
        except OSError:
            pass
    raise BackendUnavailable("library not found")


def function(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Return the C function with its prototype. Raises `BackendUnavailable` when it is missing."""
    try:
        entry = getattr(library, name)
    except AttributeError:
        raise BackendUnavailable(f"{name} is missing") from None
    entry.restype = result
    entry.argtypes = list(arguments)
    return entry


_allocate: Callable[..., Any] = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t)(
    ("PyBytes_FromStringAndSize", ctypes.pythonapi)
)
_address: Callable[..., Any] = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(
    ("PyBytes_AsString", ctypes.pythonapi)
)


def output(size: int) -> tuple[bytes, int]:
    """Return new bytes of `size` >= 1 and their address, for C to fill before anyone else sees them."""
    room: bytes = _allocate(None, size)
    return room, _address(room)


def wipe(address: int, size: int) -> None:
    """Overwrite memory with zeros."""
    ctypes.memset(address, 0, size)
