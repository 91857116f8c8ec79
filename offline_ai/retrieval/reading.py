"""A file's words for an index: the text without blank lines, cut into passages."""

from __future__ import annotations

from dataclasses import dataclass

from offline_ai.documents.extract import extract
from offline_ai.documents.model import Document
from offline_ai.retrieval.passages import Passage, passages

ENDINGS = (
    ".docx",
    ".xlsx",
    ".xls",
    ".pptx",
    ".pdf",
    ".txt",
    ".md",
    ".html",
    ".htm",
)
"""Files whose words are worth reading unasked; pictures are recognised only when somebody asks. Old formats are left out:
LibreOffice, which converts them, would put the opened words into a temporary file."""


@dataclass(frozen=True, slots=True)
class Words:
    """`passages` lie in `text`; `cut` tells that the file holds more than was asked for."""

    text: str
    passages: tuple[Passage, ...]
    cut: bool = False


def read_words(data: bytes, name: str, most: int) -> Words:
    """At most `most` characters of a file; raises an UnreadableDocument."""
    document = extract(data, name, in_memory=True)
    made, length, cut = Document(), 0, False
    for block in document.blocks:
        # Exactly what a text field and the index see: no tabs at the ends of a row, no zero bytes.
        text = block.text.replace("\0", "").strip()
        if length + len(text) > most:
            text, cut = text[: most - length], True
        made.add(
            block.kind if block.kind in ("title", "heading") else "paragraph",
            text,
            level=block.level,
            page=block.page,
        )
        length += len(text) + 1
        if cut or length >= most:
            cut = cut or block is not document.blocks[-1]
            break
    return Words(made.text, tuple(passages(made)), cut)
