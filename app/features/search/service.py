"""What the search needs of the rest of the client (E051–E055, E072, E082)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from app.session.session import Session
from app.store.queries import conversations, found_files
from app.store.queries.found_files import FileHit
from app.store.records import ConversationRow, SearchHit
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person, SearchResult


class SearchService(Protocol):
    """Each search answers by itself, so that what the machine knows is not kept waiting by the server."""

    async def people_and_units(self, text: str, limit: int) -> SearchResult:
        """People and units of the directory, best first, of the people those with whom one talks; offline those that this
        machine has seen."""
        ...

    async def groups(self, text: str, limit: int) -> list[ConversationRow]:
        """Own groups whose name holds the text, the most active first."""
        ...

    async def files(self, text: str, conversation_id: str, limit: int) -> list[FileHit]:
        """Files of the chats whose name or words hold the text; "" for all conversations."""
        ...

    async def messages(self, text: str, conversation_id: str, limit: int) -> list[SearchHit]:
        """Messages on this machine that hold the text, newest first; "" for all conversations."""
        ...


def familiar_first(people: Sequence[Person], rows: Sequence[ConversationRow], text: str) -> list[Person]:
    """Who is called exactly `text`, then with whom one talks in the order of the list (`rows`), then the others as they came."""
    order = {row.peer_id: place for place, row in enumerate(rows) if row.peer_id}
    return sorted(people, key=lambda one: (one.name != text, order.get(one.id, len(rows))))


class SessionSearch:
    """The search over a signed-in session. Message texts never leave the machine."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def people_and_units(self, text: str, limit: int) -> SearchResult:
        found = await self._session.directory.search(text, limit)
        rows = await self._session.store.read(conversations.overview, background=True)
        return msgspec.structs.replace(found, people=familiar_first(found.people, rows, text))

    async def groups(self, text: str, limit: int) -> list[ConversationRow]:
        wanted = text.casefold()
        rows = await self._session.store.read(conversations.overview, background=True)
        found = [row for row in rows if row.kind is ConversationKind.GROUP and wanted in row.title.casefold()]
        return found[:limit]

    async def files(self, text: str, conversation_id: str, limit: int) -> list[FileHit]:
        return await self._session.store.read(
            lambda db: found_files.find(db, text, conversation_id=conversation_id, limit=limit),
            background=True,
        )

    async def messages(self, text: str, conversation_id: str, limit: int) -> list[SearchHit]:
        return await self._session.messages.search(text, conversation_id=conversation_id, limit=limit)
