"""One client per profile: the second start wakes the first, even after a crash of an earlier one."""

import subprocess
import sys

from app.shell.single import SingleInstance, socket_name

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.shell.single import SingleInstance
app = QCoreApplication([])
one = SingleInstance(Path(sys.argv[1]))
print("first" if one.claim("open:c-1") else "second", flush=True)
if len(sys.argv) > 2:
    import os
    os._exit(9)
"""


def test_the_second_start_wakes_the_first(tmp_path, qtbot):
    first = SingleInstance(tmp_path)
    assert first.claim()
    with qtbot.waitSignal(first.woken, timeout=10_000) as woken:
        process = subprocess.Popen(
            [sys.executable, "-c", SECOND, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
    assert woken.args == ["open:c-1"]
    assert process.communicate(timeout=10)[0].strip() == "second"
    first.release()


def test_a_crashed_one_does_not_block_the_next(tmp_path, qtbot):
    command = [sys.executable, "-c", SECOND, str(tmp_path), "crash"]
    crashed = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (crashed.stdout.strip(), crashed.returncode) == ("first", 9)
    first = SingleInstance(tmp_path)
    assert first.claim()
    first.release()


def test_profiles_do_not_meet(tmp_path, qtbot):
    one, two = SingleInstance(tmp_path / "one"), SingleInstance(tmp_path / "two")
    assert one.claim()
    assert two.claim()
    assert socket_name(tmp_path / "one") != socket_name(tmp_path / "two")
    one.release()
    two.release()
