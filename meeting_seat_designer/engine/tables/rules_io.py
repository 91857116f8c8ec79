"""Rank tables and rule sets as xlsx and JSON, for saving and handing on. Source: 3.1.6.2.1."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook, load_workbook

from meeting_seat_designer.engine.codec import from_plain, to_plain
from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.files import dump_plain, parse_json, write_bytes
from meeting_seat_designer.engine.model.rules import SORT_KEYS, Department, Rank, RankTable, RuleSet, SortKey
from meeting_seat_designer.engine.tables.sheets import (
    cell_text,
    fill_sheet,
    read_rows,
    save_book,
    write_sheet,
)

RULES_FORMAT = "zhengding.seating.rules"
RANKS_FORMAT = "zhengding.seating.ranks"
_RANK_HEADER = ("职级名称", "序列", "行政级别", "相当于", "级别上限", "级别下限", "领导职务", "别名", "启用")


def write_ranks(path: Path, table: RankTable) -> None:
    """A rank table as .xlsx or .json."""
    if path.suffix.lower() == ".json":
        write_bytes(path, dump_plain({"format": RANKS_FORMAT, "version": 1, "ranks": to_plain(table)}))
        return
    rows = [
        (
            rank.name,
            rank.sequence,
            rank.level,
            rank.equal,
            rank.high or "",
            rank.low or "",
            "是" if rank.leading else "",
            "、".join(rank.aliases),
            "是" if rank.active else "否",
        )
        for rank in table.ranks
    ]
    write_sheet(path, "职级表", _RANK_HEADER, rows)


def read_ranks(path: Path) -> RankTable:
    """A rank table from .xlsx, .csv or .json; FormatError names the row of a mistake."""
    if path.suffix.lower() == ".json":
        plain = _json(path, RANKS_FORMAT)
        return from_plain(RankTable, plain.get("ranks"), f"{path.name}.ranks")
    rows = read_rows(path)
    if not rows or "职级名称" not in rows[0]:
        raise FormatError("没有找到“职级名称”列", where=str(path))
    column = {title: index for index, title in enumerate(rows[0])}
    table = RankTable(name=path.stem)
    for number, row in enumerate(rows[1:], 2):
        cells = {title: row[index] if index < len(row) else "" for title, index in column.items()}
        if not cells["职级名称"]:
            continue
        high, low = cells.get("级别上限", ""), cells.get("级别下限", "")
        if (high and not high.isdigit()) or (low and not low.isdigit()):
            raise FormatError(f"第 {number} 行：级别应为整数", where=str(path))
        level = cells.get("行政级别", "")
        if level and level not in table.levels:
            table.levels.append(level)
        table.ranks.append(
            Rank(
                id=f"r{len(table.ranks) + 1:03}",
                name=cells["职级名称"],
                sequence=cells.get("序列", ""),
                level=level,
                equal=cells.get("相当于", ""),
                high=int(high or 0),
                low=int(low or 0),
                leading=cells.get("领导职务", "") == "是",
                aliases=[alias for alias in cells.get("别名", "").split("、") if alias],
                active=cells.get("启用", "是") != "否",
            )
        )
    return table


def write_rules(path: Path, rules: RuleSet) -> None:
    """A rule set as .xlsx (sheets 排序规则, 部门顺序, 设置) or .json."""
    if path.suffix.lower() == ".json":
        write_bytes(path, dump_plain({"format": RULES_FORMAT, "version": 1, "rules": to_plain(rules)}))
        return
    book = Workbook()
    sheet: Any = book.active
    keys = rules.keys
    rows = [
        (i, SORT_KEYS.get(k.key, k.key), "降序" if k.descending else "升序", "是" if k.on else "否")
        for i, k in enumerate(keys, 1)
    ]
    fill_sheet(sheet, "排序规则", ("次序", "排序项", "方向", "启用"), rows)
    departments = [(i, d.name, d.id, "、".join(d.aliases)) for i, d in enumerate(rules.departments, 1)]
    fill_sheet(book.create_sheet(), "部门顺序", ("次序", "部门", "编号", "别名"), departments)
    settings = [(name, str(getattr(rules, name))) for name in _SETTINGS]
    fill_sheet(book.create_sheet(), "设置", ("项", "值"), [("name", rules.name), *settings])
    save_book(book, path)


_SETTINGS = ("honour", "even", "unknown_rank", "near_door_mm", "front_rows")


def read_rules(path: Path) -> RuleSet:
    """A rule set from .xlsx or .json; FormatError for anything else."""
    if path.suffix.lower() == ".json":
        plain = _json(path, RULES_FORMAT)
        return from_plain(RuleSet, plain.get("rules"), f"{path.name}.rules")
    if path.suffix.lower() != ".xlsx":
        raise FormatError("规则文件只支持 xlsx 和 json", where=str(path))
    try:
        book = load_workbook(path, data_only=True)
    except Exception as error:
        raise FormatError("不是有效的 xlsx 文件", where=str(path)) from error
    for title in ("排序规则", "部门顺序", "设置"):
        if title not in book.sheetnames:
            raise FormatError(f"缺少工作表“{title}”", where=str(path))
    names = {text: key for key, text in SORT_KEYS.items()}
    rules = RuleSet()
    for number, row in enumerate(_sheet(book, "排序规则"), 2):
        key = names.get(row[1], row[1])
        if key not in SORT_KEYS:
            raise FormatError(f"排序规则第 {number} 行：未知的排序项“{row[1]}”", where=str(path))
        rules.keys.append(SortKey(key=key, descending=row[2] == "降序", on=row[3] != "否"))
    for row in _sheet(book, "部门顺序"):
        aliases = [alias for alias in row[3].split("、") if alias]
        rules.departments.append(Department(name=row[1], id=row[2], aliases=aliases))
    for row in _sheet(book, "设置"):
        if row[0] in ("name", "honour", "even", "unknown_rank"):
            setattr(rules, row[0], row[1])
        elif row[0] in ("near_door_mm", "front_rows"):
            try:
                number = float(row[1])
            except ValueError as error:
                raise FormatError(f"设置 {row[0]} 应为数字", where=str(path)) from error
            setattr(rules, row[0], int(number) if row[0] == "front_rows" else number)
    return rules


def _sheet(book: Workbook, title: str) -> list[list[str]]:
    rows: list[list[str]] = []
    sheet: Any = book[title]
    for row in sheet.iter_rows(min_row=2, values_only=True):
        texts = [cell_text(value) for value in row] + [""] * 4
        if any(texts):
            rows.append(texts)
    return rows


def _json(path: Path, wanted: str) -> dict[str, Any]:
    try:
        plain = parse_json(path.read_bytes())
    except OSError as error:
        raise FormatError(f"无法读取文件：{error.strerror or error}", where=str(path)) from error
    if not isinstance(plain, dict) or cast(dict[str, Any], plain).get("format") != wanted:
        raise FormatError(f"文件应含 format: {wanted}", where=str(path))
    return cast(dict[str, Any], plain)
