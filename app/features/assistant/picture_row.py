"""Pictures of the chats beside an answer: small, rounded, a click leads to the message (3.2.6.9.3, 3.2.6.9.4)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from app.store.queries.found_pictures import PictureShown
from widgets.controls import label
from widgets.controls.painted import focus_frame
from widgets.theme import ThemeManager


class PictureTile(QAbstractButton):
    """One picture, cut to the tile."""

    def __init__(self, themes: ThemeManager, shown: PictureShown) -> None:
        super().__init__()
        self._themes, self.shown = themes, shown
        self._image = QImage.fromData(shown.thumbnail)
        self.setAccessibleName(f"图片：{shown.name}")
        self.setToolTip(f"{shown.name}\n点击在会话中查看")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        side = self._themes.theme.sizes.answer_picture
        return QSize(side * 4 // 3, side)

    def paintEvent(self, e: QPaintEvent) -> None:
        """The middle of the picture, scaled to fill."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box, radius = QRectF(self.rect()), theme.radius.card
        path = QPainterPath()
        path.addRoundedRect(box, radius, radius)
        painter.setClipPath(path)
        painter.fillRect(box, theme.color("hover"))
        if self._image.isNull():
            self._themes.icons.paint(
                painter, "image", QRectF(box.center().x() - 12, box.center().y() - 12, 24, 24), "text_2"
            )
        else:
            wide, high = self._image.width(), self._image.height()
            scale = max(box.width() / wide, box.height() / high)
            source = QRectF(0, 0, box.width() / scale, box.height() / scale)
            source.moveCenter(QRectF(self._image.rect()).center())
            painter.drawImage(box, self._image, source)
        painter.setClipping(False)
        if self.hasFocus():
            focus_frame(painter, box, radius, theme)


class PictureRow(QWidget):
    """Signals: `chosen(PictureShown)`."""

    chosen = Signal(object)

    def __init__(self, themes: ThemeManager, pictures: Sequence[PictureShown]) -> None:
        super().__init__()
        space = themes.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        column.addWidget(label(f"相关图片 {len(pictures)}", "caption", "weak"))
        row = QHBoxLayout()
        row.setSpacing(space.s)
        self.tiles = [PictureTile(themes, one) for one in pictures]
        for tile in self.tiles:
            tile.clicked.connect(lambda _checked=False, one=tile.shown: self.chosen.emit(one))
            row.addWidget(tile)
        row.addStretch(1)
        column.addLayout(row)
