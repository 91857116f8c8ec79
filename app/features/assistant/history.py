"""Talks in the store of the account."""

from __future__ import annotations

import msgspec

from app.store.queries import assistant, preferences
from app.store.queries.assistant import Talk, Turn
from app.store.store import Store
from server_stub.contract.llm import AssistantSetup

from .knowledge import Knowledge

_KEPT = "assistant.setup"


class StoreHistory:
    """See ports.History."""

    def __init__(self, store: Store, knowledge: Knowledge | None = None) -> None:
        self._store, self._knowledge = store, knowledge

    async def _allowed(self, talk_id: str = "") -> frozenset[str]:
        """Documents of knowledge bases that answers are made from and that may be seen now."""
        if self._knowledge is None:
            return frozenset()
        keys = await self._store.read(lambda db: assistant.knowledge_keys(db, talk_id), background=True)
        return await self._knowledge.allowed(keys)

    async def talks(self, text: str = "") -> list[Talk]:
        allowed = await self._allowed() if text.strip() else frozenset()
        return await self._store.read(lambda db: assistant.talks(db, text, allowed), background=True)

    async def turns(self, talk_id: str) -> list[Turn]:
        allowed = await self._allowed(talk_id)
        return await self._store.read(lambda db: assistant.turns(db, talk_id, allowed))

    async def put(self, turn: Turn, title: str) -> None:
        await self._store.write(lambda db: assistant.put(db, turn, title))

    async def vote(self, turn_id: str, value: int, reason: str) -> None:
        await self._store.write(lambda db: assistant.vote(db, turn_id, value, reason))

    async def rename(self, talk_id: str, title: str) -> None:
        await self._store.write(lambda db: assistant.rename(db, talk_id, title))

    async def remove_turn(self, turn_id: str) -> None:
        await self._store.write(lambda db: assistant.remove_turn(db, turn_id))

    async def remove_talk(self, talk_id: str) -> None:
        await self._store.write(lambda db: assistant.remove_talk(db, talk_id))

    async def remember(self, setup: AssistantSetup | None) -> None:
        value = None if setup is None else msgspec.json.encode(setup)
        await self._store.write(lambda db: preferences.put(db, _KEPT, value))

    async def remembered(self) -> AssistantSetup | None:
        value = await self._store.read(lambda db: preferences.get(db, _KEPT))
        return None if value is None else msgspec.json.decode(value, type=AssistantSetup)
