"""Conversations: opened, made, joined and left, with their members, read cursor, settings and draft."""

import time
from collections.abc import Callable, Sequence

from app.session.api import ApiClient
from app.session.applying import Applying
from app.session.directory import Directory
from app.session.outbox import Outbox
from app.session.side_work import SideWork
from app.session.states import NetworkError
from app.store.commands import ReadCommand, SettingCommand
from app.store.database import Writer
from app.store.queries import conversations, drafts, members, outbox, people, settings
from app.store.records import CommandKind, Draft
from app.store.store import Store
from server_stub.contract.conversations import Member
from server_stub.contract.ids import uuid7


class Conversations:
    """Part of a session. Read cursor, settings and draft are shown at once; the rest needs an answer and raises
    NetworkError or ApiError. What administrators of a group do is in `Groups`."""

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        applying: Applying,
        queue: Outbox,
        directory: Directory,
        side: SideWork,
        me: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._store, self._api, self._applying, self._queue = store, api, applying, queue
        self._directory, self._side = directory, side
        self._me, self._now_ms = me, now_ms

    # Opening, making, leaving.

    async def open_single(self, person_id: str) -> str:
        """The single chat with a person; its id. From the store when known, else from the server; in the list again if it was removed."""
        known = await self._store.read(lambda db: conversations.single_with(db, person_id))
        if known is not None:
            row = await self._store.read(lambda db: conversations.get(db, known))
            if row is not None and row.hidden:
                await self.change_setting(known, hidden=False)
            return known
        conversation = await self._api.open_single(person_id)
        await self._applying.apply_conversation(conversation)
        self._side.start(self._directory.learn([person_id]))
        return conversation.id

    async def create_group(self, member_ids: Sequence[str], name: str = "") -> str:
        """Make a group; its id."""
        client_id = uuid7()
        try:
            conversation = await self._api.create_group(client_id, name, member_ids)
        except NetworkError:
            # The answer may have been lost: the same client id gives the same group.
            conversation = await self._api.create_group(client_id, name, member_ids)
        await self._applying.apply_conversation(conversation)
        return conversation.id

    async def change_group(
        self, conversation_id: str, *, name: str | None = None, announcement: str | None = None
    ) -> None:
        """Change name or announcement."""
        changed = await self._api.change_group(conversation_id, name, announcement)
        await self._applying.apply_conversation(changed)

    async def leave(self, conversation_id: str) -> None:
        """Leave a group."""
        await self._applying.apply_conversation(await self._api.leave(conversation_id))

    # Members.

    async def refresh_members(self, conversation_id: str) -> list[Member]:
        """Fetch all members and cursors into the store."""
        found = await self._api.members(conversation_id)

        def work(db: Writer) -> list[str]:
            members.replace_all(db, conversation_id, found, int(time.time() * 1000))
            return people.missing(db, [member.person_id for member in found])

        missing = await self._store.write(work)
        if missing:
            self._side.start(self._directory.learn(missing))
        return found

    async def change_members(
        self, conversation_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove members of a group."""
        await self._applying.apply_conversation(await self._api.change_members(conversation_id, add, remove))
        await self.refresh_members(conversation_id)

    # What is the user's own.

    async def mark_read(self, conversation_id: str, seq: int | None = None) -> None:
        """Move the own read cursor to `seq` (None: the newest)."""

        def work(db: Writer) -> bool:
            bounds = conversations.bounds(db, conversation_id)
            if bounds is None:
                return False
            wanted = bounds[1] if seq is None else min(seq, bounds[1])
            row = conversations.get(db, conversation_id)
            if row is not None and row.marked_unread:
                change = SettingCommand(marked_unread=False)
                settings.apply(db, conversation_id, change)
                outbox.add(db, uuid7(), conversation_id, change, self._now_ms())
            moved = members.move_read(db, conversation_id, self._me, wanted)
            if moved:
                outbox.drop_reads(db, conversation_id)
                outbox.add(db, uuid7(), conversation_id, ReadCommand(wanted), self._now_ms())
            return moved or (row is not None and row.marked_unread)

        if await self._store.write(work):
            self._queue.kick(conversation_id, CommandKind.READ)

    async def change_setting(
        self,
        conversation_id: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: bool | None = None,
        marked_unread: bool | None = None,
    ) -> None:
        """Change the own setting; shown at once. A refusal comes through `Session.command_refused`."""
        change = SettingCommand(pinned, muted, hidden, marked_unread)
        await self._queue.put(
            conversation_id, change, show=lambda db: settings.apply(db, conversation_id, change)
        )

    async def save_draft(self, draft: Draft) -> None:
        """Keep what was typed; an empty text without quote removes the draft."""
        await self._store.write(lambda db: drafts.put(db, draft))
