"""Groups at full depth, and what belongs to the account alone: what works offline goes through the outbox."""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.session.applying import Applying
from app.session.files import Files
from app.session.group_api import GroupApi
from app.session.http import SessionEnded
from app.session.keys import Keys
from app.session.outbox import Outbox
from app.session.side_work import SideWork
from app.session.states import NetworkError
from app.store.changes import Change
from app.store.commands import (
    AnyCommand,
    ClearCommand,
    OwnMemberCommand,
    PersonalCommand,
    RelationCommand,
    SpaceCommand,
    SpaceRemoveCommand,
    StatusCommand,
)
from app.store.database import Reader, Writer
from app.store.queries import conversations, groups, members, outbox, people, personal, pictures, transfers
from app.store.queries.groups import SpaceRow
from app.store.queries.pictures import Face
from app.store.records import Command, MessageState, TransferDirection, TransferState
from app.store.store import Store
from server_stub.contract.content import FileContent, FileRef, TextContent, encode_content
from server_stub.contract.conversations import Conversation, GroupChange, MemberRole, Message
from server_stub.contract.errors import ApiError
from server_stub.contract.events import (
    JoinRequestEvent,
    PersonalEvent,
    RelationEvent,
    SpaceEvent,
    StatusEvent,
)
from server_stub.contract.files import CHUNK_BYTES
from server_stub.contract.group_rules import GroupRules, Who
from server_stub.contract.groups import (
    GroupCode,
    GroupPeek,
    JoinAnswer,
    JoinRequest,
    OwnMemberChange,
    PutSpaceEntry,
    SpaceEntry,
)
from server_stub.contract.ids import uuid7
from server_stub.contract.personal import PersonStatus, PutRelation, PutStatus, RelationKind, StatusKind
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import new_key, sealed_epoch

log = logging.getLogger(__name__)


