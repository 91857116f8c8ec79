"""Hears the moment when a known capturing program is started, by inotify on its executable: before it has loaded."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from .programs import TOOLS, Tool

_IN_OPEN = 0x20
_EVENT = struct.Struct("iIII")
_FOLDERS = ("/usr/bin", "/usr/local/bin", "/bin", "/opt/bin", "/usr/games")


class ToolOpenings:
    """Watches the executables of `tools` that are installed in `folders`. Costs nothing while none is opened.

    Opening is not yet running (a virus scanner opens everything): it is a reason to look at once, no proof.
    """

    def __init__(self, descriptor: int, watched: dict[int, list[Tool]]) -> None:
        self._descriptor = descriptor
        self._watched = watched

    @classmethod
    def open(
        cls, folders: Iterable[str | Path] | None = None, tools: Iterable[Tool] = TOOLS
    ) -> ToolOpenings | None:
        """None where there is no inotify, or no such program is installed."""
        if sys.platform != "linux":
            return None
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if descriptor < 0:
            return None
        if folders is None:
            folders = dict.fromkeys((*_FOLDERS, *os.environ.get("PATH", "").split(os.pathsep)))
        watched: dict[int, list[Tool]] = {}
        places = [Path(folder) for folder in folders if folder]
        for tool in tools:
            for file in {os.path.realpath(place / name) for place in places for name in tool.names}:
                if os.path.isfile(file):
                    watch = libc.inotify_add_watch(descriptor, os.fsencode(file), _IN_OPEN)
                    if watch >= 0:
                        watched.setdefault(watch, []).append(tool)
        if not watched:
            os.close(descriptor)
            return None
        return cls(descriptor, watched)

    def fileno(self) -> int:
        """Readable when something was opened."""
        return self._descriptor

    def drain(self) -> list[Tool]:
        """The tools that were opened since the last call."""
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:
            return []
        found: list[Tool] = []
        at = 0
        while at + _EVENT.size <= len(data):
            watch, _mask, _cookie, length = _EVENT.unpack_from(data, at)
            at += _EVENT.size + length
            found += self._watched.get(watch, [])
        return found

    def close(self) -> None:
        """Stop watching."""
        os.close(self._descriptor)
