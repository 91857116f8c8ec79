"""The document pages' stand-ins: the engines in this process, an invented directory and chats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.features.documents.service import ChatTarget, DocumentService
from app.features.documents.writer import ModelCalls
from offline_ai.worker.host import Cancelled
from offline_ai.worker.jobs import Jobs


class InlineEngine:
    """Runs the same jobs without a process of its own."""

    def __init__(self) -> None:
        self._jobs = Jobs()
        self._closed = False

    def run(self, name: str, *arguments: Any, tell: Callable[[float], None] | None = None) -> Any:
        if self._closed:
            raise Cancelled
        return getattr(self._jobs, name)(*arguments, tell or (lambda _value: None))

    def cancel(self) -> None:
        return

    def close(self) -> None:
        self._closed = True


class ShowcaseOutside:
    """Knows two people and three chats; what is sent is kept in `sent`."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.known = {"王强": ("p-wang", "王强"), "财政局": ("u-cz", "郑州市财政局")}

    async def resolve(self, name: str) -> tuple[str, str] | None:
        return self.known.get(name)

    async def chats(self) -> list[ChatTarget]:
        return [
            ChatTarget("c-flood", "防汛值守工作群"),
            ChatTarget("c-office", "市政府办公室秘书一处"),
            ChatTarget("c-li", "李强"),
        ]

    async def send(self, conversation_id: str, text: str) -> None:
        self.sent.append((conversation_id, text))


def showcase_documents(folder: Path, calls: ModelCalls | None = None) -> DocumentService:
    """The service with both, and a model behind `calls`."""
    return DocumentService(folder, ShowcaseOutside(), InlineEngine(), calls=calls)
