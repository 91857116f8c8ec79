"""The arranger (自动排座): sort, walk each region's path, repair; deterministic. Source: 3.1.6.4.1."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from meeting_seat_designer.engine.arrange.repair import LaneRepair
from meeting_seat_designer.engine.arrange.units import by_unit, unit_columns, unit_rows
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Fixture, Layout, Region, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import Group, Plan, Repair, Waiting
from meeting_seat_designer.engine.order.paths import setting, usable
from meeting_seat_designer.engine.order.sorting import Sorter
from meeting_seat_designer.engine.order.tracks import tracks

SPECIAL_ROLES = {"interpreter": ("翻译", "interpreter"), "recorder": ("记录", "recorder")}
PRESIDER = ("主持人", "presider")


class Fixed(NamedTuple):
    """What an arrangement must not touch: people on seats, and seats to pass over."""

    seats: dict[str, str]
    closed: set[str]


def arrange(document: Document, sorter: Sorter | None = None) -> Plan:
    """A new plan for the current layout; the document is not changed.

    Locked seats keep their occupant (or stay empty), pins are seated first, everyone else who attends is
    seated once or put on the waiting list with a reason. Locks, pins, groups, check-ins and publication stay.
    """
    return _Run(document, sorter or Sorter(document.rules, document.ranks)).plan()


def region_order(layout: Layout) -> list[Region]:
    """Regions in the order in which they take people: by priority, then as stored."""
    return sorted(layout.regions, key=lambda region: region.rules.priority)


def accepts(region: Region, person: Person) -> bool:
    """Whether a region takes this person."""
    rule = region.rules.accept
    if not (rule.roles or rule.units or rule.levels or rule.parties or rule.people):
        return True
    return (
        any(role in rule.roles for role in person.roles)
        or person.unit in rule.units
        or person.level in rule.levels
        or person.party in rule.parties
        or person.id in rule.people
    )


def fixed_seats(document: Document) -> Fixed:
    """Locked and pinned seats: a lock beats a pin, of two pins to one seat the first in the list wins."""
    plan = document.plan
    seats = document.seat_map()
    attending = {person.id for person in document.people if person.status == "attending"}
    fixed: dict[str, str] = {}
    taken: set[str] = set()
    closed: set[str] = set()
    for seat in sorted(set(plan.locks)):
        if seat not in seats:
            continue
        person = plan.seats.get(seat, "")
        if person in attending and person not in taken:
            fixed[seat] = person
            taken.add(person)
        else:
            closed.add(seat)
    for pin in plan.pins:
        free = pin.seat in seats and pin.seat not in fixed and pin.seat not in closed
        free = free and seats[pin.seat][1].kind != "disabled"
        if free and pin.person in attending and pin.person not in taken:
            fixed[pin.seat] = pin.person
            taken.add(pin.person)
    return Fixed(fixed, closed)


class _Run:
    """One arrangement: the work state of `arrange`."""

    def __init__(self, document: Document, sorter: Sorter) -> None:
        self.document = document
        self.layout = document.current()
        self.sorter = sorter
        self.fixed = fixed_seats(document)
        self.people = document.people_map()
        self.seats: dict[str, str] = dict(self.fixed.seats)
        self.waiting: list[Waiting] = []
        self.counts: dict[str, int] = {}
        self.repairs: list[Repair] = []
        self.doors: list[Fixture] = [f for f in self.layout.fixtures if f.kind == "door"]

    def plan(self) -> Plan:
        old = self.document.plan
        seated = set(self.seats.values())
        queue: list[Person] = []
        attending = [person for person in self.document.people if person.status == "attending"]
        for person in self.sorter.sort(attending):
            if person.id in seated:
                continue
            if not self.sorter.placeable(person) and self.document.rules.unknown_rank == "hold":
                self.waiting.append(Waiting(person=person.id, reason="unknown_rank"))
            else:
                queue.append(person)
        queue = self._special(queue)
        for region in region_order(self.layout):
            queue = self._fill(region, queue)
        reason = "no_seat" if self.layout.regions else "no_region"
        for person in queue:
            open_to = any(accepts(region, person) for region in self.layout.regions)
            self.waiting.append(Waiting(person=person.id, reason=reason if open_to else "no_region"))
        return Plan(
            id=old.id,
            name=old.name,
            layout=self.layout.id,
            seats=dict(sorted(self.seats.items())),
            locks=list(old.locks),
            pins=list(old.pins),
            groups=list(old.groups),
            waiting=self.waiting,
            counts=self.counts,
            repairs=self.repairs,
            version=old.version,
            published=old.published,
            checkins=old.checkins,
            extra=old.extra,
        )

    def _special(self, queue: list[Person]) -> list[Person]:
        """Interpreters and recorders take the seats made for them, their own party's side first."""
        free: dict[str, list[Seat]] = defaultdict(list)
        for _, seat in self.document.seats():
            if seat.id not in self.seats and seat.id not in self.fixed.closed:
                free[seat.kind].append(seat)
        rest: list[Person] = []
        for person in queue:
            kind = next((k for k, names in SPECIAL_ROLES.items() if set(names) & set(person.roles)), "")
            own = [s for s in free[kind] if person.party and s.side == person.party] if kind else []
            choice = (own or free[kind])[:1] if kind else []
            if not choice:
                rest.append(person)
                continue
            free[kind].remove(choice[0])
            self.seats[choice[0].id] = person.id
        return rest

    def _fill(self, region: Region, queue: list[Person]) -> list[Person]:
        seats = usable(region)
        fixed_here = [seat for seat in region.seats if seat.id in self.fixed.seats]
        free = [s for s in seats if s.id not in self.seats and s.id not in self.fixed.closed]
        room = max(len(free) - region.rules.buffer, 0)
        if region.rules.limit:
            room = min(room, max(region.rules.limit - len(fixed_here), 0))
        chosen: list[Person] = []
        rest: list[Person] = []
        chairs = [s for s in region.seats if s.kind == "wheelchair" and s.id not in self.seats]
        chairs = [s for s in chairs if s.id not in self.fixed.closed]
        wheeled = 0
        for person in queue:
            wants = "wheelchair" in person.needs and wheeled < len(chairs)
            if accepts(region, person) and (wants or len(chosen) - wheeled < room):
                chosen.append(person)
                wheeled += wants
            else:
                rest.append(person)
        present = [self.people[self.fixed.seats[s.id]] for s in fixed_here if s.kind == "normal"]
        self._wheelchairs(region, chosen, present, chairs)
        counts: dict[str, int] = defaultdict(int)
        for person in [*chosen, *present]:
            counts[person.party] += 1
        self.counts[region.id] = len(chosen) + len(present)
        self._walk(region, chosen, counts)
        return rest

    def _wheelchairs(
        self, region: Region, chosen: list[Person], present: list[Person], chairs: list[Seat]
    ) -> None:
        """Wheelchair users take the wheelchair place nearest to the seat their rank would give them."""
        users = [person for person in chosen if "wheelchair" in person.needs]
        if not users:
            return
        path = [
            seat
            for track in tracks(region, self.sorter.rules, {"": len(chosen) + len(present)})
            for seat in track.seats
        ]
        for person in users:
            if not chairs:
                text = f"{person.name}：区域“{region.name}”没有空的轮椅位"
                self.repairs.append(Repair(kind="wheelchair", people=[person.id], done=False, text=text))
                continue
            index = min(chosen.index(person), len(path) - 1)
            ideal = path[index] if path else chairs[0]
            best = min(chairs, key=lambda s: (abs(s.x - ideal.x) + abs(s.y - ideal.y), s.id))
            chairs.remove(best)
            self.seats[best.id] = person.id
            chosen.remove(person)
            text = f"{person.name} 使用轮椅位 {best.code}"
            self.repairs.append(Repair(kind="wheelchair", people=[person.id], text=text))

    def _walk(self, region: Region, chosen: list[Person], counts: dict[str, int]) -> None:
        unit_mode = region.rules.units
        lanes: list[tuple[list[Seat], list[Person | None]]] = []
        split = bool(counts.get("guest") or counts.get("host"))
        left: list[Person] = list(chosen)
        for track in tracks(region, self.sorter.rules, dict(counts)):
            path = [s for s in track.seats if s.id not in self.seats and s.id not in self.fixed.closed]
            if not (track.party and split):
                mine = left
            elif track.party == "guest":
                mine = [person for person in left if person.party == "guest"]
            else:
                mine = [person for person in left if person.party != "guest"]
            lane: list[Person | None] = list(mine[: len(path)])
            if unit_mode in ("rows", "cols") and not track.party:
                units = by_unit(mine[: len(path)], self.sorter)
                if unit_mode == "rows":
                    gap, whole = region.rules.unit_gap, region.rules.whole_rows
                    path, lane = unit_rows(path, units, gap, whole)
                else:
                    path, lane = unit_columns(region, setting(region, self.sorter.rules), path, units)
            lanes.append((path, lane))
            placed = {person.id for person in lane if person}
            left = [person for person in left if person.id not in placed]
        # A party larger than its side goes on with the free seats of the other side: nobody is dropped.
        for path, lane in lanes:
            while left and len(lane) < len(path):
                lane.append(left.pop(0))
        for path, lane in lanes:
            self._repair(region, path, lane)

    def _repair(self, region: Region, path: list[Seat], lane: list[Person | None]) -> None:
        fixed_people = {person: seat for seat, person in self.seats.items()}
        here = {person.id for person in lane if person}
        groups = [group for group in self.document.plan.groups if here & set(group.people)]
        people = [person for person in lane if person]
        needy = [person for person in people if person.needs]
        presiders = [p for p in people if region.role == "rostrum" and set(p.roles) & set(PRESIDER)]
        order = lane
        if groups or needy or presiders:
            places = {seat.id: seat for _, seat in self.document.seats()}
            fixed = {person: places[seat] for person, seat in fixed_people.items()}
            work = LaneRepair(path, lane, fixed)
            self._presiders(region, work, presiders)
            self._needs(work, needy)
            self._groups(work, groups)
            order = work.order
            self.repairs += work.repairs
        for seat, person in zip(path, order, strict=False):
            if person is not None:
                self.seats[seat.id] = person.id

    def _needs(self, work: LaneRepair, needy: list[Person]) -> None:
        rules = self.sorter.rules
        for person in needy:
            if "front" in person.needs:
                work.move_to(person.id, "front", lambda seat: seat.row <= rules.front_rows, "前排")
        for person in needy:
            if "near_door" in person.needs:
                work.near_door(person.id, self.doors, rules.near_door_mm)

    def _groups(self, work: LaneRepair, groups: list[Group]) -> None:
        for group in sorted(groups, key=lambda group: group.id):
            if group.kind == "together":
                work.together(group)
        for group in sorted(groups, key=lambda group: group.id):
            if group.kind == "apart":
                work.apart(group)

    def _presiders(self, region: Region, work: LaneRepair, presiders: list[Person]) -> None:
        """主持人: front centre, front side, or by rank; never the back row."""
        front = [index for index, seat in enumerate(work.seats) if seat.row == 1]
        for person in presiders[: len(front)]:
            index = work.index(person.id)
            if region.rules.presider == "front_centre":
                work.hold(person.id, front[0], "presider", f"主持人 {person.name} 居前排正中")
            elif region.rules.presider == "front_side":
                taken = min(len([p for p in work.base if p]), len(front))
                work.hold(person.id, front[taken - 1], "presider", f"主持人 {person.name} 居前排侧边")
            elif index is not None and index not in front:
                work.hold(person.id, front[-1], "presider", f"主持人 {person.name} 不坐后排")
