"""The dialog that changes the own phone number (E151): password and new number, then the code that was sent there."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.shell.form import Field, NoticeBox, enter_goes_on
from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Dialog, LoadingButton, button
from widgets.theme import ThemeManager

from .service import SettingsService


class PhoneDialog(Dialog):
    """Closes when the number is changed; `phone` is the new one then."""

    def __init__(
        self, themes: ThemeManager, service: SettingsService, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        """`tasks` belongs to the section that outlives this dialog."""
        super().__init__(themes, "更换手机号", parent)
        self._service, self._tasks = service, tasks
        self.phone = ""
        self.number = Field("新手机号", hint="验证码会发到这个号码")
        self.password = Field("登录密码", secret=themes)
        self.send = button("发送验证码", "secondary")
        self.send.setAutoDefault(False)
        self.send.clicked.connect(self._send)
        self.code = Field("验证码", hint="新手机号收到的 6 位数字")
        for one in (self.number, self.password, self.send, self.code):
            self.content.addWidget(one)
        self.notice = NoticeBox()
        self.content.addWidget(self.notice)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "更换")
        self.go.setAutoDefault(False)
        self.go.setEnabled(False)
        self.go.clicked.connect(self._confirm)
        enter_goes_on((self.number, self.password), self._send_first)
        self.code.edit.returnPressed.connect(self._confirm)
        self.foot.addWidget(self.go)
        self.number.edit.setFocus()

    def _send(self) -> None:
        self.number.complain("" if self.number.value.strip() else "请输入新手机号。")
        self.password.complain("" if self.password.value else "请输入登录密码。")
        if not self.number.value.strip() or not self.password.value:
            return
        self.notice.say(None)
        self.send.setEnabled(False)
        self._start(self._send_code(self.number.value, self.password.value), "发送验证码")

    def _send_first(self) -> None:
        # Once a code was sent, Enter must not send another by mistake.
        if self.phone:
            self.code.edit.setFocus()
        elif self.send.isEnabled():
            self._send()

    async def _send_code(self, phone: str, password: str) -> None:
        await self._service.send_phone_code(phone, password)
        self.phone = phone
        self.number.edit.setReadOnly(True)
        self.send.setText("重新发送")
        self.send.setEnabled(True)
        self.go.setEnabled(True)
        self.code.edit.setFocus()

    def _confirm(self) -> None:
        if self.go.loading or not self.phone:
            return
        self.code.complain("" if self.code.value.strip() else "请输入验证码。")
        if not self.code.value.strip():
            return
        self.notice.say(None)
        self.go.set_loading(True, "正在更换…")
        self._start(self._change(self.phone, self.code.value), "更换手机号")

    async def _change(self, phone: str, code: str) -> None:
        await self._service.change_phone(phone, code)
        self.accept()

    def _start(self, work, doing: str) -> None:
        self._tasks.start(work, doing, on_error=self._failed)

    def _failed(self, error: BaseException, doing: str) -> None:
        self.go.set_loading(False)
        self.go.setEnabled(bool(self.phone))
        self.send.setEnabled(True)
        self.notice.say(describe(error, doing))
