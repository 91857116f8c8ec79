"""Rows of a group's file space (E079)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from app.store.queries.groups import SpaceRow
from server_stub.contract.group_rules import Who
from widgets.chat.row_paint import paint_file_icon
from widgets.lists import Index, RowDelegate
from widgets.theme import ThemeManager

from .sizes import size_text
from .times import short_time

SPACE_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class SpaceItem:
    """A file or folder as it is drawn."""

    row: SpaceRow
    name: str
    note: str

    @property
    def folder(self) -> bool:
        """Whether one goes into it."""
        return self.row.entry.folder


def space_items(
    rows: Sequence[SpaceRow], parent_id: str, text: str, names: dict[str, str], now_ms: int
) -> list[SpaceItem]:
    """What lies in a folder, folders first, by name; with `text` everything of that name, wherever it lies."""
    wanted = text.strip().lower()
    shown = [
        one for one in rows if (wanted in one.name.lower() if wanted else one.entry.parent_id == parent_id)
    ]
    counts: dict[str, int] = {}
    for one in rows:
        counts[one.entry.parent_id] = counts.get(one.entry.parent_id, 0) + 1
    items = [SpaceItem(one, one.name or "正在获取密钥…", _note(one, counts, names, now_ms)) for one in shown]
    return sorted(items, key=lambda item: (not item.folder, item.name.lower(), item.row.entry.id))


def _note(row: SpaceRow, counts: dict[str, int], names: dict[str, str], now_ms: int) -> str:
    entry = row.entry
    parts = [f"{counts.get(entry.id, 0)} 项"] if entry.folder else [size_text(entry.size)]
    if entry.folder and entry.write is Who.MANAGERS:
        parts.append("仅管理员可修改")
    parts.append(names.get(entry.author_id, ""))
    parts.append("正在上传" if row.pending and not entry.folder else short_time(entry.changed_at, now_ms))
    return " · ".join(part for part in parts if part)


class SpaceModel(QAbstractListModel):
    """`SPACE_ROLE` gives the SpaceItem."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[SpaceItem] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.items):
            return None
        item = self.items[index.row()]
        if role == SPACE_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{'文件夹 ' if item.folder else ''}{item.name}\n{item.note}"
        return None

    def show_items(self, items: Sequence[SpaceItem]) -> None:
        """Replace the rows."""
        if list(items) != self.items:
            self.beginResetModel()
            self.items = list(items)
            self.endResetModel()


class SpaceDelegate(RowDelegate[SpaceItem]):
    """Icon, name, and a quiet line."""

    def __init__(self, themes: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(themes, lambda index: index.data(SPACE_ROLE), parent)

    def height(self, item: SpaceItem) -> int:
        return self.theme.grow(self.theme.sizes.row_compact + self.theme.space.s)

    def draw(self, painter: QPainter, rect: QRectF, item: SpaceItem, option: QStyleOptionViewItem) -> None:
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
