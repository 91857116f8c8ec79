"""The page 助手 with its real engines and a model that waits when told to: ask, stop, sources, words, history."""

from __future__ import annotations

import asyncio
import base64
import time
from datetime import datetime
from pathlib import Path

import pytest
from bed.letters import letter, picture
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QTextTable
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.features.assistant.composer import BY_RULES
from app.features.assistant.dialogs import PassageDialog, ReasonDialog, TitleDialog
from app.features.assistant.knowledge import Knowledge
from app.features.assistant.view import AssistantPage
from app.session.states import NetworkError
from app.showcase.assistant_service import ANSWER, ShowcaseServer, showcase_assistant
from app.store.queries.assistant import _shown
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.knowledge import KnowledgePassage, KnowledgeText
from server_stub.contract.llm import AnswerCheck, AssistantPolicy, KindReply, UseKind
from widgets.controls import Chip
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
async def open_page(qtbot):
    made: list[AssistantPage] = []

    async def build(server: ShowcaseServer) -> AssistantPage:
        page = AssistantPage(showcase_assistant(server), ThemeManager(animations=False))
        page.server = server
        page.resize(1302, 768)
        qtbot.addWidget(page)
        page.show()
        qtbot.waitExposed(page)
        made.append(page)
        await page.tasks.settle()
        return page

    yield build
    for page in made:
        await page.close_page()


def typed(page: AssistantPage, text: str) -> None:
    page.composer.field.setPlainText(text)
    QTest.keyClick(page.composer.field, Qt.Key.Key_Return)


async def asked(page: AssistantPage, text: str) -> None:
    typed(page, text)
    await page.tasks.settle()


async def written(page: AssistantPage) -> None:
    """Until the model's first words are on the screen."""
    while not page.views[-1].answer.markdown:  # noqa: ASYNC110 - a view tells nobody that it grew
        await asyncio.sleep(0.01)


def dialog(page: AssistantPage, kind: type):
    assert isinstance(page.dialog, kind)
    return page.dialog


@pytest.mark.clause(
    "3.2.6.9.1", "3.2.6.9.2", "3.2.6.9.5", "3.2.6.9.6", "3.2.6.9.7", "3.2.6.9.8", "3.2.6.9.9", "3.2.6.9.10",
    "3.2.6.9.11", "3.2.6.9.12", "3.2.6.11.8", "3.2.6.11.9",
)  # fmt: skip
async def test_a_model_answers_is_stopped_made_again_copied_and_judged(open_page) -> None:
    page = await open_page(ShowcaseServer())
    server = page.server
    assert page.mark.text == "李强 3721"
    assert [one.text() for one in page.starters] == list(AssistantPolicy().starters)
    server.gate = asyncio.Event()
    typed(page, "调度会什么时候开？")
    await written(page)
    # Some of it is here, the rest is not; nothing can be typed meanwhile.
    assert 0 < len(page.views[0].answer.markdown) < len(ANSWER)
    assert not page.composer.field.isEnabled()
    assert not page.history.list.isEnabled()
    page.ask("又一个问题")
    assert len(server.asked) == 1
    began = time.perf_counter()
    QTest.mouseClick(page.composer.stop, LEFT)
    await page.tasks.settle()
    took = time.perf_counter() - began
    assert took < 0.3, took
    assert server.stopped
    view = page.views[0]
    assert view.turn.state == "stopped"
    assert ANSWER.startswith(view.turn.answer)
    assert view.turn.answer
    assert page.composer.field.isEnabled()

    server.gate = None
    QTest.mouseClick(view.retry, LEFT)
    await page.tasks.settle()
    (view,) = page.views
    assert view.turn.answer == ANSWER
    assert view.turn.state == "done"
    frames = [type(one) for one in view.answer.document().rootFrame().childFrames()]
    assert QTextTable in frames
    assert "由模型生成 · 内容为人工智能生成" in [one.text() for one in view.findChildren(type(page.title))]
    QTest.mouseClick(view.copy, LEFT)
    assert QGuiApplication.clipboard().text().startswith(ANSWER)
    assert "内容为人工智能生成" in QGuiApplication.clipboard().text()
    assert len(view.turn.follow_ups) == 3

    QTest.mouseClick(view.votes[-1], LEFT)
    reason = dialog(page, ReasonDialog)
    reason.more.setText("时间写错")
    QTest.mouseClick(reason.go, LEFT)
    await page.tasks.settle()
    assert (server.votes[-1].up, server.votes[-1].reason) == (False, "不准确：时间写错")
    assert view.votes[-1].isChecked()

    await asked(page, "那地点呢？")
    told = server.asked[-1].messages
    assert [one.role for one in told] == ["system", "user", "assistant", "user"]
    system = str(told[0].content)
    for known in ("李强", "中原区政府办", time.strftime("%Y年%m月%d日"), "星期"):
        assert known in system
    # Nothing of the messages went to the model: that was not allowed.
    assert "市政府第一会议室" not in str([one.content for one in told])
    # Neither does an answer that was made of messages here, when the talk goes on with the model.
    page.composer.by.setCurrentIndex(0)
    await asked(page, "调度会在哪个会议室？")
    assert "市政府第一会议室" in page.views[-1].turn.answer
    page.composer.by.setCurrentIndex(1)
    await asked(page, "再简短些")
    assert "市政府第一会议室" not in str(server.asked[-1].messages)
    page.composer.share.setChecked(True)
    await asked(page, "调度会在哪个会议室？")
    assert "市政府第一会议室" in str(server.asked[-1].messages[-1].content)


