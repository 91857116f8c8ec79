"""The offline engines' process as the reading of chat files uses it: after everything else, ended when nothing waits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from app.session.file_reading import Unreadable
from app.store.queries.file_texts import Passage
from offline_ai.errors import OfflineAIError
from offline_ai.retrieval.reading import ENDINGS, Words
from offline_ai.worker.host import Cancelled, WorkerProcess


class EngineReader:
    """See session.file_reading.WordReader."""

    endings: Sequence[str] = ENDINGS

    def __init__(self) -> None:
        self._engine = WorkerProcess(calm=True)
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="file-words")

    async def read(self, data: bytes, name: str, most: int) -> tuple[str, list[Passage]]:
        loop = asyncio.get_running_loop()
        try:
            found: Words = await loop.run_in_executor(
                self._threads, lambda: self._engine.run("words_of", data, name, most)
            )
        except (OfflineAIError, Cancelled) as problem:
            raise Unreadable(str(problem)) from problem
        return found.text, [Passage(one.start, one.end, one.page or 0) for one in found.passages]

    async def cancel(self) -> None:
        self._engine.cancel()

    async def rest(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.rest)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._engine.close)
        self._threads.shutdown(wait=False, cancel_futures=True)
