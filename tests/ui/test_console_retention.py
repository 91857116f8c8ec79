"""消息保留 in the console of a real server: how much would go is said before, and only then it goes (3.2.3.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bed.duo import MemoryPort, until_count
from bed.office import Office, running_office
from bed.waits import until as wait
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import update
from test_sign_in_ways import Desk

from app.features.admin.retention.service import SessionRetentionAdmin
from app.features.admin.retention.view import RetentionSection
from server_stub.features.conversations.tables import messages
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path / "server") as running:
        yield running


@pytest.mark.clause("3.2.3.2.2", "3.2.3.2.3")
async def test_what_would_go_is_said_first(qtbot, tmp_path: Path, office: Office) -> None:
    desk = Desk(tmp_path / "home", office.url, MemoryPort())
    qtbot.addWidget(desk.window)
    await desk.at_sign_in()
    await desk.type_in("admin")
    admin = desk.sessions[0]
    chat = await admin.conversations.open_single(office.staff["fengxue"].id)
    for n in range(3):
        await admin.send.text(chat, f"旧消息 {n}")

    async def rows() -> list[Any]:
        return await office.rows(messages)

    await until_count(admin, chat, 3)
    change = update(messages).values(sent_at=messages.c.sent_at - 100 * 86_400_000)
    await office.server.database.write(lambda connection: connection.execute(change) and None)

    section = RetentionSection(SessionRetentionAdmin(admin), ThemeManager(animations=False))
    told: list[str] = []
    section.told.connect(told.append)
    section.resize(900, 640)
    qtbot.addWidget(section)
    section.show()
    section.entered()
    await section.tasks.settle()
    assert not section.on.isChecked()
    assert not section.days.isEnabled()
    assert not section.run.isEnabled()
    assert section.last.text() == "现在有 0 条消息早于 365 天。"
    QTest.mouseClick(section.on, Qt.MouseButton.LeftButton)
    section.days.setValue(30)
    section.every.setCurrentIndex(section.every.findData(168))
    section.save.click()
    asked = await wait(lambda: section.window().findChild(ConfirmDialog))
    assert "早于 30 天的 3 条消息将被永久删除" in asked.text.text()
    assert not asked.accept_button.isDefault()
    asked.reject()
    await section.tasks.settle()
    assert len(await rows()) == 3
    assert told == []
    await wait(lambda: section.window().findChild(ConfirmDialog) is None)

    section.save.click()
    (await wait(lambda: section.window().findChild(ConfirmDialog))).accept()
    await wait(lambda: told == ["消息保留设置已保存"])
    assert section.last.text() == "现在有 3 条消息早于 30 天。"
    await wait(lambda: section.window().findChild(ConfirmDialog) is None)
    section.run.click()
    (await wait(lambda: section.window().findChild(ConfirmDialog))).accept()
    await wait(lambda: told[1:] == ["已删除 3 条过期消息"])
    assert "删除 3 条" in section.last.text()
    assert await rows() == []
    # Longer, or off: nothing more goes, and nobody is asked.
    section.days.setValue(60)
    section.save.click()
    await wait(lambda: len(told) == 3)
    QTest.mouseClick(section.on, Qt.MouseButton.LeftButton)
    section.save.click()
    await wait(lambda: len(told) == 4)
    assert not section.run.isEnabled()
    await section.close_page()
    await desk.close()
