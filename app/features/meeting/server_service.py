"""Meetings on the server with their plans as files beside: work goes on offline and is brought up later (3.1.6)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from app.session.meetings import MeetingCalls
from app.session.session import Session
from app.session.states import LinkState, NetworkError
from app.store.changes import Subscription
from app.store.queries import secrets
from meeting_seat_designer.editor.keeping import Opened
from meeting_seat_designer.engine.codec import from_plain, to_plain
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.plan import Attendance, Booking
from meeting_seat_designer.engine.templates import template
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.meetings import (
    Meeting,
    MeetingChange,
    Overlap,
    Publication,
    PublishPlan,
    Recipients,
    Room,
    RoomChange,
    Rooms,
)

from .service import FilePlans, Note, PlanEntry

log = logging.getLogger(__name__)
_OA_ADDRESS, _OA_TOKEN = "oa.address", "oa.token"
_LOOK_BACK_MS = 90 * 86_400_000
"""Meetings that ended longer ago are not listed."""


class Sent(Enum):
    """How bringing a plan to the server ended."""

    NOTHING = "nothing"
    SAVED = "saved"
    OFFLINE = "offline"
    CONFLICT = "conflict"


class ServerPlans:
    """See MeetingService. A plan's id is its meeting's id; plans of this machine alone have ids of their own."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session = session
        self.calls = MeetingCalls(session.api.http)
        self.files = FilePlans(folder)
        self._meetings: dict[str, Meeting] = {}
        self._conflicts: set[str] = set()
        self.refused: dict[str, tuple[MeetingChange, str]] = {}
        """Changes of a meeting whose room is taken at that time, with the server's words."""
        self._sending: dict[str, asyncio.Lock] = {}
        self.rooms = Rooms(buildings=[], rooms=[])
        self.offline = False

    @property
    def server_url(self) -> str:
        """Base address of the server."""
        return self._session.server_url

    def on_connected(self, listener: Callable[[], None]) -> Subscription:
        """Be told when the connection is there again."""
        return self._session.link_changed.connect(
            lambda state: listener() if state is LinkState.ONLINE else None
        )

    # The list.

    async def plans(self) -> list[PlanEntry]:
        """Meetings of the server and plans of this machine, the last changed first; offline what is here."""
        local = {one.id: one for one in await self.files.plans()}
        try:
            self.rooms = await self.calls.rooms()
            found: list[Meeting] = []
            if self.rooms.clerk:
                since = int(time.time() * 1000) - _LOOK_BACK_MS
                now = int(time.time() * 1000)
                # One that is off stays in sight until it would have ended: it can be restored.
                found = [
                    one for one in await self.calls.meetings(since) if not one.cancelled or one.ends_at > now
                ]
            self._meetings = {one.id: one for one in found}
            self.offline = False
        except NetworkError:
            self.offline = True
        except ApiError as error:
            if error.code not in (ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN):
                raise
        entries = [_remote(one) for one in self._meetings.values() if one.id not in local]
        for one in local.values():
            entries.append(await asyncio.to_thread(self._joined, one))
        return sorted(entries, key=lambda entry: (-entry.changed, entry.id))

    def _joined(self, one: PlanEntry) -> PlanEntry:
        note = self.files.note(one.id)
        if note is None or one.damaged:
            return replace(one, local=self.rooms.clerk)
        sync = ""
        if one.id in self._conflicts:
            sync = "conflict"
        elif one.unsaved or self.files.read(one.id)[1] != note.digest:
            sync = "waiting"
        meeting = self._meetings.get(one.id)
        if meeting is not None and not sync:
            return replace(_remote(meeting), changed=max(one.changed, meeting.plan_at / 1000))
        return replace(one, meeting=meeting, sync=sync)

    def is_meeting(self, plan: str) -> bool:
        """Whether the plan belongs to a meeting on the server."""
        return plan in self._meetings or self.files.note(plan) is not None

    def meeting(self, plan: str) -> Meeting | None:
        """The meeting, as far as known."""
        return self._meetings.get(plan)

    def remember(self, meeting: Meeting) -> None:
        """The server told of a meeting's newest state."""
        self._meetings[meeting.id] = meeting

    async def set_oa_number(self, plan: str, number: str) -> None:
        """Keep a meeting's number in the OA system."""
        meeting = self._meetings.get(plan)
        if meeting is not None and meeting.oa_id != number:
            wanted = MeetingChange(**{**_fields(change_of(meeting)), "oa_id": number})
            self.remember(await self.calls.save_meeting(plan, wanted))

    async def copy_version(self, plan: str, version: int) -> str:
        """A version of the server as a plan of this machine."""
        document = from_plain(Document, (await self.calls.plan(plan, version)).document)
        document.meeting.title = f"{document.meeting.title}（第 {version} 版）"
        return await asyncio.to_thread(self.files.store, document)

    # Plans.

    async def create(self, title: str, room: str) -> str:
        """A plan of this machine alone."""
        return await self.files.create(title, room)

    async def create_meeting(self, wanted: MeetingChange, kind: str = "") -> str:
        """Make a meeting; `kind` names the template of its plan where it has no room."""
        made = await self.calls.save_meeting("", wanted)
        self._meetings[made.id] = made
        if not made.plan_version:
            document = template(kind or "theatre")
            _facts(document, made)
            saved = await self.calls.save_plan(made.id, 0, to_plain(document))
            self._meetings[made.id] = saved
            await asyncio.to_thread(self.files.put, made.id, document, saved.plan_version)
        return made.id

    async def adopt(self, plan: str, wanted: MeetingChange) -> str:
        """Make a plan of this machine that of a new meeting on the server."""
        document, digest = await asyncio.to_thread(self.files.read, plan)
        made = await self.calls.save_meeting("", wanted)
        # A room's layout may already be its first plan: this one takes its place.
        saved = await self.calls.save_plan(made.id, made.plan_version, to_plain(document))
        self._meetings[made.id] = saved
        await asyncio.to_thread(self.files.adopt, plan, made.id, Note(saved.plan_version, digest))
        return made.id

    async def open(self, plan: str) -> tuple[Path, Opened]:
        """The newest there is: what was changed here and not brought up yet, else the server's."""
        note = await asyncio.to_thread(self.files.note, plan)
        if note is not None or plan in self._meetings:
            await self._refresh(plan, note)
        path, opened = await self.files.open(plan)
        if self.is_meeting(plan):
            await self._enrich(plan, opened.document)
        return path, opened

    async def _refresh(self, plan: str, note: Note | None) -> None:
        here = await asyncio.to_thread(self.files.has, plan)
        if here and note is not None:
            entry = await asyncio.to_thread(self.files.entry, plan)
            if entry.damaged or (await asyncio.to_thread(self._joined, entry)).sync:
                return
        try:
            got = await self.calls.plan(plan)
        except NetworkError:
            if here:
                return
            raise
        self._meetings[plan] = got.meeting
        if here and note is not None and got.version == note.base:
            return
        document = template("theatre") if not got.version else from_plain(Document, got.document)
        _facts(document, got.meeting)
        await asyncio.to_thread(self.files.put, plan, document, got.version)

    async def _enrich(self, plan: str, document: Document) -> None:
        """What only the server knows: overlapping meetings and who came. Without it the plan opens all the same."""
        meeting = self._meetings.get(plan)
        if meeting is not None:
            _facts(document, meeting)
        try:
            document.bookings = bookings(await self.calls.overlaps(plan), document.room.id)
            came = await self.calls.check_ins(plan, 0, 0)
        except (NetworkError, ApiError):
            return
        for one in came.arrivals:
            if one.present:
                document.plan.checkins[one.attendee_id] = Attendance(
                    at=iso(one.at), way=one.way, seat=one.seat_id
                )

    async def upload(self, plan: str) -> Sent:
        """Bring a plan that was saved here to the server."""
        async with self._sending.setdefault(plan, asyncio.Lock()):
            note = await asyncio.to_thread(self.files.note, plan)
            if note is None:
                return Sent.NOTHING
            document, digest = await asyncio.to_thread(self.files.read, plan)
            if digest == note.digest:
                return Sent.NOTHING
            plain = await asyncio.to_thread(to_plain, document)
            try:
                saved = await self.calls.save_plan(plan, note.base, plain)
            except NetworkError:
                return Sent.OFFLINE
            except ApiError as error:
                if error.code is not ErrorCode.CONFLICT:
                    raise
                self._conflicts.add(plan)
                return Sent.CONFLICT
            self._conflicts.discard(plan)
            self._meetings[plan] = saved
            await asyncio.to_thread(self.files.set_note, plan, Note(saved.plan_version, digest))
            await self._push_facts(saved, document)
            return Sent.SAVED

    async def _push_facts(self, meeting: Meeting, document: Document) -> None:
        """Title, time and place that were changed in the plan (a warning's fix, the OA system) are the meeting's."""
        known = document.meeting
        facts: dict[str, Any] = {}
        if known.title and known.title != meeting.title:
            facts["title"] = known.title
        start, end = milliseconds(known.start), milliseconds(known.end)
        if (
            start
            and end >= start
            and (known.start, known.end)
            != (
                minute(meeting.starts_at),
                minute(meeting.ends_at),
            )
        ):
            facts |= {"starts_at": start, "ends_at": end}
        if known.place and known.place != (meeting.place or meeting.room_name):
            facts["place"] = known.place
        if known.organiser and known.organiser != meeting.organiser:
            facts["organiser"] = known.organiser
        if not facts:
            return
        try:
            self.remember(
                await self.calls.save_meeting(
                    meeting.id, MeetingChange(**{**_fields(change_of(meeting)), **facts})
                )
            )
        except (NetworkError, ApiError) as error:
            if isinstance(error, ApiError) and error.detail == "room":
                wanted = MeetingChange(**{**_fields(change_of(meeting)), **facts})
                self.refused[meeting.id] = (wanted, error.message)
            # The plan is saved; its facts go with the next change.
            log.info("facts not saved", extra={"reason": type(error).__name__})

    async def upload_waiting(self, entries: list[PlanEntry]) -> list[str]:
        """Bring up what was done offline; the plans that are in conflict."""
        for entry in entries:
            if entry.sync == "waiting" and not entry.unsaved and await self.upload(entry.id) is Sent.OFFLINE:
                break
        return sorted(self._conflicts)

    async def whose(self, plan: str) -> Meeting:
        """The meeting as it is on the server now, for the words of a conflict."""
        self._meetings[plan] = await self.calls.meeting(plan)
        return self._meetings[plan]

    async def keep_mine(self, plan: str) -> Sent:
        """Settle a conflict: what is here replaces the server's (whose version stays in its history)."""
        meeting = await self.whose(plan)
        note = await asyncio.to_thread(self.files.note, plan)
        digest = note.digest if note is not None else ""
        await asyncio.to_thread(self.files.set_note, plan, Note(meeting.plan_version, digest))
        return await self.upload(plan)

    async def take_theirs(self, plan: str) -> str:
        """Settle a conflict: the server's comes here; what was here becomes a plan of its own, whose id is returned."""
        document, _digest = await asyncio.to_thread(self.files.read, plan)
        got = await self.calls.plan(plan)
        document.meeting.title = f"{document.meeting.title}（我的修改）"
        kept = await asyncio.to_thread(self.files.store, document)
        fresh = from_plain(Document, got.document)
        await asyncio.to_thread(self.files.put, plan, fresh, got.version)
        self._conflicts.discard(plan)
        return kept

    async def copy(self, plan: str) -> str:
        """A copy on this machine."""
        if not await asyncio.to_thread(self.files.has, plan):
            await self._refresh(plan, None)
        return await self.files.copy(plan)

    async def remove(self, plan: str) -> None:
        """Cancel a meeting and put its file away, or put a plan of this machine away."""
        meeting = self._meetings.get(plan)
        if meeting is not None:
            wanted = change_of(meeting)
            await self.calls.save_meeting(
                plan,
                MeetingChange(**{**_fields(wanted), "cancelled": True, "base_version": meeting.version}),
            )
            self._meetings.pop(plan, None)
        if await asyncio.to_thread(self.files.has, plan):
            await self.files.remove(plan)

    @property
    def can_publish(self) -> bool:
        """Clerks publish."""
        return self.rooms.clerk

    # Rooms.

    async def load_rooms(self) -> Rooms:
        """Buildings and rooms."""
        self.rooms = await self.calls.rooms()
        return self.rooms

    async def save_room(
        self, room_id: str, base: int, unit_id: str, building_id: str, document: Document
    ) -> Room:
        """Make (with an empty id) or save a room over version `base`; ApiError CONFLICT when that is not the newest."""
        wanted = RoomChange(
            unit_id=unit_id,
            building_id=building_id,
            document=to_plain(document),
            base_version=base,
        )
        return await self.calls.save_room(room_id, wanted)

    # Publication.

    async def recipients(self, plan: str) -> Recipients:
        """Who would be told what."""
        return await self.calls.recipients(plan)

    async def publish(
        self, plan: str, version: int, removed: list[str], *, everyone: bool, sms: bool
    ) -> Publication:
        """Publish the version that is on the server."""
        wanted = PublishPlan(plan_version=version, removed=removed, everyone=everyone, sms=sms)
        return await self.calls.publish(plan, wanted)

    # The OA system's address and token, in the encrypted store.

    async def oa_access(self) -> tuple[str, str]:
        """Address and token of the OA system as last used."""

        def read(db) -> tuple[str, str]:
            values = [secrets.get(db, name) or b"" for name in (_OA_ADDRESS, _OA_TOKEN)]
            return values[0].decode(), values[1].decode()

        return await self._session.store.read(read)

    async def keep_oa_access(self, address: str, token: str) -> None:
        """Remember them for the next time."""

        def write(db) -> None:
            secrets.put(db, _OA_ADDRESS, address.encode())
            secrets.put(db, _OA_TOKEN, token.encode())

        await self._session.store.write(write)


