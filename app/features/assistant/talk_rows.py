"""The talks of the history as rows: the title, and when it was and how much (3.2.6.9.11)."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from app.store.queries.assistant import Talk
from widgets.lists import RowDelegate
from widgets.theme import ThemeManager


class TalkDelegate(RowDelegate[Talk]):
    """Draws the talk that an item carries as user data."""

    def __init__(self, themes: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(themes, lambda index: index.data(Qt.ItemDataRole.UserRole), parent)

    def height(self, item: Talk) -> int:
        """Two lines with room around them."""
        return self.theme.grow(self.theme.sizes.row)

    def draw(self, painter: QPainter, rect: QRectF, item: Talk, option: QStyleOptionViewItem) -> None:
        """The title over the quiet line."""
        theme = self.theme
        inner = self.ground(painter, rect, option).adjusted(theme.space.m, 0, -theme.space.m, 0)
        first, second = theme.line("body"), theme.line("caption")
        top = rect.center().y() - (first + second) / 2
        day = datetime.fromtimestamp(item.changed_at / 1000).strftime("%m-%d %H:%M")
        note = f"{day} · {item.turns} 条问答"
        self.line(painter, QRectF(inner.left(), top, inner.width(), first), item.title, "body", "text")
        self.line(
            painter, QRectF(inner.left(), top + first, inner.width(), second), note, "caption", "text_2"
        )
