"""Reads a spreadsheet or CSV file of people into rows of text, each with its number as the spreadsheet shows it."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from server_stub.contract.errors import ApiError, ErrorCode

MOST_ROWS = 400_000
_MOST_UNPACKED = 1024**3
_HEADING_WITHIN = 10
_LONGEST_CELL = 500

FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "名字", "人员姓名"),
    "phone": ("手机号", "手机", "手机号码", "移动电话", "联系电话"),
    "login": ("账号", "帐号", "登录账号", "用户名"),
    "unit": ("单位", "单位路径", "部门", "所在单位", "组织"),
    "title": ("职务", "岗位", "职位"),
    "rank": ("职级", "级别"),
    "order": ("排序", "序号", "显示顺序"),
    "main": ("主职", "是否主职", "主岗"),
}
"""Field → headings that are understood; the first is the one of the template."""
REQUIRED = ("name", "unit")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the spreadsheet (from 1) and its texts by field."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows. `columns`: field → heading as it stands in the file."""

    columns: dict[str, str]
    rows: list[Row]


def read_sheet(filename: str, data: bytes) -> Sheet:
    """Return the people of an .xlsx or .csv file; raises ApiError with a sentence for the user."""
    kind = filename.rpartition(".")[2].lower()
    if data[:2] == b"PK":
        return _sheet(_xlsx(data))
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise _bad("这是旧版 .xls 或加密的文件，请在表格软件中另存为不加密的 .xlsx 后再导入。")
    if kind == "xlsx":
        raise _bad("文件已损坏或不是 .xlsx 表格，请重新导出后再导入。")
    return _sheet(_csv(data))


def _bad(message: str) -> ApiError:
    return ApiError(ErrorCode.BAD_REQUEST, "import", message=message)


def _xlsx(data: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_UNPACKED:
                raise _bad("表格展开后过大，请拆分后分批导入。")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except ApiError:
        raise
    except Exception:
        raise _bad("文件已损坏或不是 .xlsx 表格，请重新导出后再导入。") from None
    try:
        # The sheet of that name, else the first.
        names = book.sheetnames
        sheet: Any = book["人员"] if "人员" in names else book[names[0]]
        sheet.reset_dimensions()
        texts = _Texts()
        for values in sheet.iter_rows(values_only=True):
            yield [texts.of(value) for value in values]
    except ApiError:
        raise
    except Exception:
        raise _bad("表格内容无法读取，请在表格软件中打开并另存后再导入。") from None
    finally:
        book.close()


def _csv(data: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _bad("文件编码无法识别，请另存为 UTF-8 编码的 CSV 或 .xlsx 后再导入。")
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    try:
        texts = _Texts()
        for values in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [texts.of(value) for value in values]
    except csv.Error:
        raise _bad("CSV 内容无法读取，请改用 .xlsx 后再导入。") from None


class _Texts(dict[str, str]):
    """Cleaned texts by what the file holds: units and titles repeat, and each is cleaned and kept once."""

    def __missing__(self, value: str) -> str:
        text = self[value] = _clean(value)
        return text

    def of(self, value: Any) -> str:
        """Return the text of a cell."""
        return self[value] if type(value) is str else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        # Spreadsheets keep phone numbers as numbers.
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _clean(str(value))


def _clean(value: str) -> str:
    text = re.sub(r"[\x00-\x1f\x7f\u200b\ufeff\ud800-\udfff]+", " ", value)
    return text.replace("\u3000", " ").strip()[:_LONGEST_CELL]


def _sheet(lines: Iterable[list[str]]) -> Sheet:
    fields: list[str] | None = None
    columns: dict[str, str] = {}
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if fields is None:
            fields, columns = _headings(line)
            if fields is None and number >= _HEADING_WITHIN:
                break
            continue
        cells = {field: text for field, text in zip(fields, line, strict=False) if field and text}
        if cells:
            rows.append(Row(number, cells))
        if len(rows) > MOST_ROWS:
            raise _bad(f"超过 {MOST_ROWS} 行，请拆分后分批导入。")
    if fields is None:
        raise _bad("没有找到表头：前十行中应有一行同时包含「姓名」和「单位」。可下载模板对照填写。")
    if not rows:
        raise _bad("表头之下没有任何人员，请填写后再导入。")
    return Sheet(columns, rows)


def _headings(line: list[str]) -> tuple[list[str] | None, dict[str, str]]:
    """Return the field of each column ("" for others), or None when this is no line of headings."""
    names = {name: field for field, known in FIELDS.items() for name in known}
    fields: list[str] = []
    columns: dict[str, str] = {}
    for text in line:
        field = names.get(re.sub(r"[\s*＊]|[（(].*[)）]", "", text), "")
        if field and field not in columns:
            columns[field] = text
            fields.append(field)
        else:
            fields.append("")
    if any(field not in columns for field in REQUIRED):
        return None, {}
    return fields, columns
