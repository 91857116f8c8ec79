"""Real recorders and screenshot tools against guarded windows: what they took is read from their pixels.

A shorter form of benchmarks/capture_guard.py, where the times are; here it must hold on a busy machine.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from bed.recorders import (
    CANARY,
    ONE_SHOT,
    RECORDERS,
    CanaryReader,
    CanaryWindow,
    OneShot,
    Recorder,
    missing,
    read_recording,
    screen_picture,
    screen_size,
    spin,
    spin_until,
)
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.guard import CaptureGuard, HeldText, Kind, Level, make_guard
from widgets.theme import ThemeManager

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"left out: apt-get install {' '.join(missing())}")
BAR_MS = 500


@pytest.fixture
def guard(qapp, session_bus: str) -> Iterator[CaptureGuard]:
    made = make_guard(ThemeManager(animations=False))
    yield made
    made.close()


def settled(guard: CaptureGuard, reader: CanaryReader | None = None) -> None:
    spin_until(lambda: not guard.is_concealed, 20, "nothing is covered")
    if reader is not None:
        spin_until(lambda: reader.finds(screen_picture()), 10, "the text stands open")


@pytest.mark.clause("3.1.1.8")
@pytest.mark.parametrize("tool", RECORDERS)
def test_a_recorder_sees_a_protection_page_and_the_text_returns_when_it_ends(
    qtbot, guard: CaptureGuard, tmp_path: Path, tool: str
) -> None:
    window = CanaryWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    spin(300)
    reader = CanaryReader.of(window.text)
    guard.register(window)
    settled(guard, reader)
    assert guard.protection.level is Level.DETECTING
    with qtbot.waitSignal(guard.concealed, timeout=20_000):
        recorder = Recorder(tool, tmp_path, os.environ["DISPLAY"], screen_size())
    spin_until(recorder.is_recording, 20, f"{tool} recorded")
    spin(800)
    film = read_recording(recorder.stop(), reader)
    assert film.frames >= 5
    assert film.shown_ms <= BAR_MS
    settled(guard, reader)
    event = next(one for one in guard.events if one.kind is Kind.RECORDER)
    assert event.tool.lower() == tool
    assert 0 < event.started_ms < event.ended_ms


@pytest.mark.clause("3.1.1.8")
def test_nothing_is_taken_of_a_text_that_is_opened_while_recording(
    qtbot, guard: CaptureGuard, tmp_path: Path
) -> None:
    window = CanaryWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    spin(300)
    reader = CanaryReader.of(window.text)
    window.hide()
    recorder = Recorder("ffmpeg", tmp_path, os.environ["DISPLAY"], screen_size())
    spin_until(recorder.is_recording, 20, "ffmpeg recorded")
    guard.register(window)
    window.show()
    spin(800)
    film = read_recording(recorder.stop(), reader)
    assert (film.frames >= 5, film.with_canary) == (True, 0)


@pytest.mark.clause("3.1.1.8")
def test_no_tool_takes_anything_of_a_held_text_that_is_not_held(
    qtbot, guard: CaptureGuard, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    text = HeldText(ThemeManager(animations=False), guard, lambda: CANARY)
    column = QVBoxLayout(window)
    column.addWidget(text, 0, Qt.AlignmentFlag.AlignLeft)
    column.addStretch(1)
    window.setGeometry(200, 120, 640, 320)
    guard.register(window)
    window.show()
    settled(guard)
    window.activateWindow()
    spin_until(window.isActiveWindow, 10, "the window is active")
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
    spin(100)
    reader = CanaryReader.of(text)
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
    shots = OneShot(tmp_path, os.environ["DISPLAY"])
    try:
        for tool in ONE_SHOT:
            assert not reader.finds(shots.take(tool)), tool
    finally:
        shots.close()


@pytest.mark.clause("3.1.1.8")
def test_the_screenshot_key_covers_everything_and_is_swallowed(qtbot, guard: CaptureGuard) -> None:
    window = CanaryWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    spin(300)
    reader = CanaryReader.of(window.text)
    guard.register(window)
    settled(guard, reader)
    for keys in ("Print", "alt+Print"):
        with qtbot.waitSignal(guard.concealed, timeout=20_000):
            subprocess.run(["xdotool", "key", keys], check=True)
        assert not reader.finds(screen_picture())
        settled(guard, reader)
    assert [one.kind for one in guard.events] == [Kind.KEY, Kind.KEY]


def test_where_the_desktop_holds_the_key_the_press_is_noticed(qtbot, guard: CaptureGuard) -> None:
    from Xlib import XK, X
    from Xlib import display as x_display

    desktop = x_display.Display(os.environ["DISPLAY"])
    code = desktop.keysym_to_keycode(XK.string_to_keysym("Print"))
    desktop.screen().root.grab_key(code, X.AnyModifier, True, X.GrabModeAsync, X.GrabModeAsync)
    desktop.sync()
    window = CanaryWindow()
    qtbot.addWidget(window)
    guard.register(window)
    settled(guard)
    with qtbot.waitSignal(guard.concealed, timeout=20_000):
        subprocess.run(["xdotool", "key", "a", "Print"], check=True)
    assert [one.kind for one in guard.events] == [Kind.KEY]
    desktop.close()
