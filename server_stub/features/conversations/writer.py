"""Writes many messages in one transaction: rights, numbering, deduplication.

The statements are written out for the driver and carry all rows of a batch at once. One statement a batch, not one
a row, also keeps the writer's thread from asking for the interpreter lock thousands of times a second.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from server_stub.contract.conversations import ConversationKind, Message, Sent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import sealed_epoch
from server_stub.storage.schema import next_event_ids

from .access import Right, decide_in
from .ports import ContactGate, FileGate
from .rooms import Room, RoomCache, load_rooms

SYSTEM_SENDER = "system"
MAX_BODY_BYTES = 512 * 1024
MAX_FILES = 100
"""A forwarded record names every file inside it."""
MAX_CLIENT_ID = 64

_HEADS = (
    "SELECT conversation_no, last_seq, version, epoch FROM conversation_heads"
    " WHERE conversation_no IN (:marks) ORDER BY conversation_no"
)
_KNOWN = (
    "SELECT client_id, sender_id, conversation_no, seq, id, sent_at FROM messages WHERE client_id IN (:marks)"
)
_MOVE_HEADS = (
    "UPDATE conversation_heads SET last_seq = v.column2 FROM (VALUES :rows) AS v"
    " WHERE conversation_no = v.column1"
)
_INSERT = (
    "INSERT INTO messages (id, conversation_no, seq, event_id, client_id, sender_id, sent_at, body, file_ids)"
    " VALUES :rows"
)
_INSERT_FILES = "INSERT INTO message_files (file_id, conversation_no, seq) VALUES :rows"


@dataclass(slots=True, eq=False)
class Draft:
    """A message on its way in. `done` is told the outcome on the event loop, after the commit."""

    sender_id: str
    conversation_id: str
    client_id: str
    body: bytes
    file_ids: Sequence[str] = ()
    origin: object | None = None
    done: "Callable[[Written | ApiError], None] | None" = None


@dataclass(frozen=True, slots=True)
class Written:
    """A message on disk. `room` is the conversation as it was in the same transaction: the audience."""

    message: Message
    room: Room
    duplicate: bool = False

    @property
    def sent(self) -> Sent:
        """The acknowledgement."""
        return Sent(
            client_id=self.message.client_id,
            conversation_id=self.message.conversation_id,
            seq=self.message.seq,
            event_id=self.message.event_id,
            sent_at=self.message.sent_at,
            duplicate=self.duplicate,
        )


@dataclass(slots=True)
class Appended:
    """Outcomes in the order of the drafts, and rooms read on the way (to cache once committed)."""

    outcomes: "list[Written | ApiError]"
    rooms: dict[str, Room] = field(default_factory=dict)


@dataclass(slots=True)
class _Head:
    last_seq: int
    version: int
    epoch: int
    added: int = 0


def check_draft(draft: Draft) -> ApiError | None:
    """Return what is wrong with a draft's form, before it takes a place in a batch."""
    if not good_id(draft.client_id):
        return ApiError(ErrorCode.BAD_REQUEST, "client_id")
    if not draft.body:
        return ApiError(ErrorCode.BAD_REQUEST, "body")
    if len(draft.body) > MAX_BODY_BYTES:
        return ApiError(ErrorCode.TOO_LARGE, f"body > {MAX_BODY_BYTES}")
    if not good_id(draft.conversation_id):
        return ApiError(ErrorCode.NOT_FOUND)
    if draft.file_ids:
        if len(draft.file_ids) > MAX_FILES or len(set(draft.file_ids)) != len(draft.file_ids):
            return ApiError(ErrorCode.BAD_REQUEST, "file_ids")
        if not all(good_id(file_id) for file_id in draft.file_ids):
            return ApiError(ErrorCode.BAD_REQUEST, "file_ids")
    return None


def good_id(text: str) -> bool:
    """Whether `text` has the form of an id: letters, digits and hyphens, not too long."""
    return 0 < len(text) <= MAX_CLIENT_ID and text.isascii() and text.replace("-", "").isalnum()


