"""A question made ready for the search (3.2.6.6): what was asked before, slips of the keyboard, words that mean the same.

Nothing of the question is taken away; what is added is told, so that nobody wonders why something was found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from offline_ai.optional import available, need
from offline_ai.proofread.wording import TYPOS
from offline_ai.retrieval.leaning import leans
from offline_ai.retrieval.query import read_query
from offline_ai.retrieval.synonyms import Synonyms
from offline_ai.text.words import STOP_WORDS, TERMS, Words

_FAR = 3
"""Questions that are gone back, each leaning on the one before."""
_TOLD = 6
"""Words of a kind that are told."""
_WORD = re.compile(r"[一-龥]{2,6}")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`text`: the question with everything that was added; `groups`: its words, each with what means the same.

    `context`: words from the questions before; `corrected`: (as written, what it sounds like); `alike`: other words.
    """

    text: str
    groups: tuple[tuple[str, ...], ...]
    context: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    alike: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """For the reader: 已按“…”检索 and why; empty where the question was taken as it is."""
        if not (self.context or self.corrected or self.alike):
            return ""
        wrong = {one for one, _ in self.corrected}
        words = _whole([one[0] for one in self.groups if one[0] not in self.alike and one[0] not in wrong])
        why = [f"承接上文“{'、'.join(_whole(self.context))}”"] if self.context else []
        why += [f"“{wrong}”按“{right}”查找" for wrong, right in self.corrected]
        why += [f"同义词“{'、'.join(_whole(self.alike))}”"] if self.alike else []
        return f"已按“{'、'.join(words)}”检索（{'；'.join(why)}）"


def _whole(words: Sequence[str]) -> list[str]:
    """Words as they are told: no piece of a longer one, and not too many."""
    return [one for one in words if not any(one != other and one in other for other in words)][:_TOLD]


def rewrite(
    question: str, words: Words, *, before: Sequence[str] = (), synonyms: Synonyms | None = None
) -> Rewritten:
    """`before`: the questions of the talk so far, the oldest first."""
    synonyms = synonyms or Synonyms.starting()
    told = _before(question, before, words)
    corrected = tuple(dict.fromkeys(_slips(question, words, synonyms)))
    own = " ".join([question, *(right for _, right in corrected)])
    text = " ".join([*told, own])
    query = read_query(text, words, synonyms)
    mine = {group[0] for group in read_query(own, words, synonyms).groups}
    context = tuple(group[0] for group in query.groups if group[0] not in mine) if told else ()
    right = {one for _, one in corrected}
    alike = tuple(word for word in query.expanded if word not in text.lower() and word not in right)
    return Rewritten(text, query.groups, context, corrected, alike)


def _before(question: str, before: Sequence[str], words: Words) -> list[str]:
    """The questions that this one goes on from, the oldest first; none for a question that stands by itself."""
    found: list[str] = []
    leaning = question
    for one in reversed(before):
        if len(found) == _FAR or not leans(leaning, one, words):
            break
        found.insert(0, one)
        leaning = one
    return found


def _slips(question: str, words: Words, synonyms: Synonyms) -> Iterator[tuple[str, str]]:
    """Words that are written wrong, and what was meant: the usual typos, and what sounds like a word of the office.

    A word that only sounds alike may also be meant as it stands; it is looked for too.
    """
    for wrong, right in TYPOS:
        if wrong in question:
            yield wrong, right
    if not available("pypinyin"):
        return
    known = {word for group in synonyms.groups for word in group if _WORD.fullmatch(word)}
    known |= {word for word in TERMS if _WORD.fullmatch(word)}
    sound = [_syllable(char) for char in question]
    tokens = words.cut(question)
    plain = {token for token in tokens if token in STOP_WORDS}
    for word in sorted(known):
        if word in question:
            continue
        wanted = [_syllable(char) for char in word]
        for at in range(len(question) - len(word) + 1):
            written = question[at : at + len(word)]
            if sound[at : at + len(word)] == wanted and not any(one in written for one in plain):
                yield written, word


def _syllable(char: str) -> str:
    """The first reading without its tone; the character itself where it has none."""
    readings: dict[int, str] = need("pypinyin.pinyin_dict").pinyin_dict
    reading = readings.get(ord(char), "").split(",", 1)[0]
    letters = unicodedata.normalize("NFD", reading)
    return "".join(one for one in letters if not unicodedata.combining(one)) or char
