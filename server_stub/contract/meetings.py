"""Meeting rooms, meetings, seating plans, publication and check-in (3.1.6).

A seating document is the designer's versioned JSON (docs/seating.md); the server keeps it whole, and reads of it only who
attends and where they sit. Times are Unix milliseconds.
"""

from typing import Any

from .wire import Request, Wire

SERVICE = "meeting"
"""Key of the service conversation 会务."""
LINK = "zhengding://meeting/"
"""Prefix of the link in a seat notice; the meeting's id follows."""


class Building(Wire, frozen=True, kw_only=True):
    """A building (楼宇) under a unit."""

    id: str
    unit_id: str
    unit_name: str = ""
    name: str
    address: str = ""
    may_edit: bool = False


class BuildingChange(Request, frozen=True, kw_only=True):
    """Make or change a building."""

    unit_id: str
    name: str
    address: str = ""


class LayoutSummary(Wire, frozen=True, kw_only=True):
    """One layout (布局) of a room."""

    id: str
    name: str
    seats: int


class Room(Wire, frozen=True, kw_only=True):
    """A meeting room (会议室) under a unit, with several layouts."""

    id: str
    unit_id: str
    unit_name: str = ""
    building_id: str = ""
    building_name: str = ""
    name: str
    floor: str = ""
    layouts: list[LayoutSummary] = []
    version: int = 1
    changed_at: int = 0
    changed_by: str = ""
    """Name of who changed it last."""
    may_edit: bool = False


class Rooms(Wire, frozen=True, kw_only=True):
    """The buildings and rooms that the caller may see; `clerk`: may make meetings and rooms somewhere."""

    buildings: list[Building]
    rooms: list[Room]
    clerk: bool = False


class RoomChange(Request, frozen=True, kw_only=True):
    """Make or change a room. `base_version` 0 makes it; else it must be the room's version (CONFLICT otherwise)."""

    unit_id: str
    building_id: str = ""
    document: dict[str, Any]
    """A seating document with `room` and `layouts`; people and plan are not kept."""
    base_version: int = 0


class RoomDocument(Wire, frozen=True, kw_only=True):
    """A room with its layouts."""

    room: Room
    document: dict[str, Any]


class Version(Wire, frozen=True, kw_only=True):
    """One kept version of a room or plan."""

    version: int
    at: int
    by: str
    """Name of who saved it."""


class Versions(Wire, frozen=True, kw_only=True):
    """Newest first."""

    versions: list[Version]


class Meeting(Wire, frozen=True, kw_only=True):
    """A meeting as a clerk sees it."""

    id: str
    unit_id: str
    unit_name: str = ""
    title: str
    room_id: str = ""
    room_name: str = ""
    place: str = ""
    starts_at: int = 0
    ends_at: int = 0
    organiser: str = ""
    oa_id: str = ""
    cancelled: bool = False
    version: int = 1
    plan_version: int = 0
    """0: no plan yet."""
    plan_at: int = 0
    plan_by: str = ""
    published: int = 0
    """How often it was published; 0: never."""
    published_plan: int = 0
    """The plan version that was published last."""
    untold: str = ""
    """After publishing: time, place or both when the attendees were last told of others; "" when they know."""
    told_starts_at: int = 0
    told_ends_at: int = 0
    told_place: str = ""
    expected: int = 0
    seated: int = 0
    present: int = 0


class Meetings(Wire, frozen=True, kw_only=True):
    """Meetings that the caller may edit, by start."""

    meetings: list[Meeting]


class MeetingChange(Request, frozen=True, kw_only=True):
    """Make a meeting (`base_version` 0) or change one. `layout_id`: the room's layout a new plan starts from."""

    title: str
    unit_id: str
    room_id: str = ""
    layout_id: str = ""
    place: str = ""
    starts_at: int = 0
    ends_at: int = 0
    organiser: str = ""
    oa_id: str = ""
    cancelled: bool = False
    base_version: int = 0
    override: str = ""
    """Why the room is used although another meeting has it at that time; without it CONFLICT with the detail `room`."""


class PlanDocument(Wire, frozen=True, kw_only=True):
    """A meeting's plan. `version` 0 and an empty document: none was saved yet."""

    meeting: Meeting
    version: int
    document: dict[str, Any]


class SavePlan(Request, frozen=True, kw_only=True):
    """Save a plan over `base_version`; CONFLICT when another was saved meanwhile."""

    base_version: int
    document: dict[str, Any]


class Overlap(Wire, frozen=True, kw_only=True):
    """Another meeting at the same time with the same room or people. Its title is empty where it is not for the caller."""

    meeting_id: str
    title: str = ""
    starts_at: int
    ends_at: int
    same_room: bool = False
    people: list[str] = []
    """Attendee ids of the meeting asked for."""


class Overlaps(Wire, frozen=True, kw_only=True):
    """All of them, by start."""

    overlaps: list[Overlap]


