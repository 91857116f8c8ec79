"""The capture guard: one object that every secret or locked surface registers with (3.1.1.8)."""

from __future__ import annotations

import itertools
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from widgets.theme import ThemeManager

from .lease import Lease
from .page import CHECKING, TEXT, TITLE, UNCONFIRMED
from .protection import Level, Protection
from .shields.base import Grip, Shield
from .sightings import EXCEPTABLE, CaptureEvent, Report, Sighting, Watcher
from .surface import Surface

log = logging.getLogger(__name__)

LINGER_MS = 800
"""How long a page stays after the last capture ended: a tool that takes picture after picture must not see between."""
CHECK_MS = 1500
"""A watcher that has not had its first look by then counts as failed."""
ALARM_MS = 300
"""How long everything is covered on an alarm that nothing follows."""
KEPT_EVENTS = 200


@dataclass
class _Watched:
    watcher: Watcher
    serial: int = 0
    ready: bool = False
    failed: str = ""
    seen: dict[str, Sighting] = field(default_factory=dict)


class CaptureGuard(QObject):
    """Covers all registered surfaces while the screen is captured, and keeps windows out of captures where the
    system can.

    Fails closed: a surface is covered from its registration until every watcher has had its first look, and where the
    system promises protection for a window but does not confirm it.

    Signals: `concealed(CaptureEvent | None)` after the pages were painted (None: the first look), `revealed()`,
    `protection_changed(Protection)`, `capture_began(CaptureEvent)`, `capture_ended(CaptureEvent)` for logs and
    reports, `lease_changed(Lease)` at the beginning and end of an exception.
    """

    concealed = Signal(object)
    revealed = Signal()
    protection_changed = Signal(object)
    capture_began = Signal(object)
    capture_ended = Signal(object)
    lease_changed = Signal(object)

    def __init__(
        self,
        themes: ThemeManager,
        shield: Shield,
        watchers: Sequence[Watcher] | Callable[[], Sequence[Watcher]],
        *,
        platform: str = "",
        wall: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        """`watchers`: as a function, they are made when the first surface is registered; `platform`: named in the
        badge where only watchers protect ("X11"); `wall`: Unix time in seconds.
        """
        super().__init__(parent)
        self._themes = themes
        self._shield = shield
        self._later = watchers if callable(watchers) else None
        self._watched = [] if callable(watchers) else [_Watched(watcher) for watcher in watchers]
        self._platform = platform
        self._wall = wall
        self._surfaces: list[Surface] = []
        self._grips: dict[int, Grip] = {}
        self._open: dict[tuple[int, str], CaptureEvent] = {}
        self._events: deque[CaptureEvent] = deque(maxlen=KEPT_EVENTS)
        self._lease: Lease | None = None
        self._watching = False
        self._shielding = False
        self._concealed = False
        self._protection = Protection(Level.NONE, platform)
        self._serials = itertools.count(1)
        self._check = self._timer(CHECK_MS, self._check_over)
        self._linger = self._timer(LINGER_MS, self._settle_now)
        self._alarm = self._timer(ALARM_MS, self._settle)
        self._lease_timer = self._timer(0, self.end_lease)

    def _timer(self, milliseconds: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(then)
        return timer

    # What others ask.

    @property
    def is_concealed(self) -> bool:
        """Whether the surfaces are covered."""
        return self._concealed

    @property
    def protection(self) -> Protection:
        """What is in force now. Where nothing is registered: what was found before, NONE at first."""
        return self._protection

    @property
    def events(self) -> tuple[CaptureEvent, ...]:
        """The last captures that ended, and those going on, oldest first."""
        return (*self._events, *self._open.values())

    @property
    def active_lease(self) -> Lease | None:
        """The exception that runs."""
        return self._lease

    @property
    def assistive_allowed(self) -> bool:
        """Whether secret text may be given to assistive tools now: only while an exception runs."""
        return self._lease is not None

    # Surfaces.

    def register(self, widget: QWidget, *, covers: bool = True) -> None:
        """Guard a widget or window until `unregister` or its end. A second call changes nothing.

        `covers=False`: its window is kept out of captures where the system can, but no page is laid over it (the
        lock page, which shows nothing secret and must stay usable).
        """
        if any(surface.widget is widget for surface in self._surfaces):
            return
        surface = Surface(self._themes, widget, covers=covers)
        surface.gone.connect(lambda: self._remove(surface))
        surface.shown.connect(lambda: self._grip(surface.window))
        self._surfaces.append(surface)
        self._begin_shield()
        if covers:
            self._begin_watch()
        self._grip(surface.window)
        if covers and (self._concealed or self._reason() is not None):
            self._say(surface)
        self._settle()

    def unregister(self, widget: QWidget) -> None:
        """Guard it no more; unknown widgets are ignored."""
        for surface in self._surfaces:
            if surface.widget is widget:
                surface.drop()
                self._remove(surface)
                return

    def is_registered(self, widget: QWidget) -> bool:
        """Whether it is guarded."""
        return any(surface.widget is widget for surface in self._surfaces)

    def close(self) -> None:
        """Let go of everything; the guard may be used again."""
        for surface in list(self._surfaces):
            surface.drop()
            self._remove(surface)
        self.end_lease()

    def _remove(self, surface: Surface) -> None:
        # Where the guard and its surfaces go down together, either may be first.
        if surface not in self._surfaces or not shiboken6.isValid(self):
            return
        self._surfaces.remove(surface)
        if self._shielding and not self._shield.per_window and shiboken6.isValid(surface.widget):
            window = surface.window
            if not any(one.window is window for one in self._surfaces):
                self._shield.release(window)
        surface.deleteLater()
        if not any(one.covers for one in self._surfaces):
            self._end_watch()
        if not self._surfaces:
            self._end_shield()
        self._settle()

    # Exceptions.

    def lease(self, seconds: float, why: str) -> Lease:
        """Let remote-help and assistive tools through for a time; recorders and screenshots never.

        Raises LeaseRefused. While it runs the level is NONE. A running exception is ended first.
        """
        lease = Lease.of(seconds, why, self._now())
        self.end_lease()
        self._lease = lease
        log.warning("capture guard: exception for %.0f s", seconds)
        self._end_shield()
        self._lease_timer.start(round(seconds * 1000))
        self.lease_changed.emit(lease)
        self._settle()
        return lease

    def end_lease(self) -> None:
        """End the exception now."""
        if self._lease is None:
            return
        self._lease_timer.stop()
        ended, self._lease = replace(self._lease, ended_ms=self._now()), None
        log.warning("capture guard: exception ended")
        if self._surfaces:
            self._begin_shield()
        self.lease_changed.emit(ended)
        self._settle()

    # The shield.

    def _begin_shield(self) -> None:
        if self._shielding or self._lease is not None:
            return
        self._shielding = True
        self._shield.begin(self._settle)
        if self._shield.per_window:
            app = QApplication.instance()
            if app is not None:
                app.installEventFilter(self)
            for window in QApplication.topLevelWidgets():
                if window.isVisible():
                    self._grip(window)

    def _end_shield(self) -> None:
        if not self._shielding:
            return
        self._shielding = False
        app = QApplication.instance()
        if self._shield.per_window and app is not None:
            app.removeEventFilter(self)
        self._grips.clear()
        self._shield.end()

    def _grip(self, window: QWidget) -> None:
        """Protect a top-level window, as far as it has a native one."""
        if not self._shielding or window.windowHandle() is None:
            return
        grip = self._shield.protect(window)
        if not self._shield.per_window:
            self._settle()
            return
        known = id(window) in self._grips
        self._grips[id(window)] = grip
        if not known:
            window.destroyed.connect(lambda _=None, key=id(window): self._grips.pop(key, None))
        transient = window.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
        if transient and grip.level is Level.NONE:
            # A menu or tooltip that would be captured: better none.
            window.hide()
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While the system protects single windows: every window of the process, as it appears or is made anew."""
        appeared = event.type() in (QEvent.Type.Show, QEvent.Type.WinIdChange)
        if appeared and isinstance(watched, QWidget) and watched.isWindow():
            self._grip(watched)
            # What the system does to a window while it appears may undo it: look again when that is over.
            QTimer.singleShot(0, watched, lambda: self._grip(watched))
        return False

    def _unconfirmed(self, surface: Surface) -> bool:
        if not (self._shielding and self._shield.per_window):
            return False
        grip = self._grips.get(id(surface.window))
        return grip is None or grip.level is Level.NONE

    # The watchers.

    def _begin_watch(self) -> None:
        if self._watching:
            return
        self._watching = True
        self._check.start()
        if self._later is not None:
            self._watched, self._later = [_Watched(watcher) for watcher in self._later()], None
        for watched in self._watched:
            watched.serial = next(self._serials)
            watched.ready, watched.failed = False, ""
            watched.watcher.start(self._report_of(watched, watched.serial))

    def _report_of(self, watched: _Watched, serial: int) -> Report:
        def current() -> bool:
            return self._watching and watched.serial == serial

        def began(sighting: Sighting) -> None:
            if current() and sighting.key not in watched.seen:
                watched.seen[sighting.key] = sighting
                self._begin_event(watched, sighting)
                self._settle()

        def ended(key: str) -> None:
            if current() and watched.seen.pop(key, None) is not None:
                self._end_event((watched.serial, key))
                self._settle()

        def ready() -> None:
            if current():
                watched.ready = True
                self._settle()

        def failed(problem: str) -> None:
            if current():
                watched.ready, watched.failed = False, problem
                for key in list(watched.seen):
                    ended(key)
                self._settle()

        def alarm() -> None:
            if current():
                self._alarm.start()
                self._settle()

        return Report(began, ended, ready, failed, alarm)

    def _end_watch(self) -> None:
        if not self._watching:
            return
        for watched in self._watched:
            for key in watched.seen:
                self._end_event((watched.serial, key))
            watched.seen.clear()
            watched.watcher.close()
        self._watching = False
        self._check.stop()
        self._alarm.stop()

    def _check_over(self) -> None:
        for watched in self._watched:
            if not watched.ready and not watched.failed:
                watched.failed = f"{watched.watcher.name} 没有应答，未能检测录屏。"
        self._settle()

    def _begin_event(self, watched: _Watched, sighting: Sighting) -> None:
        event = CaptureEvent(
            uuid.uuid4().hex,
            sighting.kind,
            sighting.tool,
            sighting.source or watched.watcher.name,
            self._now(),
            excepted=self._excepted(sighting),
        )
        self._open[watched.serial, sighting.key] = event
        # Conceal first, tell afterwards: what listens may be slow.
        self._settle()
        log.warning("capture guard: %s by %s (%s)", event.kind.value, event.tool, event.source)
        self.capture_began.emit(event)

    def _end_event(self, key: tuple[int, str]) -> None:
        event = self._open.pop(key, None)
        if event is not None:
            event = replace(event, ended_ms=max(self._now(), event.started_ms))
            self._events.append(event)
            log.info("capture guard: %s by %s ended", event.kind.value, event.tool)
            self.capture_ended.emit(event)

    # Deciding.

    def _excepted(self, sighting: Sighting) -> bool:
        return self._lease is not None and sighting.kind in EXCEPTABLE

    def _reason(self) -> CaptureEvent | str | None:
        """Why everything is to be covered: a capture, "checking", or None."""
        for watched in self._watched:
            for key, sighting in watched.seen.items():
                if not self._excepted(sighting):
                    return self._open.get((watched.serial, key)) or "checking"
        first_look = any(not one.ready and not one.failed for one in self._watched)
        if self._watching and (first_look or self._alarm.isActive()):
            return "checking"
        return None

    def _settle(self) -> None:
        reason = self._reason()
        if reason is not None:
            self._linger.stop()
            self._conceal(reason)
        elif self._concealed:
            # Only after a capture: what was covered for the first look appears at once.
            if self._events and self._now() - self._events[-1].ended_ms < LINGER_MS and self._watching:
                self._linger.start()
            else:
                self._reveal()
        else:
            self._cover_unconfirmed()
        self._rate()

    def _settle_now(self) -> None:
        if self._reason() is None and self._concealed:
            self._reveal()

    def _say(self, surface: Surface) -> None:
        reason = self._reason()
        if isinstance(reason, CaptureEvent):
            surface.conceal(TITLE, TEXT, f"检测到{reason.words}，结束后自动恢复显示")
        elif self._open or self._concealed:
            surface.conceal(TITLE, TEXT)
        else:
            surface.conceal(TITLE, CHECKING)

    def _conceal(self, reason: CaptureEvent | str) -> None:
        for surface in self._surfaces:
            if surface.covers:
                self._say(surface)
        if self._concealed:
            return
        self._concealed = True
        QToolTip.hideText()
        popup = QApplication.activePopupWidget()
        if popup is not None and any(self._belongs(popup, surface) for surface in self._surfaces):
            popup.close()
        self.concealed.emit(reason if isinstance(reason, CaptureEvent) else None)

    @staticmethod
    def _belongs(popup: QWidget, surface: Surface) -> bool:
        parent: QWidget | None = popup
        while parent is not None:
            if parent is surface.widget:
                return surface.covers
            parent = parent.parentWidget()
        return False

    def _reveal(self) -> None:
        self._linger.stop()
        self._concealed = False
        self._cover_unconfirmed()
        self.revealed.emit()

    def _cover_unconfirmed(self) -> None:
        for surface in self._surfaces:
            if not surface.covers or not shiboken6.isValid(surface.widget):
                continue
            if self._unconfirmed(surface):
                surface.conceal(TITLE, UNCONFIRMED)
            else:
                surface.reveal()

    # Rating.

    def _rate(self) -> None:
        rated = self._rated()
        if rated != self._protection:
            self._protection = rated
            self.protection_changed.emit(rated)

    def _rated(self) -> Protection:
        problems = [one.failed for one in self._watched if one.failed and self._watching]
        problems += self._shield.problems
        name = self._shield.name or self._platform
        if self._lease is not None:
            return Protection(Level.NONE, name, self._lease.until_ms, tuple(problems))
        if not self._surfaces:
            return (
                self._protection if not self._protection.excepted_until_ms else Protection(Level.NONE, name)
            )
        detecting = self._watching and any(one.ready and one.watcher.sees_recorders for one in self._watched)
        level = Level.DETECTING if detecting else Level.NONE
        shield = self._shield.level
        if self._shield.per_window and self._shielding:
            windows = [self._grips.get(id(one.window), Grip(Level.NONE)) for one in self._surfaces]
            shield = min((grip.level for grip in windows), default=Level.NONE)
            problems += [grip.problem for grip in windows if grip.problem and grip.problem not in problems]
        elif not self._shielding:
            shield = Level.NONE
        best = max(level, shield)
        return Protection(
            best, name if shield >= level else self._platform, 0, tuple(dict.fromkeys(problems))
        )

    def _now(self) -> int:
        return round(self._wall() * 1000)
