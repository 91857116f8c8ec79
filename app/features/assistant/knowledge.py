"""The organisation's knowledge bases as the assistant reads them: the server decides each time what may be seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from app.session.http import SessionEnded
from app.session.states import NetworkError
from app.store.queries.assistant import KNOWLEDGE
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.knowledge import KnowledgePassage, KnowledgeText

from .library import Readable


class Calls(Protocol):
    """The calls of app.session.knowledge that are used here."""

    async def search(self, groups: Sequence[Sequence[str]], question: str = "") -> list[KnowledgePassage]: ...

    async def visible(self, ids: Sequence[str]) -> set[str]: ...

    async def text(self, document_id: str) -> KnowledgeText: ...


class Knowledge:
    """Nothing of it is kept here. Without the server nothing of it is found, read or shown."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def find(self, terms: Sequence[Sequence[str]], question: str = "") -> list[Readable]:
        """Passages that hold the words; with `question` also such as say the same in others, where the office has an
        embedding model. The best first."""
        try:
            found = await self._calls.search(terms, question)
        except (NetworkError, ApiError, SessionEnded):
            return []
        return [
            Readable(f"{KNOWLEDGE}{one.document_id}", _title(one.title, one.base), one.text, one.start)
            for one in found
        ]

    async def read(self, key: str) -> Readable | None:
        """A document whole, if it may be seen now. Raises NetworkError."""
        try:
            found = await self._calls.text(key.removeprefix(KNOWLEDGE))
        except ApiError as error:
            if error.code in (ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN):
                return None
            raise
        return Readable(key, _title(found.title, found.base), found.text)

    async def allowed(self, keys: Collection[str]) -> frozenset[str]:
        """Those of the keys that may be seen now; none where nobody can say."""
        if not keys:
            return frozenset()
        try:
            found = await self._calls.visible([key.removeprefix(KNOWLEDGE) for key in keys])
        except (NetworkError, ApiError, SessionEnded):
            return frozenset()
        return frozenset(f"{KNOWLEDGE}{one}" for one in found)


def _title(title: str, base: str) -> str:
    return f"《{title}》 {base}"
