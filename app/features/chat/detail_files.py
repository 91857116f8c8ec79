"""What was sent in a conversation: files, folders, pictures, links (E073, E079, E100)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.store.records import MessageRow
from server_stub.contract.content import FolderContent, ImageContent, TextContent
from server_stub.contract.directory import Person

from .detail_feed import Details, file_of
from .sizes import size_text
from .times import short_time


@dataclass(frozen=True, slots=True)
class FileItem:
    """One file or folder and the message that carries it."""

    file_id: str
    seq: int
    name: str
    note: str
    tree: FolderContent | None = None
    """What was sent, for a folder."""

    @property
    def folder(self) -> bool:
        """Whether it is a folder."""
        return self.tree is not None


LINKS = re.compile(r"https?://[^\s\u3000-\u303f\uff00-\uffef<>\"]+")


def link_items(
    rows: Sequence[MessageRow], people: Mapping[str, Person], now_ms: int, text: str = ""
) -> list[FileItem]:
    """The addresses in a conversation's texts, newest first; `file_id` is empty and the name is the address."""
    found: list[FileItem] = []
    for row in rows:
        if not isinstance(row.content, TextContent):
            continue
        person = people.get(row.sender_id)
        note = " · ".join(
            part for part in (person.name if person else "", short_time(row.sent_at, now_ms)) if part
        )
        for address in dict.fromkeys(LINKS.findall(row.content.text)):
            if text.lower() in address.lower():
                found.append(FileItem("", row.seq, address, note))
    return found


def file_items(
    details: Details, now_ms: int, text: str = "", *, pictures: bool | None = None
) -> list[FileItem]:
    """The conversation's files, newest first, whose names hold `text`; `pictures`: only these, or all but these."""
    found: list[FileItem] = []
    for row in details.files:
        file = file_of(row)
        if file is None or text.lower() not in file.name.lower():
            continue
        if pictures is not None and pictures != isinstance(row.content, ImageContent):
            continue
        person = details.people.get(row.sender_id)
        tree = row.content if isinstance(row.content, FolderContent) else None
        parts = (
            f"{len(tree.entries)} 个文件" if tree is not None else "",
            size_text(file.size),
            person.name if person else "",
            short_time(row.sent_at, now_ms),
        )
        note = " · ".join(part for part in parts if part)
        found.append(FileItem(file.file_id, row.seq, file.name, note, tree))
    return found
