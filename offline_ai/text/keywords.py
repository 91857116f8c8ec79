"""Keywords: nouns and verbs that stand together with many others, those of titles and headings first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from offline_ai.documents.model import Document
from offline_ai.text.rank import ranked
from offline_ai.text.words import STOP_WORDS, Words

WINDOW = 5
_HEAD_WEIGHT = 2.5
_KINDS = ("n", "v", "l", "j", "x", "i", "eng")
_NOT = ("nr1", "vshi", "vyou")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word, its weight (the first has 1.0), and how often it stands in the text."""

    word: str
    weight: float
    count: int


def keywords(document: Document, words: Words, most: int = 12) -> list[Keyword]:
    """The `most` important words, the most important first; words of one character never are."""
    index: dict[str, int] = {}
    counts: dict[str, int] = defaultdict(int)
    bonus: dict[str, float] = defaultdict(lambda: 1.0)
    links: list[dict[int, float]] = []
    for block in document.blocks:
        kept: list[int] = []
        for word, tag in words.tagged(block.text):
            if not _counts(word, tag):
                continue
            at = index.setdefault(word, len(index))
            if at == len(links):
                links.append({})
            counts[word] += 1
            if block.kind in ("title", "heading"):
                bonus[word] = _HEAD_WEIGHT
            kept.append(at)
        for place, one in enumerate(kept):
            for other in kept[place + 1 : place + WINDOW]:
                if one != other:
                    links[one][other] = links[one].get(other, 0.0) + 1
                    links[other][one] = links[other].get(one, 0.0) + 1
    scores = ranked(links)
    found = sorted(index, key=lambda word: -scores[index[word]] * bonus[word] * _length(word))[:most]
    if not found:
        return []
    top = scores[index[found[0]]] * bonus[found[0]] * _length(found[0]) or 1.0
    return [
        Keyword(word, round(scores[index[word]] * bonus[word] * _length(word) / top, 3), counts[word])
        for word in found
    ]


def _length(word: str) -> float:
    return 1.0 + 0.1 * min(len(word), 6)


def _counts(word: str, tag: str) -> bool:
    return (
        len(word) > 1
        and word not in STOP_WORDS
        and tag.startswith(_KINDS)
        and tag not in _NOT
        and any(char.isalpha() for char in word)
    )
