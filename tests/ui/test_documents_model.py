"""The page 公文 with the organisation's model: chosen, labelled, checked, stopped; and rules where it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.features.documents.service import DocumentService
from app.features.documents.view import DocumentsPage
from app.session.assistant import Heard
from app.session.states import NetworkError
from app.showcase.assistant_service import ShowcaseServer
from app.showcase.documents_service import ShowcaseOutside
from app.showcase.documents_texts import MEETING, NOTICE
from offline_ai.documents.extract import extract_file
from offline_ai.models.origin import Origin
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import ChatRequest, UseKind
from widgets.theme import ThemeManager

LABEL = "由模型生成 · 内容为人工智能生成"
SUMMARY = "各区县主要负责同志任指挥长。[8]\n5月20日前完成隐患排查。[11]"
MAP = "- 责任[7]\n  - 指挥体系[8]\n- 排查[10]\n  - 5月20日前[11]"


class Model(ShowcaseServer):
    """Answers what `answer` says; `fails` is raised after the first words, `blocked`: the server's fixed reply."""

    fails: Exception | None = None
    blocked = ""

    async def chat(self, wanted: ChatRequest) -> AsyncIterator[Heard]:
        if self.blocked:
            self.asked.append(wanted)
            yield Heard(text="说了一点")
            yield Heard(replace=self.blocked, forbidden=True)
            return
        async for one in super().chat(wanted):
            yield one
            if self.fails is not None:
                raise self.fails


@pytest.fixture
async def page(qtbot, tmp_path: Path):
    model = Model(models=("政务大模型",))
    service = DocumentService(tmp_path / "own", ShowcaseOutside(), calls=model)
    made = DocumentsPage(service, ThemeManager(animations=False))
    made.model = model
    made.resize(1302, 768)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    await made.tasks.settle()
    yield made
    await made.close_page()


async def opened(page: DocumentsPage, tmp_path: Path, text: str = NOTICE, *, choose: bool = True) -> None:
    path = tmp_path / "防汛.txt"
    path.write_text(text, encoding="utf-8")
    page.desk.open_files([path])
    await page.tasks.settle()
    if choose:
        page.by.setCurrentIndex(1)


async def made(page: DocumentsPage, tool: str) -> None:
    page.desk.show_tool(tool)
    page.desk.panels[tool].start()
    await page.tasks.settle()


def texts(page: DocumentsPage, tool: str) -> list[str]:
    return [one.text() for one in page.desk.panels[tool].findChildren(QLabel) if not one.isHidden()]


