"""Lets Python collect cyclic garbage on the interface thread only."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


class Collector(QObject):
    """Works from construction to `close`.

    Python collects in whatever thread allocates next. Ours has threads for disk and keyring: a window's objects freed
    there would be destroyed outside the thread that owns them, and Qt crashes.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.check)
        self._timer.start()

    def settle(self) -> None:
        """The program has started: what lives now lives long, and later collections need not look at it."""
        gc.collect()
        gc.freeze()

    def check(self) -> int:
        """Collect the youngest generation that is due; returns how many objects were found, -1 when none was due."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                return gc.collect(generation)
        return -1

    def close(self) -> None:
        """Back to the way it was."""
        self._timer.stop()
        if self._was_on:
            gc.enable()
