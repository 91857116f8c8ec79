"""Processes on this machine: is one alive, start one apart from our console, ask one to end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import server_stub

_CREATE_NO_WINDOW = 0x08000000
_CREATE_NEW_PROCESS_GROUP = 0x00000200


def alive(pid: int) -> bool:
    """Whether a process with this id runs (a zombie does not)."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        import ctypes

        query_limited, still_active = 0x1000, 259
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(query_limited, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == still_active
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")


def start(arguments: list[str], errors: Path) -> subprocess.Popen[bytes]:
    """Run `python -m ARGUMENTS` with its standard output to us and its errors into the file `errors`.

    It does not hear our Ctrl+C: several clients share the server, and it ends itself when the last is gone.
    """
    root = str(Path(server_stub.__file__).resolve().parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
    command = [sys.executable, "-m", *arguments]
    errors.parent.mkdir(parents=True, exist_ok=True)
    with errors.open("wb") as log:
        if sys.platform == "win32":
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                creationflags=_CREATE_NO_WINDOW | _CREATE_NEW_PROCESS_GROUP,
            )
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            start_new_session=True,
        )


def ask_to_end(pid: int) -> None:
    """SIGTERM where there is one; on Windows the server notices by itself that nobody needs it."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
