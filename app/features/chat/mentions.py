"""The @ picker's rules: when it opens, whom it offers, and who is named in a text (E095)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .pinyin import begins

EVERYONE = "all"
EVERYONE_NAME = "所有人"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be named. `keys` are what he is found by (pinyin, initials), lower case."""

    person_id: str
    name: str
    note: str = ""
    keys: tuple[str, ...] = ()


def query_at(text: str, cursor: int) -> str | None:
    """What stands between an @ and the cursor, or None when no name is being typed (an e-mail address is none)."""
    before = text[:cursor]
    at = before.rfind("@")
    if at < 0:
        return None
    if at > 0 and re.match(r"[A-Za-z0-9._%+-]", before[at - 1]):
        return None
    query = before[at + 1 :]
    return None if len(query) > 20 or re.search(r"\s", query) else query


def offer(
    candidates: Sequence[Candidate], query: str, *, me: str, everyone: bool, limit: int = 50
) -> list[Candidate]:
    """Whom to offer for what was typed: 所有人 first, then by how well they match; never oneself."""
    wanted = query.lower()
    found: list[tuple[int, int, Candidate]] = []
    for place, one in enumerate(candidates):
        if one.person_id == me:
            continue
        rank = _rank(one, wanted)
        if rank is not None:
            found.append((rank, place, one))
    found.sort(key=lambda each: each[:2])
    people = [one for _, _, one in found][:limit]
    if everyone and (not wanted or EVERYONE_NAME.startswith(query) or "suoyouren".startswith(wanted)):
        return [Candidate(EVERYONE, EVERYONE_NAME, "通知全体群成员"), *people]
    return people


def _rank(one: Candidate, wanted: str) -> int | None:
    if not wanted or one.name.lower().startswith(wanted):
        return 0
    if begins(one.keys, wanted):
        return 1
    return 2 if wanted in one.name.lower() else None


def named(text: str, chosen: dict[str, str]) -> list[str]:
    """Of those chosen in the picker (id → name), the ids whose @name still stands in the text."""
    return [id for id, name in chosen.items() if f"@{name}" in text]
