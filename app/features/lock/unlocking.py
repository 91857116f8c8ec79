"""The way out of a lock: the lock page, attempts by secret, by phone and by the system (3.2.3.1.4, 3.2.3.1.6)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QWidget

from app.session.states import NetworkError
from app.shell.tasks import Tasks
from lock.page.appearance import LockAppearance
from lock.page.page import LockedAs, LockPage, Ways
from lock.policy.machine import LockPolicy, Refusal
from lock.policy.model import Effect, UnlockMethod
from lock.sources.system_auth import UNAVAILABLE, SystemAuth
from server_stub.contract.errors import ApiError
from widgets.theme import ThemeManager

from .kept import LockFile, appearance_of
from .service import LockHost, Owner, PhoneAsk

SCAN_EVERY_S = 1.5
_REFUSALS = {
    "phone_only": "已被管理员锁定，只能用手机扫码解锁。",
    "scan_or_sign_in": "密码错误次数过多，请用手机扫码解锁，或退出后重新登录。",
    "not_locked": "",
}


class Unlocking:
    """Part of LockController, which decides what follows: `run` carries the policy's effects out, `store_closed` waits until
    the store is closed, `opened` follows when a secret opened it.
    """

    def __init__(
        self,
        themes: ThemeManager,
        owner: Owner,
        host: LockHost,
        tasks: Tasks,
        policy: LockPolicy,
        file: LockFile,
        ways: frozenset[UnlockMethod],
        wall: Callable[[], float],
        *,
        hint: Callable[[], str],
        system: Callable[[], SystemAuth],
        run: Callable[[list[Effect]], None],
        store_closed: Callable[[], Awaitable[None]],
        opened: Callable[[], Awaitable[None]],
    ) -> None:
        self._themes, self._owner, self._host, self._tasks = themes, owner, host, tasks
        self._policy, self._file, self._wall = policy, file, wall
        self.ways = ways
        """Which of the ways are open for this account."""
        self._hint, self._system = hint, system
        self._run, self._store_closed, self._opened = run, store_closed, opened
        self._appearance = appearance_of(file.page())
        self._arrived = 0
        self._scanning: asyncio.Task[None] | None = None
        self.page: LockPage | None = None
        """The lock page while locked."""
        self.system_reason = UNAVAILABLE
        """Why the system's authentication cannot be used; "" where it can."""

    # What is shown.

    def only_phone(self) -> None:
        """A forced lock came: nothing but the phone opens it."""
        if self.page is not None:
            self.page.show_ways(self._offered(), self._reasons())
            self.page.show_problem(_REFUSALS["phone_only"])

    def offer(self, ways: frozenset[UnlockMethod]) -> None:
        """The store is closed; these open it."""
        self.ways = ways
        if self.page is not None:
            self.page.show_ways(self._offered(), self._reasons())
            if self._policy.forced and UnlockMethod.PHONE in self.ways and self._scanning is None:
                self._chosen(UnlockMethod.PHONE.value)

    def show_arrived(self, count: int) -> None:
        """Messages that came since the lock; the badge and the page tell the number only."""
        self._arrived = count
        if self.page is not None:
            self.page.show_arrived(count)

    def show_appearance(self, appearance: LockAppearance) -> None:
        """The administrators' lock page, also while it is shown (3.2.3.5.2)."""
        self._appearance = appearance
        if self.page is not None:
            self.page.show_appearance(appearance)

    def make_page(self) -> QWidget:
        """The page for the curtain."""
        now = time.localtime(self._wall())
        owner = self._owner
        who = LockedAs(owner.name, owner.unit, owner.person_id, time.strftime("%H:%M", now), self._hint())
        page = LockPage(self._themes, who, Ways(self._offered(), self._reasons()), self._appearance)
        page.tried.connect(self._tried)
        page.chosen.connect(self._chosen)
        page.scan_left.connect(self.stop_scan)
        page.sign_out_wanted.connect(lambda: self._tasks.start(self._leave(), "退出登录"))
        page.show_arrived(self._arrived)
        if self._policy.forced:
            page.show_problem(_REFUSALS["phone_only"])
        elif self._policy.wait_s() > 0:
            page.show_problem("", wait_s=self._policy.wait_s())
        self.page = page
        return page

    def _offered(self) -> tuple[UnlockMethod, ...]:
        order = (UnlockMethod.PASSCODE, UnlockMethod.PASSWORD, UnlockMethod.PHONE, UnlockMethod.SYSTEM)
        known = self.ways | {UnlockMethod.PHONE, UnlockMethod.SYSTEM}
        if self._policy.forced:
            known = frozenset({UnlockMethod.PHONE})
        return tuple(method for method in order if method in known)

    def _reasons(self) -> dict[UnlockMethod, str]:
        reasons: dict[UnlockMethod, str] = {}
        if UnlockMethod.PHONE not in self.ways:
            reasons[UnlockMethod.PHONE] = "这台电脑还没有连接服务器开通手机解锁"
        if UnlockMethod.SYSTEM not in self.ways:
            reasons[UnlockMethod.SYSTEM] = self.system_reason or "本次锁定不能用系统验证解锁"
        return reasons

    def _tried(self, method: str, secret: str) -> None:
        self.stop_scan()
        self._tasks.start(self._unlock(UnlockMethod(method), secret), "解锁")

    def _chosen(self, method: str) -> None:
        """A way without a secret to type."""
        self.stop_scan()
        if method == UnlockMethod.PHONE.value:
            self._scanning = asyncio.ensure_future(self._scan())
        elif method == UnlockMethod.SYSTEM.value:
            self._tasks.start(self._by_system(), "系统验证")

    def _begin(self, method: UnlockMethod) -> int | None:
        """Start an attempt; None when the page has said why not."""
        attempt = self._policy.begin_unlock(method)
        # Written before the secret is looked at: ending the process during the check is not a free guess.
        self._file.put(throttle=self._policy.throttle_state())
        if self.page is None:
            return None
        if isinstance(attempt, Refusal):
            self.page.show_problem(_REFUSALS.get(attempt.reason, ""), wait_s=attempt.wait_s)
            return None
        return attempt

    async def _unlock(self, method: UnlockMethod, secret: str) -> None:
        attempt = self._begin(method)
        if attempt is not None:
            await self._open(attempt, method, secret)

    async def _open(self, attempt: int, method: UnlockMethod, secret: str) -> None:
        page = self.page
        if page is None:
            return
        page.show_busy(True)
        try:
            await self._store_closed()
            problem = await self._host.reopen(method, secret)
        finally:
            page.show_busy(False)
        effects = self._policy.finish_unlock(attempt, good=not problem)
        self._file.put(throttle=self._policy.throttle_state())
        self._run(effects)
        if problem:
            page.show_problem(problem, wait_s=self._policy.wait_s())
        else:
            await self._opened()

    # By phone and by the system.

    async def _scan(self) -> None:
        page, attempt = self.page, self._begin(UnlockMethod.PHONE)
        if page is None or attempt is None:
            return
        page.show_scan_waiting()
        try:
            await self._store_closed()
            ask = await self._host.ask_phone()
        except (NetworkError, ApiError) as error:
            page.show_scan_problem(error.text if isinstance(error, NetworkError) else error.message)
            return
        try:
            page.show_scan(ask.url, ask.code)
            await self._follow(page, attempt, ask)
        finally:
            await ask.close()

    async def _follow(self, page: LockPage, attempt: int, ask: PhoneAsk) -> None:
        while True:
            try:
                state, secret = await ask.outcome()
            except (NetworkError, ApiError):
                state, secret = "waiting", ""  # The code runs out by itself when the network stays away.
                if ask.is_over():
                    state = "expired"
            if state == "waiting":
                await asyncio.sleep(SCAN_EVERY_S)
                continue
            if state == "confirmed":
                # No cancellation from here on: the key came once.
                self._scanning = None
                await self._open(attempt, UnlockMethod.PHONE, secret)
                return
            page.show_scan_problem("手机上选择了不解锁。" if state == "rejected" else "二维码已过期。")
            if state == "rejected":
                self._run(self._policy.finish_unlock(attempt, good=False))
            return

    def stop_scan(self) -> None:
        """Give up waiting for the phone."""
        scanning, self._scanning = self._scanning, None
        if scanning is not None:
            scanning.cancel()

    async def _by_system(self) -> None:
        attempt = self._begin(UnlockMethod.SYSTEM)
        if attempt is None or self.page is None:
            return
        self.page.show_busy(True)
        try:
            good = await self._system().confirm()
        finally:
            if self.page is not None:
                self.page.show_busy(False)
        if good:
            await self._open(attempt, UnlockMethod.SYSTEM, "")
            return
        self._run(self._policy.finish_unlock(attempt, good=False))
        self._file.put(throttle=self._policy.throttle_state())
        if self.page is not None:
            self.page.show_problem("系统验证没有通过。", wait_s=self._policy.wait_s())

    async def _leave(self) -> None:
        await self._store_closed()
        await self._host.sign_out()
