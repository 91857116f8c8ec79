"""The settings page: every choice takes effect and is kept; devices, password, cache; refusals in words."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTextBrowser

from app.features.settings.general import GeneralSection, NotificationSection
from app.features.settings.parts import size_text
from app.features.settings.service import Repair
from app.features.settings.view import SECTIONS, SettingsPage
from app.preferences import Preferences, parse
from app.session.states import NetworkError
from app.shell.appearance import Appearance
from app.shell.autostart import XdgAutostart
from app.showcase.lock_pages import ShowcaseLock
from app.showcase.settings_service import OLD_PASSWORD, ShowcaseAutostart, ShowcaseSettings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "preferences.json")


@pytest.fixture
def service():
    return ShowcaseSettings()


@pytest.fixture
def autostart():
    return ShowcaseAutostart()


@pytest.fixture
async def page(qapp, qtbot, preferences, service, autostart):
    appearance = Appearance(qapp, preferences, animations=False)
    made = SettingsPage(service, appearance.themes, preferences, autostart, lock=ShowcaseLock())
    made.resize(1100, 700)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    await made.settle()
    yield made
    await made.close_page()
    qapp.setStyleSheet("")


def click(button) -> None:
    QApplication.sendPostedEvents()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def pick(box, value: str) -> None:
    """Choose as a keyboard user does."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findData(value)):
        QTest.keyClick(box, Qt.Key.Key_Down)


