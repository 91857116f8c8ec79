"""Behind the own picture at the top left: status, picture, focus, and the rail in the user's own order."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from bed.waits import until
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton, QWidget
from shiboken6 import isValid

from app.features.chat.avatar_pictures import SIDE, square_png
from app.features.chat.group_join import JoinDialog, code_in
from app.features.chat.list_folders import LayoutDialog
from app.features.chat.status_dialog import StatusDialog
from app.own_menu import OwnMenu
from app.preferences import Preferences
from app.shell.page import ShellPage
from app.shell.tasks import Tasks
from app.shell.window import MainWindow
from app.showcase import group_pages
from app.showcase.office import NOW_MS
from server_stub.contract.personal import StatusKind
from widgets.controls import AvatarSpec
from widgets.theme import ThemeManager

PLACES = [("chat", "消息"), ("contacts", "通讯录"), ("meeting", "会议")]


@pytest.fixture
async def bench(qtbot, tmp_path):
    chat = group_pages.service("p-li")
    themes = ThemeManager(animations=False)
    pages = [ShellPage(key, "message", title, QWidget) for key, title in PLACES]
    pages.append(ShellPage("settings", "settings", "设置", QWidget, bottom=True))
    window = MainWindow(
        pages, themes, Preferences(tmp_path / "p.json"), title="政钉", user=AvatarSpec("李强", "p-li")
    )
    qtbot.addWidget(window)
    window.show()
    tasks = Tasks(lambda error, doing: pytest.fail(f"{doing}: {error!r}"))
    pictures: list[bytes] = []

    async def set_own_picture(data: bytes) -> None:
        pictures.append(data)

    session = SimpleNamespace(
        me=chat.me,
        personal=chat.personal,
        pictures=SimpleNamespace(set_own_picture=set_own_picture),
        store=SimpleNamespace(changes=SimpleNamespace(listen=chat.listen)),
        now_ms=lambda: NOW_MS,
    )
    made = OwnMenu(session, chat, themes, tasks, window, PLACES)  # type: ignore[arg-type]
    made.start()
    await tasks.settle()
    yield SimpleNamespace(chat=chat, window=window, own=made, pictures=pictures, tasks=tasks)
    if isValid(window):
        made.close()
    await tasks.settle()


def order(window: MainWindow) -> list[str]:
    """Places of the rail from top to bottom."""
    shown = [(window.rail.button(key).y(), key) for key, _ in PLACES if window.rail.button(key).isVisible()]
    return [key for _y, key in sorted(shown)]


@pytest.mark.clause("E069", "E059")
async def test_the_own_picture_leads_to_status_focus_and_picture(bench) -> None:
    QTest.mouseClick(bench.window.rail.avatar, Qt.MouseButton.LeftButton)
    menu = next(one for one in bench.window.findChildren(QMenu) if one.isVisible())
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["个人状态…", "更换头像…", "我的二维码…", "专注模式", "自定义导航栏…", "账号设置"]
    next(action for action in menu.actions() if action.text() == "专注模式").trigger()
    await until(lambda: bench.chat.groups.values.get("focus") is True)
    menu.close()
    bench.own.ask_status()
    dialog = bench.window.findChild(StatusDialog)
    assert dialog is not None
    dialog.kinds[StatusKind.MEETING].click()
    dialog.go.click()
    await until(lambda: "会议中" in bench.window.rail.avatar.toolTip())
    bench.own.set_picture(square_png(QImage(640, 400, QImage.Format.Format_RGB32)))
    await until(lambda: bench.pictures)
    small = QImage.fromData(bench.pictures[0])
    assert (small.width(), small.height()) == (SIDE, SIDE)


@pytest.mark.clause("E149", "E165", "E058")
async def test_the_own_code_is_read_from_a_picture_and_leads_to_a_chat(bench, qtbot, tmp_path) -> None:
    dialog = bench.own.show_code()
    buttons = {one.text(): one for one in dialog.findChildren(QPushButton)}
    buttons["复制图片"].click()
    picture = QGuiApplication.clipboard().image()
    assert code_in(picture) == dialog.value == "zhengding://person/p-li"
    dialog.accept()
    join = JoinDialog(bench.chat.groups, bench.chat.avatar, ThemeManager(animations=False), bench.window)
    found: list[str] = []
    join.person_found.connect(found.append)
    join.open()
    assert picture.save(str(tmp_path / "me.png"))
    join.scan_file(tmp_path / "me.png")
    await until(lambda: found == ["p-li"])


@pytest.mark.clause("E068")
async def test_the_rail_stands_in_the_users_order_on_every_device(bench) -> None:
    await until(lambda: order(bench.window) == ["chat", "contacts", "meeting"])
    bench.own.customise_rail()
    dialog = bench.window.findChild(LayoutDialog)
    assert dialog is not None
    dialog.order.setCurrentRow(2)
    dialog.order.move_current(-1)
    dialog.order.item(2).setCheckState(Qt.CheckState.Unchecked)
    dialog._save()
    await until(lambda: order(bench.window) == ["chat", "meeting"])
    # Another device shows everything again; the first place is always there.
    await bench.chat.personal.put_item("layout", {"rail": {"order": ["meeting"], "hidden": []}})
    await until(lambda: order(bench.window) == ["meeting", "chat", "contacts"])
    assert bench.chat.groups.values["layout"]


def test_a_picture_that_compresses_badly_is_kept_small_all_the_same() -> None:
    noise = QImage(os.urandom(600 * 600 * 4), 600, 600, QImage.Format.Format_RGB32)
    data = square_png(noise)
    assert 0 < len(data) <= 256 * 1024
    assert square_png(QImage()) == b""
