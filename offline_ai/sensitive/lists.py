"""Lists of sensitive words: what one is, reading and writing them as tables, and a small list to begin with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from offline_ai.errors import OfflineAIError

LONGEST = 40


class BadWordList(OfflineAIError):
    """A list could not be read; the message names the line."""

    code = "bad_word_list"
    hint = "每行：词语,类别,说明。请改正后再导入。"


@dataclass(frozen=True, slots=True)
class SensitiveWord:
    """A word, its kind (类别), and what to write instead or why (shown beside a hit)."""

    text: str
    kind: str
    note: str = ""


def parse_words(text: str) -> list[SensitiveWord]:
    """A table of three columns, comma or tab between them; a head line, blank lines and # lines are passed over.

    A word that stands twice keeps its first kind. Raises BadWordList.
    """
    found: dict[str, SensitiveWord] = {}
    divider = "\t" if "\t" in text else ","
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=divider), 1):
        cells = [cell.strip().lstrip("\ufeff") for cell in row]
        if (
            not any(cells)
            or cells[0].startswith("#")
            or (number == 1 and cells[0] in ("词语", "敏感词", "word"))
        ):
            continue
        word, kind, note = (*cells, "", "", "")[:3]
        if not any(char.isalnum() for char in word):
            raise BadWordList(f"第 {number} 行没有词语。")
        if len(word) > LONGEST:
            raise BadWordList(f"第 {number} 行的词语超过 {LONGEST} 个字。")
        found.setdefault(word, SensitiveWord(word, kind or "其他", note))
    return list(found.values())


def format_words(words: Iterable[SensitiveWord]) -> str:
    """The table that `parse_words` reads, with a head line."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["词语", "类别", "说明"])
    for word in words:
        writer.writerow([word.text, word.kind, word.note])
    return made.getvalue()


def starting_words() -> list[SensitiveWord]:
    """What ships with the product: wordings that official texts avoid. The office adds its own."""
    return parse_words(resources.files("offline_ai.data").joinpath("sensitive.csv").read_text("utf-8"))
