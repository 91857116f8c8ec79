"""Forbidden words on the server: the matcher of `offline_ai/sensitive`, so that both ends see through the same disguises."""

from collections.abc import Iterable

from offline_ai.sensitive.lists import SensitiveWord
from offline_ai.sensitive.matcher import SensitiveMatcher
from offline_ai.text.fold import is_separator
from offline_ai.text.width import narrow
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import MOST_WORDS, WORD_LONGEST, SensitiveEntry, WordHit

_SYLLABLE = 6
"""The longest syllable in letters (zhuang): a character may be written as so many."""


class WordMatcher:
    """Width, case, separators, traditional forms, homophones and pinyin. Building it takes a while for long lists."""

    def __init__(self, words: Iterable[SensitiveEntry]) -> None:
        entries = {
            SensitiveWord(one.text, one.kind, one.note): one for one in words if _letters(one.text) > 0
        }
        self._entries = entries
        self.empty = not entries
        self._matcher = SensitiveMatcher(entries) if entries else None
        self._reach = max((_letters(word.text) for word in entries), default=0)

    def scan(self, text: str) -> list[WordHit]:
        """All hits in the order of the text."""
        if self._matcher is None:
            return []
        return [
            WordHit(
                word=self._entries[hit.word],
                start=hit.start,
                end=hit.end,
                found=hit.found,
                manner=hit.manner.label,
            )
            for hit in self._matcher.scan(text)
        ]

    def first(self, text: str) -> SensitiveEntry | None:
        """The first forbidden word of a text, or None."""
        hits = self._matcher.scan(text) if self._matcher is not None else []
        return self._entries[hits[0].word] if hits else None

    def safe(self, text: str) -> int:
        """text[:safe] holds no beginning of a word whose end is still to come, however it may be written."""
        weight = 0
        for place in range(len(text) - 1, -1, -1):
            weight += _letters(text[place])
            if weight >= self._reach:
                return place
        return 0


def _letters(text: str) -> int:
    """How many letters a text takes at most when it is spelled; separators take none."""
    return sum(0 if is_separator(char) else 1 if narrow(char).isascii() else _SYLLABLE for char in text)


def check_words(words: list[SensitiveEntry]) -> list[SensitiveEntry]:
    """Return them trimmed and without doubles, or raise BAD_REQUEST."""
    if len(words) > MOST_WORDS:
        raise ApiError(ErrorCode.BAD_REQUEST, message=f"敏感词最多 {MOST_WORDS} 个。")
    found: dict[str, SensitiveEntry] = {}
    for number, one in enumerate(words, 1):
        text = one.text.strip()
        if not any(char.isalnum() for char in text):
            raise ApiError(ErrorCode.BAD_REQUEST, message=f"第 {number} 个敏感词没有文字。")
        if len(text) > WORD_LONGEST or len(one.kind) > WORD_LONGEST or len(one.note) > 200:
            raise ApiError(ErrorCode.BAD_REQUEST, message=f"第 {number} 个敏感词过长（词语不超过 40 字）。")
        found.setdefault(
            text, SensitiveEntry(text=text, kind=one.kind.strip() or "其他", note=one.note.strip())
        )
    return list(found.values())
