"""A small window beside a control, closed by Esc or a click elsewhere."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from widgets.theme import ThemeManager


class WindowedPopup(QFrame):
    """Holds one content widget; opaque and square, because capture protection forbids translucent windows.
    Signals: `closed()`."""

    closed = Signal()

    def __init__(self, themes: ThemeManager, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._space = themes.theme.space.xs
        self.content = content
        self.setObjectName("popup")
        self.setProperty("surface", "raised")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._frame(themes.theme)
        themes.changed.connect(self._frame)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(content)

    def _frame(self, theme) -> None:
        self.setStyleSheet(f"#popup {{ border: 1px solid {theme.palette.line_strong}; }}")

    def open_at(
        self,
        anchor: QWidget,
        side: Literal["above", "below"] = "below",
        align: Literal["left", "right"] = "left",
    ) -> None:
        """Show beside `anchor`, on the other side when there is no room, always inside the screen."""
        self.adjustSize()
        size = self.sizeHint().expandedTo(self.size())
        spot = QRect(anchor.mapToGlobal(QPoint(0, 0)), anchor.size())
        room = anchor.screen().availableGeometry()
        above = spot.top() - size.height() - self._space
        below = spot.bottom() + 1 + self._space
        top = above if side == "above" else below
        if side == "above" and above < room.top():
            top = below
        if side == "below" and below + size.height() > room.bottom():
            top = above
        left = spot.left() if align == "left" else spot.right() + 1 - size.width()
        left = max(room.left(), min(left, room.right() + 1 - size.width()))
        top = max(room.top(), min(top, room.bottom() + 1 - size.height()))
        self.setGeometry(left, top, size.width(), size.height())
        self.show()
        self.content.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.closed.emit()
        super().hideEvent(event)
