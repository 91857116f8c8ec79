"""The sheet over a conversation while files are dragged onto it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.controls import Painted
from widgets.theme import ThemeManager


def dropped_files(data: QMimeData) -> list[Path]:
    """The local files of a drag."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropSheet(Painted):
    """Says where the files will go; lets the mouse through."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(themes, parent)
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, title: str) -> None:
        """Show over the whole parent."""
        parent = self.parentWidget()
        self._text = f"松开鼠标，发送给“{title}”"
        self.setAccessibleName(self._text)
        if parent is not None:
            self.setGeometry(parent.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.color("content"))
        ground.setAlphaF(0.92)
        painter.fillRect(self.rect(), ground)
        frame = QRectF(self.rect()).adjusted(*(theme.space.l, theme.space.l, -theme.space.l, -theme.space.l))
        painter.setPen(QPen(theme.color("brand"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(theme.color("brand_weak"))
        painter.drawRoundedRect(frame, theme.radius.card, theme.radius.card)
        side = theme.sizes.icon_hero
        centre = frame.center()
        spot = QRectF(centre.x() - side / 2, centre.y() - side, side, side)
        self.themes.icons.paint(painter, "upload", spot, "brand_text")
        painter.setFont(theme.font("title"))
        painter.setPen(theme.color("brand_text"))
        text = QRectF(frame.left(), centre.y() + theme.space.m, frame.width(), theme.line("title"))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(
            self._text, Qt.TextElideMode.ElideMiddle, int(text.width()) - theme.space.l
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, shown)
