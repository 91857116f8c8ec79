"""By which way the user works, keys or mouse: only who works by keys is shown where the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QWidget

from .stylesheet import restyle

RING = "ring"
"""The property by which the style sheet knows that a button shows the ring."""
HELD = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr})


class InputWay(QObject):
    """Follows the windows of the application once `watch` was called. Until something was pressed the keys count as used,
    so that whoever begins by keys sees where he is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.by_keys = True
        self._app: QApplication | None = None

    def watch(self, app: QApplication) -> None:
        """Follow what is pressed in the application's windows from now on."""
        if self._app is not None:
            return
        self._app = app
        # The windows and not the application are filtered: what is sent to each widget would pass Python too.
        app.focusWindowChanged.connect(self._window_changed)
        app.focusChanged.connect(self._focus_changed)
        self._window_changed(app.focusWindow())

    def _window_changed(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress or kind == QEvent.Type.TouchBegin:
            self._used(False)
        elif kind == QEvent.Type.KeyPress and event.key() not in HELD:  # type: ignore[attr-defined]
            self._used(True)
        return False

    def _used(self, keys: bool) -> None:
        if keys == self.by_keys:
            return
        self.by_keys = keys
        now = QApplication.focusWidget()
        if now is not None:
            self._show(now)

    def _focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is not None:
            self._show(now)

    def _show(self, widget: QWidget) -> None:
        if isinstance(widget, QAbstractButton):
            ring = "on" if self.by_keys else "off"
            if widget.property(RING) != ring:
                widget.setProperty(RING, ring)
                restyle(widget)
                return
        if isinstance(widget, QAbstractScrollArea):
            widget.viewport().update()
        else:
            widget.update()
