"""The round button over a message list that goes to the newest message, with how many are new."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.controls import Painted
from widgets.controls.painted import focus_frame, round_rect, soft_shadow
from widgets.theme import ThemeManager


class JumpButton(Painted):
    """Signals: `clicked()`."""

    clicked = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._count = 0
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_count(0)

    @property
    def count(self) -> int:
        """How many new messages it tells of."""
        return self._count

    def set_count(self, count: int) -> None:
        """Tell of `count` new messages; 0 shows only the arrow."""
        self._count = count
        self.setAccessibleName(f"{self._text()}，回到最新消息" if count else "回到最新消息")
        self.setToolTip("回到最新消息")
        self.resize(self.sizeHint())
        self.update()

    def _text(self) -> str:
        return f"{self._count if self._count < 1000 else '999+'} 条新消息" if self._count else ""

    def theme_changed(self) -> None:
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        theme, space = self.theme, self.theme.space
        reach, side = theme.elevation.low, theme.grow(theme.sizes.control)
        width = side
        if self._count:
            text = QFontMetrics(theme.font("secondary", 600)).horizontalAdvance(self._text())
            width = text + theme.sizes.icon_small + space.xs + 2 * space.m
        return QSize(width + 2 * reach, side + 2 * reach)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, space = self.theme, self.theme.space
        painter = QPainter(self)
        reach = theme.elevation.low
        rect = QRectF(self.rect()).adjusted(reach, reach, -reach, -reach)
        radius = rect.height() / 2
        soft_shadow(painter, rect, radius, reach, theme)
        ground = "hover" if self.underMouse() else "raised"
        round_rect(painter, rect, radius, theme.color(ground), theme.color("line_strong"))
        side = theme.sizes.icon_small
        if not self._count:
            spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            self.themes.icons.paint(painter, "chevron-down", spot, "text_2")
        else:
            spot = QRectF(rect.left() + space.m, rect.center().y() - side / 2, side, side)
            self.themes.icons.paint(painter, "chevron-down", spot, "brand_text")
            painter.setFont(theme.font("secondary", 600))
            painter.setPen(theme.color("brand_text"))
            room = QRectF(rect)
            room.setLeft(spot.right() + space.xs)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text())
        if self.hasFocus():
            focus_frame(painter, rect, radius, theme)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Not for the list below.
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)
