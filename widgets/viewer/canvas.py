"""A picture that can be zoomed to the cursor, moved and turned."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.controls import Painted
from widgets.theme import ThemeManager

LEAST, MOST = 0.02, 16.0
STEP = 1.25


class PictureCanvas(Painted):
    """Signals: `changed()` after every change of zoom or turn. `scale` counts screen pixels per picture pixel."""

    changed = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self.image = QImage()
        self.scale = 1.0
        self.turn = 0
        self.fitted = True
        """Follows the window's size until the user zooms."""
        self.middle = QPointF()
        """Where the picture's middle stands, from the canvas's middle."""
        self._preview = False
        self._drag: QPointF | None = None
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def show_image(self, image: QImage, *, preview: bool = False) -> None:
        """Show a picture, fitted; a preview is blown up to stand for the whole one."""
        # The whole picture takes its preview's place as it was turned meanwhile.
        if not (self._preview and not preview):
            self.turn = 0
        self.image, self._preview = image, preview
        self.fit()

    @property
    def ratio(self) -> float:
        """Device pixels per pixel: at a scale of 1 a picture's pixel is one of the screen's."""
        return self.devicePixelRatioF()

    def _turned(self) -> tuple[float, float]:
        wide, high = self.image.width() / self.ratio, self.image.height() / self.ratio
        return (high, wide) if self.turn % 180 else (wide, high)

    def fit_scale(self) -> float:
        """The scale at which all of it is seen; small pictures are not blown up, except previews."""
        wide, high = self._turned()
        if wide <= 0 or high <= 0:
            return 1.0
        margin = self.theme.space.xl
        scale = min((self.width() - 2 * margin) / wide, (self.height() - 2 * margin) / high)
        return max(LEAST, scale if self._preview else min(1.0, scale))

    def fit(self) -> None:
        """Show all of it."""
        self.fitted, self.middle = True, QPointF()
        self.scale = self.fit_scale()
        self._tell()

    def actual(self) -> None:
        """One pixel of the picture on one of the screen."""
        self.zoom_to(1.0)

    def zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Zoom so that what is under `at` (the middle when None) stays there."""
        scale = max(LEAST, min(MOST, scale))
        point = (at - QRectF(self.rect()).center()) if at is not None else QPointF()
        self.middle = point + (self.middle - point) * (scale / self.scale)
        self.scale, self.fitted = scale, False
        self._bound()
        self._tell()

    def zoom(self, steps: float, at: QPointF | None = None) -> None:
        """In (positive) or out."""
        self.zoom_to(self.scale * STEP**steps, at)

    def rotate(self, degrees: int = 90) -> None:
        """Turn clockwise."""
        self.turn = (self.turn + degrees) % 360
        if self.fitted:
            self.fit()
        self._bound()
        self._tell()

    def move_by(self, by: QPointF) -> None:
        """Move the picture where it is larger than the canvas."""
        self.middle = self.middle + by
        self._bound()
        self._tell()

    def picture_rect(self) -> QRectF:
        """Where the picture stands."""
        wide, high = self._turned()
        made = QRectF(0, 0, wide * self.scale, high * self.scale)
        made.moveCenter(QRectF(self.rect()).center() + self.middle)
        return made

    def turned_image(self) -> QImage:
        """The picture as it is turned now."""
        return self.image.transformed(QTransform().rotate(self.turn)) if self.turn else self.image

    def _bound(self) -> None:
        wide, high = self._turned()
        across = max(0.0, (wide * self.scale - self.width()) / 2)
        down = max(0.0, (high * self.scale - self.height()) / 2)
        self.middle = QPointF(
            max(-across, min(across, self.middle.x())), max(-down, min(down, self.middle.y()))
        )

    def _tell(self) -> None:
        wide, high = self._turned()
        larger = wide * self.scale > self.width() or high * self.scale > self.height()
        self.setCursor(Qt.CursorShape.OpenHandCursor if larger else Qt.CursorShape.ArrowCursor)
        self.update()
        self.changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("canvas"))
        if self.image.isNull():
            return
        # Enlarged far, pixels are to be seen as they are.
        if self.scale < 3:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = self.picture_rect()
        painter.translate(rect.center())
        painter.rotate(self.turn)
        size = rect.size() if self.turn % 180 == 0 else rect.size().transposed()
        target = QRectF(-size.width() / 2, -size.height() / 2, size.width(), size.height())
        painter.drawImage(target, self.image)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.fitted:
            self.fit()
        else:
            self._bound()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom(steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = event.position()
            if self.cursor().shape() == Qt.CursorShape.OpenHandCursor:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            by, self._drag = event.position() - self._drag, event.position()
            self.middle = self.middle + by
            self._bound()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self._tell()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.fitted and self.scale != 1.0:
            self.zoom_to(1.0, event.position())
        else:
            self.fit()
