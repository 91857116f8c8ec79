"""Who signs in: account and password, the passcode of this machine, a password by code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.shell.form import Field, button, enter_goes_on, text
from app.shell.passwords import password_problem
from app.shell.problems import Problem
from server_stub.contract.accounts import DemoAccount, ServerInfo
from widgets.controls import button as small_button
from widgets.theme import ThemeManager

from .parts import Countdown, FormPage
from .rules import MIN_PASSCODE, code_problem


class DemoAccounts(QFrame):
    """The two accounts of the demo organisation; a click fills one in. Signals: `picked(DemoAccount)`."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(6)
        self.buttons: list[QPushButton] = []

    def show_accounts(self, accounts: list[DemoAccount]) -> None:
        """Offer these accounts; none hides the box."""
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self.buttons.clear()
        self.setVisible(bool(accounts))
        if not accounts:
            return
        self._column.addWidget(text("演示账号，点一下自动填写", "caption"))
        for account in accounts:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(8)
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(text(f"{account.name}  {account.login}", "secondary", "strong", wrap=False))
            words.addWidget(text(account.title, "caption", wrap=True))
            line.addLayout(words, 1)
            fill = small_button("填写", size="small")
            fill.setAutoDefault(False)
            fill.setAccessibleName(f"填写 {account.name} 的账号")
            fill.clicked.connect(lambda _checked=False, one=account: self.picked.emit(one))
            line.addWidget(fill)
            self.buttons.append(fill)
            self._column.addWidget(row)


class SignInPage(FormPage):
    """Account or phone and password. Signals: `wanted(login, password)`, `forgot(login)`, `activate(login)`,
    `other_server()`, `scan_wanted()`."""

    wanted = Signal(str, str)
    scan_wanted = Signal()
    forgot = Signal(str)
    activate = Signal(str)
    other_server = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("登录政钉")
        self.login = Field("账号或手机号")
        self.password = Field("密码", secret=themes)
        self.go = button("登录", "primary", self._try)
        self.scan = button("扫码登录", "", self.scan_wanted.emit)
        self.demo = DemoAccounts()
        self.demo.picked.connect(self._fill)
        self.demo.hide()
        for field in (self.login, self.password):
            self.column.addWidget(field)
        enter_goes_on((self.login, self.password), self._try)
        links = QWidget()
        row = QHBoxLayout(links)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.forgot_link = button("忘记密码", "link", lambda: self.forgot.emit(self.login.value.strip()))
        self.activate_link = button(
            "激活新账号", "link", lambda: self.activate.emit(self.login.value.strip())
        )
        self.server_link = button("更换服务器", "link", self.other_server.emit)
        row.addWidget(self.forgot_link)
        row.addWidget(self.activate_link)
        row.addStretch(1)
        row.addWidget(self.server_link)
        self.finish(self.go, self.scan, links, self.demo)
        self._wait = Countdown(self.go, "登录（{} 秒后可重试）")

    def show_server(self, info: ServerInfo, url: str, *, bundled: bool) -> None:
        """Say where one signs in, and offer the demo accounts."""
        place = "本机内置服务" if bundled else url.split("://", 1)[-1]
        self.sentence.setText(f"{info.organisation}  ·  {place}" if info.organisation else place)
        self.sentence.setToolTip(url)
        self.sentence.show()
        self.demo.show_accounts(info.demo_accounts)

    def start(self) -> None:
        (self.password if self.login.value else self.login).edit.setFocus()

    def wait(self, seconds: float) -> None:
        """Too many attempts: the button counts the seconds down."""
        self._wait.begin(seconds)

    def _fill(self, account: DemoAccount) -> None:
        self.login.edit.setText(account.login)
        self.password.edit.setText(account.password)
        self.login.complain("")
        self.password.complain("")
        self.go.setFocus()

    def _try(self) -> None:
        if not self.go.isEnabled():
            return
        self.login.complain("" if self.login.value.strip() else "请输入账号或手机号。")
        self.password.complain("" if self.password.value else "请输入密码。")
        if self.login.value.strip() and self.password.value:
            self.notice.say(None)
            self.wanted.emit(self.login.value.strip(), self.password.value)


