"""Stroke counts of Chinese characters (姓氏笔画), for GB 2312: Unicode counts set right for mainland forms."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent.parent / "data" / "strokes.txt"
_COMPOUND = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "司徒",
        "令狐",
        "夏侯",
        "长孙",
        "宇文",
        "端木",
        "南宫",
        "独孤",
        "轩辕",
        "闻人",
        "申屠",
        "公冶",
        "太史",
    ]
)


@cache
def _table() -> dict[str, tuple[int, int]]:
    table: dict[str, tuple[int, int]] = {}
    for line in _DATA.read_text("utf-8").splitlines():
        count, characters = line.split(" ", 1)
        for index, character in enumerate(characters):
            table[character] = (int(count), index)
    return table


def strokes(character: str) -> int:
    """Strokes of one character; 99 for one outside the table."""
    return _table().get(character, (99, 0))[0]


def surname(name: str) -> str:
    """The surname: two characters for the common compound surnames, else one."""
    return name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]


def stroke_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by strokes of surname, then of each following character; same counts in dictionary order."""
    table = _table()
    return tuple((*table.get(character, (99, 0)), character) for character in name)
