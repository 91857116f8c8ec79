"""The files of groups (群文件): what works offline goes through the outbox, uploads included."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from app.session.applying import Applying
from app.session.files import Files
from app.session.group_api import GroupApi
from app.session.http import SessionEnded
from app.session.keys import Keys
from app.session.outbox import Outbox
from app.session.states import NetworkError
from app.store.commands import AnyCommand, SpaceCommand, SpaceRemoveCommand
from app.store.database import Writer
from app.store.queries import conversations, groups, transfers
from app.store.queries.groups import SpaceRow
from app.store.records import Command, MessageState, TransferDirection, TransferState
from app.store.store import Store
from server_stub.contract.content import FileContent, FileRef, TextContent, encode_content
from server_stub.contract.conversations import Message
from server_stub.contract.errors import ApiError
from server_stub.contract.events import SpaceEvent
from server_stub.contract.group_rules import Who
from server_stub.contract.groups import PutSpaceEntry, SpaceEntry
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import new_key, sealed_epoch

log = logging.getLogger(__name__)


class GroupSpace:
    """Part of a session. Changes are shown at once; names and files are sealed like messages."""

    commands = (SpaceCommand, SpaceRemoveCommand)

    def __init__(
        self,
        store: Store,
        api: GroupApi,
        keys: Keys,
        applying: Applying,
        queue: Outbox,
        files: Files,
        me: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._store, self._api, self._keys, self._applying = store, api, keys, applying
        self._queue, self._files = queue, files
        self._me, self._now_ms = me, now_ms

    # Reading.

    async def listing(self, conversation_id: str) -> list[SpaceRow]:
        """What the store knows of a group's files; bodies that wait for a key are opened now if they can be."""
        sealed = await self._store.read(lambda db: groups.sealed_entries(db, conversation_id))
        if sealed:
            await self._open(conversation_id, sealed)
        return await self._store.read(lambda db: groups.space_of(db, conversation_id))

    async def refresh_space(self, conversation_id: str) -> None:
        """Bring a group's files up to date; quiet when offline."""
        try:
            entries = await self._api.space(conversation_id)
        except (NetworkError, SessionEnded):
            return
        await self._store.write(lambda db: groups.replace_entries(db, conversation_id, entries))

    async def _open(self, conversation_id: str, sealed: Sequence[SpaceEntry]) -> None:
        epochs: set[int] = set()
        for entry in sealed:
            try:
                epochs.add(sealed_epoch(entry.body))
            except SealError:
                continue
        await self._keys.load({conversation_id})
        try:
            await self._keys.ensure({conversation_id: epochs})
        except (NetworkError, ApiError, SessionEnded):
            log.info("keys of group files not fetched")
        for entry in sealed:
            message = Message(
                conversation_id=conversation_id,
                seq=0,
                event_id=entry.event_id,
                client_id=entry.id,
                sender_id=entry.author_id,
                sent_at=entry.changed_at,
                body=entry.body,
            )
            state, content = self._keys.open(message)
            if state is MessageState.OPENED and isinstance(content, FileContent | TextContent):
                packed = encode_content(content)
                await self._store.write(
                    lambda db, id_=entry.id, packed=packed: groups.note_opened(
                        db, conversation_id, id_, packed
                    )
                )

    # Changing.

    async def add_folder(
        self, conversation_id: str, name: str, parent_id: str = "", write: Who = Who.ALL
    ) -> None:
        """Make a folder."""
        content = encode_content(TextContent(text=name))
        command = SpaceCommand(uuid7(), content, parent_id, True, write.value, 0)
        await self._put_entry(conversation_id, command)

    async def rename(self, conversation_id: str, row: SpaceRow, name: str) -> None:
        """Give a file or folder another name."""
        if row.file is not None:
            content: FileContent | TextContent = FileContent(
                file=msgspec.structs.replace(row.file, name=name)
            )
        else:
            content = TextContent(text=name)
        await self._replace_entry(conversation_id, row, encode_content(content))

    async def set_folder_rule(self, conversation_id: str, row: SpaceRow, write: Who) -> None:
        """Say who may put something into a folder."""
        entry = msgspec.structs.replace(row.entry, write=write)
        packed = encode_content(TextContent(text=row.name))
        await self._replace_entry(conversation_id, SpaceRow(entry, row.name, row.file), packed)

    async def _replace_entry(self, conversation_id: str, row: SpaceRow, packed: bytes) -> None:
        entry = row.entry
        file_ids = [entry.file_id] if entry.file_id else []
        command = SpaceCommand(
            entry.id, packed, entry.parent_id, entry.folder, entry.write.value, entry.size, file_ids
        )
        await self._put_entry(conversation_id, command)

    async def add_file(
        self, conversation_id: str, path: Path, size: int, media_type: str, parent_id: str = ""
    ) -> None:
        """Put a file of this machine into the space: it goes up first, also after a restart."""
        file = FileRef(file_id=uuid7(), key=new_key(), name=path.name, size=size, media_type=media_type)
        content = encode_content(FileContent(file=file))
        command = SpaceCommand(uuid7(), content, parent_id, False, Who.ALL.value, size, [file.file_id])
        client_id = uuid7()

        def start(db: Writer) -> None:
            transfers.start(
                db,
                file,
                TransferDirection.UP,
                conversation_id=conversation_id,
                client_id=client_id,
                state=TransferState.PREPARING,
                source=str(path.absolute()),
                now_ms=self._now_ms(),
            )

        await self._put_entry(conversation_id, command, client_id=client_id, before=start)
        self._files.launch_upload(file.file_id)

    async def _put_entry(
        self,
        conversation_id: str,
        command: SpaceCommand,
        *,
        client_id: str = "",
        before: Callable[[Writer], None] = lambda _db: None,
    ) -> None:
        entry = SpaceEntry(
            id=command.entry_id,
            conversation_id=conversation_id,
            parent_id=command.parent_id,
            folder=command.folder,
            author_id=self._me,
            file_id=command.file_ids[0] if command.file_ids else "",
            size=command.size,
            write=Who(command.write),
            changed_at=self._now_ms(),
        )

        def show(db: Writer) -> None:
            before(db)
            groups.put_pending(db, entry, command.content)

        await self._queue.put(conversation_id, command, show=show, client_id=client_id)

    async def remove_entry(self, conversation_id: str, entry_id: str) -> None:
        """Take a file or folder away."""
        await self._queue.put(
            conversation_id,
            SpaceRemoveCommand(entry_id),
            show=lambda db: groups.drop_entry(db, conversation_id, entry_id),
        )

    # See outbox.CarriesOut.

    async def carry_out(self, command: Command, payload: AnyCommand) -> None:
        id_ = command.conversation_id
        match payload:
            case SpaceCommand():
                await self._put_space(id_, payload)
            case SpaceRemoveCommand():
                gone = await self._api.remove_entry(id_, payload.entry_id)
                await self._applying.apply([SpaceEvent(event_id=gone.event_id, entry=gone)], live=False)
            case _:
                return

    async def restore(self, command: Command, payload: AnyCommand) -> None:
        id_ = command.conversation_id
        if isinstance(payload, SpaceCommand):
            await self._store.write(lambda db: groups.drop_entry(db, id_, payload.entry_id))
        try:
            await self.refresh_space(id_)
        except ApiError:
            return

    async def _put_space(self, conversation_id: str, payload: SpaceCommand) -> None:
        epoch = await self._store.read(lambda db: conversations.epoch_of(db, conversation_id))
        body = await self._keys.seal(
            conversation_id,
            epoch,
            sender_id=self._me,
            client_id=payload.entry_id,
            plaintext=payload.content,
        )
        wanted = PutSpaceEntry(
            body=body,
            parent_id=payload.parent_id,
            folder=payload.folder,
            file_id=payload.file_ids[0] if payload.file_ids else "",
            size=payload.size,
            write=Who(payload.write),
        )
        entry = await self._api.put_entry(conversation_id, payload.entry_id, wanted)
        await self._store.write(lambda db: groups.put_entry(db, entry, payload.content))
