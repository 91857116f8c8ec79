"""Edits of objects on the plan: add, delete, move, turn, mirror, align, distribute, duplicate, group, lock."""

from __future__ import annotations

from typing import Any

from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.codes import encode, free_prefix
from meeting_seat_designer.engine.edits.base import Command, Journal
from meeting_seat_designer.engine.edits.targets import (
    Selection,
    all_ids,
    box_of,
    fresh_id,
    place,
    region_by_id,
    things_by_id,
)
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.geometry import Point, bounds, rotate
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import FIXTURE_KINDS, Fixture, Region, Seat, Table
from meeting_seat_designer.engine.model.plan import Waiting
from meeting_seat_designer.engine.recipes.build import build
from meeting_seat_designer.engine.recipes.params import RECIPES

SIZES: dict[str, tuple[float, float]] = {
    "screen": (4000, 120),
    "terminal": (900, 400),
    "rostrum": (7000, 2600),
    "lectern": (700, 500),
    "door": (1600, 160),
    "window": (1800, 120),
    "column": (600, 600),
    "aisle": (1200, 6000),
    "wall": (3000, 200),
    "camera": (500, 500),
    "text": (2000, 400),
}


class AddFixture(Command):
    """Place a facility (设施); `created` is its id after the command ran."""

    def __init__(self, kind: str, x: float, y: float, **fields: Any) -> None:
        if kind not in FIXTURE_KINDS:
            raise EditError(f"未知的设施“{kind}”")
        self.kind, self.x, self.y, self.fields = kind, x, y, fields
        self.text = f"添加{FIXTURE_KINDS[kind]}"
        self.created = ""

    def apply(self, document: Document, journal: Journal) -> None:
        """Append the fixture to the current layout; the first door becomes the main door."""
        layout = document.current()
        self.created = fresh_id(all_ids(document), f"{self.kind}-")
        w, h = SIZES[self.kind]
        fixture = Fixture(id=self.created, kind=self.kind, x=self.x, y=self.y, w=w, h=h)
        for name, value in self.fields.items():
            setattr(fixture, name, value)
        if self.kind == "door" and not any(f.kind == "door" and f.main for f in layout.fixtures):
            fixture.main = True
        journal.append(layout.fixtures, fixture)


class AddRegion(Command):
    """Place a region made by a recipe; `created` is its id after the command ran."""

    def __init__(self, recipe: str, x: float, y: float, **fields: Any) -> None:
        self.recipe, self.x, self.y, self.fields = recipe, x, y, fields
        self.text = f"添加{RECIPES.get(recipe, '区域')}"
        self.created = ""

    def apply(self, document: Document, journal: Journal) -> None:
        """Build the region and append it; its seat codes get a prefix when they would repeat."""
        layout = document.current()
        self.created = fresh_id(all_ids(document), "r")
        region = Region(id=self.created, name=RECIPES.get(self.recipe, "区域"), x=self.x, y=self.y)
        for name, value in self.fields.items():
            setattr(region, name, value)
        region.recipe.kind = self.recipe
        if self.recipe in ("rostrum",):
            region.role = "rostrum"
            region.rules.priority = min(region.rules.priority, 10)
        build(region)
        if region.seats:
            region.codes.prefix = free_prefix(layout, region)
            codes = encode(region)
            for seat in region.seats:
                seat.code = codes[seat.id]
        journal.append(layout.regions, region)


class AddSeat(Command):
    """Add one seat to a region by hand (or to a new free region when `region` is empty)."""

    text = "添加座位"

    def __init__(self, region: str, x: float, y: float, angle: float = 0) -> None:
        self.region, self.x, self.y, self.angle = region, x, y, angle
        self.created = ""

    def apply(self, document: Document, journal: Journal) -> None:
        """Append a seat with a free id and code to the line of the seat nearest to it."""
        layout = document.current()
        if self.region:
            region = region_by_id(document, self.region)
        else:
            region = Region(id=fresh_id(all_ids(document), "r"), name="自由座位")
            journal.append(layout.regions, region)
        self.created = fresh_id(all_ids(document), f"{region.id}-")
        near = min(region.seats, key=lambda s: (s.x - self.x) ** 2 + (s.y - self.y) ** 2, default=None)
        seat = Seat(id=self.created, x=self.x, y=self.y, angle=self.angle, hand=True)
        if near:
            seat.row, seat.block, seat.side, seat.ring, seat.table = (
                near.row,
                near.block,
                near.side,
                near.ring,
                near.table,
            )
            seat.w, seat.h = near.w, near.h
            seat.col = max(s.col for s in region.seats if s.row == near.row and s.side == near.side) + 1
        codes = {seat.code for _, seat in document.seats()}
        code, number = f"{seat.row}排{seat.col}座", 1
        while code in codes:
            number += 1
            code = f"加{number - 1}"
        seat.code = code
        journal.append(region.seats, seat)


