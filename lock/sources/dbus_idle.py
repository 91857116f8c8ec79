"""Idle time over D-Bus: GNOME's Mutter, and the freedesktop screen saver of KDE, UKUI and others."""

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus


class DBusIdle:
    """One method on the session bus that answers with milliseconds."""

    def __init__(
        self, bus: MessageBus, name: str, service: str, path: str, interface: str, member: str
    ) -> None:
        self.name = name
        self._bus = bus
        self._call = (service, path, interface, member)

    @classmethod
    def mutter(cls, bus: MessageBus) -> "DBusIdle":
        """GNOME (also on Wayland)."""
        return cls(
            bus,
            "GNOME",
            "org.gnome.Mutter.IdleMonitor",
            "/org/gnome/Mutter/IdleMonitor/Core",
            "org.gnome.Mutter.IdleMonitor",
            "GetIdletime",
        )

    @classmethod
    def freedesktop(cls, bus: MessageBus) -> "DBusIdle":
        """KDE, UKUI and others that own org.freedesktop.ScreenSaver."""
        return cls(
            bus,
            "freedesktop 屏幕保护",
            "org.freedesktop.ScreenSaver",
            "/org/freedesktop/ScreenSaver",
            "org.freedesktop.ScreenSaver",
            "GetSessionIdleTime",
        )

    async def idle_s(self) -> float | None:
        """Seconds; None when nobody answers or the answer is not a number."""
        service, path, interface, member = self._call
        if not self._bus.connected:
            return None
        reply = await self._bus.call(
            Message(destination=service, path=path, interface=interface, member=member)
        )
        if reply is None or reply.message_type is not MessageType.METHOD_RETURN or not reply.body:
            return None
        value = reply.body[0]
        return value / 1000 if isinstance(value, int) else None

    async def close(self) -> None:
        """The bus belongs to whoever made it."""
