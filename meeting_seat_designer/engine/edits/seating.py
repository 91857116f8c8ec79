"""Edits of the plan: seat, swap, unseat, lock, shift, arrange, publish, check in, substitute. Source: 3.1.6.4.2."""

from __future__ import annotations

from collections.abc import Container

from meeting_seat_designer.engine.arrange.arranger import arrange
from meeting_seat_designer.engine.arrange.changes import shift_contents
from meeting_seat_designer.engine.arrange.rearrange import fill_gaps, rearrange
from meeting_seat_designer.engine.arrange.region_path import plan_path
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.edits.base import Command, Journal
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.plan import Attendance, Group, Pin, Plan, Published, Waiting
from meeting_seat_designer.engine.order.sorting import Sorter


def _seat_of(document: Document, person: str) -> str:
    return next((seat for seat, who in document.plan.seats.items() if who == person), "")


def _check_seat(document: Document, seat: str) -> None:
    found = document.seat_map().get(seat)
    if found is None:
        raise EditError(f"没有座位 {seat}")
    if found[1].kind == "disabled":
        raise EditError(f"座位 {found[1].code} 已停用")
    if seat in document.plan.locks:
        raise EditError(f"座位 {found[1].code} 已锁定，请先解锁")


def _stop_waiting(document: Document, journal: Journal, person: str) -> None:
    plan = document.plan
    journal.replace(plan.waiting, [item for item in plan.waiting if item.person != person])


def _wait(document: Document, journal: Journal, person: str, reason: str) -> None:
    if all(item.person != person for item in document.plan.waiting):
        journal.append(document.plan.waiting, Waiting(person=person, reason=reason))


class SeatPerson(Command):
    """Seat a person; on an occupied seat the two swap (or the other waits, when the person had no seat)."""

    text = "安排座位"

    def __init__(self, person: str, seat: str) -> None:
        self.person, self.seat = person, seat

    def apply(self, document: Document, journal: Journal) -> None:
        """Refused for locked seats (either of the two) and disabled ones."""
        plan = document.plan
        if self.person not in document.people_map():
            raise EditError(f"没有人员 {self.person}")
        _check_seat(document, self.seat)
        before = _seat_of(document, self.person)
        if before == self.seat:
            return
        if before:
            _check_seat(document, before)
        other = plan.seats.get(self.seat, "")
        if before:
            journal.drop(plan.seats, before)
        journal.put(plan.seats, self.seat, self.person)
        if other and before:
            journal.put(plan.seats, before, other)
        elif other:
            _wait(document, journal, other, "replaced")
        _stop_waiting(document, journal, self.person)


class SwapSeats(Command):
    """Exchange what sits on two seats."""

    text = "互换座位"

    def __init__(self, first: str, second: str) -> None:
        self.first, self.second = first, second

    def apply(self, document: Document, journal: Journal) -> None:
        """Refused for locked and disabled seats."""
        plan = document.plan
        for seat in (self.first, self.second):
            _check_seat(document, seat)
        one, two = plan.seats.get(self.first), plan.seats.get(self.second)
        for seat, person in ((self.first, two), (self.second, one)):
            if person:
                journal.put(plan.seats, seat, person)
            else:
                journal.drop(plan.seats, seat)


class Unseat(Command):
    """Take people off their seats (取消座位); they go to the waiting list."""

    text = "取消座位"

    def __init__(self, seats: list[str]) -> None:
        self.seats = seats

    def apply(self, document: Document, journal: Journal) -> None:
        """Locked seats are refused; a person seated elsewhere too does not wait."""
        for seat in self.seats:
            _check_seat(document, seat)
            person = document.plan.seats.get(seat)
            if person:
                journal.drop(document.plan.seats, seat)
                if not _seat_of(document, person):
                    _wait(document, journal, person, "unseated")


class LockSeats(Command):
    """Lock seats with whoever sits there (an empty one stays empty), or release them."""

    def __init__(self, seats: list[str], locked: bool = True) -> None:
        self.seats, self.locked = seats, locked
        self.text = "锁定座位" if locked else "解锁座位"

    def apply(self, document: Document, journal: Journal) -> None:
        """Keep the lock list sorted and free of repeats."""
        known = document.seat_map()
        for seat in self.seats:
            if seat not in known:
                raise EditError(f"没有座位 {seat}")
        locks = set(document.plan.locks)
        locks = locks | set(self.seats) if self.locked else locks - set(self.seats)
        journal.replace(document.plan.locks, sorted(locks))


