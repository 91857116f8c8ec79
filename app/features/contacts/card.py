"""A person's card: name, rank, posts with their units, phone, and what one can do (E141)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from server_stub.contract.directory import Person, Post
from widgets.controls import Avatar, AvatarSpec, IconButton, button, label, pill, rule
from widgets.theme import ThemeManager

HIDDEN_PHONE = "未公开"


def posts_in_order(person: Person) -> list[Post]:
    """The main post first, then as the directory orders them."""
    return sorted(person.posts, key=lambda post: (not post.main, post.order))


class PersonCard(QScrollArea):
    """Signals: `message_wanted(person_id)`; `unit_wanted(unit_id)`; `copied(what)` after a copy to the clipboard."""

    message_wanted = Signal(str)
    unit_wanted = Signal(str)
    copied = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.person: Person | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("人员名片")

    def show_person(self, person: Person, *, online: bool, is_me: bool) -> None:
        """Show this person; the button to write is not there for oneself."""
        self.person = person
        body = QWidget()
        space = self._themes.theme.space
        column = QVBoxLayout(body)
        column.setContentsMargins(space.l, space.xxl, space.l, space.xxl)
        column.setSpacing(space.xs)
        self._head(column, person, online=online, is_me=is_me)
        column.addSpacing(space.m)
        column.addWidget(rule())
        column.addSpacing(space.m)
        self._fields(column, person)
        column.addStretch(1)
        self.setWidget(body)
        self.setAccessibleDescription(person.name)

    def _head(self, column: QVBoxLayout, person: Person, *, online: bool, is_me: bool) -> None:
        theme = self._themes.theme
        presence = "online" if online else ""
        spec = AvatarSpec(name=person.name, seed=person.id, presence=presence)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(Avatar(self._themes, spec, theme.sizes.avatar_large), 0, centre)
        column.addSpacing(theme.space.s)
        name = label(person.name, "headline", wrap=True)
        name.setAlignment(centre)
        name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(name)
        tags = QHBoxLayout()
        tags.setSpacing(theme.space.xs)
        tags.addStretch(1)
        if person.rank:
            tags.addWidget(pill(person.rank, "brand"))
        if is_me:
            tags.addWidget(pill("我", "neutral"))
        if not person.active:
            tags.addWidget(pill("未激活", "warn"))
        tags.addStretch(1)
        column.addLayout(tags)
        self.message = button("发消息", "primary")
        self.message.setAccessibleName(f"给 {person.name} 发消息")
        self.message.clicked.connect(lambda: self.message_wanted.emit(person.id))
        self.message.setVisible(not is_me)
        column.addSpacing(theme.space.m)
        column.addWidget(self.message)

    def _fields(self, column: QVBoxLayout, person: Person) -> None:
        space = self._themes.theme.space
        for place, post in enumerate(posts_in_order(person)):
            title = "任职" if place == 0 else "兼任"
            column.addWidget(label(title, "caption"))
            if post.title:
                words = label(post.title, "body", wrap=True)
                words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(words)
            column.addWidget(label(post.unit_name, "secondary", "strong", wrap=True))
            if post.unit_path and post.unit_path != post.unit_name:
                column.addWidget(label(post.unit_path, "caption", wrap=True))
            unit = button("查看部门", "link")
            unit.setAccessibleName(f"查看部门 {post.unit_name}")
            unit.clicked.connect(lambda _checked=False, id=post.unit_id: self.unit_wanted.emit(id))
            row = QHBoxLayout()
            row.addWidget(unit)
            row.addStretch(1)
            column.addLayout(row)
            column.addSpacing(space.m)
        column.addWidget(label("手机", "caption"))
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        phone = label(person.phone or HIDDEN_PHONE, "body", "" if person.phone else "weak")
        phone.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(phone)
        self.copy_phone = IconButton(self._themes, "copy", "复制手机号", size=28, icon_size=16)
        self.copy_phone.setVisible(bool(person.phone))
        self.copy_phone.clicked.connect(lambda: self._copy(person.phone, "手机号"))
        row.addWidget(self.copy_phone)
        row.addStretch(1)
        column.addLayout(row)

    def _copy(self, text: str, what: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(what)
