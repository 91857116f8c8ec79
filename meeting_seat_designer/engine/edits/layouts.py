"""Edits of rooms, layouts and regions: settings, recipes, codes, copies between layouts, background."""

from __future__ import annotations

from typing import Any

from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.codes import duplicates, encode, free_prefix
from meeting_seat_designer.engine.edits.base import Command, Journal
from meeting_seat_designer.engine.edits.objects import release_seats
from meeting_seat_designer.engine.edits.targets import fresh_id, region_by_id
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import (
    SEAT_KINDS,
    Background,
    CodeScheme,
    Layout,
    Region,
    RegionRules,
)
from meeting_seat_designer.engine.order.paths import setting
from meeting_seat_designer.engine.recipes.build import build


class SetRoom(Command):
    """Change fields of the room: name, unit, size, orientation, terminals."""

    text = "修改会议室"

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the fields; sizes must be 1 to 300 m."""
        for name, value in self.fields.items():
            if name == "extra" or not hasattr(document.room, name):
                raise EditError(f"会议室没有属性 {name}")
            if name in ("width", "depth") and not 1000 <= value <= 300000:
                raise EditError("会议室尺寸应在 1 米到 300 米之间")
            journal.set(document.room, name, value)


class SetMeeting(Command):
    """Change fields of the meeting: title, start, end, place."""

    text = "修改会议信息"

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the fields."""
        for name, value in self.fields.items():
            if name == "extra" or not hasattr(document.meeting, name):
                raise EditError(f"会议没有属性 {name}")
            journal.set(document.meeting, name, value)


class AddLayout(Command):
    """Add a layout (empty, a given one, or a copy of another) and make it the current one."""

    text = "新建布局"

    def __init__(self, name: str, source: Layout | None = None) -> None:
        self.name, self.source = name, source
        self.created = ""

    def apply(self, document: Document, journal: Journal) -> None:
        """Append and switch; the plan of another layout is put aside with the results kept."""
        self.created = fresh_id([layout.id for layout in document.layouts], "layout")
        layout = clone(self.source) if self.source else Layout(id=self.created)
        layout.id, layout.name = self.created, self.name
        journal.append(document.layouts, layout)
        SwitchLayout(self.created).apply(document, journal)


class SwitchLayout(Command):
    """Make another layout current; its people are unseated unless a kept result belongs to it."""

    text = "切换布局"

    def __init__(self, layout: str) -> None:
        self.layout = layout

    def apply(self, document: Document, journal: Journal) -> None:
        """Keep the present plan among the results and take up the latest one of the new layout."""
        if all(layout.id != self.layout for layout in document.layouts):
            raise EditError(f"没有布局 {self.layout}")
        if document.layout == self.layout:
            return
        old = document.plan
        if old.seats or old.pins or old.locks:
            kept = clone(old)
            kept.layout = document.current().id
            journal.append(document.saved, kept)
        new = next((clone(plan) for plan in reversed(document.saved) if plan.layout == self.layout), None)
        journal.set(document, "layout", self.layout)
        if new is None:
            new = clone(old)
            new.layout = self.layout
            new.seats, new.locks, new.pins, new.waiting = {}, [], [], []
            new.counts, new.repairs, new.published, new.version = {}, [], None, 1
        journal.set(document, "plan", new)


