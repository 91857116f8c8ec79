"""Scrolling the painted message list: time of a frame (scroll, measure, paint), first paint, rows held in memory."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from widgets.chat.message_list import MessageListView  # noqa: E402
from widgets.chat.row_view import Hold  # noqa: E402
from widgets.showroom.chat import many_rows, office_rows  # noqa: E402
from widgets.theme import ThemeManager  # noqa: E402

ROWS = 10_000
WINDOW = 600
"""Rows that an open conversation hands over at most."""
FRAMES = 1200
STEP = 60
"""Pixels a frame: one notch of the wheel."""


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _scroll(view: MessageListView, step: int, frames: int) -> list[float]:
    bar, times = view.verticalScrollBar(), []
    for _ in range(frames):
        started = time.perf_counter()
        bar.setValue(bar.value() + step)
        view.viewport().repaint()
        times.append((time.perf_counter() - started) * 1000)
    return times


def run() -> dict[str, Any]:
    """Scroll up through rows that were never measured, then fly about, then receive at the bottom."""
    app = QApplication.instance() or QApplication(["benchmark"])
    themes = ThemeManager(animations=False)
    view = MessageListView(themes)
    view.resize(1000, 700)
    view.show()
    # What is not on the screen is not painted, and would cost nothing.
    if not QTest.qWaitForWindowExposed(view, 10_000):
        raise RuntimeError("the window did not come to the screen")

    window = many_rows(WINDOW)
    firsts: list[float] = []
    for _ in range(20):
        view.set_rows([])
        started = time.perf_counter()
        view.set_rows(window, Hold.BOTTOM)
        view.viewport().repaint()
        firsts.append((time.perf_counter() - started) * 1000)

    live: list[float] = []
    for count in range(200, WINDOW):
        rows = window[:count]
        started = time.perf_counter()
        view.set_rows(rows)
        view.viewport().repaint()
        live.append((time.perf_counter() - started) * 1000)

    view.set_rows(many_rows(ROWS), Hold.BOTTOM)
    slow = _scroll(view, -STEP, FRAMES)
    back = _scroll(view, STEP, FRAMES // 2)
    pages = _scroll(view, -view.viewport().height(), 300)
    held = view.store.held
    view.set_rows(office_rows(), Hold.BOTTOM)
    mixed = _scroll(view, -8, 60)
    figures = {
        "scroll_frame_p95": round(_p95(slow + back + mixed), 2),
        "scroll_frame_worst": round(max(slow + back + mixed), 2),
        "page_frame_p95": round(_p95(pages), 2),
        "first_paint": round(statistics.median(firsts), 1),
        "arrival_p95": round(_p95(live), 2),
        "rows_held": held,
    }
    view.close()
    view.deleteLater()
    app.processEvents()
    return {
        "name": "message_list",
        "unit": "ms",
        "figures": figures,
        "bar": {"scroll_frame_p95": 8, "page_frame_p95": 16, "first_paint": 50},
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
