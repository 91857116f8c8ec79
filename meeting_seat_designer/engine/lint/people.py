"""Warnings about people: unknown ranks, same names, missing phones, double bookings, waiting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.layouts import SetMeeting
from meeting_seat_designer.engine.edits.people import SetPerson
from meeting_seat_designer.engine.edits.seating import Arrange, SeatPerson
from meeting_seat_designer.engine.lint.warning import Fix, SeatWarning
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import WAIT_REASONS
from meeting_seat_designer.engine.order.sorting import Sorter


def _who(person: Person) -> str:
    return f"{person.name}（{person.unit}）" if person.unit else person.name


def unknown_ranks(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """Unknown rank warns, never sorts silently last. People with the same unknown rank are mended in one go."""
    unknown: list[Person] = []
    for person in document.people:
        if person.status != "attending" or sorter.ranks.standing(person).known:
            continue
        if sorter.placeable(person) and not (person.rank or person.level):
            continue
        unknown.append(person)
    alike: dict[str, list[Person]] = defaultdict(list)
    for person in unknown:
        alike[person.rank or person.level].append(person)
    for written, people in alike.items():
        if len(people) > 1:
            yield _alike(document, sorter, written, people)
    for person in unknown:
        if (person.rank or person.level) and len(alike[person.rank or person.level]) > 1:
            continue
        guess = sorter.ranks.guess(person.rank) or sorter.ranks.guess(person.level)
        suggestion = guess or "无职级"
        what = (
            f"职级“{person.rank or person.level}”不在职级表中" if person.rank or person.level else "缺少职级"
        )
        held = "" if sorter.placeable(person) or document.rules.unknown_rank != "hold" else "，未参与排座"
        name = person.id

        def build(value: str, name: str = name) -> Command:
            return (
                SetPerson(name, rank=value, level="") if value else SetPerson(name, rank="无职级", level="")
            )

        fix = Fix(f"补全为“{suggestion}”", prompt="职级", suggestion=suggestion, build=build)
        yield SeatWarning("unknown_rank", f"{_who(person)} {what}{held}", fix, people=(person.id,))


def _alike(document: Document, sorter: Sorter, written: str, people: list[Person]) -> SeatWarning:
    """Several people of one unknown rank, or without any: one fix gives all of them the same."""
    names = tuple(person.id for person in people)
    suggestion = sorter.ranks.guess(written) or "无职级"

    def build(value: str) -> Command:
        rank = value or "无职级"
        return Batch(
            f"{len(names)} 人职级改为{rank}", [SetPerson(name, rank=rank, level="") for name in names]
        )

    held = "" if sorter.placeable(people[0]) or document.rules.unknown_rank != "hold" else "，未参与排座"
    what = f"职级“{written}”不在职级表中" if written else "缺少职级"
    first = "、".join(person.name for person in people[:3])
    more = " 等" if len(people) > 3 else ""
    fix = Fix(f"全部补全为“{suggestion}”", prompt="职级", suggestion=suggestion, build=build)
    return SeatWarning("unknown_rank", f"{len(people)} 人{what}{held}：{first}{more}", fix, people=names)


def same_names(document: Document) -> Iterator[SeatWarning]:
    """People of one name are different people; their labels should say so."""
    by_name: dict[str, list[Person]] = defaultdict(list)
    for person in document.people:
        if person.status == "attending":
            by_name[person.name].append(person)
    for name, people in by_name.items():
        if len(people) < 2 or len({person.label for person in people}) == len(people):
            continue
        labels: set[str] = set()
        commands: list[Command] = []
        for person in people:
            label, number = f"{name}（{person.unit or person.post or '其他'}）", 2
            while label in labels:
                label, number = f"{name}（{person.unit or '其他'}{number}）", number + 1
            labels.add(label)
            commands.append(SetPerson(person.id, display=label))
        units = "、".join(person.unit or "无单位" for person in people)
        text = f"{len(people)} 位“{name}”：{units}，按不同人员处理"
        fix = Fix("座位上加注单位", Batch("同名加注单位", commands))
        yield SeatWarning("same_name", text, fix, level="note", people=tuple(p.id for p in people))


def phones(document: Document) -> Iterator[SeatWarning]:
    """External people get an SMS and need a phone number."""
    for person in document.people:
        outside = person.external and person.status == "attending"
        if outside and not person.phone and person.notify != "paper":
            name = person.id

            def build(value: str, name: str = name) -> Command:
                return SetPerson(name, phone=value) if value else SetPerson(name, notify="paper")

            fix = Fix("补填手机号（留空则改为纸质通知）", prompt="手机号", build=build)
            text = f"外部人员 {_who(person)} 没有手机号，收不到短信提醒"
            yield SeatWarning("no_phone", text, fix, people=(person.id,))


def bookings(document: Document) -> Iterator[SeatWarning]:
    """People or the room booked by another meeting at the same time."""
    meeting = document.meeting
    if not (meeting.start and meeting.end):
        return
    attending = {person.id: person for person in document.people if person.status == "attending"}
    for other in document.bookings:
        if other.meeting == meeting.id or not (other.start < meeting.end and meeting.start < other.end):
            continue
        title = other.title or other.meeting
        for name in other.people:
            if name in attending:
                fix = Fix("标记为请假", SetPerson(name, status="leave"))
                text = f"{_who(attending[name])} 同时参加“{title}”（{other.start} 至 {other.end}）"
                yield SeatWarning("double_booked", text, fix, people=(name,))
        if other.room and other.room == document.room.id:
            fix = Fix(
                "改到该会议结束之后",
                SetMeeting(start=other.end, end=_later(other.end, meeting.start, meeting.end)),
            )
            text = f"会议室“{document.room.name}”同时用于“{title}”（{other.start} 至 {other.end}）"
            yield SeatWarning("double_booked", text, fix, level="error")


def _ready(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """Who waited for a rank and has one now: nothing but an arrangement gives them seats."""
    people = document.people_map()
    ready = [
        people[item.person]
        for item in document.plan.waiting
        if item.reason == "unknown_rank"
        and item.person in people
        and people[item.person].status == "attending"
        and sorter.placeable(people[item.person])
    ]
    if ready:
        names = "、".join(person.name for person in ready[:3]) + (" 等" if len(ready) > 3 else "")
        yield SeatWarning(
            "waiting",
            f"{len(ready)} 人已补全职级，还没有座位：{names}",
            Fix("补入空位", Arrange("gaps")),
            people=tuple(person.id for person in ready),
        )


def _later(start: str, old_start: str, old_end: str) -> str:
    """The new end that keeps the length of the meeting."""
    from datetime import datetime

    try:
        length = datetime.fromisoformat(old_end) - datetime.fromisoformat(old_start)
        return (datetime.fromisoformat(start) + length).isoformat(timespec="minutes")
    except ValueError:
        return old_end


def waiting(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """People on the waiting list, by reason; a seat that was deleted names the nearest empty one."""
    yield from _ready(document, sorter)
    people = document.people_map()
    empty = [
        seat
        for _, seat in document.seats()
        if seat.id not in document.plan.seats and seat.kind == "normal" and seat.id not in document.plan.locks
    ]
    for item in document.plan.waiting:
        person = people.get(item.person)
        if person is None or item.reason in ("unknown_rank", "no_seat"):
            continue
        code = "seat_deleted" if item.reason == "seat_deleted" else "waiting"
        fix = Fix("补入空位", Arrange("gaps"))
        if empty:
            seat = empty[0]
            fix = Fix(f"安排到 {seat.code}", SeatPerson(person.id, seat.id))
        text = f"{_who(person)} 待排：{WAIT_REASONS.get(item.reason, item.reason)}"
        yield SeatWarning(code, text, fix, people=(person.id,))
