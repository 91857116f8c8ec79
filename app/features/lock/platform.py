"""The lock's sources on this machine: idle time, the desktop's own lock, the global hotkey."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from dataclasses import dataclass, field
from typing import Any

from lock.hotkey.source import HotkeySource, NullHotkey
from lock.sources.desktop import DesktopSource, NullDesktop
from lock.sources.idle import IdleSource, NullIdle
from lock.sources.ladder import first_that_answers
from lock.sources.system_auth import NullSystemAuth, PolkitAuth, SystemAuth, WindowsHello

log = logging.getLogger(__name__)


@dataclass
class Sources:
    """What this desktop offers; `close` lets go of everything."""

    idle: IdleSource = field(default_factory=NullIdle)
    desktops: list[DesktopSource] = field(default_factory=lambda: [NullDesktop()])
    hotkey: HotkeySource = field(default_factory=NullHotkey)
    system: SystemAuth = field(default_factory=NullSystemAuth)
    _buses: list[Any] = field(default_factory=list)

    async def close(self) -> None:
        """Unsubscribe and disconnect."""
        await self.hotkey.close()
        await self.idle.close()
        for source in self.desktops:
            await source.close()
        for bus in self._buses:
            bus.disconnect()
        self._buses.clear()


async def find_sources() -> Sources:
    """Ask the platform. What cannot be had is left out: the lock then works by what remains."""
    if sys.platform == "win32":
        return await _windows()
    return await _linux()


async def _windows() -> Sources:
    from lock.hotkey.windows import WindowsHotkey
    from lock.sources.windows_desktop import WindowsDesktop
    from lock.sources.windows_idle import WindowsIdle

    return Sources(
        idle=await first_that_answers([WindowsIdle.open()]),
        desktops=[WindowsDesktop.open() or NullDesktop()],
        hotkey=WindowsHotkey.open() or NullHotkey(),
        system=WindowsHello.open() or NullSystemAuth(),
    )


async def _linux() -> Sources:
    from dbus_fast import BusType
    from dbus_fast.aio import MessageBus

    from lock.hotkey.x11 import X11Hotkey
    from lock.sources.dbus_desktop import (
        SESSION_PROPERTIES,
        SESSION_SIGNALS,
        SYSTEM_PROPERTIES,
        SYSTEM_SIGNALS,
        DBusDesktop,
        own_session_path,
    )
    from lock.sources.dbus_idle import DBusIdle
    from lock.sources.x11_idle import X11Idle

    found = Sources(desktops=[])
    session = await _bus(MessageBus, BusType.SESSION)
    system = await _bus(MessageBus, BusType.SYSTEM)
    found._buses = [bus for bus in (session, system) if bus is not None]
    on_wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    found.idle = await first_that_answers(
        [
            None if on_wayland else X11Idle.open(),
            DBusIdle.mutter(session) if session is not None else None,
            DBusIdle.freedesktop(session) if session is not None else None,
        ]
    )
    if session is not None:
        found.desktops.append(DBusDesktop(session, SESSION_SIGNALS, SESSION_PROPERTIES))
    if system is not None:
        found.system = PolkitAuth(system)
        path = await own_session_path(system)
        found.desktops.append(DBusDesktop(system, SYSTEM_SIGNALS, SYSTEM_PROPERTIES, path))
    if not on_wayland:
        found.hotkey = X11Hotkey.open() or NullHotkey()
    return found


async def _bus(make: Any, kind: Any) -> Any:
    with contextlib.suppress(Exception):
        return await make(bus_type=kind).connect()
    log.info("no D-Bus of this kind")
    return None
