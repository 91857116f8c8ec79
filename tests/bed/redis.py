"""A private Redis server that keeps nothing on disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from bed.ports import free_port
from bed.processes import start, stop


class RedisUnavailable(Exception):
    """No Redis server can be had on this machine; the text says why."""


def why_left_out() -> str | None:
    """Why no Redis server can be started here, or None when one can."""
    return None if shutil.which("redis-server") else "not installed (apt-get install redis-server)"


class RedisServer:
    """One running server on loopback."""

    def __init__(self) -> None:
        reason = why_left_out()
        if reason is not None:
            raise RedisUnavailable(reason)
        self._folder = Path(tempfile.mkdtemp(prefix="zd-redis-"))
        self._process, self.port = self._start()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        """Forget every key of every database."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as link:
            link.sendall(b"*1\r\n$8\r\nFLUSHALL\r\n")
            if not link.recv(64).startswith(b"+OK"):
                raise RedisUnavailable("FLUSHALL was refused")

    def close(self) -> None:
        """End the server and delete its folder."""
        stop(self._process, seconds=5)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        for _ in range(5):
            port = free_port()
            command = [
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--port",
                str(port),
                "--save",
                "",
                "--appendonly",
                "no",
            ]
            process = start([*command, "--dir", self._folder])
            deadline = time.monotonic() + 10
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                except OSError:
                    time.sleep(0.02)
                    continue
                return process, port
            stop(process)
        raise RedisUnavailable("redis-server did not start")