class MessageWriter:
    """Appends drafts inside a transaction of the caller's."""

    def __init__(
        self,
        *,
        dialect: str,
        cache: RoomCache,
        files: FileGate,
        gate: ContactGate,
    ) -> None:
        self._cache = cache
        self._files = files
        self._gate = gate
        self._postgres = dialect == "postgresql"
        self._mark = "%s" if self._postgres else "?"
        self._lock_sql = _HEADS + " FOR UPDATE" if self._postgres else _HEADS

    def append(self, connection: Connection, drafts: Sequence[Draft]) -> Appended:
        """Write what is allowed, in the order given; each draft's outcome is its own.

        Locks the heads of the conversations until the commit, so that numbers have no gaps and no doubles with
        any number of writers.
        """
        result = Appended(outcomes=[])
        rooms = self._rooms(connection, {draft.conversation_id for draft in drafts}, result.rooms)
        heads = self._lock_heads(connection, {room.number for room in rooms.values()})
        self._refresh(connection, rooms, heads, result.rooms)
        known = self._known(connection, drafts)
        barred = self._barred(connection, drafts, rooms)
        now = int(time.time() * 1000)
        fresh: list[int] = []
        first_use: dict[tuple[str, str], int] = {}
        outcomes: list[Written | ApiError | None] = []
        repeats: list[tuple[int, int]] = []
        for index, draft in enumerate(drafts):
            key = (draft.client_id, draft.sender_id)
            room = rooms.get(draft.conversation_id)
            if room is None:
                outcomes.append(ApiError(ErrorCode.NOT_FOUND))
            elif key in known:
                outcomes.append(self._repeat(draft, room, known[key]))
            elif key in first_use:
                repeats.append((index, first_use[key]))
                outcomes.append(None)
            else:
                refusal = self._refusal(connection, draft, room, heads[room.number])
                if refusal is None and index in barred:
                    refusal = ApiError(ErrorCode.FORBIDDEN, "contact", message=barred[index])
                outcomes.append(refusal)
                if refusal is None:
                    first_use[key] = index
                    fresh.append(index)
        if fresh:
            self._insert(connection, drafts, fresh, rooms, heads, outcomes, now)
        for index, original in repeats:
            first = outcomes[original]
            if isinstance(first, Written) and first.message.conversation_id == drafts[index].conversation_id:
                outcomes[index] = Written(first.message, first.room, duplicate=True)
            else:
                outcomes[index] = ApiError(ErrorCode.CONFLICT, "client_id")
        result.outcomes = [outcome for outcome in outcomes if outcome is not None]
        return result

    # Rooms and heads.

    def _rooms(self, connection: Connection, ids: set[str], loaded: dict[str, Room]) -> dict[str, Room]:
        rooms: dict[str, Room] = {}
        missing: list[str] = []
        for conversation_id in ids:
            room = self._cache.get(conversation_id)
            if room is None:
                missing.append(conversation_id)
            else:
                rooms[conversation_id] = room
        if missing:
            loaded.update(load_rooms(connection, missing))
            rooms.update(loaded)
        return rooms

    def _lock_heads(self, connection: Connection, numbers: set[int]) -> dict[int, _Head]:
        if not numbers:
            return {}
        # Always in the same order, so that two writers cannot wait for each other.
        rows = connection.exec_driver_sql(
            self._lock_sql.replace(":marks", self._marks(len(numbers))),
            tuple(sorted(numbers)),
        )
        return {number: _Head(last, version, epoch) for number, last, version, epoch in rows}

    def _refresh(
        self,
        connection: Connection,
        rooms: dict[str, Room],
        heads: dict[int, _Head],
        loaded: dict[str, Room],
    ) -> None:
        stale = [room.id for room in rooms.values() if heads[room.number].version != room.version]
        if stale:
            loaded.update(load_rooms(connection, stale))
            rooms.update({conversation_id: loaded[conversation_id] for conversation_id in stale})

    # Rights and repeats.

    def _known(
        self, connection: Connection, drafts: Sequence[Draft]
    ) -> dict[tuple[str, str], tuple[int, int, int, int]]:
        rows = connection.exec_driver_sql(
            _KNOWN.replace(":marks", self._marks(len(drafts))),
            tuple(draft.client_id for draft in drafts),
        )
        return {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in rows}

    @staticmethod
    def _repeat(draft: Draft, room: Room, known: tuple[int, int, int, int]) -> Written | ApiError:
        number, seq, event_id, sent_at = known
        if number != room.number:
            return ApiError(ErrorCode.CONFLICT, "client_id")
        message = Message(
            conversation_id=draft.conversation_id,
            seq=seq,
            event_id=event_id,
            client_id=draft.client_id,
            sender_id=draft.sender_id,
            sent_at=sent_at,
        )
        return Written(message, room, duplicate=True)

    def _barred(
        self, connection: Connection, drafts: Sequence[Draft], rooms: dict[str, Room]
    ) -> dict[int, str]:
        """Return the drafts whose receiver the sender may not write to, with the sentence; one look a batch."""
        pairs: dict[int, tuple[str, str]] = {}
        for index, draft in enumerate(drafts):
            room = rooms.get(draft.conversation_id)
            if room is None or room.kind is not ConversationKind.SINGLE or draft.sender_id == SYSTEM_SENDER:
                continue
            peer = next((one for one in room.seats if one != draft.sender_id), "")
            if peer:
                pairs[index] = (draft.sender_id, peer)
        if not pairs:
            return {}
        refused = self._gate.refused(connection, set(pairs.values()))
        return {index: refused[pair] for index, pair in pairs.items() if pair in refused}

    def _refusal(self, connection: Connection, draft: Draft, room: Room, head: _Head) -> ApiError | None:
        if draft.sender_id != SYSTEM_SENDER:
            code = decide_in(room, draft.sender_id, Right.SEND)
            if code is not None:
                return ApiError(code)
        try:
            epoch = sealed_epoch(draft.body)
        except SealError:
            return ApiError(ErrorCode.BAD_REQUEST, "body")
        if epoch != head.epoch:
            return ApiError(
                ErrorCode.CONFLICT, f"epoch {head.epoch}", message="会话密钥已更新，正在重新发送。"
            )
        if draft.file_ids and not self._files.may_name(connection, draft.sender_id, draft.file_ids):
            return ApiError(ErrorCode.NOT_FOUND, "file_ids")
        return None

    # Writing.

    def _insert(
        self,
        connection: Connection,
        drafts: Sequence[Draft],
        fresh: list[int],
        rooms: dict[str, Room],
        heads: dict[int, _Head],
        outcomes: "list[Written | ApiError | None]",
        now: int,
    ) -> None:
        for index in fresh:
            heads[rooms[drafts[index].conversation_id].number].added += 1
        moved = {number: head for number, head in heads.items() if head.added}
        pairs: list[int] = []
        for number, head in moved.items():
            pairs += (number, head.last_seq + head.added)
        connection.exec_driver_sql(
            _MOVE_HEADS.replace(":rows", self._rows(len(moved), 2)),
            tuple(pairs),
        )
        values: list[object] = []
        named: list[object] = []
        for index, event_id in zip(fresh, next_event_ids(connection, len(fresh)), strict=True):
            draft = drafts[index]
            room = rooms[draft.conversation_id]
            head = heads[room.number]
            head.last_seq += 1
            message = Message(
                conversation_id=draft.conversation_id,
                seq=head.last_seq,
                event_id=event_id,
                client_id=draft.client_id,
                sender_id=draft.sender_id,
                sent_at=now,
                body=draft.body,
                file_ids=list(draft.file_ids),
            )
            values += (
                event_id,
                room.number,
                head.last_seq,
                event_id,
                draft.client_id,
                draft.sender_id,
                now,
                draft.body,
                " ".join(draft.file_ids),
            )
            for file_id in draft.file_ids:
                named += (file_id, room.number, head.last_seq)
            outcomes[index] = Written(message, room)
        connection.exec_driver_sql(
            _INSERT.replace(":rows", self._rows(len(fresh), 9)),
            tuple(values),
        )
        if named:
            connection.exec_driver_sql(
                _INSERT_FILES.replace(":rows", self._rows(len(named) // 3, 3)),
                tuple(named),
            )

    def _marks(self, count: int) -> str:
        return ",".join([self._mark] * count)

    def _rows(self, count: int, width: int) -> str:
        return ",".join([f"({self._marks(width)})"] * count)
