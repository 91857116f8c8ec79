"""Warnings about order: inversions, split units, groups, number 1 in the centre, aisles, publication."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

from meeting_seat_designer.engine.arrange.near import are_neighbours, door_distance, lines
from meeting_seat_designer.engine.arrange.region_path import plan_tracks, seated_in
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.layouts import SetRegion, SetSeatKind
from meeting_seat_designer.engine.edits.objects import MoveObjects
from meeting_seat_designer.engine.edits.seating import Arrange, Publish, SwapSeats
from meeting_seat_designer.engine.lint.warning import Fix, SeatWarning
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.order.centre import number_one_is_centred
from meeting_seat_designer.engine.order.paths import setting
from meeting_seat_designer.engine.order.sorting import Sorter


def inversions(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """People who sit against rank order and were not put there by a lock, a pin or a reported repair."""
    plan = document.plan
    people = document.people_map()
    excused = {plan.seats.get(seat, "") for seat in plan.locks}
    excused |= {pin.person for pin in plan.pins if plan.seats.get(pin.seat) == pin.person}
    excused |= {person for repair in plan.repairs if repair.done for person in repair.people}
    for region in document.current().regions:
        if region.rules.units != "none":
            continue
        for track in plan_tracks(document, region, sorter):
            row = [
                (seat, people[plan.seats[seat.id]])
                for seat in track.seats
                if plan.seats.get(seat.id) in people
            ]
            row = [(seat, person) for seat, person in row if person.id not in excused]
            yield from _inverted(row, sorter)


def _inverted(row: list[tuple[Seat, Person]], sorter: Sorter) -> Iterator[SeatWarning]:
    ranked = {person.id: index for index, person in enumerate(sorter.sort(person for _, person in row))}
    order = [ranked[person.id] for _, person in row]
    for index, place in enumerate(order):
        # A person who stands out of place names the one who holds the place: one swap puts one right.
        if place <= index or place >= len(row):
            continue
        seat, person = row[index]
        other_seat, other = row[place]
        decision = sorter.decide(person, other)
        text = (
            f"{person.name}（{seat.code}）坐在 {row[index + 1][1].name} 之前，按{decision.label}应在其后"
            if index + 1 < len(row)
            else f"{person.name}（{seat.code}）次序颠倒"
        )
        fix = Fix(f"与 {other.name} 互换", SwapSeats(seat.id, other_seat.id))
        again = Fix("最少变动重排", Arrange("least"))
        yield SeatWarning(
            "rank_inversion",
            text,
            fix,
            seats=(seat.id, other_seat.id),
            people=(person.id, other.id),
            more=(again,),
        )


def units(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """In regions seated by unit: a unit whose people do not sit in one run, or over two rows without need."""
    for region in document.current().regions:
        if region.rules.units == "none":
            continue
        path = [seat for track in plan_tracks(document, region, sorter) for seat in track.seats]
        place = {seat.id: index for index, seat in enumerate(path)}
        by_unit: dict[str, list[Seat]] = defaultdict(list)
        for seat, person in seated_in(document, region):
            if person.unit and seat.id in place:
                by_unit[person.unit].append(seat)
        widest = max((len(line) for line in lines(path)), default=0)
        for unit, seats in by_unit.items():
            indexes = sorted(place[seat.id] for seat in seats)
            run = [path[i].id for i in range(indexes[0], indexes[-1] + 1)]
            strangers = any(
                document.plan.seats.get(seat)
                and document.people_map()[document.plan.seats[seat]].unit != unit
                for seat in run
            )
            rows = {(seat.row, seat.block) for seat in seats}
            split_rows = region.rules.units == "rows" and len(rows) > 1 and len(seats) <= widest
            if not (strangers or split_rows):
                continue
            where = f"被分到{_count(len({seat.row for seat in seats}))}排" if split_rows else "没有坐在一起"
            rules = clone(region.rules)
            rules.whole_rows = True
            fix = Fix("合并", Batch("合并单位", [SetRegion(region.id, rules=rules), Arrange("all")]))
            ids = tuple(seat.id for seat in seats)
            yield SeatWarning("department_split", f"{unit}{where}", fix, seats=ids)


def _count(number: int) -> str:
    return {1: "一", 2: "两", 3: "三", 4: "四"}.get(number, str(number))


def groups(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """Groups to keep together that do not sit together, and groups to keep apart that are neighbours."""
    del sorter
    people = document.people_map()
    places = {person: seat for seat, person in document.plan.seats.items()}
    seats = {seat.id: seat for _, seat in document.seats()}
    for group in document.plan.groups:
        sat = [(name, seats[places[name]]) for name in group.people if name in places and name in people]
        names = "、".join(people[name].name for name, _ in sat)
        ids = tuple(seat.id for _, seat in sat)
        if group.kind == "apart":
            close = any(
                are_neighbours(first, second)
                for index, (_, first) in enumerate(sat)
                for _, second in sat[index + 1 :]
            )
            if close:
                fix = Fix("重新排座", Arrange("all"))
                yield SeatWarning("apart_broken", f"{names} 应分开，现在相邻", fix, seats=ids)
        elif len(sat) > 1 and len(lines([seat for _, seat in sat])) > 1:
            fix = Fix("重新排座", Arrange("all"))
            yield SeatWarning("together_broken", f"{names} 应坐在一起，现在分开", fix, seats=ids)


def needs(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """Wheelchair users, people who should sit near a door or in front, and do not."""
    places = {person: seat for seat, person in document.plan.seats.items()}
    seats = {seat.id: (region, seat) for region, seat in document.seats()}
    doors = [fixture for fixture in document.current().fixtures if fixture.kind == "door"]
    for person in document.people:
        if not person.needs or person.id not in places:
            continue
        region, seat = seats[places[person.id]]
        again = Fix("重新排座", Arrange("all"))
        if "wheelchair" in person.needs and seat.kind != "wheelchair":
            fix = Fix("把该座位设为轮椅位", SetSeatKind([seat.id], "wheelchair"))
            yield SeatWarning(
                "need_unmet", f"{person.name} 需要轮椅位", fix, seats=(seat.id,), people=(person.id,)
            )
        if "front" in person.needs and seat.row > sorter.rules.front_rows:
            yield SeatWarning(
                "need_unmet", f"{person.name} 应坐前排", again, seats=(seat.id,), people=(person.id,)
            )
        if "near_door" in person.needs and doors:
            reach = max(sorter.rules.near_door_mm, min(door_distance(s, doors) for s in region.seats))
            if door_distance(seat, doors) > reach:
                yield SeatWarning(
                    "need_unmet", f"{person.name} 应靠近门", again, seats=(seat.id,), people=(person.id,)
                )


def first_places(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """Number 1 not in the centre; the first row of a rostrum split by an aisle at number 1 or between 1 and 2."""
    for region in document.current().regions:
        conf = setting(region, sorter.rules)
        if conf.mode != "honour" or region.rules.units != "none":
            continue
        if region.recipe.kind not in ("rostrum", "photo", "u", "hollow", "talks"):
            continue
        taken = {seat.id for seat, _ in seated_in(document, region)}
        for line in _first_lines(region):
            here = [seat for seat in line if seat.id in taken]
            if here:
                yield from _centred(region, line, here)
                if region.role == "rostrum":
                    yield from _split(region, line, document, sorter)


def _first_lines(region: Region) -> list[list[Seat]]:
    """The first row, head side or first line of each party, sorted by column."""
    found: dict[str, list[Seat]] = defaultdict(list)
    for seat in region.seats:
        first = seat.ring == 1 and seat.row == 1 and seat.side in ("", "head", "far", "near")
        if first and seat.kind == "normal":
            found[seat.side].append(seat)
    return [sorted(line, key=lambda seat: seat.col) for line in found.values()]


def _centred(region: Region, line: list[Seat], here: list[Seat]) -> Iterator[SeatWarning]:
    if not number_one_is_centred(len(line), len(here)):
        # One chair fewer at the emptier end makes the number of chairs odd.
        spare = [seat for seat in (line[-1], line[0]) if seat not in here] or [line[-1]]
        fix = Fix(
            f"停用 {spare[0].code} 并重排",
            Batch("使 1 号居中", [SetSeatKind([spare[0].id], "disabled"), Arrange("all")]),
        )
        text = f"{region.name or '区域'} {len(here)} 人坐 {len(line)} 座：1 号无法居中"
        yield SeatWarning("first_not_centred", text, fix, seats=tuple(seat.id for seat in line))


def _split(region: Region, line: list[Seat], document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    if len(line) < 2:
        return
    gaps = [second.x - first.x for first, second in itertools.pairwise(line)]
    usual = sorted(gaps)[0]
    path = [seat for track in plan_tracks(document, region, sorter) for seat in track.seats]
    order = {seat.id: index for index, seat in enumerate(path)}
    for index, gap in enumerate(gaps):
        if gap <= usual * 1.4 + 1:
            continue
        pair = {order.get(line[index].id, 99), order.get(line[index + 1].id, 99)}
        extra = gap - usual
        left = [seat.id for seat in line[: index + 1]]
        right = [seat.id for seat in line[index + 1 :]]
        moves: list[Command] = [MoveObjects(left, extra / 2, 0), MoveObjects(right, -extra / 2, 0)]
        fix = Fix("取消首排过道", Batch("取消首排过道", moves))
        if 0 in pair:
            straddle = "1 号与 2 号被过道隔开" if pair == {0, 1} else "1 号紧邻过道"
            text = f"{region.name or '主席台'}首排有过道：{straddle}"
        else:
            text = f"{region.name or '主席台'}首排被过道分开"
        yield SeatWarning("aisle_through_first", text, fix, seats=(line[index].id, line[index + 1].id))


def publication(document: Document) -> Iterator[SeatWarning]:
    """The plan changed after it was published."""
    plan = document.plan
    if plan.published is not None and plan.published.seats != plan.seats:
        fix = Fix("重新发布", Publish(plan.published.at, plan.published.recipients))
        text = f"座位图 v{plan.published.version} 发布后又有改动"
        yield SeatWarning("out_of_date", text, fix, level="warning")
