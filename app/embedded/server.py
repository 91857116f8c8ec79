"""Starts, finds and watches the bundled server of a data folder."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
from pathlib import Path

import httpx

from app.store.errors import StoreInUse
from app.store.exclusive import ExclusiveLock
from app.store.folders import make_private

from .process import alive, ask_to_end, start
from .state import Lease, Running, StateFile

log = logging.getLogger(__name__)

START_S = 30.0
WATCH_S = 0.5
END_S = 5.0
_BACKOFF_S = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
_TAIL = 800


class ServerDidNotStart(Exception):
    """The bundled server ended or stayed silent while starting. `text` for the user, `detail` the end of its log."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.text = "自带的服务没有启动成功。请重试；若仍不成功，请检查数据文件夹是否可写、磁盘是否已满。"
        self.detail = detail


class EmbeddedServer:
    """The bundled server of `folder`: started if none runs, shared if one does, restarted when it dies.

    A lease file named by our process id keeps it alive; the server ends itself when no live lease is left.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is `Home.server`."""
        self._folder = folder
        self._state = StateFile(folder)
        self._lease = Lease(folder)
        self._running: Running | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Return the base URL once `/health` answers. Raises ServerDidNotStart with the end of its log."""
        await asyncio.to_thread(make_private, self._folder)
        await asyncio.to_thread(self._lease.take)
        try:
            self._running = await self._find_or_start()
        except BaseException:
            await asyncio.to_thread(self._lease.give_up)
            raise
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())
        return self._running.url

    @property
    def url(self) -> str:
        """Base URL, such as http://127.0.0.1:43210; "" before `start`."""
        return self._running.url if self._running is not None else ""

    @property
    def pid(self) -> int:
        """Process id of the server; 0 before `start`."""
        return self._running.pid if self._running is not None else 0

    async def stop(self) -> None:
        """Give up the lease; the last one to do so ends the server."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
            self._watcher = None
        last = await asyncio.to_thread(self._lease.give_up)
        running, self._running = self._running, None
        if running is not None and last:
            await asyncio.to_thread(ask_to_end, running.pid)
            await self._until_ended(running.pid)
        self._let_go()

    async def __aenter__(self) -> EmbeddedServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # Steps.

    async def _find_or_start(self) -> Running:
        """One client at a time looks and starts; the others then find what it started."""
        guard = ExclusiveLock(self._folder / "start.lock")
        deadline = asyncio.get_running_loop().time() + START_S
        while True:
            try:
                guard.take()
                break
            except StoreInUse:
                if asyncio.get_running_loop().time() > deadline:
                    raise ServerDidNotStart("another client has been starting it for too long") from None
                await asyncio.sleep(0.05)
        try:
            found = await asyncio.to_thread(self._state.read)
            if found is not None and await _healthy(found.url):
                return found
            return await self._start_new()
        finally:
            guard.release()

    async def _start_new(self) -> Running:
        wanted = await asyncio.to_thread(self._state.last_port)
        try:
            running = await self._spawn(wanted)
        except ServerDidNotStart:
            if not wanted:
                raise
            # Somebody else has the port now.
            running = await self._spawn(0)
        await asyncio.to_thread(self._state.write, running)
        return running

    async def _spawn(self, port: int) -> Running:
        arguments = ["server_stub", "--data", str(self._folder), "--port", str(port)]
        arguments += ["--leases", str(self._lease.folder)]
        errors = self._folder / "logs" / "start.log"
        process = await asyncio.to_thread(start, arguments, errors)
        try:
            line = await asyncio.wait_for(asyncio.to_thread(_first_line, process), START_S)
            said = json.loads(line)
            running = Running(pid=int(said["pid"]), url=str(said["url"]))
        except (TimeoutError, ValueError, KeyError, TypeError):
            process.kill()
            await asyncio.to_thread(process.wait)
            tail = await asyncio.to_thread(_tail_of, errors)
            log.error("the bundled server did not start")
            raise ServerDidNotStart(tail) from None
        finally:
            if process.stdout is not None:
                process.stdout.close()
        if not await _healthy(running.url):
            process.kill()
            await asyncio.to_thread(process.wait)
            raise ServerDidNotStart("no answer from /health")
        self._let_go()
        self._process = process
        return running

    async def _watch(self) -> None:
        """Start it again when it dies while we need it; wait longer each time it dies young."""
        failures = 0
        while True:
            await asyncio.sleep(WATCH_S)
            if self._running is not None and alive(self._running.pid):
                continue
            log.warning("the bundled server is gone; starting it again")
            await asyncio.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
            failures += 1
            try:
                self._running = await self._find_or_start()
            except ServerDidNotStart:
                continue
            failures = 0 if await _stays(self._running.pid) else failures

    async def _until_ended(self, pid: int) -> None:
        deadline = asyncio.get_running_loop().time() + END_S
        while alive(pid) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110  another process
            await asyncio.sleep(0.02)

    def _let_go(self) -> None:
        """Collect the process we started, or leave it to the other clients that still need it."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.returncode = 0  # Not ours to wait for any more.


async def _stays(pid: int) -> bool:
    """Whether the process lives through its first seconds."""
    for _ in range(10):
        await asyncio.sleep(WATCH_S)
        if not alive(pid):
            return False
    return True


async def _healthy(url: str) -> bool:
    """Whether the server answers; what listens there may be another program by now."""
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            answer = await http.get(f"{url}/health")
            return answer.status_code == 200 and answer.json().get("status") == "ok"
    except (httpx.HTTPError, ValueError, AttributeError):
        return False


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    return process.stdout.readline() if process.stdout is not None else b""


def _tail_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")[-_TAIL:].strip()
    except OSError:
        return ""
