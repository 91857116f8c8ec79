"""Server processes forked from one that has imported the server already: the same program, without a second of imports.

Where a test is about the start itself, or a benchmark measures the server, use `bed.world.ServerProcess`.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from bed.world import ROOT, ServerProcess

_PR_SET_PDEATHSIG = 1
_IMPORTED = ["bed.ready_server", "server_stub.__main__", "server_stub.gateway.redis_bus", "alembic.command"]
"""What one server or the other imports later or earlier in its start."""


class ReadyServer(ServerProcess):
    """`python -m server_stub` on a data folder, by a fork where there is one."""

    def __init__(self, folder: Path, *extra: str, log: Path | None = None) -> None:
        self._forked: BaseProcess | None = None
        if sys.platform != "linux":
            super().__init__(folder, *extra, log=log)
            return
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_IMPORTED)
        ours, theirs = context.Pipe(duplex=False)
        arguments = ["--data", str(folder), *extra]
        self._forked = context.Process(
            target=_serve, args=(arguments, dict(os.environ), theirs, str(log or os.devnull)), daemon=True
        )
        self._forked.start()
        theirs.close()
        with ours:
            line = _line(ours, 30)
        if not line:
            self.kill()
            raise RuntimeError("the server did not start")
        self.url = json.loads(line)["url"]
        self.port = int(self.url.rsplit(":", 1)[1])

    @property
    def pid(self) -> int:
        return super().pid if self._forked is None else self._forked.pid or 0

    def kill(self) -> None:
        if self._forked is None:
            super().kill()
        else:
            self._forked.kill()
            self._forked.join()

    def stop(self) -> None:
        if self._forked is None:
            super().stop()
            return
        self._forked.terminate()
        self._forked.join(20)
        if self._forked.is_alive():
            self.kill()


def _line(source: Connection, seconds: float) -> bytes:
    """What the process says first; empty when it ended or said nothing in time."""
    return os.read(source.fileno(), 65536) if source.poll(seconds) else b""


def _serve(arguments: list[str], environment: Mapping[str, str], out: Connection, log: str) -> None:
    """The new process: as if it had been started on its own."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(out.fileno(), 1)
    out.close()
    errors = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(errors, 2)
    os.close(errors)
    sys.argv = ["server_stub", *arguments]
    from server_stub.__main__ import main

    sys.exit(main())
