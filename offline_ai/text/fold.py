"""A text folded for comparison, with the way back to where each character came from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from offline_ai.text.traditional import simplify
from offline_ai.text.width import narrow

# Signs that people put between characters to slip past a word list.
_EXTRA_SEPARATORS = frozenset(
    "·•‧∙・*#_~^|\\/-+=.,。，、；;：:!！?？'\"“”‘’`()（）[]【】{}<>《》〈〉&@%$￥…—"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` after folding; character `i` of it came from `original[offsets[i]]`."""

    original: str
    text: str
    offsets: list[int] = field(repr=False)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that the folded stretch [start, end) covers; `end` > `start`."""
        return self.offsets[start], self.offsets[end - 1] + 1


def is_separator(char: str) -> bool:
    """Whether a character is blank, invisible or a sign that carries no reading of its own."""
    return (
        char in _EXTRA_SEPARATORS
        or char.isspace()
        or unicodedata.category(char) in ("Cf", "Cc", "Mn", "Zs", "Sk", "Po", "Pd", "So")
    )


class Folder:
    """Folds width, case and traditional forms; `drop_separators` also takes out blanks and signs."""

    def __init__(self, *, drop_separators: bool = False) -> None:
        self._drop = drop_separators
        self._separators: dict[str, bool] = {}

    def fold(self, text: str) -> Folded:
        """Folding never makes a text longer; the offsets are in characters of `text`."""
        even = simplify(narrow(text))
        low = even.lower()
        if len(low) != len(even):  # a few capitals (İ) become two characters: keep the length
            low = "".join(lowered if len(lowered := char.lower()) == 1 else char for char in even)
        if not self._drop:
            return Folded(text, low, list(range(len(low))))
        dropped = self._dropped(low)
        if not dropped:
            return Folded(text, low, list(range(len(low))))
        offsets = [at for at, char in enumerate(low) if char not in dropped]
        return Folded(text, low.translate({ord(char): None for char in dropped}), offsets)

    def _dropped(self, text: str) -> set[str]:
        known = self._separators
        found: set[str] = set()
        for char in set(text):
            answer = known.get(char)
            if answer is None:
                answer = known[char] = is_separator(char)
            if answer:
                found.add(char)
        return found
