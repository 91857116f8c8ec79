"""Whose cards come in which order, and presets as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meeting_seat_designer.cards.items import card_items, walk
from meeting_seat_designer.cards.presets import PRESETS, check, copy_of, read_preset, write_preset
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.engine.errors import EditError, FormatError
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department
from meeting_seat_designer.engine.templates import TEMPLATES, template


@pytest.mark.clause("3.1.6.4.6")
def test_the_walk_goes_to_and_fro_along_rows() -> None:
    region = template("classroom").current().regions[0]
    codes = [(seat.row, seat.col) for seat in walk(region)]
    assert codes[:10] == [(1, col) for col in range(1, 11)]
    assert codes[10:20] == [(2, col) for col in range(10, 0, -1)]
    assert codes[20] == (3, 1)


def test_the_walk_goes_round_a_table_and_ring_by_ring() -> None:
    region = template("u").current().regions[0]
    sides = [seat.side for seat in walk(region)]
    assert sides == ["head"] * 5 + ["right"] * 8 + ["left"] * 8
    order = [seat.code for seat in walk(region)]
    assert order[:6] == ["上1", "上2", "上3", "上4", "上5", "右1"]
    assert order[-1] == "左1", "clockwise, so the left side comes from the bottom up"
    rings = [seat.ring for seat in walk(template("hollow").current().regions[0])]
    assert rings == sorted(rings)
    tables = [seat.table for seat in walk(template("banquet").current().regions[0])]
    assert tables == sorted(tables)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_seat_is_passed_once(name: str) -> None:
    for region in template(name).current().regions:
        assert sorted(seat.id for seat in walk(region)) == sorted(seat.id for seat in region.seats)


def test_orders_by_walk_unit_and_rank() -> None:
    document = template("u")
    for i in range(9):
        document.people.append(Person(id=f"p{i}", name=f"员{i}", unit="甲乙丙"[i % 3], number=9 - i))
    document.rules.departments = [Department(name="丙"), Department(name="甲")]
    History(document).run(Arrange("all"))
    assert [item.name for item in card_items(document, "rank")] == [f"员{i}" for i in range(8, -1, -1)]
    units = [item.unit for item in card_items(document, "unit")]
    assert units == ["丙"] * 3 + ["甲"] * 3 + ["乙"] * 3
    assert [item.name for item in card_items(document, "unit")][:3] == ["员8", "员5", "员2"]
    codes = [item.code for item in card_items(document)]
    walked = [seat.code for seat in walk(document.current().regions[0])]
    assert codes == [code for code in walked if code in codes]
    with pytest.raises(EditError, match="未知的打印顺序"):
        card_items(document, "moon")


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_are_saved_edited_and_read_back(name: str, tmp_path: Path) -> None:
    preset = copy_of(name)
    preset.font = "宋体"
    check(preset)
    write_preset(tmp_path / "own.json", preset)
    assert copy_of(str(tmp_path / "own.json")) == preset
    assert PRESETS[name].font != "宋体", "the shipped preset is untouched"


def test_presets_that_cannot_be_printed_are_refused(tmp_path: Path) -> None:
    for change, message in (
        ({"width": 400}, "放不进 A4"),
        ({"content": "poem"}, "座牌内容"),
        ({"faces": []}, "没有任何牌面"),
        ({"faces": [{"x": 0, "y": 0, "w": 500, "h": 50}]}, "牌面超出纸片"),
        ({"paper": "B5"}, "没有纸张"),
    ):
        path = tmp_path / "bad.json"
        write_preset(path, copy_of("tent_a4"))
        plain = json.loads(path.read_text("utf-8"))
        plain["card"].update(change)
        path.write_text(json.dumps(plain), "utf-8")
        with pytest.raises(EditError, match=message):
            read_preset(path)
    path.write_text("[]", "utf-8")
    with pytest.raises(FormatError, match=r"zhengding\.seating\.card"):
        read_preset(path)
    with pytest.raises(FormatError, match="无法读取"):
        read_preset(tmp_path / "none.json")
