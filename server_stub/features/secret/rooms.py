"""The list of secret chats and what is done with a whole chat."""

import time
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.secret import (
    PeerDevice,
    SecretChat,
    SecretChatChange,
    SecretIncident,
    SecretLevel,
    SecretMessage,
    SecretOverview,
    SecretPage,
    SecretPeer,
    SecretPolicy,
    Shielding,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import ChatAccess, SecretAccess, signed_in_devices
from .burning import burn
from .policy import check_burn
from .ports import Connected, Names, News
from .tables import secret_chats, secret_hidden, secret_incidents, secret_messages

MOST_CHATS = 500
_RECENT_MS = 10 * 60 * 1000


class Rooms:
    """Reads and changes chats; every call passes `SecretAccess`."""

    def __init__(
        self,
        database: Database,
        access: SecretAccess,
        names: Names,
        connected: Connected,
        news: News,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._access, self._names = database, access, names
        self._connected, self._news, self._clock = connected, news, clock

    def _now(self) -> int:
        return int(self._clock() * 1000)

    async def overview(self, caller: Caller) -> SecretOverview:
        """The caller's list."""

        def work(connection: Connection) -> tuple[SecretPolicy, list[Any], dict[str, int]]:
            policy = self._access.access_feature(connection, caller)
            hidden = select(secret_hidden.c.chat_id).where(secret_hidden.c.person_id == caller.person_id)
            table = secret_chats.c
            rows = connection.execute(
                select(secret_chats)
                .where(
                    or_(table.low_id == caller.person_id, table.high_id == caller.person_id),
                    table.id.not_in(hidden),
                )
                .order_by(table.last_at.desc(), table.created_at.desc())
                .limit(MOST_CHATS)
            ).all()
            return policy, list(rows), _unread(connection, caller.person_id)

        policy, rows, unread = await self._database.read(work)
        names = await self._names.names(caller, [_peer(row, caller.person_id) for row in rows])
        return SecretOverview(
            policy=policy,
            chats=[_chat(row, caller.person_id, names, unread.get(row.id, 0), policy) for row in rows],
        )

    async def peer(self, caller: Caller, person_id: str) -> SecretPeer:
        """Whether a chat with somebody may be begun: what the entry in the tool bar asks."""
        visible = await self._names.names(caller, [person_id])

        def work(connection: Connection) -> bool:
            try:
                self._access.access_peer(connection, caller, person_id)
            except ApiError:
                return False
            return True

        return SecretPeer(allowed=person_id in visible and await self._database.read(work))

    async def open(self, caller: Caller, person_id: str) -> SecretChat:
        """Find or make the chat with a person, and bring its row back."""
        names = await self._names.names(caller, [person_id])
        if person_id not in names:
            raise ApiError(ErrorCode.NOT_FOUND)
        low, high = sorted((caller.person_id, person_id))
        now = self._now()

        def work(connection: Connection) -> tuple[Any, SecretPolicy]:
            policy = self._access.access_peer(connection, caller, person_id)
            pair = (secret_chats.c.low_id == low) & (secret_chats.c.high_id == high)
            row = connection.execute(select(secret_chats).where(pair)).one_or_none()
            if row is None:
                connection.execute(
                    insert(secret_chats).values(
                        id=uuid7(), low_id=low, high_id=high, level=SecretLevel.STANDARD.value, created_at=now
                    )
                )
                row = connection.execute(select(secret_chats).where(pair)).one()
            show_rows(connection, row.id, [caller.person_id])
            return row, policy

        row, policy = await self._database.write(work)
        await self._news.tell(row.id, [caller.person_id])
        return _chat(row, caller.person_id, names, 0, policy)

    async def page(self, caller: Caller, chat_id: str) -> SecretPage:
        """What the chat page shows: messages without contents, the other side's devices and incidents."""
        now = self._now()

        def work(connection: Connection) -> tuple[ChatAccess, list[Any], list[Any], list[Any]]:
            found = self._access.access_chat(connection, caller, chat_id)
            messages = connection.execute(
                select(secret_messages)
                .where(
                    secret_messages.c.chat_id == chat_id,
                    or_(secret_messages.c.burn_at == 0, secret_messages.c.burn_at > now),
                )
                .order_by(secret_messages.c.seq)
            ).all()
            devices = connection.execute(signed_in_devices(found.peer_id, now).limit(10)).all()
            incidents = connection.execute(
                select(secret_incidents)
                .where(
                    secret_incidents.c.person_id == found.peer_id,
                    or_(secret_incidents.c.chat_id == chat_id, secret_incidents.c.kind == "lease"),
                    or_(secret_incidents.c.ended_at == 0, secret_incidents.c.ended_at > now - _RECENT_MS),
                    secret_incidents.c.at > now - 86_400_000,
                )
                .order_by(secret_incidents.c.at)
                .limit(20)
            ).all()
            return found, list(messages), list(devices), list(incidents)

        found, messages, devices, incidents = await self._database.read(work)
        names = await self._names.names(caller, [found.peer_id])
        online = self._connected.online_sessions([row.session_id for row in devices])
        unread = sum(row.receiver_id == caller.person_id and not row.read_at for row in messages)
        return SecretPage(
            chat=_chat(found.row, caller.person_id, names, unread, found.policy),
            messages=[message_of(row) for row in messages],
            devices=[
                PeerDevice(
                    shielding=Shielding(
                        protection="none" if row.excepted_until > now else row.protection,
                        words=row.words,
                        excepted_until=row.excepted_until,
                    ),
                    online=row.session_id in online,
                    reported_at=row.reported_at,
                )
                for row in devices
            ],
            incidents=[
                SecretIncident(kind=row.kind, words=row.words, at=row.at, ended_at=row.ended_at)
                for row in incidents
            ],
        )

    async def change(self, caller: Caller, chat_id: str, change: SecretChatChange) -> SecretChat:
        """Change level or burning time, for both sides; running timers keep their end."""
        if change.burn_s is not None:
            check_burn(change.burn_s)

        def work(connection: Connection) -> ChatAccess:
            self._access.access_chat(connection, caller, chat_id)
            values: dict[str, Any] = {}
            if change.level is not None:
                values["level"] = change.level.value
            if change.burn_s is not None:
                values["burn_s"] = change.burn_s
            if values:
                connection.execute(update(secret_chats).where(secret_chats.c.id == chat_id).values(**values))
            return self._access.access_chat(connection, caller, chat_id)

        found = await self._database.write(work)
        await self._news.tell(chat_id, [found.me, found.peer_id])
        names = await self._names.names(caller, [found.peer_id])
        return _chat(found.row, caller.person_id, names, 0, found.policy)

    async def clear(self, caller: Caller, chat_id: str) -> None:
        """清空: every message of the chat burns at once on both sides, whatever its timer says (3.1.1.3)."""
        now = self._now()

        def work(connection: Connection) -> ChatAccess:
            found = self._access.access_chat(connection, caller, chat_id, with_peer=False)
            burn(connection, secret_messages.c.chat_id == chat_id, found.policy, now)
            return found

        found = await self._database.write(work)
        await self._database.overwrite_log()
        await self._news.tell(chat_id, [found.me, found.peer_id])

    async def hide(self, caller: Caller, chat_id: str) -> None:
        """移除会话: the row goes from the caller's list; messages and timers are as before."""

        def work(connection: Connection) -> None:
            self._access.access_chat(connection, caller, chat_id, with_peer=False)
            show_rows(connection, chat_id, [caller.person_id])
            connection.execute(insert(secret_hidden).values(chat_id=chat_id, person_id=caller.person_id))

        await self._database.write(work)
        await self._news.tell(chat_id, [caller.person_id])


def show_rows(connection: Connection, chat_id: str, person_ids: Collection[str]) -> None:
    """Bring the row back into people's lists."""
    connection.execute(
        delete(secret_hidden).where(
            secret_hidden.c.chat_id == chat_id, secret_hidden.c.person_id.in_(list(person_ids))
        )
    )


def message_of(row: Any) -> SecretMessage:
    """What may be told of a message."""
    return SecretMessage(
        chat_id=row.chat_id,
        seq=row.seq,
        client_id=row.client_id,
        sender_id=row.sender_id,
        sent_at=row.sent_at,
        read_at=row.read_at,
        burn_at=row.burn_at,
        parts=row.parts,
    )


def _peer(row: Any, me: str) -> str:
    return row.high_id if row.low_id == me else row.low_id


def _chat(row: Any, me: str, names: dict[str, str], unread: int, policy: SecretPolicy) -> SecretChat:
    peer_id = _peer(row, me)
    return SecretChat(
        id=row.id,
        peer_id=peer_id,
        peer_name=names.get(peer_id, ""),
        level=SecretLevel(row.level),
        burn_s=row.burn_s or policy.burn_s,
        last_at=row.last_at,
        last_own=row.last_sender == me,
        last_read=bool(row.last_read),
        unread=unread,
    )


def _unread(connection: Connection, person_id: str) -> dict[str, int]:
    table = secret_messages.c
    rows = connection.execute(
        select(table.chat_id, func.count())
        .where(table.receiver_id == person_id, table.read_at == 0)
        .group_by(table.chat_id)
    )
    return {chat_id: count for chat_id, count in rows}
