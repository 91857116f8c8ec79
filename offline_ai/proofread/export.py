"""The proofread document as docx: with comments and highlights, or with the fixes put in.

A docx keeps everything it has: only the runs at the findings are cut apart. Other formats become a plain docx.
"""

from __future__ import annotations

import copy
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from offline_ai.documents.docx import table_rows, walk
from offline_ai.documents.model import Block, Document
from offline_ai.optional import need
from offline_ai.proofread.model import VERSION, Finding

AUTHOR = "智能核稿"
_LARGEST_TABLE = 2_000
"""Cells; what is larger becomes lines of text."""
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
    first = next((one.paragraph for one in places), None)
    for finding in sorted(findings, key=lambda one: -one.start):
        runs = _runs_at(places, finding)
        is_placed = bool(runs)
        if runs:
            for run in runs:
                _highlight(run)
        elif first is not None:
            runs = _all_runs(first)[:1]
        if runs:
            text = comment_text(finding)
            if finding.found and not is_placed:
                text = f"“{finding.found[:20]}”：{text}"
            # A comment over several cells hangs at the first.
            last = [run for run in runs if _paragraph_of(run) is _paragraph_of(runs[0])][-1]
            wrapped = [_wrapped(book, run) for run in (runs[0], last)]
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
        # Nothing is moved from one paragraph or cell into another.
        runs = _runs_at(
            [one for one in places if one.start <= finding.start and finding.end <= one.end], finding
        )
        if runs:
            _write(runs[0], finding.fix or "")
            for run in runs[1:]:
                run.getparent().remove(run)
    return _saved(book)


@dataclass(frozen=True, slots=True)
class _Place:
    """`document.text[start:end]` is in this paragraph element, behind `lead` characters of blank."""

    start: int
    end: int
    paragraph: Any
    lead: int = 0


def _open(document: Document, original: bytes | None) -> tuple[Any, list[_Place]]:
    """The library's document, and where in it each stretch of the text is."""
    library = need("docx")
    if original is None:
        book = library.Document()
        return book, list(_set_anew(book, document))
    book = library.Document(io.BytesIO(original))
    return book, list(_found_again(book.element.body, document.blocks))


def _set_anew(book: Any, document: Document) -> Iterator[_Place]:
    """A plain docx of the text, tables as tables."""
    for number, group in itertools.groupby(
        document.blocks, lambda block: block.table if block.kind == "row" else 0
    ):
        if not number:
            for block in group:
                paragraph = book.add_paragraph(block.text)
                if block.kind == "title":
                    paragraph.alignment = 1
                yield _Place(block.offset, block.end, paragraph._p)
            continue
        rows = list(group)
        columns = max(block.text.count("\t") + 1 for block in rows)
        if len(rows) * columns > _LARGEST_TABLE:
            for block in rows:
                yield _Place(block.offset, block.end, book.add_paragraph(block.text)._p)
            continue
        table = book.add_table(len(rows), columns)
        table.style = "Table Grid"
        for block, row in zip(rows, table.rows, strict=True):
            at = block.offset
            for text, cell in zip(block.text.split("\t"), row.cells, strict=False):
                cell.paragraphs[0].add_run(text)
                yield _Place(at, at + len(text), cell.paragraphs[0]._p)
                at += len(text) + 1


def _found_again(body: Any, blocks: Sequence[Block]) -> Iterator[_Place]:
    """The blocks of a docx in its own elements, in the order in which they were read."""
    at = 0
    for item in walk(body):
        rows = table_rows(item) if item.tag == f"{_W}tbl" else [[[item]]]
        for cells in rows:
            texts = [[_text(paragraph) for paragraph in cell] for cell in cells]
            whole = "\t".join(" ".join(text.strip() for text in cell) for cell in texts)
            kept = whole.strip(" \u3000\r\n") if item.tag == f"{_W}tbl" else whole.strip()
            if not kept.strip() or at >= len(blocks) or blocks[at].text != kept:
                continue
            block = blocks[at]
            at += 1
            place = block.offset - (len(whole) - len(whole.lstrip(" \u3000\r\n")))
            for cell, words in zip(cells, texts, strict=True):
                for paragraph, text in zip(cell, words, strict=True):
                    bare = text.strip()
                    yield _Place(place, place + len(bare), paragraph, len(text) - len(text.lstrip()))
                    place += len(bare) + 1


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


def _runs_at(places: Sequence[_Place], finding: Finding) -> list[Any]:
    """The runs that are exactly the finding's words, cut apart where needed; none for layout."""
    found: list[Any] = []
    if finding.end <= finding.start:
        return found
    for one in places:
        if one.start >= finding.end or one.end <= finding.start:
            continue
        start = one.lead + max(finding.start, one.start) - one.start
        end = one.lead + min(finding.end, one.end) - one.start
        _cut(one.paragraph, start)
        _cut(one.paragraph, end)
        at = 0
        for run in _all_runs(one.paragraph):
            long = len(_text(run))
            if long and start <= at and at + long <= end:
                found.append(run)
            at += long
    return found


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


def _paragraph_of(run: Any) -> Any:
    return next(run.iterancestors(f"{_W}p"))


def _wrapped(book: Any, run: Any) -> Any:
    return need("docx.text.run").Run(run, book._body)


def _saved(book: Any) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()
