"""The literal sequences of the seating rules: rostrum, order modes, tables, units."""

from __future__ import annotations

from typing import Any

import pytest

from meeting_seat_designer.engine.arrange.arranger import arrange
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Accept, Layout, Recipe, Region, RegionRules, Room
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department
from meeting_seat_designer.engine.recipes.build import build


def one_region(kind: str, params: dict[str, Any], **rules: Any) -> Document:
    region = Region(id="r", name="区", recipe=Recipe(kind=kind, params=params), rules=RegionRules(**rules))
    region.role = "rostrum" if kind == "rostrum" else "audience"
    build(region)
    return Document(
        room=Room(width=60000, depth=60000), layouts=[Layout(id="l", regions=[region])], layout="l"
    )


def numbered(count: int, **fields: Any) -> list[Person]:
    return [Person(id=f"p{i:03}", name=f"{i}", number=i, **fields) for i in range(1, count + 1)]


def as_drawn(document: Document, *, axis: str = "x", **where: Any) -> str:
    """The numbers on one line of seats in plan order, `_` for empty, `×` for disabled."""
    plan = arrange(document)
    people = document.people_map()
    seats = [s for _, s in document.seats() if all(getattr(s, k) == v for k, v in where.items())]
    seats.sort(key=lambda seat: getattr(seat, axis))

    def mark(seat: Any) -> str:
        if seat.kind == "disabled":
            return "×"
        person = plan.seats.get(seat.id)
        return people[person].name if person else "_"

    return " ".join(mark(seat) for seat in seats)


@pytest.mark.clause("3.1.6.1.2")
@pytest.mark.parametrize(
    ("people", "chairs", "honour", "even", "expected"),
    [
        (7, 7, "left", "B", "7 5 3 1 2 4 6"),
        (7, 7, "right", "B", "6 4 2 1 3 5 7"),
        (8, 8, "left", "B", "7 5 3 1 2 4 6 8"),
        (8, 8, "left", "A", "8 6 4 2 1 3 5 7"),
        (8, 8, "right", "B", "8 6 4 2 1 3 5 7"),
        (8, 8, "right", "A", "7 5 3 1 2 4 6 8"),
        (7, 9, "left", "B", "_ 7 5 3 1 2 4 6 _"),
        (7, 7, "left", "A", "7 5 3 1 2 4 6"),
        (2, 2, "left", "B", "1 2"),
        (1, 1, "left", "B", "1"),
    ],
)
def test_rostrum_rows_are_numbered_centre_out(
    people: int, chairs: int, honour: str, even: str, expected: str
) -> None:
    document = one_region("rostrum", {"rows": [chairs]}, honour=honour, even=even)
    document.people = numbered(people)
    assert as_drawn(document) == expected


def test_front_row_of_the_rostrum_outranks_the_back_row() -> None:
    document = one_region("rostrum", {"rows": [5, 4]})
    document.people = numbered(9)
    assert as_drawn(document, row=1) == "5 3 1 2 4"
    assert as_drawn(document, row=2) == "8 6 7 9"
    front = next(seat for _, seat in document.seats() if seat.row == 1)
    back = next(seat for _, seat in document.seats() if seat.row == 2)
    assert front.y > back.y, "the front row is the one nearer to the audience"


def test_the_audience_has_its_left_hand_at_the_left_of_the_plan() -> None:
    document = one_region("grid", {"rows": 1, "cols": 7})
    document.people = numbered(7)
    assert as_drawn(document) == "6 4 2 1 3 5 7"


GRID: dict[str, list[str]] = {
    "rows_ltr": ["1 2 3", "4 5 6"],
    "rows_rtl": ["3 2 1", "6 5 4"],
    "cols_down": ["1 3 5", "2 4 6"],
    "cols_up": ["2 4 6", "1 3 5"],
    "s_rows_left": ["1 2 3", "6 5 4"],
    "s_rows_right": ["3 2 1", "4 5 6"],
    "s_cols_top": ["1 4 5", "2 3 6"],
    "s_cols_bottom": ["2 3 6", "1 4 5"],
    "centre_left": ["2 1 3", "5 4 6"],
    "centre_right": ["3 1 2", "6 4 5"],
}


@pytest.mark.clause("3.1.6.1.2")
@pytest.mark.parametrize("mode", GRID)
def test_order_modes(mode: str) -> None:
    document = one_region("grid", {"rows": 2, "cols": 3}, mode=mode)
    document.people = numbered(6)
    assert [as_drawn(document, row=row) for row in (1, 2)] == GRID[mode]


@pytest.mark.clause("3.1.6.1.2")
def test_serpentine_passes_over_a_disabled_seat() -> None:
    document = one_region("grid", {"rows": 3, "cols": 6}, mode="s_rows_left")
    document.people = numbered(17)
    next(s for _, s in document.seats() if (s.row, s.col) == (2, 3)).kind = "disabled"
    assert [as_drawn(document, row=row) for row in (1, 2, 3)] == [
        "1 2 3 4 5 6",
        "11 10 × 9 8 7",
        "12 13 14 15 16 17",
    ]