class Groups:
    """Part of a session. Methods raise NetworkError and ApiError where they need an answer; the others return at once."""

    def __init__(
        self,
        *,
        store: Store,
        api: GroupApi,
        keys: Keys,
        applying: Applying,
        queue: Outbox,
        files: Files,
        me: str,
        now_ms: Callable[[], int],
        refresh_members: Callable[[str], Awaitable[object]],
    ) -> None:
        self._refresh_members = refresh_members
        self.api = api
        self._store = store
        self._keys = keys
        self._applying = applying
        self._queue = queue
        self._files = files
        self._me = me
        self._now_ms = now_ms
        self._statuses: dict[str, PersonStatus] = {}
        self._special: frozenset[str] = frozenset()
        self.focus = False
        """专注模式: only what is pinned, special or names the user may disturb him."""
        self._listening = store.changes.listen(self._changed)
        self._reading = SideWork()

    async def start(self) -> None:
        """Read what views ask for while they paint."""
        await self._read_statuses()
        await self._read_special()
        await self._read_focus()

    async def close(self) -> None:
        """Stop listening."""
        self._listening.close()
        await self._reading.close()

    def _changed(self, change: Change) -> None:
        if change.table in ("statuses", "*"):
            self._reading.start(self._read_statuses())
        if change.table in ("relations", "*"):
            self._reading.start(self._read_special())
        if change.table in ("personal", "*"):
            self._reading.start(self._read_focus())

    async def _read_statuses(self) -> None:
        self._statuses = await self._store.read(personal.statuses)

    async def _read_special(self) -> None:
        found = await self._store.read(lambda db: personal.related(db, RelationKind.SPECIAL))
        self._special = frozenset(found)

    async def _read_focus(self) -> None:
        values = await self._store.read(lambda db: personal.items(db, "focus"))
        self.focus = values.get("focus") is True

    # Asked for while painting.

    def status_of(self, person_id: str) -> PersonStatus | None:
        """What a person says of himself now; None where there is nothing, or its time is over."""
        status = self._statuses.get(person_id)
        if status is None or (status.kind is StatusKind.ONLINE and not status.text):
            return None
        return None if status.until and status.until <= self._now_ms() else status

    def is_special(self, person_id: str) -> bool:
        """Whether the user pays special attention to a person."""
        return person_id in self._special

    # Groups.

    async def change(
        self,
        conversation_id: str,
        *,
        name: str | None = None,
        announcement: str | None = None,
        avatar_file: str | None = None,
        rules: GroupRules | None = None,
        muted_all: bool | None = None,
        muted_until: int = 0,
    ) -> None:
        """Change a group."""
        change = GroupChange(
            name=name,
            announcement=announcement,
            avatar_file=avatar_file,
            rules=rules,
            muted_all=muted_all,
            muted_until=muted_until,
        )
        await self._take(await self.api.change(conversation_id, change))

    async def set_picture(self, conversation_id: str, data: bytes) -> None:
        """Give a group a picture of its own; no data goes back to the members' faces."""
        avatar = await self.api.put_avatar(data) if data else ""
        await self.change(conversation_id, avatar_file=avatar)

    async def picture(self, avatar_id: str) -> bytes:
        """A small picture of a person or group; from the server once, then from the store."""
        now = self._now_ms()
        kept, resting = await self._store.read(
            lambda db: (pictures.get(db, avatar_id), pictures.resting(db, avatar_id, now))
        )
        if kept is not None:
            if resting:
                await self._store.write(lambda db: pictures.used(db, avatar_id, now))
            return kept
        data = await self.api.avatar(avatar_id)
        await self._store.write(lambda db: pictures.put(db, avatar_id, data, now))
        return data

    async def faces(self, ids: Sequence[str]) -> dict[str, Face]:
        """How each of these people and conversations is pictured; from the store."""
        return await self._store.read(lambda db: pictures.faces(db, ids))

    async def set_own_picture(self, data: bytes) -> None:
        """Put a picture on the own card; no data takes it off."""
        avatar = await self.api.put_avatar(data) if data else ""
        card = await self.api.set_card(avatar)
        await self._store.write(lambda db: people.put(db, [card], self._now_ms()))

    async def set_role(self, conversation_id: str, person_id: str, role: MemberRole) -> None:
        """Name an administrator, or take the office from him."""
        await self._take(await self.api.set_role(conversation_id, person_id, role))

    async def transfer(self, conversation_id: str, person_id: str) -> None:
        """Hand the group over."""
        await self._take(await self.api.transfer(conversation_id, person_id))

    async def mute(self, conversation_id: str, person_id: str, until: int) -> None:
        """Silence a member until a time; 0 lets him speak."""
        await self._take(await self.api.mute(conversation_id, person_id, until))

    async def dissolve(self, conversation_id: str) -> None:
        """End the group."""
        await self._take(await self.api.dissolve(conversation_id))

    async def set_nickname(self, conversation_id: str, nickname: str) -> None:
        """Change the own nickname."""
        await self._enqueue(conversation_id, OwnMemberCommand(nickname=nickname))

    async def announcement_read(self, conversation_id: str, version: int) -> None:
        """The user has read an announcement."""
        await self._enqueue(conversation_id, OwnMemberCommand(announcement_seen=version))

    async def clear(self, conversation_id: str) -> None:
        """Clear the own history up to the newest message."""
        bounds = await self._store.read(lambda db: conversations.bounds(db, conversation_id))
        if bounds is not None:
            await self._enqueue(conversation_id, ClearCommand(bounds[1]))

    async def code(self, conversation_id: str, *, face: bool = False, renew: bool = False) -> GroupCode:
        """A code that leads into the group."""
        return await self.api.code(conversation_id, face=face, renew=renew)

    async def begin_face(self, name: str) -> tuple[str, GroupCode]:
        """Begin a group face to face; its id and its number."""
        started = await self.api.begin_face(uuid7(), name)
        await self._take(started.conversation)
        return started.conversation.id, started.code

    async def from_unit(self, name: str, unit_id: str) -> str:
        """Make a group of a whole unit; its id."""
        made = await self.api.group_from_unit(uuid7(), name, unit_id, [])
        await self._take(made)
        return made.id

    async def peek(self, code: str) -> GroupPeek:
        """What a code leads to."""
        return await self.api.peek(code)

    async def join(self, code: str, note: str = "") -> JoinAnswer:
        """Join by a code."""
        answer = await self.api.join(code, note)
        if answer.conversation is not None:
            await self._take(answer.conversation)
        if answer.request is not None:
            event = JoinRequestEvent(event_id=answer.request.event_id, request=answer.request)
            await self._applying.apply([event], live=False)
        return answer

    async def requests(self, conversation_id: str) -> list[JoinRequest]:
        """Those who wish to join, from the store; brought up to date where the server can be asked."""
        try:
            for request in await self.api.requests(conversation_id):
                await self._store.write(lambda db, one=request: groups.put_request(db, one))
        except (NetworkError, ApiError, SessionEnded):
            log.info("join requests not fetched")
        return await self._store.read(lambda db: groups.waiting(db, conversation_id))

    async def waiting(self, conversation_id: str) -> list[JoinRequest]:
        """Those who wish to join, as the store knows them."""
        return await self._store.read(lambda db: groups.waiting(db, conversation_id))

    async def decide(self, conversation_id: str, request_id: str, *, accept: bool) -> None:
        """Let somebody in, or not."""
        decided = await self.api.decide(conversation_id, request_id, accept)
        await self._applying.apply([JoinRequestEvent(event_id=decided.event_id, request=decided)], live=False)

    async def _take(self, conversation: Conversation) -> None:
        await self._applying.apply_conversation(conversation)

    # The file space.

    async def space(self, conversation_id: str) -> list[SpaceRow]:
        """What the store knows of a group's files; bodies that wait for a key are opened now if they can be."""
        sealed = await self._store.read(lambda db: groups.sealed_entries(db, conversation_id))
        if sealed:
            await self._open(conversation_id, sealed)
        return await self._store.read(lambda db: groups.space_of(db, conversation_id))

    async def refresh_space(self, conversation_id: str) -> None:
        """Bring a group's files up to date; quiet when offline."""
        try:
            entries = await self.api.space(conversation_id)
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
                file_id=file.file_id,
                direction=TransferDirection.UP,
                name=file.name,
                size=size,
                chunks=max(1, -(-size // CHUNK_BYTES)),
                key=file.key,
                digest=b"",
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

        await self._enqueue(conversation_id, command, client_id=client_id, also=show)

    async def remove_entry(self, conversation_id: str, entry_id: str) -> None:
        """Take a file or folder away."""
        await self._enqueue(conversation_id, SpaceRemoveCommand(entry_id))

    # The account alone.

    async def items(self, prefix: str = "") -> dict[str, Any]:
        """Values whose names begin with `prefix`."""
        return await self._store.read(lambda db: personal.items(db, prefix))

    async def put_item(self, name: str, value: Any) -> None:
        """Keep a value (anything that JSON holds); None removes it."""
        text = "" if value is None else json.dumps(value, ensure_ascii=False)
        await self._enqueue("", PersonalCommand(name, text))

    async def related(self, kind: RelationKind) -> list[str]:
        """People of one relation, the newest first."""
        return await self._store.read(lambda db: personal.related(db, kind))

    async def relations_of(self, person_id: str) -> set[RelationKind]:
        """What a person is to the user."""
        return await self._store.read(lambda db: personal.kinds_of(db, person_id))

    async def relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        """Begin or end a relation."""
        await self._enqueue("", RelationCommand(person_id, kind.value, on))

    async def set_status(self, kind: StatusKind, text: str = "", until: int = 0) -> None:
        """Set the own status."""
        await self._enqueue("", StatusCommand(kind.value, text, until))

    # The outbox.

    async def _enqueue(
        self,
        conversation_id: str,
        command: AnyCommand,
        *,
        client_id: str = "",
        also: Callable[[Writer], None] = lambda _db: None,
    ) -> None:
        id_ = client_id or uuid7()

        def work(db: Writer) -> None:
            also(db)
            self._show(db, conversation_id, command)
            outbox.add(db, id_, conversation_id, command, self._now_ms())

        await self._store.write(work)
        await self._queue.kick_client(id_)

    def _show(self, db: Writer, conversation_id: str, command: AnyCommand) -> None:
        """What the user did is seen at once."""
        match command:
            case ClearCommand():
                conversations.clear(db, conversation_id, command.up_to)
            case OwnMemberCommand():
                members.change_own(db, conversation_id, self._me, command.nickname, command.announcement_seen)
            case SpaceRemoveCommand():
                groups.drop_entry(db, conversation_id, command.entry_id)
            case PersonalCommand():
                personal.set_item(db, command.name, command.value)
            case RelationCommand():
                kind = RelationKind(command.kind)
                personal.set_relation(db, command.person_id, kind, command.on, self._now_ms())
            case StatusCommand():
                status = PersonStatus(
                    person_id=self._me,
                    kind=StatusKind(command.kind),
                    text=command.text,
                    until=command.until,
                )
                personal.set_status(db, status)
            case _:
                return

    async def carry_out(self, command: Command, payload: AnyCommand) -> None:
        """See outbox.CarriesOut."""
        id_, api = command.conversation_id, self.api
        match payload:
            case ClearCommand():
                await self._take(await api.clear(id_, payload.up_to))
            case OwnMemberCommand():
                change = OwnMemberChange(
                    nickname=payload.nickname, announcement_seen=payload.announcement_seen
                )
                await self._take(await api.change_own(id_, change))
            case SpaceCommand():
                await self._put_space(id_, payload)
            case SpaceRemoveCommand():
                gone = await api.remove_entry(id_, payload.entry_id)
                await self._applying.apply([SpaceEvent(event_id=gone.event_id, entry=gone)], live=False)
            case PersonalCommand():
                item = await api.put_item(payload.name, payload.value)
                await self._applying.apply([PersonalEvent(event_id=item.event_id, item=item)], live=False)
            case RelationCommand():
                wanted = PutRelation(
                    person_id=payload.person_id, kind=RelationKind(payload.kind), on=payload.on
                )
                relation = await api.put_relation(wanted)
                event = RelationEvent(event_id=relation.event_id, relation=relation)
                await self._applying.apply([event], live=False)
            case StatusCommand():
                put = PutStatus(kind=StatusKind(payload.kind), text=payload.text, until=payload.until)
                status = await api.put_status(put)
                await self._applying.apply([StatusEvent(event_id=status.event_id, status=status)], live=False)
            case _:
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
        entry = await self.api.put_entry(conversation_id, payload.entry_id, wanted)
        await self._store.write(lambda db: groups.put_entry(db, entry, payload.content))

    async def restore(self, command: Command, payload: AnyCommand) -> None:
        """See outbox.CarriesOut."""
        id_ = command.conversation_id
        try:
            match payload:
                case PersonalCommand():
                    items = await self.api.items()
                    await self._store.write(lambda db: personal.replace_items(db, items))
                case RelationCommand():
                    relations = await self.api.relations()
                    await self._store.write(lambda db: personal.replace_relations(db, relations))
                case StatusCommand():
                    status = await self.api.status()
                    await self._store.write(lambda db: personal.put_status(db, status))
                case SpaceCommand():
                    await self._store.write(lambda db: groups.drop_entry(db, id_, payload.entry_id))
                    await self.refresh_space(id_)
                case SpaceRemoveCommand():
                    await self.refresh_space(id_)
                case OwnMemberCommand():
                    await self._refresh_members(id_)
                case _:
                    return
        except (NetworkError, ApiError, SessionEnded):
            return

    def file_ref(self, db: Reader, file_id: str) -> tuple[str, FileRef] | None:
        """A file of some group's space."""
        return groups.file_ref(db, file_id)
