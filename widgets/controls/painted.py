"""The base of widgets that draw themselves: it knows the theme and repaints when the theme changes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from widgets.theme import Theme, ThemeManager


class Painted(QWidget):
    """Subclasses draw in `paintEvent` with `self.theme` and override `theme_changed` to lay out anew."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.themes = themes
        themes.changed.connect(self._changed)

    @property
    def theme(self) -> Theme:
        """The current theme."""
        return self.themes.theme

    def theme_changed(self) -> None:
        """The theme or the font size is another one; called after construction only."""

    def _changed(self, _theme: object) -> None:
        self.theme_changed()
        self.updateGeometry()
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self.update()
        super().changeEvent(event)


def round_rect(
    painter: QPainter, rect: QRectF, radius: float, fill: QColor | None, line: QColor | None = None
) -> None:
    """Fill and outline (1 px, inside) a rounded rectangle."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        return
    painter.setPen(QPen(line, 1))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


def focus_frame(
    painter: QPainter, rect: QRectF, radius: float, theme: Theme, *, always: bool = False
) -> None:
    """The ring around what has the keyboard; `always`: also for who works by mouse, as around a field for text."""
    if not (always or theme.shows_focus):
        return
    width = theme.sizes.focus_ring
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("focus"), width))
    half = width / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)


def soft_shadow(painter: QPainter, rect: QRectF, radius: float, reach: int, theme: Theme) -> None:
    """A soft shadow around `rect`, `reach` pixels wide, drawn under it."""
    color = QColor(theme.color("shadow"))
    if color.alpha() == 0:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    color.setAlpha(max(1, color.alpha() // max(1, reach)))
    painter.setBrush(color)
    for step in range(reach, 0, -1):
        painter.drawRoundedRect(
            rect.adjusted(-step, -step + step / 3, step, step + step / 3), radius + step, radius + step
        )


def spin(painter: QPainter, rect: QRectF, angle: float, color: QColor, stroke: float) -> None:
    """A quarter turn of a ring, for work of unknown length; `angle` in degrees."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(rect, int(-angle * 16), 100 * 16)


def centre_rect(rect: QRectF, width: float, height: float) -> QRectF:
    """A rectangle of that size in the middle of `rect`."""
    centre: QPointF = rect.center()
    return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
