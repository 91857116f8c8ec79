"""The clock that everything in the lock is given, so that tests own the time."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks: one that never goes back, and the one on the wall."""

    def monotonic_s(self) -> float:
        """Seconds since some start; does not run (on Linux) while the machine sleeps."""
        ...

    def wall_ms(self) -> int:
        """Unix time in milliseconds; the user may turn it."""
        ...


class SystemClock:
    """The machine's clocks."""

    def monotonic_s(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def wall_ms(self) -> int:
        """See `Clock`."""
        return int(time.time() * 1000)
