"""Single messages: a key of its own, sealed parts, sending, and opening, which starts the timer."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import is_uuid
from server_stub.contract.secret import (
    MAX_BODY_BYTES,
    MAX_PARTS,
    OpenSecret,
    SecretKey,
    SecretKeyRequest,
    SecretLevel,
    SecretMessage,
    SecretOpened,
    SendSecret,
    rank,
)
from server_stub.contract.sm.sealed import CHUNK, CHUNK_OVERHEAD
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import ChatAccess, SecretAccess, signed_in_devices
from .burning import Reaper
from .ports import Devices, KeyGone, MessageKeys, News, Wrapped
from .rooms import message_of, show_rows
from .tables import secret_chats, secret_keys, secret_messages, secret_parts

MAX_PART_BYTES = CHUNK + CHUNK_OVERHEAD
_LEVEL_NAMES = {SecretLevel.STANDARD: "标准", SecretLevel.ENHANCED: "增强", SecretLevel.HIGHEST: "最高"}
_NEED_NAMES = {
    "detecting": "录屏检测",
    "requested": "防截屏",
    "blacked": "系统确认的防截屏",
    "excluded": "系统确认的防截屏",
}


class Messages:
    """Every call passes `SecretAccess`; contents and keys are sealed and wrapped all the way."""

    def __init__(
        self,
        database: Database,
        access: SecretAccess,
        keys: MessageKeys,
        devices: Devices,
        news: News,
        reaper: Reaper,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._access, self._keys = database, access, keys
        self._devices, self._news, self._reaper, self._clock = devices, news, reaper, clock

    def _now(self) -> int:
        return int(self._clock() * 1000)

    async def begin(self, caller: Caller, chat_id: str, wanted: SecretKeyRequest) -> SecretKey:
        """Make a message's key. Refused with the reason where either side's protection is below the chat's level."""
        if not is_uuid(wanted.client_id):
            raise ApiError(ErrorCode.BAD_REQUEST, "client_id")
        public = await self._devices.device_public_key(caller)
        made = await asyncio.to_thread(self._keys.make)
        envelope = await asyncio.to_thread(
            self._keys.envelope, made, client_id=wanted.client_id, device_public=public
        )
        now = self._now()

        def work(connection: Connection) -> None:
            found = self._access.access_sending(connection, caller, chat_id)
            _check_sender(found, wanted.protection)
            _check_receiver(connection, found, now)
            for table in (secret_keys, secret_messages):
                if connection.execute(
                    select(table.c.client_id).where(table.c.client_id == wanted.client_id)
                ).one_or_none():
                    raise ApiError(ErrorCode.CONFLICT, "client_id")
            connection.execute(
                insert(secret_keys).values(
                    client_id=wanted.client_id,
                    chat_id=chat_id,
                    sender_id=caller.person_id,
                    wrapped=made.blob,
                    kek_id=made.kek_id,
                    made_at=now,
                )
            )

        await self._database.write(work)
        return SecretKey(envelope=envelope)

    async def put_part(self, caller: Caller, chat_id: str, client_id: str, number: int, data: bytes) -> None:
        """Store a sealed piece of a message that was begun."""
        if not 0 <= number < MAX_PARTS:
            raise ApiError(ErrorCode.TOO_LARGE, "part", message=f"密聊文件不能超过 {MAX_PARTS} MB。")
        if not CHUNK_OVERHEAD <= len(data) <= MAX_PART_BYTES:
            raise ApiError(ErrorCode.BAD_REQUEST, "part")

        def work(connection: Connection) -> None:
            self._access.access_chat(connection, caller, chat_id)
            _begun(connection, caller, chat_id, client_id)
            here = and_(secret_parts.c.client_id == client_id, secret_parts.c.number == number)
            connection.execute(delete(secret_parts).where(here))
            connection.execute(insert(secret_parts).values(client_id=client_id, number=number, data=data))

        await self._database.write(work)

    async def send(self, caller: Caller, chat_id: str, wanted: SendSecret) -> SecretMessage:
        """Send a begun message; sending it again answers the same."""
        if not wanted.body or len(wanted.body) > MAX_BODY_BYTES:
            raise ApiError(ErrorCode.TOO_LARGE, "body", message="密聊内容过长，请分几条发送。")
        now = self._now()

        def work(connection: Connection) -> tuple[ChatAccess, Any]:
            found = self._access.access_sending(connection, caller, chat_id)
            mine = and_(
                secret_messages.c.client_id == wanted.client_id,
                secret_messages.c.chat_id == chat_id,
                secret_messages.c.sender_id == caller.person_id,
            )
            sent = connection.execute(select(secret_messages).where(mine)).one_or_none()
            if sent is not None:
                return found, sent
            key = _begun(connection, caller, chat_id, wanted.client_id)
            there = connection.execute(
                select(func.count()).where(secret_parts.c.client_id == wanted.client_id)
            ).scalar_one()
            if there != wanted.parts:
                raise ApiError(ErrorCode.INTEGRITY, "parts")
            seq = connection.execute(
                update(secret_chats)
                .where(secret_chats.c.id == chat_id)
                .values(
                    last_seq=secret_chats.c.last_seq + 1,
                    last_at=now,
                    last_sender=caller.person_id,
                    last_read=False,
                )
                .returning(secret_chats.c.last_seq)
            ).scalar_one()
            connection.execute(
                insert(secret_messages).values(
                    chat_id=chat_id,
                    seq=seq,
                    client_id=wanted.client_id,
                    sender_id=caller.person_id,
                    receiver_id=found.peer_id,
                    body=wanted.body,
                    wrapped=key.wrapped,
                    kek_id=key.kek_id,
                    parts=wanted.parts,
                    sent_at=now,
                )
            )
            connection.execute(delete(secret_keys).where(secret_keys.c.client_id == wanted.client_id))
            show_rows(connection, chat_id, [found.me, found.peer_id])
            return found, connection.execute(select(secret_messages).where(mine)).one()

        found, row = await self._database.write(work)
        await self._news.tell(chat_id, [found.me, found.peer_id])
        return message_of(row)

    async def open(self, caller: Caller, chat_id: str, seq: int, wanted: OpenSecret) -> SecretOpened:
        """Hand out body and key. The receiver's first opening is the reading: the timer runs from it, once for all devices."""
        public = await self._devices.device_public_key(caller)
        now = self._now()

        def work(connection: Connection) -> tuple[ChatAccess, Any, bool]:
            found = self._access.access_chat(connection, caller, chat_id)
            here = and_(secret_messages.c.chat_id == chat_id, secret_messages.c.seq == seq)
            row = connection.execute(select(secret_messages).where(here)).one_or_none()
            if row is None or (row.burn_at and row.burn_at <= now):
                raise ApiError(ErrorCode.GONE, "burnt", message="这条密聊消息已销毁。")
            _check_reader(found, wanted.protection)
            if row.receiver_id != caller.person_id or row.read_at:
                return found, row, False
            first = connection.execute(
                update(secret_messages)
                .where(here, secret_messages.c.read_at == 0)
                .values(read_at=now, burn_at=now + found.burn_s * 1000)
            ).rowcount
            if row.seq == found.row.last_seq:
                connection.execute(
                    update(secret_chats).where(secret_chats.c.id == chat_id).values(last_read=True)
                )
            return found, connection.execute(select(secret_messages).where(here)).one(), bool(first)

        found, row, first = await self._database.write(work)
        try:
            envelope = await asyncio.to_thread(
                self._keys.envelope,
                Wrapped(bytes(row.wrapped), row.kek_id),
                client_id=row.client_id,
                device_public=public,
            )
        except KeyGone:
            raise ApiError(ErrorCode.KEY_DESTROYED) from None
        if first:
            self._reaper.woken()
            await self._news.tell(chat_id, [found.me, found.peer_id])
        return SecretOpened(message=message_of(row), body=bytes(row.body), envelope=envelope)

    async def part(self, caller: Caller, chat_id: str, client_id: str, number: int) -> bytes:
        """A sealed piece, for its sender, and for its receiver once the message was opened."""
        now = self._now()

        def work(connection: Connection) -> bytes:
            self._access.access_chat(connection, caller, chat_id)
            row = connection.execute(
                select(secret_messages).where(
                    secret_messages.c.chat_id == chat_id, secret_messages.c.client_id == client_id
                )
            ).one_or_none()
            if row is None or (row.burn_at and row.burn_at <= now):
                raise ApiError(ErrorCode.GONE, "burnt", message="这条密聊消息已销毁。")
            if row.sender_id != caller.person_id and not row.read_at:
                raise ApiError(ErrorCode.FORBIDDEN, "unopened")
            data = connection.execute(
                select(secret_parts.c.data).where(
                    secret_parts.c.client_id == client_id, secret_parts.c.number == number
                )
            ).scalar_one_or_none()
            if data is None:
                raise ApiError(ErrorCode.NOT_FOUND)
            return bytes(data)

        return await self._database.read(work)


