"""Exports the lock's log for people: csv and xlsx with Chinese headings."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from lock.policy.model import TRIGGER_TEXT, UNLOCK_TEXT

from .chain import LockEntry

HEADINGS = ("时间", "事件", "结果", "触发方式", "解锁方式", "窗口", "用户 ID", "设备")
ACTION_TEXT = {"lock": "锁定", "unlock": "解锁", "attempt": "解锁尝试", "lease": "会议免锁"}
RESULT_TEXT = {
    "done": "成功",
    "failed": "失败",
    "cancelled": "已取消",
    "granted": "开始",
    "ended": "结束",
    "expired": "到期",
}
_TRIGGERS = {key.value: text for key, text in TRIGGER_TEXT.items()}
_METHODS = {key.value: text for key, text in UNLOCK_TEXT.items()}
BEIJING = timezone(timedelta(hours=8))


def row(entry: LockEntry) -> tuple[str, ...]:
    """Return the texts of one line; times are Beijing time."""
    at = datetime.fromtimestamp(entry.at_ms / 1000, UTC).astimezone(BEIJING)
    return (
        at.strftime("%Y-%m-%d %H:%M:%S"),
        ACTION_TEXT.get(entry.action, entry.action),
        RESULT_TEXT.get(entry.result, entry.result),
        _TRIGGERS.get(entry.trigger, entry.trigger),
        _METHODS.get(entry.method, entry.method),
        entry.window,
        entry.person_id,
        entry.device_id,
    )


def to_csv(entries: Iterable[LockEntry], file: Path) -> None:
    """Write csv that Excel and WPS open with the right letters (UTF-8 with a byte order mark)."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        writer.writerows([_defused(text) for text in row(entry)] for entry in entries)


def to_xlsx(entries: Iterable[LockEntry], file: Path) -> None:
    """Write a sheet with a frozen heading and widths that fit."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet("锁定日志")
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGH", (20, 10, 8, 16, 12, 14, 38, 38), strict=True):
        sheet.column_dimensions[letter].width = width
    heading: list[Cell] = []
    for text in HEADINGS:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    for entry in entries:
        sheet.append([_defused(text) for text in row(entry)])
    book.save(file)


def _defused(text: str) -> str:
    # A cell that begins like a formula would be computed by the spreadsheet that opens the export.
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
