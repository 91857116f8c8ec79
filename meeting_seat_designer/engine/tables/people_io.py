"""Importing people from xlsx, csv and json with column matching and errors by row. Source: 3.1.6.3.1."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from meeting_seat_designer.engine.codec import from_plain
from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.files import parse_json
from meeting_seat_designer.engine.model.people import ATTENDANCE, NEEDS, PARTIES, Person
from meeting_seat_designer.engine.tables.habits import header_row, is_foot, tidy_name, tidy_phone
from meeting_seat_designer.engine.tables.sheets import read_rows, write_sheet

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("编号", "人员编号", "人员id", "id", "工号"),
    "name": ("姓名", "名字", "参会人", "参会人员", "name"),
    "unit": ("单位", "部门", "所属部门", "所属单位", "工作单位", "unit", "department"),
    "post": ("职务", "岗位", "职务名称", "现任职务", "post", "title"),
    "rank": ("职级", "职级名称", "rank"),
    "level": ("行政级别", "领导职务层次", "级别", "层次", "level"),
    "number": ("序号（人工）", "人工序号", "排序号", "指定序号", "排名", "number"),
    "leadership": ("班子顺序", "班子排序", "leadership"),
    "years": ("任职年限", "年限", "years"),
    "phone": ("手机", "手机号", "手机号码", "电话", "联系电话", "phone"),
    "external": ("外部", "外部人员", "是否外部", "external"),
    "party": ("主客", "主客方", "宾主", "party"),
    "roles": ("角色", "会议角色", "身份", "roles"),
    "needs": ("特殊需要", "需要", "needs"),
    "status": ("状态", "参会状态", "status"),
    "user_id": ("账号", "政钉账号", "user_id"),
    "display": ("座位显示", "display"),
    "note": ("备注", "说明", "note"),
}
FIELD_LABELS = {name: titles[0] for name, titles in COLUMNS.items()}
_LONGEST = 60
_YES = {"是", "y", "yes", "true", "1", "√", "外部"}
_NO = {"", "否", "n", "no", "false", "0", "内部"}


@dataclass
class RowError:
    """A mistake in one row; rows are counted as the spreadsheet shows them, from 1. `kept`: the person is imported all the
    same, without what was wrong."""

    row: int
    text: str
    kept: bool = False


@dataclass
class PeopleTable:
    """The outcome of an import: people, mistakes, the column matching used, and the first rows to preview."""

    people: list[Person]
    errors: list[RowError] = field(default_factory=lambda: [])
    matching: dict[str, int] = field(default_factory=lambda: {})
    header: list[str] = field(default_factory=lambda: [])
    preview: list[list[str]] = field(default_factory=lambda: [])
    blank_units: int = 0
    """People without a unit below somebody who has one: a list that writes each unit once."""


def _plain(text: str) -> str:
    return re.sub(r"[\s*：:（）()]", "", text).lower()


def match_columns(header: list[str]) -> dict[str, int]:
    """Field → column index for the titles that are recognised; each column is used once."""
    matching: dict[str, int] = {}
    titles = [_plain(title) for title in header]
    for exact in (True, False):
        for name, known in COLUMNS.items():
            if name in matching:
                continue
            wanted = [_plain(title) for title in known]
            for index, title in enumerate(titles):
                if not title or index in matching.values():
                    continue
                if title in wanted if exact else any(len(w) > 1 and w in title for w in wanted):
                    matching[name] = index
                    break
    return matching


def read_people(
    path: Path, matching: dict[str, int] | None = None, *, fill_units: bool = False
) -> PeopleTable:
    """People of a file; FormatError when there is no name column.

    Rows without a name are left out and reported, cells with mistakes are reported and left empty. `fill_units`: people
    without a unit have that of the row above.
    """
    if path.suffix.lower() == ".json":
        return _from_json(path)
    rows = read_rows(path)
    start = header_row(rows, match_columns)
    if start is None and matching is None:
        raise FormatError("没有找到“姓名”列（请检查表头）", where=str(path))
    start = start or 0
    header = rows[start] if rows else []
    used = matching if matching is not None else match_columns(header)
    if "name" not in used:
        raise FormatError("必须指定“姓名”列", where=str(path))
    table = PeopleTable([], matching=used, header=header, preview=rows[start + 1 : start + 11])
    unit = ""
    for number, row in enumerate(rows[start + 1 :], start + 2):
        if not any(row) or is_foot(row):
            continue
        values = {name: row[index] if index < len(row) else "" for name, index in used.items()}
        if values.get("unit"):
            unit = values["unit"]
        elif unit and values.get("name"):
            table.blank_units += 1
            if fill_units:
                values["unit"] = unit
        _add(table, number, values)
    _finish(table)
    return table


def _from_json(path: Path) -> PeopleTable:
    try:
        plain = parse_json(path.read_bytes())
    except OSError as error:
        raise FormatError(f"无法读取文件：{error.strerror or error}", where=str(path)) from error
    items = cast(dict[str, Any], plain).get("people") if isinstance(plain, dict) else plain
    if not isinstance(items, list):
        raise FormatError("应为人员列表，或含 people 列表的对象", where=str(path))
    table = PeopleTable([], matching={})
    for number, item in enumerate(cast(list[Any], items), 1):
        try:
            if isinstance(item, dict) and "id" not in item:
                item = {**cast(dict[str, Any], item), "id": ""}
            person = from_plain(Person, item, f"第 {number} 条")
        except FormatError as error:
            table.errors.append(RowError(number, str(error)))
            continue
        if not person.name.strip():
            table.errors.append(RowError(number, "缺少姓名"))
            continue
        table.people.append(person)
    _finish(table)
    return table


def _add(table: PeopleTable, number: int, values: dict[str, str]) -> None:
    problems: list[str] = []
    name, remark = tidy_name(values.get("name", ""))
    person = Person(id=values.get("id", ""), name=name)
    if not name or len(name) > _LONGEST:
        table.errors.append(RowError(number, "姓名过长" if name else "缺少姓名"))
        return
    for name in ("unit", "post", "rank", "level", "user_id", "display", "note"):
        setattr(person, name, values.get(name, ""))
    if remark:
        person.note = "；".join(part for part in (person.note, remark) if part)
        problems.append(f"“{remark}”记入备注")
    for name in ("number", "leadership"):
        text = values.get(name, "")
        if text and not text.isdigit():
            problems.append(f"{FIELD_LABELS[name]}“{text}”应为正整数，没有导入")
        elif text:
            setattr(person, name, int(text))
    years = values.get("years", "")
    if years:
        try:
            person.years = float(years)
        except ValueError:
            problems.append(f"任职年限“{years}”应为数字，没有导入")
    person.phone, wrong = tidy_phone(values.get("phone", ""))
    if wrong:
        problems.append(wrong)
    external = values.get("external", "").lower()
    if external in _YES:
        person.external = True
    elif external not in _NO:
        problems.append(f"外部“{external}”应为是或否，按否导入")
    _coded(person, values, problems)
    if problems:
        table.errors.append(RowError(number, f"{person.name}：" + "；".join(problems), kept=True))
    table.people.append(person)


def _coded(person: Person, values: dict[str, str], problems: list[str]) -> None:
    party = values.get("party", "")
    parties = {text: key for key, text in PARTIES.items()} | {"客": "guest", "宾": "guest", "主": "host"}
    if party and party not in PARTIES and party not in parties:
        problems.append(f"主客“{party}”应为主方或客方，没有导入")
    person.party = parties.get(party, party if party in PARTIES else "")
    status = values.get("status", "")
    states = {text: key for key, text in ATTENDANCE.items()} | {"": "attending"}
    if status not in states and status not in ATTENDANCE:
        problems.append(f"状态“{status}”应为参会、请假或取消，按参会导入")
    person.status = states.get(status, status if status in ATTENDANCE else "attending")
    person.roles = _list(values.get("roles", ""))
    needs = {text: key for key, text in NEEDS.items()}
    for text in _list(values.get("needs", "")):
        if text not in needs and text not in NEEDS:
            problems.append(f"特殊需要“{text}”应为{'、'.join(needs)}，没有导入")
        else:
            person.needs.append(needs.get(text, text))


def _list(text: str) -> list[str]:
    return [item for item in re.split(r"[、,，;；/\s]+", text) if item]


def _finish(table: PeopleTable) -> None:
    """Give ids to people without one: from name, unit and phone, so that row order does not matter."""
    given = Counter(person.id for person in table.people if person.id)
    for name, count in given.items():
        if count > 1:
            table.errors.append(RowError(0, f"编号 {name} 重复 {count} 次，只保留第一人"))
    seen: set[str] = set()
    whole: set[str] = set()
    kept: list[Person] = []
    for person in table.people:
        if person.id:
            if person.id in seen:
                continue
            seen.add(person.id)
            kept.append(person)
            continue
        text = "\n".join((person.name, person.unit, person.phone, person.post, person.rank))
        if text in whole:
            # Every cell the same, the phone too: the line was pasted twice.
            table.errors.append(
                RowError(0, f"{person.name}（{person.unit}）有完全相同的一行，只导入一次", kept=True)
            )
            continue
        if person.phone:
            whole.add(text)
        base = "p" + hashlib.sha256(text.encode()).hexdigest()[:12]
        name, number = base, 2
        while name in seen:
            name, number = f"{base}-{number}", number + 1
        if number > 2:
            text = f"{person.name}（{person.unit}）出现多次，按不同人员导入"
            table.errors.append(RowError(0, text, kept=True))
        person.id = name
        seen.add(name)
        kept.append(person)
    table.people = kept


def write_people(path: Path, people: list[Person]) -> None:
    """People as xlsx with the titles the import knows."""
    names = [name for name in COLUMNS if name != "display"]
    rows = [[_cell(person, name) for name in names] for person in people]
    write_sheet(path, "参会人员", [FIELD_LABELS[name] for name in names], rows)


def _cell(person: Person, name: str) -> Any:
    value: Any = getattr(person, name)
    if name == "external":
        return "是" if value else "否"
    if name == "party":
        return PARTIES.get(value, value) if value else ""
    if name == "status":
        return ATTENDANCE.get(value, value)
    if name == "needs":
        return "、".join(NEEDS.get(item, item) for item in person.needs)
    if name == "roles":
        return "、".join(person.roles)
    return value or "" if name in ("number", "leadership", "years") else value
