"""Batches of SM operations over all cores: the C libraries run without the interpreter's lock."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from types import TracebackType
from typing import Self, TypeVar

from .algorithms import Algorithms
from .ports import Sm2KeyPair

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batch:
    """Threads, as many as cores, that share one `Algorithms`. Results come in the order of the items.

    An error of one item ends the batch with that error. With the pure-Python backends it is no faster than a loop.
    """

    def __init__(self, alg: Algorithms, workers: int | None = None) -> None:
        self._alg = alg
        self._workers = workers or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="sm-batch")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def map(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply `work` to every item, in slices large enough that handing them out costs nothing."""
        size = max(1, -(-len(items) // (self._workers * 4)))
        slices = [items[at : at + size] for at in range(0, len(items), size)]

        def run(part: Sequence[Item]) -> list[Result]:
            return [work(item) for item in part]

        return list(chain.from_iterable(self._pool.map(run, slices)))

    def generate(self, count: int) -> list[Sm2KeyPair]:
        """Make key pairs."""
        return self.map(lambda _: self._alg.sm2_generate(), range(count))

    def sign(self, private: bytes, messages: Sequence[bytes]) -> list[bytes]:
        """Sign many messages with one key."""
        return self.map(lambda message: self._alg.sm2_sign(private, message), messages)

    def verify(self, claims: Iterable[tuple[bytes, bytes, bytes]]) -> list[bool]:
        """Verify many (public key, message, signature)."""
        return self.map(lambda claim: self._alg.sm2_verify(*claim), list(claims))

    def encrypt(self, publics: Sequence[bytes], data: bytes) -> list[bytes]:
        """Encrypt the same data to many keys."""
        return self.map(lambda public: self._alg.sm2_encrypt(public, data), publics)

    def seal(self, key: bytes, parts: Iterable[tuple[bytes, bytes, bytes]]) -> list[bytes]:
        """SM4-GCM over many (nonce, plain text, additional data) under one key."""
        return self.map(lambda part: self._alg.sm4_gcm_seal(key, *part), list(parts))

    def digest(self, parts: Sequence[bytes]) -> list[bytes]:
        """SM3 of many."""
        return self.map(self._alg.sm3, parts)
