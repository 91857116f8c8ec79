"""The client's own pages and commands, found by name, pinyin and initials (E056)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Place:
    """A page, a section or a command. `key` names it for whoever opens it and holds no blanks; `where` is said below
    the title; `words` find it too."""

    key: str
    title: str
    icon: str
    where: str = ""
    words: str = ""


@lru_cache(maxsize=500)
def spelt(title: str) -> tuple[str, str]:
    """Pinyin without blanks, and initials, in lower case. Reads the readings of all characters at the first call."""
    from pypinyin import lazy_pinyin

    syllables = [syllable.lower() for syllable in lazy_pinyin(title)]
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)


def find(places: Sequence[Place], text: str, limit: int) -> list[Place]:
    """Those of which each word of `text` is a part of the title, its pinyin or its initials; best first."""
    words = text.casefold().split()
    if not words:
        return []
    ranked = [(rank, place) for place in places if (rank := _rank(place, words)) is not None]
    return [place for _, place in sorted(ranked, key=lambda one: one[0])][:limit]


def _rank(place: Place, words: Sequence[str]) -> int | None:
    """0: the whole title; 1: its beginning; 2: inside. None: does not fit."""
    title = place.title.casefold()
    worst = 0
    for word in words:
        names = [title, place.words.casefold()]
        if word.isascii():
            # A letter alone would be found in nearly every spelling.
            names += spelt(place.title)
            fits = [name for name in names if name.startswith(word) or (len(word) > 1 and word in name)]
        else:
            fits = [name for name in names if word in name]
        if not fits:
            return None
        worst = max(worst, min(0 if name == word else 1 if name.startswith(word) else 2 for name in fits))
    return worst
