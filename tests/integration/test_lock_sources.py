"""Where the lock learns of the desktop: real D-Bus daemons with services that emit the desktops' signals."""

import asyncio
import ctypes
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
from lock.sources.system_auth import (
    ACTION,
    UNAVAILABLE,
    NullSystemAuth,
    PolkitAuth,
    WindowsHello,
    start_time,
)
from lock.sources.windows_desktop import (
    LID_SWITCH,
    WM_POWERBROADCAST,
    WM_WTSSESSION_CHANGE,
    WindowsDesktop,
)


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


class FakePolkit:
    """org.freedesktop.PolicyKit1 on a real bus: knows our action or not, and answers as it is told."""

    def __init__(self, bus: MessageBus, *, known: bool = True, good: bool = True) -> None:
        self.bus, self.known, self.good = bus, known, good
        self.asked: list[list] = []

    async def serve(self) -> None:
        await self.bus.request_name("org.freedesktop.PolicyKit1")
        self.bus.add_message_handler(self._answer)

    def _answer(self, message: Message) -> Message | bool:
        if message.interface != "org.freedesktop.PolicyKit1.Authority":
            return False
        if message.member == "EnumerateActions":
            action = [ACTION, "解锁政钉", "", "", "", "", 0, 0, 4, {}]
            return Message.new_method_return(message, "a(ssssssuuua{ss})", [[action] if self.known else []])
        self.asked.append(message.body)
        return Message.new_method_return(message, "(bba{ss})", [[self.good, False, {}]])


@pytest.mark.parametrize("good", [True, False])
async def test_polkit_is_asked_for_this_very_process(fresh_bus: str, good: bool) -> None:
    async with connected(fresh_bus) as service, connected(fresh_bus) as bus:
        polkit = FakePolkit(service, good=good)
        await polkit.serve()
        source = PolkitAuth(bus)
        assert await source.reason() == ""
        assert await source.confirm() is good
        subject, action, _details, flags, _cancel = polkit.asked[0]
        kind, facts = subject
        assert (kind, action, flags) == ("unix-process", ACTION, 1)
        assert facts["pid"].value == os.getpid()
        assert facts["uid"].value == os.getuid()
        # Ticks since boot: a process that gets our number later has another.
        assert 0 < facts["start-time"].value == start_time()


async def test_without_polkit_or_its_policy_the_reason_is_said(fresh_bus: str) -> None:
    async with connected(fresh_bus) as service, connected(fresh_bus) as bus:
        source = PolkitAuth(bus)
        assert await source.reason() == UNAVAILABLE
        assert await source.confirm() is False
        await FakePolkit(service, known=False).serve()
        assert "未安装政钉的验证策略" in await source.reason()
    nothing = NullSystemAuth()
    assert (await nothing.reason(), await nothing.confirm()) == (UNAVAILABLE, False)


async def test_windows_hello_by_the_recorded_calls() -> None:
    """UserConsentVerifier as Microsoft documents it; not run on a device."""

    class Verifier:
        available, result = 0, 0
        words = ""

        async def check_availability_async(self) -> int:
            return self.available

        async def request_verification_async(self, words: str) -> int:
            self.words = words
            return self.result

    verifier = Verifier()
    source = WindowsHello(verifier)
    assert (await source.reason(), await source.confirm(), verifier.words) == ("", True, "解锁政钉")
    verifier.available, verifier.result = 2, 6
    assert (await source.reason(), await source.confirm()) == ("本机未设置 Windows Hello", False)
    assert WindowsHello.open() is None


async def test_windows_session_and_power_by_the_recorded_calls() -> None:
    """WTSRegisterSessionNotification and RegisterPowerSettingNotification with the documented messages."""
    calls: list[tuple] = []

    class Library:
        def __getattr__(self, name: str):
            return lambda *arguments: calls.append((name, *arguments[:1])) or 77

    desk, window = Desk(), 4242
    source = WindowsDesktop(Library(), Library(), window)
    assert await source.start(desk) == ["Windows 锁屏", "Windows 休眠"]
    lid = LID_SWITCH.bytes_le + (4).to_bytes(4, "little")
    closed, opened = (ctypes.create_string_buffer(lid + bytes([on, 0, 0, 0]), 24) for on in (0, 1))
    size = ctypes.sizeof(ctypes.c_void_p)

    def message(number: int, wparam: int, lparam: int = 0, hwnd: int = window) -> None:
        raw = b"".join(value.to_bytes(size, "little") for value in (hwnd, number, wparam, lparam))
        buffer = ctypes.create_string_buffer(raw, len(raw))
        source.take(ctypes.addressof(buffer))

    message(WM_WTSSESSION_CHANGE, 0x7, hwnd=1)
    message(WM_WTSSESSION_CHANGE, 0x7)
    message(WM_WTSSESSION_CHANGE, 0x8)
    message(WM_WTSSESSION_CHANGE, 0x5)
    message(WM_POWERBROADCAST, 0x4)
    message(WM_POWERBROADCAST, 0x12)
    message(WM_POWERBROADCAST, 0x8013, ctypes.addressof(opened))
    message(WM_POWERBROADCAST, 0x8013, ctypes.addressof(closed))
    message(0x0200, 0)
    events = [desk.told.get_nowait()[0] for _ in range(desk.told.qsize())]
    assert events == [
        DesktopEvent.LOCKED,
        DesktopEvent.UNLOCKED,
        DesktopEvent.SUSPENDING,
        DesktopEvent.RESUMED,
        DesktopEvent.LID_CLOSED,
    ]
    await source.close()
    assert [call[0] for call in calls] == [
        "WTSRegisterSessionNotification",
        "RegisterPowerSettingNotification",
        "WTSUnRegisterSessionNotification",
        "UnregisterPowerSettingNotification",
    ]
    assert WindowsDesktop.open() is None