@pytest.mark.parametrize(
    ("aisles", "mode", "rows"),
    [
        ("across", "rows_ltr", ["1 2 3 4 5 6 7", "8 9 10 11 12 13 14"]),
        ("across", "honour", ["6 4 2 1 3 5 7", "13 11 9 8 10 12 14"]),
        ("centre_first", "rows_ltr", ["7 8 1 2 3 11 12", "9 10 4 5 6 13 14"]),
        ("centre_first", "honour", ["8 7 2 1 3 11 12", "10 9 5 4 6 13 14"]),
        ("centre_rows", "honour", ["5 4 2 1 3 6 7", "12 11 9 8 10 13 14"]),
        ("separate", "rows_ltr", ["1 2 5 6 7 11 12", "3 4 8 9 10 13 14"]),
    ],
)
def test_aisle_policies(aisles: str, mode: str, rows: list[str]) -> None:
    document = one_region("blocks", {"rows": 2, "blocks": [2, 3, 2]}, mode=mode, aisles=aisles)
    document.people = numbered(14)
    assert [as_drawn(document, row=row) for row in (1, 2)] == rows


def test_talks_with_the_long_side_to_the_door() -> None:
    document = one_region("talks", {"seats": 5})
    guests, hosts = numbered(5, party="guest"), numbered(5, party="host")
    for person in hosts:
        person.id = "h" + person.id
    document.people = guests + hosts
    assert as_drawn(document, side="far") == "5 3 1 2 4"
    assert as_drawn(document, side="near") == "4 2 1 3 5"
    document.rules.honour = "right"
    assert as_drawn(document, side="far") == "4 2 1 3 5"
    assert as_drawn(document, side="near") == "5 3 1 2 4"
    far = next(s for _, s in document.seats() if s.side == "far")
    assert far.angle == 180, "guests face the door, which is at the bottom of the plan"


def test_superiors_sit_on_the_far_side_when_no_party_is_given() -> None:
    document = one_region("talks", {"seats": 3})
    document.people = numbered(6)
    assert as_drawn(document, side="far") == "3 1 2"
    assert as_drawn(document, side="near") == "5 4 6"


def test_talks_with_the_table_end_to_the_door() -> None:
    document = one_region("talks", {"seats": 3, "door": "end"})
    hosts = numbered(3, party="host")
    for person in hosts:
        person.id = "h" + person.id
    document.people = numbered(3, party="guest") + hosts
    right = {s.side for _, s in document.seats() if s.x > 0}
    assert right == {"guest"}, "entering from the bottom, guests are at the right hand"
    assert as_drawn(document, side="guest", axis="y") == "3 1 2"
    assert as_drawn(document, side="host", axis="y") == "2 1 3"


def test_hollow_square_goes_head_sides_bottom_then_outer_ring() -> None:
    document = one_region("hollow", {"head": 3, "side": 2, "bottom": 3, "rings": 2})
    document.people = numbered(12)
    assert as_drawn(document, side="head", ring=1) == "3 1 2"
    assert as_drawn(document, side="right", ring=1, axis="y") == "4 6", (
        "honoured side first, away from the head"
    )
    assert as_drawn(document, side="left", ring=1, axis="y") == "5 7"
    assert as_drawn(document, side="bottom", ring=1) == "9 8 10"
    assert as_drawn(document, side="head", ring=2) == "_ _ 11 12 _", "the outer ring is 列席"


def test_u_shape() -> None:
    document = one_region("u", {"head": 3, "side": 3})
    document.people = numbered(9)
    assert as_drawn(document, side="head") == "3 1 2"
    assert as_drawn(document, side="right", axis="y") == "4 6 8"
    assert as_drawn(document, side="left", axis="y") == "5 7 9"
    document.rules.honour = "right"
    assert as_drawn(document, side="left", axis="y") == "4 6 8"


def test_reception_seats_the_guest_at_the_hosts_right() -> None:
    document = one_region("sofas", {"side": 2})
    host = numbered(3, party="host")
    for person in host:
        person.id, person.name = "h" + person.id, f"主{person.name}"
    guest = numbered(3, party="guest")
    for person in guest:
        person.name = f"宾{person.name}"
    speaker = Person(id="i", name="译", number=9, party="guest", roles=["翻译"])
    document.people = [*host, *guest, speaker]
    assert as_drawn(document, col=1, ring=1) == "宾1 主1", "facing down, the host's right is the plan's left"
    assert as_drawn(document, ring=2) == "译 _"
    behind = next(s for _, s in document.seats() if s.kind == "interpreter")
    assert behind.y < 0


def test_signing() -> None:
    document = one_region("signing", {"attendants": 2, "rows": 1})
    host = numbered(3, party="host")
    for person in host:
        person.id, person.name = "h" + person.id, f"主{person.name}"
    guest = numbered(3, party="guest")
    for person in guest:
        person.name = f"宾{person.name}"
    document.people = [*host, *guest]
    assert as_drawn(document, row=1) == "宾1 主1"
    assert as_drawn(document, row=2) == "宾3 宾2 主2 主3"


