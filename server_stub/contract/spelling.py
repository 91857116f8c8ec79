"""Names typed as they are spelt, some syllables whole and the others by their first letter: "sunlh", "slihua", "zhjguo".

Both ends find the same people: the server in the directory, a client without a connection in what it has seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

MOST = 4
"""So many ways to read what was typed are tried."""
_LONGEST_TYPED = 40
_LETTERS = re.compile(r"[a-z]+")
_FINALS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "f": "a an ang ei en eng iao o ou u",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "l": "a ai an ang ao e ei en eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "w": "a ai an ang ei en eng o u",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
}
SYLLABLES = frozenset(initial + final for initial, finals in _FINALS.items() for final in finals.split())
"""All of them as the directory spells names: without tones, ü as v."""
_BEGINNINGS = frozenset(syllable[:length] for syllable in SYLLABLES for length in range(1, len(syllable)))
_SHORT = frozenset(initial for initial in _FINALS if initial) | {"a", "e", "o"}
"""What stands for a syllable of which only the beginning is typed."""
_LONGEST = max(map(len, SYLLABLES))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was typed. A name fits whose initials begin with `initials` and whose pinyin fits `like`."""

    initials: str
    like: str
    """A pattern for SQL's LIKE of letters and % alone."""

    def fits(self, pinyin: str, initials: str) -> bool:
        """Whether a name does; both without blanks, in lower case."""
        return initials.startswith(self.initials) and bool(_pattern(self.like).match(pinyin))


@lru_cache(maxsize=256)
def readings(*words: str) -> tuple[Reading, ...]:
    """The ways to read the letters of a name, those of the fewest syllables; between words a syllable ends ("sun li h").

    Empty for anything but letters, and for one word that a comparison with the beginning of the pinyin or of the initials
    finds anyhow ("sunlih", "slh").
    """
    spelt = [word.lower() for word in words]
    if not spelt or sum(map(len, spelt)) > _LONGEST_TYPED or not all(map(_LETTERS.fullmatch, spelt)):
        return ()
    ways = [_fewest(word, open_end=place == len(spelt)) for place, word in enumerate(spelt, 1)]
    found: dict[Reading, None] = {}
    for chosen in product(*ways):
        parts = [part for way in chosen for part in way]
        whole = all(part in SYLLABLES for part in parts[:-1])
        if len(spelt) == 1 and (whole or all(len(part) == 1 for part in parts)):
            return ()
        found[Reading("".join(part[0] for part in parts), _like(parts))] = None
        if len(found) == MOST:
            break
    return tuple(found)


def _fewest(word: str, *, open_end: bool) -> list[tuple[str, ...]]:
    """The ways to cut a word into the fewest syllables and beginnings of syllables. `open_end`: the last part may be any
    beginning, as somebody is still typing it."""
    best: list[list[tuple[str, ...]]] = [[] for _ in range(len(word) + 1)]
    best[-1].append(())
    for start in range(len(word) - 1, -1, -1):
        ways: list[tuple[str, ...]] = []
        for length in range(min(_LONGEST, len(word) - start), 0, -1):
            end = start + length
            part = word[start:end]
            typing = open_end and end == len(word) and part in _BEGINNINGS
            if part in SYLLABLES or part in _SHORT or typing:
                ways += [(part, *more) for more in best[end]]
        least = min(map(len, ways), default=0)
        best[start] = [way for way in ways if len(way) == least][:MOST]
    return best[0]


def _like(parts: Sequence[str]) -> str:
    return (
        "".join(part if part in SYLLABLES and len(part) > 1 else f"{part}%" for part in parts).rstrip("%")
        + "%"
    )


@lru_cache(maxsize=512)
def _pattern(like: str) -> re.Pattern[str]:
    return re.compile(like.replace("%", ".*"))