class RenameLayout(Command):
    """Give a layout another name."""

    text = "重命名布局"

    def __init__(self, layout: str, name: str) -> None:
        self.layout, self.name = layout, name

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the name."""
        for layout in document.layouts:
            if layout.id == self.layout:
                journal.set(layout, "name", self.name)
                return
        raise EditError(f"没有布局 {self.layout}")


class RemoveLayout(Command):
    """Remove a layout that is not the last one."""

    text = "删除布局"

    def __init__(self, layout: str) -> None:
        self.layout = layout

    def apply(self, document: Document, journal: Journal) -> None:
        """Switch away where needed, then remove."""
        if len(document.layouts) < 2:
            raise EditError("至少保留一个布局")
        doomed = next((layout for layout in document.layouts if layout.id == self.layout), None)
        if doomed is None:
            raise EditError(f"没有布局 {self.layout}")
        if document.current() is doomed:
            other = next(layout for layout in document.layouts if layout is not doomed)
            SwitchLayout(other.id).apply(document, journal)
        journal.remove(document.layouts, doomed)


class CopyToLayout(Command):
    """Copy regions and fixtures of the current layout into another one."""

    text = "复制到其他布局"

    def __init__(self, ids: list[str], layout: str) -> None:
        self.ids, self.layout = ids, layout

    def apply(self, document: Document, journal: Journal) -> None:
        """Clone with ids and codes that are free in the target."""
        source = document.current()
        target = next((layout for layout in document.layouts if layout.id == self.layout), None)
        if target is None or target is source:
            raise EditError("请选择另一个布局")
        taken = {f.id for f in target.fixtures} | {r.id for r in target.regions}
        for fixture in source.fixtures:
            if fixture.id in self.ids:
                copy = clone(fixture)
                copy.id = fresh_id(taken, f"{fixture.kind}-")
                taken.add(copy.id)
                journal.append(target.fixtures, copy)
        for region in source.regions:
            if region.id in self.ids:
                copy = clone(region)
                copy.id = fresh_id(taken, "r")
                taken.add(copy.id)
                for index, thing in enumerate(copy.seats, 1):
                    thing.id = f"{copy.id}-{index}"
                for index, table in enumerate(copy.tables, 1):
                    table.id = f"{copy.id}-t{index}"
                copy.codes.prefix = free_prefix(target, copy)
                codes = encode(copy)
                for seat in copy.seats:
                    seat.code = codes[seat.id]
                journal.append(target.regions, copy)


class SetRegion(Command):
    """Rename a region or change its order settings (排座方式)."""

    text = "修改区域设置"

    def __init__(self, region: str, *, name: str | None = None, rules: RegionRules | None = None) -> None:
        self.region, self.name, self.rules = region, name, rules

    def apply(self, document: Document, journal: Journal) -> None:
        """Check the settings, then set them."""
        region = region_by_id(document, self.region)
        if self.name is not None:
            journal.set(region, "name", self.name)
        if self.rules is not None:
            probe = Region(id=region.id, name=region.name, rules=self.rules)
            setting(probe, document.rules)
            journal.set(region, "rules", clone(self.rules))


class RebuildRegion(Command):
    """Change parameters of a region's recipe and make its seats anew; hand changes and people stay."""

    text = "调整区域"

    def __init__(self, region: str, **params: Any) -> None:
        self.region, self.params = region, params
        self.merge_key = f"rebuild:{region}:{','.join(sorted(params))}"

    def apply(self, document: Document, journal: Journal) -> None:
        """Build a copy first, so that a wrong parameter changes nothing; people on lost seats wait."""
        region = region_by_id(document, self.region)
        probe = clone(region)
        probe.recipe.params = {**region.recipe.params, **self.params}
        build(probe)
        others = {seat.code for other, seat in document.seats() if other.id != region.id}
        if any(seat.code in others for seat in probe.seats):
            probe.codes.prefix = free_prefix(document.current(), probe)
            for seat_id, code in encode(probe).items():
                next(seat for seat in probe.seats if seat.id == seat_id).code = code
            journal.set(region, "codes", probe.codes)
        journal.set(region, "recipe", probe.recipe)
        kept = {seat.id for seat in probe.seats}
        lost = [seat.id for seat in region.seats if seat.id not in kept]
        journal.replace(region.seats, list(probe.seats))
        journal.replace(region.tables, list(probe.tables))
        release_seats(document, journal, lost)


class RecodeRegion(Command):
    """Give the seats of a region new codes by a scheme (座位编码), unique in the layout."""

    text = "重新编号"

    def __init__(self, region: str, scheme: CodeScheme | None = None) -> None:
        self.region, self.scheme = region, scheme

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the scheme; a prefix is added where codes would repeat elsewhere."""
        region = region_by_id(document, self.region)
        probe = clone(region)
        if self.scheme is not None:
            probe.codes = clone(self.scheme)
        others = {seat.code for other, seat in document.seats() if other.id != region.id}
        codes = encode(probe)
        if others & set(codes.values()):
            probe.codes.prefix = ""
            probe.codes.prefix = free_prefix(document.current(), probe)
            codes = encode(probe)
        if len(set(codes.values())) != len(codes):
            probe.codes.pattern = "{row}排{col}座" if len(region.seats) > 1 else probe.codes.pattern
            codes = _distinct(encode(probe))
        journal.set(region, "codes", probe.codes)
        for seat in region.seats:
            journal.set(seat, "code", codes[seat.id])


def _distinct(codes: dict[str, str]) -> dict[str, str]:
    taken: set[str] = set()
    result: dict[str, str] = {}
    for seat, code in codes.items():
        name, number = code, 2
        while name in taken:
            name, number = f"{code}-{number}", number + 1
        taken.add(name)
        result[seat] = name
    return result


class FixDuplicateCodes(Command):
    """Make every seat code of the layout unique, changing as few as possible."""

    text = "消除重复编号"

    def apply(self, document: Document, journal: Journal) -> None:
        """The first seat of a code keeps it; the others take the next free one."""
        taken = {seat.code for _, seat in document.seats() if seat.code}
        for code, seats in duplicates(document.current()).items():
            for number, seat in enumerate(seats):
                if number == 0 and code:
                    continue
                suffix = 2
                while f"{code or seat.id}-{suffix}" in taken:
                    suffix += 1
                fresh = f"{code or seat.id}-{suffix}"
                taken.add(fresh)
                journal.set(seat, "code", fresh)


class SetSeatKind(Command):
    """Set the kind of seats: ordinary, wheelchair, interpreter, recorder, buffer, disabled."""

    def __init__(self, seats: list[str], kind: str) -> None:
        if kind not in SEAT_KINDS:
            raise EditError(f"未知的座位类型“{kind}”")
        self.seats, self.kind = seats, kind
        self.text = f"设为{SEAT_KINDS[kind]}"

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the kind; people on a seat that is disabled go to the waiting list."""
        known = document.seat_map()
        for name in self.seats:
            if name not in known:
                raise EditError(f"没有座位 {name}")
            journal.set(known[name][1], "kind", self.kind)
        if self.kind == "disabled":
            release_seats(document, journal, [s for s in self.seats if s in document.plan.seats])


class SetBackground(Command):
    """Set, change or remove the picture to trace."""

    text = "设置底图"

    def __init__(self, background: Background | None) -> None:
        self.background = background

    def apply(self, document: Document, journal: Journal) -> None:
        """Set it on the current layout."""
        journal.set(document.current(), "background", self.background)
