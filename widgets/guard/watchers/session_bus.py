"""Captures seen on the session bus: owners of known names, and calls to the portals of GNOME, KDE and deepin."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from widgets.guard.sightings import Sighting

from .bus_rules import BUS, CALLS, NAMES, REQUEST, SESSION, Call, monitor_rules
from .threaded import Posts

SOON_S = 2.0
"""How long a call for a single picture counts as a capture."""


class BusNames:
    """Known recorders that own a name on the bus. `address`: None for the session's bus."""

    name = "桌面服务"
    sees_recorders = False

    def __init__(self, address: str | None = None) -> None:
        self._address = address

    async def watch(self, posts: Posts) -> None:
        """See `Job`."""
        bus = await MessageBus(bus_address=self._address).connect()
        known = {one.name: one for one in NAMES}

        def owner(name: str, there: bool) -> None:
            one = known.get(name)
            if one is None:
                return
            if there:
                posts.began(Sighting(f"name:{name}", one.kind, one.title, self.name))
            else:
                posts.ended(f"name:{name}")

        def heard(message: Message) -> bool:
            if message.member == "NameOwnerChanged" and message.sender == BUS:
                owner(message.body[0], bool(message.body[2]))
            return False

        try:
            bus.add_message_handler(heard)
            for one in NAMES:
                rule = f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{one.name}'"
                await _call(bus, BUS, "AddMatch", "s", [rule])
            reply = await _call(bus, BUS, "ListNames")
            for name in reply.body[0]:
                owner(name, True)
            posts.ready()
            await bus.wait_for_disconnect()
        finally:
            bus.disconnect()


@dataclass(frozen=True)
class _Lasting:
    sighting: Sighting
    sender: str
    path: str
    call: Call


class BusMonitor:
    """Calls to screenshot and screen-cast interfaces, whoever makes them, by the bus's monitoring interface.

    The bus may refuse to be monitored; then this one fails, and the names and programs remain.
    """

    name = "桌面截屏接口"
    sees_recorders = False

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._serial = 0
        self._lasting: dict[str, _Lasting] = {}
        self._soon: dict[str, asyncio.TimerHandle] = {}

    async def watch(self, posts: Posts) -> None:
        """See `Job`."""
        bus = await MessageBus(bus_address=self._address).connect()
        self._lasting.clear()
        self._soon.clear()
        try:
            reply = await _call(bus, f"{BUS}.Monitoring", "BecomeMonitor", "asu", [monitor_rules(), 0])
            if reply.message_type is not MessageType.METHOD_RETURN:
                posts.failed("总线不允许监视截屏接口。")
                await bus.wait_for_disconnect()
                return

            def heard(message: Message) -> bool:
                self._heard(message, posts)
                # Handled: a monitor that answers a call is thrown off the bus.
                return True

            bus.add_message_handler(heard)
            posts.ready()
            await bus.wait_for_disconnect()
        finally:
            for handle in self._soon.values():
                handle.cancel()
            bus.disconnect()

    def _heard(self, message: Message, posts: Posts) -> None:
        interface, member = message.interface or "", message.member or ""
        if message.message_type is MessageType.SIGNAL:
            self._heard_signal(message, interface, member, posts)
        elif message.message_type is MessageType.METHOD_CALL:
            if interface == SESSION and member == "Close":
                self._end(posts, path=message.path or "")
            for call in CALLS:
                if call.interface == interface:
                    self._heard_call(message, call, member, posts)

    def _heard_call(self, message: Message, call: Call, member: str, posts: Posts) -> None:
        sender, path = message.sender or "", ""
        if call.by_path == "object":
            path = message.path or ""
        elif call.by_path == "argument" and message.body and isinstance(message.body[0], str):
            path = message.body[0]
        if member in call.ends:
            self._end(posts, path=path, call=call, sender="" if path else sender)
            return
        if call.members and member not in call.members:
            return
        if not call.lasting:
            self._briefly(Sighting(f"call:{call.interface}", call.kind, call.title, self.name), posts)
            return
        key = f"session:{call.interface}:{path or sender}"
        if key not in self._lasting:
            sighting = Sighting(key, call.kind, call.title, self.name)
            self._lasting[key] = _Lasting(sighting, sender, path, call)
            posts.began(sighting)

    def _heard_signal(self, message: Message, interface: str, member: str, posts: Posts) -> None:
        body = message.body
        if member == "NameOwnerChanged" and len(body) == 3 and not body[2]:
            self._end(posts, sender=body[0])
        elif member == "Closed":
            self._end(posts, path=message.path or "")
        elif interface == REQUEST and member == "Response" and body and body[0] != 0:
            # The user said no in the portal's dialog. The request's path carries the asker: ":1.42" as "1_42".
            for key, one in list(self._lasting.items()):
                if f"/{one.sender.lstrip(':').replace('.', '_')}/" in (message.path or ""):
                    self._drop(key, posts)

    def _briefly(self, sighting: Sighting, posts: Posts) -> None:
        running = self._soon.pop(sighting.key, None)
        if running is not None:
            running.cancel()
        else:
            posts.began(sighting)

        def over() -> None:
            self._soon.pop(sighting.key, None)
            posts.ended(sighting.key)

        self._soon[sighting.key] = asyncio.get_running_loop().call_later(SOON_S, over)

    def _end(self, posts: Posts, *, path: str = "", sender: str = "", call: Call | None = None) -> None:
        for key, one in list(self._lasting.items()):
            if call is not None and one.call is not call:
                continue
            if (path and one.path == path) or (sender and one.sender == sender):
                self._drop(key, posts)

    def _drop(self, key: str, posts: Posts) -> None:
        del self._lasting[key]
        posts.ended(key)


async def _call(
    bus: MessageBus, interface: str, member: str, signature: str = "", body: list[object] | None = None
) -> Message:
    reply = await bus.call(
        Message(
            destination=BUS,
            path="/org/freedesktop/DBus",
            interface=interface,
            member=member,
            signature=signature,
            body=body or [],
        )
    )
    if reply is None:
        raise ConnectionError("the bus did not answer")
    return reply