class DeleteObjects(Command):
    """Delete regions, seats, tables or fixtures; people on deleted seats go to the waiting list."""

    text = "删除"

    def __init__(self, ids: list[str]) -> None:
        self.ids = ids

    def apply(self, document: Document, journal: Journal) -> None:
        """Delete what is not locked."""
        layout = document.current()
        selection = Selection(document, self.ids).unlocked()
        gone: list[str] = []
        for region in selection.regions:
            gone += [seat.id for seat in region.seats]
            journal.remove(layout.regions, region)
        for thing, region in selection.singles:
            if isinstance(thing, Seat) and region:
                gone.append(thing.id)
                journal.remove(region.seats, thing)
            elif isinstance(thing, Table) and region:
                journal.remove(region.tables, thing)
            else:
                journal.remove(layout.fixtures, thing)
        release_seats(document, journal, gone)


def release_seats(document: Document, journal: Journal, seats: list[str]) -> None:
    """Seats that are gone: their people wait with that reason, locks and pins on them end."""
    plan = document.plan
    for seat in seats:
        person = plan.seats.get(seat)
        if person:
            journal.drop(plan.seats, seat)
            journal.append(plan.waiting, Waiting(person=person, reason="seat_deleted"))
    away = set(seats)
    journal.replace(plan.locks, [seat for seat in plan.locks if seat not in away])
    journal.replace(plan.pins, [pin for pin in plan.pins if pin.seat not in away])


class MoveObjects(Command):
    """Move objects by a vector in mm; drags of the same objects merge into one step."""

    text = "移动"

    def __init__(self, ids: list[str], dx: float, dy: float) -> None:
        self.ids, self.dx, self.dy = ids, dx, dy
        self.merge_key = "move:" + ",".join(sorted(ids))

    def apply(self, document: Document, journal: Journal) -> None:
        """Shift each piece; seats moved on their own are marked as placed by hand."""
        selection = Selection(document, self.ids).unlocked()
        for things, region in selection.units():
            for thing in things:
                place(journal, thing, Point(thing.x + self.dx, thing.y + self.dy))
                if region is None and isinstance(thing, Seat):
                    journal.set(thing, "hand", True)
            if region is not None:
                journal.set(region, "x", round(region.x + self.dx, 1))
                journal.set(region, "y", round(region.y + self.dy, 1))


class RotateObjects(Command):
    """Turn objects clockwise about the centre of what they cover (or about a given point)."""

    text = "旋转"

    def __init__(self, ids: list[str], degrees: float, about: Point | None = None) -> None:
        self.ids, self.degrees, self.about = ids, degrees, about
        self.merge_key = "rotate:" + ",".join(sorted(ids))

    def apply(self, document: Document, journal: Journal) -> None:
        """Turn positions and angles; a region remembers its own angle for a rebuild."""
        selection = Selection(document, self.ids).unlocked()
        area = bounds(box_of(thing) for thing in selection.things())
        about = self.about or Point((area.left + area.right) / 2, (area.top + area.bottom) / 2)
        for things, region in selection.units():
            for thing in things:
                at = rotate(Point(thing.x, thing.y), self.degrees, about)
                place(journal, thing, at, thing.angle + self.degrees)
                if region is None and isinstance(thing, Seat):
                    journal.set(thing, "hand", True)
            if region is not None:
                at = rotate(Point(region.x, region.y), self.degrees, about)
                journal.set(region, "x", round(at.x, 1))
                journal.set(region, "y", round(at.y, 1))
                journal.set(region, "angle", round((region.angle + self.degrees) % 360, 2))


