"""The checks of `dev.py lint` and `dev.py test`: lint stages side by side, then pytest, each with its time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[2]

LINT: dict[str, tuple[str, ...]] = {
    "ruff check": ("-m", "ruff", "check", "--quiet", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "--quiet", "."),
    "basedpyright": ("-m", "basedpyright", "--level", "error"),
    "import contracts": ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
    "requirement ids": ("-m", "bed.trace", "--check"),
}
PYTEST = ("-m", "pytest", "-n", "2", "--dist", "worksteal", "--reruns", "1", "-raR")
"""A test that fails once and passes at once when repeated is listed as RERUN at the end: still a defect to mend, but
one that must not hide what else the run says. The same holds for one that takes its whole process down: of xdist's
schedulers only `load` and `worksteal` go on after that, those that keep files or groups together wait for ever."""
SILENCE = 600.0
"""Seconds without a byte from pytest after which it is stuck: every test has a time limit far below that."""
_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
_QUIET = re.compile(rb"\d+( (passed|failed|error|skipped|deselected|xfailed|xpassed|warning)|$| [a-z]*$)")


@dataclass
class Outcome:
    """How one stage ended: exit code and wall seconds."""

    name: str
    code: int
    seconds: float

    def line(self) -> str:
        """One line of the timing table."""
        return f"  {'通过' if self.code == 0 else '未过'}  {self.name:<18} {self.seconds:7.1f} s"


def say(text: str) -> None:
    """One line, at once and in order with what the stages print."""
    print(text, flush=True)


def run_lint(
    stages: dict[str, tuple[str, ...]], root: Path, say: Callable[[str], object] = say
) -> list[Outcome]:
    """Run every stage at the same time; what a failed one printed is shown under its name, by `say`."""
    began = time.monotonic()
    running: list[tuple[str, subprocess.Popen[bytes], BinaryIO]] = []
    for name, arguments in stages.items():
        output = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, when its stage has ended
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=root, stdout=output, stderr=subprocess.STDOUT
        )
        running.append((name, process, output))
    outcomes: dict[str, Outcome] = {}
    while len(outcomes) < len(running):
        for name, process, output in running:
            if name in outcomes or process.poll() is None:
                continue
            outcomes[name] = Outcome(name, process.returncode, time.monotonic() - began)
            say(outcomes[name].line())
            if process.returncode != 0:
                output.seek(0)
                say(output.read().decode(errors="replace").rstrip())
            output.close()
        time.sleep(0.02)
    return [outcomes[name] for name in stages]


class ClosingLine:
    """Passes output on as it comes, but keeps back the last line that begins like pytest's closing one."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._partial = b""
        self._passed = 0
        self.closing = b""

    @staticmethod
    def _may_close(line: bytes) -> bool:
        plain = _COLOUR.sub(b"", line)
        # With -q the line has no frame; part of a colour code may still become either.
        return not plain or plain[:1] in b"=\x1b" or _QUIET.match(plain) is not None

    def feed(self, data: bytes) -> None:
        """Take the next bytes; whole other lines, and parts of lines such as progress dots, are passed on at once."""
        self._partial += data
        while b"\n" in self._partial:
            line, self._partial = self._partial.split(b"\n", 1)
            fresh = line[self._passed :]
            if self._passed == 0:
                self._release()
                if self._may_close(line) and line:
                    self.closing = line
                    continue
            self._sink.write(fresh + b"\n")
            self._passed = 0
        if self._partial and not self._may_close(self._partial):
            self._release()
            self._sink.write(self._partial[self._passed :])
            self._passed = len(self._partial)
        self._sink.flush()

    def _release(self) -> None:
        if self.closing:
            self._sink.write(self.closing + b"\n")
            self.closing = b""


def run_pytest(arguments: Sequence[str], root: Path) -> tuple[Outcome, bytes]:
    """Run pytest, passing its output on; returns the outcome and its closing line, not yet printed."""
    began = time.monotonic()
    colour = ("--color=yes",) if sys.stdout.isatty() else ()
    process = subprocess.Popen(
        [sys.executable, *PYTEST, *colour, *arguments], cwd=root, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    sieve = ClosingLine(sys.stdout.buffer)
    watch = Watch(process, SILENCE)
    while data := os.read(process.stdout.fileno(), 65536):
        watch.heard()
        sieve.feed(data)
    process.stdout.close()
    code = process.wait()
    if watch.close():
        say(f"\n测试停住：{SILENCE:.0f} 秒没有输出，已结束（no output from pytest, ended）")
    return Outcome("pytest", code, time.monotonic() - began), sieve.closing


class Watch:
    """Ends a process that has been silent for `seconds`, so that a stuck run is a failed one and not an endless one."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self._seconds = seconds
        self._heard = threading.Event()
        self._over = False
        self._fired = False
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def heard(self) -> None:
        """There was output."""
        self._heard.set()

    def close(self) -> bool:
        """Stop watching; returns whether the process was ended for its silence."""
        self._over = True
        self._heard.set()
        self._thread.join()
        return self._fired

    def _wait(self) -> None:
        while self._heard.wait(self._seconds):
            self._heard.clear()
            if self._over:
                return
        self._fired = True
        # Asked first: its workers end with it, and they hold the pipe that is read here.
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()


def main(arguments: list[str], root: Path = ROOT) -> int:
    """`lint`, or `test [--no-lint] [pytest arguments]`; the exit code is 0 only when every stage passed."""
    command, *rest = arguments
    checks = dict(LINT)
    if "--no-lint" in rest:
        rest.remove("--no-lint")
        checks = {}
    # One core's work for a minute: the tests leave it room and need not wait for it.
    slow = {name: checks.pop(name) for name in ("basedpyright",) if name in checks and command == "test"}
    outcomes: list[Outcome] = []
    if checks:
        say("代码检查、类型、模块契约（lint, types, contracts）：")
        outcomes += run_lint(checks, root)
    closing = b""
    if command == "test":
        said: list[str] = []
        with ThreadPoolExecutor(1) as beside:
            types = beside.submit(run_lint, slow, root, said.append)
            say("测试（pytest），类型检查同时进行：" if slow else "测试（pytest）：")
            outcome, closing = run_pytest(rest, root)
            outcomes += [*types.result(), outcome]
        for text in said:
            say(text)
        say("各阶段用时：")
        for outcome in outcomes:
            say(outcome.line())
    failed = [outcome.name for outcome in outcomes if outcome.code != 0]
    say(f"未通过：{'、'.join(failed)}（failed）" if failed else "全部通过（all passed）")
    if closing:
        # Last of all, so that whoever reads only the end of the output sees the tests' own verdict.
        sys.stdout.buffer.write(closing + b"\n")
        sys.stdout.buffer.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
