"""The console's section on the app lock: live preview, saving, default, policy, log, forced locks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton

from app.features.admin.lock.view import LockSection
from app.shell.org_picker import Picked
from app.showcase.lock_admin_pages import ShowcaseLockAdmin
from server_stub.contract.errors import ApiError, ErrorCode
from widgets.controls import Banner, ConfirmDialog
from widgets.theme import ThemeManager


def png(colour: int) -> bytes:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(colour)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


@pytest.fixture
async def section(qtbot):
    made = LockSection(ShowcaseLockAdmin(), ThemeManager(animations=False))
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    made.entered()
    await made.page.tasks.settle()
    yield made
    await made.close_page()


def service(section: LockSection) -> ShowcaseLockAdmin:
    return section.page._service  # type: ignore[return-value]


def said(banner: Banner) -> str:
    return " ".join(one.text() for one in banner.findChildren(QLabel))


def accept(section) -> None:
    section.findChildren(ConfirmDialog)[-1].accept()


@pytest.mark.clause("3.2.3.5.2")
async def test_the_preview_follows_and_saving_and_default_take_one_step(section: LockSection, qtbot) -> None:
    page, told = section.page, []
    section.told.connect(told.append)
    assert not page.save.isEnabled()
    before = page.preview.grab().toImage()
    page.heading.setText("离开座位，先锁再走")
    page.heading.textEdited.emit("离开座位，先锁再走")
    page.take_picture(png(0xFF8800))
    assert page.preview.appearance.heading == "离开座位，先锁再走"
    qtbot.waitUntil(lambda: page.preview.grab().toImage() != before)
    assert "未保存" in page.state.text()
    # Another visit of the section does not throw away what was typed.
    section.entered()
    await page.tasks.settle()
    assert page.heading.text() == "离开座位，先锁再走"
    page.save.click()
    await page.tasks.settle()
    saved = service(section).now
    assert saved.text is not None
    assert (saved.text.heading, saved.picture) == ("离开座位，先锁再走", png(0xFF8800))
    assert told == ["锁屏页面已保存，所有电脑立即生效"]
    page.default.click()
    accept(page)
    await page.tasks.settle()
    assert service(section).now.text is None
    assert page.heading.text() == "涉密不上网，上网不涉密"
    assert not page.default.isEnabled()


async def test_what_cannot_be_used_is_refused_with_the_reason_and_nothing_is_lost(
    section: LockSection,
) -> None:
    page = section.page
    page.take_picture(b"GIF89a")
    assert "PNG 或 JPEG" in said(page.problem)
    page.take_picture(b"\x89PNG" + bytes(3 * 1024 * 1024))
    assert "2 MB" in said(page.problem)
    page.lines.setPlainText("\n".join("一二三四五六七"))
    page.save.click()
    assert "不能超过 6 行" in said(page.problem)
    page.lines.setPlainText("第一条")
    service(section).error = ApiError(ErrorCode.UNAVAILABLE)
    page.save.click()
    await page.tasks.settle()
    assert page.problem.isVisible()
    assert page.lines.toPlainText() == "第一条"
    assert page.save.isEnabled()


@pytest.mark.clause("3.2.3.1.1", "3.2.3.1.3")
async def test_the_policy_is_read_changed_and_saved(section: LockSection) -> None:
    section.open_tab("policy")
    tab = section.policy
    await tab.tasks.settle()
    assert (tab.idle.value(), tab.windows["console"].value(), tab.windows["meeting"].text()) == (
        15,
        3,
        "不限制",
    )
    assert not tab.save.isEnabled()
    tab.idle.setValue(5)
    tab.meeting.setValue(120)
    tab.at_start.setChecked(True)
    tab.save.click()
    await tab.tasks.settle()
    rules = service(section).rules
    assert (rules.idle_longest_s, rules.meeting_longest_s, rules.at_start) == (300, 7200, True)
    assert rules.window_idle_s == {"console": 180, "secret": 60}


@pytest.mark.clause("3.2.3.1.8")
async def test_the_log_is_filtered_paged_and_exported(section: LockSection, tmp_path: Path) -> None:
    section.open_tab("log")
    tab = section.log
    await tab.tasks.settle()
    assert (tab.table.rowCount(), tab.count.text()) == (200, "共 240 条")
    tab.more.click()
    await tab.tasks.settle()
    assert tab.table.rowCount() == 240
    assert tab.more.isHidden()
    tab.trigger.setCurrentIndex(tab.trigger.findData("hotkey"))
    tab.trigger.activated.emit(tab.trigger.currentIndex())
    await tab.tasks.settle()
    assert tab.table.rowCount() == 30
    tab._chosen(Picked("person", "p-li", "李强"))
    await tab.tasks.settle()
    asked = service(section).queries[-1]
    assert (asked["person_id"], asked["trigger"]) == ("p-li", "hotkey")
    assert asked["to_ms"] - asked["from_ms"] == 31 * 86_400_000
    tab.export_to(tmp_path / "日志.csv")
    await tab.tasks.settle()
    assert b"person_id" in (tmp_path / "日志.csv").read_bytes()


async def test_a_forced_lock_needs_a_reason_and_can_be_taken_back(section: LockSection) -> None:
    section.open_tab("holds")
    tab = section.holds
    await tab.tasks.settle()
    assert tab.count.text() == "1 项生效中，共 3 项"
    await tab.ask_about(Picked("person", "王建国", "王建国"))
    dialog = tab.dialog
    assert dialog is not None
    assert [dialog.which.itemText(index) for index in range(3)][1:] == [
        "值班室台式机（在线）",
        "笔记本（离线）",
    ]
    assert not dialog.go.isEnabled()
    dialog.reason.setText("账号异常")
    service(section).error = ApiError(ErrorCode.NOT_FOUND, message="没有这个人员。")
    dialog.go.click()
    await tab.tasks.settle()
    assert "没有这个人员" in said(dialog.problem)
    service(section).error = None
    dialog.go.click()
    await tab.tasks.settle()
    assert tab.table.item(0, 2).text() == "账号异常"
    lift = tab.table.cellWidget(0, 6)
    assert isinstance(lift, QPushButton)
    lift.click()
    accept(tab)
    await tab.tasks.settle()
    assert tab.table.item(0, 2).text() == "账号在异地登录"
