"""The one door: a file of any known kind, told by its content, into a Document."""

from __future__ import annotations

from pathlib import Path

from offline_ai.documents.docx import read_docx
from offline_ai.documents.model import Document
from offline_ai.documents.packages import Package
from offline_ai.documents.plain import read_markdown, read_text
from offline_ai.errors import DocumentTooLarge, EmptyDocument, UnknownFormat, UnreadableDocument

LARGEST = 50 * 1024 * 1024


def extract_file(path: Path, *, largest: int = LARGEST) -> Document:
    """Read a file; raises an UnreadableDocument with a Chinese reason."""
    try:
        if path.stat().st_size > largest:
            raise DocumentTooLarge(f"文件超过 {largest // 1024 // 1024} MB，没有读取。")
        data = path.read_bytes()
    except OSError as problem:
        raise UnreadableDocument("文件打不开。", hint="请确认文件还在，并且没有被别的程序占用。") from problem
    return extract(data, path.name, largest=largest)


def extract(data: bytes, name: str, *, largest: int = LARGEST) -> Document:
    """Read the bytes of a file; `name` only tells Markdown from plain text."""
    if len(data) > largest:
        raise DocumentTooLarge(f"文件超过 {largest // 1024 // 1024} MB，没有读取。")
    document = _read(data, Path(name).suffix.lower())
    if not document.blocks:
        raise EmptyDocument("文件里没有文字。")
    return document


def _read(data: bytes, suffix: str) -> Document:
    if data.startswith(b"PK\x03\x04"):
        package = Package(data)
        if "word/document.xml" in package.names():
            return read_docx(package)
        raise UnknownFormat("还不能读取这种文件。", hint="请换成 docx、txt、md 中的一种再试。")
    if data.startswith((b"%PDF", b"\xd0\xcf\x11\xe0")) or suffix not in (".txt", ".md", ".markdown", ""):
        raise UnknownFormat("本机没有读取这种文件的组件。", hint="请换成 docx、txt、md 中的一种再试。")
    return read_text(data) if suffix in (".txt", "") else read_markdown(data)
