"""The Debian packages that a window, the tests and the peers need; installed when root, else named in one command."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from installers.environment.failure import SetupFailure

# Qt names only "xcb-cursor0" whichever of these is missing, so all are checked by name.
WINDOW = [
    "libgl1",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libdbus-1-3",
    "libglib2.0-0",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    # Qt Multimedia is linked against it: voice messages and films.
    "libpulse0",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
]
VIRTUAL_SCREEN = ["xvfb", "xauth", "openbox", "dbus"]
TESTS = ["xdotool", "xclip", "openssl", "libgcrypt20", "chromium"]
# Without these the suite still passes, and says what it left out.
OPTIONAL = [
    "postgresql",
    "redis-server",
    # What records or photographs a screen: the capture guard is tried against the real ones.
    "ffmpeg",
    "scrot",
    "imagemagick",
    "x11-apps",
    "simplescreenrecorder",
    # Converts doc, wps and ppt.
    "libreoffice-writer-nogui",
    "libreoffice-impress-nogui",
    "libreoffice-calc-nogui",
]


def applies() -> bool:
    """Whether this machine installs software through dpkg and apt."""
    return bool(shutil.which("dpkg-query") and shutil.which("apt-get"))


def missing(packages: Iterable[str]) -> list[str]:
    """Those of `packages` that are not installed; Debian 13 renamed some libraries with a `t64` tail."""
    wanted = list(packages)
    query = [
        "dpkg-query",
        "-W",
        "-f",
        "${db:Status-Abbrev}${Package}\n",
        *wanted,
        *(n + "t64" for n in wanted),
    ]
    result = subprocess.run(query, capture_output=True, text=True, check=False)
    installed = {line[3:].strip() for line in result.stdout.splitlines() if line.startswith("ii")}
    return [name for name in wanted if name not in installed and name + "t64" not in installed]


def venv_package() -> list[str]:
    """Debian splits the venv module off its Python; an own build of Python has it."""
    return [] if importlib.util.find_spec("ensurepip") else ["python3-venv"]


class DebianPackages:
    """Makes sure of system packages: installs what is missing when root, otherwise says the one command."""

    def __init__(self, log: Path, say: Callable[[str], None]) -> None:
        self._log = log
        self._say = say

    def ensure(self, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Raise SetupFailure when something of `required` is missing and cannot be installed."""
        if not applies():
            return
        lacking, lacking_optional = missing(required), missing(optional)
        if not lacking and not lacking_optional:
            return
        if os.geteuid() != 0:
            command = "sudo apt-get install -y --no-install-recommends " + " ".join(
                lacking + lacking_optional
            )
            if lacking:
                raise SetupFailure(
                    f"缺少系统软件包，请先运行：{command}  (Run that command once, then again.)"
                )
            self._say(f"未安装 {'、'.join(lacking_optional)}，相关测试会跳过；安装命令：{command}")
            return
        self._install(lacking, lacking_optional)

    def _install(self, lacking: list[str], lacking_optional: list[str]) -> None:
        self._say("安装系统软件包：" + " ".join(lacking + lacking_optional))
        if not self._apt("update", "-q"):
            self._say("  软件包目录更新失败，改用本机已有的目录 (apt-get update failed)")
        install = ("install", "-y", "-q", "--no-install-recommends")
        if lacking and not self._apt(*install, *lacking):
            raise SetupFailure(
                f"系统软件包安装失败，请检查软件源和网络后重试：apt-get install -y {' '.join(lacking)}，"
                f"详情见 {self._log}。(apt-get install failed.)"
            )
        if lacking_optional and not self._apt(*install, *lacking_optional):
            self._say(f"  {'、'.join(lacking_optional)} 装不上，相关测试会跳过 (left out)")

    def _apt(self, *arguments: str) -> bool:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with open(self._log, "ab") as log:
            return (
                subprocess.run(
                    ["apt-get", "-o", "DPkg::Lock::Timeout=180", "-o", "Acquire::Retries=3", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=environ,
                    check=False,
                ).returncode
                == 0
            )
