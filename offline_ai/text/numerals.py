"""Chinese numerals into numbers: 十五, 二十, 一百二十, 两, 〇, 二〇二五."""

from __future__ import annotations

import re

DIGITS = {
    "〇": 0,
    "零": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_TENS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = r"[〇零○一二两三四五六七八九十百千]+|\d+"


def number(text: str) -> int | None:
    """The value of digits or of a Chinese numeral below ten thousand; None for what is neither."""
    text = text.strip()
    if re.fullmatch(r"\d+", text):
        return int(text)
    if not text or any(char not in DIGITS and char not in _TENS for char in text):
        return None
    if not any(char in _TENS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    total, current = 0, 0
    for char in text:
        if char in DIGITS:
            current = DIGITS[char]
        else:
            total += (current or 1) * _TENS[char]
            current = 0
    return total + current
