"""Formatted text as plain characters with styled stretches: headings, emphasis, lists, code, links (3.1.2.2).

Safe by construction: nothing is fetched, there is no HTML, pictures become their words, and only web addresses are links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from widgets.chat.rows import Span, SpanKind, link_spans

MAX_NESTING = 4
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_RULE = re.compile(r"^\s{0,3}([-*_])(\s*\1){2,}\s*$")
_BULLET = re.compile(r"^(\s*)[-*+]\s+(.*)$")
_NUMBER = re.compile(r"^(\s*)(\d{1,9})[.)]\s+(.*)$")
_TASK = re.compile(r"^\[([ xX])\]\s+(.*)$")
_QUOTE = re.compile(r"^\s{0,3}>\s?(.*)$")
_TABLE_LINE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_INLINE = re.compile(
    r"(?P<esc>\\[\\`*_{}\[\]()#+\-.!>~|])"
    r"|(?P<code>`+)(?P<coded>.+?)(?P=code)"
    r"|!\[(?P<alt>[^\]\n]{0,300})\]\([^)\n]{0,2000}\)"
    r"|\[(?P<label>[^\]\n]{1,300})\]\((?P<target>[^)\s]{1,2000})(?:\s+\"[^\"\n]*\")?\)"
    r"|(?P<bold>\*\*|__)(?=\S)(?P<bolded>.+?)(?<=\S)(?P=bold)"
    r"|(?P<strike>~~)(?=\S)(?P<struck>.+?)(?<=\S)~~"
    r"|(?P<em>\*|(?<![A-Za-z0-9])_)(?=\S)(?P<emphasised>[^*_\n]+?)(?<=\S)(?P=em)(?![A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is shown: `spans` count characters of `text`."""

    text: str
    spans: tuple[Span, ...]


class _Page:
    def __init__(self) -> None:
        self.text = ""
        self.spans: list[Span] = []

    def line(self) -> None:
        if self.text and not self.text.endswith("\n"):
            self.text += "\n"

    def put(self, words: str, *kinds: SpanKind, target: str = "") -> None:
        start = len(self.text)
        self.text += words
        self.spans += [Span(start, len(words), kind, target) for kind in kinds if words]


def render(source: str) -> Rendered:
    """Turn formatted text into what is painted; anything not understood stays as it was written."""
    page = _Page()
    lines = source.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    place, gap = 0, False
    while place < len(lines):
        line = lines[place]
        place += 1
        if _FENCE.match(line):
            mark = line.strip()[:3]
            page.line()
            while place < len(lines) and not lines[place].strip().startswith(mark):
                page.line()
                page.put(lines[place] or " ", SpanKind.CODE)
                place += 1
            place += 1
            continue
        if not line.strip():
            gap = bool(page.text)
            continue
        page.line()
        if gap:
            page.text += "\n"
            gap = False
        _block(page, line, lines, place)
        if place < len(lines) and "|" in line and _TABLE_LINE.match(lines[place]):
            place += 1
    covered = {
        n
        for span in page.spans
        if span.kind in (SpanKind.LINK, SpanKind.CODE)
        for n in range(span.start, span.start + span.length)
    }
    page.spans += [span for span in link_spans(page.text) if span.start not in covered]
    return Rendered(
        page.text.rstrip("\n"), tuple(sorted(page.spans, key=lambda span: (span.start, span.length)))
    )


def _block(page: _Page, line: str, lines: list[str], after: int) -> None:
    if match := _HEADING.match(line):
        start = len(page.text)
        _inline(page, match[2])
        page.spans.append(Span(start, len(page.text) - start, SpanKind.HEADING))
    elif _RULE.match(line):
        page.put("─" * 16, SpanKind.PALE)
    elif match := _QUOTE.match(line):
        start = len(page.text)
        page.text += "▏ "
        _inline(page, match[1])
        page.spans.append(Span(start, len(page.text) - start, SpanKind.PALE))
    elif match := _BULLET.match(line):
        indent = "    " * min(MAX_NESTING, len(match[1].expandtabs(4)) // 2)
        task = _TASK.match(match[2])
        mark = ("■ " if task[1] in "xX" else "□ ") if task else "•  "
        page.text += indent + mark
        _inline(page, task[2] if task else match[2])
    elif match := _NUMBER.match(line):
        indent = "    " * min(MAX_NESTING, len(match[1].expandtabs(4)) // 2)
        page.text += f"{indent}{match[2]}.  "
        _inline(page, match[3])
    elif "|" in line and (after < len(lines) and _TABLE_LINE.match(lines[after])):
        start = len(page.text)
        _inline(page, _cells(line))
        page.spans.append(Span(start, len(page.text) - start, SpanKind.BOLD))
    elif line.strip().startswith("|"):
        _inline(page, _cells(line))
    else:
        _inline(page, line.strip())


def _cells(line: str) -> str:
    return "　".join(cell.strip() for cell in line.strip().strip("|").split("|"))


def _inline(page: _Page, text: str, *kinds: SpanKind, depth: int = 0) -> None:
    """Put a stretch; `kinds` hold for all of it."""
    at = 0
    for match in _INLINE.finditer(text) if depth < MAX_NESTING else ():
        page.put(text[at : match.start()], *kinds)
        at = match.end()
        if match["esc"]:
            page.put(match["esc"][1], *kinds)
        elif match["code"]:
            page.put(match["coded"].strip() or match["coded"], SpanKind.CODE)
        elif match["alt"] is not None:
            page.put(f"[图片] {match['alt']}".strip(), *kinds)
        elif match["label"]:
            target = match["target"]
            if target.lower().startswith(("http://", "https://")):
                page.put(match["label"], SpanKind.LINK, target=target)
            else:
                page.put(match["label"], *kinds)
        elif match["bold"]:
            _inline(page, match["bolded"], *kinds, SpanKind.BOLD, depth=depth + 1)
        elif match["strike"]:
            _inline(page, match["struck"], *kinds, SpanKind.STRIKE, depth=depth + 1)
        else:
            _inline(page, match["emphasised"], *kinds, SpanKind.ITALIC, depth=depth + 1)
    page.put(text[at:], *kinds)
