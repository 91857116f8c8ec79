"""Real recorders and screenshot tools against an open, revealed secret text: what they really took.

The bar of the design: a recorder sees at most 500 ms of it. With hold-to-reveal and no key held no tool sees anything.
What cannot be stopped is published without a bar: the share of one-shot tools' pictures that show a text which stands open
(`*_open_percent`) or is held at that moment (`*_held_percent`). All is found in the tools' own pixels by correlation with
the text's picture; `control_*` are the same runs without the guard, so that a reader that finds nothing is noticed.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

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
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from widgets.guard import CaptureGuard, HeldText, Level, make_guard
from widgets.theme import ThemeManager

ROUNDS = 5
SHOTS = 10
RECORD_MS = 1200
IDLE_S = 10


def uncovered(guard: CaptureGuard) -> None:
    """Wait until nothing captures any more."""
    spin_until(lambda: not guard.is_concealed, 20, "the page was lifted")
    spin(150)


def record(tool: str, folder: Path, guard: CaptureGuard, reader: CanaryReader) -> dict[str, float]:
    """One recording of the open text, from the recorder's start on."""
    uncovered(guard)
    if not reader.finds(screen_picture()):
        raise RuntimeError("the text was not open before the recording")
    told: list[float] = []
    connection = guard.concealed.connect(lambda _: told.append(time.perf_counter()))
    started = time.perf_counter()
    recorder = Recorder(tool, folder, os.environ["DISPLAY"], screen_size())
    spin_until(lambda: bool(told), 20, f"{tool} was noticed")
    spin_until(recorder.is_recording, 20, f"{tool} recorded")
    spin(RECORD_MS)
    film = read_recording(recorder.stop(), reader)
    guard.concealed.disconnect(connection)
    return {
        "covered": (told[0] - started) * 1000,
        "shown": film.shown_ms,
        "hits": float(film.with_canary),
        "frames": float(film.frames),
    }


def late(folder: Path, guard: CaptureGuard, window: QWidget, reader: CanaryReader) -> float:
    """Frames with the text when it is opened while ffmpeg records already."""
    guard.unregister(window)
    window.hide()
    recorder = Recorder("ffmpeg", folder, os.environ["DISPLAY"], screen_size())
    spin_until(recorder.is_recording, 20, "ffmpeg recorded")
    guard.register(window)
    window.show()
    spin(RECORD_MS)
    hits = read_recording(recorder.stop(), reader).with_canary
    uncovered(guard)
    return float(hits)


def control(tool: str, folder: Path, reader: CanaryReader) -> float:
    """Frames with the text when nothing guards it."""
    recorder = Recorder(tool, folder, os.environ["DISPLAY"], screen_size())
    spin_until(recorder.is_recording, 20, f"{tool} recorded")
    spin(RECORD_MS)
    return float(read_recording(recorder.stop(), reader).with_canary)


