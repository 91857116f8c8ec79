"""The test bed itself: windows on the virtual screen, Qt's loop, the buses."""

import asyncio
import os
import subprocess

from PySide6.QtCore import QTimer
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from qasync import QEventLoop


def test_windows_open_on_the_private_screen(qtbot, xvfb):
    label = QLabel("政钉")
    qtbot.addWidget(label)
    label.resize(300, 200)
    with qtbot.waitActive(label):
        label.show()
        label.activateWindow()
    assert QGuiApplication.platformName() == "xcb"
    assert os.environ["DISPLAY"] == xvfb
    size = QGuiApplication.primaryScreen().size()
    assert (size.width(), size.height()) == (1366, 768)


def test_another_program_sees_the_window_and_its_title(qtbot):
    label = QLabel("x")
    qtbot.addWidget(label)
    label.setWindowTitle("bed-window-title")
    with qtbot.waitExposed(label):
        label.show()
    found = subprocess.run(
        ["xdotool", "search", "--sync", "--name", "bed-window-title"], capture_output=True, text=True
    )
    assert int(label.winId()) in {int(line) for line in found.stdout.split()}


async def test_coroutines_run_in_qt_s_loop_and_see_its_timers():
    assert isinstance(asyncio.get_running_loop(), QEventLoop)
    fired = asyncio.Event()
    QTimer.singleShot(1, fired.set)
    await asyncio.wait_for(fired.wait(), 5)


async def test_streams_and_threads_work_in_qt_s_loop():
    async def echo(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write("收到\n".encode())
        assert (await reader.readline()).decode() == "收到\n"
        writer.close()
        await writer.wait_closed()
    assert await asyncio.get_running_loop().run_in_executor(None, sum, [1, 2]) == 3


def test_qt_talks_to_the_private_session_bus(session_bus):
    bus = QDBusConnection.sessionBus()
    assert bus.isConnected()
    assert "/zd-bus-" in session_bus


async def test_closing_the_last_window_does_not_end_the_test_s_loop(qtbot):
    label = QLabel("x")
    qtbot.addWidget(label)
    label.show()
    await asyncio.sleep(0.02)
    label.close()
    await asyncio.sleep(0.02)
    assert not label.isVisible()