@pytest.mark.clause("3.2.6.6", "3.2.6.1.1", "3.2.6.1.2")
async def test_a_talk_keeps_what_it_is_about_and_says_how_a_question_was_looked_for(open_page) -> None:
    page = await open_page(ShowcaseServer(models=()))
    await asked(page, "抽水泵车由谁负责调度？")
    assert "市水利局" in page.views[-1].turn.answer
    await asked(page, "有多少台？")
    view = page.views[-1]
    assert "32台" in view.turn.answer
    assert view.searched.isVisible()
    assert "承接上文" in view.searched.text()
    assert "抽水泵" in view.searched.text()
    # Two steps on, the talk is still about the pumps, and none of the other messages is quoted.
    await asked(page, "什么时候检修完？")
    assert "11月26日前完成检修" in page.views[-1].turn.answer
    assert "归档" not in page.views[-1].turn.answer
    # Another subject by itself leaves them behind.
    await asked(page, "年度公文归档由哪个处室负责汇总？")
    assert "秘书一处" in page.views[-1].turn.answer
    assert "泵车" not in page.views[-1].turn.answer
    assert "承接上文" not in page.views[-1].searched.text()
    # What is kept says it again when the talk is opened another time.
    kept = await page._service.history.turns(view.turn.talk_id)
    assert [bool(one.searched) for one in kept][1]


