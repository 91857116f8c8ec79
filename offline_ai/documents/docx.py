"""Word documents (docx): paragraphs with their outline levels, fonts and page settings, and tables row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from offline_ai.documents.model import Document, Layout, Style
from offline_ai.documents.packages import Package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
# What a reader does not see: deleted text stays in `delText` and is passed over, moved text in `moveFrom`.
_HIDDEN = {f"{_W}moveFrom", f"{_W}del", f"{_W}pPr", f"{_W}rPr"}
_TWIPS_MM = 25.4 / 1440


@dataclass(frozen=True, slots=True)
class _Named:
    """A paragraph style: its name, what it stands on, and the type it sets."""

    name: str = ""
    base: str = ""
    font: str = ""
    size: float = 0.0


def read_docx(package: Package) -> Document:
    """Tracked deletions are left out, insertions are read."""
    document = Document(format="docx")
    styles = _styles(package)
    body = package.xml("word/document.xml").find(f"{_W}body")
    if body is not None:
        for item in walk(body):
            if item.tag == f"{_W}p":
                _paragraph(item, document, styles)
            else:
                _table(item, document)
        document.layout = _layout(package, body)
    return document


def walk(parent: Element) -> Iterator[Element]:
    """Paragraphs and tables of a body in reading order, also those in content controls."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag not in _HIDDEN:
            yield from walk(child)


def _table(table: Element, document: Document) -> None:
    number = max((block.table for block in document.blocks), default=0) + 1
    for row in table_rows(table):
        cells = [" ".join(text_of(paragraph).strip() for paragraph in cell) for cell in row]
        document.add("row", "\t".join(cells), table=number)


def table_rows(table: Element) -> Iterator[list[list[Element]]]:
    """The paragraphs of each cell of each row, as the text of a row is made of them."""
    for row in table.iter(f"{_W}tr"):
        yield [list(cell.iter(f"{_W}p")) for cell in row.findall(f"{_W}tc")]


def _styles(package: Package) -> dict[str, _Named]:
    if "word/styles.xml" not in package.names():
        return {}
    found: dict[str, _Named] = {}
    root = package.xml("word/styles.xml")
    font, size = _type(root.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr"))
    found["\0defaults"] = _Named(font=font, size=size)
    for style in root.iter(f"{_W}style"):
        name, base = style.find(f"{_W}name"), style.find(f"{_W}basedOn")
        font, size = _type(style.find(f"{_W}rPr"))
        found[style.get(f"{_W}styleId", "")] = _Named(
            name.get(f"{_W}val", "") if name is not None else "",
            base.get(f"{_W}val", "") if base is not None else "",
            font,
            size,
        )
    return found


def _type(properties: Element | None) -> tuple[str, float]:
    if properties is None:
        return "", 0.0
    fonts, size = properties.find(f"{_W}rFonts"), properties.find(f"{_W}sz")
    font = fonts.get(f"{_W}eastAsia", "") if fonts is not None else ""
    value = size.get(f"{_W}val", "") if size is not None else ""
    return font, int(value) / 2 if value.isdigit() else 0.0


def _paragraph(paragraph: Element, document: Document, styles: dict[str, _Named]) -> None:
    text = text_of(paragraph)
    found = paragraph.find(f"{_W}pPr/{_W}pStyle")
    identity = found.get(f"{_W}val", "") if found is not None else ""
    named = styles.get(identity, _Named(identity))
    style = _style(paragraph, identity, styles)
    if named.name.lower() in ("title", "标题"):
        document.add("title", text, style=style)
    elif heading := _HEADING.match(named.name):
        document.add("heading", text, level=int(heading[1]), style=style)
    else:
        document.add("paragraph", text, style=style)


def _style(paragraph: Element, identity: str, styles: dict[str, _Named]) -> Style | None:
    """What most of the paragraph is set in: of its first run with text, else of its style and what that stands on."""
    font, size = "", 0.0
    for run in paragraph.iter(f"{_W}r"):
        if text_of(run).strip():
            font, size = _type(run.find(f"{_W}rPr"))
            break
    seen: set[str] = set()
    while identity and identity not in seen:
        seen.add(identity)
        named = styles.get(identity, _Named())
        font, size = font or named.font, size or named.size
        identity = named.base
    defaults = styles.get("\0defaults", _Named())
    font, size = font or defaults.font, size or defaults.size
    return Style(font, size) if font or size else None


def _layout(package: Package, body: Element) -> Layout | None:
    sections = list(body.iter(f"{_W}sectPr"))
    if not sections:
        return None
    size, margin = sections[0].find(f"{_W}pgSz"), sections[0].find(f"{_W}pgMar")
    if size is None:
        return None
    footers = tuple(
        filter(None, (_footer(package, name) for name in sorted(package.names()) if "word/footer" in name))
    )
    title_page = sections[0].find(f"{_W}titlePg") is not None
    return Layout(
        _mm(size.get(f"{_W}w")) or 0.0,
        _mm(size.get(f"{_W}h")) or 0.0,
        _mm(margin.get(f"{_W}top")) if margin is not None else None,
        _mm(margin.get(f"{_W}left")) if margin is not None else None,
        footers,
        None if not footers else not title_page,
        tuple(
            (_mm(one.get(f"{_W}w")) or 0.0, _mm(one.get(f"{_W}h")) or 0.0)
            for section in sections
            if (one := section.find(f"{_W}pgSz")) is not None
        ),
    )


def _footer(package: Package, name: str) -> str:
    """The footer's text with the page field written as 1."""
    if not name.endswith(".xml") or "/_rels/" in name:
        return ""
    pieces: list[str] = []
    in_field = False
    for element in package.xml(name).iter():
        if (element.tag == f"{_W}fldSimple" and "PAGE" in element.get(f"{_W}instr", "")) or (
            element.tag == f"{_W}instrText"
            and "PAGE" in (element.text or "")
            and "NUMPAGES" not in (element.text or "")
        ):
            pieces.append("1")
            in_field = True
        elif element.tag == f"{_W}fldChar" and element.get(f"{_W}fldCharType") == "end":
            in_field = False
        elif element.tag == f"{_W}t":
            # The last shown result of the field stands between its marks.
            if in_field and (element.text or "").strip().isdigit():
                in_field = False
                continue
            pieces.append(element.text or "")
    return "".join(pieces).strip()


def _mm(twips: str | None) -> float | None:
    if twips is None:
        return None
    try:
        return float(twips) * _TWIPS_MM
    except ValueError:
        return None


def text_of(element: Element) -> str:
    """The text of a paragraph or run as it is read, one blank for a tab or a line break."""
    pieces: list[str] = []
    for child in element:
        if child.tag == f"{_W}t":
            pieces.append(child.text or "")
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            pieces.append(" ")
        elif child.tag not in _HIDDEN:
            pieces.append(text_of(child))
    return "".join(pieces)
