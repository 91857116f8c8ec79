"""Personal data in a text: identity numbers, phones, bank cards; checked by their check digits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_IDENTITY = re.compile(r"(?<![0-9])[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9.\-])1[3-9]\d{9}(?![0-9])")
_CARD = re.compile(r"(?<![0-9])(?:62|4|5[1-5])\d{14,17}(?![0-9])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
KIND = "个人信息"


@dataclass(frozen=True, slots=True)
class PersonalHit:
    """Personal data at `text[start:end]`; `what` is 身份证号, 手机号 or 银行卡号."""

    start: int
    end: int
    what: str


def find_personal(text: str) -> list[PersonalHit]:
    """All of them in the order of the text."""
    found = [
        PersonalHit(hit.start(), hit.end(), "身份证号")
        for hit in _IDENTITY.finditer(text)
        if _identity(hit[0])
    ]
    taken = [(hit.start, hit.end) for hit in found]
    for pattern, what, right in ((_CARD, "银行卡号", _luhn), (_MOBILE, "手机号", None)):
        for hit in pattern.finditer(text):
            inside = any(start <= hit.start() < end for start, end in taken)
            if not inside and (right is None or right(hit[0])):
                found.append(PersonalHit(hit.start(), hit.end(), what))
                taken.append((hit.start(), hit.end()))
    return sorted(found, key=lambda hit: hit.start)


def _identity(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
