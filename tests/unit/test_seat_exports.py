"""Seat list and sign-in sheet read back from xlsx: order, groups, print setup, nothing dropped."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.people import SetPerson
from meeting_seat_designer.engine.edits.seating import Arrange, Publish, Unseat
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department
from meeting_seat_designer.engine.templates import template
from meeting_seat_designer.exports.lists import lists_bytes
from meeting_seat_designer.exports.searchable import searchable
from meeting_seat_designer.exports.waiting import waiting_texts


@pytest.fixture
def document() -> Document:
    made = template("u")
    units = ("市教育局", "市水利局", "")
    for i in range(23):
        person = Person(id=f"p{i:02}", name=f"员{i:02}", unit=units[i % 3], post="科长", number=i + 1)
        made.people.append(person)
    made.people[1].name = "=SUM(A1)"
    made.people.append(Person(id="gone", name="请假者", status="leave"))
    made.rules.departments = [Department(name="市水利局"), Department(name="市教育局")]
    made.meeting.title = "工作会议"
    made.plan.version = 5
    History(made).run(Arrange("all"))
    return made


def book(document: Document, by: str = "unit") -> Any:
    return load_workbook(io.BytesIO(lists_bytes(document, by)))


def rows(sheet: Any, first: int = 4) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(min_row=first, values_only=True))


@pytest.mark.clause("3.1.6.4.3")
def test_the_seat_list_has_every_seat_with_its_person(document: Document) -> None:
    sheet = book(document)["座次表"]
    assert sheet["A1"].value == "工作会议座次表"
    assert [cell.value for cell in sheet[3]][:5] == ["序号", "区域", "座位号", "姓名", "单位"]
    listed = {row[2]: row[3] for row in rows(sheet)}
    people = document.people_map()
    for _, seat in document.seats():
        name = people[document.plan.seats[seat.id]].name
        assert listed[seat.code] == ("'=SUM(A1)" if name.startswith("=") else name)
    assert len(listed) == 21
    assert not any(str(cell.value).startswith("=") for row in sheet.iter_rows() for cell in row)


def test_sign_in_by_unit_follows_the_department_order(document: Document) -> None:
    sheet = book(document)["签到表"]
    groups = [row[0] for row in rows(sheet) if isinstance(row[0], str)]
    assert groups == ["市水利局（8 人）", "市教育局（8 人）", "未填单位（7 人）"]
    lines = [row for row in rows(sheet) if isinstance(row[0], int)]
    assert [line[0] for line in lines] == list(range(1, 24)), "all attendees, those without a seat too"
    assert sum(1 for line in lines if line[4] == "待排") == 2
    assert "请假者" not in {line[1] for line in lines}
    water = [line[1] for line in lines][:8]
    assert water == ["'=SUM(A1)", *(f"员{i:02}" for i in range(4, 23, 3))], "within a unit by rank"


def test_sign_in_by_seat_follows_the_seats(document: Document) -> None:
    sheet = book(document, "seat")["签到表"]
    codes = [row[1] for row in rows(sheet)]
    assert codes[:21] == [seat.code for _, seat in document.seats()]
    assert codes[21:] == ["待排", "待排"]
    with pytest.raises(EditError, match="签到表只能按"):
        lists_bytes(document, "moon")


def test_sheets_are_ready_to_print_and_those_waiting_have_their_own(document: Document) -> None:
    made = book(document)
    assert made.sheetnames == ["座次表", "签到表", "待排"]
    for sheet in made:
        assert sheet.page_setup.paperSize in (9, "9")
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.left.text == "草稿（未发布）"
        assert sheet.freeze_panes == "A4"
        assert sheet.column_dimensions["A"].width == 6
    assert [row[5] for row in rows(made["待排"])] == ["座位不足", "座位不足"]
    document.people = document.people[:3]
    document.plan.seats = {}
    document.plan.waiting = []
    assert "待排" in book(document).sheetnames
    document.people = []
    assert book(document).sheetnames == ["座次表", "签到表"]


def test_papers_name_the_version_that_was_published(document: Document) -> None:
    history = History(document)
    history.run(Publish("2026-03-01T09:00", []))
    assert book(document)["座次表"].oddFooter.left.text == "第 5 版"
    history.run(Unseat([next(iter(document.plan.seats))]))
    assert book(document)["座次表"].oddFooter.left.text == "第 5 版（发布后有改动）"


def test_a_rank_filled_in_since_is_not_called_unknown(document: Document) -> None:
    document.people = [
        Person(id="a", name="甲", rank="一级科员"),
        Person(id="b", name="乙", rank="某职级"),
        Person(id="c", name="丙", rank="某职级"),
        Person(id="d", name="丁", rank="某职级"),
    ]
    document.plan.seats = {}
    history = History(document)
    history.run(Arrange("all"))
    history.run(SetPerson("b", rank="二级科员"))
    history.run(SetPerson("c", number=7))
    assert {row[1]: row[5] for row in rows(book(document)["待排"])} == {
        "乙": "尚未排座",
        "丙": "尚未排座",
        "丁": "职级未知，未参与排座",
    }
    assert set(waiting_texts(document)) == {
        "乙（尚未排座）",
        "丙（尚未排座）",
        "丁（职级未知，未参与排座）",
    }


def test_radicals_become_characters_only_in_text_tables() -> None:
    table = b"x begincmap <0001> <2F63> <2EC6> <0041> endcmap <2F63>"
    assert searchable(table) == b"x begincmap <0001> <751F> <89D2> <0041> endcmap <2F63>"
