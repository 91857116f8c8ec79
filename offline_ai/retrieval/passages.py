"""A document cut into passages that are long enough to understand and short enough to quote."""

from __future__ import annotations

from dataclasses import dataclass

from offline_ai.documents.model import Block, Document
from offline_ai.text.sentences import sentences

LONG = 420
"""Characters: about three quarters of a minute of reading."""


@dataclass(frozen=True, slots=True)
class Passage:
    """`document.text[start:end]`, on `page` (from 1, None unknown), below the heading `heading`."""

    start: int
    end: int
    text: str
    heading: str = ""
    page: int | None = None


def passages(document: Document, *, long: int = LONG) -> list[Passage]:
    """Neighbouring paragraphs of one chapter are joined up to `long` characters; long ones are cut at sentences."""
    made: list[Passage] = []
    text = document.text
    open_from, open_to, page, heading = -1, -1, None, ""

    def close() -> None:
        nonlocal open_from
        if open_from >= 0:
            made.append(Passage(open_from, open_to, text[open_from:open_to], heading, page))
        open_from = -1

    for block in document.blocks:
        if block.kind in ("heading", "title"):
            close()
            heading = block.text if block.kind == "heading" else ""
        if open_from >= 0 and (block.end - open_from > long or block.page != page):
            close()
        if len(block.text) > long:
            close()
            made.extend(_cut(block, heading, long))
            continue
        if open_from < 0:
            open_from, page = block.offset, block.page
        open_to = block.end
    close()
    return made


def _cut(block: Block, heading: str, long: int) -> list[Passage]:
    made: list[Passage] = []
    start = end = 0
    for piece in sentences(block.text, at_semicolons=True):
        if piece.end - start > long and end > start:
            made.append(_part(block, start, end, heading))
            start = piece.start
        end = piece.end
        while end - start > long:  # no full stop far and wide
            made.append(_part(block, start, start + long, heading))
            start += long
    if end > start:
        made.append(_part(block, start, end, heading))
    return made


def _part(block: Block, start: int, end: int, heading: str) -> Passage:
    return Passage(block.offset + start, block.offset + end, block.text[start:end], heading, block.page)
