"""Sends the richer kinds of messages, forwards, reacts and deletes here: all through the outbox, online or not."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.session.files import FileRefused, Files, FileUnavailable
from app.session.foldertree import FolderRefused, scan_tree
from app.session.outbox import Outbox
from app.session.sending import MAX_TEXT, MAX_THUMBNAIL, Sending, short
from app.store.commands import ReactCommand
from app.store.database import Reader, Writer
from app.store.queries import messages, outbox, preferences, reactions
from app.store.records import CommandKind, MessageRow, MessageState, TransferState
from app.store.store import Store
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
    Unknown,
    VideoContent,
    VoiceContent,
    encode_content,
    file_refs,
    forwardable,
    merged_depth,
)
from server_stub.contract.content_kinds import (
    MAX_MERGED,
    MAX_MERGED_DEPTH,
    MAX_REACTIONS,
    MAX_VOICE_MS,
    MAX_WAVEFORM,
    MergedItem,
    is_emoji,
)
from server_stub.contract.directory import Person
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.sealed import new_key

MAX_MERGED_BYTES = 400 * 1024
MAX_FILES_OF_MESSAGE = 100
MAX_RECENT_TARGETS = 8
RECENT_TARGETS = "forward_targets"
FOLDER_MEDIA_TYPE = "application/x-folder"


class NotForwardable(Exception):
    """What was chosen cannot be forwarded; `text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a film says of itself; zeros and nothing where it could not be looked at."""

    width: int = 0
    height: int = 0
    duration_ms: int = 0
    thumbnail: bytes = b""


class MessageKinds:
    """Each method that sends returns the client id when the command is on disk."""

    def __init__(
        self,
        store: Store,
        queue: Outbox,
        files: Files,
        sending: Sending,
        me: Person,
        now_ms: Callable[[], int],
    ) -> None:
        self._store, self._queue, self._files, self._sending = store, queue, files, sending
        self._me, self._now_ms = me, now_ms

    # Kinds.

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
        """Send a recording from memory; it is sealed before this returns (E092)."""
        if not 0 < duration_ms <= MAX_VOICE_MS + 1000 or len(waveform) > MAX_WAVEFORM:
            raise ValueError("not a voice message")
        file = await self._sealed(data, name, media_type)
        content = VoiceContent(file=file, duration_ms=duration_ms, waveform=waveform, quote=short(quote))
        return await self._sending.with_file(conversation_id, content, file, TransferState.QUEUED, "")

    async def send_video(
        self,
        conversation_id: str,
        path: Path,
        facts: VideoFacts,
        *,
        media_type: str,
        quote: Quote | None = None,
    ) -> str:
        """Send a film from the disk (E093). Raises FileRefused."""
        if len(facts.thumbnail) > MAX_THUMBNAIL:
            raise ValueError("the thumbnail is larger than 16 KiB")
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
        except OSError:
            raise FileRefused(f"“{path.name}”不存在或无法读取。") from None
        self._sending.check(path.name, size)
        file = FileRef(file_id=uuid7(), key=new_key(), name=path.name, size=size, media_type=media_type)
        content = VideoContent(
            file=file,
            width=facts.width,
            height=facts.height,
            duration_ms=facts.duration_ms,
            thumbnail=facts.thumbnail,
            quote=short(quote),
        )
        return await self._sending.with_file(
            conversation_id, content, file, TransferState.PREPARING, await asyncio.to_thread(_absolute, path)
        )

    async def send_folder(self, conversation_id: str, path: Path, *, quote: Quote | None = None) -> str:
        """Send a folder as one tree (E100). Raises FileRefused."""
        try:
            entries, empty = await asyncio.to_thread(scan_tree, path)
        except FolderRefused as refused:
            raise FileRefused(refused.text) from None
        if not entries:
            raise FileRefused(f"“{path.name}”是空文件夹。")
        size = sum(entry.size for entry in entries)
        self._sending.check(path.name + "/", size)
        for entry in entries:
            self._sending.check(entry.path.rsplit("/", 1)[-1], entry.size)
        file = FileRef(
            file_id=uuid7(), key=new_key(), name=path.name, size=size, media_type=FOLDER_MEDIA_TYPE
        )
        content = FolderContent(file=file, entries=entries, empty=empty, quote=short(quote))
        return await self._sending.with_file(
            conversation_id, content, file, TransferState.PREPARING, await asyncio.to_thread(_absolute, path)
        )

    async def send_card(self, conversation_id: str, person: Person) -> str:
        """Send a colleague's card (E094)."""
        post = next((one for one in person.posts if one.main), person.posts[0] if person.posts else None)
        note = f"{post.unit_name} {post.title}".strip() if post is not None else ""
        return await self._sending.content(
            conversation_id, CardContent(person_id=person.id, name=person.name, note=note), []
        )

    async def send_location(self, conversation_id: str, place: LocationContent) -> str:
        """Send a place (E098). Raises ValueError outside of the earth."""
        if not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
            raise ValueError("经纬度不正确：纬度在 -90 到 90 之间，经度在 -180 到 180 之间。")
        if not (place.name.strip() or place.address.strip()):
            raise ValueError("请填写地点名称或地址。")
        return await self._sending.content(conversation_id, place, [])

    async def send_markdown(
        self, conversation_id: str, title: str, text: str, *, quote: Quote | None = None
    ) -> str:
        """Send formatted text (3.1.2.2); 1 to 20,000 characters."""
        if not text.strip():
            raise ValueError("消息不能为空。")
        if len(text) > MAX_TEXT or len(title) > 200:
            raise ValueError(f"消息不能超过 {MAX_TEXT} 字。")
        content = MarkdownContent(title=title.strip(), text=text, quote=short(quote))
        return await self._sending.content(conversation_id, content, [])

    # Forwarding (E104).

    async def forward_each(
        self, source_id: str, seqs: Sequence[int], targets: Sequence[str], note: str = ""
    ) -> int:
        """Forward messages one by one, in their order, to each target; how many of them. Raises NotForwardable."""
        rows = await self._chosen(source_id, seqs)
        await self._note_targets(targets)
        for target in targets:
            for row in rows:
                await self._forward(target, _without_quote(row.content))
            if note.strip():
                await self._sending.text(target, note)
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
        """Forward messages as one record with the senders' names as `names` gives them. Raises NotForwardable."""
        rows = await self._chosen(source_id, seqs)
        items = [
            MergedItem(
                sender_id=row.sender_id,
                sender_name=names(row.sender_id),
                sent_at=row.sent_at,
                content=encode_content(_without_quote(row.content)),
            )
            for row in rows
        ]
        record = MergedContent(title=title[:100], items=items)
        if merged_depth(record) > MAX_MERGED_DEPTH:
            raise NotForwardable(f"聊天记录最多可以套 {MAX_MERGED_DEPTH} 层，请打开里面的记录再转发。")
        if len(encode_content(record)) > MAX_MERGED_BYTES:
            raise NotForwardable("所选内容太多，请少选一些，或逐条转发。")
        await self._note_targets(targets)
        for target in targets:
            await self._forward(target, record)
            if note.strip():
                await self._sending.text(target, note)

    async def forward_content(self, content: AnyContent, targets: Sequence[str], note: str = "") -> None:
        """Forward a content out of an opened record. Raises NotForwardable."""
        if not forwardable(content):
            raise NotForwardable("这种消息不支持转发。")
        await self._note_targets(targets)
        for target in targets:
            await self._forward(target, content)
            if note.strip():
                await self._sending.text(target, note)

    async def recent_targets(self) -> list[str]:
        """Conversations that something was forwarded to, the latest first (E024)."""
        found = await self._store.read(lambda db: preferences.get(db, RECENT_TARGETS))
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []

    async def _note_targets(self, targets: Sequence[str]) -> None:
        before = await self.recent_targets()
        kept = list(dict.fromkeys([*targets, *before]))[:MAX_RECENT_TARGETS]
        await self._store.write(lambda db: preferences.put(db, RECENT_TARGETS, kept))

    async def _chosen(self, source_id: str, seqs: Sequence[int]) -> list[MessageRow]:
        if not 0 < len(seqs) <= MAX_MERGED:
            raise NotForwardable(f"一次最多转发 {MAX_MERGED} 条消息。")

        def read(db: Reader) -> list[MessageRow]:
            found = [messages.get(db, source_id, seq) for seq in sorted(set(seqs))]
            return [row for row in found if row is not None and row.state is MessageState.OPENED]

        rows = await self._store.read(read)
        if len(rows) != len(set(seqs)) or not all(forwardable(row.content) for row in rows):
            raise NotForwardable("所选消息中有不支持转发的内容（语音、系统消息或已撤回的消息）。")
        return rows

    async def _forward(self, target: str, content: AnyContent) -> None:
        ids = [ref.file_id for ref in file_refs(content)]
        if len(ids) > MAX_FILES_OF_MESSAGE:
            raise NotForwardable(f"所选消息里的文件超过 {MAX_FILES_OF_MESSAGE} 个，请分几次转发。")
        await self._sending.content(target, content, ids, forwarded=True)

    # Reactions (E103).

    async def react(self, conversation_id: str, seq: int, emoji: str, *, on: bool | None = None) -> None:
        """Put an emoji to a message or take it back (None: the other of what is); shown at once."""
        if not is_emoji(emoji):
            raise ValueError("not an emoji")
        client_id = uuid7()

        def work(db: Writer) -> bool:
            have = reactions.own(db, conversation_id, seq, self._me.id)
            wanted = emoji not in have if on is None else on
            if wanted == (emoji in have):
                return False
            now = [*have, emoji] if wanted else [one for one in have if one != emoji]
            if len(now) > MAX_REACTIONS:
                raise ValueError(f"同一条消息最多回复 {MAX_REACTIONS} 个表情。")
            reactions.set_own(db, conversation_id, seq, self._me.id, now, client_id, self._now_ms())
            outbox.drop_reacts(db, conversation_id, seq)
            outbox.add(db, client_id, conversation_id, ReactCommand(seq, now), self._now_ms())
            return True

        if await self._store.write(work):
            self._queue.kick(conversation_id, CommandKind.REACT)

    # On this machine.

    async def remove_here(self, conversation_id: str, seqs: Sequence[int]) -> None:
        """Delete messages on this machine only (E108); others and other devices keep theirs."""
        gone = await self._store.write(lambda db: messages.remove(db, conversation_id, seqs))
        for file_id in gone:
            await self._files.cancel(file_id)

    async def keep_transcript(self, conversation_id: str, seq: int, text: str) -> None:
        """Keep what a voice message says, on this machine."""
        await self._store.write(lambda db: messages.set_transcript(db, conversation_id, seq, text))

    async def save_folder(self, conversation_id: str, content: FolderContent, target: Path) -> Path:
        """Fetch a folder if needed and write it below `target`; where it lies. Raises FileUnavailable."""
        return await self._files.unpack(content, conversation_id, target)

    async def _sealed(self, data: bytes, name: str, media_type: str) -> FileRef:
        self._sending.check(name, len(data))
        file_id, key = uuid7(), new_key()
        digest = await self._files.seal_now(data, file_id, key)
        return FileRef(
            file_id=file_id, key=key, name=name, size=len(data), digest=digest, media_type=media_type
        )


def _absolute(path: Path) -> str:
    return str(path.absolute())


def _without_quote(content: AnyContent | Unknown | None) -> AnyContent:
    """What is carried on: the words alone; a reply's reference means nothing elsewhere, and nobody is named anew."""
    from msgspec.structs import replace

    if content is None or isinstance(content, Unknown):
        raise NotForwardable("这种消息不支持转发。")
    if isinstance(content, TextContent):
        return replace(content, quote=None, mentions=[])
    return replace(content, quote=None) if getattr(content, "quote", None) is not None else content  # type: ignore[arg-type]


__all__ = ["FileUnavailable", "MessageKinds", "NotForwardable", "VideoFacts"]
