"""The lock's state machine: events in, effects out. Pure; time comes from an injected clock.

Locking is never refused and never waits: whatever state the client is in, `lock` returns the effects that cover it.
"""

from dataclasses import dataclass

from .clock import Clock
from .model import (
    IDLE_LOCK_NOTICE,
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
from .throttle import Throttle, ThrottleState

SLEEP_GAP_S = 30
"""A wall clock that ran this much further than the monotonic one between two ticks means that the machine slept."""
_OFFLINE_FORCED = frozenset({UnlockMethod.PHONE})
_AFTER_TOO_MANY = frozenset({UnlockMethod.PHONE, UnlockMethod.SIGN_IN})


@dataclass(frozen=True)
class Refusal:
    """Why an unlock may not be tried now; `wait_s` is 0 when waiting does not help."""

    reason: str
    """"not_locked", "wait", "phone_only", "scan_or_sign_in"."""
    wait_s: float = 0.0


@dataclass(frozen=True)
class _Attempt:
    number: int
    method: UnlockMethod


class LockPolicy:
    """Decides when to lock, what locking does, and who may unlock (3.2.3.1.1–3.2.3.1.8).

    The caller feeds events and carries out the returned effects in their order. `tick` wants to be called about
    once a second; nothing depends on its exact time.
    """

    def __init__(self, clock: Clock, settings: LockSettings, throttle: ThrottleState | None = None) -> None:
        self._clock = clock
        self.settings = settings
        self._throttle = Throttle(clock, throttle or ThrottleState(), settings.attempts_before_scan)
        self.state = State.UNLOCKED
        self.trigger: Trigger | None = None
        self.forced = False
        self._attempts = 0
        self._attempt: _Attempt | None = None
        now = clock.monotonic_s()
        self._system_input_s = now
        self._client_input_s = now
        self._tick_s = now
        self._tick_wall_ms = clock.wall_ms()
        self._windows: frozenset[str] = frozenset()
        self._meeting_ends_s: float | None = None

    # What happens around the client.

    def start(self) -> list[Effect]:
        """The client started; locked at once when the settings or a pending command say so."""
        return self.lock(Trigger.STARTUP) if self.settings.at_start else []

    def change_settings(self, settings: LockSettings) -> None:
        """Take new settings; the running delay stays as it is, a running lease never lasts longer than is allowed now."""
        self.settings = settings
        self._throttle.change_limit(settings.attempts_before_scan)
        if self._meeting_ends_s is not None:
            longest = self._clock.monotonic_s() + settings.meeting_longest_s
            self._meeting_ends_s = min(self._meeting_ends_s, longest)

    def windows_open(self, kinds: frozenset[str]) -> None:
        """These kinds of windows are open now."""
        if kinds - self._windows:
            self._client_input_s = self._clock.monotonic_s()
        self._windows = kinds

    def client_input(self) -> None:
        """The user did something in one of the client's windows."""
        self._client_input_s = self._system_input_s = self._clock.monotonic_s()

    def system_idle(self, idle_s: float) -> None:
        """An idle source says how long the user has touched nothing at all."""
        self._system_input_s = max(self._system_input_s, self._clock.monotonic_s() - idle_s)

    def desktop_locked(self) -> list[Effect]:
        """The desktop's own lock came on."""
        return self.lock(Trigger.DESKTOP) if self.settings.with_desktop else []

    def suspending(self, *, lid: bool = False) -> list[Effect]:
        """The machine goes to sleep."""
        return self.lock(Trigger.LID if lid else Trigger.SUSPEND) if self.settings.with_suspend else []

    # Meetings: idle locking pauses as a bounded lease (3.2.3.1.3).

    def meeting_started(self) -> list[Effect]:
        """A call or meeting is on: idle locking pauses for at most `meeting_longest_s`."""
        self._meeting_ends_s = self._clock.monotonic_s() + self.settings.meeting_longest_s
        return [self._log("lease", "granted")]

    def meeting_ended(self) -> list[Effect]:
        """The meeting is over: idle time counts from now."""
        if self._meeting_ends_s is None:
            return []
        self._meeting_ends_s = None
        self._system_input_s = self._client_input_s = self._clock.monotonic_s()
        return [self._log("lease", "ended")]

    def in_meeting(self) -> bool:
        """Whether a lease is running."""
        return self._meeting_ends_s is not None

    # Locking.

    def tick(self) -> list[Effect]:
        """Look at the clocks: idle time, sleep, and the end of a lease."""
        now, wall = self._clock.monotonic_s(), self._clock.wall_ms()
        gap_s = (wall - self._tick_wall_ms) / 1000 - (now - self._tick_s)
        self._tick_s, self._tick_wall_ms = now, wall
        effects: list[Effect] = []
        if self._meeting_ends_s is not None and now >= self._meeting_ends_s:
            self._meeting_ends_s = None
            effects.append(self._log("lease", "expired"))
        if self.state is State.LOCKED:
            return effects
        if gap_s >= SLEEP_GAP_S and self.settings.with_suspend:
            return effects + self.lock(Trigger.SUSPEND)
        if self._meeting_ends_s is None and self._idle_over(now):
            return effects + self.lock(Trigger.IDLE)
        return effects

    def idle_left_s(self) -> float | None:
        """Seconds until the idle lock; None when there is none (locked, in a meeting, or never)."""
        if self.state is State.LOCKED or self._meeting_ends_s is not None:
            return None
        now = self._clock.monotonic_s()
        left: list[float] = []
        if threshold := self.settings.effective_idle_s():
            left.append(self._system_input_s + threshold - now)
        if threshold := self.settings.window_threshold_s(self._windows):
            left.append(self._client_input_s + threshold - now)
        return max(0.0, min(left)) if left else None

    def _idle_over(self, now: float) -> bool:
        left = self.idle_left_s()
        return left is not None and left <= 0

    def lock(self, trigger: Trigger, *, window: str = "") -> list[Effect]:
        """Lock now. While locked already: an unlock in progress is cancelled, and a forced lock takes over."""
        effects: list[Effect] = []
        if self._attempt is not None:
            effects += [CancelUnlock(self._attempt.number), self._log("attempt", "cancelled")]
            self._drop_attempt()
        if trigger is Trigger.FORCED:
            self.forced = True
        if self.state is State.LOCKED:
            if trigger is Trigger.FORCED:
                self.trigger = trigger
                effects.append(self._log("lock", "done", trigger=trigger, window=window))
            return effects
        self.state = State.LOCKED
        self.trigger = trigger
        wall = self._clock.wall_ms()
        # The curtain comes first: within 100 ms nothing may be seen, whatever the drafts and the store still need.
        effects += [
            Cover(trigger, wall, spare_meeting=self._meeting_ends_s is not None),
            KeepDrafts(),
            ClearClipboard(),
            CloseStore(),
            self._log("lock", "done", trigger=trigger, window=window),
        ]
        if trigger is Trigger.IDLE:
            effects.append(NotifyIdleLock(IDLE_LOCK_NOTICE))
        return effects

    # Unlocking.

    def may_unlock(self, method: UnlockMethod) -> Refusal | None:
        """Why `method` may not be tried now; None when it may."""
        if self.state is not State.LOCKED:
            return Refusal("not_locked")
        if self.forced and method not in _OFFLINE_FORCED:
            return Refusal("phone_only")
        if method in _AFTER_TOO_MANY:
            return None
        if self._throttle.scan_only():
            return Refusal("scan_or_sign_in")
        wait = self._throttle.wait_s()
        return Refusal("wait", wait) if wait > 0 else None

    def begin_unlock(self, method: UnlockMethod) -> int | Refusal:
        """Start an attempt; returns its number for `finish_unlock`, or why not. A newer attempt replaces it.

        It counts as failed until it succeeds: keep `throttle_state` before checking the secret, so that ending
        the process in the middle of a check is not a free guess.
        """
        if self._attempt is not None:
            self._drop_attempt()
        refusal = self.may_unlock(method)
        if refusal is not None:
            return refusal
        self._attempts += 1
        self._attempt = _Attempt(self._attempts, method)
        if method not in _AFTER_TOO_MANY:
            self._throttle.failed()
        return self._attempts

    def finish_unlock(self, attempt: int, *, good: bool) -> list[Effect]:
        """The attempt was checked. One that was cancelled or replaced in the meantime changes nothing."""
        current = self._attempt
        if current is None or current.number != attempt:
            return [CancelUnlock(attempt)]
        self._attempt = None
        if not good:
            return [self._log("unlock", "failed", method=current.method)]
        self._throttle.succeeded()
        self.state = State.UNLOCKED
        self.forced = False
        trigger, self.trigger = self.trigger, None
        self._system_input_s = self._client_input_s = self._clock.monotonic_s()
        return [self._log("unlock", "done", trigger=trigger, method=current.method), Uncover()]

    def _drop_attempt(self) -> None:
        if self._attempt is not None and self._attempt.method not in _AFTER_TOO_MANY:
            self._throttle.forgive()
        self._attempt = None

    def throttle_state(self) -> ThrottleState:
        """What to keep on disk; keep it after `begin_unlock`, after `finish_unlock`, and now and then
        while a delay runs."""
        return self._throttle.state()

    def wait_s(self) -> float:
        """Seconds until the next attempt by passcode or password; 0 when it may be made now."""
        return self._throttle.wait_s()

    def _log(
        self,
        action: str,
        result: str,
        *,
        trigger: Trigger | None = None,
        method: UnlockMethod | None = None,
        window: str = "",
    ) -> Log:
        return Log(
            action=action,
            result=result,
            at_wall_ms=self._clock.wall_ms(),
            trigger=trigger.value if trigger else "",
            method=method.value if method else "",
            window=window,
        )
