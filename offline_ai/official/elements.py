"""Key elements of an official document (3.2.5.2.5), each with its place and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from offline_ai.documents.model import Box, Document
from offline_ai.models.origin import Origin
from offline_ai.official.parts import Official, Part, take_apart
from offline_ai.text.dates import find_dates
from offline_ai.text.keywords import keywords
from offline_ai.text.words import Words

NAMES = (
    "来文单位",
    "文号",
    "标题",
    "密级",
    "紧急程度",
    "成文日期",
    "主送",
    "附件",
    "签发人",
    "抄送",
    "联系人",
    "文种",
    "主题词",
)
"""In the order in which they are shown."""
SURE = 0.8
"""From here on a value is taken over without a mark; below it the clerk is asked to look."""


@dataclass(frozen=True, slots=True)
class Element:
    """`value` stands at `document.text[start:end]` (0, 0 where it was put together), on the page at `box`.

    `confidence` from 0 to 1: of the recognition, and of the way it was found.
    """

    name: str
    value: str
    start: int = 0
    end: int = 0
    confidence: float = 1.0
    box: Box | None = None
    origin: Origin = Origin.RULES

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


def elements(document: Document, words: Words | None = None) -> list[Element]:
    """What was found, in the order of NAMES; an element that is not there is left out."""
    parts = take_apart(document)
    found = {element.name: element for element in _found(document, parts)}
    if words is not None:
        topics = [keyword.word for keyword in keywords(document, words, 5)]
        if topics:
            found["主题词"] = Element("主题词", "　".join(topics), confidence=0.85)
    return [found[name] for name in NAMES if name in found]


def _found(document: Document, parts: Official) -> Iterator[Element]:
    def at(name: str, part: Part, value: str | None = None, sure: float = 1.0) -> Element:
        block = document.block_at(part.start)
        box = block.box if block is not None else None
        return Element(
            name, value or part.text, part.start, part.end, round(sure * document.confidence, 2), box
        )

    yield from _sender(parts, at)
    if parts.numbers:
        number = parts.numbers[0]
        value = re.sub(r"\s+", "", number.text)
        right = re.fullmatch(r"[一-龥]{1,12}〔(?:19|20)\d{2}〕[1-9]\d*号", value)
        yield at("文号", number, value, 0.98 if right else 0.6)
    if parts.title is not None:
        yield at("标题", parts.title, re.sub(r"\s+", "", parts.title.text), 0.97 if parts.kind else 0.7)
    if parts.secrecy is not None:
        yield at("密级", parts.secrecy)
    if parts.urgency is not None:
        yield at("紧急程度", parts.urgency, None, 1.0 if parts.urgency.text in ("特急", "加急") else 0.6)
    if parts.date is not None:
        days = find_dates(parts.date.text.replace(" ", ""), date(2000, 1, 1))
        yield at("成文日期", parts.date, days[0].day.isoformat() if days else None, 0.98 if days else 0.5)
    if parts.recipients is not None:
        yield at("主送", parts.recipients, parts.recipients.text.rstrip("：:。； "), 0.95)
    if parts.attachments:
        names = "；".join(one.name.rstrip("；;。") for one in parts.attachments)
        yield at("附件", parts.attachments[0].part, names, 0.95)
    if parts.signer is not None:
        yield at("签发人", parts.signer, re.sub(r"签发人\s*[：:]\s*", "", parts.signer.text), 0.95)
    if parts.cc is not None:
        yield at("抄送", parts.cc, re.sub(r"^抄\s*送\s*[：:]?", "", parts.cc.text).rstrip("。"), 0.95)
    for block in document.blocks:
        contact = re.search(
            r"联系人\s*[：:]\s*([一-龥]{2,4})(?:[^0-9（(]{0,12}?(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,8}))?",
            block.text,
        )
        if contact:
            value = contact[1].removesuffix("电话") + (f"　{contact[2]}" if contact[2] else "")
            part = Part(contact[0], block.offset + contact.start(), block.offset + contact.end())
            yield at("联系人", part, value, 0.9)
            break
    if parts.kind and parts.title is not None:
        yield at("文种", parts.title, parts.kind, 0.98)


def _sender(parts: Official, at: object) -> Iterator[Element]:
    place = at  # a function of the caller; typed loosely to keep it local
    if not callable(place):
        return
    if parts.signatures:
        names = "、".join(one.text for one in parts.signatures)
        sure = 0.97 if not parts.mark or parts.signatures[0].text in parts.mark.text else 0.9
        made = place("来文单位", parts.signatures[0], names, sure)
    elif parts.mark is not None:
        made = place("来文单位", parts.mark, re.sub(r"\s*文件$", "", parts.mark.text), 0.9)
    elif parts.title is not None and parts.issuer:
        made = place("来文单位", parts.title, parts.issuer, 0.75)
    else:
        return
    if isinstance(made, Element):
        yield made
