"""REST endpoints of what belongs to one account alone."""

from collections.abc import Awaitable, Callable

from server_stub.contract.directory import Person
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.personal import (
    MAX_ITEM_BYTES,
    Avatar,
    OwnCardChange,
    PersonalItem,
    PersonalItems,
    PersonStatus,
    PutPersonalItem,
    PutRelation,
    PutStatus,
    Relation,
    Relations,
)
from server_stub.http.endpoint import Access, Call, Caller, Endpoint, Response

from .service import AVATAR_BYTES, PersonalService

_TAGS = ("personal",)

SetPicture = Callable[[Caller, str], Awaitable[Person]]
"""Puts a picture on the caller's card and tells those who see him; "" takes it off."""


class PersonalRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: PersonalService, set_picture: SetPicture) -> None:
        self._service = service
        self._set_picture = set_picture

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        me, mine = "/api/v1/me", Access.SIGNED_IN
        return [
            Endpoint(
                "GET",
                me + "/items",
                mine,
                self._items,
                "The account's own values",
                answer=PersonalItems,
                tags=_TAGS,
            ),
            Endpoint(
                "PUT",
                me + "/items",
                mine,
                self._put_item,
                "Keep a value of the account",
                body=PutPersonalItem,
                answer=PersonalItem,
                max_body=MAX_ITEM_BYTES * 2 + 4096,
                tags=_TAGS,
                clauses=("E066", "E068", "E070", "E155"),
            ),
            Endpoint(
                "GET",
                me + "/relations",
                mine,
                self._relations,
                "Contacts, special attention, blacklist",
                answer=Relations,
                tags=_TAGS,
                clauses=("E161",),
            ),
            Endpoint(
                "PUT",
                me + "/relations",
                mine,
                self._put_relation,
                "Begin or end a relation",
                body=PutRelation,
                answer=Relation,
                tags=_TAGS,
                clauses=("E161",),
            ),
            Endpoint(
                "GET",
                me + "/status",
                mine,
                self._status,
                "The own status",
                answer=PersonStatus,
                tags=_TAGS,
                clauses=("E059",),
            ),
            Endpoint(
                "PUT",
                me + "/status",
                mine,
                self._put_status,
                "Set the own status",
                body=PutStatus,
                answer=PersonStatus,
                tags=_TAGS,
                clauses=("E059",),
            ),
            Endpoint(
                "PUT",
                me + "/card",
                mine,
                self._card,
                "Change the own card",
                body=OwnCardChange,
                answer=Person,
                tags=_TAGS,
                clauses=("E148",),
            ),
            Endpoint(
                "POST",
                "/api/v1/avatars",
                mine,
                self._put_avatar,
                "Keep a small picture of a person or group",
                body=bytes,
                answer=Avatar,
                max_body=AVATAR_BYTES,
                tags=_TAGS,
                clauses=("E080", "E148"),
            ),
            Endpoint(
                "GET",
                "/api/v1/avatars/{id}",
                mine,
                self._avatar,
                "A small picture of a person or group",
                answer=Response,
                tags=_TAGS,
                clauses=("E080", "E148"),
            ),
        ]

    async def _items(self, call: Call[None]) -> PersonalItems:
        return PersonalItems(items=await self._service.items(call.caller))

    async def _put_item(self, call: Call[PutPersonalItem]) -> PersonalItem:
        return await self._service.put_item(call.caller, call.body.name, call.body.value)

    async def _relations(self, call: Call[None]) -> Relations:
        return Relations(relations=await self._service.relations(call.caller))

    async def _put_relation(self, call: Call[PutRelation]) -> Relation:
        return await self._service.put_relation(call.caller, call.body)

    async def _status(self, call: Call[None]) -> PersonStatus:
        return await self._service.status(call.caller)

    async def _put_status(self, call: Call[PutStatus]) -> PersonStatus:
        return await self._service.put_status(call.caller, call.body)

    async def _card(self, call: Call[OwnCardChange]) -> Person:
        wanted = call.body.avatar_file
        if wanted and not await self._service.has_avatar(wanted):
            raise ApiError(ErrorCode.NOT_FOUND, "avatar_file")
        return await self._set_picture(call.caller, wanted)

    async def _put_avatar(self, call: Call[bytes]) -> Avatar:
        return Avatar(id=await self._service.put_avatar(call.caller, call.body))

    async def _avatar(self, call: Call[None]) -> Response:
        data, media_type = await self._service.avatar(call.path["id"])
        return Response(data, media_type=media_type, headers={"cache-control": "private, immutable"})
