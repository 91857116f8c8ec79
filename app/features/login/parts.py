"""The frame of the login pages, and the button that counts the seconds until it may be pressed again."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.shell.form import NoticeBox, text

FORM_WIDTH = 340


class Countdown(QTimer):
    """A button that may be pressed again only after some seconds counts them down in its own words."""

    def __init__(self, owner: QPushButton, waiting: str) -> None:
        """`waiting`: what it says meanwhile, with {} for the seconds that are left."""
        super().__init__(owner)
        self._button, self._waiting, self._words = owner, waiting, ""
        self._left = 0
        self.setInterval(1000)
        self.timeout.connect(self._tick)

    def begin(self, seconds: float) -> None:
        """Count from now; part of a second counts as one."""
        if not self.isActive():
            self._words = self._button.text()
        self._left = max(1, ceil(seconds))
        self.start()
        self._show()

    def end(self) -> None:
        """The button may be pressed at once."""
        if self.isActive():
            self._left = 0
            self._show()

    def _tick(self) -> None:
        self._left -= 1
        self._show()

    def _show(self) -> None:
        over = self._left <= 0
        self._button.setEnabled(over)
        self._button.setText(self._words if over else self._waiting.format(self._left))
        if over:
            self.stop()


class FormPage(QWidget):
    """A column of fixed width in the middle: title, sentence, content, notice, main button, links."""

    def __init__(self, title: str, sentence: str = "") -> None:
        super().__init__()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        # On a small screen the page is taller than the window.
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole.addWidget(scroll)
        ground = QWidget()
        scroll.setWidget(ground)
        outer = QHBoxLayout(ground)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(1)
        middle = QWidget()
        middle.setFixedWidth(FORM_WIDTH)
        outer.addWidget(middle)
        outer.addStretch(1)
        self.column = QVBoxLayout(middle)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(14)
        self.column.addStretch(1)
        self.title = text(title, "display")
        self.column.addWidget(self.title)
        self.sentence = text(sentence, "body", "weak")
        self.column.addWidget(self.sentence)
        self.sentence.setVisible(bool(sentence))
        self.notice = NoticeBox()

    def finish(self, *after: QWidget) -> None:
        """Close the column: notice, then what comes after it."""
        self.column.addWidget(self.notice)
        for widget in after:
            self.column.addWidget(widget)
        self.column.addStretch(2)
        # Outside of a dialog Qt lets a button that has the focus do nothing on Enter.
        for one in self.findChildren(QPushButton):
            one.setAutoDefault(True)

    def start(self) -> None:
        """The page is shown: put the cursor where typing begins."""

    def leave(self) -> None:
        """What Esc does; a page with a way back goes it."""

    def set_busy(self, busy: bool) -> None:
        """While an answer is awaited nothing can be typed or pressed twice."""
        self.setEnabled(not busy)
