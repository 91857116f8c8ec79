"""Warnings about seats and objects: codes, double seating, pins, capacity, collisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from meeting_seat_designer.engine.codes import duplicates
from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.layouts import FixDuplicateCodes, RebuildRegion, SetRoom, SetSeatKind
from meeting_seat_designer.engine.edits.objects import AddSeat, MoveObjects
from meeting_seat_designer.engine.edits.seating import Arrange, PinPerson, Unseat
from meeting_seat_designer.engine.edits.targets import Thing, box_of
from meeting_seat_designer.engine.geometry import Box, bounds, rotate, separation
from meeting_seat_designer.engine.geometry import Point as Vector
from meeting_seat_designer.engine.lint.warning import Fix, SeatWarning
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import FIXTURE_KINDS, Fixture, Region, Seat
from meeting_seat_designer.engine.order.sorting import Sorter

_SOLID = {"screen", "terminal", "lectern", "door", "window", "column", "wall", "camera"}
_DOOR_CLEAR = 900.0


def codes(document: Document) -> Iterator[SeatWarning]:
    """Seat codes must be unique in the layout."""
    for code, seats in duplicates(document.current()).items():
        text = f"编号“{code}”用于 {len(seats)} 个座位" if code else f"{len(seats)} 个座位没有编号"
        ids = tuple(seat.id for seat in seats)
        yield SeatWarning(
            "duplicate_code", text, Fix("重新编号", FixDuplicateCodes()), level="error", seats=ids
        )


def seated_twice(document: Document) -> Iterator[SeatWarning]:
    """One person on two seats."""
    places: dict[str, list[str]] = defaultdict(list)
    for seat, person in sorted(document.plan.seats.items()):
        places[person].append(seat)
    people, seats = document.people_map(), document.seat_map()
    for person, where in places.items():
        if len(where) > 1 and person in people:
            codes_text = "、".join(seats[seat][1].code for seat in where if seat in seats)
            fix = Fix(f"只保留 {seats[where[0]][1].code}", Unseat(where[1:]))
            text = f"{people[person].name} 同时坐在 {codes_text}"
            yield SeatWarning("seated_twice", text, fix, level="error", seats=tuple(where), people=(person,))


def pins(document: Document, sorter: Sorter) -> Iterator[SeatWarning]:
    """Two people pinned to one seat: the higher-ranked keeps it."""
    wishes: dict[str, list[str]] = defaultdict(list)
    people, seats = document.people_map(), document.seat_map()
    for pin in document.plan.pins:
        if pin.person in people:
            wishes[pin.seat].append(pin.person)
    for seat, names in wishes.items():
        if len(names) < 2:
            continue
        ranked = sorter.sort(people[name] for name in names)
        drop: list[Command] = [PinPerson(person.id, "") for person in ranked[1:]]
        code = seats[seat][1].code if seat in seats else seat
        fix = Fix(f"保留 {ranked[0].name}", Batch("消除指定冲突", drop))
        text = f"{'、'.join(person.name for person in ranked)} 都被指定到 {code}"
        yield SeatWarning("pin_conflict", text, fix, level="error", seats=(seat,), people=tuple(names))


def capacity(document: Document) -> Iterator[SeatWarning]:
    """More people than seats; the fix adds a row (or seats) to the last region that takes anyone."""
    short = [item.person for item in document.plan.waiting if item.reason == "no_seat"]
    if not short:
        return
    fix = Fix("增加座位", _more_seats(document, len(short)))
    text = f"座位不足：{len(short)} 人没有座位"
    yield SeatWarning("too_few_seats", text, fix, level="error", people=tuple(short))


def _more_seats(document: Document, missing: int) -> Command:
    regions = document.current().regions
    for region in reversed(regions):
        rows = region.recipe.params.get("rows")
        if region.recipe.kind in ("grid", "blocks", "arc") and isinstance(rows, int | type(None)):
            per_row = max(1, sum(1 for seat in region.seats if seat.row == 1))
            now = max((seat.row for seat in region.seats), default=0)
            grown = RebuildRegion(region.id, rows=now + -(-missing // per_row))
            return Batch("增加座位并补排", [grown, Arrange("gaps")])
    last = regions[-1] if regions else None
    if last is None:
        return Arrange("all")
    area = bounds(box_of(seat) for seat in last.seats)
    adds: list[Command] = [
        AddSeat(last.id, area.left + 300 + index % 10 * 650, area.bottom + 600 + index // 10 * 900)
        for index in range(missing)
    ]
    return Batch("增加座位并补排", [*adds, Arrange("gaps")])


def collisions(document: Document) -> Iterator[SeatWarning]:
    """Seats and fixtures that overlap, stand in a door's way, or outside the room. The fix moves the first."""
    layout = document.current()
    solids = [fixture for fixture in layout.fixtures if fixture.kind in _SOLID]
    seats = [(seat, region) for region in layout.regions for seat in region.seats if seat.kind != "disabled"]
    blocked: dict[tuple[str, str], list[tuple[Seat, Region, Vector]]] = defaultdict(list)
    for fixture in solids:
        for name, box in _zones(fixture, document):
            reach = (box.w + box.h) / 2
            for seat, region in seats:
                if abs(seat.x - box.x) > reach + seat.w or abs(seat.y - box.y) > reach + seat.h:
                    continue
                push = separation(box_of(seat), box)
                if push is not None:
                    blocked[(fixture.id, name)].append((seat, region, push))
    names = {fixture.id: fixture for fixture in solids}
    for (fixture_id, name), hits in blocked.items():
        yield _blocked(names[fixture_id], name, hits)
    yield from _seat_overlaps(seats)
    yield from _outside(document, [seat for seat, _ in seats])


