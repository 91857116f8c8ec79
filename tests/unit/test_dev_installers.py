"""The installers: the deb really builds, nothing ships that must not, the wheelhouse fits its platform."""

import ast
import fnmatch
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

from installers.build_deb import APP_ID, PACKAGES, Plan, build, main, version
from installers.build_wheelhouse import TARGETS, read_lock, select, write_sums
from installers.prune import GPL_FILES, GPL_MODULES, doomed, prune

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "installers" / "lock" / "runtime.lock").read_text(encoding="utf-8")
needs_dpkg = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="dpkg-deb is not on this machine")
FILES = f"./opt/apps/{APP_ID}/files"


def package(tmp_path: Path, flavour: str) -> Path:
    return build(Plan(flavour=flavour, arch="amd64", wheelhouse=None, python=None, out=tmp_path / "out"))


def field(deb: Path, name: str) -> str:
    return subprocess.run(
        ["dpkg-deb", "-f", deb, name], capture_output=True, text=True, check=True
    ).stdout.strip()


def listing(deb: Path) -> dict[str, str]:
    """Path to `mode owner` of everything in the package."""
    out = subprocess.run(["dpkg-deb", "-c", deb], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=5) for line in out.splitlines()]
    return {row[5].split(" -> ")[0]: f"{row[0]} {row[1]}" for row in rows}


@needs_dpkg
@pytest.mark.parametrize("flavour", ["debian", "uos"])
def test_the_deb_holds_the_product_and_nothing_else(tmp_path, flavour):
    deb = package(tmp_path, flavour)
    names = listing(deb)
    for folder in PACKAGES:
        assert f"{FILES}/program/{folder}/__init__.py" in names
    assert not [n for n in names if re.search(r"__pycache__|\.pyc$|/tests?/|\.venv|\.git|dev\.py", n)]
    assert names[f"{FILES}/bin/zhengding"] == "-rwxr-xr-x root/root"
    assert all(owner.endswith("root/root") for owner in names.values())
    assert not [n for n, mode in names.items() if mode[0] != "l" and (mode[8] == "w" or mode[5] == "w")]
    assert f"./usr/share/doc/{APP_ID}/copyright" in names
    assert field(deb, "Package") == APP_ID
    assert field(deb, "Version") == version(ROOT)
    assert field(deb, "Architecture") == "all"
    assert "libxcb-cursor0" in field(deb, "Depends")
    assert "python3 (>= 3.11)" in field(deb, "Depends")


@needs_dpkg
def test_entries_stand_where_each_system_looks(tmp_path):
    debian, uos = listing(package(tmp_path, "debian")), listing(package(tmp_path, "uos"))
    assert f"./usr/share/applications/{APP_ID}.desktop" in debian
    assert f"./usr/share/applications/{APP_ID}.share.desktop" in debian
    assert f"./etc/xdg/autostart/{APP_ID}.desktop" in debian
    assert "./usr/share/icons/hicolor/scalable/apps/zhengding.svg" in debian
    assert "./usr/share/polkit-1/actions/cn.zhengding.desktop.policy" in debian
    assert "./usr/bin/zhengding" in debian
    own = f"./opt/apps/{APP_ID}"
    for name in (
        f"applications/{APP_ID}.desktop",
        f"applications/{APP_ID}.share.desktop",
        f"autostart/{APP_ID}.desktop",
    ):
        assert f"{own}/entries/{name}" in uos
    assert f"{own}/info" in uos
    stray = [n for n in uos if not n.endswith("/") and not n.startswith((own, "./usr/share/doc"))]
    assert stray == [], "UOS takes packages that keep to their own folder"


@needs_dpkg
def test_what_is_unpacked_is_whole_and_starts_its_own_interpreter(tmp_path):
    deb = package(tmp_path, "debian")
    tree = tmp_path / "tree"
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    sums = (tree / "DEBIAN" / "md5sums").read_text().splitlines()
    for line in sums:
        digest, name = line.split("  ", 1)
        assert hashlib.md5((tree / name).read_bytes()).hexdigest() == digest
    entry = (tree / "usr/share/applications" / f"{APP_ID}.desktop").read_text(encoding="utf-8")
    launcher = re.search(r"^Exec=(\S+) %u$", entry, re.M)
    assert launcher
    assert (tree / launcher.group(1)[1:]).exists()
    assert "@" not in entry
    files = tree / FILES
    # Libraries are left out here: the launcher says so in words.
    refused = subprocess.run([files / "bin" / "zhengding"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "不含依赖库" in refused.stderr
    # With libraries and an interpreter, it starts the client with its arguments.
    (files / "site-packages").mkdir()
    (files / "python" / "bin").mkdir(parents=True)
    (files / "python" / "bin" / "python3").symlink_to(sys.executable)
    (files / "program" / "app" / "__main__.py").write_text("import sys; print('client', sys.argv[1:])")
    (files / "program" / "app" / "__init__.py").write_text("")
    started = subprocess.run(
        [files / "bin" / "zhengding", "--profile", "王秀兰"], capture_output=True, text=True
    )
    assert started.stdout == "client ['--profile', '王秀兰']\n", started.stderr


@needs_dpkg
def test_the_command_builds_and_says_where(tmp_path, capsys):
    assert main(["--no-wheels", "--out", str(tmp_path)]) == 0
    (deb,) = tmp_path.glob("*.deb")
    assert str(deb) in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path)])


