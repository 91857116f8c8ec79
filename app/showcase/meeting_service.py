"""Invented meetings, rooms and arrivals for the meeting page's pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import structs

from app.features.meeting.server_service import minute
from app.features.meeting.service import FilePlans, PlanEntry
from app.store.changes import Subscription
from meeting_seat_designer.engine.codec import to_plain
from server_stub.contract.meetings import (
    Arrival,
    Building,
    CheckInLink,
    CheckIns,
    LayoutSummary,
    Meeting,
    MySeat,
    Recipient,
    Recipients,
    Room,
    Rooms,
    SeatPlan,
)

from . import meeting_plans

DAY = 86_400_000
NOON = 1_795_651_200_000
"""2026-11-25 in the morning, so that pictures do not change."""


def _meeting(ident: str, title: str, start: int, room: str, **more: Any) -> Meeting:
    return Meeting(
        id=ident,
        title=title,
        unit_id="u1",
        unit_name="市政府办公室",
        place=room,
        starts_at=start,
        ends_at=start + DAY // 12,
        plan_at=start - DAY,
        **more,
    )


MEETINGS = [
    _meeting(
        "m1",
        "全市安全生产工作会议",
        NOON,
        "市会议中心主会场",
        expected=236,
        seated=210,
        published=2,
        present=148,
    ),
    _meeting("m2", "防汛抗旱工作调度会", NOON + DAY, "第一会议室", expected=52, seated=52, published=1),
    _meeting("m3", "市政府常务会议", NOON + 2 * DAY, "常务会议室", expected=20, seated=20),
    _meeting(
        "m6",
        "机关党建工作座谈会",
        NOON + 3 * DAY,
        "第二会议室",
        expected=30,
        seated=30,
        published=1,
        untold="both",
        told_starts_at=NOON + 2 * DAY,
        told_ends_at=NOON + 2 * DAY + DAY // 12,
        told_place="第一会议室",
    ),
    _meeting(
        "m7", "招商引资项目调度会", NOON + 4 * DAY, "常务会议室", expected=18, seated=18, cancelled=True
    ),
    _meeting("m4", "2026 年重点项目推进暨优化营商环境工作领导小组（扩大）会议", NOON + 5 * DAY, "待定"),
]


def _room(
    ident: str, name: str, building: str, floor: str, layouts: list[tuple[str, int]], version: int
) -> Room:
    return Room(
        id=ident,
        unit_id="u1",
        unit_name="市政府办公室",
        building_id=building,
        building_name=building,
        name=name,
        floor=floor,
        layouts=[
            LayoutSummary(id=f"l{n}", name=text, seats=seats) for n, (text, seats) in enumerate(layouts)
        ],
        version=version,
        changed_at=NOON,
        changed_by="李强",
        may_edit=building != "中原区政务服务中心",
    )


ROOMS = Rooms(
    buildings=[Building(id="市行政中心", unit_id="u1", name="市行政中心")],
    rooms=[
        _room("r4", "三楼会议室", "中原区政务服务中心", "3 层", [("会议桌", 18)], 1),
        _room("r1", "第一会议室", "市行政中心", "2 层", [("剧院式", 214), ("回形", 52), ("U 形", 24)], 6),
        _room("r2", "常务会议室", "市行政中心", "3 层", [("U 形", 20)], 2),
        _room("r3", "大礼堂", "市会议中心", "1 层", [("主席台 + 听众席", 523), ("颁奖", 480)], 11),
    ],
    clerk=True,
)

SEATS = [
    MySeat(
        meeting_id="m2",
        title="防汛抗旱工作调度会",
        place="第一会议室",
        organiser="市应急管理局",
        starts_at=NOON + DAY,
        ends_at=NOON + DAY + DAY // 12,
        seat="内圈下2",
        published=1,
    ),
    MySeat(
        meeting_id="m1",
        title="全市安全生产工作会议",
        place="市会议中心主会场",
        starts_at=NOON,
        ends_at=NOON + DAY // 12,
        seat="听众席-3排12座",
        published=2,
        present_at=NOON,
    ),
    MySeat(
        meeting_id="m5", title="机关党建座谈会", starts_at=NOON - 9 * DAY, place="常务会议室", cancelled=True
    ),
]


class ShowcaseCalls:
    """The calls that the pages make while they stand still for a picture."""

    def __init__(self) -> None:
        self.document = meeting_plans.theatre()

    async def my_seats(self) -> list[MySeat]:
        return SEATS

    async def seat_plan(self, _meeting_id: str) -> SeatPlan:
        document = meeting_plans.hollow()
        seat, who = sorted(document.plan.seats.items())[9]
        mine = SEATS[0]
        code = document.seat_map()[seat][1].code
        mine = structs.replace(mine, seat=code)
        return SeatPlan(mine=mine, attendee_id=who, document=to_plain(document))

    async def check_in_link(self, _meeting_id: str) -> CheckInLink:
        path = "/m/check-in/AZrGkq3mdVOrj0mXh2o0wAABvX0uZbE4mT3k"
        return CheckInLink(path=path, open=True, address="https://zd.example.gov.cn")

    async def check_ins(self, _meeting_id: str, after: int, wait: int) -> CheckIns:
        if after:
            # A picture waits for no news.
            raise asyncio.CancelledError
        document = self.document
        people = document.people_map()
        seats = document.seat_map()
        came = [item for number, item in enumerate(sorted(document.plan.seats.items())) if number % 10 < 7]
        arrivals = [
            Arrival(
                attendee_id=who,
                name=people[who].name,
                unit=people[who].unit,
                seat_id=seat,
                seat=seats[seat][1].code,
                at=NOON + number * 1300,
                way="manual" if number % 23 == 5 else "qr",
                revision=number + 1,
            )
            for number, (seat, who) in enumerate(came)
        ]
        expected = sum(one.status == "attending" for one in document.people)
        return CheckIns(
            revision=len(arrivals),
            expected=expected,
            present=len(arrivals),
            seated=len(document.plan.seats),
            plan_version=3,
            arrivals=arrivals,
        )


class ShowcaseMeetings:
    """See app.features.meeting.server_service.ServerPlans; only what the pictures need."""

    def __init__(self, folder: Path) -> None:
        self.files = FilePlans(folder)
        self.calls: Any = ShowcaseCalls()
        self.rooms = ROOMS
        self.offline = False
        self.server_url = "https://zd.example.gov.cn"

    @property
    def can_publish(self) -> bool:
        return True

    def on_connected(self, listener: Callable[[], None]) -> Subscription:
        del listener
        return Subscription(lambda: None)

    def meeting(self, plan: str) -> Meeting | None:
        return next((one for one in MEETINGS if one.id == plan), None)

    def is_meeting(self, plan: str) -> bool:
        return self.meeting(plan) is not None

    async def upload_waiting(self, entries: list[PlanEntry]) -> list[str]:
        del entries
        return []

    async def plans(self) -> list[PlanEntry]:
        syncs = {"m3": "waiting"}
        made = [
            PlanEntry(
                one.id,
                one.title,
                one.place,
                minute(one.starts_at),
                one.expected,
                one.seated,
                one.published,
                one.plan_at / 1000 if one.seated else 0,
                meeting=one,
                sync=syncs.get(one.id, ""),
            )
            for one in MEETINGS
        ]
        made.append(PlanEntry("p", "老干部座谈会", "会议室", "", 12, 12, 0, NOON / 1000, local=True))
        return made


def recipients() -> Recipients:
    """After a late change: two moved, one new, one gone, some outside."""
    document = meeting_plans.hollow()
    seats = {who: seat for seat, who in document.plan.seats.items()}
    codes = {ident: seat.code for ident, (_region, seat) in document.seat_map().items()}
    found: list[Recipient] = []
    for number, person in enumerate(document.people[:40]):
        code = codes.get(seats.get(person.id, ""), "")
        change, before, state = "", code, "sent"
        if number in (3, 4):
            change, before = "moved", codes[seats[document.people[7 - number].id]]
        elif number == 9:
            change, before, state = "new", "", ""
        elif number == 12:
            change, code = "gone", ""
        channel = "sms" if number % 11 == 6 else "paper" if number == 20 else "chat"
        found.append(
            Recipient(
                attendee_id=person.id,
                name=person.name,
                unit=person.unit,
                channel=channel,
                seat=code,
                state=state if channel != "paper" else "",
                change=change,
                before=before,
                removed=number == 15,
                told=change not in ("new", "gone") and number != 15,
            )
        )
    return Recipients(plan_version=4, published=1, recipients=found)
