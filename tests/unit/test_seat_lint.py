"""Every warning appears when it should, and its fix, run as an edit, makes it go."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from meeting_seat_designer.engine.edits import layouts, objects, seating
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.lint.linter import lint
from meeting_seat_designer.engine.lint.warning import NAMES, SeatWarning
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Layout, Recipe, Region, RegionRules, Room
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import Booking, Group, Pin
from meeting_seat_designer.engine.recipes.build import build


def room(kind: str, params: dict[str, Any], people: int, **rules: Any) -> History:
    region = Region(id="r", name="区", recipe=Recipe(kind=kind, params=params), x=10000, y=5000)
    region.rules = RegionRules(**rules)
    region.role = "rostrum" if kind == "rostrum" else "audience"
    build(region)
    document = Document(
        room=Room(id="room", width=20000, depth=20000), layouts=[Layout(id="l", regions=[region])]
    )
    document.layout = "l"
    for number in range(1, people + 1):
        document.people.append(
            Person(id=f"p{number}", name=f"人{number}", number=number, user_id=f"u{number}")
        )
    history = History(document)
    history.run(seating.Arrange())
    return history


def found(history: History, code: str) -> list[SeatWarning]:
    return [warning for warning in lint(history.document) if warning.code == code]


def mended(history: History, code: str, value: str = "") -> SeatWarning:
    """The first warning of this kind, after its fix has been run and the warning has gone."""
    warnings = found(history, code)
    assert warnings, f"no {code} among {[w.code for w in lint(history.document)]}"
    assert warnings[0].name == NAMES[code]
    for _ in range(4):
        now = found(history, code)
        if not now:
            return warnings[0]
        history.run(now[0].fix.edit(value))
    assert not found(history, code)
    return warnings[0]


@pytest.mark.clause("3.1.6.4")
def test_a_clean_plan_has_no_warnings() -> None:
    assert lint(room("grid", {"rows": 2, "cols": 5}, 9, mode="rows_ltr").document) == []


def test_duplicate_codes() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 3, mode="rows_ltr")
    seats = history.document.current().regions[0].seats
    seats[3].code = seats[0].code
    assert "1排1座" in mended(history, "duplicate_code").text
    assert seats[0].code == "1排1座"


def test_a_person_seated_twice() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 3, mode="rows_ltr")
    history.document.plan.seats["r-5"] = "p1"
    mended(history, "seated_twice")
    assert sorted(history.document.plan.seats.values()) == ["p1", "p2", "p3"]
    assert history.document.plan.waiting == []


def test_two_people_pinned_to_one_seat_the_higher_keeps_it() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 3, mode="rows_ltr")
    history.document.plan.pins = [Pin(person="p3", seat="r-2"), Pin(person="p1", seat="r-2")]
    mended(history, "pin_conflict")
    assert [pin.person for pin in history.document.plan.pins] == ["p1"]


def test_more_people_than_seats_adds_rows_and_seats_everyone() -> None:
    history = room("grid", {"rows": 2, "cols": 5}, 13, mode="rows_ltr")
    assert "3 人没有座位" in mended(history, "too_few_seats").text
    assert len(history.document.plan.seats) == 13
    assert history.document.plan.waiting == []
    table = room("u", {"head": 3, "side": 2}, 9)
    mended(table, "too_few_seats")
    assert len(table.document.plan.seats) == 9


def test_unknown_rank_suggests_the_nearest() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 0, mode="rows_ltr")
    history.document.people = [Person(id="a", name="高远", unit="二七区", rank="二级调研")]
    warning = mended(history, "unknown_rank")
    assert "二级调研员" in warning.fix.label
    assert history.document.people[0].rank == "二级调研员"
    history.document.people.append(Person(id="b", name="何静"))
    history.run(seating.Arrange())
    assert "缺少职级，未参与排座" in mended(history, "unknown_rank", "一级科员").text


def test_same_names_are_told_apart() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 2, mode="rows_ltr")
    for person, unit in zip(history.document.people, ("水利局", "教育局"), strict=True):
        person.name, person.unit = "张伟", unit
    assert len(set(history.document.plan.seats.values())) == 2, "never merged"
    mended(history, "same_name")
    assert [p.label for p in history.document.people] == ["张伟（水利局）", "张伟（教育局）"]


def test_rank_inversion_after_a_manual_move() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 5, mode="rows_ltr")
    before = dict(history.document.plan.seats)
    history.run(seating.SwapSeats("r-2", "r-4"))
    assert "按人工序号" in mended(history, "rank_inversion").text
    assert history.document.plan.seats == before


def test_a_split_department_is_brought_together() -> None:
    history = room("grid", {"rows": 3, "cols": 4}, 8, mode="rows_ltr", units="rows")
    for index, person in enumerate(history.document.people):
        person.unit = ("甲局", "甲局", "甲局", "水利局", "水利局", "水利局", "丙局", "丙局")[index]
    history.run(seating.Arrange())
    assert "被分到两排" in mended(history, "department_split").text


def test_groups_that_are_broken_by_hand() -> None:
    history = room("grid", {"rows": 4, "cols": 6}, 20, mode="rows_ltr")
    history.document.plan.groups = [
        Group(id="a", kind="apart", people=["p1", "p2"]),
        Group(id="b", kind="together", people=["p5", "p20"]),
    ]
    mended(history, "apart_broken")
    history.run(
        seating.SwapSeats(next(s for s, p in history.document.plan.seats.items() if p == "p20"), "r-24")
    )
    mended(history, "together_broken")


def test_number_one_cannot_be_in_the_centre() -> None:
    history = room("rostrum", {"rows": [8]}, 7)
    assert "1 号无法居中" in mended(history, "first_not_centred").text
    seats = history.document.plan.seats
    drawn = [seats.get(s.id) for s in history.document.current().regions[0].seats if s.kind == "normal"]
    assert drawn == ["p7", "p5", "p3", "p1", "p2", "p4", "p6"]
    assert found(room("rostrum", {"rows": [9]}, 7), "first_not_centred") == []


@pytest.mark.parametrize(
    ("chairs", "after", "text"),
    [(8, 4, "1 号与 2 号被过道隔开"), (7, 2, "首排被过道分开"), (7, 3, "1 号紧邻过道")],
)
def test_an_aisle_through_the_first_row_of_the_rostrum(chairs: int, after: int, text: str) -> None:
    history = room("rostrum", {"rows": [chairs], "aisle_after": after}, chairs)
    assert text in mended(history, "aisle_through_first").text


@pytest.mark.clause("3.1.6.1.1")
@pytest.mark.parametrize("kind", ["column", "screen", "window"])
def test_a_seat_in_the_way_of_an_object(kind: str) -> None:
    history = room("grid", {"rows": 2, "cols": 5}, 4, mode="rows_ltr")
    seat = history.document.current().regions[0].seats[0]
    history.run(objects.AddFixture(kind, seat.x, seat.y))
    mended(history, "collision")


def test_a_seat_before_a_door_and_outside_the_room() -> None:
    history = room("grid", {"rows": 2, "cols": 5}, 4, mode="rows_ltr")
    history.run(objects.AddFixture("door", 6000, 19950))
    history.run(objects.MoveObjects(["r-1"], 6000 - history.document.find_seat("r-1")[1].x, 13700))
    assert "挡住门的门口" in mended(history, "collision").text
    history.run(objects.MoveObjects(["r-2"], -20000, 0))
    assert "超出房间" in mended(history, "collision").text


def gaps(history: History) -> list[float]:
    seats = sorted(history.document.current().regions[0].seats, key=lambda seat: (seat.row, seat.col))
    return [round(two.x - one.x) for one, two in pairwise(seats)]


def test_seats_outside_the_room_come_back_with_their_whole_region() -> None:
    history = room("grid", {"rows": 2, "cols": 5}, 4, mode="rows_ltr")
    kept = gaps(history)
    document = history.document
    middle = document.current().regions[0].seats[2]
    history.run(objects.MoveObjects([document.current().regions[0].id], -middle.x, 0))
    assert "移回室内" in mended(history, "collision").fix.label
    assert gaps(history) == kept, "rows keep their shape"
    assert min(seat.x for _, seat in document.seats()) > 0


def test_a_region_larger_than_the_room_makes_the_room_larger() -> None:
    history = room("grid", {"rows": 2, "cols": 5}, 4, mode="rows_ltr")
    kept = gaps(history)
    document = history.document
    xs = [seat.x for _, seat in document.seats()]
    history.run(layouts.SetRoom(width=round(max(xs) - min(xs))))
    history.run(objects.MoveObjects([document.current().regions[0].id], -min(xs) - 500, 0))
    assert "扩大房间" in mended(history, "collision").fix.label
    assert gaps(history) == kept
    assert all(0 < seat.x < document.room.width for _, seat in document.seats())


def test_an_occupied_seat_deleted() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 3, mode="rows_ltr")
    history.run(objects.DeleteObjects(["r-2"]))
    assert "原座位已删除" in mended(history, "seat_deleted").text
    assert len(history.document.plan.seats) == 3


def test_double_bookings_of_people_and_room() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 3, mode="rows_ltr")
    history.run(layouts.SetMeeting(id="m1", start="2026-03-02T09:00", end="2026-03-02T11:00"))
    history.document.bookings = [
        Booking(
            meeting="m2", title="防汛会", start="2026-03-02T10:00", end="2026-03-02T12:00", people=["p2"]
        ),
        Booking(meeting="m3", title="调度会", start="2026-03-02T08:00", end="2026-03-02T09:30", room="room"),
        Booking(meeting="m1", start="2026-03-02T09:00", end="2026-03-02T11:00", room="room", people=["p1"]),
    ]
    texts = [warning.text for warning in found(history, "double_booked")]
    assert any("人2" in text and "防汛会" in text for text in texts)
    assert any("会议室" in text and "调度会" in text for text in texts)
    mended(history, "double_booked")
    assert history.document.meeting.start == "2026-03-02T09:30"
    assert history.document.meeting.end == "2026-03-02T11:30"


def test_an_external_person_without_a_phone() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 3, mode="rows_ltr")
    history.document.people[0].external = True
    mended(history, "no_phone", "13800000000")
    assert history.document.people[0].phone == "13800000000"
    history.document.people[1].external = True
    mended(history, "no_phone")
    assert history.document.people[1].notify == "paper"


def test_a_published_plan_out_of_date() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 3, mode="rows_ltr")
    history.run(seating.Publish("2026-03-01T09:00", ["p1"]))
    assert lint(history.document) == []
    history.run(seating.SwapSeats("r-1", "r-2"))
    assert "v1" in mended(history, "out_of_date").text
    assert history.document.plan.version == 2


def test_unmet_needs_and_the_waiting() -> None:
    history = room("grid", {"rows": 2, "cols": 5}, 6, mode="rows_ltr")
    history.document.people[0].needs = ["wheelchair"]
    mended(history, "need_unmet")
    history.run(seating.Unseat(["r-3"]))
    mended(history, "waiting")


def test_people_of_one_unknown_rank_are_mended_at_once() -> None:
    history = room("grid", {"rows": 1, "cols": 5}, 0, mode="rows_ltr")
    history.document.people = [
        Person(id=id, name=name, unit="二七区", rank=rank)
        for id, name, rank in (
            ("a", "高远", "二级调研"),
            ("b", "何静", "二级调研"),
            ("c", "马骏", ""),
            ("d", "刘畅", ""),
        )
    ]
    unknown = found(history, "unknown_rank")
    assert [one.people for one in unknown] == [("a", "b"), ("c", "d"), ("c",), ("d",)]
    assert unknown[0].text.startswith("2 人职级“二级调研”不在职级表中")
    assert unknown[1].text.startswith("2 人缺少职级")
    history.run(unknown[0].fix.edit())
    history.run(unknown[1].fix.edit("一级科员"))
    assert [one.rank for one in history.document.people] == [
        "二级调研员",
        "二级调研员",
        "一级科员",
        "一级科员",
    ]
    assert not found(history, "unknown_rank")
    history.undo()
    assert history.document.people[3].rank == ""


def test_who_has_been_given_a_rank_is_not_forgotten_on_the_waiting_list() -> None:
    history = room("grid", {"rows": 2, "cols": 5}, 3, mode="rows_ltr")
    history.document.people += [Person(id=id, name=id, rank="二级调研") for id in ("a", "b")]
    history.run(seating.Arrange())
    assert {one.reason for one in history.document.plan.waiting} == {"unknown_rank"}
    assert not found(history, "waiting")
    history.run(found(history, "unknown_rank")[0].fix.edit())
    warning = mended(history, "waiting")
    assert warning.text == "2 人已补全职级，还没有座位：a、b"
    assert {"a", "b"} <= set(history.document.plan.seats.values())
    assert history.document.plan.waiting == []
