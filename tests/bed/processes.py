"""Child processes of the test bed: they die with their parent and are ended by their own process id."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: int | IO[bytes] | None = subprocess.DEVNULL,
    stderr: int | IO[bytes] | None = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` so that the kernel ends it when this process is killed; `user` needs root."""
    arguments = [str(part) for part in command]
    if sys.platform == "linux" and shutil.which("setpriv"):
        # setpriv replaces itself by the command, so the process id stays the child's own.
        tie = ["setpriv", "--pdeathsig", "TERM"]
        if user is not None:
            tie += [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        arguments = [*tie, "--", *arguments]
        user = None
    return subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=None if env is None else dict(env),
        cwd=cwd,
        pass_fds=tuple(pass_fds),
        user=user,
        start_new_session=sys.platform != "win32",
    )


def stop(process: subprocess.Popen[bytes], *, seconds: float = 10.0, by: int = signal.SIGTERM) -> int:
    """End `process` in good order, by force after `seconds`; returns its exit code."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    code = process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return code
