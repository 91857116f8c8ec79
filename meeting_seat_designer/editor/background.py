"""Work away from the interface thread: checks and files. Results come back in the interface thread, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from shiboken6 import isValid


class _Bridge(QObject):
    finished = Signal(object, object, object)


class _Job(QRunnable):
    def __init__(
        self, bridge: _Bridge, work: Callable[[], Any], then: Any, failed: Any, owner: QObject | None
    ) -> None:
        super().__init__()
        self._parts = (bridge, work, then, failed, owner)

    def run(self) -> None:
        bridge, work, then, failed, owner = self._parts
        try:
            result = work()
        except Exception as error:  # reported to the interface thread, which decides what to say
            bridge.finished.emit(failed, error, owner)
        else:
            bridge.finished.emit(then, result, owner)


class Background(QObject):
    """One thread that does jobs one after another; `finish()` waits for all of them (at closing).

    Signal: `idle()` when the last result has been delivered.
    """

    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._bridge = _Bridge()
        self._bridge.finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._open = 0

    @property
    def busy(self) -> bool:
        """Whether a job's result has not been delivered yet."""
        return self._open > 0

    def run(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        *,
        owner: QObject | None = None,
    ) -> None:
        """Do `work` in the thread; `then(result)` or `failed(error)` afterwards in the interface thread.

        Nothing is told when `owner` (a dialog) has gone meanwhile.
        """
        self._open += 1
        self._pool.start(_Job(self._bridge, work, then, failed, owner))

    def _deliver(self, call: Callable[[Any], object] | None, value: Any, owner: QObject | None) -> None:
        self._open -= 1
        try:
            if owner is not None and not isValid(owner):
                return
            if call is not None:
                call(value)
            elif isinstance(value, Exception):
                raise value
        finally:
            if not self._open:
                self.idle.emit()

    def finish(self) -> None:
        """Wait until every job has run."""
        self._pool.waitForDone()
