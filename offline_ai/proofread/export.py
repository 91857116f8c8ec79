"""The proofread document as docx: with comments and highlights, or with the fixes put in.

A docx keeps everything it has: only the runs at the findings are cut apart. Other formats become a plain docx.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterable, Sequence
from typing import Any

from offline_ai.documents.model import Block, Document
from offline_ai.optional import need
from offline_ai.proofread.model import VERSION, Finding

AUTHOR = "智能核稿"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HIDDEN = {f"{_W}moveFrom", f"{_W}del", f"{_W}pPr", f"{_W}rPr"}
_ONE = {f"{_W}tab", f"{_W}br", f"{_W}cr"}


def comment_text(finding: Finding) -> str:
    """What stands in the margin."""
    todo = (
        f"建议改为“{finding.fix}”。"
        if finding.fix
        else ("建议删去。" if finding.fix == "" else finding.advice)
    )
    return f"【{finding.rule.id} {finding.rule.level.value}】{finding.why}{todo}（{finding.rule.source}；规则集 {VERSION}）"


def export_marked(document: Document, findings: Sequence[Finding], original: bytes | None = None) -> bytes:
    """A docx in which every finding is highlighted and has a comment; those without a place stand at the first line.

    `original`: the bytes of the docx that `document` was read from, None for other formats.
    """
    book, places = _open(document, original)
    first = next((paragraph for _, paragraph in places), None)
    for finding in sorted(findings, key=lambda one: -one.start):
        runs = _runs_at(document, places, finding)
        if runs:
            for run in runs:
                _highlight(run)
        elif first is not None:
            runs = _all_runs(first)[:1]
        if runs:
            text = comment_text(finding)
            if finding.found and not _runs_at(document, places, finding):
                text = f"“{finding.found[:20]}”：{text}"
            wrapped = [_wrapped(book, run) for run in (runs[0], runs[-1])]
            book.add_comment(wrapped, text=text, author=AUTHOR, initials="核")
    return _saved(book)


def export_corrected(document: Document, findings: Iterable[Finding], original: bytes | None = None) -> bytes:
    """A docx with the fixes of the given findings put in; of overlapping ones the first wins."""
    book, places = _open(document, original)
    chosen: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.start, one.end)):
        if finding.fix is not None and (not chosen or finding.start >= chosen[-1].end):
            chosen.append(finding)
    for finding in reversed(chosen):
        runs = _runs_at(document, places, finding)
        if runs:
            _write(runs[0], finding.fix or "")
            for run in runs[1:]:
                run.getparent().remove(run)
    return _saved(book)


def _open(document: Document, original: bytes | None) -> tuple[Any, list[tuple[Block, Any]]]:
    """The library's document, and which paragraph element each block is."""
    library = need("docx")
    if original is None:
        book = library.Document()
        places: list[tuple[Block, Any]] = []
        for block in document.blocks:
            paragraph = book.add_paragraph(block.text)
            if block.kind == "title":
                paragraph.alignment = 1
            places.append((block, paragraph._p))
        return book, places
    book = library.Document(io.BytesIO(original))
    places = []
    blocks = [block for block in document.blocks if block.kind != "row"]
    at = 0
    for paragraph in _paragraphs(book.element.body):
        text = _text(paragraph).strip()
        if text and at < len(blocks) and blocks[at].text == text:
            places.append((blocks[at], paragraph))
            at += 1
    return book, places


def _paragraphs(parent: Any) -> Iterable[Any]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield child
        elif child.tag != f"{_W}tbl" and child.tag not in _HIDDEN:
            yield from _paragraphs(child)


def _text(element: Any) -> str:
    pieces: list[str] = []
    for child in element:
        if child.tag == f"{_W}t":
            pieces.append(child.text or "")
        elif child.tag in _ONE:
            pieces.append(" ")
        elif child.tag not in _HIDDEN:
            pieces.append(_text(child))
    return "".join(pieces)


def _all_runs(element: Any) -> list[Any]:
    found: list[Any] = []
    for child in element:
        if child.tag == f"{_W}r":
            found.append(child)
        elif child.tag not in _HIDDEN:
            found.extend(_all_runs(child))
    return found


def _runs_at(document: Document, places: Sequence[tuple[Block, Any]], finding: Finding) -> list[Any]:
    """The runs that are exactly the finding's words, cut apart where needed; none for layout and for table cells."""
    if finding.end <= finding.start:
        return []
    for block, paragraph in places:
        if block.offset <= finding.start and finding.end <= block.end:
            whole = _text(paragraph)
            lead = len(whole) - len(whole.lstrip())
            start, end = (lead + place - block.offset for place in (finding.start, finding.end))
            _cut(paragraph, start)
            _cut(paragraph, end)
            found: list[Any] = []
            at = 0
            for run in _all_runs(paragraph):
                long = len(_text(run))
                if long and start <= at and at + long <= end:
                    found.append(run)
                at += long
            return found
    return []


def _cut(paragraph: Any, place: int) -> None:
    """Make a boundary of runs at a character of the paragraph."""
    at = 0
    for run in _all_runs(paragraph):
        long = len(_text(run))
        if at < place < at + long:
            _halve(run, place - at)
            return
        at += long


def _halve(run: Any, place: int) -> None:
    second = copy.deepcopy(run)
    run.addnext(second)
    for half, keep_first in ((run, True), (second, False)):
        at = 0
        for child in list(half):
            if child.tag == f"{_W}rPr":
                continue
            long = len(child.text or "") if child.tag == f"{_W}t" else int(child.tag in _ONE)
            if child.tag == f"{_W}t" and at < place < at + long:
                text = child.text or ""
                child.text = text[: place - at] if keep_first else text[place - at :]
                child.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            elif (at >= place) == keep_first and (long or not keep_first):
                half.remove(child)
            at += long


def _write(run: Any, text: str) -> None:
    first = True
    for child in list(run):
        if child.tag == f"{_W}t" and first:
            child.text, first = text, False
            child.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        elif child.tag != f"{_W}rPr":
            run.remove(child)


def _highlight(run: Any) -> None:
    oxml = need("docx.oxml")
    properties = run.find(f"{_W}rPr")
    if properties is None:
        properties = oxml.OxmlElement("w:rPr")
        run.insert(0, properties)
    if properties.find(f"{_W}highlight") is None:
        mark = oxml.OxmlElement("w:highlight")
        mark.set(f"{_W}val", "yellow")
        properties.append(mark)


def _wrapped(book: Any, run: Any) -> Any:
    return need("docx.text.run").Run(run, book._body)


def _saved(book: Any) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()
