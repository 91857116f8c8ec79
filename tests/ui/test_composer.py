"""The composer as a hand and an input method use it: sending, names, emoji, pasting, dropping, drafts, limits."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from widgets.chat.composer import Composer
from widgets.chat.composer_mentions import MentionOption, mention_query, still_named
from widgets.emoji import find
from widgets.theme import ThemeManager

PEOPLE = [
    MentionOption("p-wang", "王建国", "市应急管理局 副局长"),
    MentionOption("p-wangj", "王建", "市水利局"),
    MentionOption("p-zhao", "赵敏", "规划处 处长"),
]
PINYIN = {"p-wang": "wangjianguo", "p-wangj": "wangjian", "p-zhao": "zhaomin"}


def source(query: str) -> list[MentionOption]:
    return [one for one in PEOPLE if one.name.startswith(query) or PINYIN[one.id].startswith(query)]


@pytest.fixture
def page(qtbot):
    page = QWidget()
    column = QVBoxLayout(page)
    column.addStretch(1)
    composer = Composer(ThemeManager(animations=False), page, limit=200)
    composer.set_mention_source(source)
    column.addWidget(composer)
    page.resize(700, 600)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
    composer.focus_text()
    page.sent = []
    composer.submitted.connect(lambda text, ids: page.sent.append((text, ids)))
    return page


@pytest.fixture
def composer(page) -> Composer:
    return page.findChild(Composer)


def compose(composer: Composer, preedit: str, commit: str = "") -> None:
    """What an input method does."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(composer.edit, event)


@pytest.mark.clause("E106")
def test_enter_sends_and_empties_and_ctrl_enter_breaks_the_line(page, composer):
    QTest.keyClicks(composer.edit, "first")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(composer.edit, "second")
    assert page.sent == []
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert page.sent == [("first\nsecond", [])]
    assert composer.text() == ""
    assert composer.edit.hasFocus()


def test_with_the_other_send_key_enter_breaks_the_line(page, composer):
    composer.set_enter_sends(False)
    assert composer.hint.text() == "Ctrl+Enter 发送，Enter 换行"
    QTest.keyClicks(composer.edit, "a")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    QTest.keyClicks(composer.edit, "b")
    assert page.sent == []
    QTest.keyClick(composer.edit, Qt.Key.Key_Enter, Qt.KeyboardModifier.ControlModifier)
    assert page.sent == [("a\nb", [])]


def test_enter_of_an_input_method_does_not_send(page, composer):
    compose(composer, "fang xun")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert page.sent == []
    compose(composer, "", "防汛")
    assert composer.text() == "防汛"
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert page.sent == [("防汛", [])]


def test_nothing_but_blanks_cannot_be_sent(page, composer):
    assert not composer.send.isEnabled()
    QTest.keyClicks(composer.edit, "   ")
    assert not composer.send.isEnabled()
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert page.sent == []


def test_too_much_text_is_said_and_not_sent(page, composer):
    composer.edit.insert("汛" * 205)
    assert composer.hint.text() == "最多 200 字，已超出 5 字。请删减，或改为发送文件。"
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert page.sent == []
    for _ in range(5):
        QTest.keyClick(composer.edit, Qt.Key.Key_Backspace)
    assert composer.hint.text() == "还可输入 0 字"
    QTest.mouseClick(composer.send, Qt.MouseButton.LeftButton)
    assert len(page.sent) == 1


@pytest.mark.clause("E095")
def test_a_colleague_is_named_by_pinyin_and_arrow_keys(page, composer):
    QTest.keyClicks(composer.edit, "@wang")
    names = composer.name_list
    assert names is not None
    assert [one.name for one in names.options] == ["王建国", "王建"]
    assert composer.edit.hasFocus()
    QTest.keyClick(composer.edit, Qt.Key.Key_Down)
    QTest.keyClick(composer.edit, Qt.Key.Key_Up)
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.text() == "@王建国 "
    assert composer.name_list is None
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert page.sent == [("@王建国 ", ["p-wang"])]


