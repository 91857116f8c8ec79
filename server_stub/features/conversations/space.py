"""The files that a group keeps together (群文件空间, E079): folders with a right of writing, bodies sealed by the members."""

import time
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from server_stub.contract.conversations import MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import SpaceEvent
from server_stub.contract.group_rules import Who
from server_stub.contract.groups import PutSpaceEntry, SpaceEntry
from server_stub.contract.ids import is_uuid
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import sealed_epoch
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .access import AccessControl, ConversationAccess, Right
from .limits import Limits
from .ports import FileGate
from .rooms import load_rooms
from .tables import conversations, members, space_entries

MAX_BODY = 16 * 1024
_DEPTH = 20


class Space:
    """Reads and writes entries. The server knows their tree and sizes; names and keys are in the sealed bodies."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        publisher: Publisher,
        files: FileGate,
        limits: Limits,
    ) -> None:
        self._database = database
        self._access = access
        self._publisher = publisher
        self._files = files
        self._limits = limits

    async def all(self, caller: Caller, conversation_id: str) -> list[SpaceEntry]:
        """Return what is there; one who left sees nothing."""

        def work(connection: Connection) -> list[SpaceEntry]:
            granted = self._access.access_conversation(connection, caller, conversation_id, Right.READ)
            if granted.seat.left:
                return []
            rows = connection.execute(
                select(space_entries)
                .where(space_entries.c.conversation_no == granted.number, space_entries.c.gone.is_(False))
                .order_by(space_entries.c.event_id)
            )
            return [entry_view(row, conversation_id) for row in rows]

        return await self._database.read(work)

    async def put(
        self, caller: Caller, conversation_id: str, entry_id: str, wanted: PutSpaceEntry
    ) -> SpaceEntry:
        """Put an entry, or change one's body, place and right; what it is cannot change."""
        if not is_uuid(entry_id) or (wanted.parent_id and not is_uuid(wanted.parent_id)):
            raise ApiError(ErrorCode.BAD_REQUEST, "id")
        if not 0 < len(wanted.body) <= MAX_BODY or wanted.size < 0:
            raise ApiError(ErrorCode.BAD_REQUEST, "body")
        if wanted.folder == bool(wanted.file_id):
            raise ApiError(ErrorCode.BAD_REQUEST, "file_id")
        try:
            epoch = sealed_epoch(wanted.body)
        except SealError:
            raise ApiError(ErrorCode.BAD_REQUEST, "body") from None

        def work(connection: Connection) -> SpaceEntry:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.UPLOAD, lock=True
            )
            if epoch != granted.row.epoch:
                raise ApiError(ErrorCode.CONFLICT, f"epoch {granted.row.epoch}")
            old = _entry(connection, granted, entry_id)
            self._check_place(connection, caller, granted, wanted.parent_id, entry_id)
            if old is not None:
                self._check_own(connection, caller, granted, old)
                if bool(old.folder) != wanted.folder or old.file_id != wanted.file_id:
                    raise ApiError(ErrorCode.CONFLICT, "kind")
            elif _exists(connection, entry_id):
                raise ApiError(ErrorCode.CONFLICT, "id")
            elif _count(connection, granted.number) >= self._limits.space_entries:
                raise ApiError(ErrorCode.TOO_LARGE, "space", message="群文件数量已达上限，请先清理。")
            if wanted.write is Who.MANAGERS and granted.seat.role is MemberRole.MEMBER:
                raise ApiError(ErrorCode.FORBIDDEN, "write", message="只有群主和管理员可以设置文件夹权限。")
            if wanted.file_id and not self._files.may_name(connection, caller.person_id, [wanted.file_id]):
                raise ApiError(ErrorCode.NOT_FOUND, "file_id")
            values: dict[str, Any] = {
                "parent_id": wanted.parent_id,
                "body": wanted.body,
                "epoch": epoch,
                "author_id": caller.person_id,
                "size": wanted.size,
                "write": wanted.write.value,
                "changed_at": int(time.time() * 1000),
                "event_id": next_event_ids(connection)[0],
            }
            if old is None:
                connection.execute(
                    insert(space_entries).values(
                        id=entry_id,
                        conversation_no=granted.number,
                        folder=wanted.folder,
                        file_id=wanted.file_id,
                        **values,
                    )
                )
            else:
                connection.execute(
                    update(space_entries).where(space_entries.c.id == entry_id).values(**values)
                )
            row = connection.execute(select(space_entries).where(space_entries.c.id == entry_id)).one()
            return entry_view(row, conversation_id)

        entry = await self._database.write(work)
        await self._tell(conversation_id, [entry])
        return entry

    async def remove(self, caller: Caller, conversation_id: str, entry_id: str) -> SpaceEntry:
        """Take an entry away, a folder with all that is in it."""

        def work(connection: Connection) -> list[SpaceEntry]:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.UPLOAD, lock=True
            )
            row = _entry(connection, granted, entry_id)
            if row is None:
                raise ApiError(ErrorCode.NOT_FOUND)
            self._check_own(connection, caller, granted, row)
            doomed = _tree(connection, granted.number, entry_id)
            gone: list[SpaceEntry] = []
            for one, event_id in zip(doomed, next_event_ids(connection, len(doomed)), strict=True):
                connection.execute(
                    update(space_entries)
                    .where(space_entries.c.id == one)
                    .values(gone=True, body=b"", event_id=event_id)
                )
                fresh = connection.execute(select(space_entries).where(space_entries.c.id == one)).one()
                gone.append(entry_view(fresh, conversation_id))
            return gone

        gone = await self._database.write(work)
        await self._tell(conversation_id, gone)
        return gone[0]

    def _check_place(
        self,
        connection: Connection,
        caller: Caller,
        granted: ConversationAccess,
        parent_id: str,
        entry_id: str,
    ) -> None:
        """The folder exists, one may write in it, and nothing is put into itself."""
        at, depth = parent_id, 0
        while at:
            row = _entry(connection, granted, at)
            depth += 1
            if row is None or not row.folder or at == entry_id or depth > _DEPTH:
                raise ApiError(ErrorCode.BAD_REQUEST, "parent_id", message="目标文件夹不存在，或层级过深。")
            self._check_folder(caller, granted, row)
            at = row.parent_id

    @staticmethod
    def _check_folder(caller: Caller, granted: ConversationAccess, folder: Any) -> None:
        if folder.write == Who.MANAGERS.value and granted.seat.role is MemberRole.MEMBER:
            raise ApiError(ErrorCode.FORBIDDEN, "write", message="只有群主和管理员可以在此文件夹中操作。")

    def _check_own(
        self, connection: Connection, caller: Caller, granted: ConversationAccess, row: Any
    ) -> None:
        """What another put there is changed by managers alone."""
        if row.folder:
            self._check_folder(caller, granted, row)
        if row.author_id != caller.person_id and granted.seat.role is MemberRole.MEMBER:
            raise ApiError(ErrorCode.FORBIDDEN, "author", message="只能管理自己上传的文件。")

    async def _tell(self, conversation_id: str, entries: list[SpaceEntry]) -> None:
        room = (await self._database.read(lambda connection: load_rooms(connection, [conversation_id])))[
            conversation_id
        ]
        self._publisher.publish(
            [
                Outgoing(
                    SpaceEvent(event_id=entry.event_id, entry=entry),
                    room.seats.keys(),
                    room=(room.id, room.version),
                )
                for entry in entries
            ]
        )

    # For file access.

    @staticmethod
    def may_read_file(connection: Connection, person_id: str, file_id: str) -> bool:
        """Whether the file lies in the space of a group that the person is in."""
        found = connection.execute(
            select(space_entries.c.id)
            .join(
                members,
                (members.c.conversation_no == space_entries.c.conversation_no)
                & (members.c.person_id == person_id),
            )
            .where(
                space_entries.c.file_id == file_id,
                space_entries.c.gone.is_(False),
                members.c.left.is_(False),
            )
            .limit(1)
        ).first()
        return found is not None

    @staticmethod
    def named_files(connection: Connection, file_ids: Collection[str]) -> set[str]:
        """Return those of `file_ids` that lie in a space."""
        return set(
            connection.scalars(
                select(space_entries.c.file_id)
                .where(space_entries.c.file_id.in_(file_ids), space_entries.c.gone.is_(False))
                .distinct()
            )
        )


