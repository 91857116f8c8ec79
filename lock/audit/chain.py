"""An append-only log whose lines each hold the digest of the one before: a changed or missing line shows."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

Digest = Callable[[bytes], bytes]
"""The hash of the chain; the client passes SM3."""

_START = "0" * 64


@dataclass(frozen=True)
class LockEntry:
    """One lock or unlock (3.2.3.1.8). `at_ms` is Unix time in milliseconds."""

    at_ms: int
    action: str
    result: str
    trigger: str
    method: str
    window: str
    person_id: str
    device_id: str
    previous: str = ""
    digest: str = ""


class BrokenChain(Exception):
    """A line of the log was changed, removed or cut; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"锁定日志第 {line} 行与前文不符")
        self.line = line


class AuditChain:
    """The log in one file, a JSON object a line. It holds no content of the user's, only what happened when."""

    def __init__(self, file: Path, digest: Digest) -> None:
        self._file = file
        self._digest = digest
        self._last = _START
        self._repair_torn_end()
        for entry in self._read():
            self._last = entry.digest

    def append(self, entry: LockEntry) -> LockEntry:
        """Write `entry` to the disk with its place in the chain, and return it so."""
        placed = replace(entry, previous=self._last, digest="")
        placed = replace(placed, digest=self._digest_of(placed))
        line = json.dumps(asdict(placed), ensure_ascii=False) + "\n"
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        self._last = placed.digest
        return placed

    def entries(
        self, *, from_ms: int = 0, to_ms: int | None = None, trigger: str = "", person_id: str = ""
    ) -> list[LockEntry]:
        """Entries in order of time, filtered; `to_ms` is exclusive."""
        return [
            entry
            for entry in self._read()
            if entry.at_ms >= from_ms
            and (to_ms is None or entry.at_ms < to_ms)
            and (not trigger or entry.trigger == trigger)
            and (not person_id or entry.person_id == person_id)
        ]

    def verify(self) -> int:
        """Return how many entries there are; raise `BrokenChain` at the first that does not fit."""
        previous, count = _START, 0
        for count, entry in enumerate(self._read(), start=1):
            if entry.previous != previous or self._digest_of(replace(entry, digest="")) != entry.digest:
                raise BrokenChain(count)
            previous = entry.digest
        if previous != self._last:
            raise BrokenChain(count + 1)
        return count

    def _digest_of(self, entry: LockEntry) -> str:
        values = asdict(entry)
        del values["digest"]
        return self._digest(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hex()

    def _read(self) -> Iterator[LockEntry]:
        if not self._file.exists():
            return
        with self._file.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    yield LockEntry(**json.loads(line))
                except (ValueError, TypeError):
                    raise BrokenChain(number) from None

    def _repair_torn_end(self) -> None:
        # A crash in the middle of a write leaves a line without its end: it was never acknowledged.
        if not self._file.exists():
            return
        data = self._file.read_bytes()
        if data and not data.endswith(b"\n"):
            with self._file.open("r+b") as stream:
                stream.truncate(data.rfind(b"\n") + 1)
