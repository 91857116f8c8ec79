"""Text messages: the administrator's outbox by default, a real HTTP gateway by configuration."""

import logging
import time
from typing import Protocol

import httpx
from sqlalchemy import insert, select, update

from server_stub.contract.accounts import SmsItem
from server_stub.contract.ids import uuid7
from server_stub.storage.database import Database

from .tables import sms_outbox

log = logging.getLogger(__name__)
_SENT_TEXT = "（已通过短信网关发送）"


class SmsGateway(Protocol):
    """Sends one text message."""

    async def send(self, phone: str, text: str) -> None:
        """Take the message; never raises for a gateway that is down: the outbox shows the failure."""
        ...


class OutboxGateway:
    """Keeps messages for administrators to pass on by hand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send(self, phone: str, text: str) -> None:
        """See `SmsGateway`."""
        await _keep(self._database, phone, text, "queued")


class HttpGateway:
    """Posts {"phone", "text"} to a gateway with a bearer token. The outbox keeps only that it was sent."""

    def __init__(self, database: Database, url: str, token: str) -> None:
        self._database = database
        self._url = url
        self._client = httpx.AsyncClient(timeout=10, headers={"authorization": f"Bearer {token}"})

    async def send(self, phone: str, text: str) -> None:
        """See `SmsGateway`."""
        item_id = await _keep(self._database, phone, _SENT_TEXT, "queued")
        try:
            answer = await self._client.post(self._url, json={"phone": phone, "text": text})
            state = "sent" if answer.is_success else "failed"
        except httpx.HTTPError as error:
            log.warning("sms gateway failed", extra={"error": type(error).__name__})
            state = "failed"
        await self._database.write(
            lambda connection: (
                connection.execute(update(sms_outbox).where(sms_outbox.c.id == item_id).values(state=state))
                and None
            )
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


async def _keep(database: Database, phone: str, text: str, state: str) -> str:
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