def entry_view(row: Any, conversation_id: str) -> SpaceEntry:
    """Return an entry of its row."""
    return SpaceEntry(
        id=row.id,
        conversation_id=conversation_id,
        parent_id=row.parent_id,
        folder=bool(row.folder),
        author_id=row.author_id,
        body=bytes(row.body),
        file_id=row.file_id,
        size=row.size,
        write=Who(row.write),
        changed_at=row.changed_at,
        gone=bool(row.gone),
        event_id=row.event_id,
    )


def entries_since(connection: Connection, me: str, after: int, limit: int) -> list[SpaceEvent]:
    """Entries of the caller's groups (a source of Sync). What lay there before he joined he fetches whole."""
    mine = members.alias("mine")
    rows = connection.execute(
        select(space_entries, conversations.c.id.label("conversation_id"))
        .join(conversations, conversations.c.number == space_entries.c.conversation_no)
        .join(mine, (mine.c.conversation_no == space_entries.c.conversation_no) & (mine.c.person_id == me))
        .where(
            mine.c.left.is_(False),
            space_entries.c.event_id > after,
            *([] if after else [space_entries.c.gone.is_(False)]),
        )
        .order_by(space_entries.c.event_id)
        .limit(limit)
    )
    return [SpaceEvent(event_id=row.event_id, entry=entry_view(row, row.conversation_id)) for row in rows]


def _entry(connection: Connection, granted: ConversationAccess, entry_id: str) -> Any:
    return connection.execute(
        select(space_entries).where(
            space_entries.c.id == entry_id,
            space_entries.c.conversation_no == granted.number,
            space_entries.c.gone.is_(False),
        )
    ).one_or_none()


def _exists(connection: Connection, entry_id: str) -> bool:
    return (
        connection.execute(select(space_entries.c.id).where(space_entries.c.id == entry_id)).first()
        is not None
    )


def _count(connection: Connection, number: int) -> int:
    return connection.execute(
        select(func.count())
        .select_from(space_entries)
        .where(space_entries.c.conversation_no == number, space_entries.c.gone.is_(False))
    ).scalar_one()


def _tree(connection: Connection, number: int, root: str) -> list[str]:
    found, level = [root], [root]
    while level:
        level = list(
            connection.scalars(
                select(space_entries.c.id).where(
                    space_entries.c.conversation_no == number,
                    space_entries.c.parent_id.in_(level),
                    space_entries.c.gone.is_(False),
                )
            )
        )
        found += level
    return found
