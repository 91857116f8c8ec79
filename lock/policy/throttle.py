"""Failed unlocks: a delay that grows, kept in the store, proof against restarts and turned-back clocks."""

from dataclasses import dataclass

from .clock import Clock

FREE_ATTEMPTS = 3
FIRST_DELAY_S = 5
LONGEST_DELAY_S = 15 * 60


@dataclass(frozen=True)
class ThrottleState:
    """What is kept on disk.

    `remaining_ms` is what was left of the delay when `seen_wall_ms` was written: a clock that was turned back
    later cannot shorten it, and one that was turned forward gains at most the time it was turned while off.
    """

    failures: int = 0
    remaining_ms: int = 0
    seen_wall_ms: int = 0


def delay_s(failures: int) -> int:
    """Seconds to wait after this many failures in a row: none for three, then 5, 10, 20 … up to 15 minutes."""
    over = failures - FREE_ATTEMPTS
    if over < 0:
        return 0
    return int(min(FIRST_DELAY_S * 2 ** min(over, 12), LONGEST_DELAY_S))


class Throttle:
    """Counts failures and says how long to wait.

    The state to keep is `state()`; keep it after each change and, while waiting, now and then.
    """

    def __init__(self, clock: Clock, state: ThrottleState, attempts_before_scan: int) -> None:
        self._clock = clock
        self._limit = attempts_before_scan
        elapsed = max(0, clock.wall_ms() - state.seen_wall_ms) if state.seen_wall_ms else 0
        self._failures = state.failures
        self._ends_s = clock.monotonic_s() + max(0, state.remaining_ms - elapsed) / 1000

    def change_limit(self, attempts_before_scan: int) -> None:
        """Administrators set another number of attempts; failures so far stay counted."""
        self._limit = attempts_before_scan

    def wait_s(self) -> float:
        """Seconds until the next attempt may be made; 0 when it may be made now."""
        return max(0.0, self._ends_s - self._clock.monotonic_s())

    def scan_only(self) -> bool:
        """Whether only the phone, or signing in anew, still helps."""
        return 0 < self._limit <= self._failures

    def failed(self) -> ThrottleState:
        """Count a failure; returns the state to keep."""
        self._failures += 1
        self._ends_s = self._clock.monotonic_s() + delay_s(self._failures)
        return self.state()

    def forgive(self) -> ThrottleState:
        """Take one failure back: the attempt was cancelled before anybody knew; returns the state to keep."""
        self._failures = max(0, self._failures - 1)
        self._ends_s = self._clock.monotonic_s()
        return self.state()

    def succeeded(self) -> ThrottleState:
        """Forget the failures; returns the state to keep."""
        self._failures = 0
        self._ends_s = self._clock.monotonic_s()
        return self.state()

    def state(self) -> ThrottleState:
        """The state as of now."""
        return ThrottleState(
            failures=self._failures,
            remaining_ms=round(self.wait_s() * 1000),
            seen_wall_ms=self._clock.wall_ms(),
        )
