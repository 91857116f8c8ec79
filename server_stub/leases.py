"""Ends a bundled server once no client that needs it lives any more."""

import asyncio
import contextlib
import sys
from pathlib import Path

CHECK_S = 1.0
PATIENCE_S = 5.0
"""How long a server without a lease waits for the next client (a client restarting keeps its server)."""


def alive(pid: int) -> bool:
    """Whether a process with this id runs."""
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
    # A process that ended but was not waited for is no client any more.
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")


def live_leases(folder: Path) -> int:
    """Count the lease files of running processes, and remove those of ended ones."""
    count = 0
    for file in folder.glob("*") if folder.is_dir() else ():
        if file.name.isdigit() and alive(int(file.name)):
            count += 1
        else:
            with contextlib.suppress(OSError):
                file.unlink()
    return count


async def until_unneeded(folder: Path) -> None:
    """Return once there has been no live lease for `PATIENCE_S`."""
    loop = asyncio.get_running_loop()
    last_needed = loop.time()
    while True:
        await asyncio.sleep(CHECK_S)
        if await asyncio.to_thread(live_leases, folder):
            last_needed = loop.time()
        elif loop.time() - last_needed >= PATIENCE_S:
            return
