"""Account and security (E007, E152): who one is, password, signed-in devices, sign-out."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.accounts import SessionInfo
from widgets.controls import Avatar, AvatarSpec, Banner, ConfirmDialog, button, label, pill
from widgets.theme import ThemeManager

from .parts import Group, SettingsSection
from .password_dialog import PasswordDialog
from .phone_dialog import PhoneDialog
from .service import SettingsService
from .shared_phone import SharedPhoneDialog

PLATFORMS = {"windows": "Windows", "uos": "统信 UOS", "kylin": "银河麒麟", "linux": "Linux"}
MINUTE_MS = 60_000


def seen_text(info: SessionInfo, now_ms: int) -> str:
    """When a device was last seen."""
    if info.online or info.current:
        return "现在在线"
    minutes = max(0, now_ms - info.last_seen_at) // MINUTE_MS
    if minutes < 1:
        return "刚刚在线"
    if minutes < 60:
        return f"{minutes} 分钟前在线"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时前在线"
    return f"{minutes // (24 * 60)} 天前在线"


class AccountSection(SettingsSection):
    """Signals: `told(words)` for good news that a toast shows."""

    told = Signal(str)

    def __init__(
        self,
        themes: ThemeManager,
        service: SettingsService,
        *,
        now_ms: Callable[[], int] = lambda: int(time.time() * 1000),
    ) -> None:
        super().__init__(themes, "账号与安全")
        self._service = service
        self.now_ms = now_ms
        self.tasks = Tasks(self._failed)
        self._dialog: PasswordDialog | None = None
        self._confirm: ConfirmDialog | None = None
        self.column.addWidget(self._who())
        self.column.addSpacing(themes.theme.space.m)
        security = self.add_group("密码")
        self.change = button("修改密码", "secondary")
        self.change.clicked.connect(self.open_password)
        security.add_row("登录密码", "修改后，其他设备上的登录会失效", self.change)
        self.change_phone = button("更换", "secondary")
        self.change_phone.clicked.connect(self.open_phone)
        self.phone_row = self.add_group()
        self.phone_row.add_row("手机号", "用于登录和接收验证码；要向新号码发送验证码", self.change_phone)
        self.phone_row.hide()
        privacy = self.add_group("隐私")
        self.share_phone = button("管理", "secondary")
        self.share_phone.clicked.connect(self.open_shared_phone)
        privacy.add_row("共享手机号的联系人", "让其他单位的指定同事看到您的手机号", self.share_phone)
        self.column.addWidget(label("已登录的设备", "caption"))
        self.banner = Banner(themes, "", "bad", "重试")
        self.banner.acted.connect(self.entered)
        self.banner.hide()
        self.column.addWidget(self.banner)
        self._devices = QVBoxLayout()
        self.column.addLayout(self._devices)
        self.ends: dict[str, QWidget] = {}
        self._group: Group | None = None
        self.column.addSpacing(themes.theme.space.m)
        leave = self.add_group()
        self.sign_out = button("退出登录", "danger")
        self.sign_out.clicked.connect(self._ask_sign_out)
        leave.add_row("退出登录", "聊天记录加密保留在本机，再次登录后可以看到", self.sign_out)
        self.finish()

    def _who(self) -> QWidget:
        theme = self.themes.theme
        me = self._service.me
        host = QWidget()
        row = QHBoxLayout(host)
        row.setContentsMargins(0, 0, 0, theme.space.s)
        row.setSpacing(theme.space.l)
        row.addWidget(Avatar(self.themes, AvatarSpec(name=me.name, seed=me.id), theme.sizes.avatar_large))
        words = QVBoxLayout()
        words.setSpacing(theme.space.half)
        words.addStretch(1)
        words.addWidget(label(me.name, "title"))
        for post in me.posts:
            words.addWidget(
                label(f"{post.unit_path or post.unit_name}  {post.title}", "secondary", wrap=True)
            )
        self.phone = label(me.phone, "secondary")
        words.addWidget(self.phone)
        words.addStretch(1)
        row.addLayout(words, 1)
        self.phone.setVisible(bool(me.phone))
        return host

    def open_shared_phone(self) -> SharedPhoneDialog:
        """Show who sees the own number because the user lets them."""
        dialog = SharedPhoneDialog(self.themes, self._service, self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    # Devices.

    def entered(self) -> None:
        self.tasks.start(self._load(), "读取已登录的设备")

    async def _load(self) -> None:
        found = await self._service.sessions()
        self.banner.hide()
        self._show(found)
        self.phone_row.setVisible(await self._service.may_change_phone())

    def _show(self, found: list[SessionInfo]) -> None:
        if self._group is not None:
            self._devices.removeWidget(self._group)
            self._group.hide()
            self._group.deleteLater()
        self._group = Group(self.themes)
        self.ends = {}
        for info in sorted(found, key=lambda one: (not one.current, -one.last_seen_at)):
            control: QWidget
            if info.current:
                control = pill("本机", "ok")
            else:
                control = button("退出此设备", "secondary", "small")
                control.setAccessibleName(f"退出设备 {info.device_name}")
                control.clicked.connect(lambda _checked=False, one=info: self._ask_end(one))
                self.ends[info.id] = control
            system = PLATFORMS.get(info.platform, info.platform)
            facts = [f"{system}  政钉 {info.app_version}", info.address, seen_text(info, self.now_ms())]
            self._group.add_row(info.device_name, " · ".join(fact for fact in facts if fact), control)
        self._devices.addWidget(self._group)

    def _ask_end(self, info: SessionInfo) -> None:
        text = f"“{info.device_name}”将立即退出登录。如果那不是您的设备，请同时修改密码。"
        self._ask("退出此设备？", text, "退出此设备", lambda: self._end(info))

    def _end(self, info: SessionInfo) -> None:
        self.tasks.start(self._end_session(info), "退出设备")

    async def _end_session(self, info: SessionInfo) -> None:
        await self._service.end_session(info.id)
        self.told.emit(f"“{info.device_name}”已退出登录")
        await self._load()

    # Password.

    def open_password(self) -> PasswordDialog:
        """Open the dialog that changes the password."""
        dialog = self._dialog = PasswordDialog(self.themes, self.window())
        dialog.wanted.connect(
            lambda old, new: self.tasks.start(
                self._change(dialog, old, new),
                "修改密码",
                on_error=lambda error, doing: dialog.failed(describe(error, doing)),
            )
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    async def _change(self, dialog: PasswordDialog, old: str, new: str) -> None:
        await self._service.change_password(old, new)
        dialog.accept()
        self.told.emit("密码已修改，其他设备需要重新登录")
        await self._load()

    # Phone number.

    def open_phone(self) -> PhoneDialog:
        """Open the dialog that changes the own number (E151)."""
        dialog = PhoneDialog(self.themes, self._service, self.tasks, self.window())
        dialog.accepted.connect(lambda: self._phone_changed(dialog.phone))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _phone_changed(self, phone: str) -> None:
        self.phone.setText(phone)
        self.phone.show()
        self.told.emit("手机号已更换")

    # Sign-out.

    def _ask_sign_out(self) -> None:
        text = "退出后不再接收消息。未发出的消息保留在本机，再次登录后继续发送。"
        self._ask("退出登录？", text, "退出登录", self._leave)

    def _leave(self) -> None:
        self.sign_out.setEnabled(False)
        self.tasks.start(self._service.sign_out(), "退出登录")

    def _ask(self, title: str, text: str, accept: str, then: Callable[[], None]) -> None:
        dialog = self._confirm = ConfirmDialog(
            self.themes, title, text, accept, danger=True, parent=self.window()
        )
        dialog.accepted.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.sign_out.setEnabled(True)
        problem = describe(error, doing)
        self.banner.say(problem.text, "bad", "重试")
        self.banner.setToolTip(problem.detail)
        self.banner.show()
