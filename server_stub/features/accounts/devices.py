"""What devices are called, and which device a session is on; for features that show them."""

from collections.abc import Callable, Collection

from sqlalchemy import Connection, select

from server_stub.contract.accounts import SessionInfo
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .service import AccountService
from .tables import devices, sessions


class DeviceBook:
    """Reads the tables of accounts; decides nothing about rights."""

    def __init__(self, database: Database, service: AccountService) -> None:
        self._database = database
        self._service = service

    async def names(self, device_ids: list[str]) -> dict[str, str]:
        """Names by device id."""

        def work(connection: Connection) -> dict[str, str]:
            found: dict[str, str] = {}
            for start in range(0, len(device_ids), 500):
                part = device_ids[start : start + 500]
                rows = connection.execute(select(devices.c.id, devices.c.name).where(devices.c.id.in_(part)))
                found.update({row.id: row.name for row in rows})
            return found

        return await self._database.read(work) if device_ids else {}

    async def names_of_person(self, person_id: str) -> dict[str, str]:
        """Names of a person's devices by id."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                select(devices.c.id, devices.c.name).where(devices.c.person_id == person_id)
            ).all()
        )
        return {row.id: row.name for row in rows}

    async def session_devices(self, person_id: str) -> dict[str, str]:
        """Device id of each live session of the person."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                select(sessions.c.id, sessions.c.device_id).where(
                    sessions.c.person_id == person_id, sessions.c.ended_at.is_(None)
                )
            ).all()
        )
        return {row.id: row.device_id for row in rows}

    async def session_list(
        self, caller: Caller, online: Callable[[Collection[str]], Collection[str]]
    ) -> list[SessionInfo]:
        """Live sessions of the caller."""
        return await self._service.session_list(caller, online)

    async def device_public_key(self, caller: Caller) -> bytes:
        """The SM2 key of the caller's device."""
        return await self._service.device_public_key(caller)
