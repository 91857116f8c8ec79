"""By what a person's name is typed on a keyboard (E095, E066)."""

from __future__ import annotations

from server_stub.contract.directory import Person


def keys_of(person: Person) -> tuple[str, ...]:
    """Pinyin without spaces and initials, lower case, as far as they are known."""
    return tuple(filter(None, (person.pinyin.replace(" ", "").lower(), person.initials.lower())))
