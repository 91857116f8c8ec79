#!/usr/bin/env python3
"""The one command of the work tree: makes its environment, then runs, tests, checks, draws, measures or serves."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from installers.environment.debian import (
    OPTIONAL,
    TESTS,
    VIRTUAL_SCREEN,
    WINDOW,
    DebianPackages,
    venv_package,
)
from installers.environment.failure import SetupFailure, check_python
from installers.environment.venv import Environment

ROOT = Path(__file__).resolve().parent
USAGE = """用法：python3 dev.py 命令 [参数]

  run [--profile 名称] [--server 网址]   启动政钉（没有显示器时，在虚拟屏幕上演示一遍）
  test [--no-lint] [pytest 参数]         代码检查、类型、模块契约、全部测试
  lint                                   只做代码检查、类型、模块契约
  shots [目录]                           给每个页面截图（浅色、深色，100 %、150 %）
  bench [名称 …] [--json]                测量各项指标，与门槛和同类对照
  trace [--json]                         测试覆盖了需求目录的哪些条目
  server [参数]                          只启动服务端
  setup                                  只准备运行环境

(run, test, lint, shots, bench, trace, server, setup: the environment makes itself on first use.)
"""


def say(text: str) -> None:
    """One line for the reader, at once and in order even when the output is piped."""
    print(text, flush=True)


def has_display() -> bool:
    """Whether a window can appear: always on Windows, on Linux when a display server is named."""
    return os.name == "nt" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class Developer:
    """The subcommands; each returns the exit code of what it ran."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._environment = Environment(root, say)
        self._debian = DebianPackages(root / ".run" / "apt.log", say)

    def _ensure(self, level: str, system: Sequence[str], optional: Sequence[str] = ()) -> None:
        if not self._environment.ready(level):
            system = [*venv_package(), *system]
        self._debian.ensure(system, optional)
        self._environment.ensure(level)

    def _call(self, *arguments: str) -> int:
        """Run the environment's Python in the work tree; Ctrl+C goes to the child, whose exit code is ours."""
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(self._root), str(self._root / "tests")))}
        environ["PYTHONUTF8"] = "1"
        if environ.pop("PYTHONDONTWRITEBYTECODE", ""):
            # Whoever keeps the tree free of compiled files gets them beside it: a server without them starts half as fast.
            environ.setdefault("PYTHONPYCACHEPREFIX", str(self._root / ".run" / "bytecode"))
        environ["PATH"] = str(self._environment.python.parent) + os.pathsep + environ.get("PATH", "")
        child = subprocess.Popen([str(self._environment.python), *arguments], cwd=self._root, env=environ)
        # A plain `kill` of dev.py must not leave the client and its server behind.
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue

    def run(self, arguments: list[str]) -> int:
        parser = argparse.ArgumentParser(prog="dev.py run", description="启动政钉")
        parser.add_argument("--profile", metavar="名称", help="另开一个互不影响的客户端")
        parser.add_argument("--server", metavar="网址", help="连接已有的服务端，而不是自带的")
        options, rest = parser.parse_known_args(arguments)
        visible = has_display()
        self._ensure("runtime", WINDOW if visible else [*WINDOW, *VIRTUAL_SCREEN])
        if visible:
            for name in ("profile", "server"):
                if getattr(options, name):
                    rest += [f"--{name}", getattr(options, name)]
            return self._call("-m", "app", *rest)
        out = self._root / ".run" / time.strftime("scene-%Y%m%d-%H%M%S")
        out.mkdir(parents=True, exist_ok=True)
        say(
            "没有显示器：在虚拟屏幕上演示一遍（登录、聊天、传文件、离线再上线）……(no display: playing a scene)"
        )
        code = self._call("-m", "bed.screen", "-m", "app.scene", "--out", str(out), *rest)
        say(f"截图与报告在：{out}")
        for path in sorted(out.rglob("*")):
            if path.suffix in {".png", ".md", ".json", ".html", ".txt"}:
                say(f"  {path.relative_to(self._root)}")
        return code

    def test(self, arguments: list[str]) -> int:
        self._ensure("dev", [*WINDOW, *VIRTUAL_SCREEN, *TESTS], OPTIONAL)
        return self._call("-m", "bed.stages", "test", *arguments)

    def lint(self, arguments: list[str]) -> int:
        self._ensure("dev", [])
        return self._call("-m", "bed.stages", "lint", *arguments)

    def shots(self, arguments: list[str]) -> int:
        self._ensure("dev", [*WINDOW, *VIRTUAL_SCREEN])
        return self._call("-m", "bed.shots", *arguments)

    def bench(self, arguments: list[str]) -> int:
        self._ensure("dev", [*WINDOW, *VIRTUAL_SCREEN, *TESTS], OPTIONAL)
        return self._call("-m", "bed.benchtable", *arguments)

    def trace(self, arguments: list[str]) -> int:
        # Standard library only: no need to wait for an environment.
        environ = {**os.environ, "PYTHONPATH": str(self._root / "tests"), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "bed.trace", *arguments]
        return subprocess.run(command, cwd=self._root, env=environ, check=False).returncode

    def server(self, arguments: list[str]) -> int:
        self._ensure("runtime", [])
        if not any(a == "--data" or a.startswith("--data=") for a in arguments):
            arguments = ["--data", str(self._root / ".run" / "server"), *arguments]
        return self._call("-m", "server_stub", *arguments)

    def setup(self, arguments: list[str]) -> int:
        self._ensure("dev", [*WINDOW, *VIRTUAL_SCREEN, *TESTS], OPTIONAL)
        say(f"运行环境已就绪：{self._environment.python}")
        return 0


def main(arguments: list[str]) -> int:
    """Run one subcommand; a failure that the reader can mend is one sentence, never a traceback."""
    names = ("run", "test", "lint", "shots", "bench", "trace", "server", "setup")
    if not arguments or arguments[0] not in names:
        wants_help = bool(arguments) and arguments[0] in {"-h", "--help", "help"}
        print(USAGE, file=sys.stdout if wants_help else sys.stderr)
        return 0 if wants_help else 2
    try:
        check_python()
        return getattr(Developer(ROOT), arguments[0])(arguments[1:])
    except SetupFailure as failure:
        print(f"错误：{failure}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("已中断；再次运行会接着准备。(Interrupted.)", file=sys.stderr)
        return 130
    except OSError as error:
        disk_full = error.errno == 28 or shutil.disk_usage(ROOT).free < 10_000_000
        remedy = (
            "磁盘空间不足，请腾出空间后重试" if disk_full else f"无法读写 {error.filename}：{error.strerror}"
        )
        print(f"错误：{remedy}。(File system error.)", file=sys.stderr)
        return 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a C locale would otherwise refuse Chinese.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