def test_a_name_is_taken_by_click(page, composer):
    QTest.keyClicks(composer.edit, "hi @")
    names = composer.name_list
    assert names is not None
    assert len(names.options) == 3
    spot = names.view.visualRect(names.model.index(2)).center()
    QTest.mouseClick(names.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert composer.text() == "hi @赵敏 "
    assert composer.mentions() == ["p-zhao"]


def test_esc_closes_the_names_first_and_then_the_reply(page, composer):
    cleared: list[bool] = []
    composer.reply_cleared.connect(lambda: cleared.append(True))
    composer.set_reply("王建国", "请报送名单")
    QTest.keyClicks(composer.edit, "@")
    assert composer.name_list is not None
    QTest.keyClick(composer.edit, Qt.Key.Key_Escape)
    assert composer.name_list is None
    assert cleared == []
    QTest.keyClick(composer.edit, Qt.Key.Key_Escape)
    assert cleared == [True]
    assert not composer.reply.isVisible()


def test_the_at_button_opens_the_names_and_an_address_does_not(page, composer):
    QTest.keyClicks(composer.edit, "liqiang@zd")
    assert composer.name_list is None
    QTest.mouseClick(composer.at_button, Qt.MouseButton.LeftButton)
    assert composer.text() == "liqiang@zd @"
    assert composer.name_list is not None


def test_rules_of_names():
    assert mention_query("请 @wa", 5) == "wa"
    assert mention_query("a@b", 3) is None
    assert mention_query("@王 建", 4) is None
    assert mention_query("没有", 2) is None
    chosen = {"1": "王建", "2": "王建国"}
    assert still_named("@王建国 好", chosen) == ["2"]
    assert still_named("@王建国 @王建 好", chosen) == ["1", "2"]


@pytest.mark.clause("E097")
def test_emoji_are_found_by_chinese_name_and_remembered(page, composer, qtbot):
    recent: list[list[str]] = []
    composer.recent_emoji_changed.connect(recent.append)
    composer.edit.insert("收到")
    QTest.mouseClick(composer.emoji_button, Qt.MouseButton.LeftButton)
    panel = composer.emoji_popup.content
    qtbot.waitUntil(panel.search.edit.hasFocus)
    panel.search.edit.insert("谢谢")
    qtbot.waitUntil(lambda: bool(panel.grid.emoji) and panel.grid.emoji[0] in find("谢谢"))
    QTest.keyClick(panel.search.edit, Qt.Key.Key_Return)
    chosen = find("谢谢")[0].text
    assert composer.text() == f"收到{chosen}"
    assert recent == [[chosen]]
    assert composer.emoji_popup is None
    QTest.mouseClick(composer.emoji_button, Qt.MouseButton.LeftButton)
    panel = composer.emoji_popup.content
    assert [one.text for one in panel.grid.emoji] == [chosen]
    QTest.mouseClick(panel.grid, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert composer.text() == f"收到{chosen}{chosen}"


def test_every_emoji_has_one_name_and_is_found_by_it():
    from widgets.emoji import EMOJI, GROUPS

    assert sum(len(group) for group in GROUPS.values()) == len(EMOJI)
    for one in EMOJI.values():
        assert one in find(one.name)


@pytest.mark.clause("E106")
def test_pictures_and_files_are_pasted(page, composer, tmp_path: Path):
    pictures: list[QImage] = []
    files: list[list[Path]] = []
    composer.picture_pasted.connect(pictures.append)
    composer.files_brought.connect(files.append)
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert [(one.width(), one.height()) for one in pictures] == [(40, 30)]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "名单.docx"))])
    QGuiApplication.clipboard().setMimeData(data)
    QTest.keyClick(composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert files == [[tmp_path / "名单.docx"]]
    assert composer.text() == ""


def test_formatted_text_is_pasted_plain(page, composer):
    data = QMimeData()
    data.setHtml("<b>粗体</b>")
    data.setText("粗体\r\n第二行")
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    data.setImageData(image)
    QGuiApplication.clipboard().setMimeData(data)
    QTest.keyClick(composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert composer.text() == "粗体\n第二行"


def test_the_input_grows_to_a_third_of_its_page(page, composer, qtbot):
    low = composer.edit.height()
    composer.edit.insert("\n".join("一二三四"))
    assert composer.edit.height() > low
    composer.edit.insert("\n" * 60)
    assert composer.edit.height() == page.height() // 3
    page.resize(700, 480)
    qtbot.waitUntil(lambda: composer.edit.height() == page.height() // 3)
    composer.set_text("")
    assert composer.edit.height() == low


def test_a_draft_is_told_when_typing_rests_and_when_the_input_is_left(page, composer, qtbot):
    drafts: list[str] = []
    composer.draft_changed.connect(drafts.append)
    composer.set_text("旧草稿")
    with qtbot.waitSignal(composer.draft_changed):
        QTest.keyClicks(composer.edit, "abc")
    assert drafts == ["旧草稿abc"]
    QTest.keyClicks(composer.edit, "d")
    QTest.keyClick(composer.edit, Qt.Key.Key_Tab)
    assert drafts[-1] == "旧草稿abcd"
    assert composer.send.hasFocus()
    QTest.keyClick(composer.send, Qt.Key.Key_Space)
    assert drafts[-1] == ""
    assert page.sent == [("旧草稿abcd", [])]


def test_a_closed_input_says_why(page, composer):
    composer.set_disabled_reason("您已退出该群，不能再发送消息。")
    assert composer.closed_line.isVisible()
    assert not composer.edit.isVisible()
    composer.set_disabled_reason("")
    assert composer.edit.isVisible()


def test_everything_has_a_name_for_screen_readers(composer):
    names = [one.accessibleName() for one in composer.buttons]
    assert names == [
        "表情",
        "提醒某人（@）",
        "发送文件",
        "发送图片",
        "截图",
        "语音消息",
        "更多：视频、文件夹、名片、位置…",
    ]
    assert composer.edit.accessibleName() == "消息输入框"
