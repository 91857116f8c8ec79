"""The navigation rail: own avatar, the registered pages with badges, settings at the foot (E050)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from widgets.theme import ThemeManager

from .page import ShellPage

MAX_BADGE = 99


class RailButton(QAbstractButton):
    """One entry: icon above a short word, and a red count at the icon's shoulder."""

    def __init__(self, page: ShellPage, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self._themes = themes
        self._count = 0
        self.setCheckable(True)
        self.setText(page.title)
        self.setAccessibleName(page.title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if page.badge is not None:
            page.badge.changed.connect(self.set_count)
            self.set_count(page.badge.count)
        themes.changed.connect(self.updateGeometry)

    def set_count(self, count: int) -> None:
        """Show a count; 0 hides it."""
        self._count = count
        self.setAccessibleDescription(f"{count} 条未读" if count else "")
        self.update()

    def sizeHint(self) -> QSize:
        theme = self._themes.theme
        return QSize(theme.sizes.rail - 2 * 6, theme.grow(theme.sizes.rail_item))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, e: QPaintEvent) -> None:
        theme, icons = self._themes.theme, self._themes.icons
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.isDown():
            painter.setBrush(theme.color("rail_selected"))
            painter.drawRoundedRect(area, theme.radius.card, theme.radius.card)
        elif self.underMouse():
            painter.setBrush(theme.color("pressed"))
            painter.drawRoundedRect(area, theme.radius.card, theme.radius.card)
        color = "brand_text" if self.isChecked() else "text_2"
        icon, line = theme.sizes.icon, theme.line("micro")
        top = (area.height() - icon - 2 - line) / 2
        where = QRectF((area.width() - icon) / 2, top, icon, icon)
        icons.paint(painter, self.page.icon, where, color)
        painter.setFont(theme.font("micro"))
        painter.setPen(theme.color(color))
        words = QRectF(0, top + icon + 2, area.width(), line)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._count:
            self._paint_badge(painter, where)
        if self.hasFocus():
            pen = painter.pen()
            pen.setColor(theme.color("focus"))
            pen.setWidth(theme.sizes.focus_ring)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), theme.radius.card, theme.radius.card)

    def _paint_badge(self, painter: QPainter, icon: QRectF) -> None:
        theme = self._themes.theme
        words = str(self._count) if self._count <= MAX_BADGE else f"{MAX_BADGE}+"
        font = theme.font("micro", 600)
        metrics = QFontMetricsF(font)
        high = theme.line("micro")
        wide = max(high, metrics.horizontalAdvance(words) + 8)
        left = min(icon.right() - 6, self.width() - wide - 1.0)
        place = QRectF(QPointF(left, icon.top() - 5), QPointF(left + wide, icon.top() - 5 + high))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bad"))
        painter.drawRoundedRect(place, high / 2, high / 2)
        painter.setFont(font)
        painter.setPen(theme.color("on_bad"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


class Rail(QWidget):
    """Signals: `chosen(page_id)` when the user picks an entry. `head` (the own avatar) stands on top."""

    chosen = Signal(str)

    def __init__(
        self,
        pages: list[ShellPage],
        themes: ThemeManager,
        head: QWidget | None = None,
        foot: list[tuple[str, str, str, Callable[[], None]]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`foot`: further buttons at the foot that open no page, as (id, icon, title, action)."""
        super().__init__(parent)
        self.setProperty("surface", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(themes.theme.sizes.rail)
        self.setAccessibleName("主导航")
        self.buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 12, 6, 10)
        column.setSpacing(4)
        if head is not None:
            column.addWidget(head, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(8)
        for page in pages:
            if not page.bottom:
                column.addWidget(self._button(page, themes))
        column.addStretch(1)
        for id, icon, title, action in foot or []:
            button = RailButton(ShellPage(id, icon, title, QWidget), themes, self)
            button.setCheckable(False)
            button.clicked.connect(action)
            self.buttons[id] = button
            column.addWidget(button)
        for page in pages:
            if page.bottom:
                column.addWidget(self._button(page, themes))

    def _button(self, page: ShellPage, themes: ThemeManager) -> RailButton:
        button = RailButton(page, themes, self)
        self._group.addButton(button)
        self.buttons[page.id] = button
        button.clicked.connect(lambda _checked=False, id=page.id: self.chosen.emit(id))
        return button

    def select(self, page_id: str) -> None:
        """Mark an entry as the current one."""
        self.buttons[page_id].setChecked(True)
