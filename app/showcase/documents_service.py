"""The document pages' stand-ins: the engines in this process, an invented directory and chats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.features.documents.service import ChatTarget, DocumentService
from app.features.documents.writer import ModelCalls
from offline_ai.sensitive.lists import SensitiveWord
from offline_ai.worker.host import Cancelled
from offline_ai.worker.jobs import Jobs

OFFICE_WORDS = (
    SensitiveWord("万无一失", "绝对化用语", "改为“确保安全”"),
    SensitiveWord("内部口令", "涉密", "不得写入公文"),
    SensitiveWord("VPN", "违规工具", "写作：专用网络"),
)


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


class ShowcaseOfficeWords:
    """An organisation's list of a few words."""

    def __init__(self, words: Sequence[SensitiveWord] = OFFICE_WORDS) -> None:
        self.kept = list(words)

    async def words(self) -> list[SensitiveWord]:
        return list(self.kept)

    def close(self) -> None:
        return


def showcase_documents(
    folder: Path, calls: ModelCalls | None = None, office: ShowcaseOfficeWords | None = None
) -> DocumentService:
    """The service with both, a model behind `calls` and the organisation's words."""
    return DocumentService(folder, ShowcaseOutside(), InlineEngine(), calls=calls, office=office)
