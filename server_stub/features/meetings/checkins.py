"""Check-in: by phone over the signed link, by hand, and the live list (3.1.6.4.7, 3.1.6.4.8)."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from server_stub.bus import Bus
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.meetings import Arrival, CheckInLink, CheckInMark, CheckIns, CheckInSetting
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import MeetingAccess
from .link import Links
from .planning import plan_text
from .reader import digits
from .tables import attendees, meetings
from .throttle import Failures

TOPIC = "meeting-check-in"
PAGE = "/m/check-in/"
_MOST = 500
_LIMITS = {"browser": 6, "address": 200, "meeting": 600}


@dataclass(frozen=True)
class Hall:
    """An open meeting as its check-in page shows it."""

    id: str
    title: str
    when: int
    where: str
    plan_version: int
    cancelled: bool
    open: bool


@dataclass(frozen=True)
class Guest:
    """Somebody found by phone, or checked in."""

    attendee_id: str
    name: str
    unit: str
    seat_id: str
    seat: str
    at: int = 0
    again: bool = False
    """He had checked in before; nothing was changed."""


class CheckInService:
    """Marks who came; wakes those who watch a meeting."""

    def __init__(
        self, database: Database, access: MeetingAccess, links: Links, bus: Bus, public_address: str
    ) -> None:
        self._database = database
        self._access = access
        self._links = links
        self._bus = bus
        self._address = public_address
        self._failures = Failures(_LIMITS)
        self._waiting: dict[str, asyncio.Event] = {}
        self._end = bus.subscribe(TOPIC, self._changed)

    def close(self) -> None:
        """Stop listening and let every waiting call go."""
        self._end()
        for event in self._waiting.values():
            event.set()

    # For the phone's page: the link is the right to ask.

    async def hall(self, token: str) -> Hall:
        """The meeting behind a link; NOT_FOUND for links that were never made, or are void."""
        read = self._links.read(token)
        if read is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        meeting_id, number = read

        def work(connection: Connection) -> Hall:
            row = connection.execute(select(meetings).where(meetings.c.id == meeting_id)).one_or_none()
            if row is None or row.checkin_round % 65536 != number:
                raise ApiError(ErrorCode.NOT_FOUND)
            return Hall(
                row.id,
                row.title,
                row.starts_at,
                row.place or row.room_name,
                row.published_plan or row.plan_version,
                bool(row.cancelled),
                bool(row.checkin_open) and not row.cancelled,
            )

        return await self._database.read(work)

    async def come(
        self, hall: Hall, phone: str, attendee_id: str, *, address: str, browser: str
    ) -> list[Guest]:
        """Mark the person with this registered phone as present.

        One guest: marked (or was before). Several: they share the number, ask which and call again. NOT_FOUND: no such
        number in this meeting. THROTTLED after too many of those.
        """
        if not hall.open:
            raise ApiError(ErrorCode.FORBIDDEN, message="本次会议的签到尚未开放或已结束，请联系会务人员。")
        keys = {"browser": browser, "address": address, "meeting": hall.id}
        if not browser:
            del keys["browser"]
        wait = self._failures.wait(keys)
        if wait:
            raise ApiError(
                ErrorCode.THROTTLED, retry_after=wait, message="尝试次数过多，请稍后再试，或到签到台签到。"
            )
        number = digits(phone)
        found = await self._database.read(lambda connection: self._by_phone(connection, hall.id, number))
        chosen = [one for one in found if one.attendee_id == attendee_id] if attendee_id else found
        if not chosen:
            self._failures.count(keys)
            raise ApiError(
                ErrorCode.NOT_FOUND, message="没有找到这个手机号，请核对会议登记的号码，或到签到台签到。"
            )
        if len(chosen) > 1:
            return chosen
        guest = await self._database.write(
            lambda connection: self._mark(connection, hall.id, chosen[0].attendee_id, "qr", "")
        )
        if not guest.again:
            await self._bus.publish(TOPIC, hall.id.encode())
        return [guest]

    async def plan_text(self, hall: Hall) -> str:
        """The plan's document for the picture on the phone."""
        return await self._database.read(lambda connection: plan_text(connection, hall.id, hall.plan_version))

    # For clerks.

    async def link(self, caller: Caller, meeting_id: str) -> CheckInLink:
        """Return the meeting's link."""

        def work(connection: Connection) -> CheckInLink:
            row = self._access.access_meeting(connection, caller, meeting_id)
            return self._link(row)

        return await self._database.read(work)

    async def set(self, caller: Caller, meeting_id: str, wanted: CheckInSetting) -> CheckInLink:
        """Open, close, or renew the link."""

        def work(connection: Connection) -> CheckInLink:
            row = self._access.access_meeting(connection, caller, meeting_id, lock=True)
            connection.execute(
                update(meetings)
                .where(meetings.c.id == meeting_id)
                .values(checkin_open=wanted.open, checkin_round=row.checkin_round + int(wanted.renew))
            )
            row = connection.execute(select(meetings).where(meetings.c.id == meeting_id)).one()
            return self._link(row)

        return await self._database.write(work)

    async def mark(self, caller: Caller, meeting_id: str, wanted: CheckInMark) -> CheckIns:
        """Check somebody in by hand, or take a mark back."""

        def work(connection: Connection) -> None:
            self._access.access_meeting(connection, caller, meeting_id)
            if wanted.present:
                self._mark(connection, meeting_id, wanted.attendee_id, "manual", caller.person_id)
            else:
                self._unmark(connection, meeting_id, wanted.attendee_id, caller.person_id)

        await self._database.write(work)
        await self._bus.publish(TOPIC, meeting_id.encode())
        return await self.since(caller, meeting_id, 0, 0)

    async def since(self, caller: Caller, meeting_id: str, after: int, wait_s: int) -> CheckIns:
        """Return what changed after revision `after`; with nothing new, wait up to `wait_s` seconds for it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            event = self._waiting.setdefault(meeting_id, asyncio.Event())
            found = await self._database.read(lambda c: self._since(c, caller, meeting_id, after))
            left = until - loop.time()
            if found.revision > after or left <= 0:
                return found
            try:
                async with asyncio.timeout(left):
                    await event.wait()
            except TimeoutError:
                return found

    def _changed(self, payload: bytes) -> None:
        event = self._waiting.pop(payload.decode(errors="replace"), None)
        if event is not None:
            event.set()

    def _link(self, row: Any) -> CheckInLink:
        return CheckInLink(
            path=PAGE + self._links.token(row.id, row.checkin_round),
            open=bool(row.checkin_open) and not row.cancelled,
            address=self._address,
        )

    # On the tables.

    def _by_phone(self, connection: Connection, meeting_id: str, number: str) -> list[Guest]:
        if len(number) < 5:
            return []
        rows = connection.execute(
            select(attendees)
            .where(
                attendees.c.meeting_id == meeting_id,
                attendees.c.phone == number,
                attendees.c.attending.is_(True),
            )
            .order_by(attendees.c.attendee_id)
        )
        published = self._is_published(connection, meeting_id)
        return [_guest(row, published) for row in rows]

    @staticmethod
    def _is_published(connection: Connection, meeting_id: str) -> bool:
        return bool(
            connection.execute(select(meetings.c.published).where(meetings.c.id == meeting_id)).scalar_one()
        )

    def _mark(self, connection: Connection, meeting_id: str, attendee_id: str, way: str, by: str) -> Guest:
        key = and_(attendees.c.meeting_id == meeting_id, attendees.c.attendee_id == attendee_id)
        now = int(time.time() * 1000)
        marked = connection.execute(
            update(attendees)
            .where(key, attendees.c.attending.is_(True), attendees.c.present_at == 0)
            .values(present_at=now, present_way=way, present_by=by)
        ).rowcount
        row = connection.execute(select(attendees).where(key)).one_or_none()
        if row is None or not row.attending:
            raise ApiError(ErrorCode.NOT_FOUND, message="此人不在参会名单中，或已请假。")
        if marked:
            self._revise(connection, meeting_id, key)
        published = self._is_published(connection, meeting_id)
        return _guest(row, published, again=not marked)

    def _unmark(self, connection: Connection, meeting_id: str, attendee_id: str, by: str) -> None:
        key = and_(attendees.c.meeting_id == meeting_id, attendees.c.attendee_id == attendee_id)
        undone = connection.execute(
            update(attendees)
            .where(key, attendees.c.present_at > 0)
            .values(present_at=0, present_way="", present_by=by)
        ).rowcount
        if undone:
            self._revise(connection, meeting_id, key)

    @staticmethod
    def _revise(connection: Connection, meeting_id: str, key: Any) -> None:
        revision = connection.execute(
            update(meetings)
            .where(meetings.c.id == meeting_id)
            .values(checkin_revision=meetings.c.checkin_revision + 1)
            .returning(meetings.c.checkin_revision)
        ).scalar_one()
        connection.execute(update(attendees).where(key).values(present_revision=revision))

    def _since(self, connection: Connection, caller: Caller, meeting_id: str, after: int) -> CheckIns:
        meeting = self._access.access_meeting(connection, caller, meeting_id)
        here = attendees.c.attending.is_(True)
        counts = connection.execute(
            select(
                func.count().filter(here).label("expected"),
                func.count().filter(here, attendees.c.present_at > 0).label("present"),
                func.count().filter(here, attendees.c.seat_id != "").label("seated"),
            ).where(attendees.c.meeting_id == meeting_id)
        ).one()
        rows = connection.execute(
            select(attendees)
            .where(attendees.c.meeting_id == meeting_id, attendees.c.present_revision > after)
            .order_by(attendees.c.present_revision)
            .limit(_MOST)
        ).all()
        # A page that is full ends at its last row: the caller asks again from there.
        revision = rows[-1].present_revision if len(rows) == _MOST else meeting.checkin_revision
        return CheckIns(
            revision=revision,
            expected=counts.expected,
            present=counts.present,
            seated=counts.seated,
            plan_version=meeting.plan_version,
            arrivals=[
                Arrival(
                    attendee_id=row.attendee_id,
                    name=row.name,
                    unit=row.unit,
                    seat_id=row.seat_id,
                    seat=row.seat,
                    at=row.present_at,
                    way=row.present_way,
                    revision=row.present_revision,
                    present=row.present_at > 0 and bool(row.attending),
                )
                for row in rows
            ],
        )


def _guest(row: Any, published: bool, *, again: bool = False) -> Guest:
    seat_id, seat = (row.told_seat_id, row.told_seat) if published and row.told else (row.seat_id, row.seat)
    if published and not row.told:
        # Not yet in what was published: an unpublished seat is not told.
        seat_id = seat = ""
    return Guest(row.attendee_id, row.name, row.unit, seat_id, seat, row.present_at, again)
