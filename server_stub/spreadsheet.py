"""Tables of texts as files that Excel and WPS open: csv and xlsx."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHOWN = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n\r"}
_BEIJING = timezone(timedelta(hours=8))


def beijing(at_ms: int) -> str:
    """A time in Unix milliseconds as Beijing time."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def to_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark, as Excel and WPS want it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows(map(_harmless, rows))
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(
    title: str, headings: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
) -> bytes:
    """One sheet with a frozen heading; `widths` in characters."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    cells = []
    for text in headings:
        cell = WriteOnlyCell(sheet, text)
        cell.font = Font(bold=True)
        cells.append(cell)
    sheet.append(cells)
    for row in rows:
        sheet.append(_harmless(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(row: Sequence[str]) -> list[str]:
    """A cell that begins like a formula would be computed by the program that opens the table, and control characters
    are not allowed in one."""
    shown = [text.translate(_SHOWN) for text in row]
    return ["'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text for text in shown]
