"""Spreadsheets (xlsx, xls): each sheet a heading with its rows below."""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import Any

from offline_ai.documents.model import Document
from offline_ai.errors import DamagedDocument, EncryptedDocument
from offline_ai.optional import need

MOST_ROWS = 50_000
"""Rows read of one sheet: more is no text that somebody reads."""


def read_xlsx(data: bytes) -> Document:
    """Values as they are shown, formulas by their last result; hidden sheets are left out."""
    openpyxl = need("openpyxl")
    try:
        book: Any = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as problem:
        raise DamagedDocument("表格文件已经损坏，打不开。") from problem
    document = Document(format="xlsx")
    try:
        for number, sheet in enumerate(book.worksheets, 1):
            if getattr(sheet, "sheet_state", "visible") != "visible":
                continue
            rows = (
                [_text(value) for value in row]
                for row in sheet.iter_rows(max_row=MOST_ROWS, values_only=True)
            )
            _sheet(document, number, sheet.title, rows)
    except (KeyError, ValueError, TypeError) as problem:
        raise DamagedDocument("表格文件已经损坏，内容读不出来。") from problem
    finally:
        book.close()
    return document


def read_xls(data: bytes) -> Document:
    """The old binary format."""
    xlrd = need("xlrd")
    try:
        book: Any = xlrd.open_workbook(file_contents=data, on_demand=True, logfile=io.StringIO())
    except xlrd.XLRDError as problem:
        if "encrypt" in str(problem).lower():
            raise EncryptedDocument("表格设有密码，打不开。") from problem
        raise DamagedDocument("表格文件已经损坏，打不开。") from problem
    except Exception as problem:
        raise DamagedDocument("表格文件已经损坏，打不开。") from problem
    document = Document(format="xls")
    for number in range(book.nsheets):
        sheet: Any = book.sheet_by_index(number)
        if sheet.visibility:
            continue
        rows = (
            [_xls_text(cell, book, xlrd) for cell in sheet.row(at)]
            for at in range(min(sheet.nrows, MOST_ROWS))
        )
        _sheet(document, number + 1, sheet.name, rows)
    return document


def _sheet(document: Document, number: int, name: str, rows: Any) -> None:
    begun = False
    for cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if not begun:
            document.add("heading", name, level=1, page=number)
            begun = True
        document.add("row", "\t".join(cells), table=number, page=number)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time.min else "%Y-%m-%d %H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _xls_text(cell: Any, book: Any, xlrd: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return _text(datetime(*xlrd.xldate_as_tuple(cell.value, book.datemode)))
        except (ValueError, xlrd.XLDateError):
            return _text(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return ""
    return _text(cell.value)
