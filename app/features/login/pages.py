"""The pages of the login window: welcome, connect, first administrator, sign in, passcode, password by code."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.shell.form import Field, button, text
from app.shell.passwords import password_problem
from app.shell.problems import Problem
from server_stub.contract.accounts import DemoAccount, Progress, ServerInfo, SetupAdmin
from widgets.theme import ThemeManager

from .parts import FORM_WIDTH, FormPage
from .rules import MIN_PASSCODE, code_problem, normal_url


class Choice(QPushButton):
    """A large button with a title and a sentence."""

    def __init__(self, title: str, sentence: str, themes: ThemeManager, *, primary: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(2)
        head = text(title, "body", "brand" if primary else "strong")
        below = text(sentence, "caption")
        for label in (head, below):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, arg__1: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(arg__1) if layout is not None else 0

    def sizeHint(self) -> QSize:
        return QSize(FORM_WIDTH, self.heightForWidth(FORM_WIDTH))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, arg__1: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        painter.setBrush(theme.color("hover" if self.underMouse() or self.isDown() else "content"))
        painter.setPen(QPen(theme.color("focus" if focus else "line_strong"), 2 if focus else 1))
        edge = 1.0 if focus else 0.5
        area = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(area, theme.radius.card, theme.radius.card)


class WelcomePage(FormPage):
    """First start. Signals: `demo()`, `organisation()`, `connect_wanted()`."""

    demo = Signal()
    organisation = Signal()
    connect_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("欢迎使用政钉", "请选择如何开始，以后可以在设置中更改。")
        first = Choice(
            "体验演示组织",
            "一座示例城市：约 1200 人、群聊、历史消息和文件，附可试用的账号",
            themes,
            primary=True,
        )
        second = Choice("导入本单位", "先建立管理员，再从 Excel 或 CSV 导入组织和人员", themes)
        third = Choice("连接服务器", "单位已有政钉服务，输入地址后登录", themes)
        first.clicked.connect(self.demo)
        second.clicked.connect(self.organisation)
        third.clicked.connect(self.connect_wanted)
        self.choices = (first, second, third)
        for choice in self.choices:
            self.column.addWidget(choice)
        self.finish()

    def start(self) -> None:
        self.choices[0].setFocus()


class WorkPage(FormPage):
    """Something takes a while: starting the server, filling in the demo. Signals: `again()`, `back()`."""

    again = Signal()
    back = Signal()

    def __init__(self) -> None:
        super().__init__("请稍候")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.column.addWidget(self.bar)
        self.stage = text("", "caption")
        self.column.addWidget(self.stage)
        self._retry = button("重试", "primary", self.again.emit)
        self._back = button("返回", "link", self.back.emit)
        self.finish(self._retry, self._back)

    def leave(self) -> None:
        if self._back.isVisible():
            self.back.emit()

    def begin(self, title: str, sentence: str) -> None:
        """Show what is being done."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.show()
        self.notice.say(None)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stage.setText("")
        self._retry.hide()
        self._back.hide()

    def progress(self, progress: Progress) -> None:
        """Show how far it is."""
        if progress.total > 0:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
        percent = f"{100 * progress.done // progress.total} %" if progress.total else ""
        self.stage.setText("  ".join(part for part in (progress.stage, percent) if part))

    def fail(self, problem: Problem) -> None:
        """Say what went wrong and offer to try again."""
        self.bar.hide()
        self.notice.say(problem)
        self._retry.show()
        self._back.show()
        self._retry.setFocus()


class ConnectPage(FormPage):
    """The address of a server. Signals: `chosen(url)`, `back()`."""

    chosen = Signal(str)
    back = Signal()

    def __init__(self) -> None:
        super().__init__("连接服务器", "向单位管理员询问政钉服务的地址。")
        self.address = Field("服务器地址", hint="例如 https://zd.example.gov.cn")
        self.column.addWidget(self.address)
        self.go = button("连接", "primary", self._try)
        self.address.edit.returnPressed.connect(self._try)
        self.finish(self.go, button("返回", "link", self.back.emit))

    def leave(self) -> None:
        self.back.emit()

    def start(self) -> None:
        self.address.edit.setFocus()

    def _try(self) -> None:
        try:
            url = normal_url(self.address.value)
        except ValueError as error:
            self.address.complain(str(error))
            return
        self.notice.say(None)
        self.chosen.emit(url)


class OrganisationPage(FormPage):
    """The first administrator of an empty server. Signals: `made(SetupAdmin)`, `back()`."""

    made = Signal(object)
    back = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("建立管理员", "建立后直接进入导入页，从表格导入组织和人员。")
        self.column.setSpacing(8)
        self.organisation = Field("单位名称", hint="例如 郑州市")
        self.name = Field("管理员姓名")
        self.login = Field("登录账号", hint="小写字母和数字")
        self.phone = Field("手机号")
        self.password = Field("密码", hint="至少 8 位，含字母和数字", secret=themes)
        self.again = Field("再输一次密码", secret=themes)
        self.fields = (self.organisation, self.name, self.login, self.phone, self.password, self.again)
        pairs = ((self.name, self.login), (self.password, self.again))
        self.column.addWidget(self.organisation)
        for number, pair in enumerate(pairs):
            row = QHBoxLayout()
            row.setSpacing(12)
            for field in pair:
                row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
            self.column.addLayout(row)
            if number == 0:
                self.column.addWidget(self.phone)
        self.go = button("建立并登录", "primary", self._try)
        self.finish(self.go, button("返回", "link", self.back.emit))

    def leave(self) -> None:
        self.back.emit()

    def start(self) -> None:
        self.organisation.edit.setFocus()

    def _try(self) -> None:
        good = True
        for field in self.fields[:4]:
            if not field.value.strip():
                field.complain("请填写。")
                good = False
        problem = password_problem(self.password.value, self.again.value)
        self.password.complain(problem)
        if good and not problem:
            self.made.emit(
                SetupAdmin(
                    organisation=self.organisation.value.strip(),
                    login=self.login.value.strip(),
                    name=self.name.value.strip(),
                    phone=self.phone.value.strip(),
                    password=self.password.value,
                )
            )


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
            fill = QPushButton("填写")
            fill.setProperty("scale", "small")
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
            field.edit.returnPressed.connect(self._try)
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
        self._wait = QTimer(self)
        self._wait.setInterval(1000)
        self._wait.timeout.connect(self._tick)
        self._left = 0

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
        self._left = int(seconds) + 1
        self._wait.start()
        self._tick()

    def _tick(self) -> None:
        self._left -= 1
        self.go.setEnabled(self._left <= 0)
        self.go.setText("登录" if self._left <= 0 else f"登录（{self._left} 秒后可重试）")
        if self._left <= 0:
            self._wait.stop()

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
            field.edit.returnPressed.connect(self._try)
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
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self._left = 0

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
        self._left = max(1, resend_after) + 1
        self._timer.start()
        self._tick()
        self.code.edit.setFocus()

    def _tick(self) -> None:
        self._left -= 1
        self.send.setEnabled(self._left <= 0)
        self.send.setText("获取验证码" if self._left <= 0 else f"{self._left} 秒后重发")
        if self._left <= 0:
            self._timer.stop()

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
