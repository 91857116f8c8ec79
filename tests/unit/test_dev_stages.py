"""`dev.py test` and `lint`: every stage is run and timed, the exit code is honest, pytest's closing line comes last."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from bed.stages import ClosingLine, run_lint

ROOT = Path(__file__).resolve().parents[2]


def sieved(*chunks: bytes) -> tuple[bytes, bytes]:
    sink = io.BytesIO()
    sieve = ClosingLine(sink)
    for chunk in chunks:
        sieve.feed(chunk)
    return sink.getvalue(), sieve.closing


RUN = b"==== test session starts ====\nplatform linux\n\n..F.. [100%]\n=== FAILURES ===\n___ x ___\n=== 1 failed in 2s ===\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_only_the_closing_line_is_kept_back(size):
    out, closing = sieved(*(RUN[i : i + size] for i in range(0, len(RUN), size)))
    assert closing == b"=== 1 failed in 2s ==="
    assert out + closing + b"\n" == RUN


def test_progress_dots_are_passed_on_before_their_line_ends():
    assert sieved(b"collected 3\n", b"..")[0] == b"collected 3\n.."


def test_a_coloured_closing_line_is_known():
    out, closing = sieved(b"a\n\x1b[32m\x1b[1m=== 3 passed ===\x1b[0m\n")
    assert out == b"a\n"
    assert closing.endswith(b"=== 3 passed ===\x1b[0m")


def test_a_quiet_closing_line_is_known():
    assert sieved(b"..\n2 passed", b" in 0.1s\n") == (b"..\n", b"2 passed in 0.1s")


def test_stages_run_at_the_same_time_and_show_what_failed(tmp_path, capsys):
    wait = "import pathlib, time\n{mine}.touch()\nwhile not {other}.exists(): time.sleep(0.01)\n"
    first, second = (f"pathlib.Path({str(tmp_path / name)!r})" for name in ("one", "two"))
    stages = {
        "one": ("-c", wait.format(mine=first, other=second)),
        "two": ("-c", wait.format(mine=second, other=first) + "print('the reason'); raise SystemExit(3)"),
    }
    outcomes = run_lint(stages, tmp_path)
    assert [(o.name, o.code) for o in outcomes] == [("one", 0), ("two", 3)]
    assert all(o.seconds > 0 for o in outcomes)
    out = capsys.readouterr().out
    assert "the reason" in out
    assert "通过  one" in out
    assert "未过  two" in out


@pytest.fixture
def project(tmp_path):
    """A small project that passes; stages are run in it as `dev.py` does."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_good():\n    assert 1\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def stages(
    project: Path, *arguments: str, silence: float = 60, types: str = ""
) -> subprocess.CompletedProcess[str]:
    lint = {"own": ("-c", ""), "basedpyright": ("-c", types)}
    program = (
        f"import sys; from pathlib import Path; import bed.stages as s; s.LINT = {lint!r};"
        f"s.SILENCE = {silence}; sys.exit(s.main(sys.argv[1:], Path.cwd()))"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=project, capture_output=True, text=True
    )


def test_the_closing_line_is_the_last_and_the_exit_code_honest(project):
    done = stages(project, "test", "-q", "-n0", "-v")
    lines = done.stdout.strip().splitlines()
    assert done.returncode == 0, done.stdout
    assert "1 passed" in lines[-1]
    assert lines[-2] == "全部通过（all passed）"
    assert sum("1 passed" in line for line in lines) == 1


def test_a_failed_test_fails_the_run(project):
    (project / "tests" / "test_b.py").write_text("def test_bad():\n    assert 0\n")
    done = stages(project, "test", "--no-lint", "-n0", "-v")
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout.strip().splitlines()[-1]
    assert "未通过：pytest" in done.stdout


def test_types_are_checked_beside_the_tests_and_what_is_wrong_fails_the_run(project):
    types = "import pathlib, time\nwhile not pathlib.Path('tested').exists(): time.sleep(0.01)\nraise SystemExit('no such type')"
    (project / "tests" / "test_b.py").write_text(
        "import pathlib\ndef test_good():\n    pathlib.Path('tested').touch()\n"
    )
    done = stages(project, "test", "-n0", "-v", types=types)
    assert done.returncode == 1
    assert "no such type" in done.stdout
    assert "未通过：basedpyright（failed）" in done.stdout
    assert "2 passed" in done.stdout.strip().splitlines()[-1]


def test_no_test_at_all_fails_the_run(project):
    done = stages(project, "test", "-n0", "-v", "-k", "nothing")
    assert done.returncode == 1
    assert "deselected" in done.stdout.strip().splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_process_that_crashes_does_not_stop_the_run_and_its_test_is_repeated(project):
    (project / "tests" / "test_crash.py").write_text(
        "import os, pathlib, pytest, signal\n"
        "@pytest.mark.parametrize('number', range(40))\n"
        "def test_it(number):\n"
        "    before = pathlib.Path('crashed')\n"
        "    if number == 21 and not before.exists():\n"
        "        before.touch()\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    done = stages(project, "test", "--no-lint")
    assert done.returncode == 0, done.stdout
    assert "RERUN tests/test_crash.py::test_it[21]" in done.stdout
    assert "41 passed, 1 rerun" in done.stdout.strip().splitlines()[-1]


def test_a_run_that_says_nothing_any_more_is_ended(project):
    (project / "tests" / "test_stuck.py").write_text(
        "import threading\ndef test_it():\n    threading.Event().wait()\n"
    )
    done = stages(project, "test", "--no-lint", "-n0", silence=6)
    assert done.returncode == 1
    assert "测试停住：6 秒没有输出" in done.stdout
    assert done.stdout.strip().splitlines()[-1] == "未通过：pytest（failed）"
