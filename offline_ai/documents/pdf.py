"""PDF files: characters with their places, joined to lines and paragraphs. pdfium serves one thread at a time."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from offline_ai.documents.lines import Line, fill, is_page_number
from offline_ai.documents.model import Box, Document, Layout, Style
from offline_ai.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from offline_ai.optional import need
from offline_ai.text.radicals import without_radicals

MOST_PAGES = 2_000
_MM = 25.4 / 72


@dataclass(slots=True)
class _Char:
    text: str
    left: float
    bottom: float
    right: float
    top: float
    index: int


def open_pdf(data: bytes) -> Any:
    """The library's document; raises EncryptedDocument or DamagedDocument."""
    pdfium = need("pypdfium2")
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        if "password" in str(problem).lower() or "security" in str(problem).lower():
            raise EncryptedDocument("PDF 设有密码，打不开。") from problem
        raise DamagedDocument("PDF 文件已经损坏，打不开。") from problem


def read_pdf(data: bytes, tell: Callable[[float], None] | None = None) -> Document:
    """Raises EmptyDocument for a scan without text; `tell` hears the progress from 0 to 1."""
    book = open_pdf(data)
    try:
        if len(book) > MOST_PAGES:
            raise DocumentTooLarge(f"PDF 超过 {MOST_PAGES} 页，没有读取。")
        lines: list[Line] = []
        sizes: list[tuple[float, float]] = []
        for number in range(1, len(book) + 1):
            page = book[number - 1]
            sizes.append((page.get_width(), page.get_height()))
            lines.extend(_lines(page, number))
            page.close()
            if tell is not None:
                tell(number / len(book))
    finally:
        book.close()
    if not lines:
        raise EmptyDocument("PDF 里没有文字，可能是扫描件。")
    document = Document(format="pdf", layout=_layout(lines, sizes))
    fill(document, lines)
    return document


def _layout(lines: list[Line], sizes: list[tuple[float, float]]) -> Layout:
    width, height = sizes[0]
    numbers = [line for line in lines if is_page_number(line)]
    body = [line for line in lines if not is_page_number(line)]
    # The head of the type area is seen best on the second page: on the first stands the letterhead.
    page = 2 if any(line.box.page == 2 for line in body) else 1
    tops = [line.box.top for line in body if line.box.page == page]
    lefts = [line.box.left for line in body]
    return Layout(
        width * _MM,
        height * _MM,
        min(tops) * height * _MM if tops else None,
        min(lefts) * width * _MM if lefts else None,
        tuple(line.text.strip() for line in numbers),
        any(line.box.page == 1 for line in numbers),
    )


def _chars(page: Any, textpage: Any) -> list[_Char]:
    raw: Any = need("pypdfium2").raw
    handle = textpage.raw
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    found: list[_Char] = []
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(handle, index)
        if code in (0, 0xFFFE, 0xFEFF):
            continue
        raw.FPDFText_GetCharBox(handle, index, left, right, bottom, top)
        found.append(
            _Char(without_radicals(chr(code)), left.value, bottom.value, right.value, top.value, index)
        )
    return found


def _lines(page: Any, number: int) -> list[Line]:
    textpage = page.get_textpage()
    try:
        rows: list[list[_Char]] = []
        row: list[_Char] = []
        for char in _chars(page, textpage):
            if char.text in "\r\n":
                if row:
                    rows.append(row)
                row = []
            elif char.text.isspace() or char.right <= char.left:
                continue
            else:
                if row and not _same_row(row[-1], char):
                    rows.append(row)
                    row = []
                row.append(char)
        if row:
            rows.append(row)
        made = [_line(page, textpage, row, number) for row in _merged(rows)]
        return sorted(made, key=lambda line: (round(line.box.top, 3), line.box.left))
    finally:
        textpage.close()


def _same_row(one: _Char, other: _Char) -> bool:
    # Punctuation is low and small: heights overlap, or the one lies within the other.
    overlap = min(one.top, other.top) - max(one.bottom, other.bottom)
    low = min(one.top - one.bottom, other.top - other.bottom)
    middle = abs((one.top + one.bottom) / 2 - (other.top + other.bottom) / 2)
    high = max(one.top - one.bottom, other.top - other.bottom)
    return overlap > 0.3 * low or middle < 0.6 * high


def _merged(rows: list[list[_Char]]) -> list[list[_Char]]:
    """Runs that stand side by side on one baseline become one line."""
    rows.sort(key=lambda row: (-max(char.top for char in row), row[0].left))
    made: list[list[_Char]] = []
    for row in rows:
        for other in made[-3:]:
            top, bottom = max(c.top for c in other), min(c.bottom for c in other)
            own_top, own_bottom = max(c.top for c in row), min(c.bottom for c in row)
            overlap = min(top, own_top) - max(bottom, own_bottom)
            if overlap > 0.6 * min(top - bottom, own_top - own_bottom):
                other.extend(row)
                other.sort(key=lambda char: char.left)
                break
        else:
            made.append(list(row))
    return made


def _line(page: Any, textpage: Any, row: list[_Char], number: int) -> Line:
    wide, high = page.get_width(), page.get_height()
    raw: Any = need("pypdfium2").raw
    size = float(raw.FPDFText_GetFontSize(textpage.raw, row[0].index))
    pieces: list[str] = []
    last: _Char | None = None
    for char in row:
        if last is not None:
            gap = char.left - last.right
            if gap > 1.6 * max(size, 6.0):
                pieces.append("  ")
            elif last.text.isascii() and char.text.isascii() and gap > 0.2 * max(size, 6.0):
                pieces.append(" ")
        pieces.append(char.text)
        last = char
    top, bottom = max(char.top for char in row), min(char.bottom for char in row)
    box = Box(number, row[0].left / wide, 1 - top / high, max(c.right for c in row) / wide, 1 - bottom / high)
    return Line("".join(pieces), box, Style(_font(textpage, row), round(size, 1)))


def _font(textpage: Any, row: list[_Char]) -> str:
    raw: Any = need("pypdfium2").raw
    chosen = next((char for char in row if ord(char.text) > 0x2E7F), row[0])
    buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = raw.FPDFText_GetFontInfo(textpage.raw, chosen.index, buffer, 128, flags)
    if not 0 < length <= 128:
        return ""
    return buffer.value.decode("utf-8", "replace").partition("+")[2] or buffer.value.decode(
        "utf-8", "replace"
    )


def render(data: bytes, number: int, dpi: int = 200) -> Any:
    """One page (from 1) as an RGB array of height × width × 3."""
    book = open_pdf(data)
    try:
        page = book[number - 1]
        bitmap = page.render(scale=dpi / 72)
        image = bitmap.to_numpy()[:, :, :3].copy()
        page.close()
        return image[:, :, ::-1].copy()
    finally:
        book.close()


def page_count(data: bytes) -> int:
    """How many pages a PDF has."""
    book = open_pdf(data)
    try:
        return len(book)
    finally:
        book.close()
