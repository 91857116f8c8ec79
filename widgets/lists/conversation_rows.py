"""Rows of a conversation list: avatar, title, time, last words, what waits."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from widgets.controls import AvatarSpec, badge_width, paint_badge
from widgets.controls.painted import round_rect

from .row_delegate import RowDelegate


@dataclass(frozen=True, slots=True)
class ConversationItem:
    """What one row shows. `mark` is a highlighted word before the text ([草稿], [有人@我]); `count` unread messages;
    `dot` marks as unread without a number; `pending`/`failed` say how the own last message fares."""

    id: str
    title: str
    text: str = ""
    time: str = ""
    avatar: AvatarSpec | None = None
    mark: str = ""
    count: int = 0
    dot: bool = False
    pinned: bool = False
    muted: bool = False
    pending: bool = False
    failed: bool = False
    tone: str = "bad"
    """Colour of the badge: bad, secret."""


class ConversationDelegate(RowDelegate[ConversationItem]):
    """Two lines beside the avatar; the title gives way to the time, the text to marks and badge."""

    def height(self, item: ConversationItem) -> int:
        return self.theme.grow(self.theme.sizes.row)

    def draw(
        self, painter: QPainter, rect: QRectF, item: ConversationItem, option: QStyleOptionViewItem
    ) -> None:
        theme, space, sizes = self.theme, self.theme.space, self.theme.sizes
        inner = self.ground(painter, rect, option)
        side = sizes.avatar
        spot = QRectF(inner.left() + space.m, rect.center().y() - side / 2, side, side)
        self.avatars.paint(painter, spot, item.avatar or AvatarSpec(item.title, item.id))
        left, right = spot.right() + space.m, inner.right() - space.m
        first, second = theme.line("body"), theme.line("secondary")
        bare = not (item.text or item.mark or item.count or item.dot or item.muted)
        top = rect.center().y() - (first if bare else first + second) / 2
        self._title(painter, QRectF(left, top, right - left, first), item)
        self._words(painter, QRectF(left, top + first, right - left, second), item)

    def _title(self, painter: QPainter, room: QRectF, item: ConversationItem) -> None:
        space = self.theme.space
        right = room.right()
        if item.time:
            self.line(painter, room, item.time, "caption", "text_2", right=True)
            right -= self.advance(item.time, "caption") + space.s
        if item.pinned:
            side = self.theme.space.m
            spot = QRectF(right - side, room.center().y() - side / 2, side, side)
            self.themes.icons.paint(painter, "pin", spot, "text_3")
            right = spot.left() - space.xs
        room = QRectF(room.left(), room.top(), right - room.left(), room.height())
        self.line(painter, room, item.title, "body", "text")

    def _words(self, painter: QPainter, room: QRectF, item: ConversationItem) -> None:
        theme, space = self.theme, self.theme.space
        left, right, middle = room.left(), room.right(), room.center().y()
        if item.count:
            tone = "muted" if item.muted else item.tone
            paint_badge(painter, right, middle, item.count, theme, tone)
            right -= badge_width(item.count, theme) + space.s
        elif item.dot:
            side = theme.sizes.dot
            spot = QRectF(right - side, middle - side / 2, side, side)
            round_rect(painter, spot, side / 2, theme.color("muted_badge" if item.muted else item.tone))
            right -= side + space.s
        if item.muted:
            side = theme.sizes.icon_small - space.half
            self.themes.icons.paint(
                painter, "mute", QRectF(right - side, middle - side / 2, side, side), "text_3"
            )
            right -= side + space.s
        if item.failed or item.pending:
            side = theme.sizes.icon_small - space.half
            icon, color = ("alert", "bad") if item.failed else ("clock", "text_3")
            self.themes.icons.paint(painter, icon, QRectF(left, middle - side / 2, side, side), color)
            left += side + space.xs
        if item.mark:
            spot = QRectF(left, room.top(), right - left, room.height())
            left += self.line(painter, spot, item.mark, "secondary", "bad_text") + space.xs
        spot = QRectF(left, room.top(), right - left, room.height())
        self.line(painter, spot, item.text, "secondary", "text_2")
