"""A search in memory."""

from __future__ import annotations

from app.store.queries.found_files import FileHit
from app.store.queries.search import matches, text_of
from app.store.records import ConversationRow, SearchHit
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import SearchResult

from .chat_service import ShowcaseChat
from .contacts_service import ShowcaseContacts
from .office import BY_ID

FILES = (
    FileHit("c-flood", "防汛值守工作群", 131, 1_795_600_000_000, "防汛物资储备清单.docx",
            "三、抽水泵车共32台，其中12台在城东仓库备勤，由市水利局负责防汛调度。", 2),
    FileHit("c-office", "市政府办公室秘书一处", 77, 1_795_400_000_000, "2026年防汛工作要点.pdf", "", 0),
)  # fmt: skip


class ShowcaseSearch:
    """See features.search.service.SearchService. `error` is raised by the directory while it is set."""

    def __init__(self) -> None:
        self.contacts = ShowcaseContacts()
        self.chat = ShowcaseChat()

    async def people_and_units(self, text: str, limit: int) -> SearchResult:
        return await self.contacts.search(text, limit)

    async def groups(self, text: str, limit: int) -> list[ConversationRow]:
        rows = await self.chat.overview()
        return [row for row in rows if row.kind is ConversationKind.GROUP and text in row.title][:limit]

    async def files(self, text: str, conversation_id: str, limit: int) -> list[FileHit]:
        found = [one for one in FILES if text in one.name or text in one.line]
        return [one for one in found if conversation_id in ("", one.conversation_id)][:limit]

    async def messages(self, text: str, conversation_id: str, limit: int) -> list[SearchHit]:
        found: list[SearchHit] = []
        for row in await self.chat.overview([conversation_id] if conversation_id else None):
            for message in await self.chat.newest(row.id, 100):
                body = text_of(message.content)
                if body and matches(body, text):
                    sender = BY_ID.get(message.sender_id)
                    found.append(SearchHit(message, row.title, body, sender.name if sender else ""))
        return sorted(found, key=lambda hit: -hit.message.sent_at)[:limit]
