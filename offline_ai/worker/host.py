"""Starts the process, gives it one job at a time, and ends it when a job is cancelled."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from offline_ai import errors
from offline_ai.errors import OfflineAIError
from offline_ai.worker import frames

_NO_WINDOW = 0x08000000
_IDLE = 0x00000040


class Cancelled(Exception):
    """The job was cancelled; the process is gone and the next job starts another."""


class WorkerFailed(OfflineAIError):
    """The process met something unforeseen or died."""

    code = "worker"
    hint = "请重试；如反复出现，请换一份文件或联系管理员。"


class WorkerProcess:
    """`run` blocks and may be called from any thread; jobs wait for one another. Started at the first job."""

    def __init__(self, *, calm: bool = False) -> None:
        """`calm`: work that nobody waits for, after everything else that the machine has to do."""
        self._calm = calm
        self._turn = threading.Lock()
        # Orders a cancel against the start of a process: without it a cancel that comes while the process
        # starts would find nothing to end and be lost.
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._cancels = 0
        self._killed = False
        """Whether the process was told to end and is perhaps not gone yet."""
        self._waiting = 0
        self._closed = False

    def run(self, name: str, *arguments: Any, tell: Callable[[float], None] | None = None) -> Any:
        """The job's result. Raises the OfflineAIError of the job, Cancelled, or WorkerFailed."""
        with self._guard:
            before = self._cancels
            self._waiting += 1
        try:
            return self._run(before, name, arguments, tell)
        finally:
            with self._guard:
                self._waiting -= 1

    def _run(
        self, before: int, name: str, arguments: tuple[Any, ...], tell: Callable[[float], None] | None
    ) -> Any:
        with self._turn:
            with self._guard:
                if self._closed or self._cancels != before:
                    raise Cancelled
                process = self._started()
            incoming, outgoing = process.stdout, process.stdin
            if incoming is None or outgoing is None:
                raise WorkerFailed("处理程序没有能启动。")
            try:
                frames.send(outgoing, (name, arguments))
                while True:
                    kind, value = frames.receive(incoming)
                    if kind == "progress":
                        if tell is not None:
                            tell(value)
                    elif kind == "done":
                        return value
                    elif kind == "refused":
                        raise _refused(*value)
                    else:
                        raise WorkerFailed("处理时遇到意外情况。", hint=f"请重试或换一份文件。（{value}）")
            except (EOFError, OSError) as problem:
                with self._guard:
                    self._end()
                if self._cancels != before or self._closed:
                    raise Cancelled from problem
                raise WorkerFailed("处理程序意外退出，可能是内存不足。") from problem

    def rest(self) -> None:
        """Give the process's memory back when nothing runs; the next job starts another."""
        with self._turn:
            self._end()

    def cancel(self) -> None:
        """End the job that runs now and those that wait behind it; nothing happens without one."""
        with self._guard:
            if not self._waiting:
                return
            self._cancels += 1
            if self._process is not None:
                self._process.kill()
                self._killed = True

    def close(self) -> None:
        """End the process for good; a job that runs is cancelled."""
        with self._guard:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        with self._turn:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and not self._killed and self._process.poll() is None:
            return self._process
        self._end()
        root = str(Path(errors.__file__).resolve().parents[1])
        paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "offline_ai.worker", *(["--calm"] if self._calm else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=(_NO_WINDOW | (_IDLE if self._calm else 0)) if sys.platform == "win32" else 0,
        )
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        self._killed = False
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass


def _refused(kind: str, message: str, hint: str) -> OfflineAIError:
    found = getattr(errors, kind, OfflineAIError)
    made = found if isinstance(found, type) and issubclass(found, OfflineAIError) else OfflineAIError
    return made(message, hint=hint)
