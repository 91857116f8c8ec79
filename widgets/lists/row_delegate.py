"""The base of delegates that draw a whole row by themselves, from an item that the view's owner makes of an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.controls.painted import focus_frame, round_rect
from widgets.theme import TextRole, Theme, ThemeManager

from .avatar_cache import AvatarCache

Index = QModelIndex | QPersistentModelIndex
Item = TypeVar("Item")
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RowDelegate(QStyledItemDelegate, Generic[Item]):
    """Subclasses implement `height` and `draw`. `item_of` turns an index into what is drawn (None: an empty row)."""

    def __init__(
        self,
        themes: ThemeManager,
        item_of: Callable[[Index], Item | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.themes = themes
        self.item_of = item_of
        self.avatars = AvatarCache(themes)

    @property
    def theme(self) -> Theme:
        """The current theme."""
        return self.themes.theme

    def height(self, item: Item) -> int:
        """Height of a row in pixels."""
        raise NotImplementedError

    def draw(self, painter: QPainter, rect: QRectF, item: Item, option: QStyleOptionViewItem) -> None:
        """Draw `item` into `rect`."""
        raise NotImplementedError

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        item = self.item_of(index)
        return QSize(0, self.height(item) if item is not None else self.theme.grow(self.theme.sizes.row))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = self.item_of(index)
        if item is None:
            return
        painter.save()
        self.draw(painter, QRectF(option.rect), item, option)  # type: ignore[attr-defined]
        painter.restore()

    def ground(self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem) -> QRectF:
        """Draw the rounded ground of a row that is selected or under the pointer and the keyboard's ring; the inset place."""
        theme = self.theme
        inner = rect.adjusted(theme.space.s, 0, -theme.space.s, 0)
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        color: QColor | None = None
        if state & QStyle.StateFlag.State_Selected:
            color = theme.color("selected")
        elif state & QStyle.StateFlag.State_MouseOver:
            color = theme.color("hover")
        if color is not None:
            round_rect(painter, inner, theme.radius.card, color)
        if state & QStyle.StateFlag.State_HasFocus:
            focus_frame(painter, inner, theme.radius.card, theme)
        return inner

    def line(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        role: TextRole,
        color: str,
        *,
        right: bool = False,
        weight: int | None = None,
    ) -> float:
        """Draw one line, elided by measured width; returns the width that it took."""
        if not text or rect.width() <= 0:
            return 0.0
        font = self.theme.font(role, weight)
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
        painter.setFont(font)
        painter.setPen(self.theme.color(color))
        painter.drawText(rect, (RIGHT if right else LEFT) | Qt.TextFlag.TextSingleLine, shown)
        return float(metrics.horizontalAdvance(shown))

    def advance(self, text: str, role: TextRole) -> int:
        """Width of a text."""
        return QFontMetrics(self.theme.font(role)).horizontalAdvance(text)
