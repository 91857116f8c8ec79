"""What reading a file gives: blocks in reading order, each with its place in the whole text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["title", "heading", "paragraph", "row"]
# GB/T 9704-2012 7.3.3: the four levels of an official document, each with its own numbering.
_LEVELS = (
    re.compile(r"[一二三四五六七八九十百]+、"),
    re.compile(r"[（(][一二三四五六七八九十百]+[）)]"),
    re.compile(r"\d{1,3}[.．](?!\d)"),
    re.compile(r"[（(]\d{1,3}[）)]"),
)
_LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading or table row; `offset` in characters of `Document.text`, `page` from 1 if known.

    `level` is 1 to 9 for headings, else 0; a row's cells are joined by tabs and `table` counts tables from 1.
    """

    kind: Kind
    text: str
    offset: int
    level: int = 0
    table: int = 0
    page: int | None = None


@dataclass(slots=True)
class Document:
    """A file as text: `text[block.offset:]` starts with `block.text`; `title` is empty where none was found."""

    title: str = ""
    blocks: list[Block] = field(default_factory=list[Block])
    _length: int = 0

    @property
    def text(self) -> str:
        """All blocks, one per line."""
        return "\n".join(block.text for block in self.blocks)

    def add(self, kind: Kind, text: str, *, level: int = 0, table: int = 0, page: int | None = None) -> None:
        """Append a block with blanks trimmed; an empty one is left out. The first title names the document."""
        text = text.strip(" \u3000\r\n") if kind == "row" else text.strip()
        if not text.strip():
            return
        if kind == "paragraph" and (found := level_of(text)):
            kind, level = "heading", found
        self.blocks.append(Block(kind, text, self._length, level, table, page))
        self._length += len(text) + 1
        if kind == "title" and not self.title:
            self.title = text


def level_of(text: str) -> int:
    """1 to 4 when a short line without a full stop starts with the numbering of that level, else 0."""
    if len(text) > _LONGEST_HEADING or text.endswith(("。", "；", ";", "：", ":", "！", "？")):
        return 0
    return next((level for level, sign in enumerate(_LEVELS, 1) if sign.match(text)), 0)
