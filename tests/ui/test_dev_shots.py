"""`dev.py shots`: every page in the asked themes and scales, and a contact sheet of them."""

import os
import subprocess
import sys

import pytest
from bed.shots import contact_sheet, plan
from PIL import Image

BOOK = """
import asyncio
from PySide6.QtWidgets import QApplication, QLabel

def apply_theme(name):
    QApplication.setStyle("Fusion")
    QApplication.instance().setProperty("theme", name)

async def greeting(context):
    await asyncio.sleep(0)
    assert context.data.is_dir()
    label = QLabel("政钉")
    dark = QApplication.instance().property("theme") == "dark"
    label.setStyleSheet(f"background: {'#000000' if dark else '#ffffff'}")
    return label

async def broken(context):
    raise RuntimeError("no data")

PAGES = {"greeting": greeting, "settings-很长的名字": greeting, "broken": broken}
"""


@pytest.fixture
def shots(tmp_path):
    (tmp_path / "sample_book.py").write_text(BOOK, encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "PYTHONPATH": f"{os.environ['PYTHONPATH']}{os.pathsep}{tmp_path}"}
        command = [
            sys.executable,
            "-m",
            "bed.shots",
            str(tmp_path / "out"),
            "--book",
            "sample_book",
            *arguments,
        ]
        return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=100)

    return run


def test_pages_are_drawn_in_theme_and_scale(shots, tmp_path):
    done = shots("--theme", "dark", "--scale", "150", "--page", "greeting", "--page", "settings-很长的名字")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out" / "dark-150"
    assert sorted(p.name for p in folder.iterdir()) == ["_all.png", "greeting.png", "settings-很长的名字.png"]
    with Image.open(folder / "greeting.png") as picture:
        assert picture.size == (1280 * 1.5, 760 * 1.5)
        assert picture.convert("RGB").getpixel((5, 5)) == (0, 0, 0)


def test_a_page_that_fails_is_named_and_the_others_are_drawn(shots, tmp_path):
    done = shots("--theme", "light", "--scale", "100")
    assert done.returncode == 1
    assert "light-100/broken：RuntimeError: no data" in done.stderr
    assert (tmp_path / "out" / "light-100" / "greeting.png").exists()
    assert not (tmp_path / "out" / "light-100" / "broken.png").exists()


def test_every_theme_meets_every_scale():
    assert plan(["light", "dark"], [100, 150]) == [
        ("light", 100),
        ("dark", 100),
        ("light", 150),
        ("dark", 150),
    ]


def test_the_contact_sheet_lays_pages_in_rows(tmp_path):
    for name, height in (("a", 100), ("b", 300), ("c", 200)):
        Image.new("RGB", (200, height), "#1f5ad6").save(tmp_path / f"{name}.png")
    assert contact_sheet(tmp_path, tmp_path / "sheet.png", columns=2, width=100) == 3
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width == 2 * (100 + 16) + 16
        assert sheet.height == (150 + 28 + 16) + (100 + 28 + 16) + 16
        assert sheet.convert("RGB").getpixel((16 + 50, 16 + 28 + 25)) == (0x1F, 0x5A, 0xD6)
    assert contact_sheet(tmp_path / "sheet.png", tmp_path / "other.png") == 0
