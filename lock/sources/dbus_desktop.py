"""Lock and sleep over D-Bus: freedesktop, GNOME, deepin (UOS), UKUI (Kylin) and logind.

Signals were read from the desktops' public code; see the table below. Nothing here was checked on a UOS or Kylin
machine: each row is tested against services on a private bus that emit the same signals.
"""

import os
from dataclasses import dataclass
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from .desktop import DesktopEvent, Listener


@dataclass(frozen=True)
class Signal:
    """A signal and what it means. `when_true` and `when_false` read the first argument as a boolean."""

    source: str
    interface: str
    member: str
    always: DesktopEvent | None = None
    when_true: DesktopEvent | None = None
    when_false: DesktopEvent | None = None

    def rule(self) -> str:
        """The bus's match rule."""
        return f"type='signal',interface='{self.interface}',member='{self.member}'"

    def event(self, body: list[Any]) -> DesktopEvent | None:
        """What this signal says with these arguments."""
        if self.always is not None:
            return self.always
        if not body or not isinstance(body[0], bool):
            return None
        return self.when_true if body[0] else self.when_false


@dataclass(frozen=True)
class Property:
    """A boolean property whose change means lock or unlock (deepin)."""

    source: str
    interface: str
    name: str
    path: str

    def rule(self) -> str:
        """The bus's match rule."""
        return (
            "type='signal',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
            f"path='{self.path}'"
        )


_LOCKED, _UNLOCKED = DesktopEvent.LOCKED, DesktopEvent.UNLOCKED

SESSION_SIGNALS = (
    Signal("freedesktop", "org.freedesktop.ScreenSaver", "ActiveChanged", None, _LOCKED, _UNLOCKED),
    Signal("GNOME", "org.gnome.ScreenSaver", "ActiveChanged", None, _LOCKED, _UNLOCKED),
    Signal("Kylin", "org.ukui.ScreenSaver", "lock", _LOCKED),
    Signal("Kylin", "org.ukui.ScreenSaver", "unlock", _UNLOCKED),
)
# deepin owns org.freedesktop.ScreenSaver too but emits only IdleOn and IdleOff there; its lock is a property.
SESSION_PROPERTIES = (
    Property("UOS", "org.deepin.dde.SessionManager1", "Locked", "/org/deepin/dde/SessionManager1"),
    Property("UOS", "com.deepin.SessionManager", "Locked", "/com/deepin/SessionManager"),
)
_MANAGER = "org.freedesktop.login1.Manager"
_SESSION = "org.freedesktop.login1.Session"
SYSTEM_SIGNALS = (
    Signal("logind", _MANAGER, "PrepareForSleep", None, DesktopEvent.SUSPENDING, DesktopEvent.RESUMED),
    Signal("logind", _SESSION, "Lock", _LOCKED),
    Signal("logind", _SESSION, "Unlock", _UNLOCKED),
)
SYSTEM_PROPERTIES = (Property("UPower", "org.freedesktop.UPower", "LidIsClosed", "/org/freedesktop/UPower"),)


class DBusDesktop:
    """Listens on one bus for one table of signals and properties.

    `own_session_path`: logind's object path of this session; Lock and Unlock of other sessions are ignored.
    """

    def __init__(
        self,
        bus: MessageBus,
        signals: tuple[Signal, ...],
        properties: tuple[Property, ...],
        own_session_path: str = "",
    ) -> None:
        self._bus = bus
        self._signals = {(signal.interface, signal.member): signal for signal in signals}
        self._properties = {(item.path, item.interface): item for item in properties}
        self._own_session_path = own_session_path
        self._listener: Listener | None = None

    async def start(self, listener: Listener) -> list[str]:
        """Add the match rules. A rule for a desktop that is not here costs nothing and never fires."""
        self._listener = listener
        self._bus.add_message_handler(self._on_message)
        names: list[str] = []
        for item in (*self._signals.values(), *self._properties.values()):
            reply = await self._bus.call(_bus_call("AddMatch", "s", [item.rule()]))
            if reply is not None and reply.message_type is MessageType.METHOD_RETURN:
                names.append(item.source)
        return sorted(set(names))

    async def close(self) -> None:
        """Remove the rules; the bus belongs to whoever made it."""
        self._listener = None
        self._bus.remove_message_handler(self._on_message)
        if self._bus.connected:
            for item in (*self._signals.values(), *self._properties.values()):
                await self._bus.call(_bus_call("RemoveMatch", "s", [item.rule()]))

    def _on_message(self, message: Message) -> bool:
        if message.message_type is not MessageType.SIGNAL or self._listener is None:
            return False
        if message.member == "PropertiesChanged":
            self._on_properties(message)
            return False
        signal = self._signals.get((message.interface or "", message.member or ""))
        if signal is None or self._foreign_session(message):
            return False
        event = signal.event(message.body)
        if event is not None:
            self._listener(event, signal.source)
        return False

    def _on_properties(self, message: Message) -> None:
        if self._listener is None or len(message.body) < 2:
            return
        item = self._properties.get((message.path or "", str(message.body[0])))
        if item is None or item.name not in message.body[1]:
            return
        value = bool(message.body[1][item.name].value)
        if item.name == "LidIsClosed":
            if value:
                self._listener(DesktopEvent.LID_CLOSED, item.source)
            return
        self._listener(_LOCKED if value else _UNLOCKED, item.source)

    def _foreign_session(self, message: Message) -> bool:
        return (
            message.interface == _SESSION
            and self._own_session_path != ""
            and message.path != self._own_session_path
        )


async def own_session_path(system_bus: MessageBus) -> str:
    """Return logind's object path of this process's session; "" when logind does not answer.

    XDG_SESSION_ID first; without it (services, some desktops) the session of this process.
    """
    session_id = os.environ.get("XDG_SESSION_ID", "")
    member, signature, body = (
        ("GetSession", "s", [session_id]) if session_id else ("GetSessionByPID", "u", [os.getpid()])
    )
    reply = await system_bus.call(
        Message(
            destination="org.freedesktop.login1",
            path="/org/freedesktop/login1",
            interface=_MANAGER,
            member=member,
            signature=signature,
            body=body,
        )
    )
    if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
        return ""
    return str(reply.body[0])


def _bus_call(member: str, signature: str, body: list[Any]) -> Message:
    return Message(
        destination="org.freedesktop.DBus",
        path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus",
        member=member,
        signature=signature,
        body=body,
    )
