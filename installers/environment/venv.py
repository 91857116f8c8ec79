"""The virtual environment of a work tree: made from the hashed lock files and stamped when whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from installers.environment.exclusive import exclusive
from installers.environment.failure import SetupFailure, explain_install_failure

# dev.lock holds everything of runtime.lock (a test checks it), so one pip call serves either level.
LEVELS = ("runtime", "dev")
NEEDED_BYTES = {"runtime": 1_200_000_000, "dev": 1_800_000_000}
_LARGE = re.compile(r"\((\d+(?:\.\d+)?) MB\)")


class Environment:
    """`.venv` under a work tree, at one of two levels: `runtime` (the product) or `dev` (tests and checks as well).

    A stamp, written last, holds the hash of the installed lock and the interpreter's version: an environment that
    was interrupted has no valid stamp and carries a marker, and is made anew.
    """

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self._root = root
        self._say = say
        self.folder = root / ".venv"
        self._stamp = self.folder / "zhengding-stamp.json"
        self._marker = self.folder / "zhengding-building"
        self._log = root / ".run" / "install.log"
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = self.folder / scripts / ("python.exe" if os.name == "nt" else "python")

    def ready(self, level: str) -> bool:
        """Whether the environment is whole and matches the lock file of `level`; touches no network."""
        stamp = self._read_stamp()
        return (
            stamp.get(level) == self._lock_hash(level)
            and stamp.get("python") == self._version()
            and self.python.exists()
            and not self._marker.exists()
        )

    def ensure(self, level: str) -> None:
        """Make or update the environment for `level`; raises SetupFailure with the remedy."""
        if self.ready(level):
            return
        with exclusive(self._root / ".run" / "environment.lock", self._waiting):
            if not self.ready(level):
                self._make(level)

    def _waiting(self) -> None:
        self._say("另一个 dev.py 正在准备运行环境，等它完成……(waiting for another dev.py)")

    def _make(self, level: str) -> None:
        if self.folder.exists() and not self._usable():
            self._say("上次安装没有完成，重新创建 .venv ……(rebuilding .venv)")
            self._remove()
        if not self.folder.exists():
            self._check_disk(level)
            self._say("首次运行：创建 .venv 并安装依赖，约需一两分钟……(first run: installing the packages)")
            self.folder.mkdir(parents=True)
            self._marker.touch()
            self._run([sys.executable, "-m", "venv", str(self.folder)])
        else:
            self._say("锁文件有变化，更新 .venv ……(updating the packages)")
        self._marker.touch()
        self._stamp.unlink(missing_ok=True)
        self._install(level)
        self._write_stamp(level)
        self._marker.unlink()

    def _usable(self) -> bool:
        """An environment without marker, whose interpreter runs: whole, or made by somebody by hand."""
        if self._marker.exists() or not self.python.exists():
            return False
        probe = [
            str(self.python),
            "-c",
            "import sys, pip; raise SystemExit(not (3, 11) <= sys.version_info < (3, 14))",
        ]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0

    def _remove(self) -> None:
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise SetupFailure(
                f"无法删除不完整的 .venv（{error.strerror}），请关闭正在使用它的程序后手工删除再试。"
                "(Delete .venv by hand and run again.)"
            ) from error

    def _check_disk(self, level: str) -> None:
        free = shutil.disk_usage(self._root).free
        if free < NEEDED_BYTES[level]:
            raise SetupFailure(
                f"磁盘空间不足：需要约 {NEEDED_BYTES[level] / 1e9:.1f} GB，只剩 {free / 1e9:.1f} GB，请腾出空间后重试。"
                "(Not enough disk space.)"
            )

    def _install(self, level: str) -> None:
        # evdev is not in the lock on purpose (pynput needs it only for its uinput backend), hence --no-deps.
        command = [str(self.python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "--progress-bar=off"]
        wheelhouse = os.environ.get("ZHENGDING_WHEELHOUSE")
        if wheelhouse:
            command += ["--no-index", "--find-links", wheelhouse]
        self._run([*command, "-r", str(self._lock(level))])

    def _run(self, command: list[str]) -> None:
        """Run one step, keep its whole output in the log, show only what a reader wants to see."""
        lines: list[str] = []
        self._log.parent.mkdir(parents=True, exist_ok=True)
        environ = {**os.environ, "PYTHONUTF8": "1", "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8")}
        environ.setdefault("PIP_RETRIES", "3")
        try:
            log = open(self._log, "w", encoding="utf-8")  # noqa: SIM115 - closed by the `with` below
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                encoding="utf-8",
                errors="replace",
                env=environ,
            )
            # Nested, because older Pythons must get as far as the sentence that they are too old.
            with log:
                with process:
                    for line in process.stdout or ():
                        log.write(line)
                        lines.append(line)
                        self._show(line.strip())
        except OSError as error:
            raise explain_install_failure(str(error), str(self._log)) from error
        if process.returncode != 0:
            failure = explain_install_failure("".join(lines), str(self._log))
            # pip leaves nothing half-installed when it gives up in order, except on a full disk.
            if "pip" in command and "磁盘" not in str(failure):
                self._marker.unlink(missing_ok=True)
            raise failure

    def _show(self, line: str) -> None:
        """Tell of what takes long: the large downloads, and the installation itself."""
        size = _LARGE.search(line)
        if line.startswith("Downloading ") and size and float(size.group(1)) >= 5:
            self._say(f"  下载 {line.split()[1].rsplit('/', 1)[-1]}（{size.group(1)} MB）")
        elif line.startswith("Installing collected packages"):
            self._say(f"  安装 {line.count(',') + 1} 个软件包……")

    def _lock(self, level: str) -> Path:
        return self._root / "installers" / "lock" / f"{level}.lock"

    def _lock_hash(self, level: str) -> str:
        try:
            return hashlib.sha256(self._lock(level).read_bytes()).hexdigest()
        except OSError as error:
            raise SetupFailure(
                f"缺少锁文件 installers/lock/{level}.lock，请重新取得完整的代码。(The lock file is missing.)"
            ) from error

    def _version(self) -> str | None:
        """The version of the environment's own interpreter, from pyvenv.cfg (no process is started)."""
        try:
            text = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return None
        for line in text.splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "version":
                return value.strip()
        return None

    def _read_stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads(self._stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write_stamp(self, level: str) -> None:
        levels = LEVELS[: LEVELS.index(level) + 1]
        stamp = {name: self._lock_hash(name) for name in levels}
        stamp["python"] = self._version() or ""
        fresh = self._stamp.with_suffix(".new")
        fresh.write_text(json.dumps(stamp), encoding="utf-8")
        fresh.replace(self._stamp)
