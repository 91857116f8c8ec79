"""The check-in page on a phone and the three calls behind it; whoever has the signed link may open it (3.1.6.4.7)."""

from collections import OrderedDict
from pathlib import Path

import msgspec

from server_stub.companion.pages import Page, Room
from server_stub.contract.meetings import CheckedIn, CheckInByPhone, CheckInChoice, CheckInHall, HallPlan
from server_stub.http.endpoint import Access, Call, Endpoint, Query, Response

from .checkins import CheckInService
from .reader import parse

MEETING_ROOM = Room(
    "meetings",
    Path(__file__).parent / "phone",
    (Page("/check-in/{token}", "会议签到", "check_in.js", ("check_in.css",), signed_in=False),),
)
_KEPT = 16
_DAY = 86_400


class CheckInPages:
    """Handlers of the public calls; the link in the path is the right to make them."""

    def __init__(self, service: CheckInService) -> None:
        self._service = service
        self._plans: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints below /api/v1/check-in."""
        path, tags, clauses = "/api/v1/check-in/{token}", ("meetings",), ("3.1.6.4.7",)
        return [
            Endpoint(
                "GET",
                path,
                Access.PUBLIC,
                self._hall,
                "The meeting behind a check-in link",
                answer=CheckInHall,
                tags=tags,
                clauses=clauses,
            ),
            Endpoint(
                "POST",
                path,
                Access.PUBLIC,
                self._come,
                "Check in with the registered phone number",
                body=CheckInByPhone,
                answer=CheckedIn,
                max_body=4096,
                tags=tags,
                clauses=clauses,
            ),
            Endpoint(
                "GET",
                path + "/plan",
                Access.PUBLIC,
                self._plan,
                "The hall's seats without names",
                answer=HallPlan,
                query={"plan": Query(int, 0, minimum=0, maximum=2**31 - 1)},
                tags=tags,
                clauses=clauses,
            ),
        ]

    async def _hall(self, call: Call[None]) -> CheckInHall:
        hall = await self._service.hall(call.path["token"])
        return CheckInHall(
            title=hall.title, place=hall.where, starts_at=hall.when, open=hall.open, plan=hall.plan_version
        )

    async def _come(self, call: Call[CheckInByPhone]) -> CheckedIn:
        hall = await self._service.hall(call.path["token"])
        body = call.body
        guests = await self._service.come(
            hall,
            body.phone[:40],
            body.attendee_id[:120],
            address=call.address,
            browser=body.browser[:64],
        )
        if len(guests) > 1:
            return CheckedIn(
                choices=[
                    CheckInChoice(attendee_id=one.attendee_id, name=one.name, unit=one.unit) for one in guests
                ]
            )
        guest = guests[0]
        return CheckedIn(
            name=guest.name,
            unit=guest.unit,
            seat_id=guest.seat_id,
            seat=guest.seat,
            at=guest.at,
            again=guest.again,
        )

    async def _plan(self, call: Call[None]) -> Response:
        hall = await self._service.hall(call.path["token"])
        key = hall.id, hall.plan_version
        found = self._plans.get(key)
        if found is None:
            found = msgspec.json.encode(hall_plan(await self._service.plan_text(hall)))
            self._plans[key] = found
            while len(self._plans) > _KEPT:
                self._plans.popitem(last=False)
        fresh = call.query["plan"] == hall.plan_version
        return Response(
            found,
            media_type="application/json",
            headers={"cache-control": f"private, max-age={_DAY}" if fresh else "no-store"},
        )


def hall_plan(text: str) -> HallPlan:
    """What a phone draws of a plan's document."""
    file = parse(text)
    layout = file.current()
    return HallPlan(
        width=file.room.width,
        depth=file.room.depth,
        seats=[
            (one.id, round(one.x), round(one.y), round(one.w), round(one.h), round(one.angle, 1), one.code)
            for region in layout.regions
            for one in region.seats
            if one.kind != "disabled"
        ],
        tables=[
            (one.x, one.y, one.w, one.h, one.angle, one.shape, one.label)
            for region in layout.regions
            for one in region.tables
        ],
        fixtures=[
            (one.x, one.y, one.w, one.h, one.angle, one.kind, one.label)
            for one in layout.fixtures
            if one.kind in ("rostrum", "door", "screen", "lectern", "column", "wall")
        ],
    )
