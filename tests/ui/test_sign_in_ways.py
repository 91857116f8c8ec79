"""The login window over the whole server: the second factor (E006)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.duo import QUICK, MemoryPort
from bed.office import PASSWORD, Office, running_office
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.features.login.session_service import AccountsLogin
from app.features.login.view import LoginWindow
from app.session.accounts import Accounts
from app.session.session import Session
from app.store.folders import Home
from widgets.theme import ThemeManager


class Elsewhere:
    """A server that runs already."""

    bundled = False

    def __init__(self, url: str) -> None:
        self.url = url

    async def start_bundled(self) -> str:
        raise AssertionError

    async def use(self, url: str) -> None:
        self.url = url

    async def fill_demo(self, on_progress) -> None:
        raise AssertionError

    async def make_administrator(self, administrator) -> None:
        raise AssertionError


class Desk:
    """A login window, and the sessions that came of it."""

    def __init__(self, folder: Path, url: str, keyring: MemoryPort) -> None:
        self.sessions: list[Session] = []
        self.accounts = Accounts(Home(folder).profile("desk"), keyring, cost=QUICK, heartbeat=1.0)
        self.service = AccountsLogin(self.accounts, Elsewhere(url), self._got)
        self.window = LoginWindow(self.service, ThemeManager(animations=False))

    async def _got(self, session: Session) -> None:
        self.sessions.append(session)

    async def at_sign_in(self) -> None:
        self.window.show()
        self.window.begin_connected(self.service.server_url)
        await self.window.tasks.settle()
        assert self.window.stack.currentWidget() is self.window.sign_in

    async def type_in(self, login: str) -> None:
        self.window.sign_in.login.edit.clear()
        QTest.keyClicks(self.window.sign_in.login.edit, login)
        QTest.keyClicks(self.window.sign_in.password.edit, PASSWORD)
        QTest.keyClick(self.window.sign_in.password.edit, Qt.Key.Key_Return)
        await self.window.tasks.settle()

    async def close(self) -> None:
        for session in self.sessions:
            await session.close()
        await self.accounts.close()
        await self.window.tasks.close()
        self.window.close()


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path / "server") as running:
        yield running


@pytest.mark.clause("E006")
async def test_the_window_asks_for_six_digits_once(qtbot, tmp_path: Path, office: Office) -> None:
    admin = await office.sign_in("admin")
    wanted = {"second_factor": "everyone", "trust_days": 30}
    assert (await admin.http.put("/admin/login-policy", json=wanted)).status_code == 204
    keyring = MemoryPort()
    desk = Desk(tmp_path / "home", office.url, keyring)
    qtbot.addWidget(desk.window)
    await desk.at_sign_in()
    await desk.type_in("fengxue")
    page = desk.window.second
    assert desk.window.stack.currentWidget() is page
    assert "0002" in page.notice.words
    assert not page.again.isEnabled()
    assert "秒后" in page.again.text()
    QTest.keyClicks(page.code.edit, "12")
    QTest.keyClick(page.code.edit, Qt.Key.Key_Return)
    assert page.code.edit.accessibleDescription() == "请输入短信中的 6 位数字。"
    code = await office.code_sent_to("12000000002")
    page.code.edit.clear()
    QTest.keyClicks(page.code.edit, "000000" if code != "000000" else "111111")
    QTest.keyClick(page.code.edit, Qt.Key.Key_Return)
    await desk.window.tasks.settle()
    assert desk.window.stack.currentWidget() is page
    assert "验证码不正确" in page.notice.words
    page.code.edit.clear()
    QTest.keyClicks(page.code.edit, code)
    QTest.keyClick(page.code.edit, Qt.Key.Key_Return)
    await desk.window.tasks.settle()
    assert [session.me.name for session in desk.sessions] == ["冯雪"]
    await desk.close()
