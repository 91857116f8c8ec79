"""Intelligent receiving (智能收文, 3.2.5.2.7): a scan, photo or PDF into the fields of the registration form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from offline_ai.documents.extract import LARGEST, extract, is_picture
from offline_ai.documents.model import Document
from offline_ai.documents.pdf import page_count, read_pdf, render
from offline_ai.documents.pictures import Recogniser, decode_picture, read_pages
from offline_ai.errors import DocumentTooLarge, EmptyDocument, UnreadableDocument
from offline_ai.official.elements import Element, elements
from offline_ai.optional import need

FIELDS = (
    "收文日期",
    "来文单位",
    "文号",
    "标题",
    "密级",
    "紧急程度",
    "成文日期",
    "主送",
    "附件",
    "份数",
    "备注",
)
"""The registration form (收文登记签) from top to bottom."""
MOST_PAGES = 20
"""Pages that are recognised of a scan: the form needs the first and the last of the document itself."""
_SHOWN_DPI, _READ_DPI = 110, 200


@dataclass(frozen=True, slots=True)
class Registration:
    """`fields` in the order of FIELDS, empty ones with confidence 0; `pages` as PNG for the picture beside the form."""

    fields: tuple[Element, ...]
    pages: tuple[bytes, ...]
    document: Document
    recognised: bool

    def value(self, name: str) -> str:
        """What stands in a field."""
        return next((field.value for field in self.fields if field.name == name), "")


def receive(
    path: Path,
    *,
    today: date,
    recogniser: Recogniser | None = None,
    tell: Callable[[float], None] | None = None,
    right: int = 0,
) -> Registration:
    """Read the file and fill the form; `right`: quarter turns of a picture on top of those found. Raises an
    UnreadableDocument with a Chinese reason."""
    try:
        if path.stat().st_size > LARGEST:
            raise DocumentTooLarge(f"文件超过 {LARGEST // 1024 // 1024} MB，没有读取。")
        data = path.read_bytes()
    except OSError as problem:
        raise UnreadableDocument("文件打不开。", hint="请确认文件还在，并且没有被别的程序占用。") from problem
    document, pages, recognised = _read(data, path.name, recogniser or Recogniser(), tell, right)
    return Registration(tuple(_form(document, today)), tuple(pages), document, recognised)


def _read(
    data: bytes, name: str, recogniser: Recogniser, tell: Callable[[float], None] | None, right: int
) -> tuple[Document, list[bytes], bool]:
    if data.startswith(b"%PDF"):
        count = min(page_count(data), MOST_PAGES)
        try:
            document = read_pdf(data, tell)
        except EmptyDocument:
            images = [render(data, number, _READ_DPI) for number in range(1, count + 1)]
            document, made = read_pages(images, recogniser, tell, right=right)
            return document, [_png(_smaller(image)) for image in made], True
        return document, [_png(render(data, number, _SHOWN_DPI)) for number in range(1, count + 1)], False
    if is_picture(data):
        document, made = read_pages([decode_picture(data)], recogniser, tell, right=right)
        return document, [_png(_smaller(image)) for image in made], True
    return extract(data, name, tell=tell), [], False


def _smaller(image: Any) -> Any:
    cv2 = need("cv2")
    scale = 1300 / max(image.shape[:2])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image


def _png(image: Any) -> bytes:
    cv2 = need("cv2")
    return bytes(cv2.imencode(".png", image[:, :, ::-1])[1].tobytes())


def _form(document: Document, today: date) -> list[Element]:
    found = {element.name: element for element in elements(document)}
    found["收文日期"] = Element("收文日期", today.isoformat())
    found["份数"] = Element("份数", "1", confidence=0.5)
    contact = found.get("联系人")
    if contact is not None:
        found["备注"] = Element(
            "备注", f"联系人：{contact.value}", contact.start, contact.end, contact.confidence, contact.box
        )
    return [found.get(name, Element(name, "", confidence=0.0)) for name in FIELDS]
