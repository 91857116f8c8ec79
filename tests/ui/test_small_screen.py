"""A notebook of 1366 × 768 at 150 %: 911 × 512 pixels are left, and everything can still be reached."""

import pytest
from bed.waits import until
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QScrollArea, QWidget

from app.features.login.view import LoginWindow
from app.preferences import Preferences
from app.shell.window import MainWindow
from app.showcase import group_pages
from app.showcase.login_service import ShowcaseLogin
from widgets.controls import Dialog, EmptyState
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


@pytest.mark.parametrize("page", [group_pages.picker, group_pages.picker_tree, group_pages.picker_groups])
async def test_choosing_people_in_the_largest_font_scrolls_in_the_list_alone(qtbot, qapp, tmp_path, page):
    themes = ThemeManager(font_scale="extra", animations=False)
    themes.apply(qapp)
    picker = await page(themes, tmp_path)
    qtbot.addWidget(picker)
    await until(lambda: picker.stack.currentWidget().height() == picker.stack.height())
    assert picker.height() <= ROOM.height()
    # One scroll area, not one within another: the wheel does the same everywhere.
    assert not [one for one in picker.findChildren(QScrollArea) if type(one).__name__ == "_Room"]
    assert picker.stack.height() >= 2 * themes.theme.grow(themes.theme.sizes.row)
    for one in (picker.search, picker.tabs, picker.picked, picker.go):
        assert picker.rect().contains(QRect(one.mapTo(picker, QPoint()), one.size()))
    picker.search.edit.setText("查无此人")
    await until(lambda: picker.stack.currentWidget() is picker.empty)
    words = picker.empty.text
    await until(lambda: words.height() >= words.heightForWidth(words.width()))
    assert picker.empty.rect().contains(QRect(words.mapTo(picker.empty, QPoint()), words.size()))
    picker.reject()


def test_an_empty_place_gives_up_its_picture_before_its_words(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(400, 400)
    empty = EmptyState(
        ThemeManager(animations=False), "search", "没有找到", "请换一个字，或者输入完整的姓名。", parent=host
    )
    empty.resize(400, 400)
    with qtbot.waitExposed(host):
        host.show()
    assert empty._picture.isVisible()
    least = empty.minimumSizeHint().height()
    empty.resize(400, least)
    qtbot.waitUntil(lambda: not empty._picture.isVisible())
    assert empty.minimumSizeHint().height() == least
    qtbot.waitUntil(lambda: empty.text.height() >= empty.text.heightForWidth(empty.text.width()))
    assert empty.rect().contains(QRect(empty.text.mapTo(empty, QPoint()), empty.text.size()))
    empty.resize(400, 400)
    qtbot.waitUntil(empty._picture.isVisible)
