"""Work of a session that nobody waits for: kept so that it ends with the session, and its failures are told."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from app.session.http import SessionEnded
from app.session.states import NetworkError
from server_stub.contract.errors import ApiError, ErrorCode

log = logging.getLogger(__name__)


class SideWork:
    """Starts and ends background tasks. No answer is quiet, a refusal is noted; whatever else fails is an error in the log."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = True

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it soon; not at all after `refuse`."""
        if not self._open:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def refuse(self) -> None:
        """Take no more; what runs goes on."""
        self._open = False

    async def close(self) -> None:
        """Take no more and give up what runs."""
        self.refuse()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None or isinstance(error, NetworkError | SessionEnded):
            return
        if isinstance(error, ApiError):
            if error.code is not ErrorCode.NOT_FOUND:
                log.info("background work refused", extra={"code": error.code.value})
            return
        log.error("background work failed", extra={"error": type(error).__name__})
