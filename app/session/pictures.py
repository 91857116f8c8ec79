"""How people and groups are pictured: fetched from the server once, then kept in the store."""

from collections.abc import Callable, Sequence

from app.session.group_api import GroupApi
from app.store.queries import people, pictures
from app.store.queries.pictures import Face
from app.store.store import Store


class Pictures:
    """Part of a session. Raises NetworkError and ApiError where the server must be asked."""

    def __init__(self, store: Store, api: GroupApi, now_ms: Callable[[], int]) -> None:
        self._store, self._api, self._now_ms = store, api, now_ms

    async def picture(self, avatar_id: str) -> bytes:
        """A small picture of a person or group; from the server once, then from the store."""
        now = self._now_ms()
        kept, resting = await self._store.read(
            lambda db: (pictures.get(db, avatar_id), pictures.resting(db, avatar_id, now))
        )
        if kept is not None:
            if resting:
                await self._store.write(lambda db: pictures.used(db, avatar_id, now))
            return kept
        data = await self._api.avatar(avatar_id)
        await self._store.write(lambda db: pictures.put(db, avatar_id, data, now))
        return data

    async def faces(self, ids: Sequence[str]) -> dict[str, Face]:
        """How each of these people and conversations is pictured; from the store."""
        return await self._store.read(lambda db: pictures.faces(db, ids))

    async def set_own_picture(self, data: bytes) -> None:
        """Put a picture on the own card; no data takes it off."""
        avatar = await self._api.put_avatar(data) if data else ""
        card = await self._api.set_card(avatar)
        await self._store.write(lambda db: people.put(db, [card], self._now_ms()))
