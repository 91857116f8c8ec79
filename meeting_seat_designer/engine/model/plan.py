"""A plan (排座方案): who sits where, what is fixed, who waits, what was published and who came."""

from __future__ import annotations

from meeting_seat_designer.engine.model.node import Node

WAIT_REASONS = {
    "no_seat": "座位不足",
    "unknown_rank": "职级未知，未参与排座",
    "unseated": "手动取消座位",
    "shifted_out": "整体后移后超出座位",
    "seat_deleted": "原座位已删除",
    "replaced": "座位已由他人使用",
    "no_region": "没有可接收的区域",
}


class Pin(Node):
    """A person wished on a seat (指定座位); honoured by every automatic arrangement."""

    person: str
    seat: str


class Group(Node):
    """People to keep together or apart (相邻 / 分开)."""

    id: str
    kind: str = "together"
    people: list[str] = []
    name: str = ""


class Waiting(Node):
    """A person without a seat and why."""

    person: str
    reason: str = "no_seat"


class Repair(Node):
    """A move that a constraint caused, with its cost in rank inversions."""

    kind: str
    people: list[str] = []
    cost: int = 0
    done: bool = True
    text: str = ""


class Published(Node):
    """What was last published: version, the seats then, and the time (ISO 8601)."""

    version: int
    seats: dict[str, str] = {}
    at: str = ""
    recipients: list[str] = []


class Attendance(Node):
    """A check-in (签到): time (ISO 8601) and way (qr, manual)."""

    at: str
    way: str = "qr"
    seat: str = ""


class Plan(Node):
    """Assignments seat id → person id, locks by seat id, waiting list, occupancy per region at arrangement."""

    id: str = "plan"
    name: str = "排座方案"
    layout: str = ""
    seats: dict[str, str] = {}
    locks: list[str] = []
    pins: list[Pin] = []
    groups: list[Group] = []
    waiting: list[Waiting] = []
    counts: dict[str, int] = {}
    repairs: list[Repair] = []
    version: int = 1
    published: Published | None = None
    checkins: dict[str, Attendance] = {}


class Meeting(Node):
    """The meeting the plan is for; times ISO 8601 local, empty when unknown; `oa_version` the list last taken from OA."""

    id: str = ""
    title: str = ""
    start: str = ""
    end: str = ""
    place: str = ""
    organiser: str = ""
    oa_version: str = ""


class Booking(Node):
    """Another meeting in the calendar: used to find people and rooms booked twice."""

    meeting: str
    title: str = ""
    start: str = ""
    end: str = ""
    room: str = ""
    people: list[str] = []
