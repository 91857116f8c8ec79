"""The offline engines as the assistant asks them, in their own process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from offline_ai.documents.model import Document
from offline_ai.retrieval.answer import Answer
from offline_ai.retrieval.intent import Intent
from offline_ai.retrieval.rewrite import Rewritten
from offline_ai.sensitive.lists import SensitiveWord
from offline_ai.sensitive.matcher import Hit
from offline_ai.worker.host import WorkerProcess


class Engine(Protocol):
    """Runs a job by name, see `offline_ai.worker.jobs`; blocks, and is called in a thread."""

    def run(self, name: str, *arguments: Any, tell: Callable[[float], None] | None = None) -> Any: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class OfflineEngine:
    """Jobs without waiting. They raise OfflineAIError with a Chinese reason, or Cancelled."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine: Engine = engine or WorkerProcess()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="assistant")

    async def _run(self, name: str, *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self._engine.run(name, *arguments))

    async def open(self, path: Path) -> Document:
        """The text of a file or of a picture."""
        return (await self._run("open", path))[0]

    async def picture(self, path: Path) -> bytes:
        """A picture made small for a model."""
        return await self._run("picture", path)

    async def rewrite(self, question: str, before: Sequence[str]) -> Rewritten:
        """A question as it is looked for, after the questions before it: its words, each with its synonyms."""
        return await self._run("rewrite", question, list(before))

    async def intent(self, line: str, before: str, places: Sequence[str], chats: Sequence[str]) -> Intent:
        """Whether a line is to find, to do or to ask."""
        return await self._run("intent", line, before, list(places), list(chats))

    async def ask(self, question: str, documents: Mapping[str, Document]) -> Answer:
        """The sentences that answer, with their places."""
        return await self._run("ask", question, dict(documents))

    async def keywords(self, text: str) -> list[str]:
        """The most telling words."""
        document = plain(text)
        if not document.text.strip():
            return []
        _, found = await self._run("summarise", document, 0)
        return [one.word for one in found]

    async def forbidden_kind(self, text: str, words: Sequence[SensitiveWord]) -> str | None:
        """The kind of the first forbidden word in it, also disguised (traditional forms, homophones, pinyin)."""
        if not words or not text.strip():
            return None
        hits: list[Hit] = await self._run("sensitive", plain(text), list(words))
        listed = set(words)
        return next((hit.word.kind for hit in hits if hit.word in listed), None)

    async def close(self) -> None:
        """End the process."""
        self._engine.cancel()
        await asyncio.get_running_loop().run_in_executor(None, self._engine.close)
        self._threads.shutdown(wait=False, cancel_futures=True)


def plain(text: str) -> Document:
    """A document of paragraphs."""
    document = Document()
    for line in text.split("\n"):
        if line.strip():
            document.add("paragraph", line)
    return document
