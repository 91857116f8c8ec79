"""The calls of the contract about meetings, typed."""

from typing import Any

from app.session.http import HttpCaller
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
    MySeat,
    MySeats,
    Overlap,
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
    Version,
    Versions,
)


class MeetingCalls:
    """Raises what HttpCaller raises."""

    def __init__(self, http: HttpCaller) -> None:
        self._http = http

    # Rooms.

    async def rooms(self) -> Rooms:
        """Buildings and rooms to see."""
        return await self._http.call("GET", "/meeting-rooms", Rooms)

    async def make_building(self, wanted: BuildingChange) -> Building:
        """A new building."""
        return await self._http.call("POST", "/meeting-buildings", Building, body=wanted)

    async def room(self, room_id: str, version: int = 0) -> RoomDocument:
        """A room with its layouts."""
        query = {"version": version}
        return await self._http.call("GET", f"/meeting-rooms/{room_id}", RoomDocument, query=query)

    async def save_room(self, room_id: str, wanted: RoomChange) -> Room:
        """Make (with an empty id) or save a room."""
        if not room_id:
            return await self._http.call("POST", "/meeting-rooms", Room, body=wanted)
        return await self._http.call("PUT", f"/meeting-rooms/{room_id}", Room, body=wanted)

    async def remove_room(self, room_id: str) -> None:
        """Take a room out of the list."""
        await self._http.call("DELETE", f"/meeting-rooms/{room_id}", type(None))

    async def room_versions(self, room_id: str) -> list[Version]:
        """Who saved the room when."""
        return (await self._http.call("GET", f"/meeting-rooms/{room_id}/versions", Versions)).versions

    # Meetings and plans.

    async def meetings(self, since: int = 0) -> list[Meeting]:
        """Meetings to edit that end after `since`."""
        return (await self._http.call("GET", "/meetings", Meetings, query={"since": since})).meetings

    async def meeting(self, meeting_id: str) -> Meeting:
        """One meeting."""
        return await self._http.call("GET", f"/meetings/{meeting_id}", Meeting)

    async def save_meeting(self, meeting_id: str, wanted: MeetingChange) -> Meeting:
        """Make (with an empty id) or change a meeting."""
        if not meeting_id:
            return await self._http.call("POST", "/meetings", Meeting, body=wanted)
        return await self._http.call("PUT", f"/meetings/{meeting_id}", Meeting, body=wanted)

    async def plan(self, meeting_id: str, version: int = 0) -> PlanDocument:
        """A version of the plan; 0 the newest."""
        query = {"version": version}
        return await self._http.call("GET", f"/meetings/{meeting_id}/plan", PlanDocument, query=query)

    async def save_plan(self, meeting_id: str, base: int, document: dict[str, Any]) -> Meeting:
        """Save over `base`; ApiError CONFLICT when that is not the newest."""
        body = SavePlan(base_version=base, document=document)
        return await self._http.call("PUT", f"/meetings/{meeting_id}/plan", Meeting, body=body)

    async def versions(self, meeting_id: str) -> list[Version]:
        """Who saved the plan when."""
        return (await self._http.call("GET", f"/meetings/{meeting_id}/plan/versions", Versions)).versions

    async def overlaps(self, meeting_id: str) -> list[Overlap]:
        """Meetings at the same time with the same room or people."""
        return (await self._http.call("GET", f"/meetings/{meeting_id}/overlaps", Overlaps)).overlaps

    # Publication.

    async def recipients(self, meeting_id: str) -> Recipients:
        """Who would be told what."""
        return await self._http.call("GET", f"/meetings/{meeting_id}/recipients", Recipients)

    async def publish(self, meeting_id: str, wanted: PublishPlan) -> Publication:
        """Publish a plan version."""
        return await self._http.call("POST", f"/meetings/{meeting_id}/publish", Publication, body=wanted)

    async def announce(self, meeting_id: str, *, sms: bool) -> Publication:
        """Tell those who know their seat of the changed time or place."""
        body = Announce(sms=sms)
        return await self._http.call("POST", f"/meetings/{meeting_id}/announce", Publication, body=body)

    async def publication(self, meeting_id: str) -> Publication:
        """How far the messages are."""
        return await self._http.call("GET", f"/meetings/{meeting_id}/publication", Publication)

    async def my_seats(self) -> list[MySeat]:
        """Meetings attended."""
        return (await self._http.call("GET", "/meetings/mine", MySeats)).seats

    async def seat_plan(self, meeting_id: str) -> SeatPlan:
        """The published plan, for one of its attendees."""
        return await self._http.call("GET", f"/meetings/{meeting_id}/seat-plan", SeatPlan)

    # Check-in.

    async def check_in_link(self, meeting_id: str) -> CheckInLink:
        """The link of the check-in page."""
        return await self._http.call("GET", f"/meetings/{meeting_id}/check-in", CheckInLink)

    async def set_check_in(self, meeting_id: str, *, is_open: bool, renew: bool = False) -> CheckInLink:
        """Open, close, renew."""
        body = CheckInSetting(open=is_open, renew=renew)
        return await self._http.call("PUT", f"/meetings/{meeting_id}/check-in", CheckInLink, body=body)

    async def check_ins(self, meeting_id: str, after: int, wait: int) -> CheckIns:
        """Who came after a revision; waits up to `wait` seconds (less than the caller's timeout) for news."""
        query = {"after": after, "wait": wait}
        return await self._http.call("GET", f"/meetings/{meeting_id}/check-ins", CheckIns, query=query)

    async def mark(self, meeting_id: str, attendee_id: str, *, present: bool) -> CheckIns:
        """Check somebody in by hand, or take it back."""
        body = CheckInMark(attendee_id=attendee_id, present=present)
        return await self._http.call("POST", f"/meetings/{meeting_id}/check-ins", CheckIns, body=body)
