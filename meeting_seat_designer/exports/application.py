"""A Qt application for painting where there is none yet: without a display it runs offscreen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from meeting_seat_designer.engine.errors import SeatingError


@contextmanager
def qt_application() -> Iterator[QCoreApplication]:
    """The running application, or one made for this block (scripts, machines without a screen).

    SeatingError where a Qt application without fonts runs already. Painting itself may happen in any thread.
    """
    running = QCoreApplication.instance()
    if running is not None:
        if not isinstance(running, QGuiApplication):
            raise SeatingError("此进程没有图形环境，无法绘制座位图；请在命令行单独导出")
        yield running
        return
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    made = QGuiApplication(["meeting_seat_designer"])
    try:
        yield made
    finally:
        made.shutdown()
