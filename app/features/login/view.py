"""The login window: a quiet brand panel and one form at a time; errors are said where they were met."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeySequence,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.session.states import SignInStep
from app.shell.appicon import AppMark
from app.shell.form import text
from app.shell.problems import Problem, describe
from app.shell.tasks import Tasks
from server_stub.contract.accounts import ServerInfo, SetupAdmin
from widgets.theme import ThemeManager

from .account_pages import CodePage, PasscodePage, SignInPage
from .parts import FormPage
from .scan_page import ScanPage
from .second_page import SecondPage
from .server_pages import ConnectPage, OrganisationPage, WelcomePage, WorkPage
from .service import LoginService, Outcome

SIZE = (920, 620)
FRAME = 40
"""What the window system puts around a window, at most, in height."""
SIDE = 320


class BrandPanel(QWidget):
    """The left side: name, and what the program promises."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.setFixedWidth(SIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(36, 40, 28, 32)
        column.setSpacing(10)
        column.addWidget(AppMark(themes.theme, 52))
        column.addSpacing(8)
        self._labels = [text("政钉", "display"), text("政务协同，密在其中", "title")]
        self._labels += [
            text(words, "secondary")
            for words in (
                "消息和文件端到端国密加密，服务器只保存密文。",
                "断网也能写，联网后自动送达，不丢不重。",
                "涉密不上网，上网不涉密。",
            )
        ]
        for place, label in enumerate(self._labels):
            if place == 2:
                column.addStretch(1)
            column.addWidget(label)
        themes.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        color = self._themes.theme.color("on_brand").name()
        for label in self._labels:
            label.setStyleSheet(f"color: {color}; background: transparent;")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        shade = QLinearGradient(0, 0, self.width(), self.height())
        shade.setColorAt(0, theme.color("brand_pressed").darker(150))
        shade.setColorAt(1, theme.color("brand_pressed"))
        painter.fillRect(self.rect(), shade)


