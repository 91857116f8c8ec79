"""The list of secret chats: names in clear, faces in pixels, always the one word 消息 (3.1.1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from server_stub.contract.secret import SecretChat
from widgets.controls import (
    EmptyState,
    IconButton,
    SearchField,
    badge_width,
    button,
    paint_badge,
    pill,
)
from widgets.lists import Index, RowView
from widgets.lists.row_delegate import RowDelegate
from widgets.theme import ThemeManager

from .levels import LOOKS
from .row import MASKED

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_WEEKDAYS = "一二三四五六日"


def when(ms: int, now_ms: int) -> str:
    """The time today, 昨天, the weekday within a week, else the date."""
    if not ms:
        return ""
    then, now = datetime.fromtimestamp(ms / 1000), datetime.fromtimestamp(now_ms / 1000)
    days = (now.date() - then.date()).days
    if days <= 0:
        return f"{then:%H:%M}"
    if days == 1:
        return "昨天"
    return f"周{_WEEKDAYS[then.weekday()]}" if days < 7 else f"{then.month}月{then.day}日"


@dataclass(frozen=True, slots=True)
class SecretItem:
    """One row as drawn."""

    chat: SecretChat
    time: str

    @property
    def state(self) -> str:
        """已读 or 未读: of the own newest message by the other side, else of what waits here."""
        chat = self.chat
        if not chat.last_at:
            return ""
        if chat.last_own:
            return "已读" if chat.last_read else "未读"
        return "未读" if chat.unread else "已读"


class SecretListModel(QAbstractListModel):
    """Holds the rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[SecretItem] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.items):
            return None
        item = self.items[index.row()]
        if role == ROW_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.chat.peer_name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (item.chat.peer_name, "消息", item.state, item.time, LOOKS[item.chat.level].title)
            return "，".join(part for part in parts if part)
        return None

    def show_items(self, items: Sequence[SecretItem]) -> None:
        """Replace the rows; the same chats in the same order only change in place."""
        fresh = list(items)
        if [one.chat.id for one in fresh] == [one.chat.id for one in self.items]:
            self.items = fresh
            if fresh:
                self.dataChanged.emit(self.index(0), self.index(len(fresh) - 1))
            return
        self.beginResetModel()
        self.items = fresh
        self.endResetModel()


class SecretDelegate(RowDelegate[SecretItem]):
    """Two lines: name and time, 消息 with its state and the level."""

    def height(self, item: SecretItem) -> int:
        return self.theme.grow(self.theme.sizes.row)

    def draw(self, painter: QPainter, rect: QRectF, item: SecretItem, option: QStyleOptionViewItem) -> None:
        theme, space, chat = self.theme, self.theme.space, item.chat
        inner = self.ground(painter, rect, option)
        side = theme.sizes.avatar_small
        spot = QRectF(inner.left() + space.m, rect.center().y() - side / 2, side, side)
        self.avatars.paint(painter, spot, MASKED)
        left, right = spot.right() + space.m, inner.right() - space.m
        first, second = theme.line("body"), theme.line("secondary")
        top = rect.center().y() - (first + second) / 2
        title = QRectF(left, top, right - left, first)
        self.line(painter, title, item.time, "caption", "text_2", right=True)
        title.setWidth(title.width() - self.advance(item.time, "caption") - space.s)
        self.line(painter, title, chat.peer_name or "（已离开）", "body", "text")
        words = QRectF(left, top + first, right - left, second)
        look = LOOKS[chat.level]
        if chat.unread and look.counts:
            paint_badge(painter, words.right(), words.center().y(), chat.unread, theme, "secret")
            words.setWidth(words.width() - badge_width(chat.unread, theme) - space.s)
        self.line(painter, words, look.title, "caption", look.color, right=True)
        words.setWidth(words.width() - self.advance(look.title, "caption") - space.xs)
        icon = theme.sizes.icon_small - space.half
        place = QRectF(words.right() - icon, words.center().y() - icon / 2, icon, icon)
        self.themes.icons.paint(painter, look.icon, place, look.color)
        words.setWidth(words.width() - icon - space.s)
        taken = self.line(painter, words, "消息" if chat.last_at else "还没有消息", "secondary", "text_2")
        if item.state:
            words.setLeft(words.left() + taken + space.s)
            self.line(
                painter, words, item.state, "caption", "text_3" if item.state == "已读" else "secret_text"
            )


class SecretListView(QFrame):
    """Signals: `opened(chat_id)`, `back()`, `new_wanted()`, `clear_wanted(chat_id)`, `hide_wanted(chat_id)`."""

    opened = Signal(str)
    back = Signal()
    new_wanted = Signal()
    clear_wanted = Signal(str)
    hide_wanted = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setProperty("surface", "list")
        space = themes.theme.space
        self.search = SearchField(themes, "密聊不支持搜索")
        self.search.setEnabled(False)
        self.plus = IconButton(themes, "plus", "发起密聊")
        self.plus.clicked.connect(self.new_wanted)
        self.leave = button("返回", "ghost", "small")
        self.leave.clicked.connect(self.back)
        self.count = pill("密聊", "secret")
        self.model = SecretListModel(self)
        self.view = RowView(themes, SecretDelegate(themes, _item_of), name="密聊列表")
        self.view.setModel(self.model)
        self.view.opened.connect(self._opened)
        self.view.menu_wanted.connect(self._menu)
        self.empty = EmptyState(
            themes, "flame", "还没有密聊", "选择一位同样有密聊权限的同事开始。", "发起密聊"
        )
        self.empty.acted.connect(self.new_wanted)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        head = QHBoxLayout()
        head.setContentsMargins(space.m, space.m, space.m, 0)
        head.setSpacing(space.s)
        head.addWidget(self.search, 1)
        head.addWidget(self.plus)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(space.m, space.m, space.m, space.s)
        tabs.setSpacing(space.s)
        tabs.addWidget(self.leave)
        tabs.addWidget(self.count, 0, Qt.AlignmentFlag.AlignVCenter)
        tabs.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(tabs)
        column.addWidget(self.stack, 1)

    def show_chats(self, chats: Sequence[SecretChat], now_ms: int, current: str) -> None:
        """Fill the list."""
        self.model.show_items([SecretItem(one, when(one.last_at, now_ms)) for one in chats])
        self.count.setText(f"密聊 {len(chats)}" if chats else "密聊")
        self.stack.setCurrentWidget(self.view if chats else self.empty)
        self.mark(current)

    def mark(self, chat_id: str) -> None:
        """Select the row of what is open."""
        for row, item in enumerate(self.model.items):
            if item.chat.id == chat_id:
                self.view.setCurrentIndex(self.model.index(row))
                return
        self.view.clearSelection()
        self.view.setCurrentIndex(QModelIndex())

    def _opened(self, index: QModelIndex) -> None:
        item = _item_of(index)
        if item is not None:
            self.opened.emit(item.chat.id)

    def _menu(self, index: QModelIndex, spot: QPoint) -> None:
        item = _item_of(index)
        if item is None:
            return
        chat_id = item.chat.id
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        clear = menu.addAction(self._themes.icons.icon("flame"), "清空聊天记录")
        clear.triggered.connect(lambda: self.clear_wanted.emit(chat_id))
        menu.addAction("移除会话").triggered.connect(lambda: self.hide_wanted.emit(chat_id))
        menu.popup(spot)


def _item_of(index: Index) -> SecretItem | None:
    return index.data(ROW_ROLE)
