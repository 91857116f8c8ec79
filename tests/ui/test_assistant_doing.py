"""What the assistant does in a whole client over a real server: sends, opens, finds, prepares, and only after a yes."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.duo import PASSWORD, Duo, until
from bed.duo_fixtures import duo, office_template
from client_bed import Desk
from e2e.test_assistant import give
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.features.assistant.view import AssistantPage
from app.features.assistant.ways_view import DeedCard, FoundRows
from app.features.meeting.dialogs import MeetingForm
from app.features.search.view import SearchDialog
from app.session.states import LinkState
from app.store.queries import messages
from app.workspace import ASSISTANT, CHAT, CONTACTS
from widgets.lists import PersonItem

__all__ = ["duo", "office_template"]
LEFT = Qt.MouseButton.LeftButton


@pytest.mark.clause("3.2.6.5.1", "3.2.6.4.1")
async def test_lines_are_found_and_done_in_the_real_client(qapp, duo: Duo, tmp_path: Path):
    await give(duo)
    wang = await duo.sign_in("wangjianguo")
    desk = Desk(tmp_path / "home", duo.url)
    await desk.start()
    try:
        workspace = await desk.sign_in("fengxue", PASSWORD)
        await desk.until(lambda: workspace.session.link_state is LinkState.ONLINE)
        chat = await workspace.session.conversations.open_single(wang.me.id)
        page = workspace.window.show_page(ASSISTANT)
        assert isinstance(page, AssistantPage)
        await page.tasks.settle()
        assert workspace.where == "消息"
        workspace.window.show_page(CONTACTS)
        workspace.window.show_page(ASSISTANT)
        assert workspace.where == "通讯录"
        assert page.starters[0].text() == "有哪些联系电话？"

        async def typed(line: str) -> None:
            page.composer.field.setPlainText(line)
            QTest.keyClick(page.composer.field, Qt.Key.Key_Return)
            await page.tasks.settle()

        async def yes() -> None:
            card = page.views[-1].below
            assert isinstance(card, DeedCard)
            QTest.mouseClick(card.go, LEFT)
            await page.tasks.settle()

        # A message goes out after the yes, and not before.
        await typed(f"给{wang.me.name}发消息：城东仓库的物资清单已核对")
        card = page.views[-1].below
        assert isinstance(card, DeedCard)
        assert wang.me.posts[0].unit_name in card.who.itemText(0)
        assert "物资清单已核对" not in str(await workspace.session.messages.search("物资清单"))
        await yes()
        assert page.views[-1].answer.toPlainText() == f"已发给“{wang.me.name}”。"
        await until(wang, lambda db: "物资清单已核对" in str(messages.newest(db, chat, 5)), 20)

        # A search names people, and messages of this machine; a row leads there.
        await typed("物资清单")
        found = page.views[-1].below
        assert isinstance(found, FoundRows)
        rows = [one.note for one in found.model.items if isinstance(one, PersonItem)]
        assert any("物资清单已核对" in one for one in rows)
        await typed(wang.me.name)
        found = page.views[-1].below
        assert isinstance(found, FoundRows)
        assert wang.me.name in [one.name for one in found.model.items if isinstance(one, PersonItem)]
        QTest.mouseClick(found.all, LEFT)
        (dialog,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, SearchDialog)]
        assert dialog.search.text() == wang.me.name
        dialog.reject()

        # A page of the client.
        await typed("打开通讯录")
        await yes()
        await desk.until(lambda: workspace.window.current == CONTACTS)
        workspace.window.show_page(ASSISTANT)
        await typed(f"和{wang.me.name}聊天")
        await yes()
        await desk.until(lambda: workspace.window.current == CHAT)
        assert workspace.chat is not None
        assert workspace.chat.current_conversation == chat

        # Locking is asked for like the button does.
        wanted: list[str] = []
        workspace.lock_wanted.connect(wanted.append)
        workspace.window.show_page(ASSISTANT)
        await typed("锁定客户端")
        assert wanted == []
        await yes()
        await desk.until(lambda: wanted == ["button"])
    finally:
        await desk.end()


@pytest.mark.clause("3.2.6.5.1")
async def test_a_meeting_is_prepared_with_its_name(qapp, duo: Duo, tmp_path: Path):
    await give(duo)
    desk = Desk(tmp_path / "home", duo.url)
    await desk.start()
    try:
        workspace = await desk.sign_in("admin", PASSWORD)
        await desk.until(lambda: workspace.session.link_state is LinkState.ONLINE)
        page = workspace.window.show_page(ASSISTANT)
        assert isinstance(page, AssistantPage)
        await page.tasks.settle()
        page.take("帮我安排明天下午的防汛调度会")
        await page.tasks.settle()
        card = page.views[-1].below
        assert isinstance(card, DeedCard)
        QTest.mouseClick(card.go, LEFT)
        await page.tasks.settle()
        (form,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, MeetingForm)]
        assert form.title.text() == "防汛调度会"
        form.reject()
    finally:
        await desk.end()
