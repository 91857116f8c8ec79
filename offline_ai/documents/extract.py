"""The one door: a file of any known kind, told by its content, into a Document."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from offline_ai.documents.docx import read_docx
from offline_ai.documents.legacy import OLE, convert, ole_kind
from offline_ai.documents.model import Document
from offline_ai.documents.packages import Package
from offline_ai.documents.plain import read_markdown, read_text
from offline_ai.errors import DocumentTooLarge, EmptyDocument, UnknownFormat, UnreadableDocument

LARGEST = 50 * 1024 * 1024
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
Tell = Callable[[float], None]


def extract_file(path: Path, *, largest: int = LARGEST, tell: Tell | None = None) -> Document:
    """Read a file; raises an UnreadableDocument with a Chinese reason. `tell` hears the progress from 0 to 1."""
    try:
        if path.stat().st_size > largest:
            raise DocumentTooLarge(f"文件超过 {largest // 1024 // 1024} MB，没有读取。")
        data = path.read_bytes()
    except OSError as problem:
        raise UnreadableDocument("文件打不开。", hint="请确认文件还在，并且没有被别的程序占用。") from problem
    return extract(data, path.name, largest=largest, tell=tell)


def extract(
    data: bytes,
    name: str,
    *,
    largest: int = LARGEST,
    tell: Tell | None = None,
    in_memory: bool = False,
) -> Document:
    """Read the bytes of a file; `name` only tells Markdown from plain text.

    `in_memory`: refuse the formats that another program must convert, because it reads and writes files.
    """
    if len(data) > largest:
        raise DocumentTooLarge(f"文件超过 {largest // 1024 // 1024} MB，没有读取。")
    if in_memory and _is_converted(data):
        raise UnknownFormat("这种文件只在打开时读取。")
    document = _read(data, Path(name).suffix.lower(), tell)
    if not document.blocks:
        raise EmptyDocument("文件里没有文字。")
    return document


def _is_converted(data: bytes) -> bool:
    return data.startswith(b"{\\rtf") or (data.startswith(OLE) and ole_kind(data) != "xls")


def is_picture(data: bytes) -> bool:
    """Whether it begins as PNG, JPEG, BMP, TIFF or WebP does."""
    return data.startswith(_PICTURES) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")


def _read(data: bytes, suffix: str, tell: Tell | None) -> Document:
    if data.startswith(b"PK\x03\x04"):
        return _read_package(data)
    if data.startswith(b"%PDF"):
        from offline_ai.documents.pdf import read_pdf

        return read_pdf(data, tell)
    if data.startswith(OLE):
        return _read_old(data)
    if data.startswith(b"{\\rtf"):
        return read_docx(Package(convert(data, "rtf", "docx")))
    if is_picture(data):
        from offline_ai.documents.pictures import read_picture

        return read_picture(data)
    if _HTML.match(data[:4096]) and suffix not in (".txt", ".md", ".markdown"):
        from offline_ai.documents.web import read_html

        return read_html(data)
    if suffix not in (".txt", ".md", ".markdown", ".html", ".htm", ""):
        raise UnknownFormat("还不能读取这种文件。")
    if suffix in (".html", ".htm"):
        from offline_ai.documents.web import read_html

        return read_html(data)
    return read_text(data) if suffix in (".txt", "") else read_markdown(data)


def _read_package(data: bytes) -> Document:
    package = Package(data)
    names = package.names()
    if "word/document.xml" in names:
        return read_docx(package)
    if "xl/workbook.xml" in names:
        from offline_ai.documents.sheets import read_xlsx

        return read_xlsx(data)
    if "ppt/presentation.xml" in names:
        from offline_ai.documents.slides import read_pptx

        return read_pptx(data)
    raise UnknownFormat("还不能读取这种文件。")


def _read_old(data: bytes) -> Document:
    kind = ole_kind(data)
    if kind == "xls":
        from offline_ai.documents.sheets import read_xls

        return read_xls(data)
    if kind == "ppt":
        from offline_ai.documents.slides import read_pptx

        return read_pptx(convert(data, "ppt", "pptx"))
    return read_docx(Package(convert(data, "doc", "docx")))
