"""The program's own icon, drawn: a rounded square with 政, and a count for tray and task bar (E176)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from widgets.theme import Theme
from widgets.theme.fonts import make_font

SIDES = (16, 22, 24, 32, 48, 64, 128, 256)


def app_pixmap(theme: Theme, side: int, unread: int = 0) -> QPixmap:
    """One size of the icon, in pixels."""
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("brand"))
    painter.drawRoundedRect(QRectF(0, 0, side, side), side * 0.22, side * 0.22)
    painter.setPen(theme.color("on_brand"))
    painter.setFont(make_font(theme.families, round(side * 0.6), 600))
    painter.drawText(QRectF(0, 0, side, side * 0.98), Qt.AlignmentFlag.AlignCenter, "政")
    if unread > 0:
        _paint_count(painter, theme, side, unread)
    painter.end()
    return pixmap


def _paint_count(painter: QPainter, theme: Theme, side: int, unread: int) -> None:
    words = str(unread) if unread < 100 else "99+"
    # In a 16 px tray a number cannot be read: a dot says "there is something".
    small = side < 22
    high = side * (0.45 if small else 0.58)
    wide = high if small or len(words) == 1 else min(float(side), high * (1.0 + 0.34 * (len(words) - 1)))
    place = QRectF(side - wide, 0, wide, high)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("bad"))
    painter.drawRoundedRect(place, high / 2, high / 2)
    if not small:
        painter.setPen(theme.color("on_bad"))
        painter.setFont(make_font(theme.families, round(high * 0.74), 700))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


def app_icon(theme: Theme, unread: int = 0) -> QIcon:
    """The icon in all sizes."""
    icon = QIcon()
    for side in SIDES:
        icon.addPixmap(app_pixmap(theme, side, unread))
    return icon


class AppMark(QWidget):
    """The icon as part of a page (login, about)."""

    def __init__(self, theme: Theme, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(side, side)
        self.setAccessibleName("政钉")

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        pixmap = app_pixmap(self._theme, round(self.width() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        QPainter(self).drawPixmap(0, 0, pixmap)