class MirrorObjects(Command):
    """Mirror objects left to right (axis x) or top to bottom (axis y) about their common centre."""

    def __init__(self, ids: list[str], axis: str = "x") -> None:
        self.ids, self.axis = ids, axis
        self.text = "左右镜像" if axis == "x" else "上下镜像"

    def apply(self, document: Document, journal: Journal) -> None:
        """Mirror every thing; mirrored seats count as placed by hand."""
        things = Selection(document, self.ids).unlocked().things()
        area = bounds(box_of(thing) for thing in things)
        for thing in things:
            if self.axis == "x":
                place(journal, thing, Point(area.left + area.right - thing.x, thing.y), -thing.angle)
            else:
                place(journal, thing, Point(thing.x, area.top + area.bottom - thing.y), 180 - thing.angle)
            if isinstance(thing, Seat):
                journal.set(thing, "hand", True)


class AlignObjects(Command):
    """Align objects: left, right, top, bottom, centre (x) or middle (y)."""

    TEXTS = {
        "left": "左对齐",
        "right": "右对齐",
        "top": "上对齐",
        "bottom": "下对齐",
        "centre": "水平居中",
        "middle": "垂直居中",
    }

    def __init__(self, ids: list[str], edge: str) -> None:
        if edge not in self.TEXTS:
            raise EditError(f"未知的对齐方式“{edge}”")
        self.ids, self.edge = ids, edge
        self.text = self.TEXTS[edge]

    def apply(self, document: Document, journal: Journal) -> None:
        """Move each piece so that its edge meets the common one."""
        pieces = Selection(document, self.ids).unlocked().units()
        area = bounds(box_of(thing) for things, _ in pieces for thing in things)
        for things, region in pieces:
            own = bounds(box_of(thing) for thing in things)
            dx = dy = 0.0
            if self.edge in ("left", "right"):
                dx = getattr(area, self.edge) - getattr(own, self.edge)
            elif self.edge in ("top", "bottom"):
                dy = getattr(area, self.edge) - getattr(own, self.edge)
            elif self.edge == "centre":
                dx = (area.left + area.right - own.left - own.right) / 2
            else:
                dy = (area.top + area.bottom - own.top - own.bottom) / 2
            _shift(journal, things, region, dx, dy)


class DistributeObjects(Command):
    """Space three or more objects evenly, horizontally or vertically, by their centres."""

    def __init__(self, ids: list[str], axis: str = "x") -> None:
        self.ids, self.axis = ids, axis
        self.text = "水平等距" if axis == "x" else "垂直等距"

    def apply(self, document: Document, journal: Journal) -> None:
        """Keep the outermost two, spread the others between."""
        pieces = Selection(document, self.ids).unlocked().units()
        if len(pieces) < 3:
            raise EditError("等距分布至少需要三个对象")
        centres: list[tuple[float, int]] = []
        for index, (things, _) in enumerate(pieces):
            own = bounds(box_of(thing) for thing in things)
            middle = (own.left + own.right) / 2 if self.axis == "x" else (own.top + own.bottom) / 2
            centres.append((middle, index))
        centres.sort()
        first, last = centres[0][0], centres[-1][0]
        for number, (middle, index) in enumerate(centres):
            delta = first + (last - first) * number / (len(centres) - 1) - middle
            things, region = pieces[index]
            _shift(
                journal, things, region, delta if self.axis == "x" else 0, delta if self.axis == "y" else 0
            )


def _shift(journal: Journal, things: list[Any], region: Region | None, dx: float, dy: float) -> None:
    if not dx and not dy:
        return
    for thing in things:
        place(journal, thing, Point(thing.x + dx, thing.y + dy))
        if region is None and isinstance(thing, Seat):
            journal.set(thing, "hand", True)
    if region is not None:
        journal.set(region, "x", round(region.x + dx, 1))
        journal.set(region, "y", round(region.y + dy, 1))


