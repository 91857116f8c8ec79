"""Files and folders as rows: an icon, the name, and a quiet line (E073, E079, E100)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from widgets.chat.row_paint import paint_file_icon
from widgets.lists import Index, RowDelegate
from widgets.theme import ThemeManager

FILE_ROLE = Qt.ItemDataRole.UserRole + 1


class FileLine(Protocol):
    """What a row shows."""

    @property
    def name(self) -> str:
        """Name with its ending, from which the icon comes."""
        ...

    @property
    def note(self) -> str:
        """Size, whose it is, when."""
        ...

    @property
    def folder(self) -> bool:
        """Whether it holds others."""
        ...


Line = TypeVar("Line", bound=FileLine)


class FileRowsModel(QAbstractListModel, Generic[Line]):
    """`FILE_ROLE` gives the line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[Line] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.items):
            return None
        item = self.items[index.row()]
        if role == FILE_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{'文件夹 ' if item.folder else ''}{item.name}\n{item.note}"
        return None

    def show_items(self, items: Sequence[Line]) -> None:
        """Replace the rows."""
        if list(items) != self.items:
            self.beginResetModel()
            self.items = list(items)
            self.endResetModel()


class FileRowDelegate(RowDelegate[FileLine]):
    """Draws a line."""

    def __init__(self, themes: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(themes, lambda index: index.data(FILE_ROLE), parent)

    def height(self, item: FileLine) -> int:
        return self.theme.grow(self.theme.sizes.row_compact + self.theme.space.s)

    def draw(self, painter: QPainter, rect: QRectF, item: FileLine, option: QStyleOptionViewItem) -> None:
        theme, space = self.theme, self.theme.space
        inner = self.ground(painter, rect, option)
        side = theme.sizes.file_icon
        spot = QRectF(inner.left() + space.s, rect.center().y() - side / 2, side, side)
        if item.folder:
            self.themes.icons.paint(painter, "folder", spot, "brand")
        else:
            paint_file_icon(painter, spot, item.name, theme)
        left, right = spot.right() + space.m, inner.right() - space.s
        first, second = theme.line("secondary"), theme.line("caption")
        top = rect.center().y() - (first + second) / 2
        self.line(painter, QRectF(left, top, right - left, first), item.name, "secondary", "text")
        self.line(painter, QRectF(left, top + first, right - left, second), item.note, "caption", "text_2")
