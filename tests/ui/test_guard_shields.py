"""The systems' means against capture, against stand-ins of their shape: none of them can run here.

Windows: a user32 that keeps windows and their affinity. UOS on X11: a service on a real private bus. UOS on Wayland:
a compositor's end of the wire. Nothing here shows that a real system keeps its word (docs/security.md).
"""

import asyncio
import ctypes
import socket
import struct
import uuid
from pathlib import Path

import pytest
from bed.waits import until
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from PySide6.QtCore import QPoint, Qt
from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QDialog, QLabel, QMenu, QWidget

from widgets.guard import CaptureGuard, FakeWatcher, Level
from widgets.guard.shields.kylin import kylin_shield, x_extensions
from widgets.guard.shields.uos_bus import INTERFACE, PATH, SERVICE, UosBusShield
from widgets.guard.shields.uos_wayland import UosWaylandShield
from widgets.guard.shields.wayland_wire import request, string
from widgets.guard.shields.windows import (
    WDA_EXCLUDEFROMCAPTURE,
    WDA_MONITOR,
    WDA_NONE,
    WindowsShield,
)
from widgets.theme import ThemeManager

OWN = 4711
NEW, OLD = 22631, 18363


class FakeUser32:
    """Windows by handle with process, style and affinity; refuses as the documentation says."""

    def __init__(self, *, knows_exclude: bool = True) -> None:
        self.knows_exclude = knows_exclude
        self.obeys = True
        self.affinity: dict[int, int] = {}
        self.style: dict[int, int] = {}
        self.foreign: set[int] = set()
        self.native: set[int] = set()
        self.qt: list[QWidget] = []

    def handles(self) -> list[int]:
        return [int(one.winId()) for one in self.qt if one.isVisible()] + sorted(self.native | self.foreign)

    def SetWindowDisplayAffinity(self, hwnd: int, affinity: int) -> int:
        refused = hwnd in self.foreign or (affinity == WDA_EXCLUDEFROMCAPTURE and not self.knows_exclude)
        if refused:
            return 0
        if self.obeys:
            self.affinity[hwnd] = affinity
        return 1

    def GetWindowDisplayAffinity(self, hwnd: int, value) -> int:
        value._obj.value = self.affinity.get(hwnd, WDA_NONE)
        return 1

    def GetWindowLongW(self, hwnd: int, _index: int) -> int:
        return self.style.get(hwnd, 0)

    def GetWindowThreadProcessId(self, hwnd: int, pid) -> int:
        pid._obj.value = OWN + 1 if hwnd in self.foreign else OWN
        return 1

    def IsWindowVisible(self, _hwnd: int) -> int:
        return 1

    def EnumWindows(self, callback, context) -> int:
        for hwnd in self.handles():
            callback(ctypes.c_void_p(hwnd), context)
        return 1


@pytest.fixture
def themes(qapp) -> ThemeManager:
    return ThemeManager(animations=False)


