"""Printed lines with their places, as PDF and recognition give them, joined to paragraphs and titles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from offline_ai.documents.model import Box, Document, Style, level_of

_PAGE_NUMBER = re.compile(
    r"(?:[—–\-－一]{0,2}\s*\d{1,4}\s*[—–\-－一]{0,2}|第\s*\d+\s*页.{0,10}|\d+\s*/\s*\d+)$"
)
_STARTS = re.compile(
    r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d{1,2}[.．、](?!\d)|第[一二三四五六七八九十百]+[条章节]"
    r"|附件[：:\d]|抄送|主送|签发人|联系人|（联系人|密级|[（(]此件)"
)
_TITLE_END = re.compile(
    r"(?:决议|决定|命令|令|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|函|纪要|方案|办法|规定|规划|计划|要点|总结|"
    r"讲话|细则|条例|预案|清单)(?:[（(].{1,12}[）)])?$"
)
_LETTERHEAD = re.compile(r".{2,40}(?:文件|〔\d{4}〕\d+号?)$|.{0,6}[〔\[(（]\d{2,4}[〕\])）]")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line. `height` is the height of its characters as a part of the page's height."""

    text: str
    box: Box
    style: Style | None = None
    confidence: float = 1.0

    @property
    def height(self) -> float:
        return self.box.bottom - self.box.top

    @property
    def middle(self) -> float:
        return (self.box.left + self.box.right) / 2


def is_page_number(line: Line) -> bool:
    """Whether a line at the foot of a page is its number."""
    return line.box.top > 0.86 and len(line.text) < 16 and bool(_PAGE_NUMBER.match(line.text.strip()))


def fill(document: Document, lines: Sequence[Line]) -> None:
    """Append the lines to a document as titles, headings and paragraphs."""
    body = [line for line in lines if not is_page_number(line)]
    if not body:
        return
    usual = median(line.height for line in body)
    left = sorted(line.box.left for line in body)[len(body) // 10]
    right = sorted(line.box.right for line in body)[min(len(body) - 1, len(body) * 9 // 10)]
    group: list[Line] = []
    for line in body:
        if group and not _continues(group, line, usual, left, right):
            _put(document, group, usual)
            group = []
        group.append(line)
    _put(document, group, usual)


def _letter(line: Line) -> float:
    """Width of one character, as a part of the page's width."""
    wide = sum(1.0 if ord(char) > 0x2E7F else 0.5 for char in line.text)
    return (line.box.right - line.box.left) / max(wide, 1.0)


def _centred(line: Line) -> bool:
    return abs(line.middle - 0.5) < 0.06 and line.box.left > 0.17


def _continues(group: list[Line], line: Line, usual: float, left: float, right: float) -> bool:
    last = group[-1]
    letter = _letter(last)
    if _is_title_line(last, usual) and _is_title_line(line, usual):
        alike = abs(last.height - line.height) < 0.25 * max(last.height, line.height)
        near = line.box.page == last.box.page and line.box.top - last.box.bottom < 2.2 * last.height
        letterhead = _LETTERHEAD.search(last.text) is not None
        return alike and near and not letterhead and not _TITLE_END.search(last.text)
    if last.text.endswith(("：", ":")) or _STARTS.match(line.text):
        return False
    same_page = line.box.page == last.box.page
    if same_page and line.box.top - last.box.bottom > 2.0 * max(usual, last.height):
        return False
    if abs(line.height - last.height) > 0.35 * max(line.height, last.height):
        return False
    if last.style is not None and line.style is not None:
        sizes = (last.style.size, line.style.size)
        if all(sizes) and max(sizes) > 1.2 * min(sizes):
            return False
    full = last.box.right > right - 2.2 * letter
    flush = line.box.left < left + 1.3 * letter
    return full and flush


def _is_title_line(line: Line, usual: float) -> bool:
    return _centred(line) and line.height > 1.18 * usual


def _put(document: Document, group: list[Line], usual: float) -> None:
    text = group[0].text
    for line in group[1:]:
        glue = " " if text[-1:].isascii() and line.text[:1].isascii() and text[-1:].isalnum() else ""
        text += glue + line.text
    box = group[0].box
    for line in group[1:]:
        box = box.around(line.box)
    style = group[0].style
    is_title = (
        not document.title
        and len(text) > 4
        and _TITLE_END.search(text) is not None
        and all(_centred(line) for line in group)
        and not _LETTERHEAD.search(text)
        and level_of(text) == 0
    )
    document.add("title" if is_title else "paragraph", text, page=box.page, box=box, style=style)
