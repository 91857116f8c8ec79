"""Where the lock learns of the desktop: real D-Bus daemons with services that emit the desktops' signals."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from lock.sources.dbus_desktop import (
    SESSION_PROPERTIES,
    SESSION_SIGNALS,
    SYSTEM_PROPERTIES,
    SYSTEM_SIGNALS,
    DBusDesktop,
    own_session_path,
)
from lock.sources.dbus_idle import DBusIdle
from lock.sources.desktop import DesktopEvent, FakeDesktop, NullDesktop
from lock.sources.idle import FakeIdle, NullIdle
from lock.sources.ladder import first_that_answers


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[MessageBus]:
    bus = await MessageBus(bus_address=address).connect()
    try:
        yield bus
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()


class Desk:
    """The listener of a test: events in order, awaited."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[DesktopEvent, str]] = asyncio.Queue()

    def __call__(self, event: DesktopEvent, source: str) -> None:
        self.told.put_nowait((event, source))

    async def next(self) -> tuple[DesktopEvent, str]:
        return await asyncio.wait_for(self.told.get(), 5)


async def emit(
    service: MessageBus, path: str, interface: str, member: str, signature: str, body: list
) -> None:
    await service.send(Message.new_signal(path, interface, member, signature, body))


SESSION_CASES = [
    ("/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", "b", [True], "locked", "freedesktop"),
    ("/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", "b", [False], "unlocked", "freedesktop"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", "b", [True], "locked", "GNOME"),
    ("/", "org.ukui.ScreenSaver", "lock", "", [], "locked", "Kylin"),
    ("/", "org.ukui.ScreenSaver", "unlock", "", [], "unlocked", "Kylin"),
    (
        "/org/deepin/dde/SessionManager1",
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        "sa{sv}as",
        ["org.deepin.dde.SessionManager1", {"Locked": Variant("b", True)}, []],
        "locked",
        "UOS",
    ),
    (
        "/com/deepin/SessionManager",
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        "sa{sv}as",
        ["com.deepin.SessionManager", {"Locked": Variant("b", False)}, []],
        "unlocked",
        "UOS",
    ),
]


@pytest.mark.parametrize("case", SESSION_CASES, ids=lambda case: f"{case[1]}.{case[2]}-{case[5]}")
async def test_the_desktops_own_lock_is_heard(fresh_bus: str, case: tuple) -> None:
    path, interface, member, signature, body, event, source = case
    desk = Desk()
    async with connected(fresh_bus) as bus, connected(fresh_bus) as service:
        desktop = DBusDesktop(bus, SESSION_SIGNALS, SESSION_PROPERTIES)
        assert await desktop.start(desk) == ["GNOME", "Kylin", "UOS", "freedesktop"]
        await emit(service, path, interface, member, signature, body)
        assert await desk.next() == (DesktopEvent(event), source)
        await desktop.close()


async def test_sleep_lid_and_only_the_own_sessions_lock_are_heard(fresh_bus: str) -> None:
    desk = Desk()
    manager, session = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session"
    async with connected(fresh_bus) as bus, connected(fresh_bus) as service:
        desktop = DBusDesktop(bus, SYSTEM_SIGNALS, SYSTEM_PROPERTIES, "/org/freedesktop/login1/session/_31")
        await desktop.start(desk)
        await emit(service, "/org/freedesktop/login1", manager, "PrepareForSleep", "b", [True])
        await emit(service, "/org/freedesktop/login1/session/other", session, "Lock", "", [])
        await emit(service, "/org/freedesktop/login1/session/_31", session, "Lock", "", [])
        lid = ["org.freedesktop.UPower", {"LidIsClosed": Variant("b", True)}, []]
        await emit(
            service,
            "/org/freedesktop/UPower",
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            "sa{sv}as",
            lid,
        )
        await emit(service, "/org/freedesktop/login1", manager, "PrepareForSleep", "b", [False])
        assert [await desk.next() for _ in range(4)] == [
            (DesktopEvent.SUSPENDING, "logind"),
            (DesktopEvent.LOCKED, "logind"),
            (DesktopEvent.LID_CLOSED, "UPower"),
            (DesktopEvent.RESUMED, "logind"),
        ]
        await desktop.close()


async def test_malformed_signals_are_ignored_and_nothing_is_told_after_closing(fresh_bus: str) -> None:
    desk = Desk()
    async with connected(fresh_bus) as bus, connected(fresh_bus) as service:
        desktop = DBusDesktop(bus, SESSION_SIGNALS, SESSION_PROPERTIES)
        await desktop.start(desk)
        await emit(service, "/", "org.gnome.ScreenSaver", "ActiveChanged", "s", ["yes"])
        await emit(service, "/", "org.gnome.ScreenSaver", "ActiveChanged", "", [])
        await emit(service, "/", "org.gnome.ScreenSaver", "ActiveChanged", "b", [True])
        assert await desk.next() == (DesktopEvent.LOCKED, "GNOME")
        await desktop.close()
        await emit(service, "/", "org.gnome.ScreenSaver", "ActiveChanged", "b", [True])
        await bus.call(
            Message("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId")
        )
        assert desk.told.empty()


def answer(service: MessageBus, interface: str, member: str, signature: str, body: list) -> None:
    def handler(message: Message) -> Message | None:
        if message.message_type is MessageType.METHOD_CALL and message.member == member:
            assert message.interface == interface
            return Message.new_method_return(message, signature, body)
        return None

    service.add_message_handler(handler)


@pytest.mark.clause("3.2.3.1.1")
async def test_idle_time_comes_from_whoever_answers(fresh_bus: str) -> None:
    async with connected(fresh_bus) as bus, connected(fresh_bus) as service:
        mutter, freedesktop = DBusIdle.mutter(bus), DBusIdle.freedesktop(bus)
        assert (await first_that_answers([None, mutter, freedesktop])).name == NullIdle.name
        await service.request_name("org.freedesktop.ScreenSaver")
        answer(service, "org.freedesktop.ScreenSaver", "GetSessionIdleTime", "u", [61500])
        found = await first_that_answers([mutter, freedesktop, FakeIdle()])
        assert found is freedesktop
        assert await found.idle_s() == pytest.approx(61.5)
        await service.request_name("org.gnome.Mutter.IdleMonitor")
        answer(service, "org.gnome.Mutter.IdleMonitor", "GetIdletime", "t", [2500])
        assert await mutter.idle_s() == pytest.approx(2.5)


async def test_idle_time_is_unknown_once_the_bus_is_gone(fresh_bus: str) -> None:
    async with connected(fresh_bus) as bus:
        source = DBusIdle.mutter(bus)
    assert await source.idle_s() is None


async def test_the_own_session_is_asked_of_logind(fresh_bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(fresh_bus) as bus, connected(fresh_bus) as service:
        monkeypatch.delenv("XDG_SESSION_ID", raising=False)
        assert await own_session_path(bus) == ""
        await service.request_name("org.freedesktop.login1")
        asked: list[list] = []

        def handler(message: Message) -> Message | None:
            if message.message_type is not MessageType.METHOD_CALL:
                return None
            asked.append([message.member, *message.body])
            return Message.new_method_return(message, "o", ["/org/freedesktop/login1/session/_37"])

        service.add_message_handler(handler)
        assert await own_session_path(bus) == "/org/freedesktop/login1/session/_37"
        monkeypatch.setenv("XDG_SESSION_ID", "7")
        await own_session_path(bus)
        assert asked == [["GetSessionByPID", os.getpid()], ["GetSession", "7"]]


async def test_null_and_fake_sources_keep_the_interface() -> None:
    desk = Desk()
    fake = FakeDesktop()
    fake.tell(DesktopEvent.LOCKED)
    assert await NullDesktop().start(desk) == []
    await NullDesktop().close()
    assert await fake.start(desk) == ["fake"]
    fake.tell(DesktopEvent.SUSPENDING)
    assert await desk.next() == (DesktopEvent.SUSPENDING, "fake")
    await fake.close()
    fake.tell(DesktopEvent.LOCKED)
    assert desk.told.empty()
    idle = FakeIdle()
    assert await first_that_answers([idle]) is idle
    await idle.close()
