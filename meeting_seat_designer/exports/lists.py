"""Seat list and sign-in sheet as xlsx, laid out for printing on A4. Source: 3.1.6.4.3."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import SEAT_KINDS, Region, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.order.reasons import version_text, wait_texts
from meeting_seat_designer.engine.order.sorting import Sorter
from meeting_seat_designer.engine.tables.sheets import display_width, safe
from meeting_seat_designer.exports.page import place_line
from widgets.theme.tokens import LIGHT

_THIN = Side(style="thin", color=LIGHT.text_3.lstrip("#"))
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor=LIGHT.field.lstrip("#"))
_GROUP = PatternFill("solid", fgColor=LIGHT.list.lstrip("#"))


class Place(NamedTuple):
    """One line of the lists: a seat with its region and, when taken, its person."""

    region: Region
    seat: Seat
    person: Person | None


def lists_bytes(document: Document, by: str = "unit") -> bytes:
    """A workbook with 座次表, 签到表 (by unit or by seat) and, when anyone waits, 待排; EditError for another `by`."""
    if by not in ("unit", "seat"):
        raise EditError(f"签到表只能按 unit（单位）或 seat（座位），不能按“{by}”")
    book = Workbook()
    _styles(book)
    seats: Any = book.active
    _seat_list(seats, document)
    _sign_in(book.create_sheet(), document, by)
    waiting = unseated(document)
    if waiting:
        _waiting(book.create_sheet(), document, waiting)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def places(document: Document) -> list[Place]:
    """Every seat in stored order (region, row, column)."""
    people = document.people_map()
    return [
        Place(region, seat, people.get(document.plan.seats.get(seat.id, "")))
        for region, seat in document.seats()
    ]


def unseated(document: Document) -> list[Person]:
    """Attendees without a seat in rank order."""
    seated = set(document.plan.seats.values())
    sorter = Sorter(document.rules, document.ranks)
    return sorter.sort(p for p in document.people if p.status == "attending" and p.id not in seated)


def by_units(document: Document) -> list[tuple[str, list[tuple[Person, str]]]]:
    """Units in department order, each with its people in rank order and their seat codes."""
    sorter = Sorter(document.rules, document.ranks)
    codes = {place.person.id: place.seat.code for place in places(document) if place.person}
    groups: dict[str, list[tuple[Person, str]]] = {}
    for person in sorter.sort(p for p in document.people if p.status == "attending"):
        groups.setdefault(person.unit, []).append((person, codes.get(person.id, "")))

    def place_of(unit: str) -> tuple[int, int]:
        listed = sorter.department_index(unit)
        return (0, listed) if listed is not None else (1, list(groups).index(unit))

    return [(unit, groups[unit]) for unit in sorted(groups, key=place_of)]


def _title(sheet: Any, document: Document, name: str, columns: int) -> None:
    meeting = " ".join(document.meeting.title.split())
    sheet.title = name
    for row, text, size in ((1, f"{meeting}{name}", 16), (2, place_line(document), 10)):
        sheet.append([safe(text)])
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
        cell = sheet.cell(row, 1)
        cell.font = Font(name="宋体" if row == 1 else "仿宋", bold=row == 1, size=size)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[1].height = 30


def _row(sheet: Any, values: Sequence[Any], *, head: bool = False, height: float = 22) -> None:
    sheet.append([safe(value) for value in values])
    row = sheet._current_row  # max_row looks at every cell, which makes long lists quadratic
    sheet.row_dimensions[row].height = height
    for column, value in enumerate(values, 1):
        cell = sheet.cell(row, column)
        cell.style = _HEADING if head else _LONG if display_width(str(value or "")) > 8 else _SHORT


_HEADING, _LONG, _SHORT = "座次表头", "座次长文", "座次短文"


def _styles(book: Workbook) -> None:
    """Named styles: set once for the book, which is several times faster than dressing each cell."""
    for name, head, side in ((_HEADING, True, "center"), (_LONG, False, "left"), (_SHORT, False, "center")):
        style = NamedStyle(name)
        style.border = _GRID
        style.font = Font(name="黑体" if head else "仿宋", bold=head, size=11)
        style.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
        if head:
            style.fill = _HEAD
        book.add_named_style(style)


def _finish(sheet: Any, document: Document, widths: Sequence[float], header_row: int = 3) -> None:
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = f"A{header_row + 1}"
    sheet.print_title_rows = f"{header_row}:{header_row}"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.left.text = version_text(document)
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"


def _seat_list(sheet: Any, document: Document) -> None:
    header = ("序号", "区域", "座位号", "姓名", "单位", "职务", "职级", "座位类型", "备注")
    _title(sheet, document, "座次表", len(header))
    _row(sheet, header, head=True)
    for number, (region, seat, person) in enumerate(places(document), 1):
        kind = "" if seat.kind == "normal" else SEAT_KINDS.get(seat.kind, seat.kind)
        facts = (person.label, person.unit, person.post, person.rank) if person else ("", "", "", "")
        _row(sheet, (number, region.name, seat.code, *facts, kind, person.note if person else ""))
    _finish(sheet, document, (6, 12, 16, 14, 26, 16, 16, 10, 16))


def _sign_in(sheet: Any, document: Document, by: str) -> None:
    header = ("序号", "姓名", "单位", "职务", "座位号", "签名", "备注")
    if by == "seat":
        header = ("序号", "座位号", "姓名", "单位", "职务", "签名", "备注")
    _title(sheet, document, "签到表", len(header))
    _row(sheet, header, head=True)
    number = 0
    if by == "unit":
        for unit, members in by_units(document):
            _row(sheet, (f"{unit or '未填单位'}（{len(members)} 人）", *[""] * (len(header) - 1)))
            row = sheet._current_row
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(header))
            cell = sheet.cell(row, 1)
            cell.font, cell.fill = Font(name="黑体", bold=True, size=11), _GROUP
            cell.alignment = Alignment(horizontal="left", vertical="center")
            for person, code in members:
                number += 1
                _row(
                    sheet, (number, person.label, person.unit, person.post, code or "待排", "", ""), height=28
                )
    else:
        for place in places(document):
            if place.person and place.person.status == "attending":
                number += 1
                person = place.person
                values = (number, place.seat.code, person.label, person.unit, person.post, "", "")
                _row(sheet, values, height=28)
        for person in unseated(document):
            number += 1
            _row(sheet, (number, "待排", person.label, person.unit, person.post, "", ""), height=28)
    widths = {"序号": 6, "姓名": 14, "单位": 26, "职务": 16, "座位号": 16, "签名": 18, "备注": 12}
    _finish(sheet, document, [widths[name] for name in header])


def _waiting(sheet: Any, document: Document, people: list[Person]) -> None:
    header = ("序号", "姓名", "单位", "职务", "职级", "原因")
    _title(sheet, document, "待排", len(header))
    _row(sheet, header, head=True)
    reasons = wait_texts(document)
    for number, person in enumerate(people, 1):
        reason = reasons.get(person.id, "")
        _row(sheet, (number, person.label, person.unit, person.post, person.rank, reason))
    _finish(sheet, document, (6, 14, 26, 16, 16, 24))
