"""A page whose direction was told wrong is turned by hand and read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.letters import letter, picture
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.features.documents.view import DocumentsPage
from app.showcase.documents_service import showcase_documents
from widgets.theme import ThemeManager


@pytest.mark.clause("3.2.5.2.7")
async def test_a_page_is_turned_by_hand_all_the_way_round(qtbot, tmp_path: Path) -> None:
    page = DocumentsPage(showcase_documents(tmp_path / "own"), ThemeManager(animations=False))
    page.resize(1302, 768)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    page.show_place("receive")
    receive = page.receive
    what = letter(3)
    path = tmp_path / "scan.png"
    path.write_bytes(picture(what, 3))
    receive.open_scan(path)
    await page.tasks.settle()
    assert dict(receive.values())["文号"] == what.number

    def lies() -> bool:
        shown = receive.canvas.picture_rect()
        return shown.width() > shown.height()

    assert not lies()
    QTest.mouseClick(receive.turn, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert lies()
    # The fourth press is the first direction again.
    receive._right_turns = 3
    QTest.mouseClick(receive.turn, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert not lies()
    assert dict(receive.values())["文号"] == what.number
    assert dict(receive.values())["标题"] == what.title
    # A file with words of its own has no direction.
    text = tmp_path / "来文.txt"
    text.write_text("郑州市水利局\n郑水〔2026〕87号\n关于防汛的通知\n各单位：\n请落实。\n", "utf-8")
    receive.open_scan(text)
    await page.tasks.settle()
    assert not receive.turn.isEnabled()
    await page.close_page()
