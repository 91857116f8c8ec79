"""REST endpoints of meetings."""

from typing import Any

from server_stub.contract.meetings import (
    Announce,
    Building,
    BuildingChange,
    CheckInLink,
    CheckInMark,
    CheckIns,
    CheckInSetting,
    Meeting,
    MeetingChange,
    Meetings,
    MySeats,
    Overlaps,
    PlanDocument,
    Publication,
    PublishPlan,
    Recipients,
    Room,
    RoomChange,
    RoomDocument,
    Rooms,
    SavePlan,
    SeatPlan,
    Versions,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Query

from .reader import LARGEST
from .service import MeetingsService

_TAGS = ("meetings",)


class MeetingRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: MeetingsService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base = "/api/v1"
        room, meeting = base + "/meeting-rooms/{id}", base + "/meetings/{id}"
        version = {"version": Query(int, 0, minimum=0, maximum=2**31 - 1)}
        rooms_of, plans_of = ("3.1.6.1.1", "3.1.6.1.2"), ("3.1.6.4.1", "3.1.6.4.2")
        sent, seen, came = ("3.1.6.4.4",), ("3.1.6.4.5",), ("3.1.6.4.7", "3.1.6.4.8")

        def get(
            path: str, handler: Any, what: str, answer: Any, clauses: tuple[str, ...], **query: Query
        ) -> Endpoint:
            return Endpoint(
                "GET",
                path,
                Access.SIGNED_IN,
                handler,
                what,
                answer=answer,
                query=query,
                tags=_TAGS,
                clauses=clauses,
            )

        def do(
            method: str,
            path: str,
            handler: Any,
            what: str,
            body: Any,
            answer: Any,
            clauses: tuple[str, ...],
            size: int = 1 << 20,
        ) -> Endpoint:
            return Endpoint(
                method,
                path,
                Access.SIGNED_IN,
                handler,
                what,
                body=body,
                answer=answer,
                max_body=size,
                tags=_TAGS,
                clauses=clauses,
            )

        whole = LARGEST + (1 << 20)
        limit = Query(int, 200, minimum=1, maximum=500)
        since = Query(int, 0, minimum=0, maximum=2**53)
        return [
            get(base + "/meeting-rooms", self._rooms, "Buildings and rooms to see", Rooms, rooms_of),
            do(
                "POST",
                base + "/meeting-buildings",
                self._new_building,
                "Make a building",
                BuildingChange,
                Building,
                rooms_of,
            ),
            do(
                "PUT",
                base + "/meeting-buildings/{id}",
                self._building,
                "Change a building",
                BuildingChange,
                Building,
                rooms_of,
            ),
            do(
                "POST",
                base + "/meeting-rooms",
                self._new_room,
                "Make a room",
                RoomChange,
                Room,
                rooms_of,
                whole,
            ),
            get(room, self._room, "A room with its layouts", RoomDocument, rooms_of, **version),
            do("PUT", room, self._change_room, "Save a room", RoomChange, Room, rooms_of, whole),
            do("DELETE", room, self._remove_room, "Take a room out of the list", None, None, rooms_of),
            get(room + "/versions", self._room_versions, "Who saved the room when", Versions, rooms_of),
            get(
                base + "/meetings",
                self._meetings,
                "Meetings to edit",
                Meetings,
                plans_of,
                since=since,
                limit=limit,
            ),
            do(
                "POST",
                base + "/meetings",
                self._new_meeting,
                "Make a meeting",
                MeetingChange,
                Meeting,
                plans_of,
            ),
            get(
                base + "/meetings/mine",
                self._mine,
                "Meetings attended, with the own seat",
                MySeats,
                seen,
                limit=limit,
            ),
            get(meeting, self._meeting, "One meeting", Meeting, plans_of),
            do("PUT", meeting, self._change_meeting, "Change a meeting", MeetingChange, Meeting, plans_of),
            get(meeting + "/plan", self._plan, "The plan", PlanDocument, plans_of, **version),
            do("PUT", meeting + "/plan", self._save, "Save the plan", SavePlan, Meeting, plans_of, whole),
            get(meeting + "/plan/versions", self._versions, "Who saved the plan when", Versions, plans_of),
            get(
                meeting + "/overlaps",
                self._overlaps,
                "Meetings with the same room or people",
                Overlaps,
                plans_of,
            ),
            get(meeting + "/recipients", self._recipients, "Who is told what", Recipients, sent),
            do("POST", meeting + "/publish", self._publish, "Publish", PublishPlan, Publication, sent),
            do(
                "POST",
                meeting + "/announce",
                self._announce,
                "Tell the attendees of a changed time or place",
                Announce,
                Publication,
                sent,
            ),
            get(meeting + "/publication", self._progress, "How far the messages are", Publication, sent),
            get(meeting + "/seat-plan", self._seat_plan, "The published plan, for attendees", SeatPlan, seen),
            get(meeting + "/check-in", self._link, "The check-in link", CheckInLink, came),
            do(
                "PUT",
                meeting + "/check-in",
                self._set_link,
                "Open, close, renew it",
                CheckInSetting,
                CheckInLink,
                came,
            ),
            get(
                meeting + "/check-ins",
                self._since,
                "Who came after a revision; waits for news",
                CheckIns,
                came,
                after=since,
                wait=Query(int, 0, minimum=0, maximum=25),
            ),
            do("POST", meeting + "/check-ins", self._mark, "By hand", CheckInMark, CheckIns, came),
        ]

    async def _rooms(self, call: Call[None]) -> Rooms:
        return await self._service.rooms.all(call.caller)

    async def _new_building(self, call: Call[BuildingChange]) -> Building:
        return await self._service.rooms.change_building(call.caller, "", call.body)

    async def _building(self, call: Call[BuildingChange]) -> Building:
        return await self._service.rooms.change_building(call.caller, call.path["id"], call.body)

    async def _new_room(self, call: Call[RoomChange]) -> Room:
        return await self._service.rooms.change(call.caller, "", call.body)

    async def _room(self, call: Call[None]) -> RoomDocument:
        return await self._service.rooms.open(call.caller, call.path["id"], call.query["version"])

    async def _change_room(self, call: Call[RoomChange]) -> Room:
        return await self._service.rooms.change(call.caller, call.path["id"], call.body)

    async def _remove_room(self, call: Call[None]) -> None:
        await self._service.rooms.remove(call.caller, call.path["id"])

    async def _room_versions(self, call: Call[None]) -> Versions:
        return await self._service.rooms.versions(call.caller, call.path["id"])

    async def _meetings(self, call: Call[None]) -> Meetings:
        return await self._service.plans.all(call.caller, call.query["since"], call.query["limit"])

    async def _new_meeting(self, call: Call[MeetingChange]) -> Meeting:
        return await self._service.plans.change(call.caller, "", call.body)

    async def _meeting(self, call: Call[None]) -> Meeting:
        return await self._service.plans.one(call.caller, call.path["id"])

    async def _change_meeting(self, call: Call[MeetingChange]) -> Meeting:
        changed = await self._service.plans.change(call.caller, call.path["id"], call.body)
        if changed.cancelled:
            self._service.publishing.wake()
        return changed

    async def _plan(self, call: Call[None]) -> PlanDocument:
        return await self._service.plans.plan(call.caller, call.path["id"], call.query["version"])

    async def _save(self, call: Call[SavePlan]) -> Meeting:
        return await self._service.plans.save(call.caller, call.path["id"], call.body)

    async def _versions(self, call: Call[None]) -> Versions:
        return await self._service.plans.versions(call.caller, call.path["id"])

    async def _overlaps(self, call: Call[None]) -> Overlaps:
        return await self._service.plans.overlaps(call.caller, call.path["id"])

    async def _recipients(self, call: Call[None]) -> Recipients:
        return await self._service.publishing.recipients(call.caller, call.path["id"])

    async def _publish(self, call: Call[PublishPlan]) -> Publication:
        return await self._service.publishing.publish(call.caller, call.path["id"], call.body)

    async def _announce(self, call: Call[Announce]) -> Publication:
        return await self._service.publishing.announce(call.caller, call.path["id"], call.body)

    async def _progress(self, call: Call[None]) -> Publication:
        return await self._service.publishing.progress(call.caller, call.path["id"])

    async def _mine(self, call: Call[None]) -> MySeats:
        return await self._service.my_seats(call.caller, call.query["limit"])

    async def _seat_plan(self, call: Call[None]) -> SeatPlan:
        return await self._service.seat_plan(call.caller, call.path["id"])

    async def _link(self, call: Call[None]) -> CheckInLink:
        return await self._service.checkins.link(call.caller, call.path["id"])

    async def _set_link(self, call: Call[CheckInSetting]) -> CheckInLink:
        return await self._service.checkins.set(call.caller, call.path["id"], call.body)

    async def _since(self, call: Call[None]) -> CheckIns:
        return await self._service.checkins.since(
            call.caller, call.path["id"], call.query["after"], call.query["wait"]
        )

    async def _mark(self, call: Call[CheckInMark]) -> CheckIns:
        return await self._service.checkins.mark(call.caller, call.path["id"], call.body)
