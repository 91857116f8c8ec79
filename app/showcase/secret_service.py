"""Secret chats of the invented city, for pictures and window tests: timers run by a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.features.secret.chat import PEER_LOST
from app.session.secret import Burnt, SecretBody
from app.store.changes import Subscription
from server_stub.contract.directory import Person
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.secret import (
    AnySecret,
    CaptureReport,
    LeaseReport,
    PeerDevice,
    SecretChat,
    SecretIncident,
    SecretLevel,
    SecretMessage,
    SecretOverview,
    SecretPage,
    SecretPolicy,
    SecretText,
    Shielding,
)

from .office import BY_ID, DAY, ME, MINUTE, NOW_MS

CODE = "246810"


class ShowcaseSecret:
    """See app.features.secret.service."""

    def __init__(self) -> None:
        self.me: Person = msgspec.structs.replace(ME, phone="138 0371 3721")
        self.allowed = True
        self.clock = NOW_MS
        self.policy = SecretPolicy()
        self.chats: dict[str, SecretChat] = {}
        self.messages: dict[str, list[SecretMessage]] = {}
        self.contents: dict[str, tuple[AnySecret, bytes]] = {}
        self.devices = [
            PeerDevice(shielding=Shielding(protection="excluded", words="Windows 防截屏"), online=True)
        ]
        self.incidents: list[SecretIncident] = []
        self.lost: set[str] = set()
        self.refusal: ApiError | None = None
        self.reports: list[object] = []
        self.opened: list[str] = []
        self._changed: list[Callable[[str], None]] = []
        self._allowed: list[Callable[[bool], None]] = []
        self._add("p-wang", SecretLevel.HIGHEST, NOW_MS)
        self._add("p-zhao", SecretLevel.ENHANCED, NOW_MS - DAY)
        self._add("p-zhou", SecretLevel.STANDARD, NOW_MS - 4 * DAY)

    def _add(self, person_id: str, level: SecretLevel, at: int) -> str:
        chat_id = f"s-{person_id}"
        self.chats[chat_id] = SecretChat(
            id=chat_id,
            peer_id=person_id,
            peer_name=BY_ID[person_id].name,
            level=level,
            last_at=at,
            last_own=level is SecretLevel.STANDARD,
            last_read=level is SecretLevel.STANDARD,
        )
        self.messages[chat_id] = []
        return chat_id

    def put(
        self, chat_id: str, sender_id: str, content: AnySecret | str, data: bytes = b"", *, ago: int = MINUTE
    ) -> SecretMessage:
        """A message arrives."""
        if isinstance(content, str):
            content = SecretText(text=content)
        there = self.messages[chat_id]
        message = SecretMessage(
            chat_id=chat_id,
            seq=len(there) + 1,
            client_id=uuid7(),
            sender_id=sender_id,
            sent_at=self.clock - ago,
        )
        there.append(message)
        self.contents[message.client_id] = (content, data)
        self._count(chat_id)
        self.tell(chat_id)
        return message

    def read_by_receiver(self, message: SecretMessage, left_s: int) -> None:
        """The other side opened it a while ago."""
        self._replace(
            msgspec.structs.replace(message, read_at=self.clock - 1000, burn_at=self.clock + left_s * 1000)
        )

    def _replace(self, fresh: SecretMessage) -> None:
        there = self.messages[fresh.chat_id]
        there[:] = [fresh if one.client_id == fresh.client_id else one for one in there]

    def _count(self, chat_id: str) -> None:
        waiting = [one for one in self.messages[chat_id] if one.sender_id != self.me.id and not one.read_at]
        self.chats[chat_id] = msgspec.structs.replace(
            self.chats[chat_id], unread=len(waiting), last_at=self.clock
        )

    def tell(self, chat_id: str) -> None:
        """As the link does."""
        for one in self._changed:
            one(chat_id)

    def allow(self, allowed: bool) -> None:
        """The administrator changes it."""
        self.allowed = allowed
        for one in self._allowed:
            one(allowed)

    # The service.

    def now_ms(self) -> int:
        return self.clock

    def on_allowed(self, listener: Callable[[bool], None]) -> Subscription:
        self._allowed.append(listener)
        return Subscription(lambda: self._allowed.remove(listener))

    def on_changed(self, listener: Callable[[str], None]) -> Subscription:
        self._changed.append(listener)
        return Subscription(lambda: self._changed.remove(listener))

    async def overview(self) -> SecretOverview:
        shown = sorted((one for one in self.chats.values() if not one.hidden), key=lambda one: -one.last_at)
        return SecretOverview(policy=self.policy, chats=shown)

    async def allowed_with(self, person_id: str) -> bool:
        return self.allowed and person_id not in self.lost

    async def open(self, person_id: str) -> SecretChat:
        if person_id in self.lost:
            raise ApiError(ErrorCode.FORBIDDEN, PEER_LOST)
        chat_id = f"s-{person_id}"
        if chat_id not in self.chats:
            self._add(person_id, SecretLevel.STANDARD, 0)
        self.chats[chat_id] = msgspec.structs.replace(self.chats[chat_id], hidden=False)
        return self.chats[chat_id]

    async def page(self, chat_id: str) -> SecretPage:
        chat = self.chats[chat_id]
        if chat.peer_id in self.lost:
            raise ApiError(ErrorCode.FORBIDDEN, PEER_LOST)
        there = [one for one in self.messages[chat_id] if not one.burn_at or one.burn_at > self.clock]
        return SecretPage(chat=chat, messages=there, devices=self.devices, incidents=self.incidents)

    async def change(
        self, chat_id: str, *, level: SecretLevel | None = None, burn_s: int | None = None
    ) -> None:
        chat = self.chats[chat_id]
        self.chats[chat_id] = msgspec.structs.replace(
            chat, level=level or chat.level, burn_s=burn_s or chat.burn_s
        )

    async def clear(self, chat_id: str) -> None:
        self.messages[chat_id] = []
        self._count(chat_id)

    async def hide(self, chat_id: str) -> None:
        self.chats[chat_id] = msgspec.structs.replace(self.chats[chat_id], hidden=True)

    async def send(self, chat_id: str, body: SecretBody, protection: str) -> SecretMessage:
        if self.refusal is not None:
            raise self.refusal
        content, data = body.look()
        return self.put(chat_id, self.me.id, content, data, ago=0)

    async def reveal(self, message: SecretMessage, protection: str) -> tuple[SecretMessage, SecretBody]:
        if self.refusal is not None:
            raise self.refusal
        there = {one.client_id: one for one in self.messages[message.chat_id]}
        known = there.get(message.client_id)
        if known is None or (known.burn_at and known.burn_at <= self.clock):
            raise Burnt
        self.opened.append(message.client_id)
        if known.sender_id != self.me.id and not known.read_at:
            life = self.chats[message.chat_id].burn_s * 1000
            known = msgspec.structs.replace(known, read_at=self.clock, burn_at=self.clock + life)
            self._replace(known)
            self._count(message.chat_id)
        content, data = self.contents[message.client_id]
        return known, SecretBody(content, data)

    async def report_device(self, shielding: Shielding) -> None:
        self.reports.append(shielding)

    async def report_capture(self, report: CaptureReport) -> None:
        self.reports.append(report)

    async def report_lease(self, report: LeaseReport) -> None:
        self.reports.append(report)

    async def unlocks(self, secret: str) -> bool:
        return secret == CODE
