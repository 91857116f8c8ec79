"""What one client leaves for the others about the running server: process, address; and who needs it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from app.store.slots import replace_file

from .process import alive


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """The server as it was last started. It may be gone: ask it."""

    pid: int
    url: str

    @property
    def port(self) -> int:
        """The port of `url`."""
        return int(self.url.rsplit(":", 1)[1])


class StateFile:
    """`running.json`; a damaged or missing one is as good as no server."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "running.json"

    def read(self) -> Running | None:
        """The last server started, if its process still runs."""
        try:
            found = msgspec.json.decode(self._file.read_bytes(), type=Running)
        except (OSError, msgspec.DecodeError):
            return None
        return found if alive(found.pid) else None

    def last_port(self) -> int:
        """The port it had, to take it again so that clients find it; 0 for any."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Running).port
        except (OSError, msgspec.DecodeError, ValueError, IndexError):
            return 0

    def write(self, running: Running) -> None:
        """Replace it whole."""
        replace_file(self._file, msgspec.json.encode(running))


class Lease:
    """A file named by our process id: while it is there and we run, the server stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "leases"
        self._file = self.folder / str(os.getpid())

    def take(self) -> None:
        """Say that this process needs the server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file.touch()

    def give_up(self) -> bool:
        """Say that it does not; returns whether nobody else does."""
        with contextlib.suppress(OSError):
            self._file.unlink()
        others = [file for file in self.folder.glob("*") if file.name.isdigit() and alive(int(file.name))]
        return not others
