"""The login window over the whole server: the second factor (E006), a phone's scan (E005)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from bed.duo import QUICK, MemoryPort
from bed.office import PASSWORD, Office, running_office
from bed.phone import chromium, phone_browser
from bed.waits import until
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.features.login.scan_page import ScanPage
from app.features.login.session_service import AccountsLogin
from app.features.login.view import LoginWindow
from app.session.accounts import Accounts
from app.session.session import Session
from app.session.states import SignInStep
from app.store.folders import Home
from app.store.keyring_port import KeyringUnavailable
from app.store.slots import SlotKind
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


@pytest.mark.clause("E006", "3.2.3.4.1")
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


@pytest.mark.clause("E005")
@pytest.mark.skipif(not chromium(), reason="chromium is not installed")
async def test_a_phone_scans_the_code_and_signs_the_computer_in(
    qtbot, tmp_path: Path, office: Office
) -> None:
    desk = Desk(tmp_path / "home", office.url, MemoryPort())
    qtbot.addWidget(desk.window)
    await desk.at_sign_in()
    page = desk.window.scan
    async with phone_browser(office.url) as phone:
        QTest.mouseClick(desk.window.sign_in.scan, Qt.MouseButton.LeftButton)
        await until(lambda: page.url != "")
        assert desk.window.stack.currentWidget() is page
        first = read_qr(page)
        assert first == page.url
        # Refused first: the window says so and offers another code.
        await phone.sign_in("fengxue", PASSWORD, first.removeprefix(office.url))
        await phone.page.get_by_text(page.code.text().split()[-1], exact=True).wait_for()
        await phone.page.get_by_text("网络地址 127.0.0.1").wait_for()
        await phone.page.get_by_role("button", name="不是我，拒绝").click()
        await until(lambda: "拒绝" in page.notice.words)
        QTest.mouseClick(page.renew, Qt.MouseButton.LeftButton)
        await until(lambda: page.url not in ("", first))
        await phone.open("/m")
        await phone.open(page.url.removeprefix(office.url))
        await phone.page.get_by_role("button", name="登录这台电脑").click()
        await phone.page.get_by_role("status").filter(has_text="已确认").wait_for()
        await until(lambda: bool(desk.sessions))
    assert desk.sessions[0].me.name == "冯雪"
    # No password was typed: no slot was made from one, the account opens by the keyring.
    entry = desk.accounts.entries()[0]
    assert entry.login_hint == "fengxue"
    assert await desk.accounts.keys.ways(entry.key) == {SlotKind.KEYRING}
    await desk.close()


class NoKeyring(MemoryPort):
    """A computer without a keyring."""

    async def get(self, name: str) -> str | None:
        raise KeyringUnavailable

    async def put(self, name: str, secret: str) -> None:
        raise KeyringUnavailable


@pytest.mark.clause("E005")
async def test_without_a_keyring_a_scan_leads_to_a_passcode_of_ones_own(
    qtbot, tmp_path: Path, office: Office
) -> None:
    desk = Desk(tmp_path / "home", office.url, NoKeyring())
    qtbot.addWidget(desk.window)
    await desk.at_sign_in()
    phone = office.client()
    phone.headers["X-ZD-Phone"] = "1"
    signed = await phone.post("/phone/sign-in", json={"login": "fengxue", "password": PASSWORD})
    assert signed.status_code == 204
    QTest.mouseClick(desk.window.sign_in.scan, Qt.MouseButton.LeftButton)
    await until(lambda: desk.window.scan.url != "")
    scan_id = desk.window.scan.url.rsplit("#", 1)[1]
    assert (await phone.post(f"/phone/logins/{scan_id}/confirm")).status_code == 204
    page = desk.window.passcode
    await until(lambda: desk.window.stack.currentWidget() is page)
    # No password was typed that could open the store: the user chooses a passcode, twice.
    assert page.title.text() == "设置本机口令"
    assert page.again.isVisible()
    assert not desk.sessions
    QTest.keyClicks(page.passcode.edit, "246810")
    QTest.keyClicks(page.again.edit, "246811")
    QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    assert "不一致" in page.again.edit.accessibleDescription()
    page.again.edit.clear()
    QTest.keyClicks(page.again.edit, "246810")
    QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    await until(lambda: bool(desk.sessions))
    assert desk.sessions[0].me.name == "冯雪"
    entry = desk.accounts.entries()[0]
    assert await desk.accounts.keys.ways(entry.key) == {SlotKind.PASSCODE}
    await desk.window.tasks.settle()
    # The next start asks for it.
    await desk.sessions.pop().close()
    again = await desk.accounts.resume(entry.key)
    assert again.step is SignInStep.NEEDS_PASSCODE
    assert (await desk.accounts.give_passcode("246811")).step is SignInStep.NEEDS_PASSCODE
    opened = await desk.accounts.give_passcode("246810")
    assert opened.step is SignInStep.SIGNED_IN
    assert opened.session is not None
    desk.sessions.append(opened.session)
    await desk.close()


def read_qr(page: ScanPage) -> str:
    """What a camera reads from the picture on the page."""
    image = page.picture.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    dots = cv2.resize(rows[:, : image.width()], None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    return cv2.QRCodeDetector().detectAndDecode(dots)[0]
