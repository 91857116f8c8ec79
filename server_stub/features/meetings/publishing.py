"""Publishing a plan: who is told what, and the messages, which survive a restart (3.1.6.4.4, 3.1.6.4.5)."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from server_stub.contract.content import NoticeContent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.meetings import (
    LINK,
    SERVICE,
    Announce,
    Publication,
    PublishPlan,
    Recipient,
    Recipients,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import MeetingAccess
from .planning import facts, local_time, plan_text, untold
from .ports import Notices, Refusals, Texts
from .tables import attendees, meetings

log = logging.getLogger(__name__)
_NAME = "会务"
_AT_ONCE = 16
_CLAIM_MS = 120_000
"""A message that somebody claimed and did not finish within this time is sent by somebody else."""
_PAUSE_S = 30.0


class Publishing:
    """Decides in one transaction who is told, then sends in the background; start, then close."""

    def __init__(
        self, database: Database, access: MeetingAccess, notices: Notices, texts: Texts, audit: Refusals
    ) -> None:
        self._database = database
        self._access = access
        self._notices = notices
        self._texts = texts
        self._audit = audit
        self._work = asyncio.Event()
        self._job: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Send what an earlier run left."""
        self._work.set()
        self._job = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Stop sending; what is left waits in the database."""
        if self._job is not None:
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)
            self._job = None

    def wake(self) -> None:
        """Something was queued elsewhere."""
        self._work.set()

    async def recipients(self, caller: Caller, meeting_id: str) -> Recipients:
        """Return who would be told what if the newest plan were published now."""

        def work(connection: Connection) -> Recipients:
            meeting = self._access.access_meeting(connection, caller, meeting_id)
            rows = connection.execute(
                select(attendees)
                .where(
                    attendees.c.meeting_id == meeting_id,
                    or_(attendees.c.attending.is_(True), attendees.c.told.is_(True)),
                )
                .order_by(attendees.c.unit, attendees.c.name, attendees.c.attendee_id)
            ).all()
            return Recipients(
                plan_version=meeting.plan_version,
                published=meeting.published,
                recipients=[_recipient(row, untold(meeting)) for row in rows],
            )

        return await self._database.read(work)

    async def publish(self, caller: Caller, meeting_id: str, wanted: PublishPlan) -> Publication:
        """Make the plan the published one and tell those whom it concerns; CONFLICT when it is not the newest."""

        def work(connection: Connection) -> Publication:
            meeting = self._access.access_meeting(connection, caller, meeting_id, lock=True)
            if meeting.plan_version != wanted.plan_version or not meeting.plan_version:
                raise ApiError(
                    ErrorCode.CONFLICT,
                    f"plan {meeting.plan_version}",
                    message="座位图已有更新的版本，请先刷新再发布。",
                )
            now = int(time.time() * 1000)
            rows = connection.execute(select(attendees).where(attendees.c.meeting_id == meeting_id)).all()
            removed = set(wanted.removed)
            told = _nobody()
            for row in rows:
                values = _outcome(row, row.attendee_id in removed, untold(meeting), wanted, now, told)
                _put(connection, row, values)
            connection.execute(
                update(meetings)
                .where(meetings.c.id == meeting_id)
                .values(
                    published=meeting.published + 1,
                    published_plan=meeting.plan_version,
                    published_at=now,
                    **facts(meeting),
                )
            )
            return Publication(
                number=meeting.published + 1,
                plan_version=meeting.plan_version,
                at=now,
                waiting=told["chat"] + told["sms"],
                **told,
            )

        done = await self._database.write(work)
        await self._audit.record(
            "meeting_publish", caller.person_id, meeting_id, f"{done.number}: {done.waiting}"
        )
        self._work.set()
        return done

    async def announce(self, caller: Caller, meeting_id: str, wanted: Announce) -> Publication:
        """Tell those who know their seat of the changed time or place; nobody where they know it."""

        def work(connection: Connection) -> Publication:
            meeting = self._access.access_meeting(connection, caller, meeting_id, lock=True)
            now, news, told = int(time.time() * 1000), untold(meeting), _nobody()
            rows = connection.execute(select(attendees).where(attendees.c.meeting_id == meeting_id)).all()
            for row in rows if news else []:
                if row.told and row.attending and not row.removed:
                    _put(connection, row, _message(row, news, wanted.sms, now, told))
            connection.execute(
                update(meetings)
                .where(meetings.c.id == meeting_id, meetings.c.published > 0)
                .values(published_at=now, **facts(meeting))
            )
            return Publication(
                number=meeting.published,
                plan_version=meeting.published_plan,
                at=now,
                waiting=told["chat"] + told["sms"],
                **told,
            )

        done = await self._database.write(work)
        await self._audit.record("meeting_announce", caller.person_id, meeting_id, f"{done.waiting}")
        self._work.set()
        return done

    async def progress(self, caller: Caller, meeting_id: str) -> Publication:
        """Return how far the messages of the last publication are."""

        def work(connection: Connection) -> Publication:
            meeting = self._access.access_meeting(connection, caller, meeting_id)
            counts: dict[str, int] = {
                str(state): int(count)
                for state, count in connection.execute(
                    select(attendees.c.state, func.count())
                    .where(attendees.c.meeting_id == meeting_id, attendees.c.state_at >= meeting.published_at)
                    .group_by(attendees.c.state)
                )
            }
            return Publication(
                number=meeting.published,
                plan_version=meeting.published_plan,
                at=meeting.published_at,
                waiting=counts.get("waiting", 0) + counts.get("sending", 0),
                sent=counts.get("sent", 0),
                failed=counts.get("failed", 0),
            )

        return await self._database.read(work)

    # Sending.

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_PAUSE_S):
                    await self._work.wait()
            except TimeoutError:
                pass
            self._work.clear()
            try:
                while await self._send_some():
                    pass
            except Exception:
                log.exception("seat notices could not be sent; trying again later")

    async def _send_some(self) -> bool:
        now = int(time.time() * 1000)

        def claim(connection: Connection) -> list[Any]:
            mine = (
                select(attendees.c.meeting_id, attendees.c.attendee_id)
                .where(
                    or_(
                        attendees.c.state == "waiting",
                        and_(attendees.c.state == "sending", attendees.c.state_at < now - _CLAIM_MS),
                    )
                )
                .limit(_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            taken = connection.execute(mine).all()
            rows: list[Any] = []
            for meeting_id, attendee_id in taken:
                key = and_(attendees.c.meeting_id == meeting_id, attendees.c.attendee_id == attendee_id)
                connection.execute(update(attendees).where(key).values(state="sending", state_at=now))
                rows.append(
                    connection.execute(
                        select(attendees, *(meetings.c[name].label(f"m_{name}") for name in _OF_MEETING))
                        .join(meetings, meetings.c.id == attendees.c.meeting_id)
                        .where(key)
                    ).one()
                )
            return rows

        rows = await self._database.write(claim)
        outcomes = await asyncio.gather(*(self._send(row) for row in rows))

        def finish(connection: Connection) -> None:
            for row, good in zip(rows, outcomes, strict=True):
                connection.execute(
                    update(attendees)
                    .where(
                        attendees.c.meeting_id == row.meeting_id,
                        attendees.c.attendee_id == row.attendee_id,
                        # A newer publication meanwhile has put its own message in place of this one.
                        attendees.c.state == "sending",
                        attendees.c.message == row.message,
                    )
                    .values(state="sent" if good else "failed")
                )

        if rows:
            await self._database.write(finish)
        return bool(rows)

    async def _send(self, row: Any) -> bool:
        try:
            if row.channel == "chat":
                await self._notices.notify(SERVICE, _NAME, row.user_id, notice(row))
            else:
                await self._texts.send(row.phone, text_message(row))
        except Exception as error:
            log.warning("a seat notice failed", extra={"error": type(error).__name__})
            return False
        return True


_NEWS = {"time": "会议时间有变更", "place": "会议地点有变更", "both": "会议时间和地点有变更"}
_OF_MEETING = ("title", "place", "room_name", "starts_at", "cancelled")


def _nobody() -> dict[str, int]:
    return {"chat": 0, "sms": 0, "paper": 0, "unchanged": 0}


def _put(connection: Connection, row: Any, values: dict[str, Any]) -> None:
    if any(getattr(row, name) != value for name, value in values.items()):
        connection.execute(
            update(attendees)
            .where(attendees.c.meeting_id == row.meeting_id, attendees.c.attendee_id == row.attendee_id)
            .values(**values)
        )


def _change(row: Any, removed: bool, news: str) -> str:
    """What somebody is to be told of the newest plan: new, moved, gone, `news` (of time and place) or ""."""
    here = bool(row.attending) and not removed
    if not here:
        return "gone" if row.told and not row.removed else ""
    if not row.told or row.removed:
        return "new"
    if row.state == "failed":
        return row.message
    return "moved" if row.told_seat_id != row.seat_id or row.told_seat != row.seat else news


def _outcome(
    row: Any, removed: bool, news: str, wanted: PublishPlan, now: int, told: dict[str, int]
) -> dict[str, Any]:
    change = _change(row, removed, news)
    here = bool(row.attending) and not removed
    if not change and here and wanted.everyone:
        change = "moved" if row.told else "new"
    values: dict[str, Any] = {"removed": removed}
    if here:
        values |= {"told": True, "told_seat_id": row.seat_id, "told_seat": row.seat}
    else:
        values |= {"told": False, "told_seat_id": "", "told_seat": ""}
    if change:
        return values | _message(row, change, wanted.sms, now, told)
    if here:
        told["unchanged"] += 1
    return values


def _message(row: Any, change: str, sms: bool, now: int, told: dict[str, int]) -> dict[str, Any]:
    channel = row.channel if row.channel != "sms" or sms else "paper"
    told[channel] += 1
    return {"message": change, "state": "" if channel == "paper" else "waiting", "state_at": now}


def _recipient(row: Any, news: str) -> Recipient:
    return Recipient(
        attendee_id=row.attendee_id,
        name=row.name,
        unit=row.unit,
        channel=row.channel,
        seat=row.seat,
        state=row.state,
        change="" if row.removed else _change(row, False, news),
        before=row.told_seat,
        removed=bool(row.removed),
        told=bool(row.told) and bool(row.attending) and not row.removed,
    )


def _when_where(row: Any) -> tuple[str, str]:
    when = local_time(row.m_starts_at).replace("T", " ")
    return when, row.m_place or row.m_room_name


def notice(row: Any) -> NoticeContent:
    """The chat message for one attendee; its link opens the plan with the own seat marked."""
    when, where = _when_where(row)
    if row.m_cancelled:
        title, link = "会议已取消", ""
    elif row.message == "gone":
        title, link = "参会安排已取消", ""
    else:
        seat = row.told_seat or "未安排"
        title = f"您的座位已调整：{seat}" if row.message == "moved" else f"您的座位：{seat}"
        if row.message in _NEWS:
            title = f"{_NEWS[row.message]}，请留意"
        link = f"{LINK}{row.meeting_id}"
    lines = [row.m_title, f"时间：{when}" if when else "", f"地点：{where}" if where else ""]
    if row.message in _NEWS and row.told_seat and not row.m_cancelled:
        lines.append(f"您的座位：{row.told_seat}")
    return NoticeContent(title=title, text="\n".join(line for line in lines if line), link=link)


def text_message(row: Any) -> str:
    """The reminder for somebody outside the system."""
    when, where = _when_where(row)
    about = f"“{row.m_title}”" + (f"，时间：{when}" if when else "") + (f"，地点：{where}" if where else "")
    if row.m_cancelled:
        return f"{row.name}同志：{about}已取消。"
    if row.message == "gone":
        return f"{row.name}同志：您参加{about}的安排已取消。"
    seat = f"，您的座位：{row.told_seat}" if row.told_seat else ""
    changed = "座位有调整，" if row.message == "moved" else ""
    if row.message in _NEWS:
        changed = f"{_NEWS[row.message]}，"
    return f"{row.name}同志：{changed}请参加{about}{seat}。"


def published_text(connection: Connection, meeting: Any) -> str:
    """The published plan's document."""
    return plan_text(connection, meeting.id, meeting.published_plan)


__all__: Sequence[str] = ["Publishing", "notice", "published_text", "text_message"]