class ShiftFrom(Command):
    """按顺序后移 N: from a seat on, everyone moves N seats along the path; overflow waits, nobody is lost."""

    def __init__(self, seat: str, places: int) -> None:
        if not 1 <= places <= 10000:
            raise EditError("后移的座位数应为正整数")
        self.seat, self.places = seat, places
        self.text = f"按顺序后移 {places} 位"
        self.overflow: list[str] = []

    def apply(self, document: Document, journal: Journal) -> None:
        """Locked seats are passed over; the start seat itself may not be locked."""
        region, seat = document.find_seat(self.seat)
        plan = document.plan
        if seat.id in plan.locks:
            raise EditError(f"座位 {seat.code} 已锁定，请从其他座位开始后移")
        path = plan_path(document, region, Sorter(document.rules, document.ranks))
        if all(item.id != seat.id for item in path):
            raise EditError(f"座位 {seat.code} 不在编排路径上")
        shifted = shift_contents(path, seat.id, self.places, plan.seats, set(plan.locks))
        seats = {name: who for name, who in plan.seats.items() if name not in set(shifted.emptied)}
        seats.update(shifted.seats)
        journal.assign(plan.seats, seats)
        self.overflow = shifted.overflow
        for person in shifted.overflow:
            _wait(document, journal, person, "shifted_out")


class ApplyPlan(Command):
    """Take over the assignments of a plan computed elsewhere (a preview, a kept result)."""

    def __init__(self, plan: Plan, text: str = "应用排座结果") -> None:
        self.plan, self.text = plan, text

    def apply(self, document: Document, journal: Journal) -> None:
        """Replace seats, waiting list, counts and repairs; locks, pins, publication stay."""
        plan = document.plan
        journal.assign(plan.seats, self.plan.seats)
        journal.replace(plan.waiting, [clone(item) for item in self.plan.waiting])
        journal.assign(plan.counts, self.plan.counts)
        journal.replace(plan.repairs, [clone(item) for item in self.plan.repairs])
        journal.set(plan, "layout", document.current().id)


class Arrange(Command):
    """Arrange anew: `all` from scratch, `least` with the fewest movers, `gaps` without moving anyone."""

    TEXTS = {"all": "重新排座", "least": "最少变动重排", "gaps": "补入空位"}

    def __init__(self, way: str = "all") -> None:
        if way not in self.TEXTS:
            raise EditError(f"未知的排座方式“{way}”")
        self.way, self.text = way, self.TEXTS[way]

    def apply(self, document: Document, journal: Journal) -> None:
        """Compute the plan and take it over."""
        if self.way == "all":
            plan = arrange(document)
        else:
            plan = (rearrange if self.way == "least" else fill_gaps)(document).plan
        ApplyPlan(plan).apply(document, journal)


class KeepResult(Command):
    """Keep the present result under a name, to compare with later ones."""

    text = "保留当前结果"

    def __init__(self, name: str) -> None:
        self.name = name

    def apply(self, document: Document, journal: Journal) -> None:
        """Append a copy of the plan to the kept results."""
        kept = clone(document.plan)
        kept.name, kept.layout = self.name, document.current().id
        journal.append(document.saved, kept)


class PinPerson(Command):
    """Wish a person on a seat, or drop the person's wish (empty seat)."""

    text = "指定座位"

    def __init__(self, person: str, seat: str) -> None:
        self.person, self.seat = person, seat

    def apply(self, document: Document, journal: Journal) -> None:
        """One pin per person; two people on one seat are allowed here and warned about."""
        if self.person not in document.people_map():
            raise EditError(f"没有人员 {self.person}")
        if self.seat and self.seat not in document.seat_map():
            raise EditError(f"没有座位 {self.seat}")
        pins = [pin for pin in document.plan.pins if pin.person != self.person]
        if self.seat:
            pins.append(Pin(person=self.person, seat=self.seat))
        journal.replace(document.plan.pins, pins)


