"""The calls of the contract about knowledge bases, typed."""

from collections.abc import Sequence

from app.session.http import HttpCaller
from server_stub.contract.knowledge import (
    MOST_GROUPS,
    MOST_IDS,
    MOST_WORDS_EACH,
    QUERY_WORD_LONGEST,
    QUESTION_LONGEST,
    BaseSetting,
    KnowledgeBases,
    KnowledgeIds,
    KnowledgePassage,
    KnowledgePassages,
    KnowledgeQuery,
    KnowledgeText,
    KnowledgeVisible,
    NewDocument,
)

_PATH = "/assistant/knowledge"
_ADMIN = "/admin/assistant/knowledge"


class KnowledgeCalls:
    """Raises what HttpCaller raises."""

    def __init__(self, http: HttpCaller) -> None:
        self._http = http

    async def search(self, groups: Sequence[Sequence[str]], question: str = "") -> list[KnowledgePassage]:
        """Passages that may be seen and hold the words, or are near the question where the server has an embedding model."""
        words = [
            [word for word in group if 0 < len(word) <= QUERY_WORD_LONGEST][:MOST_WORDS_EACH]
            for group in list(groups)[:MOST_GROUPS]
        ]
        query = KnowledgeQuery(
            groups=[group for group in words if group], question=question[:QUESTION_LONGEST]
        )
        if not query.groups and not query.question:
            return []
        return (await self._http.call("POST", f"{_PATH}/search", KnowledgePassages, body=query)).passages

    async def visible(self, ids: Sequence[str]) -> set[str]:
        """Those of the documents that may be seen now."""
        found: set[str] = set()
        for start in range(0, len(ids), MOST_IDS):
            body = KnowledgeIds(ids=list(ids[start : start + MOST_IDS]))
            found.update((await self._http.call("POST", f"{_PATH}/visible", KnowledgeVisible, body=body)).ids)
        return found

    async def text(self, document_id: str) -> KnowledgeText:
        """A document; NOT_FOUND where it is gone or not to be seen."""
        return await self._http.call("GET", f"{_PATH}/documents/{document_id}", KnowledgeText)

    # Administration.

    async def bases(self) -> KnowledgeBases:
        """All with viewers and documents."""
        return await self._http.call("GET", _ADMIN, KnowledgeBases)

    async def put(self, base_id: str, wanted: BaseSetting) -> KnowledgeBases:
        """Make (with an empty id) or change a base."""
        method, path = ("PUT", f"{_ADMIN}/{base_id}") if base_id else ("POST", _ADMIN)
        return await self._http.call(method, path, KnowledgeBases, body=wanted)

    async def drop(self, base_id: str) -> KnowledgeBases:
        """Remove a base with its documents."""
        return await self._http.call("DELETE", f"{_ADMIN}/{base_id}", KnowledgeBases)

    async def add(self, base_id: str, wanted: NewDocument) -> KnowledgeBases:
        """Put a document in."""
        return await self._http.call("POST", f"{_ADMIN}/{base_id}/documents", KnowledgeBases, body=wanted)

    async def remove(self, document_id: str) -> KnowledgeBases:
        """Take a document out."""
        return await self._http.call("DELETE", f"{_ADMIN}/documents/{document_id}", KnowledgeBases)
