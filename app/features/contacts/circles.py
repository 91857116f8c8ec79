"""The user's own circles beside the organisation: contacts, special attention, recent, groups, blacklist."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from server_stub.contract.personal import RelationKind
from widgets.theme import ThemeManager

from .side_entry import side_entry


class Circle(Enum):
    """Title, icon, what to say when nobody is in it, and what to do then."""

    CONTACTS = ("我的联系人", "contacts", "还没有联系人", "在名片上点“加为联系人”，常用的同事就会在这里。")
    SPECIAL = ("特别关注", "star", "还没有特别关注的人", "在名片上点“特别关注”，他的消息即使免打扰也会提醒。")
    RECENT = ("最近联系", "clock", "最近没有单聊", "聊过天的同事会出现在这里。")
    GROUPS = ("我的群组", "users", "还没有加入群聊", "在消息页点“＋”可以发起或加入群聊。")
    BLOCKED = ("黑名单", "eye-off", "黑名单是空的", "被拉黑的人不能给您发消息，也不能拉您进群。")

    @property
    def title(self) -> str:
        """As it is called."""
        return self.value[0]


KINDS = {
    Circle.CONTACTS: RelationKind.CONTACT,
    Circle.SPECIAL: RelationKind.SPECIAL,
    Circle.BLOCKED: RelationKind.BLOCKED,
}


class CircleList(QWidget):
    """Signals: `chosen(Circle)`."""

    chosen = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        space = themes.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(space.s, 0, space.s, 0)
        column.setSpacing(0)
        self.entries = {}
        for circle in Circle:
            entry = self.entries[circle] = side_entry(themes, circle.value[1], circle.title)
            entry.clicked.connect(lambda _checked=False, circle=circle: self.chosen.emit(circle))
            column.addWidget(entry)
