"""PDF files: characters with their places, joined to lines and paragraphs. pdfium serves one thread at a time."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
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
            fresh = _lines(page, number)
            lines.extend(fresh[1:] if _drawn_twice(lines, fresh) else fresh)
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


def _drawn_twice(before: list[Line], fresh: list[Line]) -> bool:
    """A line across the edge of two pages is drawn on both by some programs, and cut off by the edge on each."""
    last = next((line for line in reversed(before) if not is_page_number(line)), None)
    if last is None or not fresh:
        return False
    same = last.text == fresh[0].text and abs(last.box.left - fresh[0].box.left) < 0.01
    return same and len(last.text) > 8


def _layout(lines: list[Line], sizes: list[tuple[float, float]]) -> Layout:
    width, height = sizes[0]
    numbers = [line for line in lines if is_page_number(line)]
    body = [line for line in lines if not is_page_number(line)]
    top, left = _top(body), _left(body)
    return Layout(
        width * _MM,
        height * _MM,
        None if top is None else top * height * _MM,
        None if left is None else left * width * _MM,
        tuple(line.text.strip() for line in numbers),
        any(line.box.page == 1 for line in numbers),
        tuple((wide * _MM, high * _MM) for wide, high in sizes),
    )


def _top(body: list[Line]) -> float | None:
    """Head of the type area as a part of the page. On the first page stands the letterhead, so later pages tell it; what
    stands at the same height on several pages with the same words is a running head."""
    places = Counter((line.text, round(line.box.top, 2)) for line in body)
    tops = [
        line.box.top for line in body if line.box.page > 1 and places[line.text, round(line.box.top, 2)] == 1
    ]
    return min(tops) if tops else None


def _left(body: list[Line]) -> float | None:
    """Left edge of the type area: where the lines begin that are not indented. Even pages have the binding at the right."""
    lefts = sorted(line.box.left for line in body if line.box.page % 2)
    for left in lefts:
        alike = [one for one in lefts if 0 <= one - left < 0.006]
        if len(alike) >= max(3, len(lefts) // 6):
            return median(alike)
    return None


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
    name = buffer.value
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        # Some Windows programs write the font's Chinese name in their own code.
        text = name.decode("gb18030", "replace")
    return text.partition("+")[2] or text


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
