"""Joins the parts of the feature; what the gateway and other features use."""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection, select

from server_stub.contract.content import AnyContent
from server_stub.contract.conversations import Conversation, ConversationKind, Sent
from server_stub.contract.errors import ApiError
from server_stub.gateway.outgoing import Publisher
from server_stub.storage.database import Database
from server_stub.storage.schema import newest_event_id

from .access import AccessControl, RefusalLog
from .administration import GroupAdministration
from .appender import MessageAppender
from .changes import Change, finish
from .cursors import CursorKeeper
from .epochs import Epochs
from .group_console import GroupConsole, Record
from .group_control import GroupControl
from .joining import Joining, requests_since
from .limits import Limits
from .membership import Membership
from .ports import ContactGate, Devices, FileGate, Keys, OpenGate, People
from .reacting import Reacting
from .reading import Reading
from .retention import Retention
from .rooms import Room, RoomCache, load_rooms
from .space import Space, entries_since
from .sync import RESET_BEHIND, Source, Sync
from .tables import conversations, members, message_files
from .writer import Draft, MessageWriter, Written


class ConversationService:
    """The feature's parts: `membership`, `reading`, `reacting`, `appender`, `cursors`, `sync`, `epochs`."""

    def __init__(
        self,
        *,
        database: Database,
        publisher: Publisher,
        keys: Keys,
        people: People,
        devices: Devices,
        files: FileGate,
        refusals: RefusalLog,
        limits: Limits,
        reset_behind: int = RESET_BEHIND,
        gate: ContactGate | None = None,
        sources: Sequence[Source] = (),
        avatar_exists: Callable[[Connection, str], bool] = lambda _connection, _id: False,
        record: Record | None = None,
    ) -> None:
        """`sources`: rows of other features that are synchronised; `record`: the audit trail of changes."""
        gate = gate or OpenGate()
        self.database = database
        self.rooms = RoomCache()
        access = AccessControl(refusals)
        writer = MessageWriter(dialect=database.dialect, cache=self.rooms, files=files, gate=gate)
        self.appender = MessageAppender(database, writer, self.rooms, publisher)
        self.cursors = CursorKeeper(database, self.rooms, publisher, limits)
        self.sync = Sync(
            database,
            limits,
            reset_behind=reset_behind,
            more=(requests_since, entries_since, *sources),
        )
        self.membership = Membership(
            database=database,
            access=access,
            writer=writer,
            cache=self.rooms,
            publisher=publisher,
            keys=keys,
            people=people,
            limits=limits,
            gate=gate,
        )
        self.administration = GroupAdministration(
            database=database,
            access=access,
            membership=self.membership,
            people=people,
            limits=limits,
            avatar_exists=avatar_exists,
        )
        self.joining = Joining(
            database=database,
            access=access,
            refusals=refusals,
            membership=self.membership,
            publisher=publisher,
            people=people,
            limits=limits,
            notify=self.notify_work,
        )
        self.space = Space(database=database, access=access, publisher=publisher, files=files, limits=limits)
        self.console = GroupConsole(
            database=database,
            people=people,
            limits=limits,
            record=record or _unrecorded,
            announce=self._announce_whole,
        )
        self.control = GroupControl(
            database=database,
            access=access,
            membership=self.membership,
            people=people,
            limits=limits,
            record=record or _unrecorded,
        )
        self.retention = Retention(
            database=database, record=record or _unrecorded, announce=self.membership.announce
        )
        self.epochs = Epochs(database, keys.new_conversation_key, self.membership.announce)
        self.reading = Reading(
            database=database,
            access=access,
            cache=self.rooms,
            publisher=publisher,
            keys=keys,
            devices=devices,
            limits=limits,
        )
        self.reacting = Reacting(database=database, access=access, cache=self.rooms, publisher=publisher)

    async def _announce_whole(self, conversation_id: str) -> None:
        """Tell all members of a change that no member made."""

        def work(connection: Connection) -> Change:
            number = connection.execute(
                select(conversations.c.number).where(conversations.c.id == conversation_id)
            ).scalar_one()
            return finish(connection, number, conversation_id, [], None)

        self.membership.announce(await self.database.write(work))

    # For the gateway: gateway.ports.Messaging.

    def send(
        self,
        sender_id: str,
        conversation_id: str,
        client_id: str,
        body: bytes,
        file_ids: Sequence[str],
        origin: object,
        answer: Callable[[Sent | ApiError], None],
    ) -> None:
        """Take a message from a connection; see MessageAppender.submit."""

        def done(outcome: Written | ApiError) -> None:
            answer(outcome.sent if isinstance(outcome, Written) else outcome)

        self.appender.submit(
            Draft(
                sender_id=sender_id,
                conversation_id=conversation_id,
                client_id=client_id,
                body=body,
                file_ids=file_ids,
                origin=origin,
                done=done,
            )
        )

    def move(
        self, person_id: str, conversation_id: str, read_seq: int, delivered_seq: int, origin: object
    ) -> None:
        """Move cursors; see CursorKeeper.move."""
        self.cursors.move(
            person_id, conversation_id, read_seq=read_seq, delivered_seq=delivered_seq, origin=origin
        )

    async def newest_event_id(self) -> int:
        """Return the newest committed event id."""
        return await self.database.read(newest_event_id)

    async def others(self, person_id: str, conversation_id: str) -> Collection[str]:
        """Return the other people of a single chat that `person_id` is in; empty for anything else."""
        room = await self.room(conversation_id)
        if room is None or room.kind is not ConversationKind.SINGLE or person_id not in room.seats:
            return ()
        return [one for one in room.seats if one != person_id]

    async def members_of(self, conversation_id: str, version: int) -> Collection[str]:
        """Return the members as of `version` or newer."""
        room = await self.room(conversation_id, version)
        return () if room is None else room.seats.keys()

    async def room(self, conversation_id: str, version: int = 0) -> Room | None:
        """Return the room, from memory when it is there and not older than `version`."""
        room = self.rooms.get(conversation_id)
        if room is None or room.version < version:
            loaded = await self.database.read(lambda connection: load_rooms(connection, [conversation_id]))
            room = loaded.get(conversation_id)
            if room is not None:
                self.rooms.put(room)
        return room

    # For other features.

    async def notify(self, service: str, name: str, person_id: str, content: AnyContent) -> Written:
        """Write into a person's service conversation (工作通知, 会务), made if need be.

        `service` is the conversation's key, `name` its title, as the first writer gives it.
        """
        conversation: Conversation = await self.membership.open_service(service, name, person_id)
        return await self.membership.write_as_server(conversation.id, content)

    async def notify_work(self, person_id: str, content: AnyContent) -> Written:
        """Write a work notice for a person."""
        return await self.notify("work", "工作通知", person_id, content)

    @staticmethod
    def may_read_file(connection: Connection, person_id: str, file_id: str) -> bool:
        """Whether a message that the person may see names the file."""
        found = connection.execute(
            select(message_files.c.seq)
            .join(
                members,
                (members.c.conversation_no == message_files.c.conversation_no)
                & (members.c.person_id == person_id),
            )
            .where(
                message_files.c.file_id == file_id,
                message_files.c.seq >= members.c.first_seq,
                members.c.last_seq.is_(None) | (message_files.c.seq <= members.c.last_seq),
            )
            .limit(1)
        ).first()
        return found is not None or Space.may_read_file(connection, person_id, file_id)

    @staticmethod
    def named_files(connection: Connection, file_ids: Collection[str]) -> set[str]:
        """Return those of `file_ids` that some message names."""
        return set(
            connection.scalars(
                select(message_files.c.file_id).where(message_files.c.file_id.in_(file_ids)).distinct()
            )
        ) | Space.named_files(connection, file_ids)


async def _unrecorded(_kind: str, _person_id: str, _target: str, _result: str) -> None:
    return