def shown(qtbot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def test_windows_every_window_is_excluded_also_menus_dialogs_and_remade_ones(qtbot, themes) -> None:
    user32 = FakeUser32()
    shield = WindowsShield(user32, NEW, own_pid=OWN)
    guard = CaptureGuard(themes, shield, [])
    window = shown(qtbot, QWidget())
    user32.qt.append(window)
    user32.native, user32.foreign = {900}, {901}
    guard.register(window)
    assert user32.affinity == {int(window.winId()): WDA_EXCLUDEFROMCAPTURE, 900: WDA_EXCLUDEFROMCAPTURE}
    assert (guard.protection.level, guard.protection.for_others) == (Level.EXCLUDED, "Windows 防截屏")
    dialog, menu, tip = QDialog(window), QMenu(window), QLabel("提示", None, Qt.WindowType.ToolTip)
    qtbot.addWidget(tip)
    menu.addAction("销毁")
    dialog.show()
    menu.popup(window.mapToGlobal(QPoint(20, 20)))
    tip.show()
    for one in (dialog, menu, tip):
        assert user32.affinity[int(one.winId())] == WDA_EXCLUDEFROMCAPTURE
    menu.hide()
    before = int(window.winId())
    window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
    window.destroy()
    window.create()
    window.show()
    assert int(window.winId()) != before
    qtbot.waitUntil(lambda: user32.affinity.get(int(window.winId())) == WDA_EXCLUDEFROMCAPTURE)
    # Another program takes it away: it comes back with the next sweep.
    user32.affinity[int(window.winId())] = WDA_NONE
    qtbot.waitUntil(lambda: user32.affinity[int(window.winId())] == WDA_EXCLUDEFROMCAPTURE, timeout=5000)
    guard.close()
    assert user32.affinity[int(window.winId())] == WDA_NONE
    assert user32.affinity[900] == WDA_NONE


def test_windows_before_2004_blackens_and_says_so(qtbot, themes) -> None:
    user32 = FakeUser32(knows_exclude=False)
    guard = CaptureGuard(themes, WindowsShield(user32, OLD, own_pid=OWN), [])
    window = shown(qtbot, QWidget())
    guard.register(window)
    assert user32.affinity[int(window.winId())] == WDA_MONITOR
    assert guard.protection.level is Level.BLACKED
    guard.close()
    # A build that should know it but refuses gets the older kind.
    guard = CaptureGuard(themes, WindowsShield(user32, NEW, own_pid=OWN), [])
    guard.register(window)
    assert guard.protection.level is Level.BLACKED
    guard.close()


def test_windows_what_is_not_read_back_or_translucent_stays_covered(qtbot, themes) -> None:
    user32 = FakeUser32()
    guard = CaptureGuard(themes, WindowsShield(user32, NEW, own_pid=OWN), [])
    user32.obeys = False
    window = shown(qtbot, QWidget())
    guard.register(window)
    assert guard.protection.level is Level.NONE
    assert "系统没有确认防截屏" in guard.protection.explanation
    assert page_over(window)
    user32.obeys = True
    window.hide()
    window.show()
    assert not page_over(window)
    guard.unregister(window)
    translucent = QWidget()
    translucent.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    shown(qtbot, translucent)
    guard.register(translucent)
    assert page_over(translucent)
    assert int(translucent.winId()) not in user32.affinity
    guard.unregister(translucent)
    layered = shown(qtbot, QWidget())
    user32.style[int(layered.winId())] = 0x00080000
    guard.register(layered)
    assert page_over(layered)
    guard.close()


def page_over(widget: QWidget) -> bool:
    return any(
        child.isVisible() and child.geometry() == widget.rect()
        for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    )


class Prohibitor:
    """The service of UOS on a bus: keeps what was asked and answers what it is told to."""

    def __init__(self, bus: MessageBus) -> None:
        self.answer = 0
        self.asked: asyncio.Queue[bool] = asyncio.Queue()
        self._bus = bus
        bus.add_message_handler(self._called)

    def _called(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != INTERFACE:
            return None
        assert (message.path, message.member, message.signature) == (PATH, "setProhibited", "b")
        self.asked.put_nowait(message.body[0])
        return Message.new_method_return(message, "i", [self.answer])

    async def next(self) -> bool:
        return await asyncio.wait_for(self.asked.get(), 10)


async def test_uos_on_x11_says_in_words_what_the_service_answered(qtbot, themes, fresh_bus: str) -> None:
    name = uuid.uuid4().hex
    connection = QDBusConnection.connectToBus(fresh_bus, name)
    shield = UosBusShield(connection)
    guard = CaptureGuard(themes, shield, [FakeWatcher()], platform="X11")
    window = shown(qtbot, QWidget())
    guard.register(window)
    await until(lambda: guard.protection.problems == ("系统没有防截屏服务。",))
    assert (guard.protection.level, guard.protection.platform) == (Level.DETECTING, "X11")
    guard.close()
    bus = await MessageBus(bus_address=fresh_bus).connect()
    service = Prohibitor(bus)
    await bus.request_name(SERVICE)
    for answer, words in ((-1, "没有授权"), (-2, "白名单"), (-3, "其他程序占用"), (-9, "未知结果")):
        service.answer = answer
        guard.register(window)
        assert await service.next() is True
        await until(lambda words=words: words in "".join(guard.protection.problems))
        assert guard.protection.level is Level.DETECTING
        guard.close()
        assert await service.next() is False
    service.answer = 0
    guard.register(window)
    assert await service.next() is True
    await until(lambda: guard.protection.level is Level.EXCLUDED)
    assert guard.protection.for_others == "统信 UOS 防截屏"
    guard.lease(60, "远程协助")
    assert await service.next() is False
    guard.close()
    guard.end_lease()
    bus.disconnect()
    await bus.wait_for_disconnect()
    shield.deleteLater()
    QDBusConnection.disconnectFromBus(name)


class Compositor:
    """A compositor's end of the wire: offers globals, and keeps what is asked of `dde_restrict`."""

    def __init__(self, *interfaces: str) -> None:
        self.interfaces = interfaces
        self.requests: list[tuple[int, int]] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        registry = bound = 0
        try:
            while True:
                target, word = struct.unpack("=II", await reader.readexactly(8))
                opcode, body = word & 0xFFFF, await reader.readexactly((word >> 16) - 8)
                if target == 1 and opcode == 1:
                    (registry,) = struct.unpack("=I", body)
                    for number, name in enumerate(self.interfaces, 1):
                        writer.write(
                            request(
                                registry, 0, struct.pack("=I", number) + string(name) + struct.pack("=I", 1)
                            )
                        )
                elif target == 1 and opcode == 0:
                    writer.write(request(struct.unpack("=I", body)[0], 0, struct.pack("=I", 1)))
                elif target == registry and opcode == 0:
                    number, length = struct.unpack_from("=II", body)
                    assert body[8 : 8 + length - 1].decode() == self.interfaces[number - 1] == "dde_restrict"
                    bound = struct.unpack_from("=II", body, 8 + length + -length % 4)[1]
                elif target == bound:
                    self.requests.append((opcode, struct.unpack("=i", body)[0]))
                else:
                    raise AssertionError(f"request to unknown object {target}")
        except asyncio.IncompleteReadError:
            writer.close()


async def test_uos_on_wayland_asks_again_and_again_and_promises_no_more(
    qtbot, themes, tmp_path: Path
) -> None:
    path = tmp_path / "wayland-0"
    compositor = Compositor("wl_compositor", "dde_restrict", "wl_shm")
    server = await asyncio.start_unix_server(compositor.serve, path)
    shield = UosWaylandShield(path, lambda _window: 5)
    guard = CaptureGuard(themes, shield, [FakeWatcher()], platform="Wayland")
    window = shown(qtbot, QWidget())
    guard.register(window)
    await until(lambda: guard.protection.level is Level.REQUESTED)
    assert guard.protection.label == "防截屏 已请求"
    # Any client may lift it: without a further call it is asked for again.
    await until(lambda: compositor.requests.count((2, 5)) >= 3)
    guard.unregister(window)
    await until(lambda: compositor.requests[-1] == (3, 5))
    guard.register(window)
    await until(lambda: guard.protection.level is Level.REQUESTED)
    for writer in compositor.writers:
        writer.close()
    await until(lambda: guard.protection.level is Level.DETECTING)
    assert guard.protection.problems == ("当前桌面没有防截屏协议。",)
    guard.close()
    server.close()
    await server.wait_closed()


async def test_a_compositor_without_the_protocol_is_said_to_lack_it(qtbot, themes, tmp_path: Path) -> None:
    path = tmp_path / "wayland-0"
    server = await asyncio.start_unix_server(Compositor("wl_compositor").serve, path)
    window = shown(qtbot, QWidget())
    for where in (path, tmp_path / "nobody"):
        guard = CaptureGuard(themes, UosWaylandShield(where, lambda _window: 5), [FakeWatcher()])
        guard.register(window)
        await until(lambda guard=guard: guard.protection.problems == ("当前桌面没有防截屏协议。",))
        assert guard.protection.level is Level.DETECTING
        guard.close()
    server.close()
    await server.wait_closed()


def test_kylins_extension_is_found_and_never_assumed(xvfb: str) -> None:
    assert kylin_shield(x_extensions(xvfb)) is None
    assert "RANDR" in x_extensions(xvfb)
    found = kylin_shield(["RANDR", "KYLIN-SCREENSHOT"])
    assert found is not None
    assert found.level is Level.NONE
    assert "KYLIN-SCREENSHOT" in found.problems[0]


def test_sockets_are_not_left_open(qtbot, themes, tmp_path: Path) -> None:
    path = tmp_path / "wayland-0"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        shield = UosWaylandShield(path, lambda _window: None)
        shield.begin(lambda: None)
        peer, _ = listener.accept()
        peer.settimeout(10)
        shield.end()
        # get_registry and sync were sent, then the end of the connection.
        data = b""
        while chunk := peer.recv(100):
            data += chunk
        assert len(data) == 24
        peer.close()
