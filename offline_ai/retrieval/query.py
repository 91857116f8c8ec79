"""A question as groups of words that mean the same."""

from __future__ import annotations

from dataclasses import dataclass

from offline_ai.retrieval.synonyms import Synonyms
from offline_ai.text.fold import Folder
from offline_ai.text.words import STOP_WORDS, Words


@dataclass(frozen=True, slots=True)
class Query:
    """`groups`: per word of the question itself and its synonyms; `phrase` the question without asking words."""

    groups: tuple[tuple[str, ...], ...]
    phrase: str
    expanded: tuple[str, ...] = ()


def read_query(question: str, words: Words, synonyms: Synonyms) -> Query:
    """Words of the question without stop words; when nothing is left, all its words."""
    folded = Folder().fold(question).text
    cut = [
        word
        for word in words.for_search(folded)
        if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]
    if not cut:
        cut = [word for word in words.for_search(folded) if word not in STOP_WORDS] or words.for_search(
            folded
        )
    groups: dict[str, tuple[str, ...]] = {}
    expanded: dict[str, None] = {}
    for word in cut:
        others = [piece for other in sorted(synonyms.of(word)) for piece in _whole(other, words)]
        groups.setdefault(word, tuple(dict.fromkeys([word, *others])))
        expanded.update(dict.fromkeys(others))
    # 市政府办 is one word for the clerk and three for the segmenter.
    wider = sorted(synonyms.within(folded) - set(expanded) - set(cut))
    pieces = dict.fromkeys(piece for other in wider for piece in _whole(other, words))
    if pieces and len(groups) < 12:
        covered = next((key for key in groups if any(key in piece for piece in pieces)), None)
        if covered is not None:
            groups[covered] = tuple(dict.fromkeys([*groups[covered], *pieces]))
        else:
            groups[next(iter(pieces))] = tuple(pieces)
        expanded.update(pieces)
    phrase = "".join(
        word for word in words.cut(folded) if word not in STOP_WORDS and any(c.isalnum() for c in word)
    )
    return Query(tuple(groups.values()), phrase, tuple(expanded))


def _whole(word: str, words: Words) -> list[str]:
    """A synonym as the index knows it: one token where the segmenter keeps it whole, else its longest piece."""
    tokens = words.for_search(word)
    if word.lower() in tokens:
        return [word.lower()]
    return sorted(tokens, key=len)[-1:]
