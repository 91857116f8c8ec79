"""The one way to rooms and meetings: decides who may see and who may change each. Deny by default (3.1.6.4.5)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Caller

from .ports import Clerks, Refusals, Units
from .tables import attendees, buildings, meetings, rooms


@dataclass(frozen=True)
class Scope:
    """Where a caller stands: unit paths of his posts, and the subtrees of his authorities (the second level of the tree,
    such as 市应急管理局; the whole tree for a post at its root)."""

    posts: tuple[str, ...]
    authorities: tuple[str, ...]
    is_admin: bool
    is_clerk: bool

    def sees(self, path: str) -> bool:
        """Whether things of the unit at `path` are for the caller to see: own units, those above, the own authority."""
        if self.is_admin:
            return True
        return bool(path) and (
            any(own.startswith(path) for own in self.posts) or path.startswith(self.authorities)
        )

    def edits(self, path: str) -> bool:
        """Whether they are for him to change: clerks within the own authority, and administrators."""
        return self.is_admin or (self.is_clerk and bool(path) and path.startswith(self.authorities))


class MeetingAccess:
    """Every read and write of rooms, meetings and plans passes one of these."""

    def __init__(self, units: Units, clerks: Clerks, refusals: Refusals) -> None:
        self.units = units
        self._clerks = clerks
        self._refusals = refusals

    def scope(self, connection: Connection, caller: Caller) -> Scope:
        """Where the caller stands."""
        paths = tuple(self.units.posts_of(connection, caller.person_id))
        tops: set[str] = set()
        for path in paths:
            parts = [part for part in path.split("/") if part]
            tops.add("/" + "/".join(parts[:2]) + "/")
        return Scope(paths, tuple(sorted(tops)), caller.is_admin, self._clerks.is_clerk(connection, caller))

    def path(self, connection: Connection, unit_id: str) -> str:
        """The unit's path; "" for an unknown one."""
        place = self.units.places(connection, [unit_id]).get(unit_id)
        return place.path if place is not None else ""

    def access_unit(self, connection: Connection, caller: Caller, unit_id: str) -> None:
        """Whether the caller may make rooms and meetings under the unit."""
        path = self.path(connection, unit_id)
        if not path or not self.scope(connection, caller).edits(path):
            raise self._refuse(caller, "meeting_unit", unit_id, "edit", ErrorCode.FORBIDDEN)

    def access_building(self, connection: Connection, caller: Caller, building_id: str, wanted: str) -> Any:
        """Return the building's row; `wanted`: read or edit."""
        row = connection.execute(select(buildings).where(buildings.c.id == building_id)).one_or_none()
        return self._of_unit(connection, caller, row, "meeting_building", building_id, wanted)

    def access_room(self, connection: Connection, caller: Caller, room_id: str, wanted: str) -> Any:
        """Return the room's row; `wanted`: read or edit."""
        row = connection.execute(
            select(rooms).where(rooms.c.id == room_id, rooms.c.active.is_(True))
        ).one_or_none()
        return self._of_unit(connection, caller, row, "meeting_room", room_id, wanted)

    def _of_unit(
        self, connection: Connection, caller: Caller, row: Any, kind: str, target: str, wanted: str
    ) -> Any:
        if row is None:
            raise self._refuse(caller, kind, target, wanted, ErrorCode.NOT_FOUND)
        scope, path = self.scope(connection, caller), self.path(connection, row.unit_id)
        if not scope.sees(path):
            # What may not be seen does not exist, so that ids cannot be tried out.
            raise self._refuse(caller, kind, target, wanted, ErrorCode.NOT_FOUND)
        if wanted == "edit" and not scope.edits(path):
            raise self._refuse(caller, kind, target, wanted, ErrorCode.FORBIDDEN)
        return row

    def access_meeting(
        self, connection: Connection, caller: Caller, meeting_id: str, *, lock: bool = False
    ) -> Any:
        """Return the meeting's row for a clerk who may edit it. FORBIDDEN for anybody else, and for what is not there.

        `lock`: keep others from changing the row until the commit.
        """
        query = select(meetings).where(meetings.c.id == meeting_id)
        row = connection.execute(query.with_for_update() if lock else query).one_or_none()
        if row is None or not self.scope(connection, caller).edits(self.path(connection, row.unit_id)):
            raise self._refuse(caller, "meeting", meeting_id, "edit", ErrorCode.FORBIDDEN)
        return row

    def access_seat(self, connection: Connection, caller: Caller, meeting_id: str) -> tuple[Any, Any]:
        """Return the rows of a published meeting and of the caller's own place in it. FORBIDDEN for everybody else: people
        outside, people taken off the recipients, and administrators who do not attend (3.1.6.4.5)."""
        row = connection.execute(
            select(meetings).where(meetings.c.id == meeting_id, meetings.c.published > 0)
        ).one_or_none()
        mine = connection.execute(
            select(attendees)
            .where(
                attendees.c.meeting_id == meeting_id,
                attendees.c.user_id == caller.person_id,
                attendees.c.external.is_(False),
                attendees.c.told.is_(True),
                attendees.c.removed.is_(False),
            )
            .limit(1)
        ).one_or_none()
        if row is None or mine is None:
            raise self._refuse(caller, "meeting", meeting_id, "seat", ErrorCode.FORBIDDEN)
        return row, mine

    def _refuse(self, caller: Caller, kind: str, target: str, wanted: str, code: ErrorCode) -> ApiError:
        self._refusals.refused(caller, kind, target[:64], wanted)
        return ApiError(code)
