"""A notebook of 1366 × 768 at 150 %: 911 × 512 pixels are left, and everything can still be reached."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QScrollArea

from app.features.login.view import LoginWindow
from app.preferences import Preferences
from app.shell.window import MainWindow
from app.showcase.login_service import ShowcaseLogin
from widgets.controls import Dialog
from widgets.theme import ThemeManager

ROOM = QRect(0, 0, 911, 512)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(ROOM))


def test_a_tall_dialog_gives_way_and_keeps_its_buttons_in_reach(qtbot):
    dialog = Dialog(ThemeManager(animations=False), "选择人员")
    tall = QListWidget()
    tall.setMinimumHeight(700)
    dialog.content.addWidget(tall)
    go = dialog.add_button("确定", "primary", default=True)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert dialog.height() <= ROOM.height()
    assert go.mapTo(dialog, QPoint(0, go.height())).y() <= dialog.height()
    # The list gives way, and no second scroll area lies around it.
    assert tall.parentWidget() is dialog
    assert 100 <= tall.height() < 700


async def test_the_login_window_fits_and_what_does_not_is_scrolled_to(qtbot):
    window = LoginWindow(ShowcaseLogin(), ThemeManager(animations=False))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.begin_bundled()
    await window.tasks.settle()
    assert ROOM.contains(QRect(QPoint(0, 0), window.size()))
    page = window.sign_in
    assert window.stack.currentWidget() is page
    demo = page.demo
    assert demo.isVisible()
    QTest.qWaitForWindowExposed(window)
    area = page.findChild(QScrollArea)
    area.ensureWidgetVisible(demo)
    assert (
        area.viewport()
        .rect()
        .contains(demo.mapTo(area.viewport(), QPoint(demo.width() - 1, demo.height() - 1)))
    )
    window.close()


def test_the_main_window_may_be_as_small_as_the_screen(qtbot, tmp_path):
    window = MainWindow(
        [], ThemeManager(animations=False), Preferences(tmp_path / "preferences.json"), title="政钉"
    )
    qtbot.addWidget(window)
    assert window.minimumHeight() <= ROOM.height() - 40
    assert window.minimumWidth() <= ROOM.width()
