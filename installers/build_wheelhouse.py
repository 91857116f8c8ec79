"""Collects the wheels that one platform needs, checked against the lock, for installing without a network.

Usage: python installers/build_wheelhouse.py {uos-x86_64,kylin-aarch64,windows-x86_64} OUT [--level runtime|dev]
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
# glibc versions that wheels are tagged with; a system takes every tag up to its own.
_GLIBC = (5, 12, 17, 24, 26, 27, 28, 31, 34, 35, 39)
_LEGACY = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}


@dataclass(frozen=True)
class Target:
    """A platform to collect for: pip's tags, and the values that markers of the lock are judged by."""

    system: str
    machine: str
    glibc: int | None = None
    note: str = ""

    @property
    def tags(self) -> list[str]:
        """Platform tags, newest first."""
        if self.glibc is None:
            return ["win_amd64"]
        fitting = [minor for minor in reversed(_GLIBC) if minor <= self.glibc]
        names = [f"manylinux_2_{minor}_{self.machine}" for minor in fitting]
        return names + [f"{_LEGACY[minor]}_{self.machine}" for minor in fitting if minor in _LEGACY]

    def markers(self, python: str) -> dict[str, str]:
        """The environment of PEP 508 markers."""
        windows = self.system == "win32"
        return {
            "sys_platform": self.system,
            "os_name": "nt" if windows else "posix",
            "platform_system": "Windows" if windows else "Linux",
            "platform_machine": "AMD64" if windows else self.machine,
            "python_version": python,
            "python_full_version": f"{python}.99",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }


TARGETS = {
    "uos-x86_64": Target("linux", "x86_64", 28, "UOS 20, Kylin V10 and V10 SP1 on x86_64"),
    "kylin-aarch64": Target("linux", "aarch64", 31, "Kylin V10 and V10 SP1 on aarch64"),
    "windows-x86_64": Target("win32", "AMD64", None, "Windows 10 and 11"),
}


@dataclass(frozen=True)
class Pin:
    """One requirement of a lock, with its hashes (`sha256:...`)."""

    requirement: Requirement
    hashes: tuple[str, ...]

    def line(self) -> str:
        """As a lock line without marker: the target was already considered."""
        return " ".join(
            [f"{self.requirement.name}{self.requirement.specifier}", *(f"--hash={h}" for h in self.hashes)]
        )


def read_lock(text: str) -> list[Pin]:
    """The pins of a lock file's text; raises ValueError for a line without a hash."""
    pins: list[Pin] = []
    for raw in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if not line:
            continue
        hashes = tuple(re.findall(r"--hash=(sha256:[0-9a-f]{64})", line))
        if not hashes:
            raise ValueError(f"no hash: {line[:80]}")
        pins.append(Pin(Requirement(line.split("--hash")[0].strip()), hashes))
    return pins


def select(pins: list[Pin], target: Target, python: str = "3.11") -> list[Pin]:
    """Those that `target` installs."""
    environment = target.markers(python)
    return [p for p in pins if p.requirement.marker is None or p.requirement.marker.evaluate(environment)]


def download(pins: list[Pin], target: Target, out: Path, python: str = "3.11") -> None:
    """Fetch one wheel per pin into `out`, checked by hash; raises CalledProcessError when one is not to be had."""
    out.mkdir(parents=True, exist_ok=True)
    abi = "cp" + python.replace(".", "")
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "target.lock"
        lock.write_text("".join(pin.line() + "\n" for pin in pins), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--require-hashes",
            "--no-deps",
            "--only-binary=:all:",
        ]
        command += ["--disable-pip-version-check", "--python-version", python, "--implementation", "cp"]
        command += [part for name in (abi, "abi3", "none") for part in ("--abi", name)]
        command += [part for tag in target.tags for part in ("--platform", tag)]
        subprocess.run([*command, "--dest", str(out), "-r", str(lock)], check=True)


def write_sums(out: Path) -> Path:
    """Write SHA256SUMS over the wheels, for `sha256sum -c` on the offline machine."""
    sums = out / "SHA256SUMS"
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(out.glob("*.whl"))]
    sums.write_text("".join(lines), encoding="utf-8")
    return sums


def main(arguments: list[str]) -> int:
    """Build one wheelhouse."""
    parser = argparse.ArgumentParser(description="收集离线安装包")
    parser.add_argument(
        "target", choices=TARGETS, help="; ".join(f"{k}: {t.note}" for k, t in TARGETS.items())
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--level", choices=("runtime", "dev"), default="runtime")
    parser.add_argument("--python", default="3.11")
    options = parser.parse_args(arguments)
    lock = ROOT / "installers" / "lock" / f"{options.level}.lock"
    target = TARGETS[options.target]
    pins = select(read_lock(lock.read_text(encoding="utf-8")), target, options.python)
    try:
        download(pins, target, options.out, options.python)
    except subprocess.CalledProcessError as error:
        print(f"错误：有软件包取不到，见上方输出。(pip ended with {error.returncode}.)", file=sys.stderr)
        return 1
    write_sums(options.out)
    size = sum(path.stat().st_size for path in options.out.glob("*.whl"))
    print(f"{len(pins)} 个软件包，{size / 1e6:.0f} MB，在 {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
