"""Carries out what the detail panel asks of a group: dialogs, questions, and the calls behind them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.shell.tasks import Tasks
from app.store.records import MemberRow
from server_stub.contract.conversations import MemberRole
from server_stub.contract.group_rules import FOREVER, GroupRules
from server_stub.contract.personal import RelationKind
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

from . import detail_actions
from .avatar_pictures import square_png
from .detail_dialogs import TextDialog
from .detail_feed import Details
from .group_announcement import AnnouncementDialog
from .group_code import CodeDialog
from .group_requests import RequestsDialog
from .group_space import SpaceDialog
from .service import ChatService

NICKNAME_LIMIT = 20
_RELATIONS = {
    detail_actions.SPECIAL: (
        RelationKind.SPECIAL,
        "特别关注",
        "他发来消息时，即使会话设为免打扰也会提醒您。",
    ),
    detail_actions.CONTACT: (RelationKind.CONTACT, "我的联系人", "会出现在通讯录的“我的联系人”里。"),
    detail_actions.BLOCKED: (
        RelationKind.BLOCKED,
        "黑名单",
        "您将不再收到他的消息，他也不能把您加为联系人或拉进群聊。",
    ),
}


class GroupWork(QObject):
    """Signals: `conversation_wanted(conversation_id)`. `opened` is the dialog that was opened last."""

    conversation_wanted = Signal(str)

    def __init__(self, service: ChatService, themes: ThemeManager, tasks: Tasks, owner: QWidget) -> None:
        super().__init__(owner)
        self._service, self._themes, self._tasks, self._owner = service, themes, tasks, owner
        self.opened: QDialog | None = None

    def _show(self, dialog: QDialog) -> None:
        self.opened = dialog
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self.opened = None

    def _do(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.start(work, name)

    def act(self, details: Details, name: str) -> None:
        """A row of the panel was chosen."""
        service, window = self._service, self._owner.window()
        id = details.row.id
        match name:
            case detail_actions.SPACE:
                self._show(SpaceDialog(service, self._themes, details, window))
            case detail_actions.CODE:
                self._show(
                    CodeDialog(
                        service.groups,
                        self._themes,
                        id,
                        details.row.title,
                        can_renew=details.can_manage,
                        parent=window,
                    )
                )
            case detail_actions.REQUESTS:
                self._show(RequestsDialog(service, self._themes, id, window))
            case detail_actions.NICKNAME:
                self._nickname(details)
            case detail_actions.CLEAR:
                self._confirm(
                    "清空聊天记录",
                    "您将看不到此前的消息，包括您的其他设备；对方和其他成员不受影响。",
                    "清空",
                    lambda: service.groups.clear(id),
                )
            case _ if name in _RELATIONS:
                self._relate(details, name)
            case _:
                return

    def _relate(self, details: Details, name: str) -> None:
        kind, title, text = _RELATIONS[name]
        on = kind not in details.relations
        personal, peer = self._service.personal, details.row.peer_id
        if kind is RelationKind.BLOCKED and on:
            self._confirm(title, text, "加入黑名单", lambda: personal.relate(peer, kind, on=True))
        else:
            self._do(personal.relate(peer, kind, on=on), title)

    def _nickname(self, details: Details) -> None:
        mine = next((one for one in details.members if one.person_id == details.me), None)

        async def save(text: str) -> None:
            await self._service.groups.set_nickname(details.row.id, text)

        dialog = TextDialog(
            self._themes,
            "我在本群的昵称",
            mine.nickname if mine else "",
            NICKNAME_LIMIT,
            save,
            parent=self._owner.window(),
        )
        dialog.finished.connect(dialog.deleteLater)
        self._show(dialog)

    def show_announcement(self, details: Details, edit: Callable[[], None]) -> None:
        """Show it whole with its readers; the user has read it now."""
        version = details.row.announcement_version
        mine = next((one for one in details.members if one.person_id == details.me), None)
        if mine is not None and mine.announcement_seen < version:
            self._do(self._service.groups.announcement_read(details.row.id, version), "标记公告已读")
        dialog = AnnouncementDialog(self._themes, details, self._owner.window())
        dialog.edit_wanted.connect(edit)
        self._show(dialog)

    # Offices.

    def change(
        self,
        details: Details | None,
        name: str,
        *,
        rules: GroupRules | None = None,
        muted_all: bool | None = None,
        muted_until: int = 0,
    ) -> None:
        """Change rules, or silence everybody."""
        if details is not None:
            self._do(
                self._service.groups.change(
                    details.row.id, rules=rules, muted_all=muted_all, muted_until=muted_until
                ),
                name,
            )

    def set_role(self, details: Details | None, member: MemberRow, *, admin: bool) -> None:
        """Name an administrator, or take the office from him."""
        if details is not None:
            role = MemberRole.ADMIN if admin else MemberRole.MEMBER
            self._do(self._service.groups.set_role(details.row.id, member.person_id, role), "设置管理员")

    def mute(self, details: Details | None, member: MemberRow, seconds: int) -> None:
        """Silence a member; -1 for always."""
        if details is not None:
            until = FOREVER - 1 if seconds < 0 else self._service.now_ms() + seconds * 1000 if seconds else 0
            self._do(self._service.groups.mute(details.row.id, member.person_id, until), "禁言")

    def transfer(self, details: Details | None, member: MemberRow) -> None:
        """Ask, then hand the group over."""
        if details is not None:
            name, id = member.nickname or member.name, details.row.id
            self._confirm(
                "转让群主",
                f"{name} 将成为新群主，您成为普通成员。",
                "转让",
                lambda: self._service.groups.transfer(id, member.person_id),
            )

    def dissolve(self, details: Details | None) -> None:
        """Ask, then end the group."""
        if details is not None:
            id = details.row.id
            self._confirm(
                "解散群聊",
                f"“{details.row.title}”解散后，{details.row.member_count} 位成员都不能再发言，且无法恢复；"
                "已有的消息仍可查看。",
                "解散",
                lambda: self._service.groups.dissolve(id),
            )

    def _confirm(
        self, title: str, text: str, accept: str, work: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:
        dialog = ConfirmDialog(self._themes, title, text, accept, danger=True, parent=self._owner.window())
        dialog.accepted.connect(lambda: self._do(work(), title))
        dialog.finished.connect(dialog.deleteLater)
        self._show(dialog)

    # The picture.

    def choose_picture(self, details: Details | None) -> None:
        """Ask for a picture on the disk."""
        dialog = QFileDialog(
            self._owner, "选择群头像", str(Path.home()), "图片 (*.png *.jpg *.jpeg *.bmp *.webp)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.set_picture(details, square_png(QImage(name))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def set_picture(self, details: Details | None, data: bytes) -> None:
        """Give the group a picture; no data goes back to the members' faces."""
        if details is not None:
            self._do(self._service.groups.set_picture(details.row.id, data), "更换群头像")
