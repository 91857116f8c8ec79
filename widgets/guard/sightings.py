"""What watchers see: a program or key that captures the screen, and the record of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What captures. The value is the stable name for logs and reports."""

    RECORDER = "recorder"
    SCREENSHOT = "screenshot"
    SHARING = "sharing"
    REMOTE = "remote"
    ASSISTIVE = "assistive"
    KEY = "key"

    @property
    def words(self) -> str:
        """The kind in Chinese."""
        return _WORDS[self]


_WORDS = {
    Kind.RECORDER: "录屏软件",
    Kind.SCREENSHOT: "截图工具",
    Kind.SHARING: "屏幕共享",
    Kind.REMOTE: "远程控制",
    Kind.ASSISTIVE: "辅助工具",
    Kind.KEY: "截屏键",
}
EXCEPTABLE = frozenset({Kind.REMOTE, Kind.ASSISTIVE})
"""What an exception may let through; recorders and screenshot tools never."""


@dataclass(frozen=True)
class Sighting:
    """One capture going on. `key` is unique while it lasts; `tool` is a program's or desktop service's name."""

    key: str
    kind: Kind
    tool: str
    source: str = ""


@dataclass(frozen=True)
class CaptureEvent:
    """A sighting while something was guarded, for the log and for reports; times in Unix milliseconds.

    `ended_ms` is 0 while it lasts. `excepted`: it was let through by a running exception.
    """

    id: str
    kind: Kind
    tool: str
    source: str
    started_ms: int
    ended_ms: int = 0
    excepted: bool = False

    @property
    def words(self) -> str:
        """For a person: "录屏软件 OBS"."""
        return f"{self.kind.words} {self.tool}".strip()


@dataclass(frozen=True)
class Report:
    """Where a watcher reports, always on the interface thread.

    `ready`: the first look is done, what it saw has been reported. `failed`: it cannot watch (any more), why. `alarm`: a
    capture may be beginning; everything is covered for a moment, without a record, until it is known.
    """

    began: Callable[[Sighting], None]
    ended: Callable[[str], None]
    ready: Callable[[], None]
    failed: Callable[[str], None]
    alarm: Callable[[], None]


class Watcher(Protocol):
    """Notices captures from outside. May be started again after `close`.

    `sees_recorders`: it alone notices an ordinary recorder, so that the level "detecting" may be claimed with it.
    """

    @property
    def name(self) -> str:
        """Whom it asks."""
        ...

    @property
    def sees_recorders(self) -> bool:
        """See the class."""
        ...

    def start(self, report: Report) -> None:
        """Begin; must not block."""
        ...

    def close(self) -> None:
        """Stop; reports nothing afterwards."""
        ...


class FakeWatcher:
    """For tests and showrooms: what it sees is said by `begin` and `end`."""

    def __init__(
        self, name: str = "fake", *, sees_recorders: bool = True, ready_at_once: bool = True
    ) -> None:
        self.name = name
        self.sees_recorders = sees_recorders
        self.report: Report | None = None
        self._ready_at_once = ready_at_once

    def start(self, report: Report) -> None:
        """See `Watcher`."""
        self.report = report
        if self._ready_at_once:
            report.ready()

    def close(self) -> None:
        """See `Watcher`."""
        self.report = None

    def begin(self, key: str, kind: Kind = Kind.RECORDER, tool: str = "recorder") -> None:
        """See a capture begin."""
        if self.report is not None:
            self.report.began(Sighting(key, kind, tool, self.name))

    def end(self, key: str) -> None:
        """See it end."""
        if self.report is not None:
            self.report.ended(key)
