"""The frame of the login pages."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.shell.form import NoticeBox, text

FORM_WIDTH = 340


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
