"""The demo's people act through the real services: what features/setup/demo.py plays in (part of the composition)."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from server_stub.contract.content import NoticeContent
from server_stub.contract.conversations import GroupChange, Sent, SettingChange
from server_stub.contract.errors import ApiError
from server_stub.contract.files import FileComplete, FileStart
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import open_envelope
from server_stub.features.conversations.changes import current_key
from server_stub.features.conversations.ports import Keys
from server_stub.features.conversations.tables import conversations, members, messages
from server_stub.features.setup.story import Notice
from server_stub.gateway.assembly import Chat
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database


class DemoWorld:
    """See features.setup.demo.World."""

    def __init__(self, database: Database, chat: Chat, keys: Keys, algorithms: Algorithms) -> None:
        self._database = database
        self._chat = chat
        self._keys = keys
        self._algorithms = algorithms
        self._device = algorithms.sm2_generate()

    async def open_single(self, person_id: str, other_id: str) -> str:
        """Open the single chat of two people."""
        made = await self._chat.conversations.membership.open_single(_as(person_id), other_id)
        return made.id

    async def create_group(
        self, owner_id: str, name: str, member_ids: Sequence[str], announcement: str
    ) -> str:
        """Make a group with its announcement."""
        talk, owner = self._chat.conversations, _as(owner_id)
        made = await talk.membership.create_group(owner, uuid7(), name, member_ids)
        if announcement:
            await talk.administration.change(owner, made.id, GroupChange(announcement=announcement))
        return made.id

    async def conversation_key(self, conversation_id: str) -> tuple[int, bytes]:
        """Open the current key from an envelope, as a device does."""
        epoch, wrapped = await self._database.read(
            lambda connection: current_key(connection, conversation_id)
        )
        envelope = await asyncio.to_thread(
            self._keys.envelope,
            wrapped,
            conversation_id=conversation_id,
            epoch=epoch,
            device_public=self._device.public,
        )
        key = open_envelope(
            self._algorithms,
            self._device.private,
            conversation_id=conversation_id,
            epoch=epoch,
            envelope=envelope,
        )
        return epoch, key

    async def send(
        self, sender_id: str, conversation_id: str, client_id: str, body: bytes, file_ids: list[str]
    ) -> int:
        """Send through the same path as the websocket."""
        sent: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()

        def answer(outcome: Sent | ApiError) -> None:
            if isinstance(outcome, ApiError):
                sent.set_exception(outcome)
            else:
                sent.set_result(outcome)

        self._chat.conversations.send(sender_id, conversation_id, client_id, body, file_ids, self, answer)
        return (await sent).seq

    async def upload(
        self, uploader_id: str, file_id: str, size: int, extension: str, chunks: list[bytes]
    ) -> None:
        """Store sealed chunks and close the upload."""
        caller, files = _as(uploader_id), self._chat.files
        await files.start(caller, FileStart(id=file_id, size=size, chunks=len(chunks), extension=extension))
        digests = [self._algorithms.sm3(chunk) for chunk in chunks]
        for index, (chunk, digest) in enumerate(zip(chunks, digests, strict=True)):
            await files.put_chunk(caller, file_id, index, chunk, digest.hex())
        await files.complete(caller, file_id, FileComplete(digest=self._algorithms.sm3(b"".join(digests))))

    async def notify(self, notice: Notice, person_id: str, content: NoticeContent) -> tuple[str, int]:
        """Write a service's message."""
        written = await self._chat.conversations.notify(notice.service, notice.name, person_id, content)
        return written.sent.conversation_id, written.sent.seq

    async def settle(
        self,
        conversation_id: str,
        times: dict[int, int],
        read: dict[str, int],
        pinned: list[str],
        muted: list[str],
    ) -> None:
        """Give history its times. Only the demo does this: nobody has synced the conversation yet."""

        def backdate(connection: Connection) -> None:
            number = connection.execute(
                select(conversations.c.number).where(conversations.c.id == conversation_id)
            ).scalar_one()
            for seq, at in times.items():
                connection.execute(
                    update(messages)
                    .where(messages.c.conversation_no == number, messages.c.seq == seq)
                    .values(sent_at=at)
                )
            begun = min(times.values())
            connection.execute(
                update(conversations).where(conversations.c.number == number).values(created_at=begun)
            )
            connection.execute(
                update(members).where(members.c.conversation_no == number).values(joined_at=begun)
            )

        await self._database.write(backdate)
        cursors = self._chat.conversations.cursors
        for person_id, seq in read.items():
            cursors.move(person_id, conversation_id, read_seq=seq)
        await cursors.settled()
        reading = self._chat.conversations.reading
        for person_id in pinned:
            await reading.set_own(_as(person_id), conversation_id, SettingChange(pinned=True))
        for person_id in muted:
            await reading.set_own(_as(person_id), conversation_id, SettingChange(muted=True))


def _as(person_id: str) -> Caller:
    return Caller(person_id=person_id, session_id="", device_id="")
