"""Whose screen this is, written faintly over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager

from .painted import Painted


class WatermarkOverlay(Painted):
    """Covers `target` (a widget, not a window of its own) and lets all input through. `color`: a token."""

    def __init__(self, themes: ThemeManager, target: QWidget, text: str, *, color: str = "watermark") -> None:
        super().__init__(themes, target)
        self._target = target
        self._text, self._color = text, color
        self._tile: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        target.installEventFilter(self)
        self.resize(target.size())
        self.show()
        self.raise_()

    @property
    def text(self) -> str:
        """What is written."""
        return self._text

    def set_text(self, text: str) -> None:
        """Write something else; empty: nothing."""
        self._text = text
        self._tile = None
        self.update()

    def theme_changed(self) -> None:
        self._tile = None

    def _make_tile(self) -> QPixmap:
        sizes, dpr = self.theme.sizes, self.devicePixelRatioF()
        width, height = sizes.watermark_x, sizes.watermark_y
        tile = QPixmap(round(width * dpr), round(height * dpr))
        tile.setDevicePixelRatio(dpr)
        tile.fill(Qt.GlobalColor.transparent)
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        font = QFont(self.theme.font("body"))
        font.setPixelSize(self.theme.grow(sizes.watermark_font))
        painter.setFont(font)
        painter.setPen(QColor(self.theme.color(self._color)))
        painter.translate(QPointF(width / 2, height / 2))
        painter.rotate(sizes.watermark_angle)
        room = QRectF(-width / 2, -height / 2, width, height)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text)
        painter.end()
        return tile

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._text:
            return
        if self._tile is None or self._tile.devicePixelRatio() != self.devicePixelRatioF():
            self._tile = self._make_tile()
        painter = QPainter(self)
        area = event.rect()
        painter.drawTiledPixmap(QRectF(area), self._tile, QPointF(area.topLeft()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._target.size())
        elif event.type() == QEvent.Type.ChildAdded:
            self.raise_()
        return super().eventFilter(watched, event)
