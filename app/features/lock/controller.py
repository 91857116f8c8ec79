"""Carries out the lock's decisions: the curtain, the store, unlocking, the log (3.2.3.1.1–3.2.3.1.8)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app.shell.tasks import Tasks
from lock.audit.chain import AuditChain, Digest, LockEntry
from lock.curtain.clipboard import clear_own
from lock.curtain.curtain import Curtain
from lock.hotkey.combination import BadCombination, Combination
from lock.hotkey.source import HotkeyTaken, HotkeyUnavailable
from lock.page.appearance import LockAppearance
from lock.page.page import LockPage
from lock.policy.clock import Clock, SystemClock
from lock.policy.machine import LockPolicy
from lock.policy.model import (
    CancelUnlock,
    ClearClipboard,
    CloseStore,
    Cover,
    Effect,
    KeepDrafts,
    LockSettings,
    Log,
    NotifyIdleLock,
    State,
    Trigger,
    Uncover,
    UnlockMethod,
)
from lock.sources.desktop import DesktopEvent
from lock.sources.system_auth import SystemAuth
from server_stub.contract.lock import LockCommand, LockPageNow
from widgets.theme import ThemeManager

from .kept import LockFile, appearance_of
from .platform import Sources
from .service import LockHost, Owner
from .unlocking import Unlocking

log = logging.getLogger(__name__)

TICK_MS = 1000
_INPUT = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel}
)


class LockController(QObject):
    """Signals: `locked(trigger)`, `unlocked()`, `settings_changed()`.

    One controller per signed-in account; `close` ends it. Locking is synchronous up to the covered screen; closing the
    store follows in the background, and unlocking waits for that.
    """

    locked = Signal(str)
    unlocked = Signal()
    settings_changed = Signal()

    def __init__(
        self,
        app: QApplication,
        themes: ThemeManager,
        owner: Owner,
        host: LockHost,
        digest: Digest,
        tasks: Tasks,
        *,
        ways: frozenset[UnlockMethod] = frozenset({UnlockMethod.PASSCODE, UnlockMethod.PASSWORD}),
        clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
        protect: Callable[[QWidget], None] | None = None,
    ) -> None:
        super().__init__()
        self._app = app
        self._owner = owner
        self._host = host
        self._sources = Sources()
        self._tasks = tasks
        self._file = LockFile(owner.folder)
        self._chain = AuditChain(owner.folder / "lock-log.jsonl", digest)
        kept = self._file.kept
        self._policy = LockPolicy(clock or SystemClock(), self._file.settings, kept.throttle)
        self._policy.forced = kept.forced
        self._unlocking = Unlocking(
            themes,
            owner,
            host,
            tasks,
            self._policy,
            self._file,
            ways,
            wall,
            hint=self._hint,
            system=lambda: self._sources.system,
            run=self._run,
            store_closed=self._store_closed,
            opened=self._opened,
        )
        self._curtain = Curtain(app, self._unlocking.make_page, protect=protect)
        self._shutting: asyncio.Task[None] | None = None
        self.hotkey_problem = ""
        self.command_id = ""
        """The server's command that this lock carries out, until it was acknowledged."""
        self.cover_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    # Life.

    def begin(self) -> bool:
        """Begin to count; returns whether the client is locked from the start. Nothing here waits."""
        self._app.installEventFilter(self)
        self._timer.start()
        if self._file.kept.locked or self._policy.settings.at_start:
            self.lock(Trigger.STARTUP)
        return self.is_locked

    async def attach(self, sources: Sources) -> None:
        """Listen to the platform from now on; asking it for its sources may take a while."""
        self._sources = sources
        for source in sources.desktops:
            await source.start(self._on_desktop)
        await self._register_hotkey(self._file.kept.hotkey)
        self._unlocking.system_reason = await sources.system.reason()

    async def close(self) -> None:
        """End watching; a lock that is on stays written down for the next start."""
        self._timer.stop()
        self._app.removeEventFilter(self)
        self._unlocking.stop_scan()
        if self._shutting is not None:
            await asyncio.gather(self._shutting, return_exceptions=True)
        await self._sources.close()
        self._curtain.forget_hidden()
        self._curtain.lift()
        self._unlocking.page = None

    @property
    def is_locked(self) -> bool:
        """Whether the client is covered."""
        return self._policy.state is State.LOCKED

    @property
    def file(self) -> LockFile:
        """What the lock keeps outside the store."""
        return self._file

    @property
    def trigger(self) -> Trigger | None:
        """What locked the client; None while it is open."""
        return self._policy.trigger

    @property
    def forced(self) -> bool:
        """Whether only the phone may open it."""
        return self._policy.forced

    @property
    def system(self) -> SystemAuth | None:
        """The system's authentication; None where it cannot be used."""
        return None if self._unlocking.system_reason else self._sources.system

    @property
    def settings(self) -> LockSettings:
        """The settings in force."""
        return self._policy.settings

    @property
    def hotkey(self) -> str:
        """The combination that the user chose."""
        return self._file.kept.hotkey

    @property
    def idle_source(self) -> str:
        """Where idle time comes from, for the settings page."""
        return self._sources.idle.name

    @property
    def page(self) -> LockPage | None:
        """The lock page while locked."""
        return self._unlocking.page

    def entries(self, **filters: object) -> list[LockEntry]:
        """The own log, filtered; see AuditChain.entries."""
        return self._chain.entries(**filters)  # type: ignore[arg-type]

    def verify_log(self) -> int:
        """Check the chain of the own log; returns the number of lines. Raises BrokenChain."""
        return self._chain.verify()

    # Locking.

    def lock(self, trigger: Trigger, *, window: str = "") -> None:
        """Lock now. Never refused; when locked already it cancels an unlock that is under way."""
        before = self._policy.forced
        self._run(self._policy.lock(trigger, window=window or self._window_name()))
        if self._policy.forced and not before:
            self._file.put(forced=True)
            self._unlocking.only_phone()

    # What the server says (app.lock_link.Heeding).

    def heed_policy(self) -> None:
        """Administrators changed what they require."""
        self._policy.change_settings(self._file.settings)
        self.settings_changed.emit()

    def heed_page(self, page: LockPageNow) -> None:
        """Administrators changed the lock page."""
        self.show_appearance(appearance_of(page))

    def heed_command(self, command: LockCommand) -> None:
        """The phone or the server locks this client."""
        if not self.is_locked:
            self.command_id = command.id
        self.lock(Trigger.FORCED if command.kind == Trigger.FORCED.value else Trigger.REMOTE)

    def log_entries(self) -> list[LockEntry]:
        """The whole own log."""
        return self._chain.entries()

    def meeting_started(self) -> None:
        """A call or meeting is on: idle locking pauses (3.2.3.1.3)."""
        self._run(self._policy.meeting_started())

    def meeting_ended(self) -> None:
        """The meeting is over."""
        self._run(self._policy.meeting_ended())

    def windows_open(self, kinds: frozenset[str]) -> None:
        """Kinds of open windows with idle thresholds of their own."""
        self._policy.windows_open(kinds)

    def show_arrived(self, count: int) -> None:
        """Messages that came since the lock; the badge and the page tell the number only."""
        self._unlocking.show_arrived(count)

    def show_appearance(self, appearance: LockAppearance) -> None:
        """The administrators' lock page, also while it is shown (3.2.3.5.2)."""
        self._unlocking.show_appearance(appearance)

    def _run(self, effects: list[Effect]) -> None:
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Cover():
                self._unlocking.show_arrived(0)
                self.cover_s = self._curtain.drop(spare_meeting=effect.spare_meeting)
                self._file.put(locked=True, forced=self._policy.forced)
                self.locked.emit(effect.trigger.value)
            case ClearClipboard():
                clear_own(QGuiApplication.clipboard())
            case CloseStore():
                self._shutting = asyncio.ensure_future(self._shut())
            case KeepDrafts():
                pass  # First step of _shut: the store is what it writes into.
            case NotifyIdleLock():
                self._host.tell("政钉已锁定", effect.text)
            case Log():
                self._write_down(effect)
            case Uncover():
                self._file.put(locked=False, forced=False)
                self._unlocking.page = None
            case CancelUnlock():
                self._unlocking.stop_scan()
            case _:
                pass

    async def _store_closed(self) -> None:
        if self._shutting is not None:
            # Shielded: an attempt that is given up must not cut the closing of the store off.
            await asyncio.shield(self._shutting)

    async def _opened(self) -> None:
        if self.is_locked:
            # A lock came while the secret was being checked: what was opened is closed again (KeePassXC #13204).
            self._shutting = asyncio.ensure_future(self._shut())
            return
        # The new windows are built behind the curtain and shown when it lifts.
        self._curtain.lift()
        await self._host.show_again()
        self.unlocked.emit()

    async def _shut(self) -> None:
        ways = self._unlocking.ways
        try:
            await self._host.keep_drafts()
        except Exception:
            log.exception("drafts were not kept")
        try:
            ways = await self._host.close_session(forced=self._policy.forced)
        except Exception:
            log.exception("the session did not close in order")
        self._curtain.forget_hidden()
        self._unlocking.offer(ways)

    # Around.

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any input into a window of ours counts as activity."""
        if event.type() in _INPUT and not self.is_locked:
            self._policy.client_input()
        return False

    def _tick(self) -> None:
        self._run(self._policy.tick())
        if not self.is_locked:
            self._tasks.start(self._ask_idle(), "查询空闲时间", on_error=lambda *_: None)

    async def _ask_idle(self) -> None:
        idle_s = await self._sources.idle.idle_s()
        if idle_s is not None:
            self._policy.system_idle(idle_s)

    def _on_desktop(self, event: DesktopEvent, _source: str) -> None:
        if event is DesktopEvent.LOCKED:
            self._run(self._policy.desktop_locked())
        elif event is DesktopEvent.SUSPENDING:
            self._run(self._policy.suspending())
        elif event is DesktopEvent.LID_CLOSED:
            self._run(self._policy.suspending(lid=True))

    def _hint(self) -> str:
        minutes = self._policy.settings.effective_idle_s() // 60
        hint = f"无操作 {minutes} 分钟自动锁定。" if minutes else ""
        return hint if self.hotkey_problem else hint + f"离开座位请按 {self.hotkey} 主动锁定。"

    def _window_name(self) -> str:
        window = self._app.activeWindow()
        return type(window).__name__ if window is not None else ""

    def _write_down(self, line: Log) -> None:
        self._chain.append(
            LockEntry(
                at_ms=line.at_wall_ms,
                action=line.action,
                result=line.result,
                trigger=line.trigger,
                method=line.method,
                window=line.window,
                person_id=self._owner.person_id,
                device_id=self._owner.device_id,
            )
        )

    # Settings.

    def change_settings(self, **changes: object) -> None:
        """Change some of the LockSettings and keep them."""
        self._policy.change_settings(self._file.change_settings(**changes))
        self.settings_changed.emit()

    async def change_hotkey(self, text: str) -> str:
        """Take another combination; "" when it is in force, else what is wrong (the old one stays)."""
        problem = await self._register_hotkey(text)
        if not problem:
            self._file.put(hotkey=str(Combination.parse(text)))
            self.settings_changed.emit()
        return problem

    async def _register_hotkey(self, text: str) -> str:
        try:
            await self._sources.hotkey.register(Combination.parse(text), lambda: self.lock(Trigger.HOTKEY))
        except (BadCombination, HotkeyTaken, HotkeyUnavailable) as error:
            problem = str(error)
            if text == self._file.kept.hotkey:
                self.hotkey_problem = problem
            return problem
        self.hotkey_problem = ""
        return ""
