"""What the server reads of a seating document: who attends, and which seat is theirs (format: docs/seating.md)."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec

from server_stub.contract.errors import ApiError, ErrorCode

LARGEST = 12 * 1024 * 1024
"""Bytes of one document; 2,000 seats with people are about 1 MB."""
_FORMAT = "zhengding.seating"


class Seat(msgspec.Struct):
    """A seat: centre and size in mm, turned by `angle` degrees."""

    id: str
    code: str = ""
    x: float = 0
    y: float = 0
    w: float = 560
    h: float = 520
    angle: float = 0
    kind: str = "normal"


class Shape(msgspec.Struct):
    """A table or fixture."""

    x: float = 0
    y: float = 0
    w: float = 1000
    h: float = 200
    angle: float = 0
    shape: str = "rect"
    kind: str = ""
    label: str = ""


class Region(msgspec.Struct):
    """A region with its seats."""

    id: str = ""
    name: str = ""
    seats: list[Seat] = []
    tables: list[Shape] = []


class Layout(msgspec.Struct):
    """One layout."""

    id: str = ""
    name: str = ""
    fixtures: list[Shape] = []
    regions: list[Region] = []


class Hall(msgspec.Struct):
    """The room; sizes in mm."""

    name: str = ""
    floor: str = ""
    width: float = 12000
    depth: float = 9000


class Person(msgspec.Struct):
    """An attendee."""

    id: str
    name: str
    unit: str = ""
    phone: str = ""
    external: bool = False
    status: str = "attending"
    user_id: str = ""
    notify: str = ""


class Plan(msgspec.Struct):
    """Seat id → attendee id."""

    seats: dict[str, str] = {}


class File(msgspec.Struct):
    """The parts of a document that the server reads."""

    format: str = ""
    version: int = 1
    room: Hall = msgspec.field(default_factory=Hall)
    layouts: list[Layout] = []
    layout: str = ""
    people: list[Person] = []
    plan: Plan = msgspec.field(default_factory=Plan)

    def current(self) -> Layout:
        """The layout in use; an empty one where there is none."""
        found = [one for one in self.layouts if one.id == self.layout]
        return found[0] if found else self.layouts[0] if self.layouts else Layout()


@dataclass(frozen=True)
class Attendee:
    """A person of the plan with seat."""

    person: Person
    seat_id: str
    seat: str


def read_file(document: dict[str, Any]) -> tuple[File, str]:
    """Return what matters of a document, and its text to keep. BAD_REQUEST for anything else."""
    try:
        read = msgspec.convert(document, File)
    except msgspec.ValidationError as error:
        raise ApiError(
            ErrorCode.BAD_REQUEST, str(error)[:200], message="排座文件内容不正确，没有保存。"
        ) from None
    if read.format != _FORMAT:
        raise ApiError(ErrorCode.BAD_REQUEST, "format", message="这不是排座文件，没有保存。")
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > LARGEST:
        raise ApiError(ErrorCode.TOO_LARGE, message="排座文件过大（底图请控制在 8 MB 以内），没有保存。")
    return read, text


def parse(text: str) -> File:
    """Read a kept document."""
    return msgspec.json.decode(text.encode(), type=File)


def attendees_of(file: File) -> list[Attendee]:
    """Everybody in the list, each with the seat. BAD_REQUEST where an id is there twice or unusable."""
    codes = {seat.id: seat.code for region in file.current().regions for seat in region.seats}
    places = {person: seat for seat, person in file.plan.seats.items() if seat in codes}
    seen: set[str] = set()
    found: list[Attendee] = []
    for person in file.people:
        if not person.id or len(person.id) > 120 or person.id in seen:
            raise ApiError(
                ErrorCode.BAD_REQUEST, "people", message="名单中有重复或无效的人员编号，没有保存。"
            )
        seen.add(person.id)
        seat_id = places.get(person.id, "") if person.status == "attending" else ""
        found.append(Attendee(person, seat_id, codes.get(seat_id, "")))
    return found


def room_only(document: dict[str, Any]) -> dict[str, Any]:
    """The document without people, plan and meeting: what a room keeps."""
    left_out = ("people", "plan", "saved", "bookings", "meeting")
    return {name: value for name, value in document.items() if name not in left_out}


def for_attendees(document: dict[str, Any]) -> dict[str, Any]:
    """The published plan as attendees may see it: names, units and seats. Nothing else of anybody leaves the server."""
    shown = ("id", "name", "unit", "display")
    people = [
        {key: person[key] for key in shown if person.get(key)}
        for person in document.get("people", [])
        if person.get("status", "attending") == "attending"
    ]
    plan = document.get("plan") or {}
    seated = {person["id"] for person in people}
    seats = {seat: who for seat, who in (plan.get("seats") or {}).items() if who in seated}
    layout = document.get("layout", "")
    layouts = document.get("layouts", [])
    current = [one for one in layouts if one.get("id") == layout] or layouts[:1]
    kept_plan = {key: plan[key] for key in ("id", "name", "layout", "version") if key in plan}
    meeting = document.get("meeting") or {}
    kept_meeting = {
        key: meeting[key] for key in ("id", "title", "start", "end", "place", "organiser") if key in meeting
    }
    rules = document.get("rules") or {}
    return {
        "format": document.get("format"),
        "version": document.get("version"),
        "room": document.get("room", {}),
        "layouts": [{**one, "background": None} for one in current],
        "layout": layout,
        "rules": {key: rules[key] for key in ("id", "name", "honour", "even") if key in rules},
        "meeting": kept_meeting,
        "people": people,
        "plan": {**kept_plan, "seats": seats},
    }


def digits(phone: str) -> str:
    """A phone number for comparing: digits only, without the country's code."""
    found = "".join(character for character in phone if character.isascii() and character.isdigit())
    if len(found) == 15 and found.startswith("0086"):
        return found[4:]
    return found[2:] if len(found) == 13 and found.startswith("86") else found[:40]
