"""Slides (pptx): titles as headings, paragraphs, tables and notes, slide by slide."""

from __future__ import annotations

import io
from typing import Any

from offline_ai.documents.model import Document
from offline_ai.errors import DamagedDocument
from offline_ai.optional import need


def read_pptx(data: bytes) -> Document:
    """`page` is the slide's number; notes come last on their slide."""
    pptx = need("pptx")
    try:
        deck: Any = pptx.Presentation(io.BytesIO(data))
    except Exception as problem:
        raise DamagedDocument("演示文稿已经损坏，打不开。") from problem
    document = Document(format="pptx")
    tables = [0]
    for number, slide in enumerate(deck.slides, 1):
        title = slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            text = " ".join(title.text_frame.text.split())
            if number == 1 and not document.title:
                document.add("title", text, page=number)
            else:
                document.add("heading", text, level=1, page=number)
        for shape in slide.shapes:
            if title is None or shape.shape_id != title.shape_id:
                _shape(document, shape, number, tables)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            for line in slide.notes_slide.notes_text_frame.text.split("\n"):
                document.add("paragraph", line, page=number)
    return document


def _shape(document: Document, shape: Any, page: int, tables: list[int]) -> None:
    if getattr(shape, "shapes", None) is not None:
        for inner in shape.shapes:
            _shape(document, inner, page, tables)
    elif getattr(shape, "has_table", False) and shape.has_table:
        tables[0] += 1
        for row in shape.table.rows:
            cells = [" ".join(cell.text.split()) for cell in row.cells]
            document.add("row", "\t".join(cells), table=tables[0], page=page)
    elif shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            document.add("paragraph", "".join(run.text for run in paragraph.runs), page=page)
