"""One guarded widget with the page that covers it, and the windows around it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import shiboken6
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager

from .page import ProtectionPage


@runtime_checkable
class ConcealsItself(Protocol):
    """A guarded widget that wants to drop its content too, before it is covered (stop a player, forget a text)."""

    def capture_concealed(self, concealed: bool) -> None:
        """Drop the content, or take it up again."""
        ...


class Surface(QObject):
    """Covers `widget` at once when told to. `gone`: the widget was destroyed."""

    gone = Signal()
    shown = Signal()
    """The widget (or, for a window, its native window) appeared or was made anew."""

    def __init__(self, themes: ThemeManager, widget: QWidget, *, covers: bool) -> None:
        super().__init__()
        self.widget = widget
        self.covers = covers
        self._page = ProtectionPage(themes, widget) if covers else None
        if self._page is not None:
            self._page.hide()
        widget.installEventFilter(self)
        widget.destroyed.connect(self._on_destroyed)

    @property
    def page(self) -> ProtectionPage | None:
        """The page over it."""
        return self._page

    @property
    def window(self) -> QWidget:
        """The top-level window that it is in."""
        return self.widget.window()

    def conceal(self, title: str, text: str, hint: str = "") -> None:
        """Cover it now: when this returns the page has been painted, not the content."""
        if self._page is None:
            return
        fresh = self._page.isHidden()
        if fresh and isinstance(self.widget, ConcealsItself):
            self.widget.capture_concealed(True)
        self._page.say(title, text, hint)
        self._page.setGeometry(self.widget.rect())
        self._page.show()
        self._page.raise_()
        if self.widget.isVisible():
            self._page.repaint()

    def reveal(self) -> None:
        """Take the page away."""
        if self._page is None or self._page.isHidden():
            return
        self._page.hide()
        if isinstance(self.widget, ConcealsItself):
            self.widget.capture_concealed(False)

    def drop(self) -> None:
        """Leave the widget as it was."""
        if shiboken6.isValid(self.widget):
            self.reveal()
            self.widget.removeEventFilter(self)
            self.widget.destroyed.disconnect(self._on_destroyed)
            if self._page is not None:
                self._page.deleteLater()
        self._page = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the page as large as the widget and above its children."""
        if not shiboken6.isValid(self.widget):
            # A widget loses its native window while it is being destroyed.
            return False
        kind = event.type()
        if kind in (QEvent.Type.Show, QEvent.Type.WinIdChange):
            self.shown.emit()
        if self._page is not None and not self._page.isHidden():
            if kind is QEvent.Type.Resize:
                self._page.setGeometry(self.widget.rect())
            elif kind is QEvent.Type.ChildAdded:
                self._page.raise_()
        return False

    def _on_destroyed(self) -> None:
        self._page = None
        self.gone.emit()
