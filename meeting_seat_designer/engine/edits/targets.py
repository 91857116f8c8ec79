"""Finding the things an edit names by id: seats, tables, fixtures and regions of the current layout."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from meeting_seat_designer.engine.edits.base import Journal
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.geometry import Box, Point, rotate
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Fixture, Layout, Region, Seat, Table

Thing: TypeAlias = Seat | Table | Fixture


def region_by_id(document: Document, region_id: str) -> Region:
    """The region with this id in the current layout; EditError without one."""
    for region in document.current().regions:
        if region.id == region_id:
            return region
    raise EditError(f"没有区域 {region_id}")


def things_by_id(layout: Layout) -> dict[str, tuple[Thing, Region | None]]:
    """Every seat, table and fixture with the region it belongs to."""
    found: dict[str, tuple[Thing, Region | None]] = {f.id: (f, None) for f in layout.fixtures}
    for region in layout.regions:
        for thing in (*region.tables, *region.seats):
            found[thing.id] = (thing, region)
    return found


class Selection:
    """Ids resolved: whole regions, and single things that do not belong to one of those regions."""

    def __init__(self, document: Document, ids: Iterable[str]) -> None:
        layout = document.current()
        regions = {region.id: region for region in layout.regions}
        things = things_by_id(layout)
        self.regions: list[Region] = []
        self.singles: list[tuple[Thing, Region | None]] = []
        wanted = list(dict.fromkeys(ids))
        for name in wanted:
            if name in regions:
                self.regions.append(regions[name])
            elif name not in things:
                raise EditError(f"没有对象 {name}")
        whole = {region.id for region in self.regions}
        for name in wanted:
            found = things.get(name)
            if found and (found[1] is None or found[1].id not in whole):
                self.singles.append(found)

    def unlocked(self) -> Selection:
        """The same without locked regions and things."""
        self.regions = [region for region in self.regions if not region.locked]
        self.singles = [(t, r) for t, r in self.singles if not t.locked and not (r and r.locked)]
        return self

    def units(self) -> list[tuple[list[Thing], Region | None]]:
        """What moves as one piece: a region with all it holds, a group, or a single thing."""
        pieces: list[tuple[list[Thing], Region | None]] = []
        for region in self.regions:
            pieces.append(([*region.tables, *region.seats], region))
        groups: dict[str, list[Thing]] = {}
        for thing, _ in self.singles:
            if thing.group:
                groups.setdefault(thing.group, []).append(thing)
            else:
                pieces.append(([thing], None))
        pieces += [(group, None) for group in groups.values()]
        return pieces

    def things(self) -> list[Thing]:
        """Every single thing, those of whole regions included."""
        return [thing for piece, _ in self.units() for thing in piece]


def box_of(thing: Thing) -> Box:
    """The rectangle a thing covers."""
    return Box(thing.x, thing.y, thing.w, thing.h, thing.angle)


def place(journal: Journal, thing: Thing, at: Point, angle: float | None = None) -> None:
    """Put a thing somewhere; a seat moved on its own is marked as placed by hand elsewhere."""
    journal.set(thing, "x", round(at.x, 1))
    journal.set(thing, "y", round(at.y, 1))
    if angle is not None:
        journal.set(thing, "angle", round(angle % 360, 2))


def turn_about(point: Point, degrees: float, about: Point) -> Point:
    """A point turned about a centre."""
    return rotate(point, degrees, about)


def fresh_id(taken: Iterable[str], prefix: str) -> str:
    """The first id prefix1, prefix2 … that is not taken."""
    used = set(taken)
    number = 1
    while f"{prefix}{number}" in used:
        number += 1
    return f"{prefix}{number}"


def all_ids(document: Document) -> set[str]:
    """Every id in use in the current layout."""
    layout = document.current()
    return set(things_by_id(layout)) | {region.id for region in layout.regions}
