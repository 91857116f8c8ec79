"""Joins the parts of the feature; what app.py builds."""

import json

from sqlalchemy import Connection, select

from server_stub.bus import Bus
from server_stub.contract.meetings import MySeat, MySeats, SeatPlan
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import MeetingAccess
from .checkins import CheckInService
from .link import Links
from .planning import PlanService
from .ports import Clerks, Notices, Refusals, Texts, Units
from .publishing import Publishing, published_text
from .reader import for_attendees
from .rooms import RoomService
from .tables import attendees, meetings


class MeetingsService:
    """`rooms`, `plans`, `publishing`, `checkins`; and what attendees see. Start, then close."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        units: Units,
        clerks: Clerks,
        refusals: Refusals,
        notices: Notices,
        texts: Texts,
        secret: bytes,
        public_address: str = "",
    ) -> None:
        """`secret` signs check-in links; `public_address` is where phones reach the server."""
        self._database = database
        self._access = MeetingAccess(units, clerks, refusals)
        self.rooms = RoomService(database, self._access)
        self.plans = PlanService(database, self._access, self.rooms, refusals)
        self.publishing = Publishing(database, self._access, notices, texts, refusals)
        self.checkins = CheckInService(database, self._access, Links(secret), bus, public_address)

    async def start(self) -> None:
        """Begin to serve."""
        await self.publishing.start()

    async def close(self) -> None:
        """End the jobs."""
        self.checkins.close()
        await self.publishing.close()

    async def my_seats(self, caller: Caller, limit: int) -> MySeats:
        """Return the published meetings that the caller attends, the next first by date."""

        def work(connection: Connection) -> MySeats:
            rows = connection.execute(
                select(meetings, *(attendees.c[name] for name in _MINE))
                .join(attendees, attendees.c.meeting_id == meetings.c.id)
                .where(
                    attendees.c.user_id == caller.person_id,
                    attendees.c.told.is_(True),
                    attendees.c.removed.is_(False),
                    meetings.c.published > 0,
                )
                .order_by(meetings.c.starts_at.desc(), meetings.c.id.desc())
                .limit(limit)
            )
            return MySeats(seats=[_mine(row, row) for row in rows])

        return await self._database.read(work)

    async def seat_plan(self, caller: Caller, meeting_id: str) -> SeatPlan:
        """Return the published plan to one of its attendees (3.1.6.4.5)."""

        def work(connection: Connection) -> SeatPlan:
            meeting, mine = self._access.access_seat(connection, caller, meeting_id)
            document = json.loads(published_text(connection, meeting))
            return SeatPlan(
                mine=_mine(meeting, mine),
                attendee_id=mine.attendee_id,
                document=for_attendees(document),
            )

        return await self._database.read(work)


_MINE = ("told_seat", "present_at", "attendee_id")


def _mine(meeting, mine) -> MySeat:
    return MySeat(
        meeting_id=meeting.id,
        title=meeting.title,
        place=meeting.place or meeting.room_name,
        organiser=meeting.organiser,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        seat=mine.told_seat,
        cancelled=bool(meeting.cancelled),
        published=meeting.published,
        present_at=mine.present_at,
    )