class SetGroup(Command):
    """Add or change a group of people to keep together or apart; without people it is removed."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.text = "相邻设置" if group.kind == "together" else "分开设置"

    def apply(self, document: Document, journal: Journal) -> None:
        """Replace the group of this id."""
        if self.group.kind not in ("together", "apart"):
            raise EditError("分组类型应为 together 或 apart")
        groups = [group for group in document.plan.groups if group.id != self.group.id]
        if self.group.people:
            groups.append(clone(self.group))
        journal.replace(document.plan.groups, groups)


class Publish(Command):
    """Publish the plan: remember its seats and count the version up (from the second time on)."""

    text = "发布座位图"

    def __init__(self, at: str, recipients: list[str]) -> None:
        self.at, self.recipients = at, recipients

    def apply(self, document: Document, journal: Journal) -> None:
        """Set version and publication."""
        plan = document.plan
        version = plan.published.version + 1 if plan.published else plan.version
        journal.set(plan, "version", version)
        journal.set(
            plan,
            "published",
            Published(version=version, seats=dict(plan.seats), at=self.at, recipients=list(self.recipients)),
        )


class CheckIn(Command):
    """Mark a person present; a second scan is harmless and keeps the first time."""

    text = "签到"

    def __init__(self, person: str, at: str, way: str = "qr") -> None:
        self.person, self.at, self.way = person, at, way

    def apply(self, document: Document, journal: Journal) -> None:
        """Only people of the meeting can check in."""
        if self.person not in document.people_map():
            raise EditError("该人员不在参会名单中")
        if self.person not in document.plan.checkins:
            seat = _seat_of(document, self.person)
            journal.put(document.plan.checkins, self.person, Attendance(at=self.at, way=self.way, seat=seat))


class UndoCheckIn(Command):
    """Take a check-in back."""

    text = "撤销签到"

    def __init__(self, person: str) -> None:
        self.person = person

    def apply(self, document: Document, journal: Journal) -> None:
        """Remove the mark."""
        journal.drop(document.plan.checkins, self.person)


_ROWS = frozenset(("grid", "blocks", "arc", "free"))
"""Recipes of an audience: an empty seat among many there breaks no rule of honour."""


class FillAbsences(Command):
    """缺席递补: people who did not come leave, those ranked after them in the region move up; locked ones stay, and so
    do those of `seated` (who has checked in sits there already).

    `least`: in rows of an audience nobody moves and the seats stay empty, which keeps the order of rank; at a rostrum, a
    table or a photograph, where the places next to number 1 carry the honour, people move up all the same.
    `sides` lists after the run who changes from one side of number 1 to the other (person, before, after).
    """

    text = "缺席递补"

    def __init__(self, absent: list[str], seated: Container[str] = (), *, least: bool = False) -> None:
        self.absent, self.seated, self.least = absent, seated, least
        self.sides: list[tuple[str, str, str]] = []

    def apply(self, document: Document, journal: Journal) -> None:
        """Close the gaps along each region's path with the present order of people."""
        plan = document.plan
        sorter = Sorter(document.rules, document.ranks)
        people = document.people_map()
        before = dict(plan.seats)
        known = set(document.seat_map())
        for name in self.absent:
            if name not in people:
                raise EditError(f"没有人员 {name}")
            journal.set(people[name], "status", "leave")
        gone = set(self.absent)
        seats = {seat: who for seat, who in plan.seats.items() if who not in gone}
        stays = {seat for seat, who in seats.items() if who in self.seated} | set(plan.locks)
        for region in document.current().regions:
            if self.least and region.recipe.kind in _ROWS:
                continue
            old = [seat for seat in plan_path(document, region, sorter) if seat.id not in stays]
            queue = [before[seat.id] for seat in old if before.get(seat.id)]
            if not gone & set(queue):
                continue
            stay = [person for person in queue if person not in gone]
            lost = len(queue) - len(stay)
            journal.put(plan.counts, region.id, max(plan.counts.get(region.id, len(queue)) - lost, 0))
            path = [seat for seat in plan_path(document, region, sorter) if seat.id not in stays]
            for seat in old:
                seats.pop(seat.id, None)
            seats.update({seat.id: person for seat, person in zip(path, stay, strict=False)})
        journal.assign(plan.seats, seats)
        journal.replace(plan.waiting, [item for item in plan.waiting if item.person not in gone])
        self.sides = _side_changes(document, before, known)


def _side_changes(
    document: Document, before: dict[str, str], known: Container[str]
) -> list[tuple[str, str, str]]:
    seats = document.seat_map()
    old = {person: seat for seat, person in before.items()}
    result: list[tuple[str, str, str]] = []
    for seat_id, person in sorted(document.plan.seats.items()):
        was = old.get(person)
        if was is None or was == seat_id or was not in known:
            continue
        sides = [_side(document, name, seats[name][0].id) for name in (was, seat_id)]
        if sides[0] != sides[1]:
            result.append((person, sides[0], sides[1]))
    return result


def _side(document: Document, seat_id: str, region_id: str) -> str:
    """左, 右 or 中 of the region as drawn."""
    region = next(region for region in document.current().regions if region.id == region_id)
    seat = next(seat for seat in region.seats if seat.id == seat_id)
    middle = (min(s.x for s in region.seats) + max(s.x for s in region.seats)) / 2
    if abs(seat.x - middle) < 1:
        return "中"
    return "左" if seat.x < middle else "右"
