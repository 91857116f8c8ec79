"""The arranger: everyone once, locks, constraints with their cost, late changes with the fewest movers."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meeting_seat_designer.engine.arrange.arranger import arrange
from meeting_seat_designer.engine.arrange.changes import changes
from meeting_seat_designer.engine.arrange.explain import explain
from meeting_seat_designer.engine.arrange.inversions import inversions
from meeting_seat_designer.engine.arrange.near import are_neighbours
from meeting_seat_designer.engine.arrange.rearrange import fill_gaps, keep_most, rearrange
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.files import dumps
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import (
    ORDER_MODES,
    Fixture,
    Layout,
    Recipe,
    Region,
    RegionRules,
    Room,
)
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import Group, Pin
from meeting_seat_designer.engine.order.ranks import standard_ranks
from meeting_seat_designer.engine.recipes.build import build
from meeting_seat_designer.engine.templates import TEMPLATES, template

RANKS = [rank.name for rank in standard_ranks().ranks if rank.sequence == "综合管理类"]


def grid(rows: int, cols: int, people: int = 0, **rules: Any) -> Document:
    region = Region(id="r", name="区", recipe=Recipe(kind="grid", params={"rows": rows, "cols": cols}))
    region.rules = RegionRules(**{"mode": "rows_ltr", **rules})
    build(region)
    layout = Layout(id="l", regions=[region])
    document = Document(room=Room(width=60000, depth=60000), layouts=[layout], layout="l")
    document.people = [Person(id=f"p{i:02}", name=f"{i}", number=i) for i in range(1, people + 1)]
    return document


def rows_of(document: Document, seats: dict[str, str]) -> list[str]:
    people = document.people_map()
    lines: dict[int, list[str]] = {}
    for _, seat in document.seats():
        lines.setdefault(seat.row, []).append(people[seats[seat.id]].name if seat.id in seats else "_")
    return [" ".join(line) for line in lines.values()]


@st.composite
def meetings(draw: st.DrawFn) -> Document:
    document = template(draw(st.sampled_from(sorted(TEMPLATES))))
    for region in document.current().regions:
        region.rules.mode = draw(st.sampled_from(sorted(ORDER_MODES)))
        region.rules.units = draw(st.sampled_from(["none", "none", "rows", "cols"]))
        region.rules.buffer = draw(st.integers(0, 3))
        for seat in region.seats[:: draw(st.integers(5, 40))]:
            seat.kind = draw(st.sampled_from(["disabled", "wheelchair", "buffer", "interpreter"]))
    count = draw(st.integers(0, 60))
    for number in range(count):
        person = Person(id=f"p{number:03}", name=draw(st.sampled_from(["张伟", "王芳", "李强"])))
        person.unit = draw(st.sampled_from(["甲局", "乙局", "丙局", ""]))
        person.rank = draw(st.sampled_from([*RANKS, "", "怪职级"]))
        person.party = draw(st.sampled_from(["", "", "guest", "host"]))
        person.needs = draw(st.lists(st.sampled_from(["wheelchair", "front", "near_door"]), max_size=1))
        person.roles = draw(st.lists(st.sampled_from(["主席台", "主持人", "翻译"]), max_size=1))
        person.status = draw(st.sampled_from(["attending", "attending", "attending", "leave"]))
        document.people.append(person)
    seats = [seat.id for _, seat in document.seats()]
    names = [person.id for person in document.people]
    if names:
        for seat in draw(st.lists(st.sampled_from(seats), max_size=4, unique=True)):
            document.plan.locks.append(seat)
            if draw(st.booleans()):
                person = draw(st.sampled_from(names))
                if person not in document.plan.seats.values():
                    document.plan.seats[seat] = person
        for number in range(draw(st.integers(0, 3))):
            document.plan.pins.append(
                Pin(person=draw(st.sampled_from(names)), seat=draw(st.sampled_from(seats)))
            )
            some = draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
            kind = draw(st.sampled_from(["together", "apart"]))
            document.plan.groups.append(Group(id=f"g{number}", kind=kind, people=some))
    return document


@pytest.mark.clause("3.1.6.4.1")
@settings(max_examples=60, deadline=None)
@given(document=meetings(), seed=st.integers(0, 1000))
def test_everyone_once_locks_kept_and_input_order_does_not_matter(document: Document, seed: int) -> None:
    before = dumps(document)
    plan = arrange(document)
    assert dumps(document) == before, "arranging is a pure function"
    attending = sorted(p.id for p in document.people if p.status == "attending")
    waiting = [item.person for item in plan.waiting]
    assert sorted([*plan.seats.values(), *waiting]) == attending
    kinds = {seat.id: seat.kind for _, seat in document.seats()}
    locked = set(document.plan.locks)
    for seat in locked:
        expected = document.plan.seats.get(seat)
        assert plan.seats.get(seat) == (expected if expected in attending else None)
    pinned = {pin.seat for pin in document.plan.pins}
    special = {"disabled", "buffer"}
    assert not [s for s in plan.seats if kinds[s] in special and s not in locked | pinned]
    shuffled = clone(document)
    random.Random(seed).shuffle(shuffled.people)
    assert arrange(shuffled).seats == plan.seats
    assert arrange(shuffled).waiting == plan.waiting


def test_pins_and_locks_are_walked_round() -> None:
    document = grid(2, 4, 8)
    document.plan.pins = [Pin(person="p08", seat="r-1")]
    document.plan.locks = ["r-2", "r-5"]
    document.plan.seats = {"r-5": "p01"}
    plan = arrange(document)
    assert rows_of(document, plan.seats) == ["8 _ 2 3", "1 4 5 6"]
    assert [(w.person, w.reason) for w in plan.waiting] == [("p07", "no_seat")]


def test_unknown_ranks_wait_and_are_never_sorted_silently_last() -> None:
    document = grid(1, 4)
    document.people = [
        Person(id="a", name="甲", rank="二级科员"),
        Person(id="b", name="乙", rank="超级主任"),
        Person(id="c", name="丙"),
    ]
    plan = arrange(document)
    assert list(plan.seats.values()) == ["a"]
    assert {(w.person, w.reason) for w in plan.waiting} == {("b", "unknown_rank"), ("c", "unknown_rank")}
    document.rules.unknown_rank = "last"
    assert list(arrange(document).seats.values()) == ["a", "b", "c"]


def test_front_rows_cost_the_people_passed_over() -> None:
    document = grid(3, 4, 12)
    document.people[10].needs = ["front"]
    document.rules.front_rows = 1
    plan = arrange(document)
    assert rows_of(document, plan.seats)[0] == "1 2 3 11"
    assert plan.repairs[0].cost == 7


def test_near_the_door() -> None:
    document = grid(3, 4, 12)
    seats = {seat.id: seat for _, seat in document.seats()}
    corner = seats["r-12"]
    document.current().fixtures.append(Fixture(id="d", kind="door", x=corner.x + 500, y=corner.y))
    document.rules.near_door_mm = 700
    document.people[0].needs = ["near_door"]
    plan = arrange(document)
    assert plan.seats["r-12"] == "p01"
    assert plan.repairs[0].cost == 11


def test_wheelchair_users_get_the_wheelchair_place_and_others_close_ranks() -> None:
    document = grid(2, 4, 7)
    next(s for _, s in document.seats() if s.id == "r-4").kind = "wheelchair"
    document.people[1].needs = ["wheelchair"]
    plan = arrange(document)
    assert rows_of(document, plan.seats) == ["1 3 4 2", "5 6 7 _"]


def test_keep_together_and_apart() -> None:
    document = grid(3, 6, 18)
    document.plan.groups = [
        Group(id="a", kind="together", people=["p02", "p05", "p09"]),
        Group(id="b", kind="apart", people=["p12", "p13"]),
    ]
    plan = arrange(document)
    seat = {person: next(s for _, s in document.seats() if s.id == at) for at, person in plan.seats.items()}
    three = sorted((seat[p] for p in ("p02", "p05", "p09")), key=lambda s: s.col)
    assert len({s.row for s in three}) == 1
    assert [s.col - three[0].col for s in three] == [0, 1, 2]
    assert not are_neighbours(seat["p12"], seat["p13"])
    assert all(repair.done and repair.cost > 0 for repair in plan.repairs)


def test_a_repair_that_cannot_be_done_is_reported() -> None:
    document = grid(1, 2, 2)
    document.plan.groups = [Group(id="b", kind="apart", people=["p01", "p02"])]
    repairs = arrange(document).repairs
    assert [repair.done for repair in repairs] == [False]
    assert "没有可以分开的空位" in repairs[0].text


def test_buffer_seats_and_limit_are_left_free() -> None:
    document = grid(1, 6, 6, buffer=2)
    assert rows_of(document, arrange(document).seats) == ["1 2 3 4 _ _"]
    document.current().regions[0].rules.limit = 3
    assert rows_of(document, arrange(document).seats) == ["1 2 3 _ _ _"]


@settings(max_examples=60, deadline=None)
@given(
    places=st.lists(st.one_of(st.none(), st.integers(0, 8)), max_size=6),
    extra=st.integers(0, 3),
)
def test_keep_most_is_optimal(places: list[int | None], extra: int) -> None:
    used: set[int] = set()
    unique: list[int | None] = []
    for place in places:
        unique.append(None if place is None or place in used else place)
        used.add(-1 if place is None else place)
    room = max(len(unique) + extra, 1)
    result = keep_most(unique, room)
    assert all(a < b for a, b in itertools.pairwise(result))
    assert all(0 <= place < room for place in result)
    kept = sum(1 for a, b in zip(unique, result, strict=True) if a == b)
    best = max(
        sum(1 for a, b in zip(unique, choice, strict=True) if a == b)
        for choice in itertools.combinations(range(room), len(unique))
    )
    assert kept == best


def test_a_cancellation_moves_nobody_and_a_newcomer_takes_the_gap() -> None:
    document = grid(2, 5, 10)
    document.plan = arrange(document)
    document.people[3].status = "cancelled"
    result = rearrange(document)
    assert result.movers == []
    assert rows_of(document, result.plan.seats) == ["1 2 3 _ 5", "6 7 8 9 10"]
    document.plan = result.plan
    document.people.append(Person(id="new", name="新", number=6, years=1))
    result = rearrange(document)
    assert rows_of(document, result.plan.seats) == ["1 2 3 5 6", "新 7 8 9 10"] or rows_of(
        document, result.plan.seats
    ) == ["1 2 3 5 新", "6 7 8 9 10"]
    assert len(result.movers) <= 2


def test_filling_gaps_moves_nobody() -> None:
    document = grid(1, 5, 4)
    document.plan = arrange(document)
    document.people.append(Person(id="new", name="新", number=1, years=9))
    result = fill_gaps(document)
    assert [change.kind for change in result.changes] == ["seated"]
    assert rows_of(document, result.plan.seats) == ["1 2 3 4 新"]


@settings(max_examples=25, deadline=None)
@given(document=meetings(), gone=st.sets(st.integers(0, 60), max_size=5))
def test_least_moves_seats_everyone_and_keeps_locks(document: Document, gone: set[int]) -> None:
    document.plan = arrange(document)
    for index in gone:
        if index < len(document.people):
            document.people[index].status = "cancelled"
    document.people.append(Person(id="new", name="新", rank=RANKS[3]))
    attending = sorted(p.id for p in document.people if p.status == "attending")
    for result in (rearrange(document), fill_gaps(document)):
        waiting = [item.person for item in result.plan.waiting]
        assert sorted([*result.plan.seats.values(), *waiting]) == attending
    fresh = changes(document.plan.seats, arrange(document).seats)
    moved = [change for change in fresh if change.kind == "moved"]
    if all(region.rules.units == "none" for region in document.current().regions):
        assert len(rearrange(document).movers) <= len(moved) + len(document.plan.groups) * 4 + 4


def test_inversions_are_counted() -> None:
    assert inversions([0, 1, 2]) == 0
    assert inversions([3, 2, 1, 0]) == 6
    sample = [5, 1, 4, 2, 0, 3]
    assert inversions(sample) == sum(a > b for i, a in enumerate(sample) for b in sample[i + 1 :])


@pytest.mark.clause("3.1.6.4.1")
def test_why_here_names_the_deciding_key_and_both_neighbours() -> None:
    document = grid(1, 3)
    document.people = [
        Person(id="a", name="陈伟", rank="一级调研员", unit="甲局"),
        Person(id="b", name="赵敏", rank="二级调研员", unit="乙局"),
        Person(id="c", name="孙倩", rank="二级调研员", unit="丙局", years=1),
    ]
    document.plan = arrange(document)
    result = explain(document, "1排2座")
    assert (result.name, result.unit, result.rank, result.level) == (
        "孙倩",
        "丙局",
        "二级调研员",
        "县处级正职",
    )
    assert result.before is not None
    assert result.after is not None
    assert (result.before.name, result.before.key) == ("陈伟", "rank")
    assert (result.after.name, result.after.key) == ("赵敏", "department")
    assert "排在 陈伟（第 1 位）之后" in result.text
    assert "排在 赵敏（第 3 位）之前" in result.text
    document.plan.seats = {"r-1": "b", "r-2": "a"}
    swapped = explain(document, "r-1")
    assert swapped.after is not None
    assert swapped.after.inverted
    assert explain(document, "r-3").text == "1排3座 空座"
