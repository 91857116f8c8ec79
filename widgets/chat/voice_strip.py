"""Stands in the place of the input while something is being recorded (E092)."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.controls import Painted, button, label
from widgets.theme import ThemeManager

KEPT = 400
LOWEST = 0.06


class LevelWave(Painted):
    """The loudness of the last seconds, newest at the right."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._levels: deque[float] = deque(maxlen=KEPT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def clear(self) -> None:
        """Begin anew."""
        self._levels.clear()
        self.update()

    def add(self, level: float) -> None:
        """One more level, 0 to 1."""
        self._levels.append(max(0.0, min(1.0, level)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.sizes.voice_max, self.theme.sizes.control)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        wide = self.theme.sizes.voice_bar
        step, right = wide * 2, float(self.width())
        for level in reversed(self._levels):
            right -= step
            if right < 0:
                break
            high = self.height() * max(LOWEST, level)
            painter.fillRect(QRectF(right, (self.height() - high) / 2, wide, high), self.theme.color("brand"))


class VoiceStrip(QWidget):
    """Signals: `sent()`, `cancelled()`. Enter sends, Esc gives it up."""

    sent = Signal()
    cancelled = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = themes.theme.space
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("正在录音")
        self.dot = label("●", "body", "bad")
        self.time = label("0:00", "body")
        self.wave = LevelWave(themes)
        self.hint = label("最长 60 秒", "caption")
        self.cancel = button("取消")
        self.cancel.clicked.connect(self.cancelled)
        self.send = button("发送", "primary")
        self.send.clicked.connect(self.sent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, space.s, 0, 0)
        row.setSpacing(space.m)
        for one in (self.dot, self.time, self.wave, self.hint, self.cancel, self.send):
            row.addWidget(one, 1 if one is self.wave else 0)

    def begin(self) -> None:
        """A new recording."""
        self.wave.clear()
        self.time.setText("0:00")

    def show_level(self, level: float, milliseconds: int) -> None:
        """How loud it is, and how long it has been."""
        self.wave.add(level)
        seconds = milliseconds // 1000
        self.time.setText(f"{seconds // 60}:{seconds % 60:02}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.sent.emit()
        else:
            super().keyPressEvent(event)
