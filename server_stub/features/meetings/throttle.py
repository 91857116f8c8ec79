"""Slows down guessing of phone numbers at the check-in page, without stopping a hall of 2,000 behind one address."""

import time
from collections import OrderedDict
from collections.abc import Callable

WINDOW_S = 600.0
_MOST_KEYS = 50_000


class Failures:
    """Counts failures per key in a sliding window; in memory, as a restart only gives a guesser one more window."""

    def __init__(self, limits: dict[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        """`limits`: kind of key → failures allowed in ten minutes."""
        self._limits = limits
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def wait(self, keys: dict[str, str]) -> float:
        """Seconds until a caller with these keys (kind → value) may try again; 0 now."""
        now, longest = self._clock(), 0.0
        for kind, value in keys.items():
            times = self._recent((kind, value), now)
            if len(times) >= self._limits[kind]:
                longest = max(longest, times[-self._limits[kind]] + WINDOW_S - now)
        return longest

    def count(self, keys: dict[str, str]) -> None:
        """Note one failure."""
        now = self._clock()
        for key in keys.items():
            self._seen[key] = [*self._recent(key, now), now][-self._limits[key[0]] :]
            self._seen.move_to_end(key)
        while len(self._seen) > _MOST_KEYS:
            self._seen.popitem(last=False)

    def _recent(self, key: tuple[str, str], now: float) -> list[float]:
        return [at for at in self._seen.get(key, ()) if at > now - WINDOW_S]
