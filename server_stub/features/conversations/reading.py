"""Reads conversations, members and messages; recall, own settings and key envelopes."""

import asyncio
import logging
import time
from typing import Any

from sqlalchemy import Connection, delete, false, func, insert, or_, select, update

from server_stub.contract.conversations import (
    Conversation,
    ConversationSetting,
    EnvelopeWanted,
    KeyEnvelope,
    Member,
    Message,
    Page,
    SettingChange,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import MessageEvent, SettingEvent
from server_stub.contract.wire import Wire
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .access import AccessControl, ConversationAccess, Right
from .changes import WHOLE_ROW
from .limits import Limits
from .ports import Devices, KeyGone, Keys, KeyUnreadable, Wrapped
from .rooms import RoomCache, load_rooms, rules_of, seat_of
from .tables import (
    conversations,
    epochs,
    members,
    message_files,
    messages,
    reactions,
    settings,
    space_entries,
)
from .views import conversation_view, member_view, message_view, reaction_view, setting_view

log = logging.getLogger(__name__)
_MAX_ENVELOPES = 2000


class ConversationList(Wire, frozen=True, kw_only=True):
    """All conversations of the caller, those that he left included, with his own rows in them."""

    conversations: list[Conversation]
    members: list[Member]
    settings: list[ConversationSetting]


def own_conversations(connection: Connection, person_id: str) -> ConversationList:
    """Read everything small that belongs to `person_id`."""
    mine = {
        row.conversation_no: row
        for row in connection.execute(select(members).where(members.c.person_id == person_id))
    }
    rows = connection.execute(
        WHOLE_ROW.join(members, members.c.conversation_no == conversations.c.number)
        .where(members.c.person_id == person_id)
        .order_by(conversations.c.number)
    ).all()
    ids = {row.number: row.id for row in rows}
    own = connection.execute(select(settings).where(settings.c.person_id == person_id)).all()
    return ConversationList(
        conversations=[
            conversation_view(
                row,
                seat_of(mine[row.number]),
                person_id,
                event_id=max(row.event_id, mine[row.number].membership_event_id),
            )
            for row in rows
        ],
        members=[member_view(mine[number], ids[number]) for number in ids],
        settings=[setting_view(row, ids[row.conversation_no]) for row in own],
    )


class Reading:
    """What members do in a conversation besides sending and changing who is in it."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        cache: RoomCache,
        publisher: Publisher,
        keys: Keys,
        devices: Devices,
        limits: Limits,
    ) -> None:
        self._database = database
        self._access = access
        self._cache = cache
        self._publisher = publisher
        self._keys = keys
        self._devices = devices
        self._limits = limits

    async def all(self, caller: Caller) -> ConversationList:
        """Return the caller's conversations."""
        return await self._database.read(lambda connection: own_conversations(connection, caller.person_id))

    async def one(self, caller: Caller, conversation_id: str) -> Conversation:
        """Return one conversation."""

        def work(connection: Connection) -> Conversation:
            granted = self._access.access_conversation(connection, caller, conversation_id, Right.READ)
            return conversation_view(granted.row, granted.seat, caller.person_id)

        return await self._database.read(work)

    async def members(self, caller: Caller, conversation_id: str, *, with_left: bool) -> list[Member]:
        """Return the members by role and time of joining; one who left sees only himself. Clause E077."""

        def work(connection: Connection) -> list[Member]:
            granted = self._access.access_conversation(connection, caller, conversation_id, Right.READ)
            query = select(members).where(members.c.conversation_no == granted.number)
            if granted.seat.left:
                query = query.where(members.c.person_id == caller.person_id)
            elif not with_left:
                query = query.where(members.c.left.is_(False))
            told = rules_of(granted.row.rules).receipts
            rank = {"owner": 0, "admin": 1, "member": 2}
            rows = sorted(
                connection.execute(query).all(),
                key=lambda row: (rank[row.role], row.joined_at, row.person_id),
            )
            me = caller.person_id
            return [member_view(row, conversation_id, cursors=told or row.person_id == me) for row in rows]

        return await self._database.read(work)

    async def page(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        before_seq: int | None,
        after_seq: int | None,
        limit: int,
    ) -> Page:
        """Return up to `limit` messages: the newest before `before_seq`, or else the oldest after `after_seq`.

        With both, the range between them from its older end; with neither, the newest messages.
        """

        def work(connection: Connection) -> Page:
            granted = self._access.access_conversation(connection, caller, conversation_id, Right.READ)
            return _page(connection, granted, before_seq, after_seq, limit)

        return await self._database.read(work)

    async def recall(self, caller: Caller, conversation_id: str, seq: int) -> Message:
        """Take a message back: its body is wiped, and its files are readable through it no more.

        The sender may do so within the configured time, a group's owner and administrators at any time.
        """

        def work(connection: Connection) -> tuple[Message, bool]:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.CURSOR, lock=True
            )
            row = connection.execute(
                select(messages).where(messages.c.conversation_no == granted.number, messages.c.seq == seq)
            ).one_or_none()
            if row is None or not granted.seat.first_seq <= seq <= granted.visible_last_seq:
                raise ApiError(ErrorCode.NOT_FOUND)
            if row.sender_id != caller.person_id:
                self._access.access_conversation(connection, caller, conversation_id, Right.MANAGE)
            if row.recalled_at:
                return message_view(row, conversation_id), False
            now = int(time.time() * 1000)
            own = row.sender_id == caller.person_id
            if own and now - row.sent_at > self._limits.recall_seconds * 1000:
                raise ApiError(ErrorCode.RECALL_TOO_LATE)
            connection.execute(
                delete(message_files).where(
                    message_files.c.conversation_no == granted.number, message_files.c.seq == seq
                )
            )
            connection.execute(
                delete(reactions).where(reactions.c.conversation_no == granted.number, reactions.c.seq == seq)
            )
            connection.execute(
                update(messages)
                .where(messages.c.id == row.id)
                .values(
                    body=b"",
                    file_ids="",
                    recalled_by=caller.person_id,
                    recalled_at=now,
                    event_id=next_event_ids(connection)[0],
                )
            )
            changed = connection.execute(select(messages).where(messages.c.id == row.id)).one()
            return message_view(changed, conversation_id), True

        message, changed = await self._database.write(work)
        if changed:
            rooms = await self._database.read(lambda connection: load_rooms(connection, [conversation_id]))
            room = rooms[conversation_id]
            self._cache.put(room)
            readers = [one for one, seat in room.seats.items() if seat.first_seq <= seq]
            everyone = len(readers) == len(room.seats)
            self._publisher.publish(
                [
                    Outgoing(
                        MessageEvent(event_id=message.event_id, message=message),
                        readers,
                        room=(room.id, room.version) if everyone else None,
                    )
                ]
            )
        return message

    async def set_own(
        self, caller: Caller, conversation_id: str, change: SettingChange
    ) -> ConversationSetting:
        """Change the caller's own setting. Clauses E074, E075, E084, E085."""
        wanted = {
            name: value
            for name in ("pinned", "muted", "hidden", "marked_unread")
            if (value := getattr(change, name)) is not None
        }

        def work(connection: Connection) -> ConversationSetting:
            granted = self._access.access_conversation(connection, caller, conversation_id, Right.SETTING)
            mine = (settings.c.conversation_no == granted.number) & (settings.c.person_id == caller.person_id)
            exists = connection.execute(select(settings).where(mine).with_for_update()).one_or_none()
            values: dict[str, Any] = {**wanted, "event_id": next_event_ids(connection)[0]}
            if exists is None:
                keys = {"conversation_no": granted.number, "person_id": caller.person_id}
                connection.execute(insert(settings).values(**keys, **values))
            else:
                connection.execute(update(settings).where(mine).values(**values))
            return setting_view(connection.execute(select(settings).where(mine)).one(), conversation_id)

        setting = await self._database.write(work)
        event = SettingEvent(event_id=setting.event_id, setting=setting)
        self._publisher.publish([Outgoing(event, [caller.person_id])])
        return setting

    async def check(self, caller: Caller, conversation_id: str, right: Right) -> ConversationAccess:
        """Raise ApiError unless `caller` has `right`."""
        return await self._database.read(
            lambda connection: self._access.access_conversation(connection, caller, conversation_id, right)
        )

    async def envelopes(self, caller: Caller, items: list[EnvelopeWanted]) -> list[KeyEnvelope]:
        """Return the keys that the caller may have, sealed to his device; others are left out."""
        if len(items) > _MAX_ENVELOPES:
            raise ApiError(ErrorCode.TOO_LARGE, f"items > {_MAX_ENVELOPES}")
        found = await self._database.read(lambda connection: self._wrapped(connection, caller, items))
        if len(found) > _MAX_ENVELOPES:
            raise ApiError(ErrorCode.TOO_LARGE, f"envelopes > {_MAX_ENVELOPES}")
        if not found:
            return []
        public = await self._devices.device_public_key(caller)

        def seal() -> list[KeyEnvelope]:
            made: list[KeyEnvelope] = []
            for conversation_id, epoch, wrapped in found:
                envelope = b""
                if wrapped is not None:
                    try:
                        envelope = self._keys.envelope(
                            wrapped, conversation_id=conversation_id, epoch=epoch, device_public=public
                        )
                    except KeyUnreadable:
                        # Not destroyed: a restore or an import may bring it back, so nobody drops what he has.
                        log.error("a key is not of this device", extra={"conversation": conversation_id})
                        continue
                    except KeyGone:
                        pass
                if not envelope:
                    made.append(KeyEnvelope(conversation_id=conversation_id, epoch=epoch, destroyed=True))
                    continue
                made.append(KeyEnvelope(conversation_id=conversation_id, epoch=epoch, envelope=envelope))
            return made

        return await asyncio.to_thread(seal)

    def _wrapped(
        self, connection: Connection, caller: Caller, items: list[EnvelopeWanted]
    ) -> list[tuple[str, int, Wrapped | None]]:
        found: list[tuple[str, int, Wrapped | None]] = []
        for item in items:
            try:
                granted = self._access.access_conversation(
                    connection, caller, item.conversation_id, Right.READ
                )
            except ApiError:
                continue
            seat = granted.seat
            # What lies in the group's space is for all members, whenever they joined.
            shared = select(space_entries.c.epoch).where(
                space_entries.c.conversation_no == granted.number, space_entries.c.gone.is_(False)
            )
            query = select(epochs.c.epoch, epochs.c.wrapped_key, epochs.c.kek_id).where(
                epochs.c.conversation_no == granted.number,
                or_(
                    epochs.c.epoch >= seat.first_epoch,
                    epochs.c.epoch.in_(shared) if not seat.left else false(),
                ),
                epochs.c.epoch <= (granted.row.epoch if seat.last_epoch is None else seat.last_epoch),
            )
            if item.epochs:
                query = query.where(epochs.c.epoch.in_([one for one in item.epochs if 0 < one < 2**31]))
            for epoch, wrapped, kek_id in connection.execute(query.order_by(epochs.c.epoch)):
                key = None if wrapped is None else Wrapped(bytes(wrapped), kek_id)
                found.append((item.conversation_id, epoch, key))
        return found


def _page(
    connection: Connection,
    granted: ConversationAccess,
    before_seq: int | None,
    after_seq: int | None,
    limit: int,
) -> Page:
    first, last = granted.seat.first_seq, granted.visible_last_seq
    low = first if after_seq is None else max(first, after_seq + 1)
    high = last if before_seq is None else min(last, before_seq - 1)
    query = (
        select(messages)
        .where(messages.c.conversation_no == granted.number, messages.c.seq.between(low, high))
        .limit(limit)
    )
    forward = after_seq is not None
    order = messages.c.seq.asc() if forward else messages.c.seq.desc()
    rows = list(connection.execute(query.order_by(order)).all())
    if not forward:
        rows.reverse()
    found = []
    if rows:
        found = connection.execute(
            select(reactions).where(
                reactions.c.conversation_no == granted.number,
                reactions.c.seq.between(rows[0].seq, rows[-1].seq),
                func.length(reactions.c.body) > 0,
            )
        ).all()
    return Page(
        messages=[message_view(row, granted.row.id) for row in rows],
        first_seq=first,
        last_seq=last,
        reactions=[reaction_view(row, granted.row.id) for row in found],
    )