class PasscodePage(FormPage):
    """The local passcode, where the system has no keyring. Signals: `given(passcode)`, `forgotten()`, `back()`."""

    given = Signal(str)
    forgotten = Signal()
    back = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("本机口令")
        self.passcode = Field("本机口令", hint=f"至少 {MIN_PASSCODE} 位", secret=themes)
        self.again = Field("再输一次", secret=themes)
        self._new = False
        for field in (self.passcode, self.again):
            self.column.addWidget(field)
        enter_goes_on((self.passcode, self.again), self._try)
        self.go = button("继续", "primary", self._try)
        self._forgot = button("忘记口令，重新开始", "link", self.forgotten.emit)
        self.finish(self.go, self._forgot, button("返回", "link", self.back.emit))

    def leave(self) -> None:
        self.back.emit()

    def ask(self, *, new: bool, problem: str = "") -> None:
        """Ask for a new passcode or for the one that was chosen."""
        self._new = new
        self.title.setText("设置本机口令" if new else "输入本机口令")
        self.sentence.setText(
            "此电脑没有可用的系统钥匙串，聊天记录用您设置的口令加密保存。口令不会上传，请牢记。"
            if new
            else "此电脑上的聊天记录用口令加密保存。"
        )
        self.sentence.show()
        self.passcode.edit.setPlaceholderText(f"至少 {MIN_PASSCODE} 位" if new else "")
        self.again.setVisible(new)
        self._forgot.setVisible(not new)
        self.passcode.edit.clear()
        self.again.edit.clear()
        self.passcode.complain(problem)

    def start(self) -> None:
        self.passcode.edit.setFocus()

    def _try(self) -> None:
        if self._new and len(self.passcode.value) < MIN_PASSCODE:
            self.passcode.complain(f"口令至少 {MIN_PASSCODE} 位。")
        elif self._new and self.passcode.value != self.again.value:
            self.again.complain("两次输入的口令不一致。")
        elif not self.passcode.value:
            self.passcode.complain("请输入口令。")
        else:
            self.given.emit(self.passcode.value)


class CodePage(FormPage):
    """Activation, or a new password, with a code from a text message.

    Signals: `code_wanted(login)`, `set_wanted(login, code, password)`, `back()`.
    """

    code_wanted = Signal(str)
    set_wanted = Signal(str, str, str)
    back = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("找回密码")
        self.purpose = "reset"
        self.column.setSpacing(8)
        self.login = Field("账号或手机号")
        self.code = Field("短信验证码")
        self.send = button("获取验证码", "", self._send)
        # Beside a field and not below one: as tall as the field.
        self.send.setProperty("scale", "")
        self.password = Field("新密码", hint="至少 8 位，含字母和数字", secret=themes)
        self.again = Field("再输一次新密码", secret=themes)
        self.column.addWidget(self.login)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.code, 1, Qt.AlignmentFlag.AlignTop)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(text(" ", "secondary"))
        side.addWidget(self.send)
        side.addStretch(1)
        row.addLayout(side)
        self.column.addLayout(row)
        self.column.addWidget(self.password)
        self.column.addWidget(self.again)
        self.go = button("确定", "primary", self._try)
        self.finish(self.go, button("返回登录", "link", self.back.emit))
        self._resend = Countdown(self.send, "{} 秒后重发")
        # Without a code there is nothing to go on to: Enter asks for one.
        self.login.edit.returnPressed.connect(self._code_first)
        enter_goes_on((self.code, self.password, self.again), self._try)

    def leave(self) -> None:
        self.back.emit()

    def ask(self, purpose: str, login: str) -> None:
        """`purpose` is "activate" or "reset"."""
        self.purpose = purpose
        activating = purpose == "activate"
        self.title.setText("激活账号" if activating else "找回密码")
        self.sentence.setText(
            "首次使用时，用单位登记的手机号收取验证码，并设置密码。"
            if activating
            else "验证码发送到账号登记的手机号。收不到时请联系单位管理员。"
        )
        self.sentence.show()
        self.go.setText("激活" if activating else "重设密码")
        self.login.edit.setText(login)
        for field in (self.code, self.password, self.again):
            field.edit.clear()
            field.complain("")
        self.notice.say(None)

    def start(self) -> None:
        (self.code if self.login.value else self.login).edit.setFocus()

    def sent(self, resend_after: int) -> None:
        """A code is on its way; another may be asked for after so many seconds."""
        self.notice.say(Problem("如账号存在，验证码已发送，请查看手机短信。"), good=True)
        self._resend.begin(resend_after)
        self.code.edit.setFocus()

    def _code_first(self) -> None:
        if self.send.isEnabled() and not self.code.value.strip():
            self._send()
        else:
            self.code.edit.setFocus()

    def _send(self) -> None:
        if not self.login.value.strip():
            self.login.complain("请输入账号或手机号。")
            return
        self.code_wanted.emit(self.login.value.strip())

    def _try(self) -> None:
        login = self.login.value.strip()
        self.login.complain("" if login else "请输入账号或手机号。")
        bad_code = code_problem(self.code.value)
        self.code.complain(bad_code)
        bad_password = password_problem(self.password.value, self.again.value)
        self.password.complain(bad_password)
        if login and not bad_code and not bad_password:
            self.notice.say(None)
            self.set_wanted.emit(login, self.code.value.strip(), self.password.value)
