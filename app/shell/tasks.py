"""Background work of a window: every coroutine is owned, its failure is told, and it ends with its owner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Starts coroutines on the running loop. `on_error` gets what went wrong and what was being done (Chinese)."""

    def __init__(self, on_error: Callable[[BaseException, str], None]) -> None:
        self._on_error = on_error
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(
        self,
        work: Coroutine[Any, Any, Any],
        doing: str = "",
        *,
        on_error: Callable[[BaseException, str], None] | None = None,
    ) -> asyncio.Task[Any] | None:
        """Run `work`; `doing` is a short Chinese phrase such as "发送消息". Nothing starts after `close`."""
        if self._closed:
            work.close()
            return None
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(lambda done: self._finished(done, doing, on_error or self._on_error))
        return task

    def _finished(
        self, task: asyncio.Task[Any], doing: str, on_error: Callable[[BaseException, str], None]
    ) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None or self._closed:
            return
        # The class and the phrase only: texts of errors may quote what the user wrote.
        log.warning("task failed: %s (%s)", type(error).__name__, doing)
        on_error(error, doing)

    async def close(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        self._closed = True
        pending = list(self._running)
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.gather(*pending, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until nothing runs (tests and pictures)."""
        while self._running:
            await asyncio.wait(set(self._running))
