"""The organisation's sensitive words, as administrators keep them in the console and the server gives them to whom the
assistant is given."""

from __future__ import annotations

from typing import Protocol

import msgspec

from app.session.http import SessionEnded
from app.session.session import Session
from app.session.states import NetworkError
from app.store.queries import preferences
from offline_ai.sensitive.lists import SensitiveWord
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import SensitiveEntry

_KEPT = "office_words"


class OfficeWords(Protocol):
    """Where they come from."""

    async def words(self) -> list[SensitiveWord]:
        """What holds now; without a connection what the server said last, nothing without the permission."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


class SessionOfficeWords:
    """Asked once and again after each change; kept in the encrypted store for work without the server."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: list[SensitiveEntry] | None = None
        self._listening = session.assistant_news.connect(lambda _news: self._forget())

    def _forget(self) -> None:
        self._known = None

    async def words(self) -> list[SensitiveWord]:
        if self._known is None:
            try:
                found = (await self._session.assistant.setup()).words
            except (NetworkError, SessionEnded):
                return _taken(await self._kept())
            except ApiError as error:
                if error.code is not ErrorCode.FORBIDDEN:
                    return _taken(await self._kept())
                found = []
            await self._keep(found)
            self._known = found
        return _taken(self._known)

    async def _kept(self) -> list[SensitiveEntry]:
        data = await self._session.store.read(lambda db: preferences.get(db, _KEPT))
        return [] if data is None else msgspec.json.decode(data, type=list[SensitiveEntry])

    async def _keep(self, words: list[SensitiveEntry]) -> None:
        data = msgspec.json.encode(words) if words else None
        await self._session.store.write(lambda db: preferences.put(db, _KEPT, data))

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()


def _taken(words: list[SensitiveEntry]) -> list[SensitiveWord]:
    return [SensitiveWord(one.text, one.kind, one.note) for one in words]
