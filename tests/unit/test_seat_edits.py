"""Edits: each command, merged drags, and that undoing everything restores the file byte for byte."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meeting_seat_designer.engine.edits import layouts, objects, people, seating
from meeting_seat_designer.engine.edits.base import Batch, Command, History
from meeting_seat_designer.engine.errors import EditError, SeatingError
from meeting_seat_designer.engine.files import dumps, loads
from meeting_seat_designer.engine.lint.linter import lint
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import CodeScheme, RegionRules
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import Group
from meeting_seat_designer.engine.model.rules import Department, Rank, SortKey
from meeting_seat_designer.engine.templates import template


def start(people_count: int = 30, name: str = "theatre") -> Document:
    document = template(name)
    for number in range(1, people_count + 1):
        roles = ["主席台"] if number < 6 else []
        document.people.append(Person(id=f"p{number:02}", name=f"人{number}", number=number, roles=roles))
    return document


def audience(document: Document, code: str) -> str:
    return document.find_seat(code)[1].id


Maker = Callable[[st.DataObject, Document], Command]


def _pick(data: st.DataObject, items: list[str]) -> str:
    return data.draw(st.sampled_from(items))


def _seat(data: st.DataObject, document: Document) -> str:
    return _pick(data, [seat.id for _, seat in document.seats()] or ["none"])


def _some(data: st.DataObject, document: Document) -> list[str]:
    layout = document.current()
    names = [r.id for r in layout.regions] + [f.id for f in layout.fixtures]
    names += [seat.id for _, seat in list(document.seats())[:40]]
    return data.draw(st.lists(st.sampled_from(names or ["none"]), min_size=1, max_size=4, unique=True))


def _person(data: st.DataObject, document: Document) -> str:
    return _pick(data, [p.id for p in document.people] or ["none"])


def _region(data: st.DataObject, document: Document) -> str:
    return _pick(data, [r.id for r in document.current().regions] or ["none"])


MAKERS: list[Maker] = [
    lambda d, doc: objects.AddFixture(_pick(d, ["door", "column", "screen"]), 500, 500),
    lambda d, doc: objects.AddRegion(_pick(d, ["grid", "u", "rounds", "talks"]), 5000, 5000),
    lambda d, doc: objects.AddSeat(_region(d, doc), 100, 100),
    lambda d, doc: objects.DeleteObjects(_some(d, doc)),
    lambda d, doc: objects.MoveObjects(_some(d, doc), 12.5, -40),
    lambda d, doc: objects.RotateObjects(_some(d, doc), 30),
    lambda d, doc: objects.MirrorObjects(_some(d, doc), _pick(d, ["x", "y"])),
    lambda d, doc: objects.AlignObjects(_some(d, doc), _pick(d, ["left", "middle", "bottom"])),
    lambda d, doc: objects.DistributeObjects(_some(d, doc), "x"),
    lambda d, doc: objects.DuplicateObjects(_some(d, doc)),
    lambda d, doc: objects.GroupObjects(_some(d, doc), d.draw(st.booleans())),
    lambda d, doc: objects.LockObjects(_some(d, doc), d.draw(st.booleans())),
    lambda d, doc: objects.SetObject(_seat(d, doc), x=777.0, w=600.0),
    lambda d, doc: layouts.SetRoom(width=20000.0, unit="市府办"),
    lambda d, doc: layouts.AddLayout("新", doc.current()),
    lambda d, doc: layouts.SwitchLayout(_pick(d, [item.id for item in doc.layouts])),
    lambda d, doc: layouts.RemoveLayout(_pick(d, [item.id for item in doc.layouts])),
    lambda d, doc: layouts.CopyToLayout(_some(d, doc), _pick(d, [item.id for item in doc.layouts])),
    lambda d, doc: layouts.SetRegion(_region(d, doc), name="改", rules=RegionRules(mode="s_rows_left")),
    lambda d, doc: layouts.RebuildRegion(_region(d, doc), rows=d.draw(st.integers(1, 9))),
    lambda d, doc: layouts.RecodeRegion(_region(d, doc), CodeScheme(pattern="{letter}-{col:02}")),
    lambda d, doc: layouts.SetSeatKind([_seat(d, doc)], _pick(d, ["disabled", "wheelchair", "normal"])),
    lambda d, doc: seating.SeatPerson(_person(d, doc), _seat(d, doc)),
    lambda d, doc: seating.SwapSeats(_seat(d, doc), _seat(d, doc)),
    lambda d, doc: seating.Unseat([_seat(d, doc)]),
    lambda d, doc: seating.LockSeats([_seat(d, doc)], d.draw(st.booleans())),
    lambda d, doc: seating.ShiftFrom(_seat(d, doc), d.draw(st.integers(1, 5))),
    lambda d, doc: seating.Arrange(_pick(d, ["all", "least", "gaps"])),
    lambda d, doc: seating.KeepResult("一稿"),
    lambda d, doc: seating.PinPerson(_person(d, doc), _seat(d, doc)),
    lambda d, doc: seating.SetGroup(Group(id="g", people=[_person(d, doc), _person(d, doc)])),
    lambda d, doc: seating.Publish("2026-01-01T09:00", ["p01"]),
    lambda d, doc: seating.CheckIn(_person(d, doc), "2026-01-01T09:00"),
    lambda d, doc: seating.FillAbsences([_person(d, doc)]),
    lambda d, doc: people.SetPerson(_person(d, doc), status=_pick(d, ["attending", "leave"])),
    lambda d, doc: people.RemovePeople([_person(d, doc)]),
    lambda d, doc: people.AddRank(Rank(id="", name=_pick(d, ["甲级", "乙级"]))),
    lambda d, doc: people.DeleteRank("r001"),
    lambda d, doc: people.MoveRank("r020", d.draw(st.integers(0, 50))),
    lambda d, doc: people.SetRank("r021", name="新名"),
    lambda d, doc: people.SetKeys([SortKey(key="strokes"), SortKey(key="id")]),
    lambda d, doc: people.SetDepartments([Department(name="甲局")]),
    lambda d, doc: people.SaveRules("常用"),
]


@pytest.mark.clause("3.1.6.4.2")
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_sequence_of_edits_undone_restores_the_file_byte_for_byte(data: st.DataObject) -> None:
    document = start(12, data.draw(st.sampled_from(["theatre", "u", "talks"])))
    first = dumps(document)
    history = History(document)
    states = [first]
    for maker in data.draw(st.lists(st.sampled_from(MAKERS), min_size=1, max_size=12)):
        before = dumps(document)
        try:
            changed = history.run(maker(data, document))
        except SeatingError:
            assert dumps(document) == before, "a refused edit changes nothing"
            continue
        history.close_merge()
        if changed:
            states.append(dumps(document))
    loads(dumps(document))
    for expected in reversed(states[:-1]):
        assert history.undo()
        assert dumps(document) == expected
    assert not history.undo()
    for expected in states[1:]:
        assert history.redo()
        assert dumps(document) == expected


def test_drags_merge_into_one_step_and_saving_is_remembered() -> None:
    document = start(0)
    history = History(document)
    history.mark_saved()
    before = dumps(document)
    for _ in range(5):
        history.run(objects.MoveObjects(["r2"], 10, 0))
    assert not history.saved
    assert history.undo_text == "移动"
    history.undo()
    assert dumps(document) == before
    assert history.saved
    history.redo()
    history.close_merge()
    history.run(objects.MoveObjects(["r2"], 10, 0))
    history.undo()
    assert dumps(document) != before


@pytest.mark.clause("3.1.6.4.2")
def test_a_drop_on_an_occupied_seat_swaps_and_locks_are_honoured() -> None:
    document = start()
    history = History(document)
    history.run(seating.Arrange())
    plan = document.plan
    one, two = audience(document, "听众席-1排1座"), audience(document, "听众席-1排2座")
    first, second = plan.seats[one], plan.seats[two]
    history.run(seating.SeatPerson(first, two))
    assert (plan.seats[two], plan.seats[one]) == (first, second)
    history.run(seating.LockSeats([one]))
    with pytest.raises(EditError, match="已锁定"):
        history.run(seating.SeatPerson(first, one))
    with pytest.raises(EditError, match="已锁定"):
        history.run(seating.Unseat([one]))
    history.run(seating.Arrange())
    assert plan.seats[one] == second


@pytest.mark.clause("3.1.6.4.2")
def test_shift_moves_along_the_path_passes_locks_and_drops_nobody() -> None:
    document = start(8, "u")
    history = History(document)
    history.run(objects.DeleteObjects(["r1"]))
    history.run(objects.AddRegion("grid", 4000, 3000, rules=RegionRules(mode="s_rows_left")))
    region = document.current().regions[0]
    history.run(layouts.RebuildRegion(region.id, rows=2, cols=5))
    history.run(seating.Arrange())

    def drawn() -> list[str]:
        names = document.people_map()
        texts = [
            names[document.plan.seats[s.id]].name[1:] if s.id in document.plan.seats else "_"
            for s in region.seats
        ]
        return [" ".join(texts[:5]), " ".join(texts[5:])]

    assert drawn() == ["1 2 3 4 5", "_ _ 8 7 6"]
    history.run(seating.LockSeats([region.seats[3].id]))
    saved = dumps(document)
    shift = seating.ShiftFrom(region.seats[1].id, 3)
    history.run(shift)
    assert drawn() == ["1 _ _ 4 _", "7 6 5 3 2"]
    assert shift.overflow == ["p08"]
    assert [(w.person, w.reason) for w in document.plan.waiting] == [("p08", "shifted_out")]
    history.undo()
    assert dumps(document) == saved


def test_deleting_an_occupied_seat_sends_its_person_to_the_waiting_list() -> None:
    document = start()
    history = History(document)
    history.run(seating.Arrange())
    seat = audience(document, "听众席-1排3座")
    person = document.plan.seats[seat]
    history.run(objects.DeleteObjects([seat]))
    assert [(w.person, w.reason) for w in document.plan.waiting] == [(person, "seat_deleted")]


def test_hand_changes_survive_a_rebuild_and_people_stay() -> None:
    document = start()
    history = History(document)
    history.run(seating.Arrange())
    seat = document.find_seat("听众席-2排4座")[1]
    person = document.plan.seats.get(seat.id)
    history.run(objects.MoveObjects([seat.id], 33, 44))
    history.run(layouts.SetSeatKind([seat.id], "wheelchair"))
    place = (seat.x, seat.y)
    history.run(layouts.RebuildRegion("r2", rows=14, pitch_y=1100))
    after = document.find_seat(seat.id)[1]
    assert (after.x, after.y, after.kind, after.code) == (*place, "wheelchair", "听众席-2排4座")
    assert document.plan.seats.get(seat.id) == person
    assert len({s.code for _, s in document.seats()}) == len(list(document.seats()))


@pytest.mark.clause("3.1.6")
def test_codes_by_scheme_are_unique_across_regions() -> None:
    document = start(0)
    history = History(document)
    history.run(layouts.RecodeRegion("r2", CodeScheme(pattern="{letter}-{col:02}", skip=[4, 13])))
    assert document.find_seat("A-05")[1].col == 4
    history.run(layouts.RecodeRegion("r2", CodeScheme(numbering="odd_even")))
    row = sorted((s for r, s in document.seats() if r.id == "r2" and s.row == 1), key=lambda s: s.col)
    assert [s.code for s in row[8:12]] == ["听众席-1排3座", "听众席-1排1座", "听众席-1排2座", "听众席-1排4座"]
    history.run(layouts.RecodeRegion("r2", CodeScheme(direction="rtl", first_row=3)))
    assert row[-1].code == "3排1座"
    with pytest.raises(EditError, match="格式"):
        history.run(layouts.RecodeRegion("r2", CodeScheme(pattern="{nothing}")))


@pytest.mark.clause("3.1.6.1.1")
def test_fixtures_are_placed_aligned_and_distributed() -> None:
    document = start(0)
    history = History(document)
    made = []
    for x in (1000, 1700, 4000):
        add = objects.AddFixture("terminal", x, 9000 + x / 10)
        history.run(add)
        made.append(add.created)
    history.run(objects.DistributeObjects(made, "x"))
    history.run(objects.AlignObjects(made, "top"))
    found = {f.id: f for f in document.current().fixtures}
    assert [found[name].x for name in made] == [1000, 2500, 4000]
    assert len({found[name].y for name in made}) == 1
    history.run(layouts.SetRoom(orientation=90.0))
    door = objects.AddFixture("door", 100, 100)
    history.run(door)
    history.run(objects.SetObject(door.created, main=True))
    assert [f.id for f in document.current().fixtures if f.main] == [door.created]


@pytest.mark.clause("3.1.6.1.2")
def test_one_room_has_several_layouts_each_with_its_own_plan() -> None:
    document = start()
    history = History(document)
    history.run(seating.Arrange())
    seats = dict(document.plan.seats)
    history.run(layouts.AddLayout("U 形", template("u").current()))
    assert document.plan.seats == {}
    history.run(seating.Arrange())
    history.run(layouts.SwitchLayout("layout1"))
    assert document.plan.seats == seats
    loads(dumps(document))


def test_a_rank_in_use_is_deleted_logically() -> None:
    document = start(1)
    document.people[0].rank = "二级调研员"
    history = History(document)
    history.run(people.SetRank("r001", sequence="领导职务层次"))
    history.run(people.AddRank(Rank(id="", name="特聘专家", level="县处级副职"), 3))
    table = document.ranks
    assert table is not None
    assert table.ranks[3].name == "特聘专家"
    by_name = {rank.name: rank for rank in table.ranks}
    history.run(people.DeleteRank(by_name["二级调研员"].id))
    history.run(people.DeleteRank(by_name["特聘专家"].id))
    assert [r.active for r in table.ranks if r.name == "二级调研员"] == [False]
    assert all(r.name != "特聘专家" for r in table.ranks)


def test_absences_are_filled_and_side_changes_listed() -> None:
    document = start(7, "u")
    for region in list(document.current().regions):
        document.current().regions.remove(region)
    history = History(document)
    history.run(objects.AddRegion("rostrum", 5000, 2000))
    history.run(seating.Arrange())
    fill = seating.FillAbsences(["p02"])
    history.run(fill)
    seats = sorted(document.current().regions[0].seats, key=lambda s: s.x)
    names = [document.plan.seats.get(s.id, "_") for s in seats]
    assert names == ["_", "p06", "p04", "p01", "p03", "p05", "p07"]
    assert ("p03", "左", "右") in fill.sides
    assert history.undo()
    assert document.people[1].status == "attending"


def test_with_fewest_moves_rows_keep_their_people_and_the_rostrum_still_closes_up() -> None:
    document = start(60)
    history = History(document)
    history.run(seating.Arrange())
    regions = {seat.id: region for region, seat in document.seats()}
    before = {who: seat for seat, who in document.plan.seats.items()}
    stage = [who for who, seat in before.items() if regions[seat].role == "rostrum"]
    rows = [who for who, seat in before.items() if regions[seat].role != "rostrum"]
    assert "p02" in stage
    assert "p06" in rows
    fill = seating.FillAbsences(["p02", "p06"], least=True)
    history.run(fill)
    after = {who: seat for seat, who in document.plan.seats.items()}
    assert set(after) == set(before) - {"p02", "p06"}
    assert {who for who in rows if after.get(who) != before[who]} == {"p06"}
    assert before["p06"] not in document.plan.seats
    assert after["p03"] == before["p02"]
    assert {one[0] for one in fill.sides} <= set(stage)
    assert not [one for one in lint(document) if one.code in ("rank_inversion", "first_not_centred")]
    # In order, the same absence moves everybody behind it.
    history.undo()
    history.run(seating.FillAbsences(["p02", "p06"]))
    later = {who: seat for seat, who in document.plan.seats.items()}
    assert later["p07"] == before["p06"]
    assert sum(later[who] != before[who] for who in later) > sum(after[who] != before[who] for who in after)


def test_a_second_check_in_is_harmless() -> None:
    document = start(3)
    history = History(document)
    assert history.run(seating.CheckIn("p01", "2026-01-01T08:50"))
    assert not history.run(seating.CheckIn("p01", "2026-01-01T09:10"))
    assert document.plan.checkins["p01"].at == "2026-01-01T08:50"


def test_a_batch_is_one_step_and_all_or_nothing() -> None:
    document = start(2)
    history = History(document)
    before = dumps(document)
    seat = next(document.seats())[1].id
    with pytest.raises(EditError):
        history.run(Batch("x", [seating.SeatPerson("p01", seat), seating.SeatPerson("nobody", seat)]))
    assert dumps(document) == before
    assert history.undo_text == ""


def test_who_has_checked_in_keeps_the_seat_when_absences_are_filled() -> None:
    document = start(7, "u")
    for region in list(document.current().regions):
        document.current().regions.remove(region)
    history = History(document)
    history.run(objects.AddRegion("rostrum", 5000, 2000))
    history.run(seating.Arrange())
    before = {who: seat for seat, who in document.plan.seats.items()}
    history.run(seating.CheckIn("p03", "2026-01-01T08:50"))
    history.run(seating.FillAbsences(["p02"], ["p03"]))
    after = {who: seat for seat, who in document.plan.seats.items()}
    assert after["p03"] == before["p03"]
    assert set(after) == set(before) - {"p02"}
    assert after["p04"] == before["p02"]
