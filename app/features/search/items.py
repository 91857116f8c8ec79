"""Turns what was found into rows: sections, and one line for each person, group, unit and message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.store.queries.found_files import FileHit
from app.store.records import ConversationRow, SearchHit
from server_stub.contract.directory import Person, Unit
from widgets.controls import AvatarSpec
from widgets.lists import PeopleItem, PersonItem, SectionItem

from .places import Place

BEFORE = 12
"""Characters shown before the place that was found."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a row leads: `kind` is person, chat, file, unit or place; `seq` names the message, 0 for none."""

    kind: str
    id: str
    seq: int = 0

    @property
    def key(self) -> str:
        """Names the row."""
        return f"{self.kind} {self.id} {self.seq}"

    @classmethod
    def of(cls, key: str) -> Target:
        """The target of a row's key."""
        kind, id, seq = key.split(" ")[:3]
        return cls(kind, id, int(seq))


def snippet(body: str, text: str) -> str:
    """One line around the first word of `text`, so that it is seen even in a long message."""
    line = " ".join(body.split())
    words = [word for word in text.casefold().split() if word]
    places = [place for word in words if (place := line.casefold().find(word)) >= 0]
    start = max(0, min(places, default=0) - BEFORE)
    return ("…" if start else "") + line[start:]


def moment(ms: int) -> str:
    """When a message was sent."""
    then = datetime.fromtimestamp(ms / 1000).astimezone()
    now = datetime.now().astimezone()
    if then.date() == now.date():
        return f"{then:%H:%M}"
    return f"{then.month}月{then.day}日" if then.year == now.year else f"{then.year}/{then.month}/{then.day}"


def people_rows(people: Sequence[Person]) -> list[PeopleItem]:
    """联系人."""
    rows: list[PeopleItem] = []
    for person in people:
        post = next((post for post in person.posts if post.main), person.posts[0] if person.posts else None)
        parts = [post.unit_name if post else "", post.title if post else "", person.rank]
        note = " · ".join(part for part in parts if part)
        avatar = AvatarSpec(name=person.name, seed=person.id)
        rows.append(PersonItem(Target("person", person.id).key, person.name, note, avatar))
    return [SectionItem("联系人"), *rows] if rows else []


def place_rows(places: Sequence[Place]) -> list[PeopleItem]:
    """应用: the client's own pages and sections."""
    rows: list[PeopleItem] = [
        PersonItem(
            Target("place", place.key).key,
            place.title,
            place.where,
            AvatarSpec(name=place.title, seed=place.key, icon=place.icon),
        )
        for place in places
    ]
    return [SectionItem("应用"), *rows] if rows else []


def group_rows(groups: Sequence[ConversationRow]) -> list[PeopleItem]:
    """群组."""
    rows: list[PeopleItem] = [
        PersonItem(
            Target("chat", row.id).key,
            row.title,
            f"{row.member_count} 人",
            AvatarSpec(name=row.title, seed=row.id, icon="users"),
        )
        for row in groups
    ]
    return [SectionItem("群组"), *rows] if rows else []


def unit_rows(units: Sequence[Unit]) -> list[PeopleItem]:
    """单位."""
    rows: list[PeopleItem] = [
        PersonItem(
            Target("unit", unit.id).key,
            unit.name,
            f"{unit.people_count} 人",
            AvatarSpec(name=unit.name, seed="office", icon="unit"),
        )
        for unit in units
    ]
    return [SectionItem("单位"), *rows] if rows else []


def file_rows(hits: Sequence[FileHit], text: str) -> list[PeopleItem]:
    """文件: by name and by what stands in them; a file of several in one message is a row of its own."""
    rows: list[PeopleItem] = []
    for number, hit in enumerate(hits):
        target = Target("file", hit.conversation_id, hit.seq)
        page = f"第{hit.page}页 " if hit.page else ""
        line = page + snippet(hit.line, text) if hit.line else hit.conversation_title
        avatar = AvatarSpec(name=hit.name, seed="office", icon="file")
        rows.append(PersonItem(f"{target.key} {number}", hit.name, line, avatar, tag=moment(hit.sent_at)))
    return [SectionItem("文件"), *rows] if rows else []


def message_rows(hits: Sequence[SearchHit], text: str, *, within: bool = False) -> list[PeopleItem]:
    """聊天记录: under the conversation's name, or `within` one under the name of who said it."""
    rows: list[PeopleItem] = []
    for hit in hits:
        message = hit.message
        target = Target("chat", message.conversation_id, message.seq)
        title = hit.conversation_title or "会话"
        avatar = AvatarSpec(name=title, seed=message.conversation_id)
        if within and hit.sender:
            title, avatar = hit.sender, AvatarSpec(name=hit.sender, seed=message.sender_id)
        rows.append(
            PersonItem(target.key, title, snippet(hit.text, text), avatar, tag=moment(message.sent_at))
        )
    return [SectionItem("聊天记录"), *rows] if rows else []
