"""What meetings need of the rest of the server; app.py passes the real things in."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from sqlalchemy import Connection

from server_stub.contract.content import AnyContent
from server_stub.http.endpoint import Caller


class Place(Protocol):
    """A unit's path of ids and its name."""

    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...


class Units(Protocol):
    """See directory.places.UnitPlaces."""

    def posts_of(self, connection: Connection, person_id: str) -> list[str]: ...
    def places(self, connection: Connection, unit_ids: Collection[str]) -> Mapping[str, Place]: ...
    def contacts(self, connection: Connection, person_ids: Collection[str]) -> dict[str, tuple[str, str]]: ...


class Clerks(Protocol):
    """Whether a person has the feature permission of meeting clerks; administrators need none."""

    def is_clerk(self, connection: Connection, caller: Caller) -> bool: ...


class Refusals(Protocol):
    """The audit trail."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None: ...
    async def record(self, kind: str, person_id: str, target: str, result: str) -> None: ...


class Notices(Protocol):
    """Writes a sealed message of a service to a person: see conversations.service.ConversationService."""

    async def notify(self, service: str, name: str, person_id: str, content: AnyContent) -> Any: ...


class Texts(Protocol):
    """Sends a text message: see accounts.sms.SmsGateway."""

    async def send(self, phone: str, text: str) -> None: ...
