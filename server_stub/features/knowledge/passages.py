"""Texts into passages, and passages against the words of a question."""

from collections.abc import Mapping, Sequence

LONG = 400
"""Characters of a passage."""
_BEST_DOCUMENTS = 30


def passages(text: str) -> list[tuple[int, str]]:
    """Neighbouring lines joined up to `LONG` characters, each with its place; a longer line stands alone."""
    made: list[tuple[int, str]] = []
    start = at = 0
    for line in text.split("\n"):
        end = at + len(line)
        if end - start > LONG and at > start:
            made.append((start, text[start : at - 1]))
            start = at
        at = end + 1
    if start < len(text):
        made.append((start, text[start:]))
    return made


def best(texts: Mapping[str, str], groups: Sequence[Sequence[str]], most: int) -> list[tuple[str, int, str]]:
    """(document, place, passage) that hold the words, the fitting ones first. Looks at `texts` and at nothing else."""
    lowered = [[word.casefold() for word in group if word] for group in groups]

    def hits(text: str) -> int:
        low = text.casefold()
        return sum(any(word in low for word in group) for group in lowered)

    scored = [(hits(text), key) for key, text in texts.items()]
    documents = sorted((one for one in scored if one[0]), key=lambda one: (-one[0], one[1]))
    found: list[tuple[int, str, int, str]] = []
    for _, key in documents[:_BEST_DOCUMENTS]:
        for start, passage in passages(texts[key]):
            if count := hits(passage):
                found.append((count, key, start, passage))
    found.sort(key=lambda one: (-one[0], one[1], one[2]))
    return [(key, start, passage) for _, key, start, passage in found[:most]]
