"""Plain text and Markdown files."""

from __future__ import annotations

import codecs
import re

from offline_ai.documents.model import Document
from offline_ai.errors import DamagedDocument

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_RULE_ROW = re.compile(r"\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?$")
_FENCE = re.compile(r"\s*(```|~~~)")
_NUL = "\0"


def decode(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GB 18030; raises DamagedDocument for what is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ("utf-16",)
    else:
        tries = ("utf-8-sig", "gb18030")
    for encoding in tries:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _NUL not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise DamagedDocument("这个文件不是文字文件，或者已经损坏。")


def read_text(data: bytes) -> Document:
    """One block per line that is not blank; numbered lines become headings."""
    document = Document()
    for line in decode(data).split("\n"):
        document.add("paragraph", line)
    return document


def read_markdown(data: bytes) -> Document:
    """`#` headings (the first of level 1 is the title), tables row by row, code kept as it is."""
    document = Document()
    table, in_table, in_code = 0, False, False
    for line in decode(data).split("\n"):
        if _FENCE.match(line):
            in_code = not in_code
            continue
        stripped = line.strip()
        is_row = not in_code and stripped.startswith("|") and stripped.count("|") > 1
        if is_row and not in_table:
            table += 1
        in_table = is_row
        if is_row:
            if not _RULE_ROW.match(stripped):
                cells = [cell.strip() for cell in stripped.strip("|").split("|")]
                document.add("row", "\t".join(cells), table=table)
        elif not in_code and (found := _HEADING.match(stripped)):
            level = len(found[1])
            first = level == 1 and not document.title
            document.add("title" if first else "heading", found[2], level=0 if first else level)
        else:
            document.add("paragraph", line)
    return document
