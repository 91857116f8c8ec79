"""The page 公文 with its real engines in their process: open, summarise, map, ask, check, proofread, export, cancel."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bed.letters import letter, picture
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from app.features.documents.mind import MindPanel
from app.features.documents.minutes import ChatDialog
from app.features.documents.proof import ProofPanel
from app.features.documents.service import ChatTarget, DocumentService
from app.features.documents.view import DocumentsPage
from app.features.documents.words import WordsPanel
from app.showcase.documents_service import ShowcaseOutside
from app.showcase.documents_texts import LEAVE, MEETING, NOTICE
from offline_ai.documents.extract import extract_file
from offline_ai.sensitive.lists import SensitiveWord
from widgets.theme import ThemeManager

SIZE = (1302, 768)


@pytest.fixture
async def page(qtbot, tmp_path):
    outside = ShowcaseOutside()
    made = DocumentsPage(DocumentService(tmp_path / "own", outside), ThemeManager(animations=False))
    made.outside = outside
    made.resize(*SIZE)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    await made.close_page()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = []
    for name, text in (("请假.txt", LEAVE), ("防汛.txt", NOTICE)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        made.append(path)
    return made


def told(page: DocumentsPage) -> list[str]:
    return [toast.text.text() for toast in page.toasts.toasts]


async def opened(page: DocumentsPage, files: list[Path], tool: str) -> None:
    page.desk.open_files(files)
    await page.tasks.settle()
    page.desk.show_tool(tool)


@pytest.mark.clause("3.2.5.2.1", "3.2.5.2.2")
async def test_files_are_dropped_summarised_and_mapped(page, files, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    drop = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.desk.dropEvent(drop)
    await page.tasks.settle()
    desk = page.desk
    assert [desk.list.item(row).text() for row in range(2)] == ["请假.txt", "防汛.txt"]
    assert desk.current.name == "防汛.txt"
    assert "关于切实做好2026年防汛工作的通知" in desk.text.toPlainText()
    assert desk.tree.topLevelItem(0).text(0) == "一、压实防汛责任"

    summary = desk.panels["summary"]
    QTest.mouseClick(summary.empty.action, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    first = desk.current.summary
    assert first.sentences
    QTest.mouseClick(summary.again, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert desk.current.summary.text != first.text
    QTest.mouseClick(summary.copy, Qt.MouseButton.LeftButton)
    assert "规则与摘录生成" in QGuiApplication.clipboard().text()
    card = next(one for one in summary.cards.cards if one.accessibleName())
    card.pressed.emit()
    start, end = desk.text.here
    assert desk.current.document.text[start:end] == card.accessibleName()

    desk.show_tool("mind")
    panel = desk.panels["mind"]
    assert isinstance(panel, MindPanel)
    QTest.mouseClick(panel.empty.action, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    texts = panel.view.texts
    assert "一、压实防汛责任" in texts
    before = panel.view.percent
    QTest.mouseClick(panel.larger, Qt.MouseButton.LeftButton)
    assert panel.view.percent > before
    QTest.mouseClick(panel.smaller, Qt.MouseButton.LeftButton)
    assert panel.view.percent == before
    target = tmp_path / "map.png"
    panel.save_picture(target)
    await page.tasks.settle()
    image = QImage(str(target))
    assert image.width() > 600
    assert "脑图已存为图片" in told(page)
    full = panel.open_full()
    assert full.isFullScreen()
    assert full.view.texts == texts
    full.close()
    QTest.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert panel.view.texts != texts
    panel.view.toggle((0,))
    panel.view.toggle((0,))


@pytest.mark.clause("3.2.5.2.3", "3.2.5.2.5")
async def test_several_files_are_asked_and_the_source_jumps(page, files):
    await opened(page, files, "ask")
    desk, panel = page.desk, page.desk.panels["ask"]
    panel.field.setText("三天以上请假由谁审批？")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert not panel.field.isEnabled()
    await page.tasks.settle()
    assert panel.field.isEnabled()
    quote = panel.talk[0].answer.quotes[0]
    assert "分管领导" in quote.text
    card = next(one for one in panel.cards.cards if one.accessibleName() == quote.text)
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert desk.current.name == "请假.txt"
    assert desk.text.here == (quote.start, quote.end)
    desk.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    panel.field.setText("三天以上请假由谁审批？")
    QTest.mouseClick(panel.go, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert not any("分管领导" in one.text for one in panel.talk[1].answer.quotes)
    QTest.mouseClick(panel.clear, Qt.MouseButton.LeftButton)
    assert panel.talk == []

    desk.show_tool("facts")
    facts = desk.panels["facts"]
    QTest.mouseClick(facts.empty.action, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    found = {one.name: one.value for one in desk.files["d2"].elements}
    assert found["来文单位"] == "郑州市人民政府办公厅"
    assert desk.files["d1"].elements is None
    assert any("文号" in one.accessibleName() for one in facts.cards.cards)


@pytest.mark.clause("3.2.5.2.4")
async def test_sensitive_words_are_found_and_the_list_is_edited(page, files, tmp_path):
    await opened(page, files, "words")
    desk, panel = page.desk, page.desk.panels["words"]
    assert isinstance(panel, WordsPanel)
    QTest.mouseClick(panel.empty.action, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert {hit.found for hit in desk.current.hits} == {"绝对不会", "万无一失", "13812345678"}
    assert len(panel.marks()) == 3
    QTest.mouseClick(panel.list, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    dialog = panel.dialog
    path = tmp_path / "words.csv"
    path.write_text("冲锋舟,装备,写全称\n万无一失,重复,x\n", encoding="utf-8")
    await dialog.import_file(path)
    assert dialog.words()[-1] == SensitiveWord("冲锋舟", "装备", "写全称")
    path.write_text("，,类\n", encoding="utf-8")
    await dialog.import_file(path)
    assert "第 1 行" in dialog.wrong.text()
    dialog.store()
    await page.tasks.settle()
    QTest.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert "冲锋舟" in {hit.found for hit in desk.current.hits}
    again = DocumentService(tmp_path / "own", page.outside)
    assert SensitiveWord("冲锋舟", "装备", "写全称") in await again.words()
    await again.close()


@pytest.mark.clause("3.2.5.2.6")
async def test_findings_are_accepted_set_aside_exported_and_run_again(page, files, tmp_path):
    await opened(page, files, "proof")
    desk, panel = page.desk, page.desk.panels["proof"]
    assert isinstance(panel, ProofPanel)
    QTest.mouseClick(panel.empty.action, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    one = desk.current
    rules = {finding.rule.id for finding in one.waiting()}
    assert {"F1", "F2", "B2", "B9", "B10", "B15", "D1", "D7", "N2", "N3", "N6", "P1", "C3", "C5"} <= rules
    assert {item.rule.id for item in one.report.unchecked} == {"P4", "P5", "P6", "P7", "C6"}
    count = len(one.waiting())
    first = next(finding for finding in one.waiting() if finding.rule.id == "B2")
    panel.accept(first)
    relative = next(finding for finding in one.waiting() if finding.rule.id == "C5")
    panel.ask_ignore(relative)
    panel.dialog.reason.setText("上级要求保留")
    panel.dialog.accept()
    assert one.ignored[relative.key] == "上级要求保留"
    assert len(one.waiting()) == count - 2
    QTest.mouseClick(panel.accept_all, Qt.MouseButton.LeftButton)
    assert not any(finding.mechanical for finding in one.waiting())
    target = tmp_path / "改.docx"
    panel.export(False, target)
    await page.tasks.settle()
    text = extract_file(target).text
    assert "郑政办〔2026〕12号" in text
    assert "各区县（市）人民政府，市人民政府各部门：" in text
    assert "今年" in text
    panel.export(True, tmp_path / "批.docx")
    await page.tasks.settle()
    assert extract_file(tmp_path / "批.docx").text == one.document.text
    panel.material.setCurrentIndex(panel.material.findData("d1"))
    panel.material.activated.emit(panel.material.currentIndex())
    await page.tasks.settle()
    assert "C6" not in {item.rule.id for item in one.report.unchecked}
    QTest.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert relative.key in one.ignored
    assert first.key in one.accepted


@pytest.mark.clause("3.2.5.2.7")
async def test_a_scan_fills_the_form_and_each_field_shows_its_place(page, tmp_path):
    page.show_place("receive")
    what = letter(3)
    path = tmp_path / "scan.png"
    path.write_bytes(picture(what, 3))
    page.receive.open_scan(path)
    assert page.progress.isVisible()
    await page.tasks.settle()
    assert not page.progress.isVisible()
    form = dict(page.receive.values())
    assert form["来文单位"] == what.sender
    assert form["文号"] == what.number
    page.receive.fields["文号"].setFocus()
    box = page.receive.canvas.box
    assert box is not None
    assert page.receive.canvas.picture_rect().intersects(page.receive.canvas.box_rect())
    page.receive.fields["备注"].setText("=1+1")
    book = tmp_path / "登记.xlsx"
    for _ in range(2):
        page.receive.register_to(book)
        await page.tasks.settle()
    rows = [block.text for block in extract_file(book).blocks if block.kind == "row"]
    assert len(rows) == 3
    assert what.number in rows[1]


@pytest.mark.clause("3.2.4.4")
async def test_minutes_are_edited_exported_and_sent(page, tmp_path):
    page.show_place("minutes")
    assert "没有接入语音识别" in page.minutes.speech.label.text()
    path = tmp_path / "会.txt"
    path.write_text(MEETING, encoding="utf-8")
    page.minutes.open_transcript(path)
    await page.tasks.settle()
    minutes = page.minutes
    assert minutes.title.text() == "防汛工作调度会"
    owners = [minutes.table.item(row, 1).text() for row in range(minutes.table.rowCount())]
    assert "郑州市财政局" in owners
    minutes.title.setText("防汛调度会纪要")
    minutes.chapters.appendPlainText("补充的一个议题")
    minutes.table.item(0, 1).setText("水利局")
    minutes.export_to(tmp_path / "纪要.docx")
    await page.tasks.settle()
    text = extract_file(tmp_path / "纪要.docx").text
    assert "防汛调度会纪要" in text
    assert "补充的一个议题" in text
    assert "水利局" in text
    QTest.mouseClick(minutes.send, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert minutes.dialog.list.count() == 3
    minutes.dialog.accept()
    await page.tasks.settle()
    assert page.outside.sent[0][0] == "c-flood"
    assert "水利局：" in page.outside.sent[0][1]


async def test_minutes_show_the_time_of_the_day_that_a_record_tells(page, tmp_path):
    page.show_place("minutes")
    path = tmp_path / "会.txt"
    path.write_text(
        "主持人 王建国 09:00:05\n同志们，现在开会，研究防汛工作。\n赵敏 00:02:10\n好的，没有问题。\n",
        encoding="utf-8",
    )
    page.minutes.open_transcript(path)
    await page.tasks.settle()
    assert shown(page.minutes.said, "王建国")
    assert shown(page.minutes.said, "09:00:05")
    assert shown(page.minutes.said, "02:10")


@pytest.mark.clause("3.2.4.2", "3.2.4.3")
async def test_a_long_meeting_is_gone_through_by_chapter_by_speaker_and_by_word(page, tmp_path, qtbot):
    page.show_place("minutes")
    page.show()
    lines = ["防汛工作调度会", "主持人 00:00:05", "今天的议题是水库调度，首先请水利局汇报。"]
    for minute in range(1, 40):
        lines += [
            f"{'张建国' if minute % 2 else '李敏'} 00:{minute:02}:00",
            f"第{minute}个水库的水位都在汛限以下。",
        ]
    lines += [
        "主持人 00:40:00",
        "下面进入第二个议题，讨论值班值守。",
        "王强 00:41:00",
        "值班表明天下班前报送。",
    ]
    path = tmp_path / "长会.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    page.minutes.open_transcript(path)
    await page.tasks.settle()
    said = page.minutes.said
    second = next(
        said.contents.item(row)
        for row in range(said.contents.count())
        if "值班值守" in said.contents.item(row).text()
    )
    assert second.text().startswith("40:00")
    # The contents lead to where the chapter begins.
    QTest.mouseClick(
        said.contents.viewport(),
        Qt.MouseButton.LeftButton,
        pos=said.contents.visualItemRect(second).center(),
    )
    chapter = said._cards[40]
    qtbot.waitUntil(lambda: not chapter.visibleRegion().isEmpty())
    assert shown(chapter, "下面进入第二个议题，讨论值班值守。")
    assert chapter.hasFocus()
    # One speaker alone, then a word of what he said, then the statement among the others.
    key, place, _ = next(one for one in said.speakers.places() if one[0] == "张建国")
    assert key
    QTest.mouseClick(said.speakers, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert len(said.shown()) == 20
    assert {said._said[at].speaker for at in said.shown()} == {"张建国"}
    said.search.edit.setText("第39个")
    said.search.submitted.emit("")
    qtbot.waitUntil(lambda: said.shown() == [39] and list(said._cards) == [39])
    QTest.mouseClick(said._cards[39], Qt.MouseButton.LeftButton)
    assert len(said.shown()) == 42
    assert said.speakers.current == ""
    assert said._cards[39].hasFocus()
    assert shown(said._cards[39], "39:00")
    # Nothing found says so.
    said.search.edit.setText("没有人说过")
    qtbot.waitUntil(lambda: said.shown() == [])
    qtbot.waitUntil(lambda: not said._cards)


def shown(widget, text: str) -> bool:
    """Whether a label below `widget` says exactly this."""
    return any(one.text() == text for one in widget.findChildren(QLabel))


async def test_work_can_be_cancelled_and_what_cannot_be_read_says_why(page, tmp_path, files):
    scan = tmp_path / "scan.png"
    scan.write_bytes(picture(letter(2), 2))
    page.receive.open_scan(scan)
    while not page.desk.service._engine._turn.locked():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    QTest.mouseClick(page.progress.cancel, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert "已取消识别来文" in told(page)
    broken = tmp_path / "坏.docx"
    broken.write_bytes(b"PK\x03\x04xx")
    strange = tmp_path / "a.exe"
    strange.write_bytes(b"MZ")
    page.desk.open_files([broken, strange])
    await page.tasks.settle()
    assert any("文件已经损坏" in text for text in told(page))
    assert any("a.exe" in text for text in told(page))
    page.desk.open_files(files)
    await page.tasks.settle()
    assert len(page.desk.files) == 2
    page.desk.close_current()
    page.desk.close_current()
    assert page.desk.stack.currentWidget() is page.desk.nothing


def test_an_empty_list_of_conversations_says_why(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    host.show()
    themes = ThemeManager(animations=False)
    dialog = ChatDialog(themes, [], host)
    dialog.open()
    assert dialog.nothing.label.isVisible()
    assert "还没有会话" in dialog.nothing.label.text()
    assert not dialog.go.isEnabled()
    dialog.reject()
    dialog = ChatDialog(themes, [ChatTarget("a", "防汛群")], host)
    dialog.open()
    assert not dialog.nothing.label.isVisible()
    dialog.search.edit.setText("教育")
    dialog.search.query_changed.emit("教育")
    assert dialog.nothing.label.isVisible()
    assert "没有找到" in dialog.nothing.label.text()
    dialog.reject()
