"""REST endpoints of the directory."""

from server_stub.contract.directory import (
    CardsChanged,
    ChangedCards,
    People,
    PeopleBatch,
    PeopleQuery,
    Person,
    SearchResult,
    UnitChildren,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Query

from .service import DirectoryService

_TAGS = ("directory",)


class DirectoryRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: DirectoryService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base, signed_in = "/api/v1/directory", Access.SIGNED_IN
        return [
            Endpoint("GET", "/api/v1/me", signed_in, self._me, "The own card", answer=Person, tags=_TAGS),
            Endpoint(
                "GET",
                f"{base}/roots",
                signed_in,
                self._roots,
                "The top of the organisation",
                answer=UnitChildren,
                tags=_TAGS,
                clauses=("E130",),
            ),
            Endpoint(
                "GET",
                f"{base}/units/{{id}}",
                signed_in,
                self._unit,
                "A unit's people and sub-units",
                answer=UnitChildren,
                query={
                    "offset": Query(int, 0, minimum=0, maximum=1_000_000),
                    "limit": Query(int, 200, minimum=1, maximum=500),
                },
                tags=_TAGS,
                clauses=("E131", "E132"),
            ),
            Endpoint(
                "GET",
                f"{base}/people/{{id}}",
                signed_in,
                self._person,
                "A person's card",
                answer=Person,
                tags=_TAGS,
                clauses=("E141",),
            ),
            Endpoint(
                "POST",
                f"{base}/people/batch",
                signed_in,
                self._batch,
                "The cards of up to 500 people",
                body=PeopleBatch,
                answer=People,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                f"{base}/people/changed",
                signed_in,
                self._changed,
                "Which of up to 500 cards changed since an event",
                body=CardsChanged,
                answer=ChangedCards,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                f"{base}/search",
                signed_in,
                self._search,
                "Search people and units",
                answer=SearchResult,
                query={
                    "q": Query(str, required=True, max_length=100),
                    "limit": Query(int, 20, minimum=1, maximum=100),
                },
                tags=_TAGS,
                clauses=("E137",),
            ),
            Endpoint(
                "POST",
                f"{base}/people/find",
                signed_in,
                self._find,
                "Find people across units by separate conditions",
                body=PeopleQuery,
                answer=People,
                tags=_TAGS,
                clauses=("3.1.3.8",),
            ),
        ]

    async def _me(self, call: Call[None]) -> Person:
        return await self._service.own_card(call.caller.person_id)

    async def _roots(self, call: Call[None]) -> UnitChildren:
        return await self._service.roots(call.caller)

    async def _unit(self, call: Call[None]) -> UnitChildren:
        return await self._service.children(
            call.caller, call.path["id"], call.query["offset"], call.query["limit"]
        )

    async def _person(self, call: Call[None]) -> Person:
        return await self._service.person(call.caller, call.path["id"])

    async def _batch(self, call: Call[PeopleBatch]) -> People:
        return await self._service.people(call.caller, call.body.ids)

    async def _changed(self, call: Call[CardsChanged]) -> ChangedCards:
        return await self._service.changed_cards(call.caller, call.body.after, call.body.ids)

    async def _find(self, call: Call[PeopleQuery]) -> People:
        return await self._service.find(call.caller, call.body)

    async def _search(self, call: Call[None]) -> SearchResult:
        return await self._service.search(call.caller, call.query["q"], call.query["limit"])
