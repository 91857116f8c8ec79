"""dev.py on a copy of the work tree: first start, second start, and every way that the first can go wrong."""

import ast
import base64
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from bed.ports import free_port

from installers.environment.failure import SetupFailure, check_python, explain_install_failure

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

ECHO = 'import json, sys, zd_sample\nprint("serving", zd_sample.WORD, json.dumps(sys.argv[1:]))\n'


def make_wheel(folder: Path, version: str, word: str) -> str:
    """Write a one-module wheel of the distribution zd-sample; returns its line in a lock file."""
    name = f"zd_sample-{version}"
    files = {
        "zd_sample.py": f"WORD = {word!r}\n",
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: zd-sample\nVersion: {version}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
        f"{len(text.encode())}\n"
        for path, text in files.items()
    )
    files[f"{name}.dist-info/RECORD"] = record + f"{name}.dist-info/RECORD,,\n"
    path = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, text in files.items():
            wheel.writestr(inner, text)
    return f"zd-sample=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Tree:
    """A copy of the work tree with a sample lock, a sample server and its own wheelhouse."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wheels = root / "wheels"
        self.wheels.mkdir(parents=True)
        shutil.copy(ROOT / "dev.py", root)
        shutil.copytree(ROOT / "installers" / "environment", root / "installers" / "environment")
        (root / "installers" / "lock").mkdir()
        (root / "server_stub").mkdir()
        (root / "server_stub" / "__main__.py").write_text(ECHO)
        self.lock(make_wheel(self.wheels, "1.0", "one"))

    def lock(self, text: str) -> None:
        for level in ("runtime", "dev"):
            (self.root / "installers" / "lock" / f"{level}.lock").write_text(text)

    def environment(self, index: str | None = None) -> dict[str, str]:
        """No settings of the machine's pip; packages from the wheelhouse, or from `index` alone."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
        environ.update(PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="1", PIP_TIMEOUT="3", no_proxy="*")
        if index is None:
            environ["ZHENGDING_WHEELHOUSE"] = str(self.wheels)
        else:
            environ["PIP_INDEX_URL"] = index
        return environ

    def start(self, *arguments: str, index: str | None = None, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "dev.py", *arguments],
            cwd=self.root,
            env=self.environment(index) | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, index: str | None = None, **more: str) -> tuple[int, str, str]:
        process = self.start(*arguments, index=index, **more)
        out, err = process.communicate(timeout=90)
        return process.returncode, out, err


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A tree whose environment was made by a first start."""
    tree = Tree(tmp_path_factory.mktemp("made") / "tree")
    code, out, err = tree.run("server", "--port", "0")
    assert (code, err) == (0, ""), out + err
    assert "首次运行" in out
    assert 'serving one ["--data", ' in out
    assert out.rstrip().endswith('"--port", "0"]')
    return tree.root


@pytest.fixture
def tree(made, tmp_path) -> Tree:
    """A copy of the made tree, for this test alone."""
    fresh = Tree.__new__(Tree)
    fresh.root = tmp_path / "tree"
    fresh.wheels = fresh.root / "wheels"
    shutil.copytree(made, fresh.root, symlinks=True)
    return fresh


CLOSED = "http://127.0.0.1:{port}/simple"


def closed_index() -> str:
    return CLOSED.format(port=free_port())


def one_sentence(err: str) -> str:
    """The error as the reader sees it: one line, Chinese, with an English tail, no traceback."""
    assert err.startswith("错误：")
    assert err.count("\n") == 1, err
    assert re.search(r"[一-鿿]", err)
    assert re.search(r"\([A-Z][^()]*\)$", err.strip()), err
    return err


def test_second_start_needs_no_network(tree, record_property):
    shutil.rmtree(tree.wheels)
    began = time.monotonic()
    code, out, err = tree.run("server", index=closed_index())
    record_property("second_start_seconds", round(time.monotonic() - began, 3))
    assert (code, err) == (0, "")
    assert out.startswith("serving one"), "a second start says nothing of its own"


def test_a_changed_lock_updates_the_environment(tree):
    tree.lock(make_wheel(tree.wheels, "2.0", "two"))
    code, out, _ = tree.run("server")
    assert code == 0
    assert "serving two" in out


def test_without_network_the_update_fails_in_one_sentence_and_is_taken_up_later(tree):
    tree.lock(make_wheel(tree.wheels, "2.0", "two"))
    code, out, err = tree.run("server", index=closed_index())
    assert code == 1
    assert "PIP_INDEX_URL" in one_sentence(err)
    assert "serving" not in out
    code, out, _ = tree.run("server")
    assert code == 0
    assert "重新创建" not in out, "pip gave up in order: nothing to rebuild"
    assert "serving two" in out


def test_first_start_without_network_fails_in_one_sentence(tmp_path):
    tree = Tree(tmp_path / "tree")
    code, _, err = tree.run("server", index=closed_index())
    assert code == 1
    assert "连接不上" in one_sentence(err)
    assert tree.run("server")[0] == 0


def test_a_package_that_does_not_match_its_hash_is_refused(tree):
    tree.lock("zd-sample==1.0 --hash=sha256:" + "0" * 64 + "\n")
    (tree.root / ".venv" / "zhengding-stamp.json").unlink()
    python = str(tree.root / ".venv" / "bin" / "python")
    subprocess.run(
        [python, "-m", "pip", "uninstall", "-q", "-y", "zd-sample"], check=True, env=tree.environment()
    )
    code, out, err = tree.run("server")
    assert code == 1
    assert "哈希" in one_sentence(err)
    assert "serving" not in out


def test_a_broken_lock_is_said_in_one_sentence(tree):
    tree.lock("this is no requirement @@\n")
    code, _, err = tree.run("server")
    assert code == 1
    one_sentence(err)


def test_a_missing_lock_is_said_in_one_sentence(tree):
    (tree.root / "installers" / "lock" / "runtime.lock").unlink()
    code, _, err = tree.run("server")
    assert code == 1
    assert "runtime.lock" in one_sentence(err)


def test_a_start_that_was_killed_is_made_anew(tree):
    """The index accepts and never answers, so the kill comes in the middle of the installation."""
    tree.lock(make_wheel(tree.wheels, "2.0", "two"))
    with socket.create_server(("127.0.0.1", 0)) as index:
        process = tree.start("server", index=CLOSED.format(port=index.getsockname()[1]))
        index.settimeout(60)
        index.accept()[0].close()
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    code, out, err = tree.run("server")
    assert (code, err) == (0, "")
    assert "重新创建" in out
    assert "serving two" in out


def test_a_damaged_environment_is_made_anew(tree):
    (tree.root / ".venv" / "bin" / "python").unlink()
    code, out, _ = tree.run("server")
    assert code == 0
    assert "serving one" in out


def test_two_starts_at_once_build_one_environment(tmp_path):
    tree = Tree(tmp_path / "tree")
    starts = [tree.start("server"), tree.start("server")]
    outputs = [process.communicate(timeout=90) for process in starts]
    assert [process.returncode for process in starts] == [0, 0], outputs
    said = "".join(out for out, _ in outputs)
    assert said.count("首次运行") == 1
    assert said.count("serving one") == 2


def test_the_child_s_exit_code_is_dev_py_s_own(tree):
    (tree.root / "server_stub" / "__main__.py").write_text("raise SystemExit(7)")
    assert tree.run("server")[0] == 7


def test_where_the_tree_is_kept_free_of_compiled_files_they_lie_beside_it(tree):
    (tree.root / "server_stub" / "beside.py").write_text("WORD = 'here'\n")
    (tree.root / "server_stub" / "__main__.py").write_text(
        "from server_stub.beside import WORD\nprint(WORD)\n"
    )
    code, out, err = tree.run("server", PYTHONDONTWRITEBYTECODE="1")
    assert (code, "here" in out) == (0, True), out + err
    assert not list((tree.root / "server_stub").rglob("beside.*.pyc"))
    assert list((tree.root / ".run" / "bytecode").rglob("beside.*.pyc"))


def test_ending_dev_py_ends_what_it_started(tree):
    program = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n"
    (tree.root / "server_stub" / "__main__.py").write_text(program)
    process = tree.start("server")
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.terminate()
    assert process.wait(20) != 0
    process.communicate()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


SCENE = """
import os, pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(out / "report.md").write_text("platform " + os.environ["QT_QPA_PLATFORM"] + " display " + os.environ["DISPLAY"])
(out / "chat.png").write_bytes(b"")
"""


@pytest.fixture
def client(tree) -> Tree:
    """The made tree with a client that tells its arguments, a scene that tells its screen, and the test bed."""
    (tree.root / "app").mkdir()
    (tree.root / "app" / "__main__.py").write_text("import sys; print('client', sys.argv[1:])")
    (tree.root / "app" / "scene.py").write_text(SCENE)
    shutil.copytree(ROOT / "tests" / "bed", tree.root / "tests" / "bed")
    return tree


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("Xvfb"), reason="needs Xvfb")
def test_without_a_display_run_plays_the_scene_and_says_where(client, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    code, out, err = client.run("run")
    assert (code, err) == (0, ""), out
    (folder,) = (client.root / ".run").glob("scene-*")
    assert f"截图与报告在：{folder}" in out
    for name in ("report.md", "chat.png"):
        assert f"  .run/{folder.name}/{name}" in out
    assert re.fullmatch(r"platform xcb display :\d+", (folder / "report.md").read_text())


def test_with_a_display_run_starts_the_client(client, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    code, out, _ = client.run("run", "--profile", "第二个人", "--server", "https://127.0.0.1:1")
    assert code == 0
    assert out == "client ['--profile', '第二个人', '--server', 'https://127.0.0.1:1']\n"


def test_usage_names_every_command(tmp_path):
    tree = Tree(tmp_path / "tree")
    code, out, _ = tree.run("--help")
    assert code == 0
    for name in ("run", "test", "lint", "shots", "bench", "trace", "server"):
        assert f"\n  {name} " in out
    assert tree.run("no-such-command")[0] == 2


def test_dev_py_is_read_by_older_pythons_so_that_they_hear_the_remedy():
    for path in (ROOT / "dev.py", *(ROOT / "installers" / "environment").glob("*.py")):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 13, 9)])
def test_supported_pythons_pass(version):
    check_python(version)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 7, 3), (3, 10, 14), (3, 14, 0), (4, 0, 0)])
def test_other_pythons_are_refused_with_the_remedy(version):
    with pytest.raises(SetupFailure, match=re.escape(".".join(map(str, version)))) as caught:
        check_python(version)
    assert "python3.11 dev.py" in str(caught.value)


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "腾出"),
        ("The virtual environment was not created because ensurepip is not available.", "python3-venv"),
        ("/usr/bin/python3: No module named venv", "python3-venv"),
        (
            "ERROR: No matching distribution found for PySide6_Essentials==6.8.0.2 (from -r x)",
            "PySide6_Essentials",
        ),
        ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'", "chown"),
        ("NewConnectionError(...): Failed\nERROR: No matching distribution found for anyio==4", "网络"),
        ("something never seen", "something never seen"),
        ("", "详情见"),
    ],
)
def test_each_failure_names_its_remedy(output, remedy):
    text = str(explain_install_failure(output, "install.log"))
    assert remedy in text
    assert "\n" not in text
