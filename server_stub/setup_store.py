"""Writes an organisation across the features' tables: what features/setup fills (part of the composition)."""

import time
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete, insert, select

from server_stub.contract.accounts import DemoAccount
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.permissions import ASSISTANT, DOCUMENTS, MEETING_CLERK, SECRET_CHAT, Subject
from server_stub.features.accounts.tables import accounts, server_secrets
from server_stub.features.audit.trail import audit
from server_stub.features.directory.tables import persons, posts, units
from server_stub.features.directory.writing import insert_all, is_empty, recount
from server_stub.features.permissions.tables import feature_grants
from server_stub.features.setup.organisation import Rows, write
from server_stub.storage.database import Database
from server_stub.storage.schema import counters, metadata

_HALF = "demo_half"
_ACCOUNTS = "demo_accounts"
_DEMO_FEATURES = (SECRET_CHAT, ASSISTANT, DOCUMENTS, MEETING_CLERK)
"""What everyone of the demo organisation may use, so that it can be tried."""
_KEPT = {counters.name, server_secrets.name, audit.name}
"""Never discarded: event ids must not repeat, tokens stay valid, the trail stays."""


class SetupStore:
    """See features.setup.service.Store. The demo's password lies in the encrypted database: it opens demo data only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def needs_setup(self) -> bool:
        """Whether there is no organisation, or only half of a demo."""
        return await self._database.read(
            lambda connection: is_empty(connection) or _value(connection, _HALF) is not None
        )

    async def write(self, rows: Rows, *, half: bool) -> None:
        """Insert everything in one transaction."""
        now_ms = int(time.time() * 1000)

        def work(connection: Connection) -> None:
            if half:
                _keep(connection, _HALF, b"1")
            if not is_empty(connection):
                raise ApiError(
                    ErrorCode.CONFLICT, "already set up", message="本服务器已有组织，不能再次初始化。"
                )
            write(
                connection,
                rows,
                insert_all=insert_all,
                recount=recount,
                tables=(units, persons, posts, accounts),
                now_ms=now_ms,
            )

        await self._database.write(work)

    async def discard_half(self) -> None:
        """Remove what an unfinished demo left."""

        def work(connection: Connection) -> None:
            if _value(connection, _HALF) is None:
                return
            for table in reversed(metadata.sorted_tables):
                if table.name not in _KEPT:
                    connection.execute(delete(table))
            connection.execute(delete(server_secrets).where(server_secrets.c.name.in_((_HALF, _ACCOUNTS))))

        await self._database.write(work)

    async def finish_demo(self, accounts: Sequence[DemoAccount]) -> None:
        """Keep the accounts to try."""
        kept = msgspec.json.encode(list(accounts))

        def work(connection: Connection) -> None:
            connection.execute(delete(server_secrets).where(server_secrets.c.name == _HALF))
            _keep(connection, _ACCOUNTS, kept)
            now_ms = int(time.time() * 1000)
            everyone = {
                "subject": Subject.EVERYONE.value,
                "subject_id": "",
                "allow": True,
                "set_by": "",
                "set_at": now_ms,
            }
            connection.execute(
                insert(feature_grants), [{"feature": key, **everyone} for key in _DEMO_FEATURES]
            )

        await self._database.write(work)

    async def demo_accounts(self) -> list[DemoAccount]:
        """The accounts to try."""
        kept = await self._database.read(lambda connection: _value(connection, _ACCOUNTS))
        return msgspec.json.decode(kept, type=list[DemoAccount]) if kept else []


def _value(connection: Connection, name: str) -> bytes | None:
    found = connection.execute(
        select(server_secrets.c.value).where(server_secrets.c.name == name)
    ).scalar_one_or_none()
    return bytes(found) if found is not None else None


def _keep(connection: Connection, name: str, value: bytes) -> None:
    connection.execute(delete(server_secrets).where(server_secrets.c.name == name))
    connection.execute(insert(server_secrets).values(name=name, value=value))
