"""Progress as a ring or a thin bar, of known or unknown length."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.theme import ThemeManager

from .elided_label import ElidedLabel
from .labels import button
from .painted import Painted, round_rect, spin


class _Progress(Painted):
    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._value: float | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(themes.theme.motion.frame * 2)
        self._timer.timeout.connect(self.update)
        self.setAccessibleName("进度")

    @property
    def value(self) -> float | None:
        """0 to 1; None while the length is unknown."""
        return self._value

    def set_value(self, value: float | None) -> None:
        """Show another state."""
        self._value = None if value is None else min(1.0, max(0.0, value))
        percent = "进行中" if self._value is None else f"{round(self._value * 100)}%"
        self.setAccessibleDescription(percent)
        self._run(self.isVisible())
        self.update()

    def theme_changed(self) -> None:
        self._run(self.isVisible())

    def _run(self, visible: bool) -> None:
        if visible and self._value is None and self.theme.animations:
            self._timer.start()
        else:
            self._timer.stop()

    def _phase(self) -> float:
        period = self.theme.motion.spin
        return (time.monotonic() * 1000 % period) / period if period else 0.2

    def showEvent(self, event: QShowEvent) -> None:
        self._run(True)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._run(False)
        super().hideEvent(event)


class ProgressRing(_Progress):
    """A ring of `size` pixels."""

    def __init__(
        self,
        themes: ThemeManager,
        value: float | None = None,
        size: int = 28,
        color: str = "brand",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._size, self._color = size, color
        self.setFixedSize(size, size)
        self.set_value(value)

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_ring(QPainter(self), QRectF(self.rect()), self._value, self._phase(), self.themes, self._color)


def paint_ring(
    painter: QPainter,
    rect: QRectF,
    value: float | None,
    phase: float,
    themes: ThemeManager,
    color: str = "brand",
) -> None:
    """Draw a ring into `rect`; `phase` (0 to 1) turns it while `value` is None."""
    theme = themes.theme
    stroke = max(2.0, rect.width() * theme.sizes.ring_stroke / theme.sizes.ring)
    inner = rect.adjusted(stroke / 2 + 0.5, stroke / 2 + 0.5, -stroke / 2 - 0.5, -stroke / 2 - 0.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("line_strong"), stroke))
    painter.drawEllipse(inner)
    if value is None:
        spin(painter, inner, phase * 360, theme.color(color), stroke)
        return
    painter.setPen(QPen(theme.color(color), stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(inner, 90 * 16, round(-value * 360 * 16))


class ProgressBar(_Progress):
    """A thin bar over the whole width."""

    def __init__(
        self,
        themes: ThemeManager,
        value: float | None = None,
        color: str = "brand",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._color = color
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_value(value)

    def sizeHint(self) -> QSize:
        return QSize(120, self.theme.sizes.progress)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_bar(QPainter(self), QRectF(self.rect()), self._value, self._phase(), self.themes, self._color)


def paint_bar(
    painter: QPainter,
    rect: QRectF,
    value: float | None,
    phase: float,
    themes: ThemeManager,
    color: str = "brand",
) -> None:
    """Draw a bar into `rect`; `phase` (0 to 1) moves it while `value` is None."""
    theme = themes.theme
    radius = rect.height() / 2
    round_rect(painter, rect, radius, theme.color("line_strong" if theme.is_dark else "field"))
    if value is None:
        width = rect.width() * 0.3
        start = rect.left() + (rect.width() + width) * phase - width
        part = QRectF(start, rect.top(), width, rect.height()).intersected(rect)
    else:
        part = QRectF(rect.left(), rect.top(), rect.width() * value, rect.height())
    if part.width() > 0:
        round_rect(painter, part, radius, theme.color(color))


class ProgressLine(QWidget):
    """Text, bar and a cancel button for work longer than a second. Signals: `cancelled()`."""

    cancelled = Signal()

    def __init__(self, themes: ThemeManager, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = themes.theme.space
        self.label = ElidedLabel(themes, text, "secondary", "text_2")
        self.bar = ProgressBar(themes)
        self.cancel = button("取消", "link")
        self.cancel.clicked.connect(self.cancelled)
        top = QHBoxLayout()
        top.addWidget(self.label, 1)
        top.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        column.addLayout(top)
        column.addWidget(self.bar)

    def set_progress(self, value: float | None, text: str | None = None) -> None:
        """`value` 0 to 1, None while unknown."""
        self.bar.set_value(value)
        if text is not None:
            self.label.setText(text)
