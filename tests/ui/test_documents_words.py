"""The organisation's words beside the account's own: both are found, told apart, and only the own ones are edited."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.features.documents.parts import Card
from app.features.documents.view import DocumentsPage
from app.features.documents.words import WordListDialog, WordsPanel
from app.showcase.documents_service import OFFICE_WORDS, ShowcaseOfficeWords, showcase_documents
from offline_ai.sensitive.lists import SensitiveWord
from widgets.theme import ThemeManager


@pytest.fixture
async def page(qtbot, tmp_path: Path):
    service = showcase_documents(tmp_path / "own", office=ShowcaseOfficeWords())
    made = DocumentsPage(service, ThemeManager(animations=False))
    made.resize(1302, 768)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    await made.close_page()


def seen(panel: WordsPanel) -> dict[str, str]:
    """What stands on each card: the word, and whose list it is of."""
    found: dict[str, str] = {}
    for card in (one for one in panel.cards.cards if isinstance(one, Card)):
        texts = [one.text() for one in card.findChildren(QLabel)]
        found[texts[0]] = next((text for text in texts if text.endswith("词库")), "")
    return found


@pytest.mark.clause("3.2.5.2.4")
async def test_words_of_both_lists_are_found_and_told_apart(page: DocumentsPage, tmp_path: Path) -> None:
    path = tmp_path / "稿.txt"
    path.write_text("要做到万无一失，绝对不会出现疏漏。内部口令另行通知，联系电话13812345678。", "utf-8")
    page.desk.open_files([path])
    await page.tasks.settle()
    page.desk.show_tool("words")
    panel = page.desk.panels["words"]
    assert isinstance(panel, WordsPanel)
    panel.start()
    await page.tasks.settle()
    assert seen(panel) == {
        "万无一失": "单位词库",
        "内部口令": "单位词库",
        "绝对不会": "本人词库",
        "13812345678": "",
    }
    hits = page.desk.current.hits if page.desk.current is not None else None
    # A word of both lists has the kind and the advice of the organisation.
    assert hits is not None
    assert [hit.word for hit in hits if hit.found == "万无一失"] == [OFFICE_WORDS[0]]


@pytest.mark.clause("3.2.5.2.4")
async def test_only_the_own_list_is_edited(page: DocumentsPage, tmp_path: Path) -> None:
    path = tmp_path / "稿.txt"
    path.write_text("请各单位落实。", "utf-8")
    page.desk.open_files([path])
    await page.tasks.settle()
    page.desk.show_tool("words")
    panel = page.desk.panels["words"]
    assert isinstance(panel, WordsPanel)
    panel.open_list()
    await page.tasks.settle()
    dialog = panel.dialog
    assert isinstance(dialog, WordListDialog)
    own = dialog.words()
    assert not {word.text for word in own} >= {"内部口令", "VPN"}
    rows = dialog.table.rowCount()
    assert rows == len(own) + len(OFFICE_WORDS)
    assert dialog.count.text() == f"本人 {len(own)} 个词，单位 {len(OFFICE_WORDS)} 个词（由管理员维护）"
    office = dialog.table.item(rows - 1, 0)
    assert office is not None
    assert not office.flags() & Qt.ItemFlag.ItemIsEditable
    asked: asyncio.Queue[str] = asyncio.Queue()
    dialog.search.query_changed.connect(asked.put_nowait)
    dialog.search.edit.setText("单位")
    assert await asyncio.wait_for(asked.get(), 5) == "单位"
    shown = [row for row in range(rows) if not dialog.table.isRowHidden(row)]
    assert shown == list(range(len(own), rows))
    dialog.search.edit.clear()
    assert await asyncio.wait_for(asked.get(), 5) == ""
    dialog.table.selectAll()
    dialog.remove_rows()
    assert dialog.table.rowCount() == len(OFFICE_WORDS)
    dialog.add_row()
    item = dialog.table.item(0, 0)
    assert item is not None
    item.setText("冲锋舟")
    assert dialog.words() == [SensitiveWord("冲锋舟", "其他", "")]
    dialog.store()
    await page.tasks.settle()
    assert await page.desk.service.words() == [SensitiveWord("冲锋舟", "其他", "")]
    assert await page.desk.service.office_words() == list(OFFICE_WORDS)
