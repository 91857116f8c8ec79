"""Small parts of the composer: the strip that says what is being answered, and the line that says why it is closed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.controls import ElidedLabel, IconButton, Painted, label
from widgets.controls.painted import round_rect
from widgets.theme import ThemeManager


class ReplyStrip(Painted):
    """What is being answered (E102). Signals: `closed()`."""

    closed = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        space = themes.theme.space
        self.label = ElidedLabel(themes, "", "secondary", "text_2")
        self.close_button = IconButton(themes, "close", "取消回复", size=24, icon_size=14)
        self.close_button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        row.setSpacing(space.s)
        row.addWidget(self.label, 1)
        row.addWidget(self.close_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def say_words(self, words: str, close: str) -> None:
        """Show other words than an answer's; `close` is the button's name."""
        self.label.setText(words)
        self.close_button.set_label(close)
        self.setAccessibleName(words)

    def say(self, author: str, text: str) -> None:
        """Show whom and what."""
        self.label.setText(f"回复 {author}：{text}" if author else f"回复：{text}")
        self.setAccessibleName(self.label.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        round_rect(painter, rect, theme.radius.small, theme.color("card"))
        bar = QRectF(0, 0, theme.space.half + 1, rect.height())
        painter.fillRect(bar, theme.color("brand"))


class ClosedLine(QWidget):
    """Stands where the input was, with the reason."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = themes.theme.space
        self.label = label("", "secondary", wrap=True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.xl, space.l, space.xl, space.l)
        row.addWidget(self.label, 1)
