"""Tells the two people of a secret chat that it changed: the id only, clients fetch what they may see."""

from collections.abc import Callable, Collection

from server_stub.contract.events import SecretEvent
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .gateway import Gateway
from .outgoing import Outgoing


class SecretNews:
    """`secret.ports.News` over the fan-out."""

    def __init__(self, gateway: Callable[[], Gateway], database: Database) -> None:
        self._gateway = gateway
        self._database = database

    async def tell(self, chat_id: str, person_ids: Collection[str]) -> None:
        """Deliver to the people's connections in every server process; nothing is kept for those who are away."""
        event_id = (await self._database.write(next_event_ids))[0]
        event = SecretEvent(event_id=event_id, chat_id=chat_id)
        self._gateway().fanout.publish([Outgoing(event, list(person_ids))])
