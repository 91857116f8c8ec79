"""The habits of lists that offices write: titles over the table, sums below it, remarks in cells. Source: 3.1.6.3.1."""

from __future__ import annotations

import re
from collections.abc import Callable

_LOOK = 20
_FOOT = re.compile(
    r"(合计|总计|共计|小计|总人数|备注|说明|注|填表人|制表人?|审核人?|联系人)(人数)?([:：].*)?"
)
_REMARK = re.compile(r"(?P<name>.{2,}?)[（(](?P<remark>[^（）()]{1,20})[）)]")
_LETTERS = re.compile(r"[\u4e00-\u9fff·]+")
_SPACES = re.compile(r"[\s\u00a0\u3000]+")
_MOBILE = 11


def header_row(rows: list[list[str]], match: Callable[[list[str]], dict[str, int]]) -> int | None:
    """Where the column titles stand: the row of the first ones that names most columns, a name among them.

    The title over the table (“…参会人员名单”) also sounds like a column of names; it fills one cell only.
    """
    best, most = None, 0
    for number, row in enumerate(rows[:_LOOK]):
        found = match(row)
        if "name" in found and len(found) > most:
            best, most = number, len(found)
    return best


def is_foot(row: list[str]) -> bool:
    """Whether a row is a sum or a remark below the list and not a person."""
    filled = [cell for cell in row if cell]
    return bool(filled) and bool(_FOOT.fullmatch(_SPACES.sub("", filled[0]))) and len(filled) <= 3


def tidy_name(text: str) -> tuple[str, str]:
    """Name and remark: spaces that spread a two-character name are dropped, what stands behind it in brackets is a remark."""
    name = _SPACES.sub(" ", text).strip()
    found = _REMARK.fullmatch(name)
    remark = ""
    if found is not None and _LETTERS.fullmatch(found["name"].replace(" ", "")):
        name, remark = found["name"].strip(), found["remark"].strip()
    bare = name.replace(" ", "")
    if " " in name and _LETTERS.fullmatch(bare) and len(bare) <= 3:
        name = bare
    return name, remark


def tidy_phone(text: str) -> tuple[str, str]:
    """Phone and what is wrong with it; a wrong one is left out, lest a stranger gets the message."""
    bare = re.sub(r"[（(][^（）()]*[）)]", "", text)
    bare = re.sub(r"[\s\u00a0\u3000-]", "", re.split(r"[/、，,;；]", bare)[0])
    if not bare:
        return "", ""
    if not re.fullmatch(r"\+?\d{5,20}", bare):
        return "", f"手机号“{text}”无效，没有导入"
    if re.match(r"1[3-9]", bare) and len(bare) != _MOBILE:
        return "", f"手机号“{text}”应为 {_MOBILE} 位，没有导入"
    return bare, ""


__all__ = ["header_row", "is_foot", "tidy_name", "tidy_phone"]
