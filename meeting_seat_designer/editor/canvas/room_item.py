"""The room's floor: ground, border, grid, the picture to trace."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Background
from widgets.theme import ThemeManager

GRID_COARSE = 1000.0
GRID_FINE = 100.0
_FINE_FROM = 0.08
_CORNER = 160.0


class RoomItem(QGraphicsItem):
    """Draws the floor of `width` × `depth` mm; the grid only while laying out."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._size = (0.0, 0.0)
        self._grid = False
        self._source = ""
        self._picture = QPixmap()
        self._place = QRectF()
        self._opacity = 0.0
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setZValue(-100)

    def set_content(self, document: Document, grid: bool) -> None:
        """Draw this room from now on."""
        size = (document.room.width, document.room.depth)
        back = document.current().background or Background()
        place = QRectF(back.x, back.y, back.w, back.h)
        if (size, grid, back.image, place, back.opacity) == (
            self._size,
            self._grid,
            self._source,
            self._place,
            self._opacity,
        ):
            return
        self.prepareGeometryChange()
        self._size, self._grid, self._place, self._opacity = size, grid, place, back.opacity
        if back.image != self._source:
            self._source = back.image
            self._picture = _picture(back.image)
        self.update()

    @property
    def floor(self) -> QRectF:
        """The room in mm."""
        return QRectF(0, 0, *self._size)

    def boundingRect(self) -> QRectF:
        return self.floor.united(self._place).adjusted(-200, -200, 200, 200)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        theme = self._themes.theme
        shown: QRectF = option.exposedRect  # type: ignore[attr-defined]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QPen(theme.color("line_strong"), 1)
        edge.setCosmetic(True)
        painter.setPen(edge)
        painter.setBrush(theme.color("content"))
        painter.drawRoundedRect(self.floor, _CORNER, _CORNER)
        if not self._picture.isNull() and self._place.isValid():
            painter.setOpacity(self._opacity)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self._place, self._picture, QRectF(self._picture.rect()))
            painter.setOpacity(1)
        if self._grid:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            transform = painter.worldTransform()
            scale = (transform.m11() ** 2 + transform.m12() ** 2) ** 0.5
            if scale >= _FINE_FROM:
                self._lines(painter, shown, GRID_FINE, "card")
            self._lines(painter, shown, GRID_COARSE, "line")
        painter.setPen(edge)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(self.floor, _CORNER, _CORNER)

    def _lines(self, painter: QPainter, shown: QRectF, step: float, color: str) -> None:
        pen = QPen(self._themes.theme.color(color), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        area = shown.intersected(self.floor)
        lines: list[QLineF] = []
        x = (area.left() // step + 1) * step
        while x < min(area.right(), self._size[0] - 1):
            lines.append(QLineF(x, area.top(), x, area.bottom()))
            x += step
        y = (area.top() // step + 1) * step
        while y < min(area.bottom(), self._size[1] - 1):
            lines.append(QLineF(area.left(), y, area.right(), y))
            y += step
        if lines:
            painter.drawLines(lines)


def _picture(image: str) -> QPixmap:
    """The picture of a base64 text; empty when it is damaged."""
    pixmap = QPixmap()
    try:
        pixmap.loadFromData(base64.b64decode(image, validate=True))
    except (binascii.Error, ValueError):
        return QPixmap()
    return pixmap
