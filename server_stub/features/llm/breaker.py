"""The circuit breaker of one provider: who fails again and again is left alone for a while."""

import time
from collections.abc import Callable

from server_stub.contract.llm import ProviderState


class Breaker:
    """Open after `limit` failures in a row for `rest_s` seconds; then one call tries."""

    def __init__(
        self, limit: int = 4, rest_s: float = 20.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._rest, self._clock = limit, rest_s, clock
        self._failures = 0
        self._until = 0.0
        self._trying = False
        self.problem = ""
        self.at = 0
        """Unix ms of the last word from the provider."""

    def allows(self) -> bool:
        """Whether a call may go out now; after a rest only one does at a time."""
        if self._failures < self._limit:
            return True
        if self._clock() < self._until or self._trying:
            return False
        self._trying = True
        return True

    def good(self) -> None:
        """It answered."""
        self._failures, self._trying, self.problem = 0, False, ""
        self.at = int(time.time() * 1000)

    def failed(self, problem: str) -> None:
        """It did not."""
        self._failures += 1
        self._trying = False
        self._until = self._clock() + self._rest
        self.problem = problem
        self.at = int(time.time() * 1000)

    def left(self) -> None:
        """The call ended without an outcome (the user stopped it)."""
        self._trying = False

    @property
    def rests_s(self) -> float:
        """Seconds until it may be tried."""
        return max(0.0, self._until - self._clock()) if self._failures >= self._limit else 0.0

    @property
    def state(self) -> ProviderState:
        """For administrators."""
        if not self.at:
            return ProviderState.UNKNOWN
        if self._failures >= self._limit:
            return ProviderState.OPEN
        return ProviderState.FAILING if self._failures else ProviderState.GOOD