class DuplicateObjects(Command):
    """Copy objects beside themselves; `created` lists the new ids. Copied seats are empty."""

    text = "复制"

    def __init__(self, ids: list[str], dx: float = 500, dy: float = 500) -> None:
        self.ids, self.dx, self.dy = ids, dx, dy
        self.created: list[str] = []

    def apply(self, document: Document, journal: Journal) -> None:
        """Clone each region or thing with fresh ids and unique codes."""
        layout = document.current()
        selection = Selection(document, self.ids)
        self.created = []
        for region in selection.regions:
            copy = clone(region)
            copy.id = fresh_id(all_ids(document), "r")
            _renumber(copy)
            copy.name = f"{region.name} 副本"
            copy.codes.prefix = free_prefix(layout, copy)
            codes = encode(copy)
            for seat in copy.seats:
                seat.code = codes[seat.id]
            move_region(copy, self.dx, self.dy)
            journal.append(layout.regions, copy)
            self.created.append(copy.id)
        for thing, region in selection.singles:
            copy = clone(thing)
            copy.x, copy.y = copy.x + self.dx, copy.y + self.dy
            prefix = f"{region.id}-" if region else f"{getattr(thing, 'kind', 'f')}-"
            copy.id = fresh_id(all_ids(document), prefix)
            if isinstance(copy, Seat) and region:
                copy.hand, copy.code = True, _free_code(document, copy.code)
                copy.col = max((s.col for s in region.seats if s.row == copy.row), default=0) + 1
                journal.append(region.seats, copy)
            elif isinstance(copy, Table) and region:
                journal.append(region.tables, copy)
            else:
                journal.append(layout.fixtures, copy)
            self.created.append(copy.id)


def _renumber(region: Region) -> None:
    for index, seat in enumerate(region.seats, 1):
        seat.id = f"{region.id}-{index}"
    for index, table in enumerate(region.tables, 1):
        table.id = f"{region.id}-t{index}"


def move_region(region: Region, dx: float, dy: float) -> None:
    """Shift a region that is not yet part of a document."""
    region.x, region.y = region.x + dx, region.y + dy
    for thing in (*region.seats, *region.tables):
        thing.x, thing.y = thing.x + dx, thing.y + dy


def _free_code(document: Document, code: str) -> str:
    taken = {seat.code for _, seat in document.seats()}
    number = 2
    while f"{code}-{number}" in taken:
        number += 1
    return f"{code}-{number}"


class GroupObjects(Command):
    """Bind single objects so that they move as one, or take them apart."""

    def __init__(self, ids: list[str], bind: bool = True) -> None:
        self.ids, self.bind = ids, bind
        self.text = "组合" if bind else "取消组合"

    def apply(self, document: Document, journal: Journal) -> None:
        """Give them one group name, or none."""
        taken = {thing.group for thing, _ in things_by_id(document.current()).values()}
        name = fresh_id(taken, "g") if self.bind else ""
        for thing, _ in Selection(document, self.ids).singles:
            journal.set(thing, "group", name)


class LockObjects(Command):
    """Lock objects in place on the plan, or release them (people are locked by LockSeats)."""

    def __init__(self, ids: list[str], locked: bool = True) -> None:
        self.ids, self.locked = ids, locked
        self.text = "锁定对象" if locked else "解锁对象"

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the lock of each region or thing."""
        selection = Selection(document, self.ids)
        for region in selection.regions:
            journal.set(region, "locked", self.locked)
        for thing, _ in selection.singles:
            journal.set(thing, "locked", self.locked)


class SetObject(Command):
    """Set fields of one seat, table or fixture (the numeric inspector); values are checked by type."""

    def __init__(self, ident: str, **fields: Any) -> None:
        self.ident, self.fields = ident, fields
        self.text = "修改属性"
        self.merge_key = f"set:{ident}:{','.join(sorted(fields))}"

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the fields; a main door takes that mark from the others."""
        found = things_by_id(document.current()).get(self.ident)
        if found is None:
            raise EditError(f"没有对象 {self.ident}")
        thing, region = found
        for name, value in self.fields.items():
            if name in ("id", "extra") or not hasattr(thing, name):
                raise EditError(f"没有属性 {name}")
            if name in ("w", "h") and not 10 <= value <= 100000:
                raise EditError("尺寸应在 10 到 100000 毫米之间")
            if name == "main" and value:
                for other in document.current().fixtures:
                    journal.set(other, "main", False)
            journal.set(thing, name, value)
        if (
            region is not None
            and isinstance(thing, Seat)
            and {"x", "y", "w", "h", "angle"} & set(self.fields)
        ):
            journal.set(thing, "hand", True)
