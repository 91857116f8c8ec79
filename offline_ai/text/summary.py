"""Extractive summary: whole sentences of the document, each with its place; asking again gives another cut."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import log, sqrt
from typing import Literal

from offline_ai.documents.model import Document
from offline_ai.documents.structure import title_block
from offline_ai.models.origin import Origin
from offline_ai.text.rank import ranked
from offline_ai.text.sentences import Stretch, sentences
from offline_ai.text.words import Words

Manner = Literal["balanced", "sections", "tasks", "short"]
MANNERS: tuple[Manner, ...] = ("balanced", "sections", "tasks", "short")
"""What 再次生成 goes through: an even cut, one sentence per chapter, what is to be done, the shortest."""
MANNER_NAMES: dict[Manner, str] = {
    "balanced": "均衡",
    "sections": "按章节",
    "tasks": "侧重任务要求",
    "short": "最简",
}
MOST_SENTENCES = 400
_TASK = re.compile(
    r"要求|确保|务必|落实|负责|牵头|报送|完成|不得|应当|严禁|前将|之前|[0-9]+月[0-9]+日|期限|责任"
)
_AIM = re.compile(r"为(?:了|进一步|贯彻|做好|加强|推动)|目标|决定|同意|现将|现就|总体要求|目的")
_EMPTY = re.compile(r"^(?:特此|妥否|请认真|请遵照|此件|附件|抄送|（联系人|联系人|各区县|各有关)")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sentence of the summary and where it stands in `Document.text`; `heading` is the chapter it is from.

    What a model wrote stands at the paragraph it is made of, (0, 0) where it named none.
    """

    text: str
    start: int
    end: int
    heading: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences in the document's order, or as a model wrote them."""

    sentences: tuple[Chosen, ...]
    manner: Manner
    origin: Origin = Origin.RULES

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.sentences)


@dataclass(slots=True)
class _Candidate:
    stretch: Stretch
    words: Counter[str]
    heading: str
    section: int
    score: float = 0.0


def summarise(document: Document, words: Words, *, variant: int = 0, most: int = 6) -> Summary:
    """`variant` counts the askings: each takes the next manner."""
    manner = MANNERS[variant % len(MANNERS)]
    found = _candidates(document, words)
    if not found:
        return Summary((), manner)
    _score(found, document, words, manner)
    if manner == "short":
        most = 2
    chosen = (
        _by_section(found, max(most, 8))
        if manner == "sections"
        else _diverse(found, most, spread=manner == "balanced")
    )
    chosen.sort(key=lambda one: one.stretch.start)
    return Summary(
        tuple(Chosen(one.stretch.text, one.stretch.start, one.stretch.end, one.heading) for one in chosen),
        manner,
    )


def _candidates(document: Document, words: Words) -> list[_Candidate]:
    found: list[_Candidate] = []
    heading, section = "", 0
    title, place = title_block(document)
    for block in document.blocks:
        if block.kind == "heading":
            heading, section = block.text, section + 1
        if block.kind != "paragraph" or (title and place <= block.offset < place + len(title)):
            continue
        for piece in sentences(block.text):
            if len(piece.text) < 10 or _EMPTY.match(piece.text) or len(found) >= MOST_SENTENCES:
                continue
            if piece.text.endswith(("：", ":")):
                continue  # whom the letter goes to, or the opening of a list: neither says anything by itself
            stretch = Stretch(piece.text, block.offset + piece.start, block.offset + piece.end)
            found.append(_Candidate(stretch, Counter(words.content(piece.text)), heading, section))
    return found


def _score(found: list[_Candidate], document: Document, words: Words, manner: Manner) -> None:
    frequency = Counter(word for one in found for word in one.words)
    weight = {word: log(1 + len(found) / count) for word, count in frequency.items()}
    norms = [
        sqrt(sum((count * weight[word]) ** 2 for word, count in one.words.items())) or 1.0 for one in found
    ]
    links: list[dict[int, float]] = [{} for _ in found]
    for one in range(len(found)):
        for other in range(one + 1, len(found)):
            shared = found[one].words.keys() & found[other].words.keys()
            if not shared:
                continue
            alike = sum(found[one].words[w] * found[other].words[w] * weight[w] ** 2 for w in shared)
            links[one][other] = links[other][one] = alike / (norms[one] * norms[other])
    title = set(words.content(title_block(document)[0]))
    for place, (one, support) in enumerate(zip(found, ranked(links), strict=True)):
        score = support
        score += 0.6 * len(title & one.words.keys()) / (len(title) or 1)
        score += 0.5 if place == 0 else 0.2 if place < 3 else 0.0
        score += 0.35 if _AIM.search(one.stretch.text) else 0.0
        score += (1.2 if manner == "tasks" else 0.25) if _TASK.search(one.stretch.text) else 0.0
        length = len(one.stretch.text)
        score *= 0.6 if length < 16 else 0.75 if length > 140 else 1.0
        one.score = score


def _alike(one: _Candidate, other: _Candidate) -> float:
    shared = one.words.keys() & other.words.keys()
    return len(shared) / (min(len(one.words), len(other.words)) or 1)


def _diverse(found: list[_Candidate], most: int, *, spread: bool) -> list[_Candidate]:
    """The best that say different things; `spread` prefers chapters that have not spoken yet."""
    chosen: list[_Candidate] = []
    rest = list(found)
    while rest and len(chosen) < most:
        spoken = {one.section for one in chosen} if spread else set[int]()
        best = max(
            rest,
            key=lambda one, spoken=spoken: (
                one.score
                - max((_alike(one, other) for other in chosen), default=0.0)
                - (0.6 if one.section in spoken else 0.0)
            ),
        )
        chosen.append(best)
        rest.remove(best)
    return chosen


def _by_section(found: list[_Candidate], most: int) -> list[_Candidate]:
    best: dict[int, _Candidate] = {}
    for one in found:
        if one.section not in best or one.score > best[one.section].score:
            best[one.section] = one
    if len(best) > 2:
        best.pop(0, None)  # the preamble is no chapter
    return sorted(best.values(), key=lambda one: -one.score)[:most]
