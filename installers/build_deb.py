"""Builds the Debian package for UOS, Kylin and Debian out of this work tree.

Usage: python installers/build_deb.py [--flavour uos|debian] [--arch amd64|arm64] (--wheelhouse DIR | --no-wheels)
       [--python DIR] [--out DIR]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from installers.environment.debian import WINDOW  # noqa: E402 - the work tree is not installed
from installers.prune import prune  # noqa: E402

APP_ID = "cn.zhengding.desktop"
PACKAGES = ("app", "widgets", "lock", "meeting_seat_designer", "offline_ai", "server_stub")
SYSTEMS = {"amd64": "uos-x86_64", "arm64": "kylin-aarch64"}
POSTINST = """#!/bin/sh
set -e
if command -v update-desktop-database >/dev/null; then update-desktop-database -q || true; fi
if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor || true; fi
"""
# What the program itself writes beside its code (byte code) would keep its folder from going.
POSTRM = f"""#!/bin/sh
set -e
if [ "$1" = remove ] || [ "$1" = purge ]; then rm -rf /opt/apps/{APP_ID}/files; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database -q || true; fi
"""


@dataclass(frozen=True)
class Plan:
    """What to build: `wheelhouse` None leaves the libraries out, `python` None takes the system's interpreter."""

    flavour: str
    arch: str
    wheelhouse: Path | None
    python: Path | None
    out: Path


def version(root: Path) -> str:
    """The project's version."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def copy_program(root: Path, files: Path) -> None:
    """The product's code and its licence texts, without tests and byte code."""
    for name in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(root / name, files / "program" / name, ignore=ignore)
    shutil.copy(root / "LICENSE", files / "program" / "LICENSE")
    launcher = files / "bin" / "zhengding"
    launcher.parent.mkdir(parents=True)
    shutil.copy(root / "installers" / "linux" / "zhengding.sh", launcher)
    launcher.chmod(0o755)


def copy_libraries(plan: Plan, root: Path, files: Path) -> None:
    """Install the wheels for the target, checked against the lock, and take out what must not ship."""
    from installers.build_wheelhouse import TARGETS, read_lock, select

    target = TARGETS[SYSTEMS[plan.arch]]
    pins = select(
        read_lock((root / "installers" / "lock" / "runtime.lock").read_text(encoding="utf-8")), target
    )
    site = files / "site-packages"
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "target.lock"
        lock.write_text("".join(pin.line() + "\n" for pin in pins), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-compile",
        ]
        command += ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-index"]
        command += ["--find-links", str(plan.wheelhouse), "--target", str(site), "--python-version", "3.11"]
        command += ["--implementation", "cp", "--abi", "cp311", "--abi", "abi3", "--abi", "none"]
        command += [part for tag in target.tags for part in ("--platform", tag)]
        subprocess.run([*command, "-r", str(lock)], check=True)
    freed = prune(site)
    print(f"取出不随产品分发的 Qt 文件 {freed / 1e6:.0f} MB")


def write_entries(plan: Plan, root: Path, tree: Path) -> None:
    """Desktop entry, autostart entry and icon: under the application's own folder on UOS, the usual places elsewhere."""
    linux = root / "installers" / "linux"
    launcher = f"/opt/apps/{APP_ID}/files/bin/zhengding"
    own = tree / "opt" / "apps" / APP_ID / "entries"
    uos = plan.flavour == "uos"
    places = {
        "zhengding.desktop": (own / "applications" if uos else tree / "usr/share/applications")
        / f"{APP_ID}.desktop",
        "zhengding-share.desktop": (own / "applications" if uos else tree / "usr/share/applications")
        / f"{APP_ID}.share.desktop",
        "zhengding-autostart.desktop": (own / "autostart" if uos else tree / "etc/xdg/autostart")
        / f"{APP_ID}.desktop",
        "zhengding.svg": (own / "icons" if uos else tree / "usr/share/icons")
        / "hicolor/scalable/apps/zhengding.svg",
    }
    if not uos:
        # UOS allows no file outside the application's folder: there the lock says that it has no system authentication.
        policy = "cn.zhengding.desktop.policy"
        places[policy] = tree / "usr/share/polkit-1/actions" / policy
    for source, target in places.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (linux / source).read_text(encoding="utf-8").replace("@LAUNCHER@", launcher)
        target.write_text(text, encoding="utf-8")
    if uos:
        permissions = {"autostart": True, "notification": True, "trayicon": True, "clipboard": True}
        info = {"appid": APP_ID, "name": "政钉", "version": version(root), "arch": [plan.arch]}
        text = json.dumps({**info, "permissions": permissions}, ensure_ascii=False, indent=2)
        (own.parent / "info").write_text(text + "\n", encoding="utf-8")
    else:
        command = tree / "usr" / "bin" / "zhengding"
        command.parent.mkdir(parents=True)
        command.symlink_to(launcher)


