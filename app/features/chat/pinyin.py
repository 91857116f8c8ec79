"""By what a person's name is typed on a keyboard (E095, E066)."""

from __future__ import annotations

from collections.abc import Sequence

from server_stub.contract.directory import Person
from server_stub.contract.spelling import readings


def keys_of(person: Person) -> tuple[str, ...]:
    """Pinyin without spaces and initials, lower case, as far as they are known."""
    return tuple(filter(None, (person.pinyin.replace(" ", "").lower(), person.initials.lower())))


def begins(keys: Sequence[str], typed: str) -> bool:
    """Whether what was typed (lower case) begins one of a person's keys, or spells the name with some syllables whole and
    some by their first letter ("sunlh")."""
    if any(key.startswith(typed) for key in keys):
        return True
    ways = readings(*typed.split())
    return any(way.fits(pinyin, initials) for way in ways for pinyin in keys for initials in keys)