class Recipient(Wire, frozen=True, kw_only=True):
    """One attendee at a publication. `channel`: chat, sms or paper; `state`: waiting, sending, sent, failed or removed."""

    attendee_id: str
    name: str
    unit: str = ""
    channel: str
    seat: str = ""
    state: str = "waiting"
    change: str = ""
    """What he would be told now: new, moved, gone, time, place, both (of these), or "" for nothing."""
    before: str = ""
    """The seat he was told of."""
    removed: bool = False
    """Taken off the recipients at the last publication."""
    told: bool = False
    """Was told of a seat, and would be told of another time or place."""


class Recipients(Wire, frozen=True, kw_only=True):
    """Who gets the plan when it is published now, and who has it."""

    plan_version: int
    published: int
    recipients: list[Recipient]


class PublishPlan(Request, frozen=True, kw_only=True):
    """Publish a plan version. People in `removed` get nothing and cannot open it. After the first publication only those
    whose seat changed are told, unless `everyone`."""

    plan_version: int
    removed: list[str] = []
    everyone: bool = False
    sms: bool = True


class Announce(Request, frozen=True, kw_only=True):
    """Tell those who know their seat of the changed time or place. The plan that is published stays."""

    sms: bool = True


class Publication(Wire, frozen=True, kw_only=True):
    """How far the messages of the last publication are."""

    number: int
    plan_version: int = 0
    at: int = 0
    chat: int = 0
    sms: int = 0
    paper: int = 0
    unchanged: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0


class MySeat(Wire, frozen=True, kw_only=True):
    """A meeting that the caller attends, with the own seat as published."""

    meeting_id: str
    title: str
    place: str = ""
    organiser: str = ""
    starts_at: int = 0
    ends_at: int = 0
    seat: str = ""
    cancelled: bool = False
    published: int = 0
    present_at: int = 0


class MySeats(Wire, frozen=True, kw_only=True):
    """Newest first."""

    seats: list[MySeat]


class SeatPlan(Wire, frozen=True, kw_only=True):
    """The published plan as an attendee sees it: names and seats, no phone, rules or waiting list."""

    mine: MySeat
    attendee_id: str
    document: dict[str, Any]


class CheckInLink(Wire, frozen=True, kw_only=True):
    """The check-in page's path on the server; put the server's address before it. It changes when it is renewed."""

    path: str
    open: bool
    address: str = ""
    """The address phones reach the server under, where the administrator set one."""


class CheckInSetting(Request, frozen=True, kw_only=True):
    """Open or close check-in; `renew` makes a new link and voids the old."""

    open: bool = True
    renew: bool = False


class Arrival(Wire, frozen=True, kw_only=True):
    """Somebody who came; `present` false: a mark that was taken back."""

    attendee_id: str
    name: str
    unit: str = ""
    seat_id: str = ""
    seat: str = ""
    at: int
    way: str
    """qr or manual."""
    revision: int
    present: bool = True


class CheckIns(Wire, frozen=True, kw_only=True):
    """What changed after the revision asked for, in order, and the counts of all."""

    revision: int
    expected: int
    present: int
    seated: int
    plan_version: int
    arrivals: list[Arrival]


class CheckInMark(Request, frozen=True, kw_only=True):
    """Mark by hand, or take a mark back."""

    attendee_id: str
    present: bool = True


class CheckInHall(Wire, frozen=True, kw_only=True):
    """A meeting as its check-in page shows it to anybody who has the link."""

    title: str
    place: str = ""
    starts_at: int = 0
    open: bool
    plan: int = 0
    """Version of the plan, part of the address of its picture."""


class CheckInByPhone(Request, frozen=True, kw_only=True):
    """The registered phone number; `attendee_id` where several people share it. `browser`: what the page calls itself,
    for slowing down guesses."""

    phone: str
    attendee_id: str = ""
    browser: str = ""


class CheckInChoice(Wire, frozen=True, kw_only=True):
    """One of several people with the number."""

    attendee_id: str
    name: str
    unit: str = ""


class CheckedIn(Wire, frozen=True, kw_only=True):
    """Who is checked in now, or `choices` when the number is shared and nobody was marked yet."""

    name: str = ""
    unit: str = ""
    seat_id: str = ""
    seat: str = ""
    at: int = 0
    again: bool = False
    choices: list[CheckInChoice] = []


class HallPlan(Wire, frozen=True, kw_only=True):
    """The seats without names, for the picture on a phone: mm, degrees clockwise, the stage at the top.

    `seats`: [id, x, y, w, h, angle, code]; `tables` and `fixtures`: [x, y, w, h, angle, shape or kind, label].
    """

    width: float
    depth: float
    seats: list[tuple[str, float, float, float, float, float, str]]
    tables: list[tuple[float, float, float, float, float, str, str]]
    fixtures: list[tuple[float, float, float, float, float, str, str]]
