"""The own units and posts, the own number, and the version that the server recommends."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.features.settings.account import AccountSection
from app.features.settings.facts import AboutSection, is_newer
from app.features.settings.service import Release
from app.features.settings.shared_phone import SharedPhoneDialog
from app.session.states import NetworkError
from app.showcase.office import BY_ID
from app.showcase.settings_service import OLD_PASSWORD, ShowcaseSettings
from widgets.theme import ThemeManager


@pytest.fixture
async def account(qtbot):
    section = AccountSection(ThemeManager(animations=False), ShowcaseSettings())
    qtbot.addWidget(section)
    section.show()
    section.entered()
    await section.tasks.settle()
    yield section
    await section.tasks.close()


@pytest.mark.clause("E147")
async def test_the_own_units_and_posts_are_shown(account) -> None:
    texts = " ".join(one.text() for one in account.findChildren(QLabel))
    posts = ShowcaseSettings.me.posts
    assert posts
    for post in posts:
        assert post.title in texts
        assert (post.unit_path or post.unit_name) in texts


@pytest.mark.clause("E160")
async def test_the_own_number_is_shared_with_and_taken_back_from_colleagues(account, qtbot) -> None:
    service: ShowcaseSettings = account._service
    account.share_phone.click()
    dialog = account.window().findChild(SharedPhoneDialog)
    assert dialog is not None
    await dialog.tasks.settle()
    assert [one.name for one in dialog.model.items] == [BY_ID[one].name for one in service.shared]
    dialog.add.click()
    picker = dialog.picker
    assert picker is not None
    await picker.tasks.settle()
    picker.search.edit.setText("吴倩")
    picker.search.query_changed.emit("吴倩")
    await picker.tasks.settle()
    found = picker.found.topLevelItem(0)
    assert found is not None
    found.setCheckState(0, Qt.CheckState.Checked)
    picker.go.click()
    await picker.tasks.settle()
    await dialog.tasks.settle()
    assert service.shared[0] == "p-wu"
    assert dialog.model.items[0].name == "吴倩"
    view = dialog.view
    spot = view.visualRect(view.model().index(0, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert dialog.remove.isEnabled()
    dialog.remove.click()
    await dialog.tasks.settle()
    assert "p-wu" not in service.shared
    service.error = NetworkError(detail="ConnectError")
    view.go(0)
    dialog.remove.click()
    await dialog.tasks.settle()
    assert dialog.notice.isVisible()
    dialog.accept()


@pytest.mark.clause("E151")
async def test_the_own_number_is_changed_in_the_settings_where_allowed(account) -> None:
    service = account._service
    assert account.phone_row.isVisible()
    dialog = account.open_phone()
    dialog.number.edit.setText("13900009876")
    QTest.keyClick(dialog.number.edit, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.password.edit
    dialog.password.edit.setText("wrong-old1")
    QTest.keyClick(dialog.password.edit, Qt.Key.Key_Return)
    await account.tasks.settle()
    assert dialog.notice.words
    assert not dialog.go.isEnabled()
    dialog.password.edit.setText(OLD_PASSWORD)
    dialog.send.click()
    await account.tasks.settle()
    dialog.number.edit.setFocus()
    QTest.keyClick(dialog.number.edit, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.code.edit  # and no second code goes out
    dialog.code.edit.setText("000000")
    dialog.go.click()
    await account.tasks.settle()
    assert service.phone == ""
    dialog.code.edit.setText("123456")
    dialog.go.click()
    await account.tasks.settle()
    assert service.phone == "13900009876"
    assert account.phone.text() == "13900009876"
    service.may_change = False
    account.entered()
    await account.tasks.settle()
    assert not account.phone_row.isVisible()


@pytest.mark.clause("E168", "E174")
async def test_the_version_that_the_server_recommends_is_told(qtbot) -> None:
    service = ShowcaseSettings()
    section = AboutSection(ThemeManager(animations=False), service)
    qtbot.addWidget(section)
    section.show()
    for release, words, can_open in (
        (Release(), "已是最新", False),
        (Release("0.1.0", "", "https://a.example/"), "已是最新", False),
        (Release("0.10.0", "修复若干问题", "https://a.example/"), "有新版本 0.10.0\n修复若干问题", True),
        (Release("0.10.0", "", "http://a.example/"), "有新版本 0.10.0", False),
    ):
        service.newest = release
        section.entered()
        await section.tasks.settle()
        assert section.newest.text() == words
        assert section.get.isVisible() == can_open
    service.error = ConnectionError("away")
    section.entered()
    await section.tasks.settle()
    assert "无法检查" in section.newest.text()
    assert not is_newer("nothing", "0.1.0")
    await section.tasks.close()
