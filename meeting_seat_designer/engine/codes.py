"""Seat codes (座位编码) by scheme: rows, letters, skipped numbers, direction, odd and even sides."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.layout import CodeScheme, Layout, Region, Seat

NUMBERINGS = {"plain": "顺序编号", "odd_even": "单左双右（居中起）", "even_odd": "双左单右（居中起）"}
_SIDES = {
    "head": "上",
    "bottom": "下",
    "left": "左",
    "right": "右",
    "far": "上",
    "near": "下",
    "guest": "客",
    "host": "主",
}


def _numbers(scheme: CodeScheme, count: int) -> list[int]:
    """The first `count` numbers of the scheme, with skips left out."""
    skip = set(scheme.skip)
    numbers: list[int] = []
    value = scheme.first_col
    while len(numbers) < count:
        if value not in skip:
            numbers.append(value)
        value += 1
    return numbers


def row_letter(index: int, skip: str = "IO") -> str:
    """Letter of row 1, 2, …: A to Z without the skipped ones, then AA, AB …"""
    letters = [letter for letter in string.ascii_uppercase if letter not in skip.upper()]
    if not letters or index < 1:
        raise EditError("字母编号无可用字母")
    text = ""
    while index > 0:
        index, rest = divmod(index - 1, len(letters))
        text = letters[rest] + text
    return text


def _row_codes(scheme: CodeScheme, seats: list[Seat]) -> dict[str, int]:
    """Seat id → number within one row (already sorted left to right)."""
    if scheme.numbering == "plain":
        numbers = _numbers(scheme, len(seats))
        ordered = seats if scheme.direction == "ltr" else list(reversed(seats))
        return {seat.id: number for seat, number in zip(ordered, numbers, strict=True)}
    odd_left = scheme.numbering == "odd_even"
    half = (len(seats) + 1) // 2 if odd_left else len(seats) // 2
    left, right = list(reversed(seats[:half])), seats[half:]
    first_left, first_right = (1, 2) if odd_left else (2, 1)
    codes = {seat.id: first_left + 2 * index for index, seat in enumerate(left)}
    codes.update({seat.id: first_right + 2 * index for index, seat in enumerate(right)})
    return codes


def encode(region: Region) -> dict[str, str]:
    """Seat id → code by the region's scheme. EditError when the pattern is not usable."""
    scheme = region.codes
    lines: dict[tuple[Any, ...], list[Seat]] = defaultdict(list)
    for seat in region.seats:
        lines[(seat.table, seat.ring, seat.side, seat.row)].append(seat)
    codes: dict[str, str] = {}
    running = 0
    for (table, ring, side, row), seats in lines.items():
        seats.sort(key=lambda seat: seat.col)
        for seat_id, number in _row_codes(scheme, seats).items():
            running += 1
            line = row + scheme.first_row - 1
            text = _apply(scheme, region, line, number, running, table)
            if side:
                text = f"{_SIDES.get(side, side)}{'外' * (ring - 1)}{number}"
                if row > 1:
                    text = f"{_SIDES.get(side, side)}{row}排{number}"
                text = scheme.prefix + text
            elif table:
                text = f"{scheme.prefix}{table}桌{number}"
            codes[seat_id] = text
    return codes


_TOKEN = re.compile(r"\{(\w*)(?::0?(\d))?\}")


def _apply(scheme: CodeScheme, region: Region, row: int, number: int, running: int, table: int) -> str:
    values: dict[str, str] = {
        "region": region.name,
        "row": str(row),
        "col": str(number),
        "n": str(running),
        "table": str(table),
    }

    def replaced(match: re.Match[str]) -> str:
        name, width = match.group(1), int(match.group(2) or 0)
        value = row_letter(row, scheme.skip_letters) if name == "letter" else values.get(name)
        if value is None:
            raise EditError(f"座位编码格式“{scheme.pattern}”有误：没有 {{{name}}}")
        return value.zfill(width)

    return scheme.prefix + _TOKEN.sub(replaced, scheme.pattern)


def duplicates(layout: Layout) -> dict[str, list[Seat]]:
    """Code → the seats that share it, for codes used more than once; empty codes count as a duplicate."""
    by_code: dict[str, list[Seat]] = defaultdict(list)
    for region in layout.regions:
        for seat in region.seats:
            by_code[seat.code].append(seat)
    return {code: seats for code, seats in by_code.items() if len(seats) > 1 or not code}


def free_prefix(layout: Layout, region: Region) -> str:
    """A prefix that makes the codes of this region unlike those of all others."""
    others = {seat.code for other in layout.regions if other.id != region.id for seat in other.seats}
    codes = encode(region).values()
    for prefix in _prefixes(region):
        if not others & {prefix + code for code in codes}:
            return prefix
    return f"{region.id}-"


def _prefixes(region: Region) -> Iterable[str]:
    yield ""
    yield f"{region.name}-" if region.name else "区-"
    for letter in string.ascii_uppercase:
        yield f"{letter}-"
