"""The chat service over a signed-in session: reads its store, fetches what is missing, passes commands on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from app.session.kinds import MessageKinds
from app.session.presence import TypingNotice
from app.session.session import Session
from app.session.states import NetworkError
from app.store.changes import Change, Subscription
from app.store.queries import conversations, drafts, members, messages, people, transfers
from app.store.records import ConversationRow, Draft, MemberRow, MessageRow, Receipt, TransferRow
from server_stub.contract.content import LinkPreview, Quote, VoiceContent
from server_stub.contract.directory import Person, SearchResult, UnitChildren

from .group_service import Arrangement, GroupFiles, GroupService


class SessionChat:
    """See service.ChatService. Background fetches are quiet: what they bring comes as changes of the store."""

    def __init__(self, session: Session, *, recall_seconds: int) -> None:
        self._session = session
        self._recall_seconds = recall_seconds
        self._fetching: set[asyncio.Task[Any]] = set()
        self._asked: set[str] = {"system"}

    @property
    def me(self) -> Person:
        return self._session.me

    @property
    def kinds(self) -> MessageKinds:
        return self._session.kinds

    @property
    def groups(self) -> GroupService:
        return self._session.groups

    @property
    def space(self) -> GroupFiles:
        return self._session.space

    @property
    def personal(self) -> Arrangement:
        return self._session.personal

    @property
    def recall_seconds(self) -> int:
        return self._recall_seconds

    def now_ms(self) -> int:
        return self._session.now_ms()

    def listen(
        self,
        listener: Callable[[Change], None],
        *,
        table: str | None = None,
        conversation_id: str | None = None,
    ) -> Subscription:
        return self._session.store.changes.listen(listener, table=table, conversation_id=conversation_id)

    def on_typing(self, listener: Callable[[TypingNotice], None]) -> Subscription:
        return self._session.presence.typing.connect(listener)

    def on_presence(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        return self._session.presence.changed.connect(listener)

    def is_online(self, person_id: str) -> bool:
        return self._session.presence.is_online(person_id)

    def watch(self, person_ids: Sequence[str], party: str = "chat") -> None:
        self._session.presence.watch(person_ids, party)

    # Reading.

    async def overview(self, ids: Sequence[str] | None = None) -> list[ConversationRow]:
        return await self._session.store.read(lambda db: conversations.overview(db, ids))

    async def newest(self, conversation_id: str, limit: int) -> list[MessageRow]:
        rows = await self._session.store.read(lambda db: messages.newest(db, conversation_id, limit))
        self._quietly(self._fill_newest(conversation_id, limit))
        return rows

    async def _fill_newest(self, conversation_id: str, limit: int) -> None:
        row = await self._session.store.read(lambda db: conversations.get(db, conversation_id))
        if row is not None and row.last_seq:
            first = max(row.first_seq, row.last_seq - limit + 1)
            await self._session.messages.ensure_window(conversation_id, first, row.last_seq)

    async def before(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        store = self._session.store
        rows = await store.read(lambda db: messages.before(db, conversation_id, seq, limit))
        whole = [row.seq for row in rows] == list(range(seq - len(rows), seq))
        if whole and len(rows) == limit:
            return rows
        await self._try(self._session.messages.load_older(conversation_id, seq, limit))
        return await store.read(lambda db: messages.before(db, conversation_id, seq, limit))

    async def after(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        store = self._session.store
        row = await store.read(lambda db: conversations.get(db, conversation_id))
        if row is not None and row.last_seq > seq:
            last = min(row.last_seq, seq + limit)
            await self._try(self._session.messages.ensure_window(conversation_id, seq + 1, last))
        return await store.read(lambda db: messages.after(db, conversation_id, seq, limit))

    async def around(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        first = max(1, seq - limit // 2)
        await self._try(self._session.messages.ensure_window(conversation_id, first, first + limit - 1))
        return await self._session.store.read(lambda db: messages.around(db, conversation_id, seq, limit))

    async def pending(self, conversation_id: str) -> list[MessageRow]:
        return await self._session.store.read(lambda db: messages.pending(db, conversation_id))

    async def by_client_ids(self, conversation_id: str, ids: Sequence[str]) -> list[MessageRow]:
        return await self._session.store.read(lambda db: messages.by_client_ids(db, conversation_id, ids))

    async def refresh_members(self, conversation_id: str) -> None:
        await self._try(self._session.conversations.refresh_members(conversation_id))

    async def members(self, conversation_id: str) -> list[MemberRow]:
        return await self._session.store.read(lambda db: members.of(db, conversation_id))

    async def receipt(self, conversation_id: str, seq: int, sender_id: str) -> Receipt:
        return await self._session.store.read(lambda db: members.receipt(db, conversation_id, seq, sender_id))

    async def people(self, ids: Sequence[str]) -> dict[str, Person]:
        if not ids:
            return {}
        found = await self._session.store.read(lambda db: people.get(db, ids))
        missing = [id for id in ids if id not in found and id not in self._asked]
        if missing:
            # Their arrival is a change of the table "people". Each is asked for once: some may not be seen at all.
            self._asked.update(missing)
            self._quietly(self._session.directory.people(missing))
        return found

    async def avatar(self, avatar_id: str) -> bytes:
        return await self._session.pictures.picture(avatar_id)

    async def draft(self, conversation_id: str) -> Draft | None:
        return await self._session.store.read(lambda db: drafts.get(db, conversation_id))

    async def transfers(self, conversation_id: str) -> list[TransferRow]:
        return await self._session.store.read(lambda db: transfers.of_conversation(db, conversation_id))

    async def files(self, conversation_id: str, limit: int) -> list[MessageRow]:
        rows = await self._session.store.read(
            lambda db: messages.with_files(db, conversation_id, limit), background=True
        )
        return [row for row in rows if not isinstance(row.content, VoiceContent)]

    async def links(self, conversation_id: str, limit: int) -> list[MessageRow]:
        return await self._session.store.read(
            lambda db: messages.with_links(db, conversation_id, limit), background=True
        )

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)

    async def search_people(self, text: str, limit: int) -> list[Person]:
        return (await self._session.directory.search(text, limit)).people

    # Acting.

    async def send_text(
        self,
        conversation_id: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        quote: Quote | None = None,
        preview: LinkPreview | None = None,
    ) -> str:
        return await self._session.send.text(
            conversation_id, text, mentions=mentions, quote=quote, preview=preview
        )

    async def send_files(
        self, conversation_id: str, paths: Sequence[Path], *, quote: Quote | None = None
    ) -> None:
        await self._session.send.files(conversation_id, paths, quote=quote)

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
        await self._session.send.image(
            conversation_id,
            data,
            name=name,
            width=width,
            height=height,
            thumbnail=thumbnail,
            media_type=media_type,
            quote=quote,
        )

    async def recall(self, conversation_id: str, seq: int) -> None:
        await self._session.messages.recall(conversation_id, seq)

    async def retry(self, client_id: str) -> None:
        await self._session.messages.retry(client_id)

    async def discard(self, client_id: str) -> None:
        await self._session.messages.discard(client_id)

    async def mark_read(self, conversation_id: str, seq: int | None = None) -> None:
        await self._session.conversations.mark_read(conversation_id, seq)

    async def change_setting(
        self,
        conversation_id: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: bool | None = None,
        marked_unread: bool | None = None,
    ) -> None:
        await self._session.conversations.change_setting(
            conversation_id, pinned=pinned, muted=muted, hidden=hidden, marked_unread=marked_unread
        )

    async def save_draft(self, draft: Draft) -> None:
        await self._session.conversations.save_draft(draft)

    def notify_typing(self, conversation_id: str) -> None:
        self._session.presence.notify_typing(conversation_id)

    async def open_single(self, person_id: str) -> str:
        return await self._session.conversations.open_single(person_id)

    async def create_group(self, member_ids: Sequence[str], name: str) -> str:
        return await self._session.conversations.create_group(member_ids, name)

    async def change_members(
        self, conversation_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        await self._session.conversations.change_members(conversation_id, add=add, remove=remove)

    async def change_group(
        self, conversation_id: str, *, name: str | None = None, announcement: str | None = None
    ) -> None:
        await self._session.conversations.change_group(conversation_id, name=name, announcement=announcement)

    async def leave(self, conversation_id: str) -> None:
        await self._session.conversations.leave(conversation_id)

    async def open_file(self, file_id: str) -> Path:
        return await self._session.attachments.open(file_id)

    async def save_file(self, file_id: str, target: Path) -> None:
        await self._session.attachments.save(file_id, target)

    async def file_bytes(self, file_id: str) -> bytes:
        return await self._session.attachments.read(file_id)

    async def download(self, file_id: str) -> None:
        await self._session.attachments.download(file_id)

    async def pause(self, file_id: str) -> None:
        await self._session.attachments.pause(file_id)

    async def resume(self, file_id: str) -> None:
        await self._session.attachments.resume(file_id)

    async def cancel(self, file_id: str) -> None:
        await self._session.attachments.cancel(file_id)

    # Fetching.

    async def close(self) -> None:
        """Give up what is still being fetched."""
        for task in list(self._fetching):
            task.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)

    async def _try(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except NetworkError:
            return  # Offline: what the store has is shown.

    def _quietly(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(self._try(work))
        self._fetching.add(task)
        task.add_done_callback(self._fetched)

    def _fetched(self, task: asyncio.Task[Any]) -> None:
        self._fetching.discard(task)
        if not task.cancelled():
            # Nobody waits for it; a refusal (left the group, no right) leaves the store as it is.
            task.exception()