def texts(widget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


@pytest.mark.clause("E156")
async def test_font_size_and_theme_change_the_whole_application_and_are_kept(page, qapp, preferences):
    general = page.sections["general"]
    assert isinstance(general, GeneralSection)
    before = qapp.font().pixelSize()
    pick(general.font_box, "extra")
    assert qapp.font().pixelSize() > before
    light = qapp.palette().window().color().lightness()
    pick(general.theme_box, "dark")
    assert qapp.palette().window().color().lightness() < light
    preferences.flush()
    kept = parse(preferences._path.read_text(encoding="utf-8"))
    assert (kept.font_size, kept.theme) == ("extra", "dark")


async def test_send_key_and_tray_are_kept(page, preferences):
    general = page.sections["general"]
    pick(general.send_box, "ctrl_enter")
    click(general.tray)
    assert preferences.values.send_key == "ctrl_enter"
    assert preferences.values.close_to_tray is False


async def test_the_switch_for_starting_with_the_desktop_says_when_it_failed(page, autostart):
    general = page.sections["general"]
    click(general.start)
    assert autostart.on
    autostart.error = PermissionError()
    click(general.start)
    assert autostart.on
    assert general.start.isChecked()
    assert general.problem.isVisible()


def test_starting_with_the_desktop_is_an_entry_there(tmp_path):
    made = XdgAutostart(tmp_path / "autostart", ["/opt/my app/python", "-m", "app", "50%$"], tmp_path)
    assert not made.is_on()
    made.set_on(True)
    text = (tmp_path / "autostart" / "zhengding.desktop").read_text(encoding="utf-8")
    assert 'Exec="/opt/my app/python" "-m" "app" "50%%\\\\$"' in text
    assert made.is_on()
    made.set_on(False)
    assert not made.is_on()


@pytest.mark.clause("E162")
async def test_notifications_are_switched(page, preferences):
    page.open_section("notifications")
    section = page.sections["notifications"]
    assert isinstance(section, NotificationSection)
    click(section.text)
    assert preferences.values.notification_text is False
    click(section.on)
    assert preferences.values.notifications is False
    assert not section.text.isEnabled()


@pytest.mark.clause("E164")
async def test_service_accounts_are_silenced_and_put_at_the_top_one_by_one(page, service):
    page.open_section("services")
    await page.settle()
    section = page.services
    ids = [row.id for row in await service.services()]
    assert len(ids) > 1
    assert list(section.announce) == ids
    first, second = ids[:2]
    click(section.announce[first])
    click(section.pinned[second])
    await page.settle()
    assert service.chats[first].muted
    assert not service.chats[second].muted
    assert service.chats[second].pinned
    # Another visit shows what holds; a failure is said.
    page.open_section("general")
    page.open_section("services")
    await page.settle()
    assert not section.announce[first].isChecked()
    service.error = NetworkError(detail="ConnectError")
    click(section.pinned[first])
    await page.settle()
    assert section.banner.isVisible()
    service.error = None
    service.chats.clear()
    section.entered()
    await page.settle()
    assert section.empty.isVisible()
    assert not section.announce


@pytest.mark.clause("E007")
async def test_another_device_is_signed_out_after_a_question(page, service):
    page.open_section("account")
    await page.settle()
    assert "会议室公用电脑" in texts(page.account)
    told: list[str] = []
    page.told.connect(told.append)
    click(page.account.ends["s-2"])
    click(page.account._confirm.accept_button)
    await page.settle()
    assert [device.id for device in service.devices] == ["s-1", "s-3"]
    assert "s-2" not in page.account.ends
    assert "已退出登录" in told[0]


async def test_refusing_the_question_signs_nobody_out(page, service):
    page.open_section("account")
    await page.settle()
    click(page.account.ends["s-2"])
    QTest.keyClick(page.account._confirm, Qt.Key.Key_Escape)
    await page.settle()
    assert len(service.devices) == 3


@pytest.mark.clause("E152")
async def test_the_password_is_changed_and_a_wrong_one_is_named(page, service):
    page.open_section("account")
    await page.settle()
    dialog = page.account.open_password()
    QTest.keyClicks(dialog.old.edit, "wrong-old1")
    QTest.keyClicks(dialog.new.edit, "short")
    click(dialog.go)
    assert dialog.new.edit.accessibleDescription() == "密码至少 8 位。"
    dialog.new.edit.clear()
    QTest.keyClicks(dialog.new.edit, "Geheim1234")
    QTest.keyClicks(dialog.again.edit, "Geheim1234")
    QTest.keyClick(dialog.again.edit, Qt.Key.Key_Return)
    await page.settle()
    assert dialog.notice.words
    assert len(service.devices) == 3
    dialog.old.edit.clear()
    QTest.keyClicks(dialog.old.edit, OLD_PASSWORD)
    finished: list[int] = []
    dialog.finished.connect(finished.append)
    click(dialog.go)
    await page.settle()
    assert finished == [1]
    assert [device.id for device in service.devices] == ["s-1"]


@pytest.mark.clause("E007")
async def test_signing_out_asks_first(page, service):
    page.open_section("account")
    await page.settle()
    click(page.account.sign_out)
    assert service.signed_out == 0
    click(page.account._confirm.accept_button)
    await page.settle()
    assert service.signed_out == 1


async def test_devices_that_cannot_be_read_are_tried_again(page, service):
    service.error = NetworkError()
    page.open_section("account")
    await page.settle()
    assert page.account.banner.isVisible()
    service.error = None
    click(page.account.banner.action)
    await page.settle()
    assert not page.account.banner.isVisible()
    assert set(page.account.ends) == {"s-2", "s-3"}


@pytest.mark.clause("E157")
async def test_the_cache_is_shown_and_cleared(page, service):
    page.open_section("storage")
    await page.settle()
    assert page.storage.cache.text() == "700 MB"
    told: list[str] = []
    page.told.connect(told.append)
    click(page.storage.clear)
    await page.settle()
    assert service.cache == 0
    assert told == ["已清理 700 MB"]
    assert not page.storage.clear.isEnabled()


async def test_a_folder_that_nothing_can_open_is_named(page, service):
    page.open_section("storage")
    await page.settle()
    asked = []
    page.storage._show_folder = lambda folder: asked.append(folder) is not None
    click(page.storage.folder)
    assert asked == [service.about.data_folder]
    assert str(service.about.data_folder) in texts(page.storage)
    assert page.storage.banner.isVisible()


@pytest.mark.clause("E167")
async def test_about_names_version_protocol_and_what_does_the_sealing(page):
    page.open_section("about")
    for words in ("0.1.0", "本机内置服务", "libgcrypt 1.10.3", "libcrypto 3.0.17"):
        assert words in texts(page.about)
    click(page.about.copy)
    assert "SM4：libgcrypt 1.10.3" in QGuiApplication.clipboard().text()
    assert "liqiang" not in QGuiApplication.clipboard().text()


async def test_every_section_is_reached_with_the_arrow_keys(page):
    page.list.setFocus()
    for place, (key, _, _) in enumerate(SECTIONS):
        assert page.stack.currentWidget() is page.sections[key], place
        QTest.keyClick(page.list, Qt.Key.Key_Down)
    await page.settle()


def test_sizes_read_well():
    assert [size_text(size) for size in (0, 900, 2048, 734_003_200, 5 << 30)] == [
        "0 B",
        "900 B",
        "2.0 KB",
        "700 MB",
        "5.0 GB",
    ]


@pytest.mark.clause("E158")
async def test_a_repair_says_what_it_did_and_what_is_broken(page, service):
    told: list[str] = []
    page.told.connect(told.append)
    page.open_section("storage")
    await page.settle()
    click(page.storage.repair)
    await page.settle()
    assert told == ["数据完好，已为 12,408 条消息重建搜索，正在从服务器补收"]

    async def broken() -> Repair:
        return Repair(sound=False, indexed=0, online=False)

    service.repair = broken
    click(page.storage.repair)
    await page.settle()
    assert "有损坏" in page.storage.banner.label.text()
    assert page.storage.repair.isEnabled()


@pytest.mark.clause("E159")
async def test_a_look_at_the_network_names_every_step_and_is_copied(page):
    page.open_section("about")
    click(page.about.probe)
    dialog = page.about.probing
    await dialog.tasks.settle()
    assert [one.step for one in dialog.steps] == ["解析地址", "建立连接", "服务接口", "消息通道"]
    assert dialog.verdict.text() == "网络正常。"
    click(dialog.copy)
    assert "服务接口：政钉 0.1.0（24 毫秒）" in QGuiApplication.clipboard().text()
    dialog.reject()


@pytest.mark.clause("E169", "E170")
async def test_what_is_new_and_the_privacy_statement_open(qapp, qtbot, preferences, autostart):
    service = ShowcaseSettings()
    service.about = replace(service.about, news=ROOT / "CHANGELOG.md", privacy=ROOT / "docs" / "privacy.md")
    appearance = Appearance(qapp, preferences, animations=False)
    made = SettingsPage(service, appearance.themes, preferences, autostart, lock=ShowcaseLock())
    qtbot.addWidget(made)
    made.show()
    made.open_section("about")
    for opener, words in (
        (made.about.news, "未发布"),
        (made.about.privacy, "不向开发者或任何第三方发送数据"),
    ):
        opener.click()
        await made.settle()
        (view,) = made.findChildren(QTextBrowser)
        assert words in view.toPlainText()
        view.window().reject()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    await made.close_page()
    qapp.setStyleSheet("")