class LoginWindow(QWidget):
    """Signals: `signed_in()` after the session was handed over; `closed()` when the user closed the window."""

    signed_in = Signal()
    closed = Signal()

    def __init__(self, service: LoginService, themes: ThemeManager) -> None:
        super().__init__()
        self._service = service
        self._done = False
        self._words = ""
        self._info: ServerInfo | None = None
        self._retry = self._to_bundled
        self.tasks = Tasks(self._failed)
        self.setWindowTitle("登录 · 政钉")
        self.setProperty("surface", "content")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        room = QGuiApplication.primaryScreen().availableGeometry()
        high = room.height() - FRAME
        self.setMinimumSize(min(SIDE + 400, room.width()), min(560, high))
        self.resize(min(SIZE[0], room.width()), min(SIZE[1], high))
        self.welcome = WelcomePage(themes)
        self.work = WorkPage()
        self.connect_page = ConnectPage()
        self.organisation = OrganisationPage(themes)
        self.sign_in = SignInPage(themes)
        self.passcode = PasscodePage(themes)
        self.code = CodePage(themes)
        self.second = SecondPage()
        self.scan = ScanPage(themes)
        self._scanning: asyncio.Task[Any] | None = None
        self.stack = QStackedWidget()
        for page in (
            self.welcome,
            self.work,
            self.connect_page,
            self.organisation,
            self.sign_in,
            self.passcode,
            self.code,
            self.second,
            self.scan,
        ):
            self.stack.addWidget(page)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(BrandPanel(themes))
        row.addWidget(self.stack, 1)
        self._wire()

    def _wire(self) -> None:
        QShortcut(QKeySequence("Esc"), self).activated.connect(self._leave_page)
        self.welcome.demo.connect(self._to_demo)
        self.welcome.organisation.connect(self._to_organisation)
        self.welcome.connect_wanted.connect(lambda: self._show(self.connect_page))
        self.work.again.connect(self._try_again)
        self.work.back.connect(lambda: self._show(self.welcome))
        self.connect_page.chosen.connect(lambda url: self._run(self._connect(url), "连接服务器"))
        self.connect_page.back.connect(
            lambda: self._show(self.welcome if self._info is None else self.sign_in)
        )
        self.organisation.made.connect(lambda admin: self._run(self._make_administrator(admin), "建立管理员"))
        self.organisation.back.connect(lambda: self._show(self.welcome))
        self.sign_in.wanted.connect(lambda login, word: self._run(self._sign_in(login, word), "登录"))
        self.sign_in.forgot.connect(lambda login: self._ask_code("reset", login))
        self.sign_in.activate.connect(lambda login: self._ask_code("activate", login))
        self.sign_in.other_server.connect(lambda: self._show(self.welcome))
        self.passcode.given.connect(lambda word: self._run(self._give_passcode(word), "打开本机数据"))
        self.passcode.forgotten.connect(lambda: self._run(self._start_over(), "重新开始"))
        self.passcode.back.connect(lambda: self._show(self.sign_in))
        self.code.code_wanted.connect(lambda login: self._run(self._request_code(login), "获取验证码"))
        self.code.set_wanted.connect(
            lambda login, code, word: self._run(self._set_password(login, code, word), "设置密码")
        )
        self.sign_in.scan_wanted.connect(self._to_scan)
        self.scan.again.connect(self._to_scan)
        self.scan.back.connect(self._leave_scan)
        self.second.given.connect(
            lambda login, word, code: self._run(self._sign_in(login, word, code), "登录")
        )
        self.second.resend.connect(lambda login, word: self._run(self._sign_in(login, word), "获取验证码"))
        self.second.back.connect(self._leave_second)
        self.code.back.connect(lambda: self._show(self.sign_in))

    # Where to begin.

    def begin_welcome(self) -> None:
        """First start of this profile: let the user choose."""
        self._show(self.welcome)

    def begin_bundled(self) -> None:
        """Start the bundled server and go to its login page."""
        self._to_bundled()

    def begin_connected(self, url: str) -> None:
        """Go to the login page of a server elsewhere."""
        self._retry = lambda: self.begin_connected(url)
        self.work.begin("连接服务器", url)
        self._show(self.work)
        self._run(self._connect(url), "连接服务器")

    def say(self, words: str) -> None:
        """A sentence for the login page as soon as it is shown, such as why the session ended."""
        self._words = words
        if self._page() is self.sign_in:
            self._say_words()

    def _say_words(self) -> None:
        if self._words:
            self.sign_in.notice.say(Problem(self._words))
            self._words = ""

    def begin_passcode(self, outcome: Outcome) -> None:
        """Opening a remembered account needs the passcode."""
        self._take(outcome)

    # Steps.

    def _to_bundled(self) -> None:
        self._retry = self._to_bundled
        self.work.begin("正在启动", "启动本机内置服务…")
        self._show(self.work)
        self._run(self._bundled(), "启动内置服务")

    async def _bundled(self) -> None:
        self._arrived(await self._service.connect_bundled())

    def _to_demo(self) -> None:
        self._retry = self._to_demo
        self.work.begin("正在准备演示组织", "首次准备需要几秒钟，请不要关闭窗口。")
        self._show(self.work)
        self._run(self._demo(), "准备演示组织")

    async def _demo(self) -> None:
        info = await self._service.connect_bundled()
        if info.needs_setup:
            info = await self._service.fill_demo(self.work.progress)
        self._arrived(info)

    def _to_organisation(self) -> None:
        self._retry = self._to_organisation
        self.work.begin("正在启动", "启动本机内置服务…")
        self._show(self.work)
        self._run(self._organisation(), "启动内置服务")

    async def _organisation(self) -> None:
        info = await self._service.connect_bundled()
        if info.needs_setup:
            self._show(self.organisation)
        else:
            self._arrived(info)
            self.sign_in.notice.say(Problem(f"内置服务已有组织“{info.organisation}”，请直接登录。"))

    async def _make_administrator(self, administrator: SetupAdmin) -> None:
        info = await self._service.make_administrator(administrator)
        self._arrived(info)
        await self._sign_in(administrator.login, administrator.password)

    async def _connect(self, url: str) -> None:
        self._arrived(await self._service.connect(url))

    def _arrived(self, info: ServerInfo) -> None:
        if info.needs_setup and self._service.bundled:
            self._show(self.welcome)
            return
        self._info = info
        self.sign_in.show_server(info, self._service.server_url, bundled=self._service.bundled)
        entries = self._service.entries()
        if entries and entries[0].login_complete and not self.sign_in.login.value:
            self.sign_in.login.edit.setText(entries[0].login_hint)
        if self._page() is self.passcode:
            return  # A remembered account is being opened; the server only happened to answer meanwhile.
        self._show(self.sign_in)
        self._say_words()

    async def _sign_in(self, login: str, password: str, code: str = "") -> None:
        outcome = await self._service.sign_in(login, password, code)
        if outcome.step is SignInStep.NEEDS_CODE:
            self.second.ask(login, password, outcome.text, outcome.retry_after)
            if self._page() is not self.second:
                self._show(self.second, keep=True)
            return
        self._take(outcome, login)

    def _to_scan(self) -> None:
        self.scan.stop()
        self._show(self.scan)
        self._scanning = self.tasks.start(self._scan(), "扫码登录")

    async def _scan(self) -> None:
        outcome = await self._service.scan(self.scan.show_scan)
        if outcome.step in (SignInStep.REFUSED, SignInStep.UNREACHABLE):
            self.scan.stop(outcome.text)
        else:
            self.scan.stop()
            self._take(outcome)

    def _leave_page(self) -> None:
        page = self.stack.currentWidget()
        if isinstance(page, FormPage) and page.isEnabled():
            page.leave()

    def _leave_scan(self) -> None:
        if self._scanning is not None:
            self._scanning.cancel()
        self.scan.stop()
        self._show(self.sign_in)

    def _leave_second(self) -> None:
        self.second.forget()
        self._show(self.sign_in)

    async def _give_passcode(self, passcode: str) -> None:
        self._take(await self._service.give_passcode(passcode))

    async def _start_over(self) -> None:
        self._take(await self._service.start_over())

    def _take(self, outcome: Outcome, login: str = "") -> None:
        problem = Problem(outcome.text or "没有登录成功，请重试。", outcome.detail)
        match outcome.step:
            case SignInStep.SIGNED_IN:
                self._done = True
                self.second.forget()
                self.signed_in.emit()
            case SignInStep.NEEDS_PASSCODE | SignInStep.NEEDS_NEW_PASSCODE:
                self.passcode.ask(
                    new=outcome.step is SignInStep.NEEDS_NEW_PASSCODE,
                    problem=outcome.text if self._page() is self.passcode else "",
                )
                self._show(self.passcode)
            case SignInStep.NEEDS_ACTIVATION:
                self._ask_code("activate", login)
                self.code.notice.say(Problem("此账号还没有激活，请先用短信验证码设置密码。"))
            case _:
                if self._page() not in (self.sign_in, self.passcode, self.second):
                    self._show(self.sign_in)
                page = self._page()
                if isinstance(page, FormPage):
                    page.notice.say(problem)
                if outcome.retry_after > 0:
                    self.sign_in.wait(outcome.retry_after)
                self.sign_in.password.edit.selectAll()

    def _ask_code(self, purpose: str, login: str) -> None:
        self.code.ask(purpose, login)
        self._show(self.code)

    async def _request_code(self, login: str) -> None:
        self.code.sent(await self._service.request_code(login, self.code.purpose))

    async def _set_password(self, login: str, code: str, password: str) -> None:
        await self._service.set_password(login, self.code.purpose, code, password)
        self.sign_in.login.edit.setText(login)
        self.sign_in.password.edit.clear()
        done = "账号已激活" if self.code.purpose == "activate" else "密码已重设"
        self._show(self.sign_in)
        self.sign_in.notice.say(Problem(f"{done}，请用新密码登录。"), good=True)

    # The machinery.

    def _page(self) -> QWidget:
        return self.stack.currentWidget()

    def _show(self, page: FormPage, *, keep: bool = False) -> None:
        page.setEnabled(True)
        if page is not self.work and not keep:
            page.notice.say(None)
        self.stack.setCurrentWidget(page)
        page.start()

    def _try_again(self) -> None:
        self._retry()

    def _run(self, work: Coroutine[Any, Any, None], doing: str) -> None:
        page = self._page()
        if page is not self.work:
            page.setEnabled(False)
        task = self.tasks.start(work, doing)
        if task is not None:
            task.add_done_callback(lambda _done: self._enable(page))

    def _enable(self, page: QWidget) -> None:
        if self._done:
            return
        page.setEnabled(True)
        if page is self._page() and isinstance(page, FormPage):
            page.start()

    def _failed(self, error: BaseException, doing: str) -> None:
        page = self._page()
        problem = describe(error, doing)
        if page is self.work:
            self.work.fail(problem)
        elif page is self.scan:
            self.scan.stop(problem.text)
        elif isinstance(page, FormPage):
            page.setEnabled(True)
            page.notice.say(problem)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        if self._scanning is not None:
            self._scanning.cancel()
        if not self._done:
            self.closed.emit()
