"""Paragraphs and sentences of a Chinese text, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLOSERS = "”’」』）)】》〉\"'"
_END = re.compile(rf"(?:[。！？!?；;]|…+|\.{{3,}})[{_CLOSERS}]*|\n+")
_LATIN_END = re.compile(r"[A-Za-z]\.(?=\s+[A-Z])")
_OPEN, _CLOSE = "“‘「『《（(【", "”’」』》）)】"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text: `text == whole[start:end]`, offsets in characters."""

    text: str
    start: int
    end: int


def _trimmed(text: str, start: int, end: int) -> Stretch | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return Stretch(piece, start, start + len(piece)) if piece else None


def paragraphs(text: str) -> list[Stretch]:
    """Paragraphs, one per line; blank lines are left out and surrounding blanks trimmed."""
    found: list[Stretch] = []
    at = 0
    for line in text.split("\n"):
        piece = _trimmed(text, at, at + len(line))
        if piece:
            found.append(piece)
        at += len(line) + 1
    return found


def sentences(text: str, *, at_semicolons: bool = False) -> list[Stretch]:
    """Sentences; a full stop inside quotation marks or brackets that stay open does not end one.

    An opened pair that never closes within its paragraph is not honoured, so that a slip of the pen does not glue a
    page together.
    """
    found: list[Stretch] = []
    for paragraph in paragraphs(text):
        start = paragraph.start
        for end in _ends(paragraph.text, at_semicolons):
            piece = _trimmed(text, start, paragraph.start + end)
            if piece:
                found.append(piece)
            start = paragraph.start + end
        piece = _trimmed(text, start, paragraph.end)
        if piece:
            found.append(piece)
    return found


def _ends(text: str, at_semicolons: bool) -> list[int]:
    closing = _closing_places(text)
    ends: list[int] = []
    for match in _END.finditer(text):
        if text[match.start()] in "；;" and not at_semicolons:
            continue
        if any(opened < match.start() and match.end() <= closed for opened, closed in closing):
            continue
        ends.append(match.end())
    ends.extend(match.end() for match in _LATIN_END.finditer(text))
    return sorted(set(ends))


def _closing_places(text: str) -> list[tuple[int, int]]:
    """(open, close) of every pair that does close; nested pairs are inside their parents."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for at, char in enumerate(text):
        if char in _OPEN:
            stack.append((_CLOSE[_OPEN.index(char)], at))
        elif stack and char == stack[-1][0]:
            pairs.append((stack.pop()[1], at))
    return pairs
