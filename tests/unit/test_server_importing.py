"""Reading spreadsheets of people, and the places that units get by their names."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from server_stub.contract.errors import ApiError
from server_stub.features.directory.importing import Sheet, read_sheet
from server_stub.features.directory.importing_service import level_of
from server_stub.features.directory.pinyin import of_name


def book(*rows: list[object], title: str = "Sheet", first: list[object] | None = None) -> bytes:
    made = Workbook()
    active = made.active
    assert active is not None
    if first is not None:
        active.append(first)
        active = made.create_sheet(title)
    else:
        active.title = title
    for row in rows:
        active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    data = book(["名册"], [], ["姓名", "单位"], [], ["王建国", "甲局"], [None, None], ["赵敏", "乙局"])
    assert [row.number for row in read_sheet("a.xlsx", data).rows] == [5, 7]


def test_headings_are_recognised_under_their_many_names_and_with_marks() -> None:
    data = book(
        [" 姓 名* ", "联系电话（必填）", "备注", "部门", "岗位"], ["王", 13800000000.0, "x", "甲", "长"]
    )
    sheet = read_sheet("a.xlsx", data)
    assert set(sheet.columns) == {"name", "phone", "unit", "title"}
    assert sheet.rows[0].cells == {"name": "王", "phone": "13800000000", "unit": "甲", "title": "长"}


def test_the_sheet_named_people_is_read_before_the_first() -> None:
    data = book(["姓名", "单位"], ["王建国", "甲局"], title="人员", first=["说明"])
    assert read_sheet("a.xlsx", data).rows[0].cells["name"] == "王建国"


def test_cells_of_every_kind_become_clean_text() -> None:
    data = book(
        ["姓名", "单位", "职务", "职级", "主职", "排序"],
        ["\u3000王\u200b建国 ", "甲\n局", date(2026, 1, 2), 3.5, True, 7],
    )
    assert read_sheet("a.xlsx", data).rows[0].cells == {
        "name": "王 建国",
        "unit": "甲 局",
        "title": "2026-01-02T00:00:00",
        "rank": "3.5",
        "main": "是",
        "order": "7",
    }


def attempt(name: str, data: bytes) -> Sheet | str:
    """The sheet, or the sentence with which it was refused."""
    try:
        return read_sheet(name, data)
    except ApiError as error:
        return error.message


@given(st.binary(max_size=400))
def test_whatever_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        found = attempt(name, data)
        assert isinstance(found, Sheet) or found.endswith("。")


@given(st.text(max_size=200))
def test_whatever_text_below_the_headings_gives_clean_cells(text: str) -> None:
    found = attempt("a.csv", ("姓名,单位\n" + text).encode("utf-8", "replace"))
    if isinstance(found, str):
        assert found.endswith("。")
        return
    for row in found.rows:
        for cell in row.cells.values():
            assert cell == cell.strip()
            assert "\x00" not in cell


@pytest.mark.parametrize(
    ("path", "level"),
    [
        (("绿城市",), 1),
        (("绿城市", "中原区"), 2),
        (("绿城市", "市水利局"), 2),
        (("绿城市", "中原区", "桐柏路街道"), 3),
        (("绿城市", "中原区", "桐柏路街道", "颖河社区"), 4),
        (("绿城市", "中原区", "桐柏路街道", "颖河社区", "第三网格"), 5),
        (("绿城市", "市水利局", "综合处"), 0),
    ],
)
def test_units_get_their_level_by_place_and_name(path: tuple[str, ...], level: int) -> None:
    assert level_of(path) == level


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("王建国", ("wangjianguo", "wjg")),
        ("单雄信", ("shanxiongxin", "sxx")),
        ("尉迟恭", ("yuchigong", "ycg")),
        ("曾国藩", ("zengguofan", "zgf")),
        ("欧阳锋", ("ouyangfeng", "oyf")),
    ],
)
def test_surnames_are_spelt_as_surnames(name: str, spelt: tuple[str, str]) -> None:
    assert of_name(name) == spelt
