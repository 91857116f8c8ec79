"""Text messages, and the administrator's outbox that takes them where no gateway (sms_http.py) is configured."""

import time
from typing import Protocol

from sqlalchemy import insert, select

from server_stub.contract.accounts import SmsItem
from server_stub.contract.ids import uuid7
from server_stub.storage.database import Database

from .tables import sms_outbox


class SmsGateway(Protocol):
    """Sends one text message."""

    async def send(self, phone: str, text: str) -> None:
        """Take the message; never raises for a gateway that is down: the outbox shows the failure."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class OutboxGateway:
    """Keeps messages for administrators to pass on by hand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send(self, phone: str, text: str) -> None:
        """See `SmsGateway`."""
        await keep(self._database, phone, text, "queued")

    async def close(self) -> None:
        """Nothing to let go of."""


async def keep(database: Database, phone: str, text: str, state: str) -> str:
    """Put a message into the outbox; returns its id there."""
    item_id = uuid7()
    values = {
        "id": item_id,
        "phone": phone,
        "text": text,
        "created_at": int(time.time() * 1000),
        "state": state,
    }
    await database.write(lambda connection: connection.execute(insert(sms_outbox).values(**values)) and None)
    return item_id


async def outbox(database: Database, limit: int) -> list[SmsItem]:
    """Return the newest messages; for administrators only (the endpoint says so)."""
    rows = await database.read(
        lambda connection: connection.execute(
            select(sms_outbox).order_by(sms_outbox.c.created_at.desc()).limit(limit)
        ).all()
    )
    return [
        SmsItem(id=row.id, phone=row.phone, text=row.text, created_at=row.created_at, state=row.state)
        for row in rows
    ]
