"""群设置: what members may do, silence, picture, handing over, dissolving (E080, E110 to E116)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from server_stub.contract.group_rules import FOREVER, GroupRules, JoinRule, Who
from widgets.controls import Avatar, AvatarSpec, IconButton, button, label
from widgets.theme import ThemeManager

from .detail_feed import Details
from .group_parts import Column, Rows

_WHO = ((Who.ALL.value, "所有成员"), (Who.MANAGERS.value, "仅群主和管理员"))
_JOIN = (
    (JoinRule.FREE.value, "允许任何人加入"),
    (JoinRule.APPROVAL.value, "需要群主或管理员同意"),
    (JoinRule.INVITE.value, "仅限群成员邀请"),
)
_MUTE = (
    ("0", "不禁言"),
    ("3600", "1 小时"),
    ("43200", "12 小时"),
    ("86400", "1 天"),
    ("-1", "一直"),
)

Do = Callable[[Coroutine[Any, Any, Any], str], object]


class GroupPage(QWidget):
    """Signals: `back()`; `rules_wanted(GroupRules)`; `mute_wanted(on, until)`; `rename_wanted()`, `picture_wanted()`,
    `faces_wanted()` (no picture of its own), `managers_wanted()`, `transfer_wanted()`, `dissolve_wanted()`.
    """

    back = Signal()
    rules_wanted = Signal(object)
    mute_wanted = Signal(bool, object)
    rename_wanted = Signal()
    picture_wanted = Signal()
    faces_wanted = Signal()
    managers_wanted = Signal()
    transfer_wanted = Signal()
    dissolve_wanted = Signal()

    def __init__(self, themes: ThemeManager, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._themes, self._now_ms = themes, now_ms
        self._rules = GroupRules()
        space = themes.theme.space
        back = IconButton(themes, "chevron-left", "返回", size=28)
        back.clicked.connect(self.back)
        head = QHBoxLayout()
        head.setContentsMargins(space.s, space.m, space.l, space.s)
        head.addWidget(back)
        head.addWidget(label("群设置", "body"), 1)
        self.column = Column(themes)
        self._build()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self.column, 1)

    def _build(self) -> None:
        themes, column = self._themes, self.column.column
        self.face = Avatar(themes, AvatarSpec(), themes.theme.sizes.avatar)
        self.name = label("", "body", wrap=True)
        self.rename = button("改名", "link")
        self.picture = button("换头像", "link")
        self.faces = button("恢复默认头像", "link")
        self.rename.clicked.connect(self.rename_wanted)
        self.picture.clicked.connect(self.picture_wanted)
        self.faces.clicked.connect(self.faces_wanted)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        links = QHBoxLayout()
        for one in (self.rename, self.picture, self.faces):
            links.addWidget(one)
        links.addStretch(1)
        words.addLayout(links)
        top = QHBoxLayout()
        top.setSpacing(themes.theme.space.m)
        top.addWidget(self.face)
        top.addLayout(words, 1)
        column.addLayout(top)
        self.hint = label("只有群主和管理员可以修改以下设置。", "caption", wrap=True)
        column.addWidget(self.hint)
        column.addWidget(label("加入", "caption"))
        joining = Rows(themes)
        self.join = joining.add_choice("入群方式", _JOIN)
        self.invite = joining.add_choice("谁可以邀请", _WHO)
        self.history = joining.add_switch("新成员可查看历史消息")
        column.addWidget(joining)
        column.addWidget(label("权限", "caption"))
        rights = Rows(themes)
        self.edit = rights.add_choice("谁可以改群名和头像", _WHO)
        self.upload = rights.add_choice("谁可以管理群文件", _WHO)
        self.mention = rights.add_choice("谁可以 @所有人", _WHO)
        self.receipts = rights.add_switch("已读回执", "关闭后，成员之间看不到谁读过消息。")
        self.mute = rights.add_choice("全员禁言", _MUTE, "群主和管理员不受限制。")
        column.addWidget(rights)
        self.owner_title = label("群主", "caption")
        column.addWidget(self.owner_title)
        self.owner = Rows(themes)
        self.managers = button("设置", size="small")
        self.managers.clicked.connect(self.managers_wanted)
        self.owner.add("群管理员", "在成员列表中设置。", self.managers)
        self.transfer = button("转让", size="small")
        self.transfer.clicked.connect(self.transfer_wanted)
        self.owner.add("转让群主", "", self.transfer)
        self.dissolve = button("解散", "danger", "small")
        self.dissolve.clicked.connect(self.dissolve_wanted)
        self.owner.add("解散群聊", "解散后任何人都不能再发言。", self.dissolve)
        column.addWidget(self.owner)
        column.addStretch(1)
        for box, field in (
            (self.join, "join"),
            (self.invite, "invite"),
            (self.edit, "edit"),
            (self.upload, "upload"),
            (self.mention, "mention_all"),
        ):
            box.activated.connect(lambda _row, box=box, field=field: self._set(field, box.currentData()))
        self.history.clicked.connect(lambda on: self._set("history", on))
        self.receipts.clicked.connect(lambda on: self._set("receipts", on))
        self.mute.activated.connect(lambda _row: self._set_mute(int(self.mute.currentData())))

    def _set(self, field: str, value: object) -> None:
        kind = {"join": JoinRule}.get(field, Who) if isinstance(value, str) else None
        typed = kind(value) if kind is not None else bool(value)
        self.rules_wanted.emit(msgspec.structs.replace(self._rules, **{field: typed}))

    def _set_mute(self, seconds: int) -> None:
        until = 0 if seconds <= 0 else self._now_ms() + seconds * 1000
        self.mute_wanted.emit(seconds != 0, until)

    def show_details(self, details: Details, spec: AvatarSpec) -> None:
        """Show another state of the group; `spec` is its picture."""
        row, rules = details.row, details.row.rules
        self._rules = rules
        self.face.set_spec(spec)
        self.name.setText(row.title)
        self.rename.setVisible(details.can_edit)
        self.picture.setVisible(details.can_edit)
        self.faces.setVisible(details.can_edit and bool(row.avatar_file))
        manage = details.can_manage
        self.hint.setVisible(not manage)
        for box, value in (
            (self.join, rules.join),
            (self.invite, rules.invite),
            (self.edit, rules.edit),
            (self.upload, rules.upload),
            (self.mention, rules.mention_all),
        ):
            box.show_value(value.value)
            box.setEnabled(manage)
        for switch, on in ((self.history, rules.history), (self.receipts, rules.receipts)):
            switch.setChecked(on)
            switch.setEnabled(manage)
        silent = row.muted_all and (not row.muted_until or row.muted_until > self._now_ms())
        self.mute.show_value(self._span(row.muted_until) if silent else "0")
        self.mute.setEnabled(manage)
        for one in (self.owner_title, self.owner):
            one.setVisible(details.is_owner)

    def _span(self, until: int) -> str:
        """The shortest choice that holds what is left."""
        if not until or until >= FOREVER:
            return "-1"
        left = (until - self._now_ms()) / 1000
        return next((value for value, _text in _MUTE[1:4] if int(value) >= left), "-1")
