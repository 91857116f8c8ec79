"""The lock in the client: every trigger covers at once, unlocking is checked, throttled and cancelled as the policy says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.features.lock.controller import LockController
from app.features.lock.kept import LockFile
from app.features.lock.platform import Sources
from app.features.lock.service import Owner
from app.shell.tasks import Tasks
from lock.hotkey.source import FakeHotkey
from lock.page.appearance import LockAppearance
from lock.policy.model import Trigger, UnlockMethod
from lock.sources.desktop import DesktopEvent, FakeDesktop
from lock.sources.idle import FakeIdle
from server_stub.contract.sm.algorithms import Algorithms
from widgets.theme import ThemeManager

PASSCODE = "654321"


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic_s(self) -> float:
        return self.seconds

    def wall_ms(self) -> int:
        return 1_790_000_000_000 + int(self.seconds * 1000)


class Host:
    """The client around the lock, in memory: a session that is open or not, and a passcode."""

    def __init__(self) -> None:
        self.open = True
        self.drafts = 0
        self.shown = 0
        self.left = False
        self.told: list[tuple[str, str]] = []
        self.opened = 0
        self.checking = asyncio.Event()
        self.checking.set()

    async def keep_drafts(self) -> None:
        self.drafts += 1
        raise OSError("the disk is full")

    async def close_session(self) -> frozenset[UnlockMethod]:
        self.open = False
        return frozenset({UnlockMethod.PASSCODE, UnlockMethod.PASSWORD})

    async def reopen(self, method: UnlockMethod, secret: str) -> str:
        assert not self.open
        await self.checking.wait()
        if (method, secret) != (UnlockMethod.PASSCODE, PASSCODE):
            return "密码不正确，请重试。"
        self.open = True
        self.opened += 1
        return ""

    async def show_again(self) -> None:
        self.shown += 1

    async def sign_out(self) -> None:
        self.left = True

    def tell(self, title: str, text: str) -> None:
        self.told.append((title, text))


@pytest.fixture(scope="module")
def digest():
    return Algorithms.best().sm3


class Desk:
    """A client with a main window and a dialog in front of it."""

    def __init__(self, qtbot, folder: Path, digest, **settings) -> None:
        self.host, self.clock = Host(), Clock()
        self.idle, self.desktop, self.hotkey = FakeIdle(), FakeDesktop(), FakeHotkey()
        LockFile(folder).change_settings(**settings)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.tasks = Tasks(lambda error, doing: None)
        self.lock = LockController(
            app,
            ThemeManager(animations=False),
            Owner("p1", "d1", "李强", "中原区政府办", folder),
            self.host,
            digest,
            self.tasks,
            clock=self.clock,
        )
        self.window = QWidget()
        self.window.setWindowTitle("与赵敏的会话")
        self.dialog = QDialog(self.window)
        for one in (self.window, self.dialog):
            qtbot.addWidget(one)
            one.show()
            qtbot.waitExposed(one)

    @property
    def visible(self) -> list[QWidget]:
        return [one for one in QApplication.topLevelWidgets() if one.isVisible()]

    async def type(self, text: str) -> None:
        page = self.lock.page
        assert page is not None
        page.field.edit.setText(text)
        QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
        await self.tasks.settle()


@pytest.fixture
async def desk(qtbot, tmp_path, digest):
    made: list[Desk] = []

    async def make(**settings) -> Desk:
        one = Desk(qtbot, tmp_path, digest, **settings)
        made.append(one)
        one.lock.begin()
        await one.lock.attach(Sources(one.idle, [one.desktop], one.hotkey))
        return one

    yield make
    for one in made:
        await one.lock.close()
        await one.tasks.close()


@pytest.mark.clause("3.2.3.1.2", "3.2.3.1.6")
async def test_the_hotkey_covers_every_window_and_closes_the_session(desk):
    one = await desk()
    QGuiApplication.clipboard().setText("机密")
    one.hotkey.press()
    assert one.visible == [one.lock.page]
    assert one.lock.cover_s < 1
    assert QGuiApplication.clipboard().text() == ""
    await one.lock._shutting
    assert one.host.drafts == 1
    assert not one.host.open, "a draft that could not be written must not keep the store open"
    await one.type(PASSCODE)
    assert not one.lock.is_locked
    assert one.host.shown == 1
    assert [(e.action, e.result, e.trigger, e.method) for e in one.lock.entries()] == [
        ("lock", "done", "hotkey", ""),
        ("unlock", "done", "hotkey", "passcode"),
    ]


@pytest.mark.clause("3.2.3.1.5")
@pytest.mark.parametrize(
    ("event", "trigger"),
    [
        (DesktopEvent.LOCKED, "desktop"),
        (DesktopEvent.SUSPENDING, "suspend"),
        (DesktopEvent.LID_CLOSED, "lid"),
    ],
)
async def test_the_desktops_lock_sleep_and_lid_lock(desk, event, trigger):
    one = await desk()
    one.desktop.tell(event)
    assert one.visible == [one.lock.page]
    assert one.lock.entries()[-1].trigger == trigger


@pytest.mark.clause("3.2.3.1.1", "3.2.3.1.7")
async def test_idle_time_locks_and_says_so(desk):
    one = await desk(idle_s=60)
    one.idle.value = 59
    one.clock.seconds += 59
    await one.lock._ask_idle()
    one.lock._tick()
    assert not one.lock.is_locked
    one.idle.value = 60
    one.clock.seconds += 1
    await one.lock._ask_idle()
    one.lock._tick()
    assert one.lock.is_locked
    assert one.host.told == [("政钉已锁定", "政钉已自动锁定，如需继续使用请手动解锁；离开座位请主动锁定")]
    await one.tasks.settle()


@pytest.mark.clause("3.2.3.1.3")
async def test_a_meeting_pauses_idle_locking_but_not_the_hotkey(desk):
    one = await desk(idle_s=60)
    one.lock.meeting_started()
    one.clock.seconds += 600
    one.lock._tick()
    assert not one.lock.is_locked
    one.hotkey.press()
    assert one.lock.is_locked
    await one.tasks.settle()


async def test_wrong_secrets_are_throttled_and_a_restart_does_not_help(desk, tmp_path):
    one = await desk()
    one.lock.lock(Trigger.TRAY)
    for _ in range(3):
        await one.type("111111")
    assert one.lock.is_locked
    page = one.lock.page
    assert "请在 5 秒后重试" in page._problem.text()
    assert not page.field.isEnabled()
    await one.lock.close()
    again = await desk()
    assert again.lock.is_locked, "the client ended while locked: it begins locked"
    assert "后重试" in again.lock.page._problem.text()
    again.clock.seconds += 10
    assert LockFile(tmp_path).kept.throttle.failures == 3


async def test_a_lock_during_the_check_cancels_the_unlock(desk):
    one = await desk()
    one.lock.lock(Trigger.BUTTON)
    await one.lock._shutting
    one.host.checking.clear()
    page = one.lock.page
    page.field.edit.setText(PASSCODE)
    QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
    await asyncio.sleep(0)
    one.desktop.tell(DesktopEvent.LOCKED)
    one.host.checking.set()
    await one.tasks.settle()
    await one.lock._shutting
    assert one.lock.is_locked
    assert not one.host.open
    assert one.host.shown == 0
    assert one.visible == [page]


async def test_a_forced_lock_opens_only_by_phone(desk):
    one = await desk()
    one.lock.lock(Trigger.FORCED)
    await one.type(PASSCODE)
    assert one.lock.is_locked
    assert "只能用手机扫码" in one.lock.page._problem.text()
    assert one.host.opened == 0


@pytest.mark.clause("3.2.3.5.2")
async def test_the_notice_changes_while_locked_and_the_page_tells_only_numbers(desk):
    one = await desk()
    one.lock.lock(Trigger.TRAY)
    one.lock.show_appearance(LockAppearance("通知", "今晚机房检修", ("21 时起停机两小时。",)))
    one.lock.show_arrived(5)
    page = one.lock.page
    assert page._heading.text() == "今晚机房检修"
    assert "新消息 5 条" in page._status.text()


async def test_a_taken_hotkey_is_said_and_the_old_one_stays(desk):
    one = await desk()
    one.hotkey.taken.add("Ctrl+Alt+K")
    assert "已被其他程序占用" in await one.lock.change_hotkey("Ctrl+Alt+K")
    assert one.lock.hotkey == "Ctrl+Alt+L"
    assert "需要包含" in await one.lock.change_hotkey("K")
    assert await one.lock.change_hotkey("ctrl+alt+j") == ""
    assert one.lock.hotkey == "Ctrl+Alt+J"
    assert str(one.hotkey.combination) == "Ctrl+Alt+J"


async def test_leaving_goes_through_the_host_once_the_store_is_closed(desk):
    one = await desk()
    one.lock.lock(Trigger.TRAY)
    one.lock.page.leave.click()
    await one.tasks.settle()
    assert one.host.left
    assert not one.host.open
