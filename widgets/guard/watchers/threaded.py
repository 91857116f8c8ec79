"""Watchers that wait for the outside run in a thread with a loop of its own: the interface never waits for them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from widgets.guard.sightings import Report, Sighting

log = logging.getLogger(__name__)

_JOIN_S = 2.0


@dataclass(frozen=True)
class Posts:
    """A report that may be called from any thread; arrives on the interface thread in order."""

    began: Callable[[Sighting], None]
    ended: Callable[[str], None]
    ready: Callable[[], None]
    failed: Callable[[str], None]
    alarm: Callable[[], None]


class Job(Protocol):
    """What a threaded watcher does. `watch` runs until it is cancelled, or returns when it cannot go on."""

    @property
    def name(self) -> str:
        """See `Watcher`."""
        ...

    @property
    def sees_recorders(self) -> bool:
        """See `Watcher`."""
        ...

    async def watch(self, posts: Posts) -> None:
        """Post what is seen."""
        ...


class _Relay(QObject):
    """Lives on the interface thread; a signal from another thread arrives there."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.open = True
        self.posted.connect(self._run)

    def _run(self, call: Callable[[], None]) -> None:
        if self.open:
            call()


class ThreadedWatcher:
    """Runs a `Job` in a thread. An error ends the watch and is reported as failed, never raised."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._thread: threading.Thread | None = None
        self._relay: _Relay | None = None
        self._stop: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        """See `Watcher`."""
        return self._job.name

    @property
    def sees_recorders(self) -> bool:
        """See `Watcher`."""
        return self._job.sees_recorders

    def start(self, report: Report) -> None:
        """See `Watcher`."""
        relay = self._relay = _Relay()
        posts = Posts(
            lambda sighting: relay.posted.emit(lambda: report.began(sighting)),
            lambda key: relay.posted.emit(lambda: report.ended(key)),
            lambda: relay.posted.emit(report.ready),
            lambda problem: relay.posted.emit(lambda: report.failed(problem)),
            lambda: relay.posted.emit(report.alarm),
        )
        loop = asyncio.new_event_loop()
        task = loop.create_task(self._run(posts))

        def stop() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)

        self._stop = stop
        self._thread = threading.Thread(
            target=_drive, args=(loop, task), name=f"capture guard: {self.name}", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """See `Watcher`."""
        if self._relay is not None:
            self._relay.open = False
            self._relay.deleteLater()
            self._relay = None
        if self._stop is not None and self._thread is not None:
            self._stop()
            self._thread.join(_JOIN_S)
        self._thread = self._stop = None

    async def _run(self, posts: Posts) -> None:
        try:
            await self._job.watch(posts)
            posts.failed(f"{self.name} 检测已停止。")
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.warning("capture guard: %s: %s", self.name, type(error).__name__)
            posts.failed(f"{self.name} 检测不可用。")


def _drive(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.close()


async def momentary(posts: Posts, sighting: Sighting, seconds: float) -> None:
    """A capture without an end of its own: counts as going on for `seconds`."""
    posts.began(sighting)
    try:
        await asyncio.sleep(seconds)
    finally:
        posts.ended(sighting.key)
