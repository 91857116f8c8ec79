"""A person's card: name, rank, posts with their units, phone, and what one can do (E141)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from server_stub.contract.directory import Person, Post
from server_stub.contract.directory_admin import CARD_FIELDS
from server_stub.contract.personal import RelationKind
from widgets.controls import Avatar, AvatarSpec, IconButton, button, label, pill, rule
from widgets.theme import ThemeManager

HIDDEN_PHONE = "未公开"
RELATION_WORDS = {
    RelationKind.SPECIAL: ("取消关注", "特别关注"),
    RelationKind.CONTACT: ("移出联系人", "加为联系人"),
    RelationKind.BLOCKED: ("移出黑名单", "拉黑"),
}
"""What the button says while it is so, and while it is not."""


def posts_in_order(person: Person) -> list[Post]:
    """The main post first, then as the directory orders them."""
    return sorted(person.posts, key=lambda post: (not post.main, post.order))


class PersonCard(QScrollArea):
    """Signals: `message_wanted(person_id)`; `unit_wanted(unit_id)`; `copied(what)` after a copy to the clipboard."""

    message_wanted = Signal(str)
    unit_wanted = Signal(str)
    copied = Signal(str)
    relation_wanted = Signal(object, bool)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.person: Person | None = None
        self.fields: Sequence[str] = CARD_FIELDS
        """What is shown and in which order, of contract.directory_admin.CARD_FIELDS."""
        self._kinds: frozenset[RelationKind] = frozenset()
        self._status = ""
        self.relations: dict[RelationKind, QPushButton] = {}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("人员名片")

    def show_person(self, person: Person, *, online: bool, is_me: bool, status: str = "") -> None:
        """Show this person; what is done with him is not there for oneself. `status`: what he says of himself."""
        if self.person is None or self.person.id != person.id:
            self._kinds = frozenset()
        self.person, self._status = person, status
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
        if person.rank and "rank" in self.fields:
            tags.addWidget(pill(person.rank, "brand"))
        if is_me:
            tags.addWidget(pill("我", "neutral"))
        if not person.active:
            tags.addWidget(pill("未激活", "warn"))
        tags.addStretch(1)
        column.addLayout(tags)
        if self._status:
            words = label(self._status, "secondary", "brand", wrap=True)
            words.setAlignment(centre)
            column.addWidget(words)
        self.message = button("发消息", "primary")
        self.message.setAccessibleName(f"给 {person.name} 发消息")
        self.message.clicked.connect(lambda: self.message_wanted.emit(person.id))
        if is_me:
            self.message.hide()
        column.addSpacing(theme.space.m)
        column.addWidget(self.message)
        self.relations = {}
        row = QHBoxLayout()
        row.setSpacing(theme.space.m)
        row.addStretch(1)
        for kind, (on, off) in RELATION_WORDS.items():
            made = self.relations[kind] = button("", "link")
            made.clicked.connect(
                lambda _checked=False, kind=kind: self.relation_wanted.emit(kind, kind not in self._kinds)
            )
            made.setToolTip(f"{off} / {on}")
            if is_me:
                made.hide()
            row.addWidget(made)
        row.addStretch(1)
        column.addLayout(row)
        self.show_relations(self._kinds)

    def show_relations(self, kinds: Collection[RelationKind]) -> None:
        """What the person is to the user."""
        self._kinds = frozenset(kinds)
        for kind, made in self.relations.items():
            on, off = RELATION_WORDS[kind]
            made.setText(on if kind in self._kinds else off)

    def _fields(self, column: QVBoxLayout, person: Person) -> None:
        for field in self.fields:
            if field == "posts":
                self._posts(column, person)
            elif field == "phone":
                self._phone(column, person)

        for own in person.fields:
            column.addWidget(label(own.name, "caption"))
            words = label(own.value, "body", wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(words)
            column.addSpacing(self._themes.theme.space.m)

    def _posts(self, column: QVBoxLayout, person: Person) -> None:
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

    def _phone(self, column: QVBoxLayout, person: Person) -> None:
        space = self._themes.theme.space
        column.addWidget(label("手机", "caption"))
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        phone = label(person.phone or HIDDEN_PHONE, "body", "" if person.phone else "weak")
        phone.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(phone)
        self.copy_phone = IconButton(self._themes, "copy", "复制手机号", size=28, icon_size=16)
        if not person.phone:
            self.copy_phone.hide()
        self.copy_phone.clicked.connect(lambda: self._copy(person.phone, "手机号"))
        row.addWidget(self.copy_phone)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(space.m)

    def _copy(self, text: str, what: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(what)
