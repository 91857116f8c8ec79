"""The document pages' outside over a signed-in session."""

from __future__ import annotations

from app.session.session import Session
from app.store.queries import conversations

from .service import ChatTarget


class SessionOutside:
    """Directory and chats of the account."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def resolve(self, name: str) -> tuple[str, str] | None:
        found = await self._session.directory.search(name, 5)
        people = [person for person in found.people if person.name == name]
        if len(people) == 1:
            return people[0].id, people[0].name
        units = [unit for unit in found.units if unit.name.endswith(name)]
        if not people and len(units) == 1:
            return units[0].id, units[0].name
        return None

    async def chats(self) -> list[ChatTarget]:
        rows = await self._session.store.read(conversations.overview)
        return [ChatTarget(row.id, row.title) for row in rows]

    async def send(self, conversation_id: str, text: str) -> None:
        await self._session.send.text(conversation_id, text)
