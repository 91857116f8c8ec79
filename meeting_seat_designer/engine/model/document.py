"""The seating document: one file with the room, its layouts, ranks, rules, people and plan."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.layout import Layout, Region, Room, Seat
from meeting_seat_designer.engine.model.node import Node
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import Booking, Meeting, Plan
from meeting_seat_designer.engine.model.rules import RankTable, RuleSet

FORMAT = "zhengding.seating"
VERSION = 1


class Document(Node):
    """Everything of one seating task. `layout` is the id of the current layout, `saved` earlier results."""

    format: str = FORMAT
    version: int = VERSION
    room: Room = msgspec.field(default_factory=Room)
    layouts: list[Layout] = []
    layout: str = ""
    ranks: RankTable | None = None
    rules: RuleSet = msgspec.field(default_factory=RuleSet)
    rule_sets: list[RuleSet] = []
    meeting: Meeting = msgspec.field(default_factory=Meeting)
    people: list[Person] = []
    plan: Plan = msgspec.field(default_factory=Plan)
    saved: list[Plan] = []
    bookings: list[Booking] = []

    def current(self) -> Layout:
        """The current layout; EditError when the document has none."""
        for layout in self.layouts:
            if layout.id == self.layout:
                return layout
        if self.layouts:
            return self.layouts[0]
        raise EditError("文件中没有任何布局")

    def seats(self) -> Iterator[tuple[Region, Seat]]:
        """Every seat of the current layout with its region, in stored order."""
        for region in self.current().regions:
            for seat in region.seats:
                yield region, seat

    def seat_map(self) -> dict[str, tuple[Region, Seat]]:
        """Seat id → (region, seat) of the current layout."""
        return {seat.id: (region, seat) for region, seat in self.seats()}

    def people_map(self) -> dict[str, Person]:
        """Person id → person."""
        return {person.id: person for person in self.people}

    def find_seat(self, text: str) -> tuple[Region, Seat]:
        """The seat with this id or code; EditError when there is none or the code is ambiguous."""
        by_id = self.seat_map().get(text)
        if by_id:
            return by_id
        hits = [(region, seat) for region, seat in self.seats() if seat.code == text]
        if len(hits) == 1:
            return hits[0]
        if not hits:
            raise EditError(f"没有座位“{text}”")
        raise EditError(f"座位号“{text}”重复（{len(hits)} 个座位），请改用座位 id")
