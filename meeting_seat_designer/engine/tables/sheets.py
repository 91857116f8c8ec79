"""Reading rows from xlsx and csv, writing plain xlsx sheets."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from meeting_seat_designer.engine.errors import FormatError

MAX_ROWS = 50000


def read_rows(path: Path) -> list[list[str]]:
    """All rows of the first sheet as texts; FormatError for anything that is not a readable table."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            return _csv_rows(path.read_bytes())
        if suffix in (".xlsx", ".xlsm"):
            return _xlsx_rows(path)
    except OSError as error:
        raise FormatError(f"无法读取文件：{error.strerror or error}", where=str(path)) from error
    raise FormatError("只支持 xlsx、csv 和 json", where=str(path))


def _csv_rows(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FormatError("csv 编码无法识别，请另存为 UTF-8 或 GBK")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    return rows[:MAX_ROWS]


def _xlsx_rows(path: Path) -> list[list[str]]:
    try:
        merged = _has_merged(path)
        book = load_workbook(path, read_only=not merged, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise FormatError("不是有效的 xlsx 文件", where=str(path)) from error
    try:
        sheet = book.worksheets[0]
        if merged:
            _fill_merged(sheet)
        rows: list[list[str]] = []
        for row in sheet.iter_rows(values_only=True):
            rows.append([cell_text(value) for value in row])
            if len(rows) > MAX_ROWS:
                raise FormatError(f"超过 {MAX_ROWS} 行", where=str(path))
        return rows
    finally:
        book.close()


def _has_merged(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("xl/worksheets/sheet"))
        return any(b"<mergeCell " in archive.read(name) for name in names)


def _fill_merged(sheet: Any) -> None:
    """A cell merged over several rows of one column (a unit over its people) counts for each of them."""
    for area in list(sheet.merged_cells.ranges):
        if area.min_col != area.max_col or area.min_row == area.max_row:
            continue
        value = sheet.cell(area.min_row, area.min_col).value
        sheet.unmerge_cells(area.coord)
        for row in range(area.min_row + 1, area.max_row + 1):
            sheet.cell(row, area.min_col).value = value


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a decimal point, blanks empty."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text[1:] if len(text) > 2 and text[0] == "'" and text[1] in "=+-@" else text


def write_sheet(path: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """One sheet with a bold header, frozen and filtered, columns as wide as their contents."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise FormatError("无法建立工作表")
    fill_sheet(cast(Any, sheet), title, header, rows)
    save_book(book, path)


def save_book(book: Workbook, path: Path) -> None:
    """Save a workbook; FormatError when the place cannot be written."""
    try:
        book.save(path)
    except OSError as error:
        raise FormatError(f"无法写入：{error.strerror or error}", where=str(path)) from error


def fill_sheet(sheet: Any, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a header and rows into a sheet."""
    sheet.title = title[:31]
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EEF9")
        cell.alignment = Alignment(horizontal="center")
    widths = [display_width(text) for text in header]
    for row in rows:
        sheet.append([safe(value) for value in row])
        for index, value in enumerate(row):
            if index < len(widths):
                widths[index] = max(widths[index], display_width(str(value)))
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = min(width + 3, 60)
    sheet.freeze_panes = "A2"


def safe(value: Any) -> Any:
    """Texts that a spreadsheet would take for a formula are kept as text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") and len(value) > 1:
        return "'" + value
    return value


def display_width(text: str) -> int:
    """Width in columns: a Chinese character counts two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
