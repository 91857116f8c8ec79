"""Reading only while a button or key is held down, in the focused active window (secret texts)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from .guard import CaptureGuard

LONGEST_MS = 60_000
"""A hold ends by itself after this: a release that the window system swallowed must not leave the text open."""
_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ENDS = (
    QEvent.Type.FocusOut,
    QEvent.Type.WindowDeactivate,
    QEvent.Type.Hide,
    QEvent.Type.UngrabMouse,
    QEvent.Type.Close,
    QEvent.Type.ParentChange,
)


class HoldToReveal(QObject):
    """Tells whether `widget` may paint its content: only while the left button or Space/Enter is held on it.

    The hold ends, and the widget is repainted at once and not with the next frame, on release, when the pointer
    leaves the widget, when focus or the window's activity is lost, on hiding, when the guard conceals, and after
    `LONGEST_MS`. Signals: `changed(bool)`, after that repaint; `moved(QPointF)` while held, in the widget's pixels.
    """

    changed = Signal(bool)
    moved = Signal(QPointF)

    def __init__(self, widget: QWidget, guard: CaptureGuard) -> None:
        super().__init__(widget)
        self._widget = widget
        self._guard = guard
        self._held_by: Qt.MouseButton | int | None = None
        self._position = QPointF()
        self._enabled = True
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.setInterval(LONGEST_MS)
        self._limit.timeout.connect(self.end)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)
        guard.concealed.connect(self.end)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._state_changed)

    @property
    def is_held(self) -> bool:
        """Whether the content may be painted now."""
        return self._held_by is not None

    @property
    def position(self) -> QPointF:
        """Where the pointer is, or where `move_to` put it."""
        return self._position

    def set_enabled(self, enabled: bool) -> None:
        """Allow holds or not (a burnt message)."""
        self._enabled = enabled
        if not enabled:
            self.end()

    def move_to(self, position: QPointF) -> None:
        """Move the reading place, for keys that step from line to line."""
        self._position = position
        self.moved.emit(position)
        self._widget.update()

    def end(self, *_: object) -> None:
        """Stop showing now: when this returns the widget has been painted without its content."""
        if self._held_by is None:
            return
        self._held_by = None
        self._limit.stop()
        if self._widget.isVisible():
            self._widget.repaint()
        self.changed.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin and end holds."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            return self._mouse(kind, event)
        if isinstance(event, QKeyEvent):
            return self._key(kind, event)
        if kind in _ENDS:
            self.end()
        return False

    def _mouse(self, kind: QEvent.Type, event: QMouseEvent) -> bool:
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if event.button() is not Qt.MouseButton.LeftButton:
                self.end()
                return False
            self._begin(event.button(), event.position())
            return True
        if kind is QEvent.Type.MouseButtonRelease:
            held = self._held_by is Qt.MouseButton.LeftButton
            self.end()
            return held
        if kind is QEvent.Type.MouseMove and self._held_by is not None:
            if not self._widget.rect().contains(event.position().toPoint()):
                self.end()
            else:
                self.move_to(event.position())
        return False

    def _key(self, kind: QEvent.Type, event: QKeyEvent) -> bool:
        if event.key() not in _KEYS or kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not event.isAutoRepeat():
            if kind is QEvent.Type.KeyPress:
                self._begin(int(event.key()), self._position)
            elif self._held_by == int(event.key()):
                self.end()
        return True

    def _begin(self, by: Qt.MouseButton | int, position: QPointF) -> None:
        if not self._enabled or self._held_by is not None or self._guard.is_concealed:
            return
        if not self._widget.isActiveWindow():
            return
        self._widget.setFocus(Qt.FocusReason.MouseFocusReason)
        if not self._widget.hasFocus():
            return
        self._held_by = by
        self._position = position
        self._limit.start()
        self._widget.update()
        self.changed.emit(True)

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state is not Qt.ApplicationState.ApplicationActive:
            self.end()
