"""The words that a message is quoted by, and who is offered after an @ (E095, E102)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.store.records import ConversationRow, MemberRow, MessageRow
from server_stub.contract.content import Quote, summary
from server_stub.contract.conversations import MemberRole
from server_stub.contract.directory import Person
from server_stub.contract.group_rules import Who
from widgets.chat.composer_mentions import MentionOption
from widgets.controls import AvatarSpec

from .conversation_rows import post_text
from .mentions import EVERYONE, Candidate, offer
from .pinyin import keys_of

QUOTE_LENGTH = 120


def quote_of(row: MessageRow) -> Quote | None:
    """The reference to a message; None for one that cannot be quoted."""
    if row.seq <= 0 or row.content is None:
        return None
    return Quote(seq=row.seq, sender_id=row.sender_id, text=summary(row.content)[:QUOTE_LENGTH])


def may_mention_all(row: ConversationRow, members: Sequence[MemberRow], me: str) -> bool:
    """Whether the user may name everyone, as the group's rules say (E095, E110)."""
    if row.rules.mention_all is Who.ALL or row.owner_id == me:
        return True
    return any(one.person_id == me and one.role is not MemberRole.MEMBER for one in members)


def mention_source(
    members: Sequence[MemberRow], people: dict[str, Person], me: str, *, everyone: bool = True
) -> Callable[[str], list[MentionOption]]:
    """Who of a group is offered for what was typed after an @; `everyone`: 所有人 too."""
    candidates = [_candidate(member, people.get(member.person_id)) for member in members if not member.left]

    def source(query: str) -> list[MentionOption]:
        return [
            MentionOption(one.person_id, one.name, one.note, _face(one))
            for one in offer(candidates, query, me=me, everyone=everyone)
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
    return Candidate(member.person_id, name, post_text(person), (*keys_of(person), person.name.lower()))
