"""The main window: pages at their first visit, badges, keys, tray or end, and a place that is remembered."""

import base64

import pytest
from bed.waits import until
from PySide6.QtCore import QByteArray, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.preferences import Preferences
from app.shell.appicon import app_pixmap
from app.shell.page import Count, ShellPage
from app.shell.tray import Tray
from app.shell.window import SMALLEST, MainWindow
from widgets.theme import Theme, ThemeManager


class Made:
    """A window with two pages and a foot page; `built` names the pages in the order of their building."""

    def __init__(self, preferences: Preferences, *, tray: bool = False) -> None:
        self.built: list[str] = []
        self.unread = Count()
        pages = [
            ShellPage("chat", "message", "消息", self._factory("chat"), badge=self.unread),
            ShellPage("contacts", "contacts", "通讯录", self._factory("contacts")),
            ShellPage(
                "settings", "settings", "设置", self._factory("settings"), bottom=True, shortcut="Ctrl+,"
            ),
        ]
        themes = ThemeManager(animations=False)
        self.window = MainWindow(pages, themes, preferences, title="政钉", tray_there=lambda: tray)
        self.themes = themes

    def _factory(self, name: str):
        def build(parent: QWidget) -> QWidget:
            self.built.append(name)
            page = QWidget(parent)
            QVBoxLayout(page).addWidget(QLineEdit())
            return page

        return build


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "preferences.json")


@pytest.fixture
def make(qtbot, preferences):
    def build(*, tray: bool = False, kept: Preferences | None = None) -> Made:
        made = Made(kept or preferences, tray=tray)
        qtbot.addWidget(made.window)
        made.window.show()
        qtbot.waitExposed(made.window)
        return made

    return build


@pytest.mark.clause("E050")
async def test_a_page_is_built_when_it_is_first_visited(make):
    made = make()
    assert made.built == ["chat"]
    made.window.rail.button("contacts").click()
    made.window.rail.button("chat").click()
    made.window.rail.button("contacts").click()
    assert made.built == ["chat", "contacts"]
    assert made.window.current == "contacts"
    assert made.window.rail.current == "contacts"


async def test_the_places_have_keys(make):
    made = make()
    await until(made.window.isActiveWindow)
    QTest.keyClick(made.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: made.window.current == "contacts")
    QTest.keyClick(made.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: made.window.current == "settings")


async def test_tab_leads_into_the_page_first(make):
    made = make()
    await until(made.window.isActiveWindow)
    assert not made.window.rail.avatar.hasFocus()
    QTest.keyClick(made.window.stack, Qt.Key.Key_Tab)
    focused = made.window.focusWidget()
    assert isinstance(focused, QLineEdit)


@pytest.mark.clause("E176")
async def test_the_unread_count_stands_on_the_rail_and_is_spoken(make):
    made = make()
    made.unread.set(12)
    assert made.window.rail.button("chat").accessibleName() == "消息，12 条未读"
    made.unread.set(0)
    assert made.window.rail.button("chat").accessibleName() == "消息"


async def test_closing_goes_to_the_tray_where_there_is_one(make):
    made = make(tray=True)
    hidden, closed = [], []
    made.window.hidden_to_tray.connect(lambda: hidden.append(True))
    made.window.closing.connect(lambda: closed.append(True))
    made.window.close()
    assert (hidden, closed) == ([True], [])
    made.window.bring_up()
    assert made.window.isVisible()
    made.window.quit()
    assert closed == [True]


async def test_closing_ends_the_program_where_there_is_no_tray_or_it_is_not_wanted(make, preferences):
    for tray, wanted in ((False, True), (True, False)):
        preferences.set(close_to_tray=wanted)
        made = make(tray=tray)
        closed: list[bool] = []
        made.window.closing.connect(lambda closed=closed: closed.append(True))
        made.window.close()
        assert closed == [True]


async def test_size_and_place_are_kept(make, preferences):
    made = make()
    made.window.setGeometry(120, 90, 900, 600)
    await until(lambda: made.window.size().toTuple() == (900, 600))
    made.window.close()
    assert preferences.values.geometry
    again = make()
    await until(lambda: again.window.size().toTuple() == (900, 600))


