"""Synonyms and abbreviations (市政府办 = 市人民政府办公厅), a table that the office edits."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from offline_ai.errors import OfflineAIError

LONGEST = 40


class BadSynonyms(OfflineAIError):
    """A table could not be read; the message names the line."""

    code = "bad_synonyms"
    hint = "每行写一组意思相同的词，用逗号隔开。"


class Synonyms:
    """Groups of words that mean the same; a word may stand in several groups."""

    def __init__(self, groups: Iterable[Iterable[str]] = ()) -> None:
        self.groups: list[tuple[str, ...]] = [tuple(dict.fromkeys(group)) for group in groups]
        self._of: dict[str, set[str]] = {}
        for group in self.groups:
            for word in group:
                self._of.setdefault(word.lower(), set()).update(
                    other.lower() for other in group if other != word
                )

    @classmethod
    def parse(cls, text: str) -> Synonyms:
        """One group per line, commas between; # begins a remark. Raises BadSynonyms."""
        groups: list[list[str]] = []
        for number, line in enumerate(text.splitlines(), 1):
            line = line.partition("#")[0].strip().lstrip("\ufeff")
            if not line:
                continue
            group = [
                word.strip() for word in line.replace("，", ",").replace("、", ",").split(",") if word.strip()
            ]
            if len(group) < 2:
                raise BadSynonyms(f"第 {number} 行少于两个词。")
            if any(len(word) > LONGEST for word in group):
                raise BadSynonyms(f"第 {number} 行有词超过 {LONGEST} 个字。")
            groups.append(group)
        return cls(groups)

    @classmethod
    def starting(cls) -> Synonyms:
        """The table that ships with the product."""
        return cls.parse(resources.files("offline_ai.data").joinpath("synonyms.txt").read_text("utf-8"))

    def format(self) -> str:
        """What `parse` reads."""
        return "".join(",".join(group) + "\n" for group in self.groups)

    def of(self, word: str) -> set[str]:
        """The other words of all groups that a word stands in."""
        return self._of.get(word.lower(), set())

    def within(self, text: str) -> set[str]:
        """Other words for everything in a text that stands in a group, also over several segmented words."""
        low = text.lower()
        found: set[str] = set()
        for word, others in self._of.items():
            if word in low:
                found |= others
        return found
