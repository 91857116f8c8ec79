"""The lock in the client: every trigger covers at once, unlocking is checked, throttled and cancelled as the policy says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bed.waits import until
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
from lock.sources.system_auth import FakeSystemAuth
from server_stub.contract.lock import LockCommand, LockPolicy
from server_stub.contract.sm.algorithms import Algorithms
from widgets.theme import ThemeManager

PASSCODE = "654321"
PHONE_SECRET = "ab" * 16


class Ask:
    """A request to be opened by phone that the test answers."""

    url = "http://127.0.0.1:1/m/unlock#1"
    code = "12345678"

    def __init__(self) -> None:
        self.state = "waiting"
        self.asked = 0
        self.closed = False

    async def outcome(self) -> tuple[str, str]:
        self.asked += 1
        return self.state, PHONE_SECRET if self.state == "confirmed" else ""

    def is_over(self) -> bool:
        return False

    async def close(self) -> None:
        self.closed = True


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
        self.forced: list[bool] = []
        self.ways = frozenset({UnlockMethod.PASSCODE, UnlockMethod.PASSWORD})
        self.asks: list[Ask] = []

    async def keep_drafts(self) -> None:
        self.drafts += 1
        raise OSError("the disk is full")

    async def close_session(self, *, forced: bool) -> frozenset[UnlockMethod]:
        self.open = False
        self.forced.append(forced)
        return self.ways

    async def reopen(self, method: UnlockMethod, secret: str) -> str:
        assert not self.open
        await self.checking.wait()
        known = {
            (UnlockMethod.PASSCODE, PASSCODE),
            (UnlockMethod.PHONE, PHONE_SECRET),
            (UnlockMethod.SYSTEM, ""),
        }
        if (method, secret) not in known:
            return "密码不正确，请重试。"
        self.open = True
        self.opened += 1
        return ""

    async def ask_phone(self) -> Ask:
        self.asks.append(Ask())
        return self.asks[-1]

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
        self.host_folder = folder
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


def shown(one: Desk, method: UnlockMethod) -> bool:
    return not one.lock.page.links[method].isHidden() and one.lock.page.links[method].isEnabled()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("app.features.lock.unlocking.SCAN_EVERY_S", 0.01)


@pytest.mark.clause("3.2.3.1.4")
async def test_the_phone_opens_by_scan_and_a_refusal_keeps_it_shut(desk, qtbot, quick):
    one = await desk()
    one.host.ways |= {UnlockMethod.PHONE}
    one.lock.lock(Trigger.BUTTON)
    await one.lock._shutting
    page = one.lock.page
    assert shown(one, UnlockMethod.PHONE)
    page.links[UnlockMethod.PHONE].click()
    await until(lambda: one.host.asks and one.host.asks[0].asked > 2)
    assert page.scan.code.text() == "1234 5678"
    assert page.scan.isVisible()
    assert not page.field.isVisible()
    one.host.asks[0].state = "rejected"
    await until(lambda: "不解锁" in page.scan.words.text())
    assert one.lock.is_locked
    assert one.host.asks[0].closed
    page.scan.again.click()
    await until(lambda: len(one.host.asks) == 2)
    one.host.asks[1].state = "confirmed"
    await until(lambda: not one.lock.is_locked)
    last = one.lock.entries()[-1]
    assert (last.action, last.result, last.method) == ("unlock", "done", "phone")
    assert [line.result for line in one.lock.entries() if line.method == "phone"] == ["failed", "done"]


async def test_a_later_lock_ends_a_scan_that_is_under_way(desk, quick):
    one = await desk()
    one.host.ways |= {UnlockMethod.PHONE}
    one.lock.lock(Trigger.BUTTON)
    await one.lock._shutting
    one.lock.page.links[UnlockMethod.PHONE].click()
    await until(lambda: one.host.asks and one.host.asks[0].asked)
    one.desktop.tell(DesktopEvent.LOCKED)
    await until(lambda: one.host.asks[0].closed)
    one.host.asks[0].state = "confirmed"
    await asyncio.sleep(0)
    assert one.lock.is_locked
    assert one.host.opened == 0


async def test_a_forced_lock_leaves_only_the_scan_also_when_it_comes_while_locked(desk, quick, tmp_path):
    one = await desk()
    one.host.ways |= {UnlockMethod.PHONE}
    one.lock.lock(Trigger.BUTTON)
    await one.lock._shutting
    one.lock.heed_command(LockCommand(id="c1", kind="forced", at_ms=1))
    page = one.lock.page
    assert not page.field.isVisible()
    assert [method for method in page.links if not page.links[method].isHidden()] == [UnlockMethod.PHONE]
    assert "只能用手机扫码" in page._problem.text()
    await one.lock._unlocking._unlock(UnlockMethod.PASSCODE, PASSCODE)
    assert one.lock.is_locked
    assert LockFile(tmp_path).kept.forced
    page.links[UnlockMethod.PHONE].click()
    await until(lambda: one.host.asks)
    one.host.asks[0].state = "confirmed"
    await until(lambda: not one.lock.is_locked)
    assert not LockFile(tmp_path).kept.forced
    # Forced while open: the host is told, and the code is shown without being asked for.
    one.host.asks.clear()
    one.lock.heed_command(LockCommand(id="c2", kind="forced", at_ms=1))
    await until(lambda: one.host.asks)
    assert one.host.forced[-1] is True
    assert one.lock.command_id == "c2"


@pytest.mark.parametrize("good", [True, False])
async def test_the_systems_authentication_is_offered_only_where_there_is_one(desk, good):
    one = await desk()
    one.lock.lock(Trigger.BUTTON)
    await one.lock._shutting
    link = one.lock.page.links[UnlockMethod.SYSTEM]
    assert not link.isEnabled()
    assert "没有可用的系统验证" in link.toolTip()
    await one.type(PASSCODE)
    system = FakeSystemAuth(good=good)
    await one.lock.attach(Sources(one.idle, [one.desktop], one.hotkey, system))
    one.host.ways |= {UnlockMethod.SYSTEM}
    one.lock.lock(Trigger.BUTTON)
    await one.lock._shutting
    assert shown(one, UnlockMethod.SYSTEM)
    one.lock.page.links[UnlockMethod.SYSTEM].click()
    await one.tasks.settle()
    assert (system.asked, one.lock.is_locked) == (1, not good)
    assert LockFile(one.host_folder).kept.throttle.failures == (0 if good else 1)


@pytest.mark.clause("3.2.3.1.1", "3.2.3.1.3")
async def test_administrators_bounds_hold_over_the_users_choices(desk, tmp_path):
    one = await desk(idle_s=1800, window_idle_s={"console": 600})
    one.lock.file.put(
        policy=LockPolicy(
            idle_longest_s=300,
            window_idle_s={"console": 180, "secret": 60},
            at_start=True,
            meeting_longest_s=600,
            attempts_before_scan=4,
        )
    )
    one.lock.heed_policy()
    settings = one.lock.settings
    assert settings.effective_idle_s() == 300
    assert settings.window_idle_s == {"console": 180, "secret": 60}
    assert settings.at_start
    # The user's own choice is kept for the day when the bound goes.
    assert LockFile(tmp_path).kept.settings.idle_s == 1800
    one.lock.meeting_started()
    one.clock.seconds += 601
    one.lock._tick()
    assert [line.result for line in one.lock.entries() if line.action == "lease"] == ["granted", "expired"]
    one.clock.seconds += 301
    one.lock._tick()
    assert one.lock.is_locked
    await one.lock._shutting
    for _ in range(4):
        await one.lock._unlocking._unlock(UnlockMethod.PASSCODE, "000000")
        one.clock.seconds += 1000
    await one.lock._unlocking._unlock(UnlockMethod.PASSCODE, PASSCODE)
    assert one.lock.is_locked
    assert "请用手机扫码解锁" in one.lock.page._problem.text()