def _zones(fixture: Fixture, document: Document) -> list[tuple[str, Box]]:
    """What a fixture occupies; a door also needs clear floor on its room side."""
    body = box_of(fixture)
    if fixture.kind != "door":
        return [("", body)]
    inward = _inward(fixture, document)
    depth = max(fixture.w, _DOOR_CLEAR) if fixture.w <= 1200 else _DOOR_CLEAR
    shift = fixture.h / 2 + depth / 2
    clear = Box(body.x + inward.x * shift, body.y + inward.y * shift, body.w, depth, body.angle)
    return [("", body), ("门口", clear)]


def _inward(door: Fixture, document: Document) -> Vector:
    """The direction from a door into the room."""
    normal = rotate(Vector(0, 1), door.angle)
    middle = Vector(document.room.width / 2 - door.x, document.room.depth / 2 - door.y)
    sign = 1 if normal.x * middle.x + normal.y * middle.y >= 0 else -1
    return Vector(normal.x * sign, normal.y * sign)


def _blocked(fixture: Fixture, zone: str, hits: list[tuple[Seat, Region, Vector]]) -> SeatWarning:
    what = fixture.label or FIXTURE_KINDS[fixture.kind]
    codes_text = "、".join(seat.code for seat, _, _ in hits[:3]) + ("等" if len(hits) > 3 else "")
    ids = tuple(seat.id for seat, _, _ in hits)
    if len(hits) == 1:
        seat, _, push = hits[0]
        step: Command = MoveObjects([seat.id], push.x, push.y)
        fix = Fix("移开座位", step)
    elif fixture.kind in ("door", "window", "column", "wall"):
        fix = Fix("停用这些座位", SetSeatKind(list(ids), "disabled"))
    else:
        push = max((push for _, _, push in hits), key=lambda push: abs(push.x) + abs(push.y))
        fix = Fix(f"移开{what}", MoveObjects([fixture.id], -push.x, -push.y))
    text = f"{codes_text} 挡住{what}的{zone}" if zone else f"{codes_text} 与{what}重叠"
    return SeatWarning("collision", text, fix, seats=ids, objects=(fixture.id,))


def _seat_overlaps(seats: list[tuple[Seat, Region]]) -> Iterator[SeatWarning]:
    cell = 1500.0
    grid: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (seat, _) in enumerate(seats):
        grid[(int(seat.x // cell), int(seat.y // cell))].append(index)
    pairs: list[tuple[Seat, Seat, Vector]] = []
    for (column, row), members in grid.items():
        near = [i for dx in (-1, 0, 1) for dy in (-1, 0, 1) for i in grid.get((column + dx, row + dy), ())]
        for a in members:
            first = seats[a][0]
            for b in near:
                second = seats[b][0]
                if b <= a or abs(first.x - second.x) > 1500 or abs(first.y - second.y) > 1500:
                    continue
                push = separation(box_of(second), box_of(first))
                if push is not None:
                    pairs.append((first, second, push))
    for first, second, push in pairs[:50]:
        fix = Fix(f"移开 {second.code}", MoveObjects([second.id], push.x, push.y))
        yield SeatWarning(
            "collision", f"{first.code} 与 {second.code} 重叠", fix, seats=(first.id, second.id)
        )


def _outside(document: Document, things: list[Seat]) -> Iterator[SeatWarning]:
    room = document.room
    out: list[Thing] = []
    for thing in things:
        area = bounds([box_of(thing)])
        if area.left < -1 or area.top < -1 or area.right > room.width + 1 or area.bottom > room.depth + 1:
            out.append(thing)
    if not out:
        return
    ids = [thing.id for thing in out]
    codes_text = "、".join(getattr(thing, "code", thing.id) for thing in out[:3])
    more = "等" if len(out) > 3 else ""
    if len(out) == 1:
        area = bounds([box_of(out[0])])
        dx = max(-area.left, 0) or min(room.width - area.right, 0)
        dy = max(-area.top, 0) or min(room.depth - area.bottom, 0)
        fix = Fix("移回室内", MoveObjects(ids, dx, dy))
    else:
        fix = _bring_in(document, {thing.id for thing in out})
    yield SeatWarning("collision", f"{codes_text}{more} 超出房间", fix, seats=tuple(ids))


def _bring_in(document: Document, out: set[str]) -> Fix:
    """Whole regions move, so that rows and aisles keep their shape; the room grows by what then still stands out."""
    room, edge = document.room, 300
    moves: list[Command] = []
    wide, deep = room.width, room.depth
    for region in document.current().regions:
        if not any(seat.id in out for seat in region.seats):
            continue
        area = bounds(box_of(seat) for seat in region.seats)
        # Past the left or the front wall, or past the right or the back one where there is room on the other side.
        dx = max(-area.left, 0) or min(room.width - area.right, 0) * (area.width <= room.width)
        dy = max(-area.top, 0) or min(room.depth - area.bottom, 0) * (area.height <= room.depth)
        if dx or dy:
            moves.append(MoveObjects([region.id], round(dx), round(dy)))
        if area.right + dx > room.width + 1:
            wide = max(wide, area.right + dx + edge)
        if area.bottom + dy > room.depth + 1:
            deep = max(deep, area.bottom + dy + edge)
    if (wide, deep) == (room.width, room.depth):
        return Fix("移回室内", Batch("移回室内", moves))
    grown = SetRoom(width=round(wide), depth=round(deep))
    return Fix("扩大房间", Batch("扩大房间", [*moves, grown]))