@pytest.mark.skipif(
    not shutil.which("desktop-file-validate"), reason="desktop-file-utils is not on this machine"
)
@pytest.mark.parametrize(
    "name", ["zhengding.desktop", "zhengding-autostart.desktop", "zhengding-share.desktop"]
)
def test_desktop_entries_are_valid(tmp_path, name):
    text = (
        (ROOT / "installers" / "linux" / name).read_text(encoding="utf-8").replace("@LAUNCHER@", "/bin/true")
    )
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(["desktop-file-validate", tmp_path / name], capture_output=True, text=True)
    assert done.stdout == ""


def test_the_product_imports_no_gpl_module_of_qt():
    found = []
    for folder in PACKAGES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                elif isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                found += [
                    f"{path}: {n}"
                    for n in names
                    if n.startswith("PySide6.") and n.split(".")[1] in GPL_MODULES
                ]
    assert found == []


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("readelf"), reason="reads ELF files")
def test_what_stays_of_qt_needs_nothing_that_is_taken_out():
    folder = Path(PySide6.__file__).parent
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    kept = [name for name in names if not doomed(name) and ".so" in name]
    gone = {Path(name).name for name in names if doomed(name) and ".so" in name}
    out = subprocess.run(
        ["readelf", "-d", *kept], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    broken: dict[str, set[str]] = {}
    current = ""
    for line in out.splitlines():
        if line.startswith("File: "):
            current = line[6:]
        needed = re.search(r"\(NEEDED\).*\[(.+)\]", line)
        if needed and needed.group(1) in gone:
            broken.setdefault(current, set()).add(needed.group(1))
    assert broken == {}
    for name in (
        "QtCore.abi3.so",
        "QtWidgets.abi3.so",
        "QtSvg.abi3.so",
        "QtDBus.abi3.so",
        "QtMultimedia.abi3.so",
    ):
        assert name in kept
    for module in ("Charts", "Graphs", "VirtualKeyboard", "Quick3D", "NetworkAuth"):
        assert not [name for name in kept if module in name]


def test_pruning_removes_files_and_empty_folders(tmp_path):
    for name in (
        "PySide6/QtCore.abi3.so",
        "PySide6/QtCharts.abi3.so",
        "PySide6/Qt/qml/QtQuick/a.qml",
        "bin/designer",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    assert prune(tmp_path) == 10
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == [
        "PySide6",
        "PySide6/QtCore.abi3.so",
    ]


def test_patterns_for_gpl_files_match_what_the_wheels_hold():
    folder = Path(PySide6.__file__).parent
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    for module in ("QtCharts", "QtDataVisualization", "QtGraphs", "QtHttpServer", "QtNetworkAuth"):
        assert [name for name in names if name.startswith(f"{module}.") and doomed(name, GPL_FILES)], module
    assert not any(fnmatch.fnmatch("QtGui.abi3.so", pattern) for pattern in GPL_FILES)


def test_each_target_takes_its_own_packages():
    chosen = {
        name: {p.requirement.name for p in select(read_lock(LOCK), target)}
        for name, target in TARGETS.items()
    }
    assert "uvloop" in chosen["uos-x86_64"]
    assert "uvloop" not in chosen["windows-x86_64"]
    assert "pywin32-ctypes" in chosen["windows-x86_64"]
    assert "dbus-fast" in chosen["kylin-aarch64"]
    assert not [name for names in chosen.values() for name in names if name.startswith("pyobjc")]
    newer = {p.requirement.name for p in select(read_lock(LOCK), TARGETS["uos-x86_64"], "3.13")}
    assert "backports-tarfile" not in newer


def test_tags_never_ask_for_a_newer_glibc_than_the_system_has():
    tags = TARGETS["uos-x86_64"].tags
    assert tags[0] == "manylinux_2_28_x86_64"
    assert "manylinux2014_x86_64" in tags
    assert not [tag for tag in tags if re.search(r"_2_(3\d|29)_", tag)]
    assert TARGETS["kylin-aarch64"].tags[0] == "manylinux_2_31_aarch64"


def test_a_lock_line_without_hash_is_refused():
    with pytest.raises(ValueError, match="no hash"):
        read_lock("anyio==4.16.0\n")


def test_sums_can_be_checked_offline(tmp_path):
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"a")
    write_sums(tmp_path)
    subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True)


def test_the_licence_table_names_every_package_and_no_gpl():
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+?) \|", text, re.M))
    assert set(rows) == {pin.requirement.name.lower().replace("_", "-") for pin in read_lock(LOCK)}
    assert not [name for name, licence in rows.items() if re.search(r"(?<!L)GPL", licence)]


def test_the_licence_is_whole_in_both_languages():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for part in (
        "木兰宽松许可证， 第2版",
        "条款结束",
        "END OF THE TERMS AND CONDITIONS",
        "0. 定义",
        "6. Language",
    ):
        assert part in text