def share(
    tool: str, shots: OneShot, guard: CaptureGuard, reader: CanaryReader, hold: HeldText | None
) -> float:
    """Percent of one-shot pictures with the text; with `hold` the button is held down at that moment."""
    hits = 0
    for _ in range(SHOTS):
        uncovered(guard)
        if hold is not None:
            press(hold)
        hits += reader.finds(shots.take(tool))
        if hold is not None:
            QTest.mouseRelease(hold, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
    return 100 * hits / SHOTS


def press(text: HeldText) -> None:
    """Hold the text and wait until it is on the screen."""
    text.window().activateWindow()
    spin_until(text.isActiveWindow, 10, "the window is active")
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
    spin_until(lambda: text.hold.is_held, 5, "the text is held")
    spin(60)


def idle(guard: CaptureGuard) -> float:
    """Percent of one core that the whole process uses while the guard watches and nothing happens."""
    uncovered(guard)
    spin(2500)
    used, started = time.process_time(), time.perf_counter()
    spin(IDLE_S * 1000)
    return 100 * (time.process_time() - used) / (time.perf_counter() - started)


def held_window(themes: ThemeManager, guard: CaptureGuard) -> tuple[QWidget, HeldText, CanaryReader]:
    """A window with a text that shows only while held, and a reader that has seen it."""
    window = QWidget()
    text = HeldText(themes, guard, lambda: CANARY)
    column = QVBoxLayout(window)
    column.addWidget(text, 0, Qt.AlignmentFlag.AlignLeft)
    column.addStretch(1)
    window.setGeometry(200, 120, 640, 320)
    guard.register(window)
    window.show()
    spin_until(lambda: window.isVisible() and not guard.is_concealed, 10, "the window stands open")
    press(text)
    reader = CanaryReader.of(text)
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
    return window, text, reader


def run() -> dict[str, Any]:
    """Measure all tools."""
    if missing():
        raise RuntimeError(f"missing: apt-get install {' '.join(missing())}")
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["bench"])
    app.setQuitOnLastWindowClosed(False)
    themes = ThemeManager(animations=False)
    themes.apply(app)
    guard = make_guard(themes)
    figures: dict[str, float] = {}
    bars: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="zd-capture-") as name:
        folder = Path(name)
        shots = OneShot(folder, os.environ["DISPLAY"])
        window = CanaryWindow()
        window.show()
        spin(400)
        reader = CanaryReader.of(window.text)
        for tool in RECORDERS:
            figures[f"control_{tool}_frames"] = control(tool, folder, reader)
            if figures[f"control_{tool}_frames"] < 5:
                raise RuntimeError(f"{tool} does not see an unguarded text: nothing can be measured")
        guard.register(window)
        uncovered(guard)
        if guard.protection.level is not Level.DETECTING:
            raise RuntimeError(f"the guard does not watch: {guard.protection}")
        figures["idle_cpu_percent"] = round(idle(guard), 2)
        bars["idle_cpu_percent"] = 2
        for tool in RECORDERS:
            rounds = [record(tool, folder, guard, reader) for _ in range(ROUNDS)]
            figures[f"{tool}_start_to_cover_ms"] = round(
                statistics.median(one["covered"] for one in rounds), 1
            )
            figures[f"{tool}_start_to_cover_worst_ms"] = round(max(one["covered"] for one in rounds), 1)
            figures[f"{tool}_text_seen_ms"] = round(max(one["shown"] for one in rounds), 1)
            figures[f"{tool}_frames_with_text"] = max(one["hits"] for one in rounds)
            bars[f"{tool}_start_to_cover_worst_ms"] = bars[f"{tool}_text_seen_ms"] = 500
        figures["opened_while_recording_frames"] = late(folder, guard, window, reader)
        bars["opened_while_recording_frames"] = 0
        for tool in ONE_SHOT:
            figures[f"{tool}_open_percent"] = share(tool, shots, guard, reader, None)
        guard.unregister(window)
        window.hide()
        held, text, reader = held_window(themes, guard)
        for tool in ONE_SHOT:
            figures[f"{tool}_not_held_percent"] = share(tool, shots, guard, reader, None)
            bars[f"{tool}_not_held_percent"] = 0
            figures[f"{tool}_held_percent"] = share(tool, shots, guard, reader, text)
        recorder = Recorder("ffmpeg", folder, os.environ["DISPLAY"], screen_size())
        spin_until(recorder.is_recording, 20, "ffmpeg recorded")
        spin(RECORD_MS)
        figures["ffmpeg_not_held_frames"] = float(read_recording(recorder.stop(), reader).with_canary)
        bars["ffmpeg_not_held_frames"] = 0
        shots.close()
        guard.close()
        for one in (window, held):
            one.hide()
            one.deleteLater()
    return {
        "name": "capture_guard",
        "unit": "ms, frames, %",
        "figures": figures,
        "bar": bars,
        "better": "lower",
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False))
