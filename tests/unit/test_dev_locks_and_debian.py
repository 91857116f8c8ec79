"""The lock files keep their promises; system packages are found, installed or named."""

import os
import re
import shutil
from pathlib import Path

import pytest

from installers.environment.debian import OPTIONAL, TESTS, VIRTUAL_SCREEN, WINDOW, DebianPackages, missing
from installers.environment.failure import SetupFailure

LOCKS = Path(__file__).resolve().parents[2] / "installers" / "lock"
on_debian = pytest.mark.skipif(
    not shutil.which("dpkg-query"), reason="dpkg is not this machine's package manager"
)


def pins(name: str) -> dict[str, tuple[str, int]]:
    """Distribution to (pinned requirement with marker, number of hashes)."""
    found: dict[str, tuple[str, int]] = {}
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        line = line.split(" #")[0].strip()
        if line and not line.startswith("#"):
            requirement = line.split("--hash")[0].strip()
            found[re.split(r"[=\[ ;]", requirement)[0].lower()] = (requirement, line.count("--hash=sha256:"))
    return found


def test_every_pin_is_exact_and_hashed():
    for name in ("runtime", "dev"):
        for distribution, (requirement, hashes) in pins(name).items():
            assert "==" in requirement, distribution
            assert hashes > 0, distribution


def test_the_test_lock_holds_the_whole_runtime_lock():
    runtime, dev = pins("runtime"), pins("dev")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_locks_name_no_index_and_leave_out_what_does_not_ship():
    for name in ("runtime", "dev"):
        text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
        assert not re.search(r"--(extra-)?index-url|--find-links|https?://", text)
        assert "evdev" not in pins(name), "pynput needs it only for uinput, and it compiles"
    assert "pyside6" not in pins("runtime"), "only Essentials and Addons: the meta package adds nothing"


@on_debian
def test_missing_packages_are_found():
    assert missing(["dpkg", "no-such-package-of-zhengding"]) == ["no-such-package-of-zhengding"]


def fake_tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def debian(tmp_path, monkeypatch):
    """A machine with nothing installed, whose apt-get writes down how it was called and succeeds."""
    tools = tmp_path / "tools"
    tools.mkdir()
    fake_tool(tools, "dpkg-query", "exit 1")
    fake_tool(tools, "apt-get", f'echo "$@" >> {tmp_path}/calls')
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_root_installs_what_is_missing(debian, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    said: list[str] = []
    DebianPackages(debian / "apt.log", said.append).ensure(["libegl1"], ["postgresql"])
    calls = (debian / "calls").read_text().splitlines()
    assert [call.split("-o Acquire::Retries=3 ")[1].split()[0] for call in calls] == [
        "update",
        "install",
        "install",
    ]
    assert calls[1].endswith(" libegl1")
    assert calls[2].endswith(" postgresql")
    assert said == ["安装系统软件包：libegl1 postgresql"]


def test_root_without_network_is_told_and_optional_ones_are_left_out(debian, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    fake_tool(debian / "tools", "apt-get", "echo 'E: Unable to fetch'; exit 100")
    said: list[str] = []
    packages = DebianPackages(debian / "apt.log", said.append)
    packages.ensure([], ["postgresql"])
    assert "跳过" in said[-1]
    with pytest.raises(SetupFailure, match="apt-get install -y libegl1"):
        packages.ensure(["libegl1"])
    assert "Unable to fetch" in (debian / "apt.log").read_text()


def test_others_get_the_one_command(debian, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    said: list[str] = []
    packages = DebianPackages(debian / "apt.log", said.append)
    with pytest.raises(
        SetupFailure, match="sudo apt-get install -y --no-install-recommends libegl1 postgresql"
    ):
        packages.ensure(["libegl1"], ["postgresql"])
    packages.ensure([], ["postgresql"])
    assert "sudo apt-get install" in said[-1]
    assert not (debian / "calls").exists()


def test_debian_13_names_count_as_installed(debian):
    fake_tool(debian / "tools", "dpkg-query", "echo 'ii libglib2.0-0t64'; exit 1")
    assert missing(["libglib2.0-0", "libegl1"]) == ["libegl1"]


def test_package_lists_do_not_repeat():
    names = [*WINDOW, *VIRTUAL_SCREEN, *TESTS, *OPTIONAL]
    assert len(names) == len(set(names))