def iso(at: int) -> str:
    """Local time, ISO 8601 to the second."""
    return datetime.fromtimestamp(at / 1000).isoformat(timespec="seconds")


def minute(at: int) -> str:
    """Local time, ISO 8601 to the minute; "" for 0."""
    return datetime.fromtimestamp(at / 1000).isoformat(timespec="minutes") if at else ""


def milliseconds(text: str) -> int:
    """Unix time of an ISO 8601 local time; 0 for anything else."""
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return 0


def bookings(found: list[Overlap], room_id: str) -> list[Booking]:
    """Overlapping meetings as the designer's check wants them."""
    return [
        Booking(
            meeting=one.meeting_id,
            title=one.title or "其他单位的会议",
            start=minute(one.starts_at),
            end=minute(one.ends_at),
            room=room_id if one.same_room else "",
            people=list(one.people),
        )
        for one in found
    ]


def change_of(meeting: Meeting) -> MeetingChange:
    """The meeting as a change of itself."""
    return MeetingChange(
        title=meeting.title,
        unit_id=meeting.unit_id,
        room_id=meeting.room_id,
        place=meeting.place,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        organiser=meeting.organiser,
        oa_id=meeting.oa_id,
        cancelled=meeting.cancelled,
        base_version=meeting.version,
    )


def _fields(change: MeetingChange) -> dict:
    return {name: getattr(change, name) for name in change.__struct_fields__}


def _facts(document: Document, meeting: Meeting) -> None:
    known = document.meeting
    known.id, known.title = meeting.id, meeting.title
    known.start, known.end = minute(meeting.starts_at), minute(meeting.ends_at)
    known.place = meeting.place or meeting.room_name
    known.organiser = meeting.organiser or known.organiser
    if meeting.room_id:
        document.room.id = meeting.room_id


def _remote(meeting: Meeting) -> PlanEntry:
    return PlanEntry(
        meeting.id,
        meeting.title,
        meeting.place or meeting.room_name,
        minute(meeting.starts_at),
        meeting.expected,
        meeting.seated,
        meeting.published,
        (meeting.plan_at or 0) / 1000,
        meeting=meeting,
    )