@pytest.mark.clause("3.2.5.2.1", "3.2.5.2.2", "3.2.5.2.3")
async def test_a_chosen_model_writes_summary_map_and_answer_with_places(page, tmp_path) -> None:
    # Nothing goes to a model before somebody chooses one.
    await opened(page, tmp_path, choose=False)
    assert page.by.isVisible()
    await made(page, "summary")
    assert page.model.asked == []
    assert LABEL not in texts(page, "summary")
    page.by.setCurrentIndex(1)
    page.model.answer = SUMMARY
    await made(page, "summary")
    one = page.desk.current
    assert one.summary.origin is Origin.MODEL
    assert LABEL in texts(page, "summary")
    panel = page.desk.panels["summary"]
    card = next(card for card in panel.cards.cards if card.accessibleName().startswith("5月20日"))
    card.pressed.emit()
    start, end = page.desk.text.here
    assert "5月20日前完成河道" in one.document.text[start:end]
    QTest.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert "内容为人工智能生成" in QGuiApplication.clipboard().text()

    page.model.answer = MAP
    await made(page, "mind")
    mind = page.desk.panels["mind"]
    assert {"责任", "指挥体系", "排查", "5月20日前"} <= set(mind.view.texts)
    assert LABEL in texts(page, "mind")
    # The picture says it too: it is taller by the line below the map.
    mind.save_picture(tmp_path / "map.png")
    await page.tasks.settle()
    saved, plain = QImage(str(tmp_path / "map.png")), mind.view.picture()
    assert saved.width() == plain.width()
    assert saved.height() > plain.height()
    foot = saved.copy(0, plain.height(), saved.width(), saved.height() - plain.height())
    ground = foot.pixel(0, 0)
    assert any(foot.pixel(x, foot.height() // 2) != ground for x in range(foot.width()))

    page.desk.show_tool("ask")
    page.model.answer = "市水利局。[1]"
    ask = page.desk.panels["ask"]
    ask.field.setText("河道由谁负责？")
    QTest.keyClick(ask.field, Qt.Key.Key_Return)
    await page.tasks.settle()
    assert LABEL in texts(page, "ask")
    assert "市水利局。[1]" in texts(page, "ask")
    assert "水利局" in ask.talk[0].answer.quotes[0].text
    ask.field.setText("还有谁？")
    QTest.keyClick(ask.field, Qt.Key.Key_Return)
    await page.tasks.settle()
    roles = [one.role for one in page.model.asked[-1].messages]
    assert roles == ["system", "user", "assistant", "user"]


@pytest.mark.clause("3.2.5.2.2")
async def test_a_model_that_fails_is_named_and_rules_stand_in(page, tmp_path) -> None:
    await opened(page, tmp_path)
    page.model.fails = NetworkError("模型服务的连接中途断开。")
    for tool in ("summary", "mind"):
        await made(page, tool)
        found = texts(page, tool)
        assert "规则与摘录生成" in found
        assert "模型没有完成：模型服务的连接中途断开。已改用规则与摘录。" in found
        assert LABEL not in found
    assert page.desk.current.summary.sentences
    # An answer of another form is a failure as well.
    page.model.fails, page.model.answer = None, "```\n```"
    await made(page, "summary")
    assert "模型没有完成：模型没有写出摘要。已改用规则与摘录。" in texts(page, "summary")
    # A right that was taken away.
    page.model.fails = ApiError(ErrorCode.FORBIDDEN, message="您没有使用智能助手的权限。")
    await made(page, "summary")
    assert any("权限" in one for one in texts(page, "summary"))
    asked = len(page.model.asked)
    await made(page, "summary")
    assert len(page.model.asked) == asked


@pytest.mark.clause("3.2.6.11.6", "3.2.6.11.7")
@pytest.mark.parametrize("where", ["document", "answer", "server"])
async def test_a_forbidden_word_leaves_the_fixed_reply_and_nothing_else(page, tmp_path, where) -> None:
    policy = page.model.policy
    page.model.words = [("绝密词", "涉密")]
    await page.desk.service.models()
    page.model.answer = SUMMARY
    if where == "answer":
        page.model.answer = "第一句。[10]\n说到绝 密詞。[13]"
    elif where == "server":
        page.model.blocked = "服务器的固定回复。"
    await opened(page, tmp_path, NOTICE + ("附注：绝·密·词\n" if where == "document" else ""))
    await made(page, "summary")
    reply = {
        "document": policy.question_reply,
        "answer": policy.answer_reply,
        "server": "服务器的固定回复。",
    }[where]
    assert reply in texts(page, "summary")
    assert page.desk.current.summary is None
    assert not any("第一句" in one or "说了一点" in one or LABEL in one for one in texts(page, "summary"))
    # What stands in the document never left this machine.
    assert len(page.model.asked) == (0 if where == "document" else 1)
    expected = {"document": [UseKind.QUESTION_BLOCKED], "answer": [UseKind.ANSWER_BLOCKED], "server": []}
    assert page.model.uses == expected[where]
    await made(page, "mind")
    assert page.desk.panels["mind"].view.texts == []


async def test_a_classified_file_is_never_sent(page, tmp_path) -> None:
    await opened(page, tmp_path, "机密★1年\n" + NOTICE)
    page.model.answer = SUMMARY
    await made(page, "summary")
    assert page.model.asked == []
    assert any("标有密级" in one and "只在本机处理" in one for one in texts(page, "summary"))
    assert "规则与摘录生成" in texts(page, "summary")


async def test_a_model_that_writes_can_be_stopped(page, tmp_path) -> None:
    await opened(page, tmp_path)
    page.model.gate = asyncio.Event()
    page.desk.show_tool("summary")
    page.desk.panels["summary"].start()
    while not page.model.asked:  # noqa: ASYNC110 - the stand-in tells nobody that it was asked
        await asyncio.sleep(0.01)
    QTest.mouseClick(page.progress.cancel, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert page.model.stopped
    assert any("已取消" in toast.text.text() for toast in page.toasts.toasts)
    assert page.desk.current.summary is None


@pytest.mark.clause("3.2.4.4")
async def test_minutes_by_a_model_are_labelled_also_where_they_go(page, tmp_path) -> None:
    await opened(page, tmp_path)
    page.model.answer = json.dumps(
        {
            "chapters": [{"title": "物资", "first": 1, "last": 2}],
            "decisions": [{"text": "同意增购冲锋舟", "from": 2}],
            "actions": [{"text": "拨付经费", "owner": "财政局", "due": "2026-11-30", "from": 2}],
        }
    )
    path = tmp_path / "会.txt"
    path.write_text(MEETING, encoding="utf-8")
    page.show_place("minutes")
    page.minutes.open_transcript(path)
    await page.tasks.settle()
    minutes = page.minutes
    assert minutes.decisions.toPlainText() == "同意增购冲锋舟"
    assert minutes.table.item(0, 1).text() == "郑州市财政局"
    shown = [one.text() for one in minutes.findChildren(QLabel) if one.isVisible()]
    assert LABEL in shown
    minutes.export_to(tmp_path / "纪要.docx")
    await page.tasks.settle()
    assert "由模型生成，请核对后使用。内容为人工智能生成" in extract_file(tmp_path / "纪要.docx").text
    minutes.send_to("c-flood")
    await page.tasks.settle()
    assert "内容为人工智能生成" in page.desk.service.outside.sent[0][1]
    page.model.answer = "我不会。"
    page.minutes.open_transcript(path)
    await page.tasks.settle()
    assert minutes.note.isVisible()
    assert "已改用规则与摘录" in minutes.note.text()
    assert "规则与摘录生成" in [one.text() for one in minutes.findChildren(QLabel) if one.isVisible()]


async def test_without_a_permission_there_is_no_choice(page, tmp_path) -> None:
    page.by.setCurrentIndex(1)
    page.model.failure = ApiError(ErrorCode.FORBIDDEN, message="您没有使用智能助手的权限。")
    page.hide()
    page.show()
    await page.tasks.settle()
    assert not page.by.isVisible()
    assert page.desk.service.model == ""
    await opened(page, tmp_path, choose=False)
    await made(page, "summary")
    assert page.model.asked == []
    assert "规则与摘录生成" in texts(page, "summary")
