"""The words that a message is quoted by, and who is offered after an @ (E095, E102)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.store.records import MemberRow, MessageRow
from server_stub.contract.content import Quote, summary
from server_stub.contract.directory import Person
from widgets.chat.composer_mentions import MentionOption
from widgets.controls import AvatarSpec

from .conversation_rows import post_text
from .mentions import EVERYONE, Candidate, offer

QUOTE_LENGTH = 120


def quote_of(row: MessageRow) -> Quote | None:
    """The reference to a message; None for one that cannot be quoted."""
    if row.seq <= 0 or row.content is None:
        return None
    return Quote(seq=row.seq, sender_id=row.sender_id, text=summary(row.content)[:QUOTE_LENGTH])


def mention_source(
    members: Sequence[MemberRow], people: dict[str, Person], me: str
) -> Callable[[str], list[MentionOption]]:
    """Who of a group is offered for what was typed after an @."""
    candidates = [_candidate(member, people.get(member.person_id)) for member in members if not member.left]

    def source(query: str) -> list[MentionOption]:
        return [
            MentionOption(one.person_id, one.name, one.note, _face(one))
            for one in offer(candidates, query, me=me, everyone=True)
        ]

    return source


def _face(one: Candidate) -> AvatarSpec:
    if one.person_id == EVERYONE:
        return AvatarSpec(one.name, one.person_id, color="brand", icon="users")
    return AvatarSpec(one.name, one.person_id)


def _candidate(member: MemberRow, person: Person | None) -> Candidate:
    name = member.nickname or member.name
    if person is None:
        return Candidate(member.person_id, name)
    keys = (person.pinyin.replace(" ", "").lower(), person.initials.lower(), person.name.lower())
    return Candidate(member.person_id, name, post_text(person), tuple(filter(None, keys)))
