"""A real HTTP gateway for text messages, by configuration."""

import logging

import httpx
from sqlalchemy import update

from server_stub.storage.database import Database

from .sms import keep
from .tables import sms_outbox

log = logging.getLogger(__name__)
_SENT_TEXT = "（已通过短信网关发送）"


class HttpGateway:
    """Posts {"phone", "text"} to a gateway with a bearer token. The outbox keeps only that it was sent."""

    def __init__(self, database: Database, url: str, token: str) -> None:
        self._database = database
        self._url = url
        self._client = httpx.AsyncClient(timeout=10, headers={"authorization": f"Bearer {token}"})

    async def send(self, phone: str, text: str) -> None:
        """See `SmsGateway`."""
        item_id = await keep(self._database, phone, _SENT_TEXT, "queued")
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
