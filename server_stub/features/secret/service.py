"""Secret chat as a whole."""

import time
from collections.abc import Callable

from server_stub.storage.database import Database

from .access import SecretAccess
from .burning import Reaper
from .messages import Messages
from .oversight import Oversight
from .ports import Connected, ContactGate, Devices, MessageKeys, Names, News, Permissions, Refusals
from .rooms import Rooms


class SecretService:
    """`rooms`, `messages`, `oversight`; `reaper` burns on time."""

    def __init__(
        self,
        *,
        database: Database,
        permissions: Permissions,
        gate: ContactGate,
        names: Names,
        devices: Devices,
        connected: Connected,
        keys: MessageKeys,
        news: News,
        audit: Refusals,
        clock: Callable[[], float] = time.time,
    ) -> None:
        access = SecretAccess(permissions, gate, audit)
        self.reaper = Reaper(database, keys, news, clock)
        self.rooms = Rooms(database, access, names, connected, news, clock)
        self.messages = Messages(database, access, keys, devices, news, self.reaper, clock)
        self.oversight = Oversight(database, access, keys, devices, news, audit, self.reaper, clock)

    async def start(self) -> None:
        """Burn what became due while the server was down, before anything is served; then go on."""
        await self.reaper.sweep()
        self.reaper.start()

    async def close(self) -> None:
        """Stop."""
        await self.reaper.close()
