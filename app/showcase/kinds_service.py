"""The richer kinds of messages in memory, beside ShowcaseChat: what is sent is queued there, what is put to messages is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.session.kinds import NotForwardable, VideoFacts
from app.store.records import MessageState, ReactionMark
from server_stub.contract.content import (
    AnyContent,
    CardContent,
    FileRef,
    FolderContent,
    LocationContent,
    MarkdownContent,
    MergedContent,
    Quote,
    TextContent,
    VideoContent,
    VoiceContent,
    encode_content,
    forwardable,
)
from server_stub.contract.content_kinds import FolderEntry, MergedItem
from server_stub.contract.directory import Person
from server_stub.contract.ids import uuid7

if TYPE_CHECKING:
    from .chat_service import ShowcaseChat


class ShowcaseKinds:
    """See features.chat.kinds_service.KindsService."""

    def __init__(self, chat: ShowcaseChat) -> None:
        self._chat = chat
        self.targets: list[str] = []

    def _file(self, name: str, size: int, media_type: str = "") -> FileRef:
        return FileRef(file_id=uuid7(), key=b"", name=name, size=size, media_type=media_type)

    async def send_voice(
        self,
        conversation_id: str,
        data: bytes,
        *,
        duration_ms: int,
        waveform: bytes,
        media_type: str,
        name: str,
        quote: Quote | None = None,
    ) -> str:
        self._chat.note("send_voice", conversation_id, duration_ms, media_type)
        self._chat.picture = data
        file = self._file(name, len(data), media_type)
        return self._chat.queue(
            conversation_id, VoiceContent(file=file, duration_ms=duration_ms, waveform=waveform, quote=quote)
        )

    async def send_video(
        self,
        conversation_id: str,
        path: Path,
        facts: VideoFacts,
        *,
        media_type: str,
        quote: Quote | None = None,
    ) -> str:
        self._chat.note("send_video", conversation_id, path, facts)
        file = self._file(path.name, 1, media_type)
        return self._chat.queue(
            conversation_id,
            VideoContent(
                file=file,
                width=facts.width,
                height=facts.height,
                duration_ms=facts.duration_ms,
                thumbnail=facts.thumbnail,
                quote=quote,
            ),
        )

    async def send_folder(self, conversation_id: str, path: Path, *, quote: Quote | None = None) -> str:
        self._chat.note("send_folder", conversation_id, path)
        file = self._file(path.name, 1)
        return self._chat.queue(conversation_id, FolderContent(file=file, entries=[FolderEntry("a", 1)]))

    async def send_card(self, conversation_id: str, person: Person) -> str:
        self._chat.note("send_card", conversation_id, person.id)
        return self._chat.queue(conversation_id, CardContent(person_id=person.id, name=person.name))

    async def send_location(self, conversation_id: str, place: LocationContent) -> str:
        self._chat.note("send_location", conversation_id, place)
        return self._chat.queue(conversation_id, place)

    async def send_markdown(
        self, conversation_id: str, title: str, text: str, *, quote: Quote | None = None
    ) -> str:
        self._chat.note("send_markdown", conversation_id, title, text)
        return self._chat.queue(conversation_id, MarkdownContent(title=title, text=text, quote=quote))

    async def forward_each(
        self, source_id: str, seqs: Sequence[int], targets: Sequence[str], note: str = ""
    ) -> int:
        self._chat.note("forward_each", source_id, tuple(seqs), tuple(targets), note)
        self.targets = list(targets)
        rows = self._rows(source_id, seqs)
        for target in targets:
            for row in rows:
                self._chat.queue(target, row.content)  # type: ignore[arg-type]
            if note:
                self._chat.queue(target, TextContent(text=note))
        return len(rows)

    async def forward_merged(
        self,
        source_id: str,
        seqs: Sequence[int],
        targets: Sequence[str],
        *,
        title: str,
        names: Callable[[str], str],
        note: str = "",
    ) -> None:
        self._chat.note("forward_merged", source_id, tuple(seqs), tuple(targets), title, note)
        self.targets = list(targets)
        items = [
            MergedItem(
                sender_id=row.sender_id,
                sender_name=names(row.sender_id),
                sent_at=row.sent_at,
                content=encode_content(row.content),  # type: ignore[arg-type]
            )
            for row in self._rows(source_id, seqs)
        ]
        for target in targets:
            self._chat.queue(target, MergedContent(title=title, items=items))

    async def forward_content(self, content: AnyContent, targets: Sequence[str], note: str = "") -> None:
        self._chat.note("forward_content", content, tuple(targets), note)
        for target in targets:
            self._chat.queue(target, content)

    def _rows(self, source_id: str, seqs: Sequence[int]):
        rows = [row for row in self._chat.messages[source_id] if row.seq in seqs]
        if not all(forwardable(row.content) for row in rows):
            raise NotForwardable("所选消息中有不支持转发的内容。")
        return rows

    async def recent_targets(self) -> list[str]:
        return list(self.targets)

    async def react(self, conversation_id: str, seq: int, emoji: str, *, on: bool | None = None) -> None:
        self._chat.note("react", conversation_id, seq, emoji)
        me = self._chat.me.id
        rows = self._chat.messages[conversation_id]
        for place, row in enumerate(rows):
            if row.seq != seq:
                continue
            marks = {mark.emoji: [id for id in mark.people] for mark in row.reactions}
            people = marks.setdefault(emoji, [])
            if me in people:
                people.remove(me)
            else:
                people.append(me)
            kept = tuple(ReactionMark(one, tuple(ids)) for one, ids in marks.items() if ids)
            rows[place] = replace(row, reactions=kept)
            self._chat.changed("messages", conversation_id, row.client_id)

    async def remove_here(self, conversation_id: str, seqs: Sequence[int]) -> None:
        self._chat.note("remove_here", conversation_id, tuple(seqs))
        rows = self._chat.messages[conversation_id]
        for place, row in enumerate(rows):
            if row.seq in seqs:
                rows[place] = replace(row, state=MessageState.REMOVED, content=None)
                self._chat.changed("messages", conversation_id, row.client_id)

    async def keep_transcript(self, conversation_id: str, seq: int, text: str) -> None:
        self._chat.note("keep_transcript", conversation_id, seq, text)
        rows = self._chat.messages[conversation_id]
        for place, row in enumerate(rows):
            if row.seq == seq:
                rows[place] = replace(row, transcript=text)
                self._chat.changed("messages", conversation_id, row.client_id)

    async def save_folder(self, conversation_id: str, content: FolderContent, target: Path) -> Path:
        self._chat.note("save_folder", conversation_id, target)
        return target / content.file.name
