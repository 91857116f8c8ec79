"""Recorders among the processes of this machine and among the clients of the X server."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from widgets.guard.sightings import Sighting

from .openings import ToolOpenings
from .programs import Process, Tool, disguised_tool, known_tool
from .threaded import Posts

SCAN_S = 0.1
"""Time between two looks at programs of which nothing is heard at their start; a look costs some 0.3 ms."""
BURST_SCAN_S, BURST_S = 0.004, 0.2
"""After a known program was opened: so often, for so long."""
YOUNG_S = 2.0
"""So long after its appearance a process is looked at again each time: what was forked may still become another."""
AGAIN_S = 1.0
"""How often the clients of the X server that were found harmless are looked at again."""


class Clients(Protocol):
    """Who is connected to the display server."""

    def pids(self) -> set[int] | None:
        """Process ids of the local clients; None when the server does not say."""
        ...

    def close(self) -> None:
        """Let go of the server."""
        ...


class X11Clients:
    """Asks the X server by the X-Resource extension: one round trip of some 0.2 ms."""

    def __init__(self, display: Any) -> None:
        self._display = display

    @classmethod
    def open(cls, name: str | None = None) -> X11Clients | None:
        """None where there is no X server, or it lacks X-Resource 1.2."""
        try:
            from Xlib import display as x_display
            from Xlib.error import DisplayError
            from Xlib.ext import res
        except ImportError:
            return None
        try:
            display: Any = x_display.Display(name)
        except (DisplayError, OSError):
            return None
        if not display.query_extension(res.extname):
            display.close()
            return None
        version = display.res_query_version()
        if (version.server_major, version.server_minor) < (1, 2):
            display.close()
            return None
        return cls(display)

    def pids(self) -> set[int] | None:
        """See `Clients`."""
        from Xlib.error import ConnectionClosedError
        from Xlib.ext import res

        try:
            reply = self._display.res_query_client_ids([{"client": 0, "mask": res.LocalClientPIDMask}])
        except (ConnectionClosedError, OSError):
            return None
        return {
            int(one.value[0]) for one in reply.ids if one.spec.mask == res.LocalClientPIDMask and one.value
        }

    def close(self) -> None:
        """See `Clients`."""
        self._display.close()


class ProcFolder:
    """Reads Linux's /proc; another folder of the same shape in tests."""

    def __init__(self, root: Path = Path("/proc")) -> None:
        self._root = str(root)
        self._uid = os.getuid() if hasattr(os, "getuid") else -1

    def pids(self) -> set[int]:
        """All process ids."""
        return {int(name) for name in os.listdir(self._root) if name.isdigit()}

    def read(self, pid: int) -> Process | None:
        """What is known of a process; None when it is gone or a zombie."""
        folder = f"{self._root}/{pid}"
        try:
            with open(f"{folder}/cmdline", "rb") as file:
                arguments = file.read(65536).split(b"\0")[:-1]
            if not arguments:
                return None
            with open(f"{folder}/comm", encoding="utf-8", errors="replace") as file:
                comm = file.read().strip()
        except OSError:
            return None
        try:
            exe = os.readlink(f"{folder}/exe")
        except OSError:
            exe = ""
        return Process(pid, comm, exe, tuple(os.fsdecode(one) for one in arguments))

    def libraries(self, pid: int) -> list[str]:
        """Paths of the files mapped into a process, as far as they may be read."""
        try:
            with open(f"{self._root}/{pid}/maps", encoding="utf-8", errors="replace") as file:
                return [line.rsplit(" ", 1)[-1].strip() for line in file if ".so" in line]
        except OSError:
            return []

    def may_see(self, process: Process, display: str) -> bool:
        """Whether a process of its own can be for this display: same user, and no other display in its environment.

        Only a first guess, made before it connects; who is connected is the X server's word.
        """
        if any(
            display and (one == display or one.startswith((f"{display}.", f"{display}+")))
            for one in process.arguments
        ):
            return True
        try:
            if os.stat(f"{self._root}/{process.pid}").st_uid != self._uid:
                return False
            with open(f"{self._root}/{process.pid}/environ", "rb") as file:
                variables = file.read(131072).split(b"\0")
        except OSError:
            return True
        theirs = next((os.fsdecode(one[8:]) for one in variables if one.startswith(b"DISPLAY=")), "")
        return not display or not theirs or theirs.split(".")[0] == display.split(".")[0]


