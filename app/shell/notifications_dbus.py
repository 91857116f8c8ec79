"""Notifications through org.freedesktop.Notifications (UOS, Kylin, GNOME, KDE), with inline reply where offered."""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Callable
from typing import Any

from .notifications import Note

log = logging.getLogger(__name__)

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
CALL_SECONDS = 2.0


class DBusCentre:
    """Connects at the first note; when there is no bus or no server, `show` returns False from then on."""

    def __init__(self, on_open: Callable[[str], None], on_reply: Callable[[str, str], None]) -> None:
        self._on_open = on_open
        self._on_reply = on_reply
        self._bus: Any = None
        self._dead = False
        self._capabilities: frozenset[str] = frozenset()
        self._ids: dict[str, int] = {}
        self._answerable: set[str] = set()

    @property
    def can_reply(self) -> bool:
        """Whether a reply can be typed into the note itself."""
        return "inline-reply" in self._capabilities

    async def show(self, note: Note) -> bool:
        if not await self._ready():
            return False
        from dbus_fast import Variant

        actions: list[str] = []
        if "actions" in self._capabilities:
            actions += ["default", "打开"]
        if "actions" in self._capabilities and note.answerable:
            # Where no text can be typed into the note, the button jumps to the conversation's input.
            actions += ["inline-reply" if self.can_reply else "reply", "回复"]
        body = html.escape(note.text) if "body-markup" in self._capabilities else note.text
        hints = {"category": Variant("s", "im.received"), "desktop-entry": Variant("s", "zhengding")}
        arguments = ["政钉", self._ids.get(note.target, 0), "zhengding", note.title, body, actions, hints, -1]
        answer = await self._call("Notify", "susssasa{sv}i", arguments)
        if not answer:
            return False
        self._ids[note.target] = answer[0]
        (self._answerable.add if note.answerable else self._answerable.discard)(note.target)
        return True

    async def withdraw(self, target: str) -> None:
        number = self._ids.pop(target, 0)
        if number and self._bus is not None:
            await self._call("CloseNotification", "u", [number])

    async def close(self) -> None:
        for target in list(self._ids):
            await self.withdraw(target)
        if self._bus is not None:
            self._bus.disconnect()
            self._bus = None
        self._dead = True

    async def _ready(self) -> bool:
        if self._dead or self._bus is not None:
            return not self._dead
        try:
            from dbus_fast import BusType
            from dbus_fast.aio import MessageBus

            self._bus = await asyncio.wait_for(MessageBus(bus_type=BusType.SESSION).connect(), CALL_SECONDS)
        except Exception as error:
            # No bus, no library on this platform, no right: the tray's balloons take over.
            log.info("no notification bus: %s", type(error).__name__)
            self._dead = True
            return False
        capabilities = await self._call("GetCapabilities")
        if capabilities is None:
            self._bus.disconnect()
            self._bus = None
            self._dead = True
            return False
        self._capabilities = frozenset(capabilities[0])
        self._bus.add_message_handler(self._heard)
        rule = f"type='signal',interface='{NAME}',path='{PATH}'"
        await self._call("AddMatch", "s", [rule], to=("org.freedesktop.DBus", "/org/freedesktop/DBus"))
        return True

    async def _call(
        self,
        member: str,
        signature: str = "",
        body: list[Any] | None = None,
        *,
        to: tuple[str, str] = (NAME, PATH),
    ) -> list[Any] | None:
        from dbus_fast import Message, MessageType

        message = Message(
            destination=to[0],
            path=to[1],
            interface=to[0],
            member=member,
            signature=signature,
            body=body or [],
        )
        try:
            answer = await asyncio.wait_for(self._bus.call(message), CALL_SECONDS)
        except (TimeoutError, OSError, EOFError):
            return None
        if answer is None or answer.message_type is MessageType.ERROR:
            return None
        return answer.body

    def _heard(self, message: Any) -> None:
        if message.interface != NAME or not message.body:
            return
        target = next((key for key, number in self._ids.items() if number == message.body[0]), "")
        if not target:
            return
        if message.member == "ActionInvoked" and message.body[1] in ("default", "reply"):
            self._on_open(target)
        elif message.member == "NotificationReplied" and target in self._answerable:
            self._on_reply(target, str(message.body[1]))
        elif message.member == "NotificationClosed":
            self._ids.pop(target, None)
