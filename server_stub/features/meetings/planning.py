"""Meetings and the versions of their plans; people and rooms booked twice (3.1.6.3, 3.1.6.4.1, 3.1.6.4.2)."""

import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.meetings import (
    Meeting,
    MeetingChange,
    Meetings,
    Overlap,
    Overlaps,
    PlanDocument,
    SavePlan,
    Version,
    Versions,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import MeetingAccess
from .ports import Refusals
from .reader import Attendee, attendees_of, digits, read_file
from .rooms import RoomService
from .tables import attendees, meetings, plans

_KEPT = 100
"""Plan versions kept besides the published one."""
_TEXT = 200
_REASON = 40
_OCCUPIES = ("room_id", "starts_at", "ends_at", "cancelled")
_BATCH = 500


class PlanService:
    """Reads and writes meetings; every call passes MeetingAccess."""

    def __init__(
        self, database: Database, access: MeetingAccess, rooms: RoomService, audit: Refusals
    ) -> None:
        self._database = database
        self._audit = audit
        self._access = access
        self._rooms = rooms

    async def all(self, caller: Caller, since: int, limit: int) -> Meetings:
        """Return the meetings that the caller may edit and that end after `since` (or have no time), by start."""

        def work(connection: Connection) -> Meetings:
            scope = self._access.scope(connection, caller)
            used = list(connection.scalars(select(meetings.c.unit_id).distinct()))
            places = self._access.units.places(connection, used)
            near = [unit for unit in used if unit in places and scope.edits(places[unit].path)]
            rows: list[Any] = []
            for start in range(0, len(near), _BATCH):
                rows += connection.execute(
                    select(meetings)
                    .where(
                        meetings.c.unit_id.in_(near[start : start + _BATCH]),
                        or_(meetings.c.ends_at >= since, meetings.c.ends_at == 0),
                    )
                    .order_by(meetings.c.starts_at.desc(), meetings.c.id.desc())
                    .limit(limit)
                ).all()
            rows.sort(key=lambda row: (row.starts_at, row.id), reverse=True)
            return Meetings(meetings=self.views(connection, rows[:limit]))

        return await self._database.read(work)

    async def change(self, caller: Caller, meeting_id: str, wanted: MeetingChange) -> Meeting:
        """Make (with an empty id) or change a meeting; a new one in a room starts with the room's layout as its plan.

        A room that another meeting has at that time is given only with a reason, which is audited.
        """
        title = wanted.title.strip()
        if not title or len(title) > _TEXT:
            raise ApiError(ErrorCode.BAD_REQUEST, "title", message="会议名称应为 1 到 200 个字。")
        if wanted.starts_at < 0 or wanted.ends_at < 0 or wanted.ends_at > 2**52:
            raise ApiError(ErrorCode.BAD_REQUEST, "time", message="会议时间不正确。")
        if bool(wanted.starts_at) != bool(wanted.ends_at) or wanted.ends_at < wanted.starts_at:
            raise ApiError(ErrorCode.BAD_REQUEST, "time", message="会议的结束时间应晚于开始时间。")

        reason = wanted.override.strip()[:_REASON]
        taken = False

        def work(connection: Connection) -> Meeting:
            nonlocal taken
            taken = False
            self._access.access_unit(connection, caller, wanted.unit_id)
            room, document = None, {}
            if wanted.room_id:
                room, document = self._rooms.document(connection, caller, wanted.room_id)
            now, ident = int(time.time() * 1000), meeting_id or uuid7()
            values: dict[str, Any] = {
                "unit_id": wanted.unit_id,
                "title": title,
                "room_id": wanted.room_id,
                "room_name": room.name if room is not None else "",
                "place": wanted.place.strip()[:_TEXT],
                "starts_at": wanted.starts_at,
                "ends_at": wanted.ends_at,
                "organiser": wanted.organiser.strip()[:_TEXT],
                "oa_id": wanted.oa_id.strip()[:120],
                "cancelled": wanted.cancelled,
            }
            if meeting_id:
                row = self._access.access_meeting(connection, caller, ident, lock=True)
                if row.version != wanted.base_version:
                    raise ApiError(ErrorCode.CONFLICT, f"version {row.version}")
                if any(getattr(row, name) != values[name] for name in _OCCUPIES):
                    taken = self._room_taken(connection, caller, ident, values, reason)
                connection.execute(
                    update(meetings).where(meetings.c.id == ident).values(version=row.version + 1, **values)
                )
                if wanted.cancelled and not row.cancelled:
                    # Whoever was told of the meeting hears that it is off.
                    connection.execute(
                        update(attendees)
                        .where(
                            attendees.c.meeting_id == ident,
                            attendees.c.told.is_(True),
                            attendees.c.channel.in_(("chat", "sms")),
                        )
                        .values(message="gone", state="waiting", state_at=now)
                    )
                elif row.cancelled and not wanted.cancelled:
                    # It takes place after all: the next publication tells everybody anew.
                    connection.execute(
                        update(attendees)
                        .where(attendees.c.meeting_id == ident)
                        .values(told=False, told_seat_id="", told_seat="", message="", state="")
                    )
            else:
                taken = self._room_taken(connection, caller, ident, values, reason)
                connection.execute(
                    insert(meetings).values(id=ident, version=1, created_by=caller.person_id, **values)
                )
                if room is not None:
                    _begin(document, room, wanted, ident)
                    self._keep(connection, caller, ident, 1, document, now)
            row = connection.execute(select(meetings).where(meetings.c.id == ident)).one()
            return self.views(connection, [row])[0]

        made = await self._database.write(work)
        if taken:
            await self._audit.record("meeting_room_shared", caller.person_id, made.id, reason)
        return made

    def _room_taken(
        self, connection: Connection, caller: Caller, ident: str, values: dict[str, Any], reason: str
    ) -> bool:
        """Whether another meeting has the room at that time; CONFLICT where one has it and there is no reason."""
        if values["cancelled"] or not values["room_id"] or not values["starts_at"]:
            return False
        others = connection.execute(
            select(meetings)
            .where(
                meetings.c.id != ident,
                meetings.c.room_id == values["room_id"],
                meetings.c.cancelled.is_(False),
                meetings.c.starts_at > 0,
                meetings.c.starts_at < values["ends_at"],
                meetings.c.ends_at > values["starts_at"],
            )
            .order_by(meetings.c.starts_at, meetings.c.id)
            .limit(20)
        ).all()
        if others and not reason:
            first = others[0]
            places = self._access.units.places(connection, [first.unit_id])
            shown = first.unit_id in places and self._access.scope(connection, caller).edits(
                places[first.unit_id].path
            )
            title = f"“{first.title}”" if shown else "其他单位的会议"
            begin, end = local_time(first.starts_at).replace("T", " "), local_time(first.ends_at)[-5:]
            more = f"等 {len(others)} 个会议" if len(others) > 1 else ""
            raise ApiError(
                ErrorCode.CONFLICT,
                "room",
                message=f"“{values['room_name']}”在 {begin}–{end} 已安排{title}{more}。",
            )
        return bool(others)

    async def one(self, caller: Caller, meeting_id: str) -> Meeting:
        """Return one meeting."""
        return await self._database.read(
            lambda connection: self.views(
                connection, [self._access.access_meeting(connection, caller, meeting_id)]
            )[0]
        )

    async def plan(self, caller: Caller, meeting_id: str, version: int) -> PlanDocument:
        """Return a version of the plan (0: the newest)."""

        def work(connection: Connection) -> PlanDocument:
            row = self._access.access_meeting(connection, caller, meeting_id)
            number = version or row.plan_version
            document: dict[str, Any] = {}
            if number:
                document = json.loads(plan_text(connection, meeting_id, number))
            return PlanDocument(meeting=self.views(connection, [row])[0], version=number, document=document)

        return await self._database.read(work)

    async def save(self, caller: Caller, meeting_id: str, wanted: SavePlan) -> Meeting:
        """Keep a plan over the version it was made from; CONFLICT when that is not the newest."""
        read, _text = read_file(wanted.document)
        attendees_of(read)

        def work(connection: Connection) -> Meeting:
            row = self._access.access_meeting(connection, caller, meeting_id, lock=True)
            if row.plan_version != wanted.base_version:
                raise ApiError(ErrorCode.CONFLICT, f"version {row.plan_version}")
            now = int(time.time() * 1000)
            self._keep(connection, caller, meeting_id, row.plan_version + 1, wanted.document, now)
            row = connection.execute(select(meetings).where(meetings.c.id == meeting_id)).one()
            return self.views(connection, [row])[0]

        return await self._database.write(work)

    async def versions(self, caller: Caller, meeting_id: str) -> Versions:
        """Return who saved the plan when."""

        def work(connection: Connection) -> Versions:
            self._access.access_meeting(connection, caller, meeting_id)
            rows = connection.execute(
                select(plans.c.version, plans.c.at, plans.c.by)
                .where(plans.c.meeting_id == meeting_id)
                .order_by(plans.c.version.desc())
            ).all()
            names = self._access.units.contacts(connection, [row.by for row in rows])
            return Versions(
                versions=[
                    Version(version=row.version, at=row.at, by=names.get(row.by, ("", ""))[0]) for row in rows
                ]
            )

        return await self._database.read(work)

    async def overlaps(self, caller: Caller, meeting_id: str) -> Overlaps:
        """Return other meetings at the same time that need the same room or people."""

        def work(connection: Connection) -> Overlaps:
            row = self._access.access_meeting(connection, caller, meeting_id)
            if not row.starts_at:
                return Overlaps(overlaps=[])
            others = connection.execute(
                select(meetings)
                .where(
                    meetings.c.id != meeting_id,
                    meetings.c.cancelled.is_(False),
                    meetings.c.starts_at > 0,
                    meetings.c.starts_at < row.ends_at,
                    meetings.c.ends_at > row.starts_at,
                )
                .order_by(meetings.c.starts_at, meetings.c.id)
                .limit(500)
            ).all()
            mine = attendees.alias("mine")
            theirs = attendees.alias("theirs")
            shared: dict[str, list[str]] = {}
            for start in range(0, len(others), _BATCH):
                near = [other.id for other in others[start : start + _BATCH]]
                pairs = connection.execute(
                    select(theirs.c.meeting_id, mine.c.attendee_id)
                    .join(mine, and_(mine.c.user_id == theirs.c.user_id, mine.c.meeting_id == meeting_id))
                    .where(
                        theirs.c.meeting_id.in_(near),
                        theirs.c.user_id != "",
                        theirs.c.attending.is_(True),
                        mine.c.attending.is_(True),
                    )
                    .order_by(mine.c.attendee_id)
                )
                for other_id, attendee_id in pairs:
                    shared.setdefault(other_id, []).append(attendee_id)
            scope = self._access.scope(connection, caller)
            places = self._access.units.places(connection, [other.unit_id for other in others])
            found: list[Overlap] = []
            for other in others:
                same_room = bool(row.room_id) and other.room_id == row.room_id
                if not same_room and other.id not in shared:
                    continue
                place = places.get(other.unit_id)
                shown = place is not None and scope.edits(place.path)
                found.append(
                    Overlap(
                        meeting_id=other.id,
                        title=other.title if shown else "",
                        starts_at=other.starts_at,
                        ends_at=other.ends_at,
                        same_room=same_room,
                        people=shared.get(other.id, []),
                    )
                )
            return Overlaps(overlaps=found)

        return await self._database.read(work)

    def views(self, connection: Connection, rows: Sequence[Any]) -> list[Meeting]:
        """The meetings of these rows with their counts."""
        ids = [row.id for row in rows]
        places = self._access.units.places(connection, [row.unit_id for row in rows])
        people = self._access.units.contacts(connection, [row.plan_by for row in rows])
        counted: dict[str, Any] = {}
        for start in range(0, len(ids), _BATCH):
            found = connection.execute(
                select(
                    attendees.c.meeting_id,
                    func.count().label("expected"),
                    func.count().filter(attendees.c.seat_id != "").label("seated"),
                    func.count().filter(attendees.c.present_at > 0).label("present"),
                )
                .where(
                    attendees.c.meeting_id.in_(ids[start : start + _BATCH]), attendees.c.attending.is_(True)
                )
                .group_by(attendees.c.meeting_id)
            )
            counted.update({one.meeting_id: one for one in found})
        return [_meeting(row, places.get(row.unit_id), people, counted.get(row.id)) for row in rows]

    def _keep(
        self,
        connection: Connection,
        caller: Caller,
        meeting_id: str,
        version: int,
        document: dict[str, Any],
        now: int,
    ) -> None:
        read, text = read_file(document)
        connection.execute(
            insert(plans).values(
                meeting_id=meeting_id, version=version, at=now, by=caller.person_id, document=text
            )
        )
        published = connection.execute(
            select(meetings.c.published_plan).where(meetings.c.id == meeting_id)
        ).scalar_one()
        connection.execute(
            delete(plans).where(
                plans.c.meeting_id == meeting_id,
                plans.c.version <= version - _KEPT,
                plans.c.version != published,
            )
        )
        connection.execute(
            update(meetings)
            .where(meetings.c.id == meeting_id)
            .values(plan_version=version, plan_at=now, plan_by=caller.person_id)
        )
        self._attend(connection, meeting_id, attendees_of(read))

    def _attend(self, connection: Connection, meeting_id: str, people: list[Attendee]) -> None:
        """Bring the attendees to the plan's list; who is gone stays, not attending, with what he was told and his mark."""
        contacts = self._access.units.contacts(
            connection, [one.person.user_id for one in people if one.person.user_id]
        )
        known = {
            row.attendee_id: row
            for row in connection.execute(select(attendees).where(attendees.c.meeting_id == meeting_id))
        }
        fresh: list[dict[str, Any]] = []
        for one in people:
            person = one.person
            inside = bool(person.user_id) and not person.external and person.user_id in contacts
            phone = digits(contacts[person.user_id][1]) if inside else ""
            phone = phone or digits(person.phone)
            channel = "paper"
            if person.notify != "paper":
                channel = "chat" if inside else "sms" if phone else "paper"
            values: dict[str, Any] = {
                "user_id": person.user_id if inside else "",
                "name": person.name[:_TEXT],
                "unit": person.unit[:_TEXT],
                "phone": phone,
                "external": not inside,
                "attending": person.status == "attending",
                "channel": channel,
                "seat_id": one.seat_id,
                "seat": one.seat,
            }
            row = known.pop(person.id, None)
            if row is None:
                fresh.append({"meeting_id": meeting_id, "attendee_id": person.id, **values})
            elif any(getattr(row, name) != value for name, value in values.items()):
                connection.execute(update(attendees).where(_key(row)).values(**values))
        for start in range(0, len(fresh), _BATCH):
            connection.execute(insert(attendees), fresh[start : start + _BATCH])
        for row in known.values():
            if row.attending or row.seat_id:
                connection.execute(
                    update(attendees).where(_key(row)).values(attending=False, seat_id="", seat="")
                )


def plan_text(connection: Connection, meeting_id: str, version: int) -> str:
    """A kept version's document; NOT_FOUND for one that is no longer kept."""
    text = connection.execute(
        select(plans.c.document).where(plans.c.meeting_id == meeting_id, plans.c.version == version)
    ).scalar_one_or_none()
    if text is None:
        raise ApiError(ErrorCode.NOT_FOUND)
    return text


def _key(row: Any) -> Any:
    return and_(attendees.c.meeting_id == row.meeting_id, attendees.c.attendee_id == row.attendee_id)


def _begin(document: dict[str, Any], room: Any, wanted: MeetingChange, meeting_id: str) -> None:
    """Make a room's document the first plan of a meeting."""
    layouts = [one.get("id") for one in document.get("layouts", [])]
    if wanted.layout_id in layouts:
        document["layout"] = wanted.layout_id
    # The room's own id, so that plans in one room can be told to be.
    document["room"] = {**document.get("room", {}), "id": room.id}
    document["meeting"] = {
        "id": meeting_id,
        "title": wanted.title.strip(),
        "start": local_time(wanted.starts_at),
        "end": local_time(wanted.ends_at),
        "place": wanted.place.strip() or room.name,
        "organiser": wanted.organiser.strip(),
    }
    document["people"], document["plan"] = [], {"layout": document.get("layout", "")}


def facts(row: Any) -> dict[str, Any]:
    """The columns that say what the attendees know, as they are when they are told now."""
    return {
        "told_starts_at": row.starts_at,
        "told_ends_at": row.ends_at,
        "told_place": row.place or row.room_name,
    }


def untold(row: Any) -> str:
    """What of a published meeting's time and place its attendees do not know yet: time, place, both or ""."""
    if not row.published or row.cancelled:
        return ""
    time_differs = (row.starts_at, row.ends_at) != (row.told_starts_at, row.told_ends_at)
    place_differs = (row.place or row.room_name) != row.told_place
    if time_differs and place_differs:
        return "both"
    return "time" if time_differs else "place" if place_differs else ""


def local_time(at: int) -> str:
    """ISO 8601 local time to the minute; "" for 0."""
    return datetime.fromtimestamp(at / 1000).isoformat(timespec="minutes") if at else ""


def _meeting(row: Any, place: Any, people: Any, counted: Any) -> Meeting:
    return Meeting(
        id=row.id,
        unit_id=row.unit_id,
        unit_name=place.name if place else "",
        title=row.title,
        room_id=row.room_id,
        room_name=row.room_name,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        organiser=row.organiser,
        oa_id=row.oa_id,
        cancelled=bool(row.cancelled),
        version=row.version,
        plan_version=row.plan_version,
        plan_at=row.plan_at,
        plan_by=people.get(row.plan_by, ("", ""))[0],
        published=row.published,
        published_plan=row.published_plan,
        untold=untold(row),
        told_starts_at=row.told_starts_at,
        told_ends_at=row.told_ends_at,
        told_place=row.told_place,
        expected=counted.expected if counted else 0,
        seated=counted.seated if counted else 0,
        present=counted.present if counted else 0,
    )
