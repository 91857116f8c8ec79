"""Files into texts, in a process of its own that starts with the first file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from offline_ai.documents.model import Document
from offline_ai.worker.host import WorkerProcess


class FileReader:
    """Raises OfflineAIError with a Chinese reason."""

    def __init__(self) -> None:
        self._process: WorkerProcess | None = None

    async def text(self, path: Path) -> str:
        """The text of a file, one paragraph a line; the cells of a row with bars between."""
        process = self._process or WorkerProcess()
        self._process = process
        document: Document = (await asyncio.to_thread(process.run, "open", path))[0]
        return document.text.replace("\t", " | ")

    async def close(self) -> None:
        """End the process; a file that is being read is given up."""
        if self._process is not None:
            self._process.cancel()
            await asyncio.to_thread(self._process.close)
