"""Endpoints of the knowledge bases: reading for people, keeping for administrators."""

from server_stub.contract.knowledge import (
    BaseSetting,
    KnowledgeBases,
    KnowledgeIds,
    KnowledgePassages,
    KnowledgeQuery,
    KnowledgeText,
    KnowledgeVisible,
    NewDocument,
)
from server_stub.http.endpoint import Access, Call, Endpoint

from .desk import KnowledgeDesk
from .service import KnowledgeService

_PATH = "/api/v1/assistant/knowledge"
_ADMIN = "/api/v1/admin/assistant/knowledge"
_MOST_BODY = 4 * 1024 * 1024


class KnowledgeRoutes:
    """Handlers; the rules are in service, access and desk."""

    def __init__(self, service: KnowledgeService, desk: KnowledgeDesk) -> None:
        self._service, self._desk = service, desk

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        signed, admin, tags = Access.SIGNED_IN, Access.ADMIN, ("llm",)
        seen = ("3.2.6.13",)
        return [
            Endpoint(
                "POST", _PATH + "/search", signed, self._search, "Passages that the caller may see and that hold words",
                body=KnowledgeQuery, answer=KnowledgePassages, tags=tags, clauses=seen,
            ),
            Endpoint(
                "POST", _PATH + "/visible", signed, self._visible, "Which documents the caller may see now",
                body=KnowledgeIds, answer=KnowledgeVisible, tags=tags, clauses=seen,
            ),
            Endpoint(
                "GET", _PATH + "/documents/{id}", signed, self._text, "A document that the caller may see",
                answer=KnowledgeText, tags=tags, clauses=(*seen, "3.2.6.9.13"),
            ),
            Endpoint(
                "GET", _ADMIN, admin, self._bases, "All knowledge bases",
                answer=KnowledgeBases, tags=("admin", "llm"),
            ),
            Endpoint(
                "POST", _ADMIN, admin, self._make, "Make a knowledge base",
                body=BaseSetting, answer=KnowledgeBases, tags=("admin", "llm"),
            ),
            Endpoint(
                "PUT", _ADMIN + "/{id}", admin, self._put, "Change name and viewers",
                body=BaseSetting, answer=KnowledgeBases, tags=("admin", "llm"), clauses=seen,
            ),
            Endpoint(
                "DELETE", _ADMIN + "/{id}", admin, self._drop, "Remove a knowledge base",
                answer=KnowledgeBases, tags=("admin", "llm"),
            ),
            Endpoint(
                "POST", _ADMIN + "/{id}/documents", admin, self._add, "Put a document in",
                body=NewDocument, answer=KnowledgeBases, max_body=_MOST_BODY, tags=("admin", "llm"),
            ),
            Endpoint(
                "DELETE", _ADMIN + "/documents/{id}", admin, self._remove, "Take a document out",
                answer=KnowledgeBases, tags=("admin", "llm"),
            ),
        ]  # fmt: skip

    async def _search(self, call: Call[KnowledgeQuery]) -> KnowledgePassages:
        return await self._service.search(call.caller, call.body)

    async def _visible(self, call: Call[KnowledgeIds]) -> KnowledgeVisible:
        return await self._service.visible(call.caller, call.body.ids)

    async def _text(self, call: Call[None]) -> KnowledgeText:
        return await self._service.read(call.caller, call.path["id"])

    async def _bases(self, _call: Call[None]) -> KnowledgeBases:
        return await self._desk.bases()

    async def _make(self, call: Call[BaseSetting]) -> KnowledgeBases:
        return await self._desk.put(call.caller.person_id, "", call.body)

    async def _put(self, call: Call[BaseSetting]) -> KnowledgeBases:
        return await self._desk.put(call.caller.person_id, call.path["id"], call.body)

    async def _drop(self, call: Call[None]) -> KnowledgeBases:
        return await self._desk.drop(call.caller.person_id, call.path["id"])

    async def _add(self, call: Call[NewDocument]) -> KnowledgeBases:
        return await self._desk.add(call.caller.person_id, call.path["id"], call.body)

    async def _remove(self, call: Call[None]) -> KnowledgeBases:
        return await self._desk.remove(call.caller.person_id, call.path["id"])
