"""Forbidden words on the server: one pass over the evened text, with the places in the original."""

import unicodedata
from collections.abc import Iterable
from typing import Any

import ahocorasick

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import MOST_WORDS, WORD_LONGEST, SensitiveEntry, WordHit


class WordMatcher:
    """Sees through width, case and separators. Homophones, pinyin and traditional forms are the client's part."""

    def __init__(self, words: Iterable[SensitiveEntry]) -> None:
        self._automaton: Any = ahocorasick.Automaton()
        for word in words:
            evened = "".join(even for even, _ in _evened(word.text))
            if evened and evened not in self._automaton:
                self._automaton.add_word(evened, (len(evened), word))
        self.empty = len(self._automaton) == 0
        if not self.empty:
            self._automaton.make_automaton()

    def scan(self, text: str) -> list[WordHit]:
        """All hits in the order of the text."""
        if self.empty or not text:
            return []
        evened = _evened(text)
        found: list[WordHit] = []
        for end, (length, word) in self._automaton.iter("".join(even for even, _ in evened)):
            start, stop = evened[end - length + 1][1], evened[end][1] + 1
            found.append(WordHit(word=word, start=start, end=stop, found=text[start:stop]))
        return sorted(found, key=lambda hit: (hit.start, -hit.end))

    def holds(self, text: str) -> bool:
        """Whether there is any."""
        if self.empty or not text:
            return False
        return next(self._automaton.iter("".join(even for even, _ in _evened(text))), None) is not None


def _evened(text: str) -> list[tuple[str, int]]:
    """Letters, digits and signs of words in their plainest form, each with its place in `text`."""
    made: list[tuple[str, int]] = []
    for place, char in enumerate(text):
        if "\u4e00" <= char <= "\u9fff":
            made.append((char, place))
            continue
        for even in unicodedata.normalize("NFKC", char).casefold():
            if even.isalnum():
                made.append((even, place))
    return made


def check_words(words: list[SensitiveEntry]) -> list[SensitiveEntry]:
    """Return them trimmed and without doubles, or raise BAD_REQUEST."""
    if len(words) > MOST_WORDS:
        raise ApiError(ErrorCode.BAD_REQUEST, message=f"敏感词最多 {MOST_WORDS} 个。")
    found: dict[str, SensitiveEntry] = {}
    for number, one in enumerate(words, 1):
        text = one.text.strip()
        if not _evened(text):
            raise ApiError(ErrorCode.BAD_REQUEST, message=f"第 {number} 个敏感词没有文字。")
        if len(text) > WORD_LONGEST or len(one.kind) > WORD_LONGEST or len(one.note) > 200:
            raise ApiError(ErrorCode.BAD_REQUEST, message=f"第 {number} 个敏感词过长（词语不超过 40 字）。")
        found.setdefault(
            text, SensitiveEntry(text=text, kind=one.kind.strip() or "其他", note=one.note.strip())
        )
    return list(found.values())
