"""What the organisation's model makes of documents and transcripts; each gives (result, note) or raises ModelFailed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from offline_ai.documents.model import Document
from offline_ai.documents.structure import Node
from offline_ai.minutes.digest import Minutes
from offline_ai.minutes.transcript import Transcript
from offline_ai.models import desk
from offline_ai.models import minutes as by_minutes
from offline_ai.models.interface import ModelFailed, Turn
from offline_ai.models.material import Numbered, numbered
from offline_ai.official.elements import Element
from offline_ai.retrieval.answer import Answer, answer_turns, read_answer
from offline_ai.retrieval.index import Source
from offline_ai.text.summary import Summary

from .writer import ModelWriter

_SECRET = re.compile(r"^\s*(绝密|机密|秘密)\s*(?:[★☆].*)?$", re.MULTILINE)


class Service(Protocol):
    """The document service as it is used here."""

    @property
    def writer(self) -> ModelWriter | None: ...

    @property
    def model(self) -> str: ...

    async def elements(self, document: Document) -> list[Element]: ...

    async def sources(self, question: str, documents: Mapping[str, Document]) -> list[Source]: ...


async def summary(service: Service, document: Document, variant: int) -> tuple[Summary, str]:
    """Lines with the paragraph that each is made of."""
    await _refuse_classified(service, document)
    material = numbered(document)
    text = await _write(service, desk.summary_turns(material, variant))
    return desk.read_summary(text, material, variant), _partly(material, document)


async def mind(service: Service, document: Document, variant: int) -> tuple[Node, str]:
    """A tree whose boxes know their places."""
    await _refuse_classified(service, document)
    material = numbered(document)
    text = await _write(service, desk.mind_turns(material, variant))
    return desk.read_mind(text, document, material), _partly(material, document)


async def answer(
    service: Service, question: str, documents: Mapping[str, Document], before: Sequence[Turn]
) -> tuple[Answer, str]:
    """An answer over the best passages, with the passages it names."""
    for document in documents.values():
        await _refuse_classified(service, document)
    sources = await service.sources(question, documents)
    if not sources:
        raise ModelFailed("文件里没有可以交给模型的文字。")
    text = await _write(service, answer_turns(question, sources, before))
    found = read_answer(text, sources, service.model)
    return found, "" if found.found else "模型没有注明出处，请对照原文核对。"


async def minutes(service: Service, transcript: Transcript, by_rules: Minutes) -> tuple[Minutes, str]:
    """Long meetings are told in stretches."""
    said = "\n".join([*transcript.heading, *(one.text for one in transcript.utterances[:3])])
    if found := _SECRET.search(said):
        raise _classified(found[1])
    made: list[Minutes] = []
    failed: ModelFailed | None = None
    stretches = by_minutes.parts(transcript)
    for first, after in stretches:
        text = await _write(service, by_minutes.minutes_turns(transcript, by_rules.day, first, after))
        try:
            made.append(by_minutes.read_minutes(text, transcript, by_rules, first, after))
        except ModelFailed as problem:
            failed = problem
    if not made:
        raise failed or ModelFailed("模型没有写出纪要。")
    note = (
        "" if failed is None else f"共 {len(stretches)} 段发言，模型整理出 {len(made)} 段，请核对其余部分。"
    )
    return by_minutes.joined(made, by_rules), note


async def _write(service: Service, turns: Sequence[Turn]) -> str:
    if service.writer is None:
        raise ModelFailed("模型现在不可用。")
    return await service.writer.write(service.model, turns)


async def _refuse_classified(service: Service, document: Document) -> None:
    """A document with a mark of secrecy never leaves this machine."""
    level = next((one.value for one in await service.elements(document) if one.name == "密级"), "")
    if level:
        raise _classified(level)


def _classified(level: str) -> ModelFailed:
    return ModelFailed(f"标有密级（{level}）的文件只在本机处理。")


def _partly(material: Numbered, document: Document) -> str:
    return f"文件较长（{len(document.text)} 字），模型读取了各段的开头。" if material.partly else ""
