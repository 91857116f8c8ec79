"""What people may read of the knowledge bases: every call asks `access` anew, so that a right that ends ends at once."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from sqlalchemy import Connection, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.knowledge import (
    MOST_GROUPS,
    MOST_IDS,
    MOST_PASSAGES,
    MOST_WORDS_EACH,
    QUERY_WORD_LONGEST,
    QUESTION_LONGEST,
    KnowledgePassage,
    KnowledgePassages,
    KnowledgeQuery,
    KnowledgeText,
    KnowledgeVisible,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import Seen, visible_documents
from .passages import best, passages
from .tables import knowledge_documents
from .vectors import Vectors, fused

Audit = Callable[[str, str, str, str], Awaitable[None]]
"""kind, person, target, result."""


class Sealer(Protocol):
    """Keeps texts unreadable in the database."""

    def seal(self, text: str, name: str) -> bytes:
        """Sealed bytes that open only under the same name."""
        ...

    def open(self, sealed: bytes, name: str) -> str:
        """What was sealed."""
        ...


class KnowledgeService:
    """Holds opened texts by id; a text that is held is still not seen without a right."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        admit: Callable[[Caller], Awaitable[None]],
        audit: Audit,
        vectors: Vectors,
    ) -> None:
        """`admit` raises FORBIDDEN for whom the assistant is not given."""
        self.vectors = vectors
        self._database, self._sealer = database, sealer
        self._admit, self._audit = admit, audit
        self._texts: dict[str, str] = {}

    async def search(self, caller: Caller, query: KnowledgeQuery) -> KnowledgePassages:
        """Passages that hold the words."""
        await self._admit(caller)
        groups = query.groups
        if len(groups) > MOST_GROUPS or any(len(group) > MOST_WORDS_EACH for group in groups):
            raise ApiError(ErrorCode.BAD_REQUEST, "groups")
        if any(not 0 < len(word) <= QUERY_WORD_LONGEST for group in groups for word in group):
            raise ApiError(ErrorCode.BAD_REQUEST, "words")
        seen = await self._seen(caller.person_id)
        texts = await self._opened(seen)
        found = await asyncio.to_thread(best, texts, groups, MOST_PASSAGES)
        near = await self.vectors.near(query.question[:QUESTION_LONGEST], texts)
        if near:
            cut = {key: passages(texts[key]) for key in {key for key, _, _ in near}}
            by_vectors = [(key, cut[key][at][0]) for key, at, _ in near]
            pieces = {(key, start): text for key, start, text in found}
            pieces |= {(key, cut[key][at][0]): cut[key][at][1] for key, at, _ in near}
            order = fused([(key, start) for key, start, _ in found], by_vectors, MOST_PASSAGES)
            found = [(*one, pieces[one]) for one in order]
        return KnowledgePassages(
            passages=[
                KnowledgePassage(
                    document_id=key, title=seen[key].name, base=seen[key].base, start=start, text=text
                )
                for key, start, text in found
            ]
        )

    async def visible(self, caller: Caller, ids: Collection[str]) -> KnowledgeVisible:
        """Those of the documents that may be seen now."""
        await self._admit(caller)
        if len(ids) > MOST_IDS:
            raise ApiError(ErrorCode.BAD_REQUEST, "ids")
        seen = await self._seen(caller.person_id)
        return KnowledgeVisible(ids=[one for one in dict.fromkeys(ids) if one in seen])

    async def read(self, caller: Caller, document_id: str) -> KnowledgeText:
        """A document. NOT_FOUND whether it is not there or not to be seen."""
        await self._admit(caller)
        seen = (await self._seen(caller.person_id)).get(document_id)
        if seen is None:
            await self._audit("knowledge_read", caller.person_id, document_id[:36], "refused")
            raise ApiError(ErrorCode.NOT_FOUND, message="这份资料已移除或不再对您可见。")
        texts = await self._opened({seen.id: seen})
        return KnowledgeText(id=seen.id, title=seen.name, base=seen.base, text=texts[seen.id])

    async def _seen(self, person_id: str) -> dict[str, Seen]:
        return await self._database.read(lambda connection: visible_documents(connection, person_id))

    async def _opened(self, seen: dict[str, Seen]) -> dict[str, str]:
        """The texts of exactly these documents."""
        missing = [one for one in seen if one not in self._texts]
        if missing:

            def work(connection: Connection) -> tuple[dict[str, bytes], set[str]]:
                table = knowledge_documents
                sealed: dict[str, bytes] = {}
                for start in range(0, len(missing), 500):
                    rows = connection.execute(
                        select(table.c.id, table.c.sealed_text).where(
                            table.c.id.in_(missing[start : start + 500])
                        )
                    )
                    sealed |= {row.id: bytes(row.sealed_text) for row in rows}
                return sealed, set(connection.scalars(select(table.c.id)))

            sealed, there = await self._database.read(work)
            opened = await asyncio.to_thread(
                lambda: {key: self._sealer.open(value, key) for key, value in sealed.items()}
            )
            self._texts = {key: text for key, text in self._texts.items() if key in there} | opened
            self.vectors.forget(there)
        return {key: self._texts[key] for key in seen if key in self._texts}
