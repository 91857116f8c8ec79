"""The test bed's promises: unexpected warnings fail, the machine stays out, servers are private."""

import os
import subprocess
import sys
from pathlib import Path

import keyring
import pytest

ROOT = Path(__file__).resolve().parents[2]


def inner_run(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run `body` as a test file under the project's own configuration and conftest."""
    tests = folder / "tests" / "unit"
    tests.mkdir(parents=True)
    for name in ("tests/conftest.py", "tests/bed", "docs", "pyproject.toml"):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(ROOT / name)
    (folder / "tests" / "conftest.py").unlink()
    (folder / "tests" / "conftest.py").write_text(
        (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    )
    (tests / "test_inner.py").write_text(body, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cov", "tests/unit"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


BAD = {
    "qt-warning": "from PySide6.QtCore import qWarning\ndef test_it(qtbot): qWarning('odd')",
    "python-warning": "import warnings\ndef test_it(): warnings.warn('odd')",
    "thread": "import threading\ndef test_it():\n t = threading.Thread(target=lambda: 1/0)\n t.start(); t.join()",
    "unraisable": "class D:\n def __del__(self): raise ValueError\ndef test_it(): D()",
    "unclosed-file": "def test_it(): open('/dev/null')",
    "slot": "from PySide6.QtCore import QTimer\ndef test_it(qtbot):\n"
    " QTimer.singleShot(0, lambda: 1 / 0)\n qtbot.wait(20)",
    "never-awaited": "async def work(): pass\ndef test_it(): work()",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_an_unexpected_warning_or_lost_exception_fails_the_run(tmp_path, body):
    result = inner_run(tmp_path, body)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 failed" in result.stdout or "1 error" in result.stdout, result.stdout


def test_the_same_bed_passes_a_good_test(tmp_path):
    result = inner_run(tmp_path, "async def test_it(qtbot):\n import asyncio\n await asyncio.sleep(0)")
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_unknown_requirement_id_stops_the_run(tmp_path):
    result = inner_run(tmp_path, "import pytest\n@pytest.mark.clause('0.0.0')\ndef test_it(): pass")
    assert result.returncode == 4
    assert "no such requirement: 0.0.0" in result.stdout + result.stderr


def test_home_and_secrets_are_this_test_s_own(home, tmp_path):
    assert Path.home() == home
    assert os.environ["XDG_CONFIG_HOME"].startswith(str(home))
    with pytest.raises(keyring.errors.NoKeyringError):
        keyring.get_password("zhengding", "anyone")


def test_the_memory_keyring_serves_one_test(memory_keyring):
    keyring.set_password("zhengding", "王秀兰", "secret")
    assert keyring.get_password("zhengding", "王秀兰") == "secret"
    keyring.delete_password("zhengding", "王秀兰")
    assert keyring.get_password("zhengding", "王秀兰") is None
    with pytest.raises(keyring.errors.PasswordDeleteError):
        keyring.delete_password("zhengding", "王秀兰")


def test_the_file_keyring_outlives_a_process(file_keyring):
    program = "import keyring, sys; keyring.set_password('s', 'u', sys.argv[1])"
    subprocess.run([sys.executable, "-c", program, "值"], check=True)
    program = "import keyring; print(keyring.get_password('s', 'u'))"
    assert (
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
        == "值\n"
    )
    assert file_keyring.stat().st_mode & 0o077 == 0
