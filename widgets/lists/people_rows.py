"""Rows of people, with section headers between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from widgets.controls import AvatarSpec
from widgets.controls.painted import round_rect
from widgets.theme import ThemeManager

from .row_delegate import Index, RowDelegate

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class PersonItem:
    """One person (or an entry that stands like one, such as 所有人). `tag` is a small word at the right (群主);
    `checked` draws a box before the name when it is not None; `fixed` cannot be chosen."""

    id: str
    name: str
    note: str = ""
    avatar: AvatarSpec | None = None
    tag: str = ""
    checked: bool | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class SectionItem:
    """A heading between rows."""

    title: str


PeopleItem = PersonItem | SectionItem


class PeopleModel(QAbstractListModel):
    """Holds the rows; `ITEM_ROLE` gives the item."""

    def __init__(self, items: Sequence[PeopleItem] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[PeopleItem] = list(items)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._items):
            return None
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if isinstance(item, SectionItem):
            return item.title if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "" if item.checked is None else "，已选" if item.checked else "，未选"
            return "，".join(part for part in (item.name, item.tag, item.note) if part) + state
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.name}\n{item.note}" if item.note else item.name
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        item = self.item(index)
        if item is None or isinstance(item, SectionItem):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def item(self, index: Index) -> PeopleItem | None:
        """The item of an index."""
        return self._items[index.row()] if 0 <= index.row() < len(self._items) else None

    @property
    def items(self) -> list[PeopleItem]:
        """All rows."""
        return list(self._items)

    def show_items(self, items: Sequence[PeopleItem]) -> None:
        """Replace the rows; the same people in the same order only change in place."""
        wanted = list(items)
        if [_key(one) for one in wanted] == [_key(one) for one in self._items]:
            for place, (old, new) in enumerate(zip(self._items, wanted, strict=True)):
                if old != new:
                    self._items[place] = new
                    self.dataChanged.emit(self.index(place), self.index(place))
            return
        self.beginResetModel()
        self._items = wanted
        self.endResetModel()


def _key(item: PeopleItem) -> tuple[str, str]:
    return ("section", item.title) if isinstance(item, SectionItem) else ("person", item.id)


class PeopleDelegate(RowDelegate[PeopleItem]):
    """Avatar, name, note behind it (or below, `two_lines`)."""

    def __init__(
        self, themes: ThemeManager, *, two_lines: bool = False, parent: QObject | None = None
    ) -> None:
        super().__init__(themes, _item_of, parent)
        self._two_lines = two_lines

    def height(self, item: PeopleItem) -> int:
        sizes, theme = self.theme.sizes, self.theme
        if isinstance(item, SectionItem):
            return theme.grow(sizes.control)
        return theme.grow(sizes.row if self._two_lines else sizes.row_compact)

    def draw(self, painter: QPainter, rect: QRectF, item: PeopleItem, option: QStyleOptionViewItem) -> None:
        theme, space = self.theme, self.theme.space
        if isinstance(item, SectionItem):
            room = rect.adjusted(space.l, 0, -space.l, 0)
            self.line(painter, room, item.title, "caption", "text_2")
            return
        inner = self.ground(painter, rect, option)
        left = inner.left() + space.s
        if item.checked is not None:
            side = theme.sizes.check
            box = QRectF(left, rect.center().y() - side / 2, side, side)
            self._box(painter, box, item.checked, item.fixed)
            left = box.right() + space.m
        side = theme.sizes.avatar if self._two_lines else theme.sizes.avatar_tiny + space.xs
        spot = QRectF(left, rect.center().y() - side / 2, side, side)
        self.avatars.paint(painter, spot, item.avatar or AvatarSpec(item.name, item.id))
        left = spot.right() + space.m
        right = inner.right() - space.s
        if item.tag:
            right -= self.advance(item.tag, "micro") + 2 * (space.xs + 1)
            self._tag(
                painter, QRectF(right, rect.top(), inner.right() - space.s - right, rect.height()), item
            )
            right -= space.s
        color = "text_disabled" if item.fixed else "text"
        if self._two_lines and item.note:
            top = rect.center().y() - (theme.line("body") + theme.line("caption")) / 2
            self.line(painter, QRectF(left, top, right - left, theme.line("body")), item.name, "body", color)
            top += theme.line("body")
            self.line(
                painter,
                QRectF(left, top, right - left, theme.line("caption")),
                item.note,
                "caption",
                "text_2",
            )
            return
        room = QRectF(left, rect.top(), right - left, rect.height())
        # The name has precedence: the note gets what it leaves.
        used = self.line(painter, room, item.name, "body", color) + space.s
        if used + theme.space.xxl < room.width():
            self.line(painter, room.adjusted(used, 0, 0, 0), item.note, "caption", "text_2")

    def _box(self, painter: QPainter, box: QRectF, checked: bool, fixed: bool) -> None:
        theme = self.theme
        if checked:
            round_rect(painter, box, theme.radius.small, theme.color("line_strong" if fixed else "brand"))
            self.themes.icons.paint(painter, "check", box.adjusted(1, 1, -1, -1), "on_brand")
        else:
            round_rect(painter, box, theme.radius.small, theme.color("content"), theme.color("text_3"))

    def _tag(self, painter: QPainter, room: QRectF, item: PersonItem) -> None:
        theme = self.theme
        height = theme.line("micro") + 2
        place = QRectF(room.left(), room.center().y() - height / 2, room.width(), height)
        round_rect(painter, place, theme.radius.small, theme.color("brand_weak"))
        painter.setFont(theme.font("micro"))
        painter.setPen(theme.color("brand_text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, item.tag)


def _item_of(index: Index) -> PeopleItem | None:
    return index.data(ITEM_ROLE)
