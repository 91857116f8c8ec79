"""Lists as offices write them: titles above, sums below, merged units, remarks in cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from meeting_seat_designer.engine.tables.habits import header_row, is_foot, tidy_name, tidy_phone
from meeting_seat_designer.engine.tables.people_io import match_columns, read_people


@pytest.mark.parametrize(
    ("written", "name", "remark"),
    [
        ("张　伟", "张伟", ""),
        ("张 伟", "张伟", ""),
        (" 欧阳修文 ", "欧阳修文", ""),
        ("李芳（女）", "李芳", "女"),
        ("王 强(带队)", "王强", "带队"),
        ("买买提·艾力（回族）", "买买提·艾力", "回族"),
        ("John Smith (CEO)", "John Smith (CEO)", ""),
        ("王（女）", "王（女）", ""),
        ("", "", ""),
    ],
)
def test_names(written: str, name: str, remark: str) -> None:
    assert tidy_name(written) == (name, remark)


@pytest.mark.parametrize(
    ("written", "phone", "wrong"),
    [
        ("137 0000-0001", "13700000001", False),
        ("13700000001（办）", "13700000001", False),
        ("13700000001/13700000002", "13700000001", False),
        ("+8613700000001", "+8613700000001", False),
        ("037112345678", "037112345678", False),
        ("1370000001", "", True),
        ("见附件", "", True),
        ("（无）", "", False),
        ("", "", False),
    ],
)
def test_phones(written: str, phone: str, wrong: bool) -> None:
    found, problem = tidy_phone(written)
    assert (found, bool(problem)) == (phone, wrong)


def test_the_title_over_the_table_is_not_its_head_and_the_sum_below_is_nobody() -> None:
    rows = [["参会人员名单", "", ""], ["", "", ""], ["序号", "姓 名", "单　位"], ["1", "张伟", "市水利局"]]
    assert header_row(rows, match_columns) == 2
    assert header_row(rows[3:], match_columns) is None
    assert is_foot(["合　计", "", "240人"])
    assert is_foot(["", "备注：请提前十分钟到场", ""])
    assert not is_foot(["1", "合计伟", "市水利局"])
    assert not is_foot([])


@pytest.mark.clause("3.1.6.3.1")
def test_a_unit_that_is_merged_or_written_once_counts_for_its_people(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["姓名", "单位"])
    for name, unit in (("甲", "市水利局"), ("乙", None), ("丙", "市教育局"), ("丁", None)):
        sheet.append([name, unit])
    sheet.append([None, None])
    sheet.merge_cells("B2:B3")
    book.save(tmp_path / "a.xlsx")
    table = read_people(tmp_path / "a.xlsx")
    # Merged cells say so themselves; a blank one below may also mean nothing: the clerk is asked.
    assert [(one.name, one.unit) for one in table.people] == [
        ("甲", "市水利局"),
        ("乙", "市水利局"),
        ("丙", "市教育局"),
        ("丁", ""),
    ]
    assert table.blank_units == 1
    filled = read_people(tmp_path / "a.xlsx", fill_units=True)
    assert [one.unit for one in filled.people][-1] == "市教育局"


@pytest.mark.clause("3.1.6.3.1")
def test_a_line_pasted_twice_is_one_person_and_namesakes_are_two(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "姓名,单位,手机\n张伟,市水利局,13700000001\n张伟,市水利局,13700000001\n李芳,市水利局,\n李芳,市水利局,\n",
        "utf-8",
    )
    table = read_people(path)
    assert [one.name for one in table.people] == ["张伟", "李芳", "李芳"]
    assert [one.text for one in table.errors] == [
        "张伟（市水利局）有完全相同的一行，只导入一次",
        "李芳（市水利局）出现多次，按不同人员导入",
    ]
    assert all(one.kept for one in table.errors)
