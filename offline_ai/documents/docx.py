"""Word documents (docx): paragraphs with their outline levels, and tables row by row."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from offline_ai.documents.model import Document
from offline_ai.documents.packages import Package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
# What a reader does not see: deleted text stays in `delText` and is passed over, moved text in `moveFrom`.
_HIDDEN = {f"{_W}moveFrom", f"{_W}del", f"{_W}pPr", f"{_W}rPr"}


def read_docx(package: Package) -> Document:
    """Tracked deletions are left out, insertions are read."""
    document = Document()
    styles = _styles(package)
    body = package.xml("word/document.xml").find(f"{_W}body")
    if body is not None:
        _walk(body, document, styles, [0])
    return document


def _styles(package: Package) -> dict[str, str]:
    if "word/styles.xml" not in package.names():
        return {}
    found: dict[str, str] = {}
    for style in package.xml("word/styles.xml").iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        if name is not None:
            found[style.get(f"{_W}styleId", "")] = name.get(f"{_W}val", "")
    return found


def _walk(parent: Element, document: Document, styles: dict[str, str], tables: list[int]) -> None:
    for child in parent:
        if child.tag == f"{_W}p":
            _paragraph(child, document, styles)
        elif child.tag == f"{_W}tbl":
            tables[0] += 1
            number = tables[0]
            for row in child.iter(f"{_W}tr"):
                cells = [
                    " ".join(_text(paragraph).strip() for paragraph in cell.iter(f"{_W}p"))
                    for cell in row.findall(f"{_W}tc")
                ]
                document.add("row", "\t".join(cells), table=number)
        elif child.tag not in _HIDDEN:
            _walk(child, document, styles, tables)


def _paragraph(paragraph: Element, document: Document, styles: dict[str, str]) -> None:
    text = _text(paragraph)
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    identity = style.get(f"{_W}val", "") if style is not None else ""
    name = styles.get(identity, identity)
    if name.lower() in ("title", "标题"):
        document.add("title", text)
    elif found := _HEADING.match(name):
        document.add("heading", text, level=int(found[1]))
    else:
        document.add("paragraph", text)


def _text(element: Element) -> str:
    pieces: list[str] = []
    for child in element:
        if child.tag == f"{_W}t":
            pieces.append(child.text or "")
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            pieces.append(" ")
        elif child.tag not in _HIDDEN:
            pieces.append(_text(child))
    return "".join(pieces)
