"""One screenshot from the wish to the picture: own windows out of the way, an overlay on every screen, one answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager

from .grab import grab_screens
from .overlay import AreaOverlay

VANISH_MS = 220
"""Until a hidden window has left the screen, its fading included."""


class AreaCapture(QObject):
    """Signals, exactly one of them once: `captured(QImage)` in device pixels, `cancelled()`, `impossible()` where the desktop
    gives no picture of the screen. Windows hidden for it come back before."""

    captured = Signal(QImage)
    cancelled = Signal()
    impossible = Signal()

    def __init__(self, themes: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._hidden: list[QWidget] = []
        self._running = False
        self.overlays: list[AreaOverlay] = []

    def start(self, hide: Sequence[QWidget] = ()) -> None:
        """Begin; `hide` are windows that shall not be in the picture. A second start while one runs does nothing."""
        if self._running:
            return
        self._running = True
        self._hidden = [one for one in hide if one.isVisible()]
        for one in self._hidden:
            one.hide()
        if self._hidden:
            QTimer.singleShot(VANISH_MS, self, self._grab)
        else:
            self._grab()

    def _grab(self) -> None:
        for shot in grab_screens():
            overlay = AreaOverlay(self._themes, shot)
            overlay.taken.connect(self._taken)
            overlay.given_up.connect(self._given_up)
            overlay.begun.connect(lambda chosen=overlay: self._begun(chosen))
            self.overlays.append(overlay)
        if not self.overlays:
            self._end()
            self.impossible.emit()
            return
        for overlay in self.overlays:
            overlay.show()
            overlay.raise_()
        self.overlays[0].activateWindow()
        self.overlays[0].setFocus()
        # Without a window manager's help the keyboard has to be taken.
        self.overlays[0].grabKeyboard()

    def _begun(self, chosen: AreaOverlay) -> None:
        for overlay in self.overlays:
            if overlay is not chosen:
                overlay.clear()
        chosen.grabKeyboard()

    def _taken(self, image: QImage) -> None:
        self._end()
        self.captured.emit(image)

    def _given_up(self) -> None:
        self._end()
        self.cancelled.emit()

    def _end(self) -> None:
        overlays, self.overlays = self.overlays, []
        for overlay in overlays:
            overlay.blockSignals(True)
            overlay.releaseKeyboard()
            overlay.close()
            overlay.deleteLater()
        hidden, self._hidden = self._hidden, []
        for one in hidden:
            one.show()
            one.raise_()
            one.activateWindow()
        self._running = False