def test_photo_rows() -> None:
    document = one_region("photo", {"rows": [5, 6]})
    document.people = numbered(11)
    assert as_drawn(document, row=1) == "5 3 1 2 4"
    assert as_drawn(document, row=2) == "10 8 6 7 9 11"


def test_banquet_places_hosts_opposite_and_guests_beside_them() -> None:
    document = one_region("rounds", {"tables": 1, "seats": 8, "across": 1})
    host = numbered(4, party="host")
    for person in host:
        person.id, person.name = "h" + person.id, f"主{person.name}"
    guest = numbered(4, party="guest")
    for person in guest:
        person.name = f"宾{person.name}"
    document.people = [*host, *guest]
    plan = arrange(document)
    people = document.people_map()
    circle = sorted((s for _, s in document.seats()), key=lambda s: s.col)
    names = [people[plan.seats[s.id]].name for s in circle]
    # Clockwise as drawn from the seat facing the door: 主陪's right hand is the last, left hand the second.
    assert names[0] == "主1"
    assert names[4] == "主2"
    assert (names[7], names[1]) == ("宾1", "宾2")
    assert (names[3], names[5]) == ("宾3", "宾4"), "right and left of 副主陪, who faces up"


def test_units_by_columns_have_their_heads_in_row_one() -> None:
    document = one_region("grid", {"rows": 3, "cols": 4}, units="cols")
    document.rules.departments = [Department(name="甲"), Department(name="乙")]
    document.people = []
    for unit, count in (("乙", 3), ("甲", 5)):
        for number in range(1, count + 1):
            document.people.append(
                Person(id=f"{unit}{number}", name=f"{unit}{number}", number=number, unit=unit)
            )
    assert as_drawn(document, row=1) == "甲1 甲2 乙1 _"
    assert as_drawn(document, row=2) == "甲3 甲4 乙2 _"
    assert as_drawn(document, row=3) == "甲5 _ 乙3 _"


def test_units_by_rows_are_contiguous_and_can_keep_whole_rows() -> None:
    document = one_region("grid", {"rows": 3, "cols": 4}, mode="rows_ltr", units="rows")
    document.people = []
    for unit, count in (("甲", 3), ("乙", 3), ("丙", 2)):
        for number in range(1, count + 1):
            document.people.append(
                Person(id=f"{unit}{number}", name=f"{unit}{number}", number=number, unit=unit)
            )
    document.rules.departments = [Department(name=unit) for unit in "甲乙丙"]
    assert as_drawn(document, row=1) == "甲1 甲2 甲3 乙1"
    region = document.current().regions[0]
    region.rules.whole_rows = True
    assert [as_drawn(document, row=r) for r in (1, 2, 3)] == ["甲1 甲2 甲3 _", "乙1 乙2 乙3 _", "丙1 丙2 _ _"]
    region.rules.whole_rows = False
    region.rules.unit_gap = 1
    assert [as_drawn(document, row=r) for r in (1, 2, 3)] == ["甲1 甲2 甲3 _", "乙1 乙2 乙3 _", "丙1 丙2 _ _"]


def test_a_turned_region_keeps_the_occupants_frame() -> None:
    document = one_region("rostrum", {"rows": [7]})
    document.people = numbered(7)
    region = document.current().regions[0]
    region.angle = 90
    region.seats = []
    build(region)
    assert as_drawn(document, axis="y") == "7 5 3 1 2 4 6"


def test_regions_take_their_own_people_first() -> None:
    document = one_region("rostrum", {"rows": [3]}, priority=10, accept=Accept(roles=["主席台"]))
    audience = Region(id="a", recipe=Recipe(kind="grid", params={"rows": 1, "cols": 4}), y=5000)
    audience.rules.mode = "rows_ltr"
    build(audience)
    document.current().regions.append(audience)
    document.people = numbered(7)
    for person in document.people[2:6]:
        person.roles = ["主席台"]
    plan = arrange(document)
    assert sorted(plan.seats[s] for s in plan.seats if s.startswith("r-")) == ["p003", "p004", "p005"]
    assert [plan.seats.get(f"a-{i}") for i in range(1, 5)] == ["p001", "p002", "p006", "p007"]
    assert plan.waiting == []


@pytest.mark.parametrize(("place", "expected"), [("front_centre", "4 2 8 1 3"), ("front_side", "8 3 1 2 4")])
def test_presider_places(place: str, expected: str) -> None:
    document = one_region("rostrum", {"rows": [5, 5]}, presider=place)
    document.people = numbered(10)
    document.people[7].roles = ["主持人"]
    assert as_drawn(document, row=1) == expected


def test_presider_by_rank_never_sits_in_the_back_row() -> None:
    document = one_region("rostrum", {"rows": [5, 5]})
    document.people = numbered(10)
    document.people[7].roles = ["主持人"]
    assert "8" in as_drawn(document, row=1).split()