@dataclass
class Scanner:
    """One look after another at processes and clients. `display`: the own display's name, "" on Wayland."""

    processes: ProcFolder
    clients: Clients | None
    display: str = ""
    own_pid: int = field(default_factory=os.getpid)
    _first_seen: dict[int, float] = field(default_factory=dict)
    _harmless: dict[int, float] = field(default_factory=dict)
    _found: dict[int, tuple[Process, Tool]] = field(default_factory=dict)

    def scan(self, now: float) -> dict[str, Sighting]:
        """What captures now, by key; `now` is monotonic, in seconds."""
        connected = self.clients.pids() if self.clients is not None else None
        if connected is None and self.clients is not None:
            raise ConnectionError("the X server is gone")
        alive = self.processes.pids()
        for pid in list(self._found):
            process = self.processes.read(pid)
            if process is None or process != self._found[pid][0]:
                del self._found[pid]
        for pid in self._first_seen.keys() - alive:
            del self._first_seen[pid]
        for pid in alive:
            born = self._first_seen.setdefault(pid, now)
            if now - born <= YOUNG_S and pid not in self._found:
                self._look(pid)
        self._look_at_clients(connected or set(), now)
        return {
            f"pid:{pid}": Sighting(f"pid:{pid}", tool.kind, tool.title, "程序")
            for pid, (_, tool) in self._found.items()
        }

    def _look(self, pid: int) -> None:
        if pid == self.own_pid:
            return
        process = self.processes.read(pid)
        if process is None:
            return
        tool = known_tool(process)
        if tool is not None and self.processes.may_see(process, self.display):
            self._found[pid] = (process, tool)

    def _look_at_clients(self, connected: set[int], now: float) -> None:
        for pid in self._harmless.keys() - connected:
            del self._harmless[pid]
        for pid in connected - self._found.keys() - {self.own_pid}:
            if now - self._harmless.get(pid, now - AGAIN_S) < AGAIN_S:
                continue
            process = self.processes.read(pid)
            if process is None:
                continue
            tool = known_tool(process) or disguised_tool(process, self.processes.libraries(pid))
            if tool is None:
                self._harmless[pid] = now
            else:
                self._found[pid] = (process, tool)


class ProcessWatch:
    """The job of a `ThreadedWatcher`: looks every `SCAN_S`, and at once when a known program is being started.

    `openings`: None for the installed programs of this machine.
    """

    name = "录屏程序"
    sees_recorders = True

    def __init__(
        self, display: str = "", *, root: Path = Path("/proc"), openings: ToolOpenings | None = None
    ) -> None:
        self._display = display
        self._root = root
        self._openings = openings
        self._known: dict[str, Sighting] = {}
        self._wake = asyncio.Event()
        self._burst_until = 0.0

    async def watch(self, posts: Posts) -> None:
        """See `Job`."""
        clients = X11Clients.open(self._display) if self._display else None
        openings = self._openings or ToolOpenings.open()
        self._known, self._wake, self._burst_until = {}, asyncio.Event(), 0.0
        scanner = Scanner(ProcFolder(self._root), clients, self._display)
        loop = asyncio.get_running_loop()
        if openings is not None:
            loop.add_reader(openings.fileno(), self._opened, openings, posts)
        try:
            self._look(scanner, posts)
            posts.ready()
            while True:
                await self._pause()
                self._look(scanner, posts)
        finally:
            if openings is not None:
                loop.remove_reader(openings.fileno())
                openings.close()
            if clients is not None:
                clients.close()

    def _opened(self, openings: ToolOpenings, posts: Posts) -> None:
        tools = openings.drain()
        if any(not tool.needs for tool in tools):
            posts.alarm()
        self._burst_until = time.monotonic() + BURST_S
        self._wake.set()

    async def _pause(self) -> None:
        self._wake.clear()
        rest = BURST_SCAN_S if time.monotonic() < self._burst_until else SCAN_S
        handle = asyncio.get_running_loop().call_later(rest, self._wake.set)
        await self._wake.wait()
        handle.cancel()

    def _look(self, scanner: Scanner, posts: Posts) -> None:
        seen = scanner.scan(time.monotonic())
        for key, sighting in seen.items():
            if key not in self._known:
                posts.began(sighting)
        for key in self._known.keys() - seen.keys():
            posts.ended(key)
        self._known = seen
