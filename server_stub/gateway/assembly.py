"""Joins conversations, files and the gateway; the composition root passes in what they need of the others."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from server_stub.bus import Bus
from server_stub.features.conversations.group_console import Record
from server_stub.features.conversations.group_routes import GroupRoutes
from server_stub.features.conversations.limits import Limits
from server_stub.features.conversations.ports import ContactGate, Devices, Keys, People
from server_stub.features.conversations.retention_routes import RetentionRoutes
from server_stub.features.conversations.routes import ConversationRoutes
from server_stub.features.conversations.service import ConversationService
from server_stub.features.conversations.sync import Source
from server_stub.features.files.access import FileAccess, Grants
from server_stub.features.files.blobs import BlobStore
from server_stub.features.files.collector import Ages, Collector
from server_stub.features.files.routes import FileRoutes
from server_stub.features.files.service import Digest, FileLimits, FileService
from server_stub.http.endpoint import Caller, Endpoint
from server_stub.storage.database import Database

from .gateway import Gateway
from .listener import uvicorn_protocol
from .outgoing import Outgoing
from .ports import Authenticate, Sessions, Visibility

WEBSOCKET_PATH = "/api/v1/ws"


class RefusalLog(Protocol):
    """Learns of refusals, for the audit trail; called from any thread, must not block or raise."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """`kind`: "conversation" or "file"; `target`: its id; `wanted`: the right asked for."""
        ...


@dataclass(frozen=True)
class Settings:
    """Configured limits, and the folder where sealed chunks lie."""

    chunk_folder: Path
    limits: Limits = field(default_factory=Limits)
    file_limits: FileLimits = field(default_factory=FileLimits)
    ages: Ages = field(default_factory=Ages)


class _Late:
    """Breaks the circle: services publish through the gateway, the gateway sends through the services."""

    def __init__(self) -> None:
        self.gateway: Gateway | None = None
        self.files: FileService | None = None

    def publish(self, outgoing: Sequence[Outgoing]) -> None:
        if self.gateway is not None:
            self.gateway.fanout.publish(outgoing)

    def may_name(self, connection: Connection, person_id: str, file_ids: Sequence[str]) -> bool:
        return self.files is not None and self.files.may_name(connection, person_id, file_ids)


class Chat:
    """The feature as a whole. `endpoints` and `websocket_protocol` go into the server; start, then close."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        authenticate: Authenticate,
        keys: Keys,
        people: People,
        devices: Devices,
        refusals: RefusalLog,
        digest: Digest,
        settings: Settings,
        sessions: Sessions | None = None,
        visibility: Visibility | None = None,
        more_grants: Sequence[Grants] = (),
        gate: ContactGate | None = None,
        sources: Sequence[Source] = (),
        avatar_exists: Callable[[Connection, str], bool] = lambda _connection, _id: False,
        record: Record | None = None,
    ) -> None:
        """`digest`: SM3. `more_grants`: others that let people read files (drives). `gate`: who may not write to whom.

        `sources`: rows of other features that are synchronised; `record`: the audit trail.
        """
        late = _Late()
        self._bus = bus
        self._own_database = _read_committed(database)
        database = self._own_database or database
        self.conversations = ConversationService(
            database=database,
            publisher=late,
            keys=keys,
            people=people,
            devices=devices,
            files=late,
            refusals=refusals,
            limits=settings.limits,
            gate=gate,
            sources=sources,
            avatar_exists=avatar_exists,
            record=record,
        )
        access = FileAccess([self.conversations, *more_grants], refusals)
        blobs = BlobStore(settings.chunk_folder)
        self.files = FileService(
            database=database, blobs=blobs, access=access, digest=digest, limits=settings.file_limits
        )
        self.collector = Collector(database, blobs, access, settings.ages)
        self.gateway = Gateway(
            bus=bus,
            messaging=self.conversations,
            authenticate=authenticate,
            sessions=sessions,
            visibility=visibility,
        )
        late.gateway, late.files = self.gateway, self.files
        self._collecting: asyncio.Task[None] | None = None

    def endpoints(self) -> list[Endpoint]:
        """Return the REST endpoints of conversations, keys, sync and files."""
        talk = self.conversations
        groups = GroupRoutes(
            talk.membership, talk.administration, talk.joining, talk.space, talk.console, talk.control
        )
        return [
            *ConversationRoutes(talk).endpoints(),
            *groups.endpoints(),
            *RetentionRoutes(talk.retention).endpoints(),
            *FileRoutes(self.files).endpoints(),
        ]

    def websocket_protocol(self) -> Callable[..., asyncio.Protocol]:
        """Return what to pass as `ws=` to uvicorn.Config."""
        return uvicorn_protocol(self.gateway, WEBSOCKET_PATH)

    async def start(self) -> None:
        """Begin to serve; the bus must be started."""
        self._bus.on_break(self.gateway.resync_all)
        await self.gateway.start()
        await self.conversations.retention.start()
        self._collecting = asyncio.get_running_loop().create_task(self.collector.run())

    async def close(self) -> None:
        """End the connections and the jobs; the database may be closed afterwards."""
        if self._collecting is not None:
            self._collecting.cancel()
            await asyncio.gather(self._collecting, return_exceptions=True)
            self._collecting = None
        await self.conversations.retention.close()
        await self.gateway.close()
        if self._own_database is not None:
            await asyncio.to_thread(self._own_database.close)


def _read_committed(database: Database) -> Database | None:
    """On PostgreSQL, a database whose writes wait for each other's rows instead of failing on them.

    Under REPEATABLE READ two server processes that write at once fail each other on the event counter's row,
    whatever they write, and a lock that was waited for shows what was there before the wait. Every write here takes
    its locks first and reads afterwards, which READ COMMITTED makes exact. Reads stay one snapshot.
    """
    if database.dialect != "postgresql":
        return None
    return Database(database.engine.execution_options(isolation_level="READ COMMITTED"), writers=2)
