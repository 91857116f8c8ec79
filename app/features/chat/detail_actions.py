"""The rows of the detail panel that lead further: group files, settings, QR code, requests, nickname, clearing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from server_stub.contract.group_rules import JoinRule
from server_stub.contract.personal import RelationKind
from widgets.controls import Painted, paint_badge
from widgets.controls.painted import focus_frame, round_rect
from widgets.theme import ThemeManager

from .detail_feed import Details

SEARCH, LINKS, SPACE, CODE, REQUESTS, NICKNAME, SETTINGS, CLEAR = (
    "search",
    "links",
    "space",
    "code",
    "requests",
    "nickname",
    "settings",
    "clear",
)
SPECIAL, CONTACT, BLOCKED = "special", "contact", "blocked"


class ActionRow(Painted):
    """A name, a quiet word at the right, a number if there is something to do, and a chevron. Signals: `clicked()`."""

    clicked = Signal()

    def __init__(self, themes: ThemeManager, icon: str, name: str) -> None:
        super().__init__(themes)
        self._icon, self._name = icon, name
        self._value, self._count, self._hovered = "", 0, False
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, value: str = "", count: int = 0) -> None:
        """The word and the number."""
        if (value, count) != (self._value, self._count):
            self._value, self._count = value, count
            self.setAccessibleName("，".join(part for part in (self._name, value, str(count or "")) if part))
            self.update()

    def sizeHint(self) -> QSize:
        theme = self.theme
        return QSize(theme.sizes.panel, theme.grow(theme.sizes.control_large))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, space = self.theme, self.theme.space
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(space.s, 0, -space.s, 0)
        if self._hovered:
            round_rect(painter, rect, theme.radius.control, theme.color("hover"))
        side = theme.sizes.icon_small
        middle = rect.center().y()
        spot = QRectF(rect.left() + space.s, middle - side / 2, side, side)
        self.themes.icons.paint(painter, self._icon, spot, "text_2")
        chevron = QRectF(rect.right() - space.xs - side, middle - side / 2, side, side)
        self.themes.icons.paint(painter, "chevron-right", chevron, "text_3")
        right = chevron.left() - space.xs
        if self._count:
            right = paint_badge(painter, right, middle, self._count, theme).left() - space.s
        left = spot.right() + space.m
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        metrics = painter.fontMetrics()
        name_width = min(metrics.horizontalAdvance(self._name), right - left)
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, rect.top(), name_width + 1, rect.height()), vertical, self._name)
        if self._value:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("text_2"))
            room = QRectF(left + name_width + space.m, rect.top(), 0, rect.height())
            room.setRight(right)
            text = painter.fontMetrics().elidedText(
                self._value, Qt.TextElideMode.ElideRight, int(max(0, room.width()))
            )
            painter.drawText(room, vertical | Qt.AlignmentFlag.AlignRight, text)
        if self.hasFocus():
            focus_frame(painter, rect, theme.radius.control, theme)

    def enterEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


_ROWS = (
    (SEARCH, "search", "查找聊天内容"),
    (LINKS, "link", "图片与链接"),
    (SPACE, "folder", "群文件"),
    (REQUESTS, "user-plus", "入群申请"),
    (CODE, "qr", "群二维码"),
    (NICKNAME, "edit", "我在本群的昵称"),
    (SETTINGS, "settings", "群设置"),
    (SPECIAL, "star", "特别关注"),
    (CONTACT, "contacts", "我的联系人"),
    (BLOCKED, "eye-off", "黑名单"),
    (CLEAR, "trash", "清空聊天记录"),
)
_RELATIONS = {
    SPECIAL: RelationKind.SPECIAL,
    CONTACT: RelationKind.CONTACT,
    BLOCKED: RelationKind.BLOCKED,
}


class ActionList(QWidget):
    """Signals: `wanted(name)`. Shows the rows that the conversation and one's rights in it call for."""

    wanted = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.rows: dict[str, ActionRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for name, icon, title in _ROWS:
            row = self.rows[name] = ActionRow(themes, icon, title)
            row.clicked.connect(lambda name=name: self.wanted.emit(name))
            column.addWidget(row)

    def show_details(self, details: Details) -> None:
        """Another state of the conversation."""
        group, active = details.is_group, details.active
        single = bool(details.row.peer_id)
        shown = {
            SEARCH: True,
            LINKS: True,
            SPACE: group and active,
            REQUESTS: details.can_manage and bool(details.waiting),
            CODE: details.can_invite and details.row.rules.join is not JoinRule.INVITE,
            NICKNAME: group and active,
            SETTINGS: group and active,
            SPECIAL: single,
            CONTACT: single,
            BLOCKED: single,
            CLEAR: True,
        }
        for name, row in self.rows.items():
            row.setVisible(shown[name])
        mine = next((one for one in details.members if one.person_id == details.me), None)
        self.rows[NICKNAME].say((mine.nickname if mine else "") or "未设置")
        self.rows[REQUESTS].say(count=len(details.waiting))
        for name, kind in _RELATIONS.items():
            self.rows[name].say("已开启" if kind in details.relations else "未开启")
