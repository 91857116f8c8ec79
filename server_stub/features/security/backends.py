"""Which algorithm backends passed the standard's vectors, and how fast each is on this machine."""

import time
from collections.abc import Callable

from server_stub.contract.keys import AlgorithmBackend
from server_stub.contract.sm import algorithms
from server_stub.contract.sm.algorithms import Algorithms

_SECONDS = 0.05
_MESSAGE = bytes(range(256)) * 256
"""64 KiB."""


def measure(alg: Algorithms, *, seconds: float = _SECONDS) -> list[AlgorithmBackend]:
    """Test and time every backend; takes about a second, so call it from a thread."""
    makers: dict[tuple[str, str], Callable[[], Callable[[], object]]] = {}
    for library, make_sm2 in algorithms.SM2S:
        makers["SM2", library] = lambda make=make_sm2: _signing(make(alg.hash), alg)
    for library, make_sm3 in algorithms.HASHES:
        makers["SM3", library] = lambda make=make_sm3: _hashing(make())
    for library, make_cipher in algorithms.CIPHERS:
        makers["SM4", library] = lambda make=make_cipher: _sealing(make())
    found: list[AlgorithmBackend] = []
    for row in alg.report():
        speed = 0.0
        if row.passed:
            rate = _rate(makers[row.role, row.library](), seconds)
            speed = rate if row.role == "SM2" else rate * len(_MESSAGE) / 1e6
        found.append(
            AlgorithmBackend(
                role=row.role,
                library=row.library,
                name=row.name,
                passed=row.passed,
                used=row.used,
                reason=row.reason,
                speed=round(speed, 1),
                unit="次签名/秒" if row.role == "SM2" else "MB/s",
            )
        )
    return found


def _signing(sm2: algorithms.Sm2Backend, alg: Algorithms) -> Callable[[], object]:
    private = alg.sm2_generate().private
    return lambda: sm2.sign_digest(private, b"d" * 32)


def _hashing(sm3: algorithms.HashBackend) -> Callable[[], object]:
    return lambda: sm3.digest(_MESSAGE)


def _sealing(cipher: algorithms.CipherBackend) -> Callable[[], object]:
    return lambda: cipher.seal(b"k" * 16, b"n" * 12, _MESSAGE, b"")


def _rate(work: Callable[[], object], seconds: float) -> float:
    """Return calls a second."""
    began = time.perf_counter()
    calls = 0
    while True:
        work()
        calls += 1
        took = time.perf_counter() - began
        if took >= seconds:
            return calls / took