def control(plan: Plan, root: Path, tree: Path) -> str:
    """The control file: libraries that a Qt window needs, and an interpreter unless one is in the package."""
    libraries = [
        f"{name} | {name}t64" if name == "libglib2.0-0" else name for name in WINDOW if "fonts" not in name
    ]
    if plan.python is None:
        libraries.insert(0, "python3 (>= 3.11)")
    size = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    pure = plan.wheelhouse is None and plan.python is None
    return (
        f"Package: {APP_ID}\nVersion: {version(root)}\nArchitecture: {'all' if pure else plan.arch}\n"
        f"Maintainer: Zhengding Desktop contributors <maintainers@zhengding.example>\n"
        f"Installed-Size: {size // 1024 + 1}\nDepends: {', '.join(libraries)}\n"
        "Recommends: fonts-noto-cjk, fonts-noto-color-emoji, libgcrypt20, gnome-keyring | libsecret-1-0\nSection: net\nPriority: optional\n"
        "Description: 政钉 Desktop, sealed messaging and meetings for government offices\n"
        " Chat, directory, meetings with seating plans and an app lock, sealed end to end\n"
        " with SM2, SM3 and SM4. A local server is in the package.\n"
    )


def write_control(plan: Plan, root: Path, tree: Path) -> None:
    """DEBIAN/: control, checksums, scripts and the list of configuration files."""
    folder = tree / "DEBIAN"
    folder.mkdir()
    (folder / "control").write_text(control(plan, root, tree), encoding="utf-8")
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree).as_posix()}\n"
        for path in sorted(tree.rglob("*"))
        if path.is_file() and not path.is_symlink() and folder not in path.parents
    ]
    (folder / "md5sums").write_text("".join(sums), encoding="utf-8")
    autostart = f"/etc/xdg/autostart/{APP_ID}.desktop"
    if (tree / autostart[1:]).exists():
        (folder / "conffiles").write_text(autostart + "\n", encoding="utf-8")
    for name, text in (("postinst", POSTINST), ("postrm", POSTRM)):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)


def build(plan: Plan, root: Path = ROOT) -> Path:
    """Build the package; returns its path. Raises CalledProcessError when pip or dpkg-deb fails."""
    plan.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zd-deb-") as folder:
        tree = Path(folder) / "tree"
        files = tree / "opt" / "apps" / APP_ID / "files"
        files.mkdir(parents=True)
        copy_program(root, files)
        if plan.wheelhouse is not None:
            copy_libraries(plan, root, files)
        if plan.python is not None:
            shutil.copytree(plan.python, files / "python", symlinks=True)
        write_entries(plan, root, tree)
        doc = tree / "usr" / "share" / "doc" / APP_ID
        doc.mkdir(parents=True)
        shutil.copy(root / "LICENSE", doc / "copyright")
        shutil.copy(root / "docs" / "licences.md", doc / "licences.md")
        for path in tree.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        write_control(plan, root, tree)
        arch = "all" if plan.wheelhouse is None and plan.python is None else plan.arch
        target = plan.out / f"{APP_ID}_{version(root)}_{arch}_{plan.flavour}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return target


def main(arguments: list[str]) -> int:
    """Build one package and say where it is."""
    parser = argparse.ArgumentParser(description="制作 deb 安装包")
    parser.add_argument("--flavour", choices=("uos", "debian"), default="debian", help="debian 也用于麒麟")
    parser.add_argument("--arch", choices=tuple(SYSTEMS), default="amd64")
    libraries = parser.add_mutually_exclusive_group(required=True)
    libraries.add_argument("--wheelhouse", type=Path, help="build_wheelhouse.py 收集的目录")
    libraries.add_argument("--no-wheels", action="store_true", help="不含依赖库，只用于检查打包")
    parser.add_argument("--python", type=Path, help="随包携带的 CPython 3.11（系统自带的太旧时）")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    options = parser.parse_args(arguments)
    if shutil.which("dpkg-deb") is None:
        print("错误：缺少 dpkg-deb，请在 Debian、UOS 或麒麟上制作。(dpkg-deb is missing.)", file=sys.stderr)
        return 1
    plan = Plan(options.flavour, options.arch, options.wheelhouse, options.python, options.out)
    try:
        target = build(plan)
    except subprocess.CalledProcessError as error:
        print(f"错误：{error.cmd[0]} 失败，见上方输出。(exit code {error.returncode})", file=sys.stderr)
        return 1
    print(f"{target}（{target.stat().st_size / 1e6:.1f} MB）")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
