"""A chat service in memory: what is sent is acknowledged when the test says so; nothing touches disk or network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from app.session.presence import TypingNotice
from app.store.changes import Change, Changes, Subscription
from app.store.records import (
    ConversationRow,
    Draft,
    MemberRow,
    MessageRow,
    MessageState,
    Receipt,
    TransferDirection,
    TransferRow,
    TransferState,
)
from server_stub.contract.content import (
    AnyContent,
    FileContent,
    FileRef,
    FolderContent,
    ImageContent,
    LinkPreview,
    Quote,
    TextContent,
    Unknown,
    VideoContent,
    summary,
)
from server_stub.contract.conversations import ConversationKind, MemberRole
from server_stub.contract.directory import Person, SearchResult, UnitChildren
from server_stub.contract.ids import uuid7

from . import chats
from .contacts_service import ShowcaseContacts
from .group_service import ShowcaseGroups
from .kinds_service import ShowcaseKinds
from .office import BY_ID, ME, NOW_MS, PEOPLE


class ShowcaseChat:
    """See features.chat.service.ChatService. `deliver` plays the server's acknowledgement, `receive` a colleague."""

    recall_seconds = 120

    def __init__(
        self, rows: list[ConversationRow] | None = None, *, me: Person = ME, auto_ack: bool = True
    ) -> None:
        self.me = me
        self.auto_ack = auto_ack
        self.conversations = {row.id: row for row in (chats.conversation_rows() if rows is None else rows)}
        self.messages: dict[str, list[MessageRow]] = {}
        self.unsent: dict[str, list[MessageRow]] = {}
        self.drafts: dict[str, Draft] = {}
        self.transfer_rows: dict[str, TransferRow] = {}
        self.member_rows: dict[str, list[MemberRow]] = {}
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        """Commands as they came, for tests."""
        self.error: Exception | None = None
        """Raised by the next command."""
        self.picture = b""
        self.kinds = ShowcaseKinds(self)
        self.groups = self.space = self.personal = ShowcaseGroups(self)
        self.avatar = self.groups.picture
        self._changes = Changes(asyncio.get_event_loop())
        self._online = frozenset({"p-wang", "p-zhao", "p-sun"})
        self._order = 10
        if rows is None:
            self._fill()

    def _fill(self) -> None:
        self.messages[chats.FLOOD] = chats.flood_messages()
        self.unsent[chats.FLOOD] = chats.unsent_messages()
        self.messages["c-zhao"] = chats.single_messages("c-zhao", "p-zhao")
        for name in ("c-hw", "c-notice"):
            self.messages[name] = chats.notice_messages(name)
        self.transfer_rows["f-doc"] = TransferRow(
            file_id="f-doc",
            direction=TransferDirection.UP,
            conversation_id=chats.FLOOD,
            client_id="u-1",
            name="中原区值守名单.docx",
            size=5_242_880,
            chunks=5,
            done=3,
            state=TransferState.RUNNING,
        )
        self.drafts["c-sun"] = Draft("c-sun", "已按要求修改，")
        for row in self.conversations.values():
            ids = row.sample_members or tuple(filter(None, (self.me.id, row.peer_id)))
            self.member_rows[row.id] = [
                MemberRow(
                    conversation_id=row.id,
                    person_id=id,
                    name=BY_ID[id].name,
                    role=MemberRole.OWNER if id == row.owner_id else MemberRole.MEMBER,
                    read_seq=9 if n % 4 else 6,
                    delivered_seq=9,
                )
                for n, id in enumerate(ids)
            ]

    # Played by tests and pictures.

    def changed(self, table: str, conversation_id: str = "", *keys: str) -> None:
        """Tell the listeners, as the store does after a commit."""
        self._changes.post([Change(table, conversation_id, frozenset(keys))])

    def receive(self, conversation_id: str, sender_id: str, content: AnyContent | str) -> MessageRow:
        """A message arrives."""
        body = TextContent(text=content) if isinstance(content, str) else content
        return self._append(conversation_id, sender_id, body, uuid7())

    def deliver(self, client_id: str) -> None:
        """The server acknowledges an own message."""
        for conversation_id, rows in self.unsent.items():
            for row in rows:
                if row.client_id == client_id and row.content is not None:
                    rows.remove(row)
                    self._append(conversation_id, self.me.id, row.content, client_id)
                    return

    def refuse(self, client_id: str, text: str) -> None:
        """The server refuses an own message."""
        for conversation_id, rows in self.unsent.items():
            for place, row in enumerate(rows):
                if row.client_id == client_id:
                    rows[place] = replace(row, state=MessageState.FAILED, error=text)
                    self.changed("messages", conversation_id, client_id)

    def _append(
        self, conversation_id: str, sender_id: str, content: AnyContent | Unknown, client_id: str
    ) -> MessageRow:
        rows = self.messages.setdefault(conversation_id, [])
        row = MessageRow(
            conversation_id=conversation_id,
            seq=rows[-1].seq + 1 if rows else 1,
            client_id=client_id,
            sender_id=sender_id,
            sent_at=NOW_MS,
            state=MessageState.OPENED,
            content=content,
        )
        rows.append(row)
        own = sender_id == self.me.id
        old = self.conversations[conversation_id]
        group = old.kind is ConversationKind.GROUP
        self.conversations[conversation_id] = replace(
            old,
            last=row,
            last_seq=row.seq,
            last_text=summary(content),
            last_sender="" if own or not group or sender_id == "system" else BY_ID[sender_id].name,
            active_at=old.active_at + 1000 if own else NOW_MS,
            unread=old.unread + (0 if own else 1),
        )
        self.changed("messages", conversation_id, client_id)
        return row

    # Reads.

    def now_ms(self) -> int:
        return NOW_MS

    def listen(
        self,
        listener: Callable[[Change], None],
        *,
        table: str | None = None,
        conversation_id: str | None = None,
    ) -> Subscription:
        return self._changes.listen(listener, table=table, conversation_id=conversation_id)

    def on_typing(self, listener: Callable[[TypingNotice], None]) -> Subscription:
        return Subscription(lambda: None)

    def on_presence(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        return Subscription(lambda: None)

    def is_online(self, person_id: str) -> bool:
        return person_id in self._online

    def watch(self, person_ids: Sequence[str], party: str = "chat") -> None:
        return

    async def overview(self, ids: Sequence[str] | None = None) -> list[ConversationRow]:
        rows = [row for row in self.conversations.values() if ids is None or row.id in ids]
        rows = [replace(row, draft=d.text) if (d := self.drafts.get(row.id)) else row for row in rows]
        return sorted(rows, key=lambda row: (not row.pinned, -row.active_at))

    async def newest(self, conversation_id: str, limit: int) -> list[MessageRow]:
        return self.messages.get(conversation_id, [])[-limit:]

    async def before(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        return [row for row in self.messages.get(conversation_id, []) if row.seq < seq][-limit:]

    async def after(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        return [row for row in self.messages.get(conversation_id, []) if row.seq > seq][:limit]

    async def around(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        half = limit // 2
        return [row for row in self.messages.get(conversation_id, []) if abs(row.seq - seq) <= half]

    async def pending(self, conversation_id: str) -> list[MessageRow]:
        return list(self.unsent.get(conversation_id, []))

    async def by_client_ids(self, conversation_id: str, ids: Sequence[str]) -> list[MessageRow]:
        every = self.messages.get(conversation_id, []) + self.unsent.get(conversation_id, [])
        return [row for row in every if row.client_id in ids]

    async def members(self, conversation_id: str) -> list[MemberRow]:
        return list(self.member_rows.get(conversation_id, []))

    async def refresh_members(self, conversation_id: str) -> None:
        return

    async def receipt(self, conversation_id: str, seq: int, sender_id: str) -> Receipt:
        members = [m for m in self.member_rows.get(conversation_id, []) if m.person_id != sender_id]
        return Receipt(
            read=tuple(m.person_id for m in members if m.read_seq >= seq),
            delivered=tuple(m.person_id for m in members if m.read_seq < seq <= m.delivered_seq),
            waiting=tuple(m.person_id for m in members if m.delivered_seq < seq),
        )

    async def people(self, ids: Sequence[str]) -> dict[str, Person]:
        return {id: BY_ID[id] for id in ids if id in BY_ID}

    async def draft(self, conversation_id: str) -> Draft | None:
        return self.drafts.get(conversation_id)

    async def transfers(self, conversation_id: str) -> list[TransferRow]:
        return [row for row in self.transfer_rows.values() if row.conversation_id == conversation_id]

    async def files(self, conversation_id: str, limit: int) -> list[MessageRow]:
        rows = [
            row
            for row in self.messages.get(conversation_id, [])
            if isinstance(row.content, FileContent | FolderContent | ImageContent | VideoContent)
        ]
        return rows[::-1][:limit]

    async def links(self, conversation_id: str, limit: int) -> list[MessageRow]:
        rows = reversed(self.messages.get(conversation_id, []))
        return [row for row in rows if isinstance(row.content, TextContent) and "http" in row.content.text][
            :limit
        ]

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await ShowcaseContacts().unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await ShowcaseContacts().search(text, limit)

    async def search_people(self, text: str, limit: int) -> list[Person]:
        text = text.lower().replace(" ", "")
        found = [
            p for p in PEOPLE if text in p.name or text in p.pinyin.replace(" ", "") or text in p.initials
        ]
        return found[:limit]

    # Commands.

    def note(self, name: str, *arguments: object) -> None:
        """Remember a command; raise what the test wants raised."""
        self.calls.append((name, arguments))
        if self.error is not None:
            error, self.error = self.error, None
            raise error

    def queue(self, conversation_id: str, content: AnyContent) -> str:
        """Show an own message as pending."""
        client_id = uuid7()
        self._order += 1
        row = MessageRow(
            conversation_id=conversation_id,
            seq=0,
            client_id=client_id,
            sender_id=self.me.id,
            sent_at=NOW_MS,
            state=MessageState.PENDING,
            content=content,
            order=self._order,
        )
        self.unsent.setdefault(conversation_id, []).append(row)
        self.changed("messages", conversation_id, client_id)
        if self.auto_ack:
            self.deliver(client_id)
        return client_id

    async def send_text(
        self,
        conversation_id: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        quote: Quote | None = None,
        preview: LinkPreview | None = None,
    ) -> str:
        self.note("send_text", conversation_id, text, tuple(mentions), quote)
        return self.queue(
            conversation_id, TextContent(text=text, mentions=list(mentions), quote=quote, preview=preview)
        )

    async def send_files(
        self, conversation_id: str, paths: Sequence[Path], *, quote: Quote | None = None
    ) -> None:
        self.note("send_files", conversation_id, tuple(paths))
        for path in paths:
            ref = FileRef(file_id=uuid7(), key=b"", name=path.name, size=path.stat().st_size)
            self.queue(conversation_id, FileContent(file=ref, quote=quote))

    async def send_image(
        self,
        conversation_id: str,
        data: bytes,
        *,
        name: str,
        width: int,
        height: int,
        thumbnail: bytes,
        media_type: str = "image/png",
        quote: Quote | None = None,
    ) -> None:
        self.note("send_image", conversation_id, name, width, height)
        self.picture = data
        ref = FileRef(file_id=uuid7(), key=b"", name=name, size=len(data), media_type=media_type)
        self.queue(conversation_id, ImageContent(file=ref, width=width, height=height, thumbnail=thumbnail))

    async def recall(self, conversation_id: str, seq: int) -> None:
        self.note("recall", conversation_id, seq)
        rows = self.messages[conversation_id]
        for place, row in enumerate(rows):
            if row.seq == seq:
                rows[place] = replace(row, state=MessageState.RECALLED, content=None, recalled_by=self.me.id)
                self.changed("messages", conversation_id, row.client_id)

    async def retry(self, client_id: str) -> None:
        self.note("retry", client_id)
        self.deliver(client_id)

    async def discard(self, client_id: str) -> None:
        self.note("discard", client_id)
        for conversation_id, rows in self.unsent.items():
            kept = [row for row in rows if row.client_id != client_id]
            if len(kept) != len(rows):
                self.unsent[conversation_id] = kept
                self.changed("messages", conversation_id, client_id)

    async def mark_read(self, conversation_id: str, seq: int | None = None) -> None:
        self.note("mark_read", conversation_id, seq)
        row = self.conversations[conversation_id]
        read = row.last_seq if seq is None else max(seq, row.read_seq)
        unread = max(0, row.last_seq - read)
        self.conversations[conversation_id] = replace(
            row, read_seq=read, unread=unread, mentioned=row.mentioned and unread > 0, marked_unread=False
        )
        self.changed("members", conversation_id)

    async def change_setting(
        self,
        conversation_id: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: bool | None = None,
        marked_unread: bool | None = None,
    ) -> None:
        wanted = {"pinned": pinned, "muted": muted, "hidden": hidden, "marked_unread": marked_unread}
        changes = {name: value for name, value in wanted.items() if value is not None}
        self.note("change_setting", conversation_id, tuple(changes.items()))
        row = self.conversations[conversation_id]
        self.conversations[conversation_id] = replace(row, **changes)  # type: ignore[arg-type]
        self.changed("settings", conversation_id)

    async def save_draft(self, draft: Draft) -> None:
        self.note("save_draft", draft.conversation_id, draft.text)
        if draft.text:
            self.drafts[draft.conversation_id] = draft
        else:
            self.drafts.pop(draft.conversation_id, None)
        self.changed("drafts", draft.conversation_id)

    def notify_typing(self, conversation_id: str) -> None:
        return

    async def open_single(self, person_id: str) -> str:
        self.note("open_single", person_id)
        for row in self.conversations.values():
            if row.peer_id == person_id:
                return row.id
        new = f"c-new-{person_id}"
        self.conversations[new] = ConversationRow(
            id=new,
            kind=ConversationKind.SINGLE,
            title=BY_ID[person_id].name,
            peer_id=person_id,
            active_at=NOW_MS,
        )
        self.changed("conversations", new)
        return new

    async def create_group(self, member_ids: Sequence[str], name: str) -> str:
        self.note("create_group", tuple(member_ids), name)
        new = f"c-group-{len(self.conversations)}"
        title = name or "、".join(BY_ID[id].name for id in member_ids)
        self.conversations[new] = ConversationRow(
            id=new,
            kind=ConversationKind.GROUP,
            title=title,
            owner_id=self.me.id,
            member_count=len(member_ids) + 1,
            sample_members=(self.me.id, *member_ids)[:9],
            active_at=NOW_MS,
        )
        self.changed("conversations", new)
        return new

    async def change_members(
        self, conversation_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        self.note("change_members", conversation_id, tuple(add), tuple(remove))

    async def change_group(
        self, conversation_id: str, *, name: str | None = None, announcement: str | None = None
    ) -> None:
        self.note("change_group", conversation_id, name, announcement)
        row = self.conversations[conversation_id]
        row = replace(row, title=row.title if name is None else name)
        if announcement is not None:
            row = replace(row, announcement=announcement)
        self.conversations[conversation_id] = row
        self.changed("conversations", conversation_id)

    async def leave(self, conversation_id: str) -> None:
        self.note("leave", conversation_id)
        self.conversations[conversation_id] = replace(self.conversations[conversation_id], left=True)
        self.changed("conversations", conversation_id)

    async def open_file(self, file_id: str) -> Path:
        self.note("open_file", file_id)
        raise FileNotFoundError(2, "no such file", file_id)

    async def save_file(self, file_id: str, target: Path) -> None:
        self.note("save_file", file_id, target)
        await asyncio.to_thread(target.write_bytes, self.picture)

    async def file_bytes(self, file_id: str) -> bytes:
        self.note("file_bytes", file_id)
        return self.picture or chats.sample_picture()

    def _transfer(self, name: str, file_id: str, state: TransferState | None) -> None:
        self.note(name, file_id)
        row = self.transfer_rows.get(file_id)
        if row is None:
            return
        if state is None:
            del self.transfer_rows[file_id]
        else:
            self.transfer_rows[file_id] = replace(row, state=state)
        self.changed("transfers", row.conversation_id, file_id)

    async def download(self, file_id: str) -> None:
        self._transfer("download", file_id, TransferState.RUNNING)

    async def pause(self, file_id: str) -> None:
        self._transfer("pause", file_id, TransferState.PAUSED)

    async def resume(self, file_id: str) -> None:
        self._transfer("resume", file_id, TransferState.RUNNING)

    async def cancel(self, file_id: str) -> None:
        self._transfer("cancel", file_id, None)