async def test_files_are_chosen_or_pasted_and_long_names_leave_the_window_as_it_is(
    open_page, tmp_path: Path, qtbot
) -> None:
    page = await open_page(ShowcaseServer(models=()))
    composer = page.composer
    files = [
        tmp_path / f"{number}关于做好2026年汛期值班值守和应急值守工作有关事项的通知（征求意见稿）.txt"
        for number in range(8)
    ]
    for file in files:
        file.write_text("防汛值班安排\n11月28日由张明远带班。", "utf-8")
    wide = page.minimumSizeHint().width()
    with qtbot.waitActive(page):
        page.activateWindow()
    composer.field.setFocus()
    QTest.keyClick(composer.field, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    chooser = composer.findChild(QFileDialog)
    assert chooser is not None
    assert chooser.isVisible()
    chooser.filesSelected.emit([str(files[0])])
    chooser.reject()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(one)) for one in files])
    QGuiApplication.clipboard().setMimeData(data)
    composer.field.setFocus()
    QTest.keyClick(composer.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert composer.files == files
    assert composer.field.toPlainText() == ""
    names = [one.name for one in files]
    qtbot.waitUntil(
        lambda: [chip.accessibleName() for chip in composer.findChildren(Chip) if chip.isVisible()] == names
    )
    assert page.minimumSizeHint().width() <= max(wide, 900)
    # Text is pasted as text.
    QGuiApplication.clipboard().setText("11月28日由谁带班？")
    QTest.keyClick(composer.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    await page.tasks.settle()
    assert "张明远" in page.views[-1].turn.answer


@pytest.mark.clause("3.2.6.9.13")
async def test_without_a_model_messages_and_dropped_files_are_quoted_with_their_places(
    open_page, tmp_path: Path
) -> None:
    page = await open_page(ShowcaseServer(models=()))
    assert page.composer.by.currentText() == BY_RULES
    await asked(page, "抽水泵车有多少台？")
    view = page.views[0]
    assert "32台" in view.turn.answer
    assert "规则与摘录生成" in [one.text() for one in view.findChildren(type(page.title))]
    assert "[1]" in view.answer.toPlainText()
    view.answer.anchorClicked.emit(QUrl("source:1"))
    await page.tasks.settle()
    passage = dialog(page, PassageDialog)
    assert "32台" in passage.marked
    places: list[tuple[str, int]] = []
    page.place_wanted.connect(lambda *place: places.append(place))
    QTest.mouseClick(passage.go, LEFT)
    assert places == [("c-flood", 131)], (passage.result(), passage.go.isDown(), passage.go.rect())

    file = tmp_path / "值班表.txt"
    file.write_text("防汛值班安排\n11月28日由张明远带班，电话0371-60000001。", "utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    none, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    page.composer.dropEvent(QDropEvent(QPointF(5, 5), copy, data, LEFT, none))
    assert page.composer.files == [file]
    await asked(page, "11月28日由谁带班？")
    assert "张明远" in page.views[1].turn.answer
    assert page.views[1].turn.marks[0].title == "值班表.txt"
    assert page.composer.files == []
    # The talk goes on about the file, and the answer that is made again still has it.
    await asked(page, "带班的电话是多少？")
    assert "0371-60000001" in page.views[2].turn.answer
    QTest.mouseClick(page.views[2].retry, LEFT)
    await page.tasks.settle()
    assert "0371-60000001" in page.views[2].turn.answer
    # A source that is hidden meanwhile opens no more.
    page._service._library.hidden.add("m/c-flood/131")
    view.answer.anchorClicked.emit(QUrl("source:1"))
    await page.tasks.settle()
    assert "不再对您可见" in page.toasts.toasts[-1].text.text()
    await asked(page, "抽水泵车有多少台？")
    assert "32" not in page.views[-1].turn.answer


@pytest.mark.clause("3.2.6.9.3", "3.2.6.9.4")
async def test_a_picture_goes_to_a_model_that_sees_and_its_text_to_others(open_page, tmp_path: Path) -> None:
    server = ShowcaseServer("图里是一份水利局的来文。", models=("看图", "不看图"))
    server.seeing = ["看图"]
    page = await open_page(server)
    what = letter(3)
    scan = tmp_path / "来文.png"
    scan.write_bytes(picture(what, 3))
    page.composer.add_files([scan])
    assert page.composer.hint.isVisible()
    assert "交给所选模型" in page.composer.hint.text()
    await asked(page, "这张图里是什么？")
    parts = server.asked[-1].messages[-1].content
    assert isinstance(parts, list)
    assert [one.type for one in parts] == ["text", "image_url"]
    assert "这张图里是什么？" in parts[0].text
    image = QImage.fromData(base64.b64decode(parts[1].image_url.url.partition("base64,")[2]), "JPG")
    assert 1000 < max(image.width(), image.height()) <= 1568
    view = page.views[0]
    assert view.note.text() == "1 张图片已缩小后交给模型查看。"
    assert view.turn.origin == "model"
    # The talk goes on about it; another model is given what was recognised, and that is said.
    await asked(page, "还有呢？")
    assert isinstance(server.asked[-1].messages[-1].content, list)
    page.composer.by.setCurrentIndex(page.composer.by.findData("不看图"))
    page.composer.add_files([scan])
    assert "识别出的文字" in page.composer.hint.text()
    await asked(page, "文号是多少？")
    told = server.asked[-1].messages[-1].content
    assert isinstance(told, str)
    assert what.number in told
    assert page.views[-1].note.text() == "模型“不看图”不能查看图片，已按图片中识别出的文字回答。"
    page.composer.by.setCurrentIndex(0)
    await asked(page, "文号是多少？")
    assert page.views[-1].note.text() == "已按图片中识别出的文字回答。"
    # A forbidden word in the picture is one: it is not sent.
    server.words = [(what.number[:3], "涉密")]
    page.renew()
    await page.tasks.settle()
    page.composer.by.setCurrentIndex(1)
    asked_before = len(server.asked)
    await asked(page, "再看看")
    assert page.views[-1].turn.answer == AssistantPolicy().question_reply
    assert page.views[-1].note.isHidden()
    assert len(server.asked) == asked_before


async def test_a_photo_without_a_word_is_for_models_that_see(open_page, tmp_path: Path) -> None:
    server = ShowcaseServer("一块灰色。", models=("看图",))
    server.seeing = ["看图"]
    page = await open_page(server)
    plain = QImage(64, 48, QImage.Format.Format_RGB32)
    plain.fill(Qt.GlobalColor.gray)
    photo = tmp_path / "照片.png"
    assert plain.save(str(photo))
    page.composer.add_files([photo])
    await asked(page, "这是什么？")
    assert page.views[-1].turn.answer == "一块灰色。"
    page.new_talk()
    page.composer.by.setCurrentIndex(0)
    page.composer.add_files([photo])
    await asked(page, "这是什么？")
    assert "没有认出文字" in page.views[-1].problem.text()


@pytest.mark.clause("3.2.6.11.1", "3.2.6.11.6", "3.2.6.11.7")
@pytest.mark.parametrize("check", list(AnswerCheck))
async def test_nothing_forbidden_is_ever_shown(open_page, check: AnswerCheck) -> None:
    server = ShowcaseServer("好的。说到機密項目，如下。")
    server.words = [("机密项目", "涉密")]
    fixed = "请咨询\u3000主管部门。 "
    server.policy = AssistantPolicy(answer_reply=fixed, question_reply="问：" + fixed, check=check)
    page = await open_page(server)
    shown: list[str] = []
    original = page._add_view

    def watched(turn):
        view = original(turn)
        grow = view.answer.grow
        view.answer.grow = lambda text: (shown.append(text), grow(text))
        return view

    page._add_view = watched
    # This stand-in of a server lets it pass; the client's own check does not.
    await asked(page, "介绍一下")
    assert page.views[-1].turn.answer.encode() == fixed.encode()
    assert page.views[-1].answer.toPlainText().strip() == fixed.strip()
    assert not any("項" in text or "項目" in text for text in shown)
    if check is AnswerCheck.WHOLE:
        assert shown == [fixed]
    assert page.views[-1].turn.follow_ups == ()
    asked_before = len(server.asked)
    await asked(page, "说说ji密项目")
    assert page.views[-1].turn.answer == "问：" + fixed
    assert len(server.asked) == asked_before
    assert server.uses == [UseKind.ANSWER_BLOCKED, UseKind.QUESTION_BLOCKED]


@pytest.mark.clause(
    "3.2.6.10.1", "3.2.6.10.2", "3.2.6.10.3", "3.2.6.10.4", "3.2.6.10.5", "3.2.6.10.6"
)  # fmt: skip
async def test_talks_are_kept_found_renamed_continued_and_deleted(open_page, tmp_path: Path) -> None:
    page = await open_page(ShowcaseServer(models=()))
    await asked(page, "抽水泵车有多少台？")
    await asked(page, "由哪个单位负责调度？")
    page.new_talk()
    await asked(page, "公文归档什么时候完成？")
    titles = [page.history.list.item(row).text().split("\n")[0] for row in range(page.history.list.count())]
    assert titles == ["公文归档什么时候完成？", "抽水泵车有多少台？"]
    told = page.history.list.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "2 条问答" in told
    page.history.search.edit.setText("泵车")
    page.history.search.query_changed.emit("泵车")
    await page.tasks.settle()
    assert page.history.list.count() == 1
    page.history.list.itemClicked.emit(page.history.list.item(0))
    await page.tasks.settle()
    assert [view.turn.question for view in page.views] == ["抽水泵车有多少台？", "由哪个单位负责调度？"]
    await asked(page, "什么时候完成检修？")
    assert "11月26日" in page.views[-1].turn.answer

    page.history.rename(page.talk)
    titled = dialog(page, TitleDialog)
    titled.field.setText("泵车调度")
    QTest.mouseClick(titled.go, LEFT)
    await page.tasks.settle()
    assert page.title.text() == "泵车调度"
    target = tmp_path / "对话.md"
    await page.history.export(page.talk, target)
    exported = target.read_text("utf-8")
    assert "规则与摘录生成" in exported
    assert "防汛值守工作群" in exported

    QTest.mouseClick(page.views[1].remove, LEFT)
    page.dialog.accept()
    await page.tasks.settle()
    assert [view.turn.question for view in page.views] == ["抽水泵车有多少台？", "什么时候完成检修？"]
    page.history.remove_talk(page.talk)
    page.dialog.accept()
    await page.tasks.settle()
    assert page.views == []
    page.history.search.edit.clear()
    page.history.search.query_changed.emit("")
    await page.tasks.settle()
    assert page.history.list.count() == 1


@pytest.mark.clause("3.2.6.8.1", "3.2.6.8.2")
async def test_a_suggested_question_and_a_follow_up_are_asked_by_a_click(open_page) -> None:
    server = ShowcaseServer(models=())
    server.policy = AssistantPolicy(starters=["抽水泵车由谁调度？"])
    page = await open_page(server)
    QTest.mouseClick(page.starters[0], LEFT)
    await page.tasks.settle()
    assert "市水利局" in page.views[0].turn.answer
    assert page.start.isHidden()
    follow = page.views[0].turn.follow_ups[0]
    page.views[0].asked.emit(follow)
    await page.tasks.settle()
    assert page.views[1].turn.question == follow


async def test_what_administrators_change_reaches_an_open_page(open_page) -> None:
    page = await open_page(ShowcaseServer(models=("甲", "乙")))
    page.composer.by.setCurrentIndex(2)
    page.server.policy = AssistantPolicy(starters=["本周有哪些会？"])
    page.server.models = ["甲", "乙", "丙"]
    page.renew()
    await page.tasks.settle()
    assert [one.text() for one in page.starters] == ["本周有哪些会？"]
    # What was chosen stays chosen.
    assert page.composer.model == "乙"
    # Not while an answer is being made, and not behind a page that nobody looks at.
    page.server.gate = asyncio.Event()
    typed(page, "调度会什么时候开？")
    await written(page)
    page.server.models = ["丁"]
    page.renew()
    assert page.composer.by.count() == 4
    page.server.gate.set()
    await page.tasks.settle()
    assert page.composer.model == "丁"
    page.hide()
    page.server.models = []
    page.renew()
    await page.tasks.settle()
    assert page.composer.model == "丁"
    page.show()
    await page.tasks.settle()
    assert page.composer.model == ""


@pytest.mark.clause("3.2.6.13")
async def test_an_answer_on_the_screen_goes_when_the_right_to_its_knowledge_base_ends(open_page) -> None:
    class Calls:
        """One document; `given`: whether it may be seen."""

        given = True

        async def search(self, _groups, _question="") -> list[KnowledgePassage]:
            text = "防汛物资存放在城东仓库，共86件。"
            found = KnowledgePassage(document_id="d1", title="物资.docx", base="防汛资料", start=0, text=text)
            return [found] if self.given else []

        async def visible(self, ids) -> set[str]:
            return set(ids) if self.given else set()

        async def text(self, document_id: str) -> KnowledgeText:
            if not self.given:
                raise ApiError(ErrorCode.NOT_FOUND)
            return KnowledgeText(
                id=document_id, title="物资.docx", base="防汛资料", text="防汛物资存放在城东仓库，共86件。"
            )

    page = await open_page(ShowcaseServer(models=()))
    calls = Calls()
    page._service._knowledge = Knowledge(calls)
    page._service._library.messages = []
    history = page._service.history
    kept = history.turns

    async def turns(talk_id: str):
        allowed = await page._service._knowledge.allowed(["k/d1"])
        return [_shown(one, allowed) for one in await kept(talk_id)]

    history.turns = turns
    await asked(page, "防汛物资共有多少件？")
    view = page.views[0]
    assert "86件" in view.turn.answer
    assert view.turn.material == ("k/d1",)
    assert view.turn.marks[0].title == "《物资.docx》 防汛资料"
    view.answer.anchorClicked.emit(QUrl("source:1"))
    await page.tasks.settle()
    passage = dialog(page, PassageDialog)
    assert "城东仓库" in passage.marked
    # It is no message: there is no conversation to go to.
    assert passage.go.isHidden()
    passage.reject()
    calls.given = False
    view.answer.anchorClicked.emit(QUrl("source:1"))
    await page.tasks.settle()
    assert "不再对您可见" in page.toasts.toasts[-1].text.text()
    page.renew()
    await page.tasks.settle()
    assert page.views[0].turn.withheld
    assert "86" not in page.views[0].answer.toPlainText()
    assert page.views[0].turn.follow_ups == ()


@pytest.mark.clause("3.2.6.11.6", "3.2.6.11.7")
async def test_each_kind_of_words_has_its_own_replies(open_page) -> None:
    server = ShowcaseServer("好的。说到機密項目，如下。")
    server.words = [("机密项目", "涉密"), ("翻墙软件", "违规工具")]
    replies = [
        KindReply(kind="涉密", answer=" 密\u00a0答\u3000"),
        KindReply(kind="违规工具", question="勿用。"),
    ]
    server.policy = AssistantPolicy(question_reply="通用问", replies=replies)
    page = await open_page(server)
    for question, reply in (
        ("介绍一下", " 密\u00a0答\u3000"),
        ("fanqiang软件怎么装", "勿用。"),
        ("说说ji密项目", "通用问"),
    ):
        await asked(page, question)
        assert page.views[-1].turn.answer == reply


async def test_who_may_not_sees_why_and_a_lost_server_is_said(open_page) -> None:
    server = ShowcaseServer()
    server.failure = ApiError(ErrorCode.FORBIDDEN, message="没有权限")
    page = await open_page(server)
    assert page._stack.currentIndex() == 0
    assert "没有使用智能助手的权限" in page.closed.text.text()
    server.failure = NetworkError()
    page.entered()
    await page.tasks.settle()
    assert page._stack.currentIndex() == 0
    server.failure = None
    QTest.mouseClick(page.closed.action, LEFT)
    await page.tasks.settle()
    assert page._stack.currentIndex() == 1
    # Known from then on: without the server the local search goes on.
    server.failure = NetworkError()
    page.entered()
    await page.tasks.settle()
    assert page._stack.currentIndex() == 1
    assert page.composer.by.count() == 1
    await asked(page, "抽水泵车有多少台？")
    assert "32台" in page.views[0].turn.answer


@pytest.mark.clause("3.2.6.9.3", "3.2.6.9.4")
async def test_pictures_of_the_chats_stand_beside_the_words_and_lead_to_their_messages(open_page) -> None:
    page = await open_page(ShowcaseServer(models=()))
    await asked(page, "抽水泵车有多少台？")
    view = page.views[0]
    assert "32台" in view.turn.answer
    assert view.pictures is not None
    names = [tile.accessibleName() for tile in view.pictures.tiles]
    assert "图片：城东仓库抽水泵车.jpg" in names
    shown = view.grab().toImage()
    tile = view.pictures.tiles[-1]
    # The picture itself is painted: many colours where a blank tile has a handful.
    place = tile.mapTo(view, tile.rect().topLeft())
    colours = {
        shown.pixel(place.x() + x, place.y() + y)
        for x in range(5, tile.width() - 5, 7)
        for y in range(5, tile.height() - 5, 7)
    }
    assert len(colours) > 20
    places: list[tuple[str, int]] = []
    page.place_wanted.connect(lambda *place: places.append(place))
    QTest.mouseClick(tile, LEFT)
    assert places == [(tile.shown.conversation_id, tile.shown.seq)]
    # What may not be seen any more is gone when the talk is opened again.
    talk = (await page._service.history.talks())[0]
    for key in view.turn.pictures:
        page._service._library.hidden.add(key)
    page.new_talk()
    page.open_talk(talk)
    await page.tasks.settle()
    assert page.views[0].turn.answer == view.turn.answer
    assert page.views[0].pictures is None


@pytest.mark.clause("3.2.6.4.2", "3.2.6.4.3", "3.2.6.4.4", "3.2.6.4.5")
async def test_a_model_is_told_the_day_the_time_who_asks_and_where_he_stands(open_page) -> None:
    page = await open_page(ShowcaseServer())
    page.composer.by.setCurrentIndex(1)
    before = datetime.now()
    await asked(page, "今天还来得及报送吗？")
    after = datetime.now()
    system = str(page.server.asked[-1].messages[0].content)
    assert any(f"{moment:%Y年%m月%d日 %H:%M}" in system for moment in (before, after))
    for known in ("星期", "李强", "副主任", "郑州市/中原区/中原区政府办"):
        assert known in system


@pytest.mark.clause("3.2.6.3.1", "3.2.6.3.2", "3.2.6.3.3", "3.2.6.3.4", "3.2.6.3.5", "3.2.6.3.6")
@pytest.mark.parametrize("ending", ["jpg", "jpeg", "png", "webp"])
async def test_pictures_of_each_format_go_with_the_words_of_the_question(
    open_page, tmp_path: Path, ending: str
) -> None:
    server = ShowcaseServer("图里是一份来文。", models=("看图",))
    server.seeing = ["看图"]
    page = await open_page(server)
    scan = tmp_path / f"来文.{ending}"
    shown = QImage.fromData(picture(letter(4), 4)).scaledToWidth(420)
    assert shown.save(str(scan))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(scan))])
    none, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    page.composer.dropEvent(QDropEvent(QPointF(5, 5), copy, data, LEFT, none))
    await asked(page, "这份来文要求做什么？")
    words, sent = server.asked[-1].messages[-1].content
    assert "这份来文要求做什么？" in words.text
    seen = QImage.fromData(base64.b64decode(sent.image_url.url.partition("base64,")[2]))
    # The same picture, whole.
    assert abs(seen.width() / seen.height() - shown.width() / shown.height()) < 0.02
    assert page.views[0].turn.answer == "图里是一份来文。"
