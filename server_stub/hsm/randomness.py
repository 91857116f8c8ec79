"""Random numbers with health tests in the manner of GM/T 0005 and GM/T 0062: at start and while running."""

import os
import re
from collections.abc import Callable
from threading import Lock

from .errors import SdfCode, SdfError

BLOCK = 4096
START_BYTES = 20_000
_REPETITION = re.compile(rb"(.)\1{5}", re.DOTALL)
"""Six equal bytes in a row: 2^-40 for each place of a good source."""
_WINDOW, _PROPORTION = 512, 22
"""In 512 bytes, the first occurs 22 times or more: below 2^-40 for a good source."""
_MONOBIT = 1300
"""Ones among 160,000 bits may differ from half by 6.5 sigma (sigma = 200)."""
_POKER = (1.0, 60.0)
"""Bounds of the 4-bit poker statistic (chi-square, 15 degrees of freedom): about 10^-6 on each side."""


def repetition_holds(data: bytes) -> bool:
    """Say whether no byte repeats six times in a row."""
    return _REPETITION.search(data) is None


def proportion_holds(data: bytes) -> bool:
    """Say whether in every full window of 512 bytes the first byte is not too frequent."""
    for at in range(0, len(data) - _WINDOW + 1, _WINDOW):
        window = data[at : at + _WINDOW]
        if window.count(window[0]) >= _PROPORTION:
            return False
    return True


def monobit_holds(data: bytes) -> bool:
    """Say whether zeros and ones balance; the bound grows with the root of the length."""
    ones = int.from_bytes(data, "big").bit_count()
    return abs(ones - 4 * len(data)) <= _MONOBIT * (len(data) / START_BYTES) ** 0.5


def poker_holds(data: bytes) -> bool:
    """Say whether the sixteen 4-bit words are evenly frequent."""
    digits = data.hex()
    counts = [digits.count(digit) for digit in "0123456789abcdef"]
    statistic = 16 * sum(count * count for count in counts) / len(digits) - len(digits)
    return _POKER[0] < statistic < _POKER[1]


class HealthyRandom:
    """Serves random bytes of which every block was tested before; latches after two bad blocks in a row."""

    def __init__(self, source: Callable[[int], bytes] = os.urandom) -> None:
        self._source = source
        self._lock = Lock()
        self._pool = bytearray()
        self._failed = False
        self.blocks = 0
        """Blocks drawn so far."""
        self.alarms = 0
        """Blocks thrown away so far."""
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def _after_fork(self) -> None:
        # Parent and child must never serve the same bytes.
        self._lock = Lock()
        self._pool = bytearray()

    def start_test(self) -> list[str]:
        """Run all tests on a long sample; return the names of those that failed, and latch or release."""
        sample = self._source(START_BYTES)
        tests = {
            "repetition": repetition_holds,
            "adaptive proportion": proportion_holds,
            "monobit": monobit_holds,
            "poker": poker_holds,
        }
        failures = [name for name, holds in tests.items() if not holds(sample)]
        with self._lock:
            self._failed = bool(failures)
            self._pool = bytearray()
        return failures

    def _block(self) -> bytes:
        for _ in range(2):
            block = self._source(BLOCK)
            self.blocks += 1
            if len(block) == BLOCK and repetition_holds(block) and proportion_holds(block):
                return block
            self.alarms += 1
        self._failed = True
        raise SdfError(SdfCode.RANDOM)

    def take(self, size: int) -> bytes:
        """Return `size` tested bytes. Raises `SdfError` (RANDOM) once the source proved bad."""
        with self._lock:
            if self._failed:
                raise SdfError(SdfCode.RANDOM)
            while len(self._pool) < size:
                self._pool += self._block()
            taken = bytes(self._pool[-size:]) if size else b""
            if size:
                self._pool[-size:] = bytes(size)
                del self._pool[-size:]
            return taken
