"""The page 助手 takes a line as a search, a deed or a question, says which, and another way is one click (3.2.6.5.1)."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.features.assistant.view import AssistantPage
from app.features.assistant.ways_view import DeedCard, FoundRows
from app.session.states import NetworkError
from app.showcase.assistant_service import ShowcaseDoing, ShowcaseServer, showcase_assistant
from offline_ai.retrieval.intent import DeedKind, Way
from server_stub.contract.llm import AssistantPolicy, UseKind
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
async def page(qtbot):
    made = AssistantPage(
        showcase_assistant(ShowcaseServer(models=())), ThemeManager(animations=False), doing=ShowcaseDoing()
    )
    made.doing = made.routing._doing
    made.server = made._service._server
    made.resize(1302, 768)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    await made.tasks.settle()
    yield made
    await made.close_page()


async def typed(page: AssistantPage, line: str) -> None:
    page.composer.field.setPlainText(line)
    QTest.keyClick(page.composer.field, Qt.Key.Key_Return)
    await page.tasks.settle()


async def click(page: AssistantPage, widget) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT)
    await page.tasks.settle()


@pytest.mark.clause("3.2.6.5.1", "3.2.6.10.1")
async def test_names_are_searched_and_the_search_stands_in_the_history(page) -> None:
    await typed(page, "防汛值班表")
    (view,) = page.views
    assert view.way.taken.text() == "按搜索处理"
    found = view.below
    assert isinstance(found, FoundRows)
    assert [one.name for one in found.model.items if hasattr(one, "name")][1:] == [
        "防汛值守工作群",
        "防汛值班表（11月）.xlsx",
    ]
    # All rows are there to be seen: the page scrolls, not the list.
    last = found.model.index(found.model.rowCount() - 1, 0)
    assert found.rows.visualRect(last).bottom() <= found.rows.viewport().height()
    QTest.mouseClick(found.rows.viewport(), LEFT, pos=found.rows.visualRect(found.model.index(3, 0)).center())
    assert page.doing.opened == ["chat c-flood 128"]
    await click(page, found.all)
    assert page.doing.sought == ["防汛值班表"]
    assert page.server.uses == [UseKind.LOCAL_ANSWER]
    # Kept: shown again with what is found then.
    assert page.talk is not None
    talk = page.talk
    assert talk.title == "防汛值班表"
    page.new_talk()
    page.open_talk(talk)
    await page.tasks.settle()
    assert isinstance(page.views[0].below, FoundRows)
    assert (page.views[0].turn.way, page.views[0].turn.words) == ("search", "防汛值班表")
    assert "防汛值班表（11月）" not in repr(await page._service.history.turns(talk.id))
    # Nothing found: says so.
    await typed(page, "搜索金丝雀")
    assert page.views[-1].below.nothing.isVisible()
    assert "金丝雀" in page.views[-1].below.nothing.text()


@pytest.mark.clause("3.2.6.5.1")
async def test_a_deed_waits_for_the_yes_and_names_whom_it_means(page) -> None:
    await typed(page, "给王建国发消息：明天几点开会？")
    (view,) = page.views
    assert view.way.taken.text() == "按操作处理"
    card = view.below
    assert isinstance(card, DeedCard)
    assert page.doing.done == []
    # Two people of that name: told apart, and one is chosen.
    assert card.who.count() == 2
    assert "二七区应急管理局" in card.who.itemText(1)
    card.who.setCurrentIndex(1)
    card.text.setPlainText("  ")
    assert not card.go.isEnabled()
    card.text.setPlainText("明天上午几点开会？")
    await click(page, card.go)
    ((deed, whom),) = page.doing.done
    assert (deed.kind, deed.text, whom.id) == (DeedKind.MESSAGE, "明天上午几点开会？", "p-wang2")
    assert view.below is None
    assert view.answer.toPlainText() == "已发给“王建国”。"
    # The keyboard is where the next line is typed, not at a button that a key would press.
    assert page.composer.field.hasFocus()
    # What was done is not taken another way any more.
    assert view.way.others == {}
    (kept,) = await page._service.history.turns(page.talk.id)
    assert (kept.way, kept.answer) == ("act", "已发给“王建国”。")

    # No: nothing happens, and that is said.
    await typed(page, "打开设置")
    await click(page, page.views[-1].below.no)
    assert page.views[-1].answer.toPlainText() == "已取消，没有执行。"
    assert len(page.doing.done) == 1

    # Nobody of that name: there is nothing to agree to.
    await typed(page, "给赵六发消息说材料已送达")
    assert not page.views[-1].below.go.isEnabled()
    assert "没有找到叫“赵六”的人" in page.views[-1].below.hint.text()


@pytest.mark.clause("3.2.6.5.1")
async def test_another_way_is_one_click(page) -> None:
    await typed(page, "抽水泵车")
    assert page.views[0].turn.way == "search"
    await click(page, page.views[0].way.others[Way.ASK])
    (view,) = page.views
    assert view.turn.way == "ask"
    assert "32台" in view.turn.answer
    assert view.way.taken.text() == "按提问处理"
    assert len(await page._service.history.turns(page.talk.id)) == 1
    await click(page, view.way.others[Way.SEARCH])
    (view,) = page.views
    assert isinstance(view.below, FoundRows)
    # A question about a deed can be made the deed, which still waits for its yes.
    await typed(page, "锁定客户端？")
    view = page.views[-1]
    assert view.turn.way == "ask"
    await click(page, view.way.others[Way.ACT])
    assert isinstance(page.views[-1].below, DeedCard)
    assert page.doing.done == []
    await click(page, page.views[-1].way.others[Way.ASK])
    assert page.views[-1].below is None
    assert page.views[-1].turn.answer
    # Only the newest line can still be taken another way.
    assert page.views[0].way.others == {}


async def test_a_deed_that_fails_can_be_tried_again(page) -> None:
    await typed(page, "给防汛值守工作群发消息说今晚加强值守")
    card = page.views[0].below
    page.doing.failure = NetworkError("offline")
    await click(page, card.go)
    assert card.go.isEnabled()
    assert page.views[0].below is card
    page.doing.failure = None
    await click(page, card.go)
    assert len(page.doing.done) == 1


@pytest.mark.clause("3.2.6.11.1", "3.2.6.11.6")
async def test_a_forbidden_word_is_neither_searched_nor_sent(page) -> None:
    page.server.words = [("金丝雀", "涉密")]
    page.entered()
    await page.tasks.settle()
    await typed(page, "搜索金丝雀")
    assert page.views[0].turn.answer == AssistantPolicy().reply_to_question("涉密")
    assert page.views[0].below is None
    await typed(page, "给王建国发消息")
    card = page.views[-1].below
    card.text.setPlainText("金丝雀的进展")
    await click(page, card.go)
    assert page.doing.done == []
    assert card.go.isEnabled()


async def test_stopping_while_it_is_read_gives_the_line_back(page) -> None:
    held = asyncio.Event()

    async def known():
        await held.wait()
        return (), ()

    page.doing.known = known
    page.composer.field.setPlainText("打开设置")
    QTest.keyClick(page.composer.field, Qt.Key.Key_Return)
    await asyncio.sleep(0)
    QTest.mouseClick(page.composer.stop, LEFT)
    await page.tasks.settle()
    assert page.views == []
    assert page.composer.field.toPlainText() == "打开设置"
    assert page.composer.field.isEnabled()


@pytest.mark.clause("3.2.6.4.1")
async def test_where_one_comes_from_is_known_and_what_is_suggested_follows_it(page, qtbot) -> None:
    first = [one.text() for one in page.starters]
    assert first == list(AssistantPolicy().starters)
    page.doing.place = "公文"
    page.hide()
    page.show()
    qtbot.waitExposed(page)
    assert [one.text() for one in page.starters] == ["最近的公文有哪些要求？", *first]
    assert "您刚才在“公文”，可以这样问：" in [one.text() for one in page.start.findChildren(QLabel)]
    # What is suggested already is not suggested twice.
    page.doing.place = "会议"
    page.hide()
    page.show()
    qtbot.waitExposed(page)
    assert sorted(one.text() for one in page.starters) == sorted(first)
    assert page.starters[0].text() == "近期的会议安排在什么时候？"
    # A model is told too.
    page.server.models = ["政务大模型-32B"]
    page.entered()
    await page.tasks.settle()
    page.composer.by.setCurrentIndex(1)
    page.ask("下一步怎么办？")
    await page.tasks.settle()
    assert "提问前正在使用“会议”" in str(page.server.asked[-1].messages[0].content)


async def test_coming_back_to_the_page_the_next_line_can_be_typed(page, qtbot) -> None:
    await typed(page, "打开设置")
    card = page.views[-1].below
    card.go.setFocus()
    await click(page, card.go)
    page.hide()
    page.show()
    qtbot.waitExposed(page)
    assert page.focusWidget() is page.composer.field


@pytest.mark.clause("3.2.6.10.4")
async def test_a_search_is_deleted_from_the_history(page) -> None:
    await typed(page, "防汛值班表")
    await typed(page, "抽水泵车由哪个单位负责？")
    view = page.views[0]
    assert view.way.remove.isVisible()
    QTest.mouseClick(view.way.remove, LEFT)
    page.dialog.accept()
    await page.tasks.settle()
    assert [one.turn.question for one in page.views] == ["抽水泵车由哪个单位负责？"]
    assert len(await page._service.history.turns(page.talk.id)) == 1


async def test_what_goes_on_from_a_question_is_one(page) -> None:
    await typed(page, "抽水泵车由哪个单位负责？")
    await typed(page, "电话")
    assert page.views[-1].turn.way == "ask"
