"""From the trigger of the lock to a screen without any content, for 1, 5 and 20 windows with a dialog and a menu open.

Not what the program believes is measured but what a screenshot shows: content windows are one colour, and the time ends
with the first picture of the whole screen that has no pixel of it. The bar of the design is 100 ms.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

import mss
from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from lock.curtain.curtain import Curtain
from lock.page.page import LockedAs, LockPage, Ways
from widgets.theme import ThemeManager

CONTENT = QColor(255, 0, 255)
ROUNDS = 5
STEP = 4


def painted(widget: QWidget) -> QWidget:
    """Give a window the colour that is looked for."""
    palette = widget.palette()
    palette.setColor(widget.backgroundRole(), CONTENT)
    widget.setPalette(palette)
    widget.setAutoFillBackground(True)
    return widget


def content_pixels(screen: mss.base.MSSBase) -> int:
    """How many pixels of every fourth line are content."""
    shot = screen.grab(screen.monitors[0])
    image = QImage(shot.raw, shot.width, shot.height, QImage.Format.Format_RGB32)
    wanted = CONTENT.rgb()
    pixels = memoryview(bytes(image.constBits())).cast("I")
    row = image.bytesPerLine() // 4
    return sum(
        pixels[y * row : y * row + image.width()].tolist().count(wanted)
        for y in range(0, image.height(), STEP)
    )


def settle(milliseconds: int) -> None:
    """Let the windows appear."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def one_round(app: QApplication, themes: ThemeManager, count: int, screen: Any) -> dict[str, float]:
    """Open `count` windows with a dialog and a menu, lock, and look."""
    windows: list[QWidget] = []
    for number in range(count):
        window = painted(QWidget())
        window.setWindowTitle(f"会话 {number}")
        window.setGeometry(30 + number * 40 % 700, 30 + number * 23 % 400, 420, 260)
        window.show()
        windows.append(window)
    dialog = painted(QDialog(windows[0]))
    dialog.resize(240, 160)
    dialog.show()
    menu = QMenu(windows[0])
    for word in ("复制", "回复", "转发"):
        menu.addAction(word)
    menu.popup(windows[0].mapToGlobal(QPoint(40, 40)))
    settle(400)
    before = content_pixels(screen)
    if before == 0:
        raise RuntimeError("nothing of the content was on the screen before the lock")
    curtain = Curtain(app, lambda: LockPage(themes, LockedAs("李强", "", "x", "14:03"), Ways()))
    started = time.perf_counter()
    curtain.drop()
    dropped = time.perf_counter()
    shots = 0
    while content_pixels(screen):
        shots += 1
        app.processEvents()
        if time.perf_counter() - started > 5:
            raise RuntimeError("content is still on the screen after 5 s")
    clear = time.perf_counter()
    curtain.lift()
    menu.close()
    for window in (dialog, *windows):
        window.hide()
        window.deleteLater()
    settle(50)
    return {"drop": (dropped - started) * 1000, "clear": (clear - started) * 1000, "shots": float(shots)}


def run() -> dict[str, Any]:
    """Measure all counts."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["bench"])
    app.setQuitOnLastWindowClosed(False)
    themes = ThemeManager(animations=False)
    themes.apply(app)
    figures: dict[str, float] = {}
    with mss.MSS() as screen:
        for count in (1, 5, 20):
            rounds = [one_round(app, themes, count, screen) for _ in range(ROUNDS)]
            figures[f"hidden_{count}"] = round(statistics.median(one["drop"] for one in rounds), 1)
            figures[f"screen_clear_{count}"] = round(max(one["clear"] for one in rounds), 1)
    return {
        "name": "lock_cover",
        "unit": "ms",
        "figures": figures,
        "bar": {f"screen_clear_{count}": 100 for count in (1, 5, 20)},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False))
