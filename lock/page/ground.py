"""Paints the lock page's ground: the built-in gradient, or the administrators' picture under a veil."""

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from widgets.theme import Theme


def picture_of(data: bytes) -> QImage:
    """Decode PNG or JPEG; a null image when it is neither."""
    return QImage.fromData(data) if data else QImage()


def paint_ground(painter: QPainter, rect: QRectF, theme: Theme, picture: QImage) -> None:
    """Fill `rect`. A picture covers it, cut at the longer side; the veil keeps white text readable on any picture."""
    if picture.isNull():
        gradient = QLinearGradient(rect.topLeft(), rect.bottomRight())
        gradient.setColorAt(0.0, theme.color("lock_from"))
        gradient.setColorAt(0.55, theme.color("lock_via"))
        gradient.setColorAt(1.0, theme.color("lock_to"))
        painter.fillRect(rect, gradient)
        return
    scale = max(rect.width() / picture.width(), rect.height() / picture.height())
    width, height = rect.width() / scale, rect.height() / scale
    part = QRectF(
        QPointF((picture.width() - width) / 2, (picture.height() - height) / 2), QSizeF(width, height)
    )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(rect, picture, part)
    veil = QColor(theme.color("lock_from"))
    veil.setAlphaF(0.72)
    painter.fillRect(rect, veil)
