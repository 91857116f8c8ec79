"""What `dev.py run` plays where there is no display: two clients on a real server, from the first start to the lock."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage


@pytest.mark.timeout(300)
def test_the_scene_plays_to_its_end_and_leaves_a_report_with_pictures(tmp_path: Path) -> None:
    out = tmp_path / "scene"
    played = subprocess.run(
        [sys.executable, "-m", "app.scene", "--out", str(out)], capture_output=True, text=True, timeout=280
    )
    assert played.returncode == 0, played.stdout + played.stderr
    steps = json.loads((out / "report.json").read_text(encoding="utf-8"))["steps"]
    assert len(steps) == 9
    assert all(step["good"] for step in steps)
    report = (out / "report.md").read_text(encoding="utf-8")
    for picture in out.glob("*.png"):
        image = QImage(str(picture))
        # A window that was drawn: not one colour.
        assert (
            len({image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)})
            > 8
        )
    for step in steps:
        assert step["name"] in report
        assert (out / step["picture"]).exists()
