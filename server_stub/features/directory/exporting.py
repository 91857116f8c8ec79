"""Writes the directory, and the template for imports, as .xlsx in the form that the import reads."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from server_stub.contract.directory import ImportRow

from .importing import FIELDS
from .importing_plan import AccountBook
from .tables import persons, posts, units

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEADINGS = [names[0] for names in FIELDS.values()]
_WIDTHS = (12, 15, 18, 46, 20, 16, 8, 8)
_NOTES = (
    ("姓名", "必填。", "王建国"),
    ("手机号", "11 位数字。手机号与账号至少填一项，用来区分人员；没有手机号不能用短信激活。", "13800000000"),
    ("账号", "可不填，由系统按姓名拼音生成。小写字母、数字、点、横线。", "wangjianguo"),
    ("单位", "必填。从市级写到本单位，用 / 隔开，最多五级。", "绿城市/市应急管理局/综合处"),
    ("职务", "可不填。", "副局长"),
    ("职级", "可不填。", "二级巡视员"),
    ("排序", "可不填。整数，小的在前。", "10"),
    ("主职", "是 或 否。一人有多个职务时，每个职务各占一行，只有一行填“是”。", "是"),
)


def template() -> bytes:
    """Return an empty table with the headings, and a sheet that explains them."""
    return _book([], notes=True)


def export(connection: Connection, accounts: AccountBook) -> bytes:
    """Return every active person, a row a post, in the order of the tree."""
    names: dict[str, str] = {}
    order: dict[str, int] = {}
    parts: dict[str, list[str]] = {}
    for row in connection.execute(select(units.c.id, units.c.name, units.c.path, units.c.sort_order)):
        names[row.id] = row.name
        order[row.id] = row.sort_order
        parts[row.id] = [part for part in row.path.split("/") if part]
    people = {row.id: row for row in connection.execute(select(persons).where(persons.c.active.is_(True)))}
    logins: dict[str, str] = {}
    ids = list(people)
    for start in range(0, len(ids), 500):
        logins.update(accounts.logins_of(connection, ids[start : start + 500]))
    held = [row for row in connection.execute(select(posts)) if row.person_id in people]
    place = {unit_id: tuple(order[part] for part in steps) for unit_id, steps in parts.items()}
    held.sort(key=lambda row: (place[row.unit_id], row.unit_id, row.sort_order, row.person_id))

    def rows() -> Iterable[Sequence[Any]]:
        for row in held:
            person = people[row.person_id]
            yield (
                person.name,
                person.phone,
                logins.get(person.id, ""),
                "/".join(names[part] for part in parts[row.unit_id]),
                row.title,
                person.rank,
                row.sort_order,
                "是" if row.main else "否",
            )

    return _book(rows(), notes=False)


def problem_rows(columns: Mapping[str, str], rows: Iterable[ImportRow]) -> bytes:
    """Return rows that were left out, in the form that the import reads, with the reason in a column that it ignores."""
    fields = list(columns)

    def lines() -> Iterable[Sequence[Any]]:
        for row in rows:
            cells = dict(zip(fields, row.cells, strict=True))
            why = " ".join(
                f"{line.column}：{line.message}" if line.column else line.message for line in row.problems
            )
            yield (*(cells.get(field, "") for field in FIELDS), f"原第 {row.row} 行。{why}")

    return _book(lines(), notes=False, extra=("问题",))


def _book(rows: Iterable[Sequence[Any]], *, notes: bool, extra: Sequence[str] = ()) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill

    book = Workbook(write_only=True)

    def sheet(title: str, headings: Sequence[str], widths: Sequence[int]) -> Any:
        made = book.create_sheet(title)
        made.freeze_panes = "A2"
        for index, width in enumerate(widths):
            made.column_dimensions["ABCDEFGHI"[index]].width = width
        cells = []
        for heading in headings:
            cell = WriteOnlyCell(made, heading)
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="DCE6F1")
            cells.append(cell)
        made.append(cells)
        return made

    people = sheet("人员", [*_HEADINGS, *extra], [*_WIDTHS, *(90 for _ in extra)])

    def safe(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("="):
            # A name is a name, never a formula of somebody's making.
            cell = WriteOnlyCell(people, value)
            cell.data_type = "s"
            return cell
        return value

    for row in rows:
        people.append([safe(value) for value in row])
    if notes:
        explained = sheet("填写说明", ("列", "怎么填", "示例"), (12, 70, 32))
        for note in _NOTES:
            explained.append(list(note))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