@pytest.mark.parametrize(("left", "top"), [(60, 0), (150, 60), (30, 5)])
async def test_the_window_stands_where_it_was_after_every_restart(make, preferences, left, top):
    """Under a real window manager: (60, 0) is closer to the screen's edge than Qt believes a frame allows, and at (150, 60)
    the window reaches below the screen."""

    async def settled(window: MainWindow) -> tuple[int, int, int, int]:
        await until(lambda: window.frameGeometry() != window.geometry())  # the manager has framed it
        return window.frameGeometry().getRect()

    first = make().window
    await settled(first)
    first.resize(900, 690)
    first.move(left, top)
    await until(lambda: first.size().toTuple() == (900, 690) and first.pos().toTuple() == (left, top))
    before = await settled(first)
    first.close()
    for _restart in range(3):
        again = make().window
        assert await settled(again) == before
        again.close()


async def test_a_window_that_was_hidden_when_the_session_ended_comes_back_where_it_stood(make, preferences):
    """As at every lock: the curtain hides the window, and the session closes only then."""
    made = make().window
    await until(lambda: made.frameGeometry() != made.geometry())
    made.resize(900, 600)
    made.move(60, 0)
    await until(lambda: made.size().toTuple() == (900, 600) and made.pos().toTuple() == (60, 0))
    await until(lambda: made.frameGeometry() != made.geometry())
    before = made.frameGeometry().getRect()
    for _lock in range(3):
        made.hide()
        # What Qt believes once the window manager has taken the frame away, which may be any time later.
        made.setGeometry(QRect(made.pos(), made.size()))
        made.remember_place()
        made = make().window
        await until(lambda made=made: made.frameGeometry() != made.geometry())
        assert made.frameGeometry().getRect() == before


async def test_a_window_too_large_for_a_smaller_screen_is_not_put_back_as_it_was(
    make, preferences, monkeypatch
):
    made = make()
    made.window.setGeometry(120, 90, 1000, 660)
    await until(lambda: made.window.size().toTuple() == (1000, 660))
    made.window.close()
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(0, 0, 911, 512))
    asked: list[QRect] = []
    monkeypatch.setattr(MainWindow, "setGeometry", lambda _window, rect: asked.append(rect))
    make()
    assert asked == []


async def test_a_window_left_maximised_comes_back_so_and_knows_its_former_size(make, preferences):
    made = make()
    made.window.setGeometry(120, 90, 900, 600)
    await until(lambda: made.window.size().toTuple() == (900, 600))
    made.window.showMaximized()
    await until(made.window.isMaximized)
    made.window.close()
    made.window.remember_place()  # Ending the session keeps the place of the window that is hidden by then.
    again = make()
    await until(again.window.isMaximized)
    again.window.bring_up()
    assert again.window.isMaximized()
    assert again.window.normalGeometry().size().toTuple() == (900, 600)


async def test_a_place_on_a_screen_that_is_gone_is_not_used(make, preferences):
    made = make()
    made.window.setGeometry(100, 100, 900, 600)
    await until(lambda: made.window.width() == 900)
    state = bytearray(bytes(made.window.saveGeometry().data()))
    # Version 3 of Qt's format: after magic, versions come frame and normal geometry as left, top, right, bottom.
    for start in (8, 24):
        left, right = start, start + 8
        for place, value in ((left, 9000), (right, 9900)):
            state[place : place + 4] = value.to_bytes(4, "big", signed=True)
    preferences.set(geometry=base64.b64encode(bytes(state)).decode())
    assert QByteArray(bytes(state)).size() > 40
    again = make()
    screen = QGuiApplication.primaryScreen().availableGeometry()
    await until(lambda: screen.intersects(again.window.frameGeometry()))


async def test_damaged_geometry_is_ignored(make, preferences):
    preferences.set(geometry="not base64 at all!")
    made = make()
    assert made.window.width() >= SMALLEST[0]


async def test_the_tray_counts_and_names_what_waits(qtbot):
    tray = Tray(ThemeManager(animations=False))
    try:
        tray.start("李强")
        tray.set_unread(3)
        assert tray.unread == 3
        assert tray.icon.toolTip() == "政钉 · 李强\n3 条未读消息"
        tray.set_unread(0)
        assert tray.icon.toolTip() == "政钉 · 李强"
        quits: list[bool] = []
        tray.quit_wanted.connect(lambda: quits.append(True))
        tray.icon.contextMenu().actions()[-1].trigger()
        assert quits == [True]
    finally:
        tray.close()


@pytest.mark.clause("E176")
def test_the_icon_shows_that_something_waits(qapp):
    theme = Theme()
    bare, counted = app_pixmap(theme, 64).toImage(), app_pixmap(theme, 64, 7).toImage()
    corner = QPoint(50, 12)
    assert bare.pixelColor(corner) != counted.pixelColor(corner)
    reds = sum(counted.pixelColor(x, y) == theme.color("bad") for x in range(64) for y in range(40))
    assert reds > 100
