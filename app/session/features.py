"""What the account may use: asked of the server at each connection, told live, remembered for a start without network."""

import logging
from collections.abc import Iterable

from app.session.api import ApiClient
from app.session.http import SessionEnded
from app.session.listeners import Listeners
from app.session.states import NetworkError
from app.store.queries import preferences
from app.store.store import Store
from server_stub.contract.errors import ApiError

log = logging.getLogger(__name__)
_KEPT = "features"


class FeatureRights:
    """Deny by default. The server decides every use again: this only says which entries are shown.

    `changed` gives the features allowed now; ask `allows(key)` (keys in contract.permissions).
    """

    def __init__(self, store: Store, api: ApiClient) -> None:
        self._store = store
        self._api = api
        self._allowed: frozenset[str] = frozenset()
        self.changed: Listeners[frozenset[str]] = Listeners()
        self.told: Listeners[frozenset[str]] = Listeners()
        """The server said something of permissions, not necessarily the own ones: those of a peer may have changed."""

    @property
    def allowed(self) -> frozenset[str]:
        """Keys of the features allowed now."""
        return self._allowed

    def allows(self, feature: str) -> bool:
        """Whether the account may use the feature."""
        return feature in self._allowed

    async def start(self) -> None:
        """Take what was known at the last end."""
        kept = await self._store.read(lambda db: preferences.get(db, _KEPT, []))
        self._set(kept if isinstance(kept, list) else [])

    async def refresh(self) -> None:
        """Ask the server; quiet when it cannot be reached."""
        try:
            await self.take(await self._api.own_features())
        except (NetworkError, ApiError, SessionEnded) as error:
            log.info("features not fetched", extra={"reason": type(error).__name__})

    async def take(self, features: Iterable[str]) -> None:
        """The server says what is allowed."""
        if self._set(features):
            kept = sorted(self._allowed)
            await self._store.write(lambda db: preferences.put(db, _KEPT, kept))
        self.told.emit(self._allowed)

    def _set(self, features: Iterable[str]) -> bool:
        fresh = frozenset(features)
        if fresh == self._allowed:
            return False
        self._allowed = fresh
        self.changed.emit(fresh)
        return True
