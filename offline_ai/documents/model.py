"""What reading a file gives: blocks in reading order, each with its place in the whole text and on the page."""

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
class Box:
    """A place on a page (numbered from 1): edges as parts of the page's width and height, 0 at the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float

    def around(self, other: Box) -> Box:
        """The smallest box that holds both; `other` on another page changes nothing."""
        if other.page != self.page:
            return self
        return Box(
            self.page,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Style:
    """How a block is set: name of the Chinese font and size in points; empty and 0 where the file does not say."""

    font: str = ""
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The page as it is set, in millimetres; margins are those of the text block, None where not known.

    `footers` are the texts at the foot of the pages; `first_numbered` whether the first page has a page number;
    `sizes` the widths and heights of all pages (PDF) or sections (docx), empty where only the first is known.
    """

    width: float
    height: float
    top: float | None = None
    left: float | None = None
    footers: tuple[str, ...] = ()
    first_numbered: bool | None = None
    sizes: tuple[tuple[float, float], ...] = ()


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
    box: Box | None = None
    style: Style | None = None

    @property
    def end(self) -> int:
        """Where the block ends in the whole text."""
        return self.offset + len(self.text)


@dataclass(slots=True)
class Document:
    """A file as text: `text[block.offset:]` starts with `block.text`; `title` is empty where none was found.

    `format` is the kind of file that was read (txt, docx, pdf, ocr …); `layout` what is known of its pages.
    `confidence` (0 to 1) is that of the recognition, 1 for everything that was not recognised from a picture.
    """

    title: str = ""
    blocks: list[Block] = field(default_factory=list[Block])
    format: str = "txt"
    layout: Layout | None = None
    confidence: float = 1.0
    _length: int = 0

    @property
    def text(self) -> str:
        """All blocks, one per line."""
        return "\n".join(block.text for block in self.blocks)

    def add(
        self,
        kind: Kind,
        text: str,
        *,
        level: int = 0,
        table: int = 0,
        page: int | None = None,
        box: Box | None = None,
        style: Style | None = None,
    ) -> None:
        """Append a block with blanks trimmed; an empty one is left out. The first title names the document."""
        text = text.strip(" \u3000\r\n") if kind == "row" else text.strip()
        if not text.strip():
            return
        if kind == "paragraph" and (found := level_of(text)):
            kind, level = "heading", found
        self.blocks.append(Block(kind, text, self._length, level, table, page, box, style))
        self._length += len(text) + 1
        if kind == "title" and not self.title:
            self.title = text

    def block_at(self, offset: int) -> Block | None:
        """The block that holds a place of the text, by bisection."""
        low, high = 0, len(self.blocks)
        while low < high:
            middle = (low + high) // 2
            if self.blocks[middle].offset <= offset:
                low = middle + 1
            else:
                high = middle
        return self.blocks[low - 1] if low else None


def level_of(text: str) -> int:
    """1 to 4 when a short line without a full stop starts with the numbering of that level, else 0."""
    if len(text) > _LONGEST_HEADING or text.endswith(("。", "；", ";", "：", ":", "！", "？")):
        return 0
    return next((level for level, sign in enumerate(_LEVELS, 1) if sign.match(text)), 0)
