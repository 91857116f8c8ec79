"""The files of a conversation as rows (E073, E079)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from app.store.records import MessageRow
from server_stub.contract.content import ImageContent, TextContent
from server_stub.contract.directory import Person
from widgets.chat.row_paint import paint_file_icon
from widgets.lists import Index, RowDelegate
from widgets.theme import ThemeManager

from .detail_feed import Details, file_of
from .sizes import size_text
from .times import short_time

FILE_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class FileItem:
    """One file and the message that carries it."""

    file_id: str
    seq: int
    name: str
    note: str


LINKS = re.compile(r"https?://[^\s\u3000-\u303f\uff00-\uffef<>\"]+")


def link_items(
    rows: Sequence[MessageRow], people: Mapping[str, Person], now_ms: int, text: str = ""
) -> list[FileItem]:
    """The addresses in a conversation's texts, newest first; `file_id` is empty and the name is the address."""
    found: list[FileItem] = []
    for row in rows:
        if not isinstance(row.content, TextContent):
            continue
        person = people.get(row.sender_id)
        note = " · ".join(
            part for part in (person.name if person else "", short_time(row.sent_at, now_ms)) if part
        )
        for address in dict.fromkeys(LINKS.findall(row.content.text)):
            if text.lower() in address.lower():
                found.append(FileItem("", row.seq, address, note))
    return found


def file_items(
    details: Details, now_ms: int, text: str = "", *, pictures: bool | None = None
) -> list[FileItem]:
    """The conversation's files, newest first, whose names hold `text`; `pictures`: only these, or all but these."""
    found: list[FileItem] = []
    for row in details.files:
        file = file_of(row)
        if file is None or text.lower() not in file.name.lower():
            continue
        if pictures is not None and pictures != isinstance(row.content, ImageContent):
            continue
        person = details.people.get(row.sender_id)
        parts = (size_text(file.size), person.name if person else "", short_time(row.sent_at, now_ms))
        found.append(FileItem(file.file_id, row.seq, file.name, " · ".join(part for part in parts if part)))
    return found


class FileModel(QAbstractListModel):
    """`FILE_ROLE` gives the FileItem."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[FileItem] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self._items):
            return None
        item = self._items[index.row()]
        if role == FILE_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{item.name}\n{item.note}"
        return None

    def show_items(self, items: Sequence[FileItem]) -> None:
        """Replace the rows."""
        if list(items) != self._items:
            self.beginResetModel()
            self._items = list(items)
            self.endResetModel()


class FileDelegate(RowDelegate[FileItem]):
    """Icon, name, and a line of size, sender and time."""

    def __init__(self, themes: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(themes, lambda index: index.data(FILE_ROLE), parent)

    def height(self, item: FileItem) -> int:
        return self.theme.grow(self.theme.sizes.row_compact + self.theme.space.s)

    def draw(self, painter: QPainter, rect: QRectF, item: FileItem, option: QStyleOptionViewItem) -> None:
        theme, space = self.theme, self.theme.space
        inner = self.ground(painter, rect, option)
        side = theme.sizes.file_icon
        spot = QRectF(inner.left() + space.s, rect.center().y() - side / 2, side, side)
        paint_file_icon(painter, spot, item.name, theme)
        left, right = spot.right() + space.m, inner.right() - space.s
        first, second = theme.line("secondary"), theme.line("caption")
        top = rect.center().y() - (first + second) / 2
        self.line(painter, QRectF(left, top, right - left, first), item.name, "secondary", "text")
        self.line(painter, QRectF(left, top + first, right - left, second), item.note, "caption", "text_2")