def _begun(connection: Connection, caller: Caller, chat_id: str, client_id: str) -> Any:
    row = connection.execute(
        select(secret_keys).where(
            secret_keys.c.client_id == client_id,
            secret_keys.c.chat_id == chat_id,
            secret_keys.c.sender_id == caller.person_id,
        )
    ).one_or_none()
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND, "client_id")
    return row


def _need(found: ChatAccess) -> tuple[str, str, str]:
    level = SecretLevel(found.row.level)
    need = found.policy.needs(level)
    return need, _LEVEL_NAMES[level], _NEED_NAMES.get(need, "")


def _check_sender(found: ChatAccess, protection: str) -> None:
    need, level, words = _need(found)
    if rank(protection) < rank(need):
        raise ApiError(
            ErrorCode.FORBIDDEN,
            "own protection",
            message=f"“{level}”密聊要求本机具备{words}，当前未达到，不能发送。",
        )


def _check_receiver(connection: Connection, found: ChatAccess, now: int) -> None:
    """At least one device of the receiver must be able to open the message; weaker ones are refused when they try."""
    need, level, words = _need(found)
    if not rank(need):
        return
    devices = connection.execute(signed_in_devices(found.peer_id, now)).all()
    if not any(rank(row.protection) >= rank(need) and row.excepted_until <= now for row in devices):
        state = "对方设备未达到" if devices else "对方设备尚未上报防护情况"
        raise ApiError(
            ErrorCode.FORBIDDEN,
            "peer protection",
            message=f"“{level}”密聊要求对方设备具备{words}，{state}，不能发送。",
        )


def _check_reader(found: ChatAccess, protection: str) -> None:
    need, level, words = _need(found)
    if rank(protection) < rank(need):
        raise ApiError(
            ErrorCode.FORBIDDEN,
            "own protection",
            message=f"“{level}”密聊要求本机具备{words}，当前未达到，不能查看。",
        )
