"""Covers one screen with its own picture, on which a part is chosen by mouse or keyboard."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QWidget

from widgets.controls.painted import round_rect
from widgets.theme import ThemeManager

from .grab import ScreenGrab
from .rubber import HANDLES, Grip, Rubber

HINT = "拖动选择区域，双击或按回车完成，按 Esc 取消"
_CURSORS = {
    Grip.TOP_LEFT: Qt.CursorShape.SizeFDiagCursor,
    Grip.BOTTOM_RIGHT: Qt.CursorShape.SizeFDiagCursor,
    Grip.TOP_RIGHT: Qt.CursorShape.SizeBDiagCursor,
    Grip.BOTTOM_LEFT: Qt.CursorShape.SizeBDiagCursor,
    Grip.TOP: Qt.CursorShape.SizeVerCursor,
    Grip.BOTTOM: Qt.CursorShape.SizeVerCursor,
    Grip.LEFT: Qt.CursorShape.SizeHorCursor,
    Grip.RIGHT: Qt.CursorShape.SizeHorCursor,
    Grip.INSIDE: Qt.CursorShape.SizeAllCursor,
    Grip.NEW: Qt.CursorShape.CrossCursor,
}
_ARROWS = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}


class AreaOverlay(QWidget):
    """Signals: `taken(QImage)`, `given_up()`, `begun()` when a selection starts here (other screens drop theirs)."""

    taken = Signal(QImage)
    given_up = Signal()
    begun = Signal()

    def __init__(self, themes: ThemeManager, shot: ScreenGrab) -> None:
        super().__init__(
            None,
            Qt.WindowType.Window
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.BypassWindowManagerHint,
        )
        self._themes, self._shot = themes, shot
        self._done = False
        self.rubber = Rubber(QRect(QPoint(0, 0), shot.area.size()), themes.theme.sizes.handle)
        self.setAccessibleName("截图：选择区域")
        self.setWindowTitle("截图")
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setGeometry(shot.area)

    def clear(self) -> None:
        """Drop the selection."""
        self.rubber.rect = QRect()
        self.update()

    def take(self) -> None:
        """Answer with the selection, or with the whole screen when there is none."""
        rect = self.rubber.rect if self.rubber.chosen else self.rubber.bounds
        self._finish(self._shot.cut(rect))

    def _finish(self, image: QImage | None) -> None:
        if self._done:
            return
        self._done = True
        if image is None:
            self.given_up.emit()
        else:
            self.taken.emit(image)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._finish(None)
        super().closeEvent(event)

    # Hand and keyboard.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            # As in other programs: first the selection goes, then the whole thing.
            if self.rubber.chosen:
                self.clear()
            else:
                self._finish(None)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.begun.emit()
            self.activateWindow()
            self.setFocus()
            self.rubber.press(event.position().toPoint())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        if self.rubber.dragging:
            self.rubber.move(spot)
            self.update()
        else:
            self.setCursor(_CURSORS[self.rubber.grip_at(spot)])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rubber.dragging:
            self.rubber.move(event.position().toPoint())
            self.rubber.release()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rubber.chosen:
            self.take()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = _ARROWS.get(key)
        if key == Qt.Key.Key_Escape:
            self._finish(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        elif step is not None:
            held = event.modifiers()
            by = step * (10 if held & Qt.KeyboardModifier.ControlModifier else 1)
            if held & Qt.KeyboardModifier.ShiftModifier:
                self.rubber.grow(by)
            else:
                self.rubber.shift(by)
            self.update()
        else:
            super().keyPressEvent(event)

    # Drawing.

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.drawImage(self.rect(), self._shot.image)
        rect = self.rubber.rect
        shaded = QRegion(self.rect())
        if not rect.isNull():
            shaded -= QRegion(rect)
        painter.setClipRegion(shaded)
        painter.fillRect(self.rect(), theme.color("scrim"))
        painter.setClipping(False)
        if rect.isNull():
            self._label(painter, HINT, self.rect().center())
            return
        painter.setPen(QPen(theme.color("brand"), theme.sizes.focus_ring))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
        side = theme.sizes.handle
        for grip in HANDLES:
            spot = QRectF(0, 0, side, side)
            spot.moveCenter(self.rubber.handle(grip).toPointF())
            round_rect(painter, spot, side / 2, theme.color("content"), theme.color("brand"))
        # What counts is the picture's size, not the screen's scale.
        scale = self._shot.image.width() / max(1, self._shot.area.width())
        words = f"{round(rect.width() * scale)} × {round(rect.height() * scale)}"
        gap = theme.line("secondary") + theme.space.s
        above = rect.top() - gap if rect.top() >= 2 * gap else rect.top() + gap
        half = (QFontMetrics(theme.font("secondary")).horizontalAdvance(words) + 2 * theme.space.m) // 2
        self._label(painter, words, QPoint(max(half, rect.left() + half), above))

    def _label(self, painter: QPainter, words: str, centre: QPoint) -> None:
        theme = self._themes.theme
        font = theme.font("secondary")
        width = QFontMetrics(font).horizontalAdvance(words) + 2 * theme.space.m
        place = QRectF(0, 0, width, theme.line("secondary") + theme.space.s)
        place.moveCenter(centre.toPointF())
        round_rect(painter, place, theme.radius.small, theme.color("float_bar"))
        painter.setFont(font)
        painter.setPen(theme.color("text_on_float"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
