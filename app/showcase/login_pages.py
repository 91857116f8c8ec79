"""The login window in all its states."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.login.service import Outcome
from app.features.login.view import LoginWindow
from app.session.states import NetworkError, SignInStep
from server_stub.contract.accounts import Progress
from widgets.theme import ThemeManager

from .login_service import ShowcaseLogin


def _window(themes: ThemeManager, service: ShowcaseLogin | None = None) -> LoginWindow:
    window = LoginWindow(service or ShowcaseLogin(), themes)
    window.show()
    return window


async def welcome(themes: ThemeManager, _data: Path) -> QWidget:
    window = _window(themes, ShowcaseLogin(needs_setup=True))
    window.begin_welcome()
    return window


async def preparing(themes: ThemeManager, _data: Path) -> QWidget:
    window = _window(themes)
    window.work.begin("正在准备演示组织", "首次准备需要几秒钟，请不要关闭窗口。")
    window.stack.setCurrentWidget(window.work)
    window.work.progress(Progress(done=720, total=1200, stage="创建人员和群聊"))
    return window


async def unreachable(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseLogin()
    service.error = NetworkError(detail="ConnectError")
    window = _window(themes, service)
    window.begin_connected("https://zd.example.gov.cn")
    await window.tasks.settle()
    return window


async def connect(themes: ThemeManager, _data: Path) -> QWidget:
    window = _window(themes)
    window.welcome.connect_wanted.emit()
    window.connect_page.address.edit.setText("ftp://zd")
    window.connect_page.go.click()
    return window


async def organisation(themes: ThemeManager, _data: Path) -> QWidget:
    window = _window(themes, ShowcaseLogin(needs_setup=True))
    window.welcome.organisation.emit()
    await window.tasks.settle()
    window.organisation.go.click()
    return window


async def sign_in(themes: ThemeManager, _data: Path) -> QWidget:
    window = _window(themes)
    window.begin_bundled()
    await window.tasks.settle()
    return window


async def refused(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseLogin()
    service.outcomes = [
        Outcome(SignInStep.REFUSED, "操作过于频繁，请 30 秒后再试。", "throttled  account", retry_after=30)
    ]
    window = _window(themes, service)
    window.begin_bundled()
    await window.tasks.settle()
    window.sign_in.demo.buttons[0].click()
    window.sign_in.go.click()
    await window.tasks.settle()
    return window


async def passcode(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseLogin()
    service.outcomes = [Outcome(SignInStep.NEEDS_NEW_PASSCODE)]
    window = _window(themes, service)
    window.begin_bundled()
    await window.tasks.settle()
    window.sign_in.demo.buttons[0].click()
    window.sign_in.go.click()
    await window.tasks.settle()
    return window


async def forgotten(themes: ThemeManager, _data: Path) -> QWidget:
    window = _window(themes)
    window.begin_bundled()
    await window.tasks.settle()
    window.sign_in.login.edit.setText("13803710001")
    window.sign_in.forgot_link.click()
    window.code.send.click()
    await window.tasks.settle()
    return window


class _Waiting(ShowcaseLogin):
    """Nobody scans the code."""

    async def scan(self, show: Callable[[str, str], None]) -> Outcome:
        show("http://127.0.0.1:9/m/login#0197f0a0-0000-7000-8000-000000000001", "4271")
        return await asyncio.get_running_loop().create_future()


async def scan(themes: ThemeManager, _data: Path) -> QWidget:
    window = _window(themes, _Waiting())
    window.begin_bundled()
    await window.tasks.settle()
    window.sign_in.scan.click()
    await asyncio.sleep(0)
    return window


async def scan_over(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseLogin()
    service.outcomes = [Outcome(SignInStep.REFUSED, "二维码已过期，请重新生成。")]
    window = _window(themes, service)
    window.begin_bundled()
    await window.tasks.settle()
    window.sign_in.scan.click()
    await window.tasks.settle()
    return window


async def second(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseLogin()
    service.outcomes = [
        Outcome(SignInStep.NEEDS_CODE, "验证码已发送到 138****0001，5 分钟内有效。", retry_after=59)
    ]
    window = _window(themes, service)
    window.begin_bundled()
    await window.tasks.settle()
    window.sign_in.demo.buttons[0].click()
    window.sign_in.go.click()
    await window.tasks.settle()
    window.second.code.edit.setText("4271")
    window.second.go.click()
    return window


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "login-welcome": welcome,
    "login-preparing": preparing,
    "login-unreachable": unreachable,
    "login-connect": connect,
    "login-organisation": organisation,
    "login-sign-in": sign_in,
    "login-refused": refused,
    "login-passcode": passcode,
    "login-forgotten": forgotten,
    "login-scan": scan,
    "login-scan-over": scan_over,
    "login-second": second,
}
