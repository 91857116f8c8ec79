"""Secret chat over the network: nothing of it is ever stored on this machine, neither contents nor that there were any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from app.session.api import ApiClient
from app.session.listeners import Listeners
from app.session.tokens import DeviceKey
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.secret import (
    MAX_PARTS,
    AccessAsked,
    AccessCase,
    AccessCases,
    AnySecret,
    CaptureReport,
    Incidents,
    LeaseReport,
    OpenSecret,
    OpenSecretChat,
    RetainedMessage,
    RetainedMessages,
    SecretChat,
    SecretChatChange,
    SecretIncident,
    SecretKey,
    SecretKeyRequest,
    SecretLevel,
    SecretMessage,
    SecretOpened,
    SecretOverview,
    SecretPage,
    SecretPeer,
    SecretPolicy,
    SecretText,
    SendSecret,
    Shielding,
    decode_secret,
    encode_secret,
)
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import (
    CHUNK,
    chunk_count,
    open_chunk,
    open_envelope,
    open_message,
    seal_chunk,
    seal_message,
)

_EPOCH = 1
MAX_BYTES = MAX_PARTS * CHUNK


class Burnt(Exception):
    """The content is gone."""

    text = "这条密聊消息已销毁。"


class Look(NamedTuple):
    """What is inside a body, as long as somebody looks: keep no reference."""

    content: AnySecret
    data: bytes


class SecretBody:
    """The content of one secret message in memory, the only type that ever holds it.

    `look()` is its one accessor. It has no text, no equality, no copy and no serial form, so that logs, previews, drafts,
    quotes, indexes and stores cannot take it by mistake. `burn()` empties it; looking again raises Burnt.
    """

    __slots__ = ("__weakref__", "_data", "_sealed")

    def __init__(self, content: AnySecret, data: bytes = b"") -> None:
        self._sealed = bytearray(encode_secret(content))
        self._data = bytearray(data)

    def look(self) -> Look:
        """The content. Raises Burnt."""
        if not self._sealed:
            raise Burnt
        return Look(decode_secret(bytes(self._sealed)), bytes(self._data))

    @property
    def is_burnt(self) -> bool:
        """Whether nothing is left."""
        return not self._sealed

    def burn(self) -> None:
        """Overwrite and empty it."""
        for held in (self._sealed, self._data):
            held[:] = bytes(len(held))
            held.clear()

    def __repr__(self) -> str:
        return "SecretBody()"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "SecretBody()"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret body cannot be kept")

    def __copy__(self) -> SecretBody:
        raise TypeError("a secret body cannot be copied")

    def __deepcopy__(self, _memo: object) -> SecretBody:
        raise TypeError("a secret body cannot be copied")


class SecretRooms:
    """Raises NetworkError when offline and ApiError when refused. `changed` names a chat that changed on the server."""

    def __init__(self, api: ApiClient, algorithms: Algorithms, device: DeviceKey, me: str) -> None:
        self._http = api.http
        self._algorithms = algorithms
        self._device = device
        self._me = me
        self.changed: Listeners[str] = Listeners()

    # Rooms.

    async def overview(self) -> SecretOverview:
        """The own list with the policy."""
        return await self._http.call("GET", "/secret", SecretOverview)

    async def allowed_with(self, person_id: str) -> bool:
        """Whether a secret chat with somebody can be begun now."""
        return (await self._http.call("GET", f"/secret/with/{person_id}", SecretPeer)).allowed

    async def open(self, person_id: str) -> SecretChat:
        """Find or make the chat with a person."""
        return await self._http.call(
            "POST", "/secret/chats", SecretChat, body=OpenSecretChat(person_id=person_id)
        )

    async def page(self, chat_id: str) -> SecretPage:
        """A chat without contents."""
        return await self._http.call("GET", f"/secret/chats/{chat_id}", SecretPage)

    async def change(
        self, chat_id: str, *, level: SecretLevel | None = None, burn_s: int | None = None
    ) -> None:
        """Change level or burning time for both sides."""
        body = SecretChatChange(level=level, burn_s=burn_s)
        await self._http.call("PATCH", f"/secret/chats/{chat_id}", SecretChat, body=body)

    async def clear(self, chat_id: str) -> None:
        """Burn everything at once."""
        await self._http.call("POST", f"/secret/chats/{chat_id}/clear", type(None))

    async def hide(self, chat_id: str) -> None:
        """Remove the row."""
        await self._http.call("POST", f"/secret/chats/{chat_id}/hide", type(None))

    # Messages.

    async def send(self, chat_id: str, body: SecretBody, protection: str) -> SecretMessage:
        """Seal under a key of its own and send; there is no outbox: what was not sent is only in `body`."""
        content, data = body.look()
        if len(data) > MAX_BYTES:
            raise ApiError(ErrorCode.TOO_LARGE, "size", message=f"密聊文件不能超过 {MAX_PARTS} MB。")
        client_id, path = uuid7(), f"/secret/chats/{chat_id}"
        begun = await self._http.call(
            "POST",
            f"{path}/keys",
            SecretKey,
            body=SecretKeyRequest(client_id=client_id, protection=protection),
        )
        key = await asyncio.to_thread(self._key, client_id, begun.envelope)
        parts = 0
        if not isinstance(content, SecretText):
            parts = chunk_count(len(data))
            for index in range(parts):
                piece = data[index * CHUNK : (index + 1) * CHUNK]
                sealed = await asyncio.to_thread(
                    lambda index=index, piece=piece: seal_chunk(
                        self._algorithms,
                        key,
                        file_id=client_id,
                        index=index,
                        last=index == parts - 1,
                        data=piece,
                    )
                )
                await self._http.raw(
                    "PUT",
                    f"{path}/parts/{client_id}/{index}",
                    content=sealed,
                    headers={"content-type": "application/octet-stream"},
                )
        sealed_body = seal_message(
            self._algorithms,
            key,
            epoch=_EPOCH,
            conversation_id=chat_id,
            sender_id=self._me,
            client_id=client_id,
            plaintext=encode_secret(content),
        )
        wanted = SendSecret(client_id=client_id, body=sealed_body, parts=parts)
        return await self._http.call("POST", f"{path}/messages", SecretMessage, body=wanted)

    async def reveal(self, message: SecretMessage, protection: str) -> tuple[SecretMessage, SecretBody]:
        """Open a message; the receiver's first opening starts its timer. Raises Burnt when it is gone."""
        path = f"/secret/chats/{message.chat_id}"
        try:
            opened = await self._http.call(
                "POST",
                f"{path}/messages/{message.seq}/open",
                SecretOpened,
                body=OpenSecret(protection=protection),
            )
        except ApiError as error:
            if error.code in (ErrorCode.GONE, ErrorCode.KEY_DESTROYED):
                raise Burnt from None
            raise

        async def part(index: int) -> bytes:
            response = await self._http.raw("GET", f"{path}/parts/{message.client_id}/{index}")
            return response.content

        told = opened.message
        body = await self._open(
            told.chat_id, told.sender_id, told.client_id, told.parts, opened.body, opened.envelope, part
        )
        return told, body

    async def _open(
        self,
        chat_id: str,
        sender_id: str,
        client_id: str,
        parts: int,
        sealed: bytes,
        envelope: bytes,
        part: Callable[[int], object],
    ) -> SecretBody:
        try:
            key = await asyncio.to_thread(self._key, client_id, envelope)
            plain = open_message(
                self._algorithms,
                lambda _epoch: key,
                conversation_id=chat_id,
                sender_id=sender_id,
                client_id=client_id,
                sealed=sealed,
            )
            data = bytearray()
            for index in range(parts):
                piece: bytes = await part(index)  # type: ignore[misc]
                data += await asyncio.to_thread(
                    lambda index=index, piece=piece: open_chunk(
                        self._algorithms,
                        key,
                        file_id=client_id,
                        index=index,
                        last=index == parts - 1,
                        sealed=piece,
                    )
                )
            return SecretBody(decode_secret(plain), bytes(data))
        except (SealError, msgspec.DecodeError):
            raise ApiError(ErrorCode.INTEGRITY, "secret", message="这条密聊消息已损坏，无法打开。") from None

    def _key(self, client_id: str, envelope: bytes) -> bytes:
        return open_envelope(
            self._algorithms, self._device.private, conversation_id=client_id, epoch=_EPOCH, envelope=envelope
        )

    # Reports.

    async def report_device(self, shielding: Shielding) -> None:
        """What this device's guard achieves now."""
        await self._http.call("PUT", "/secret/device", type(None), body=shielding)

    async def report_capture(self, report: CaptureReport) -> None:
        """A capture began or ended."""
        await self._http.call("POST", "/secret/captures", type(None), body=report)

    async def report_lease(self, report: LeaseReport) -> None:
        """An exception began or ended."""
        await self._http.call("POST", "/secret/leases", type(None), body=report)

    # Administrators.

    async def policy(self) -> SecretPolicy:
        """What is in force."""
        return await self._http.call("GET", "/admin/secret/policy", SecretPolicy)

    async def set_policy(self, policy: SecretPolicy) -> SecretPolicy:
        """Change it."""
        return await self._http.call("PUT", "/admin/secret/policy", SecretPolicy, body=policy)

    async def incidents(self) -> list[SecretIncident]:
        """Captures and exceptions, newest first."""
        return (await self._http.call("GET", "/admin/secret/incidents", Incidents)).incidents

    async def cases(self) -> list[AccessCase]:
        """Requests for lawful access."""
        return (await self._http.call("GET", "/admin/secret/cases", AccessCases)).cases

    async def ask_access(self, wanted: AccessAsked) -> AccessCase:
        """Ask for lawful access."""
        return await self._http.call("POST", "/admin/secret/cases", AccessCase, body=wanted)

    async def decide_access(self, case_id: str, *, confirm: bool) -> AccessCase:
        """Confirm as the second administrator, or take back."""
        what = "confirm" if confirm else "cancel"
        return await self._http.call("POST", f"/admin/secret/cases/{case_id}/{what}", AccessCase)

    async def retained(self, case_id: str) -> Sequence[tuple[RetainedMessage, SecretBody]]:
        """The copies of a granted case, opened on this device."""
        path = f"/admin/secret/cases/{case_id}/records"
        found = await self._http.call("GET", path, RetainedMessages)
        opened: list[tuple[RetainedMessage, SecretBody]] = []
        for one in found.messages:

            async def part(index: int, one: RetainedMessage = one) -> bytes:
                response = await self._http.raw("GET", f"{path}/{one.client_id}/parts/{index}")
                return response.content

            body = await self._open(
                one.chat_id, one.sender_id, one.client_id, one.parts, one.body, one.envelope, part
            )
            opened.append((one, body))
        return opened
