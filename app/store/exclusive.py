"""A lock file: one running client per store. The system lets go of it when the process ends, however it ends."""

import os
import sys
from pathlib import Path

from .errors import StoreInUse


class ExclusiveLock:
    """Held from `take` to `release`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raise StoreInUse when another process (or another Store of this one) holds it."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise StoreInUse from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; quiet when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
