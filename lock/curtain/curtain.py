"""Hides every top-level window, pop-up and tooltip, and shows one lock window in their place (3.2.3.1.2)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

NEUTRAL_TITLE = "政钉"
_MOST_POPUPS = 100
"""A bound on nested menus and pop-ups, so that one that reopens itself cannot hold the lock up."""


@runtime_checkable
class MeetingSurface(Protocol):
    """A window that may stay while a meeting is on. It shows nothing but the picture, mute and leave then."""

    def spare_for_lock(self, locked: bool) -> None:
        """Reduce to picture, mute and leave, or show everything again."""
        ...


@dataclass
class _Hidden:
    widget: QWidget
    title: str
    maximized: bool
    minimized: bool


class Curtain(QObject):
    """Covers the client. Windows are hidden, not painted over: what is hidden cannot be captured or read out.

    `make_lock_window` builds the lock window anew for each lock; `protect` is given each, before it is shown, to keep it
    out of captures where the system can. Hiding is synchronous; nothing in it asks
    anyone for permission, and no dialog or unsaved document can refuse (3.2.3.1.2; KeePassXC's locks were
    vetoed by both).
    """

    def __init__(
        self,
        app: QApplication,
        make_lock_window: Callable[[], QWidget],
        *,
        protect: Callable[[QWidget], None] | None = None,
    ) -> None:
        super().__init__(app)
        self._protect = protect
        self._app = app
        self._make_lock_window = make_lock_window
        self._lock_window: QWidget | None = None
        self._hidden: list[_Hidden] = []
        self._spared: list[QWidget] = []
        self._spare_meeting = False
        self._flash_ms = app.cursorFlashTime()
        self._late_titles: dict[int, str] = {}

    @property
    def is_down(self) -> bool:
        """Whether the client is covered."""
        return self._lock_window is not None

    @property
    def lock_window(self) -> QWidget | None:
        """The lock window while covered."""
        return self._lock_window

    def drop(self, *, spare_meeting: bool = False) -> float:
        """Cover everything now; returns how long that took, in seconds. A second call changes nothing."""
        if self._lock_window is not None:
            return 0.0
        started = time.perf_counter()
        self._spare_meeting = spare_meeting
        place = self._place()
        QToolTip.hideText()
        self._close_popups()
        # From here on a window that somebody shows is stopped before it reaches the screen.
        self._app.installEventFilter(self)
        for widget in self._app.topLevelWidgets():
            if widget.isVisible():
                self._take(widget)
        # A blinking cursor would be all that still costs processor time, for hours: here it stands.
        self._flash_ms = self._app.cursorFlashTime()
        self._app.setCursorFlashTime(0)
        self._lock_window = self._make_lock_window()
        if self._protect is not None:
            self._protect(self._lock_window)
        if place is not None:
            self._lock_window.setGeometry(place)
        self._lock_window.show()
        self._lock_window.raise_()
        self._lock_window.activateWindow()
        return time.perf_counter() - started

    def lift(self) -> None:
        """Show again what was hidden and is still there, and drop the lock window."""
        if self._lock_window is None:
            return
        self._app.removeEventFilter(self)
        lock_window, self._lock_window = self._lock_window, None
        self._app.setCursorFlashTime(self._flash_ms)
        for widget in self._spared:
            if isinstance(widget, MeetingSurface):
                widget.spare_for_lock(False)
        hidden, self._hidden, self._spared = self._hidden, [], []
        for item in hidden:
            item.widget.setWindowTitle(item.title)
            if item.minimized:
                item.widget.showMinimized()
            elif item.maximized:
                item.widget.showMaximized()
            else:
                item.widget.show()
        lock_window.hide()
        lock_window.deleteLater()

    def forget_hidden(self) -> None:
        """The client takes its windows down itself (the store is closed): `lift` will show none of them."""
        self._hidden = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep windows that are shown while locked off the screen."""
        if (
            event.type() is QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and self._lock_window is not None
            and not self._belongs_to_lock(watched)
            and not watched.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            and not self._spare(watched)
        ):
            # The Show event comes before the platform maps the window: with this attribute it never does.
            watched.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            # Its title is with the window system by now, and would stay there until it is hidden a moment later.
            self._late_titles.setdefault(id(watched), watched.windowTitle())
            watched.setWindowTitle(NEUTRAL_TITLE)
            QTimer.singleShot(0, watched, lambda: self._take_late(watched))
        return False

    def _belongs_to_lock(self, widget: QWidget) -> bool:
        top: QWidget | None = widget
        while top is not None:
            if top is self._lock_window:
                return True
            top = top.parentWidget()
        return False

    def _take_late(self, widget: QWidget) -> None:
        widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
        if self._lock_window is not None:
            self._take(widget)
        else:
            widget.setWindowTitle(self._late_titles.pop(id(widget), widget.windowTitle()))
            widget.hide()
            widget.show()

    def _take(self, widget: QWidget) -> None:
        title = self._late_titles.pop(id(widget), widget.windowTitle())
        if self._spare(widget):
            return
        kind = widget.windowType()
        transient = kind in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
        if not transient:
            self._hidden.append(_Hidden(widget, title, widget.isMaximized(), widget.isMinimized()))
            widget.destroyed.connect(self._forget_dead)
        # A withdrawn window keeps its title for anyone who asks the window system.
        widget.setWindowTitle(NEUTRAL_TITLE)
        widget.hide()

    def _spare(self, widget: QWidget) -> bool:
        if not (self._spare_meeting and isinstance(widget, MeetingSurface)):
            return False
        if widget not in self._spared:
            self._spared.append(widget)
            widget.spare_for_lock(True)
        return True

    def _forget_dead(self) -> None:
        import shiboken6

        self._hidden = [item for item in self._hidden if shiboken6.isValid(item.widget)]
        self._spared = [widget for widget in self._spared if shiboken6.isValid(widget)]

    def _close_popups(self) -> None:
        for _ in range(_MOST_POPUPS):
            popup = self._app.activePopupWidget()
            if popup is None:
                return
            popup.close()
            if popup.isVisible():
                popup.hide()

    def _place(self) -> QRect | None:
        windows = [
            widget
            for widget in self._app.topLevelWidgets()
            if widget.isVisible() and widget.windowType() is Qt.WindowType.Window and not widget.isMinimized()
        ]
        if not windows:
            return None
        return max(windows, key=lambda widget: widget.width() * widget.height()).geometry()
