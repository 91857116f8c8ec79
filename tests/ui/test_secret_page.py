"""The secret pages: masked, held to be read, burning in time, and nothing of it for clipboard, drag, tools or logs."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
from datetime import datetime

import msgspec
import pytest
from bed.waits import until
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.features.chat.list_picker import PeoplePicker
from app.features.secret.head import peer_words
from app.features.secret.view import SecretPage
from app.features.secret.viewer import can_view
from app.features.secret.voice import SecretVoices
from app.secret_desk import SecretDesk
from app.session.secret import Burnt, SecretBody
from app.showcase.chat_pages import nothing_open
from app.showcase.office import MINUTE, NOW_MS
from app.showcase.secret_pages import enter, guard_of, settle
from app.showcase.secret_service import CODE, ShowcaseSecret
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.secret import (
    CaptureReport,
    LeaseReport,
    PeerDevice,
    SecretPicture,
    SecretText,
    Shielding,
)
from widgets.guard import FakeWatcher
from widgets.lists import PersonItem
from widgets.theme import ThemeManager

CANARY = "金丝雀七号文件"


@pytest.fixture
def service():
    return ShowcaseSecret()


@pytest.fixture
def watcher():
    return FakeWatcher()


async def active(window: QWidget) -> None:
    """Wait until the window system has given the window the keyboard."""
    came = asyncio.Event()
    app = QGuiApplication.instance()
    app.focusWindowChanged.connect(came.set)
    window.activateWindow()
    async with asyncio.timeout(20):
        while not window.isActiveWindow():
            came.clear()
            await came.wait()
    app.focusWindowChanged.disconnect(came.set)


@pytest.fixture
async def page(qapp, service, watcher):
    themes = ThemeManager("light", animations=False)
    themes.apply(qapp)
    made = SecretPage(service, guard_of(themes, watcher), themes)
    made.resize(1100, 700)
    made.show()
    await active(made)
    made.start()
    await settle(made)
    yield made
    made.hide()
    await made.close_page()
    made.deleteLater()
    qapp.setStyleSheet("")


async def test_the_page_takes_the_keyboard_and_esc_leads_back(page):
    left: list[bool] = []
    page.left.connect(lambda: left.append(True))
    assert page.isAncestorOf(QApplication.focusWidget())
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert left == [True]


def spoken(root: QWidget) -> str:
    """Everything that an assistive tool, a tooltip or a label could tell."""
    words = []
    for one in [root, *root.findChildren(QWidget)]:
        words += [one.accessibleName(), one.accessibleDescription(), one.toolTip(), one.windowTitle()]
        if isinstance(one, QLabel | QLineEdit):
            words.append(one.text())
    return "\n".join(words)


async def open_standard(page: SecretPage, service: ShowcaseSecret, text: str = CANARY):
    service.put("s-p-zhou", "p-zhou", text)
    await settle(page)
    await enter(page, "s-p-zhou")
    return page.chat.rows[0]


@pytest.mark.clause("3.1.1.2", "3.1.1.7")
async def test_the_list_names_people_and_says_nothing_else_and_the_chat_masks_both(page, service):
    service.put("s-p-zhao", "p-zhao", CANARY)
    await settle(page)
    model = page.list.model
    rows = [model.data(model.index(n), Qt.ItemDataRole.AccessibleTextRole) for n in range(model.rowCount())]
    clock = f"{datetime.fromtimestamp(NOW_MS / 1000):%H:%M}"
    assert rows[1:] == [f"赵敏，消息，未读，{clock}，增强", "周明，消息，已读，周五，标准"]
    assert page.list.count.text() == "密聊 3"
    assert not page.list.search.isEnabled()
    await enter(page, "s-p-zhao")
    assert page.chat.head.name.text() == "＊＊＊"
    inside = spoken(page.chat)
    assert "赵敏" not in inside
    assert CANARY not in inside + "".join(rows)
    assert all(row.face._spec.pixelated and not row.face._spec.name for row in page.chat.rows)


@pytest.mark.clause("3.1.1.5")
async def test_the_timer_starts_with_revealing_and_its_end_takes_the_message_away(page, service):
    row = await open_standard(page, service)
    clock = f"{datetime.fromtimestamp((NOW_MS - MINUTE) / 1000):%H:%M}"
    assert (row.note.text(), service.opened) == (f"{clock} · 未查看", [])
    assert not row.bubble.is_shown
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    assert row.bubble.is_shown
    assert row.note.text() == "30 秒后销毁"
    body = row.bubble.body
    service.clock += 29_000
    page.chat._ticked()
    assert row.note.text() == "1 秒后销毁"
    service.clock += 1_000
    page.chat._ticked()
    assert page.chat.rows == []
    assert body.is_burnt
    with pytest.raises(Burnt):
        body.look()
    assert page.chat.stack.currentWidget() is page.chat.empty


@pytest.mark.clause("3.1.1.9")
async def test_three_levels_announce_and_read_in_their_own_way(page, service):
    lines: list[str] = []
    counts: list[int] = []
    page.announced.connect(lambda: lines.append("收到一条消息"))
    page.unread_changed.connect(counts.append)
    service.put("s-p-zhao", "p-zhao", CANARY)
    await settle(page)
    assert (lines, counts[-1]) == ([], 1)
    service.put("s-p-zhou", "p-zhou", CANARY)
    await settle(page)
    assert (lines, counts[-1]) == (["收到一条消息"], 2)
    service.put("s-p-wang", "p-wang", "第一行\n第二行")
    await settle(page)
    assert (lines, counts[-1]) == (["收到一条消息"], 2)

    # 增强: shows only while held.
    await enter(page, "s-p-zhao")
    await active(page)
    bubble = page.chat.rows[0].bubble
    QTest.mouseClick(bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    assert not bubble.is_shown
    QTest.mousePress(bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    assert bubble.is_shown
    QTest.mouseRelease(bubble, Qt.MouseButton.LeftButton)
    assert not bubble.is_shown

    # 最高: asks for the code each time, and shows line by line.
    page.open_chat("s-p-wang")
    dialog = page.unlock_dialog
    dialog.field.edit.setText("000000")
    dialog.go.click()
    await dialog.tasks.settle()
    assert page.chat.chat_id == ""
    dialog.field.edit.setText(CODE)
    dialog.go.click()
    await dialog.tasks.settle()
    await settle(page)
    assert page.chat.chat_id == "s-p-wang"
    bubble = page.chat.rows[0].bubble
    await active(page)
    QTest.mousePress(bubble, Qt.MouseButton.LeftButton, pos=QPoint(30, 12))
    await settle(page)
    whole = bubble.grab().toImage()
    bubble.hold.move_to(bubble.hold.position + QPoint(0, bubble.theme.line("body")))
    assert bubble.grab().toImage() != whole
    QTest.mouseRelease(bubble, Qt.MouseButton.LeftButton)
    await enter(page, "s-p-zhao")
    page.open_chat("s-p-wang")
    assert page.chat.chat_id == ""
    page.unlock_dialog.reject()


async def test_wrong_codes_lock_the_program(page, service):
    trusted = []
    page.distrusted.connect(lambda: trusted.append(False))
    page.open_chat("s-p-wang")
    dialog = page.unlock_dialog
    for _ in range(3):
        dialog.field.edit.setText("000000")
        dialog.go.click()
        await dialog.tasks.settle()
    assert trusted == [False]


@pytest.mark.clause("3.1.1.6")
async def test_nothing_can_be_copied_dragged_spoken_or_kept(page, service, caplog, qapp):
    caplog.set_level(logging.DEBUG)
    board = QGuiApplication.clipboard()
    board.clear()
    row = await open_standard(page, service)
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    assert row.bubble.is_shown
    # No text control of the toolkit is on the page: each would give its text to the clipboard and to assistive tools.
    assert not page.chat.findChildren(QPlainTextEdit) + page.chat.findChildren(QTextEdit)
    for one in page.chat.findChildren(QLabel):
        assert not one.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    # Double clicks, dragging, Ctrl+A, Ctrl+C, the menu key, printing.
    for target in (row.bubble, page.chat.writing.edit):
        QTest.mouseDClick(target, Qt.MouseButton.LeftButton)
        QTest.mousePress(target, Qt.MouseButton.LeftButton, pos=QPoint(4, 6))
        QTest.mouseMove(target, QPoint(90, 6))
        QTest.mouseRelease(target, Qt.MouseButton.LeftButton, pos=QPoint(90, 6))
        for key in (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_P, Qt.Key.Key_S, Qt.Key.Key_Z):
            QTest.keyClick(target, key, Qt.KeyboardModifier.ControlModifier)
        assert target.contextMenuPolicy() is Qt.ContextMenuPolicy.NoContextMenu
    page.chat.writing.edit.put(CANARY)
    QTest.keyClick(page.chat.writing.edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page.chat.writing.edit, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
        assert CANARY not in board.text(mode)
    assert not [one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not page]
    assert CANARY not in spoken(page)
    # The input method is told nothing of what stands there.
    for query in (
        Qt.InputMethodQuery.ImSurroundingText,
        Qt.InputMethodQuery.ImCurrentSelection,
        Qt.InputMethodQuery.ImTextBeforeCursor,
        Qt.InputMethodQuery.ImTextAfterCursor,
    ):
        assert CANARY not in str(page.chat.writing.edit.inputMethodQuery(query))
    assert CANARY not in caplog.text


async def test_a_body_has_no_text_no_copy_and_no_serial_form():
    body = SecretBody(SecretText(text=CANARY), CANARY.encode())
    for words in (repr(body), str(body), f"{body}", f"{body!r}", repr(body.look().content)):
        assert CANARY not in words
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            way(body)
    with pytest.raises(TypeError):
        msgspec.msgpack.encode(body)
    assert not hasattr(body, "__dict__")
    body.burn()
    assert body.is_burnt


async def test_assistive_tools_are_told_only_while_a_logged_exception_runs(page, service):
    row = await open_standard(page, service)
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    page._lease()
    page.lease_dialog.go.click()
    assert page.lease_dialog.problem.text() == "请填写放行的原因。"
    page.lease_dialog.why.setText("使用读屏软件")
    page.lease_dialog.go.click()
    assert row.bubble.accessibleDescription() == CANARY
    page._lease()
    assert row.bubble.accessibleDescription() == ""
    await settle(page)
    told = [one for one in service.reports if isinstance(one, LeaseReport)]
    assert [(one.why, bool(one.ended_at)) for one in told] == [
        ("使用读屏软件", False),
        ("使用读屏软件", True),
    ]
    assert told[0].id == told[1].id


@pytest.mark.clause("3.1.1.8")
async def test_a_recorder_covers_the_chat_ends_what_was_revealed_and_is_reported(page, service, watcher):
    row = await open_standard(page, service)
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    watcher.begin("one", tool="OBS")
    assert not row.bubble.is_shown
    assert row.bubble.body is None
    await settle(page)
    (report,) = [one for one in service.reports if isinstance(one, CaptureReport)]
    assert (report.chat_id, report.words, report.ended_at) == ("s-p-zhou", "录屏软件 OBS", 0)
    watcher.end("one")
    await settle(page)
    ended = [one for one in service.reports if isinstance(one, CaptureReport)][-1]
    assert ended.id == report.id
    assert ended.ended_at > 0


@pytest.mark.clause("3.1.1.4")
async def test_a_peer_without_permission_is_said_and_the_row_goes_on_confirmation(page, service):
    service.lost.add("p-zhao")
    await enter(page, "s-p-zhao")
    assert page.lost_dialog.windowTitle() == "该用户无密聊权限"
    assert not service.chats["s-p-zhao"].hidden
    page.lost_dialog.accept()
    await settle(page)
    assert service.chats["s-p-zhao"].hidden
    assert [one.chat.id for one in page.list.model.items] == ["s-p-wang", "s-p-zhou"]


@pytest.mark.clause("3.1.1.3")
async def test_clearing_and_removing(page, service):
    await open_standard(page, service)
    page.chat._clear()
    await settle(page)
    assert page.chat.rows == [] == service.messages["s-p-zhou"]
    service.put("s-p-zhou", "p-zhou", CANARY)
    await settle(page)
    page.chat._hide()
    await settle(page)
    assert len(service.messages["s-p-zhou"]) == 1
    assert page.chat.chat_id == ""


async def test_what_is_refused_comes_back_with_the_reason(page, service):
    await enter(page, "s-p-zhou")
    service.refusal = ApiError(ErrorCode.FORBIDDEN, "peer protection", message="对方设备未达到，不能发送。")
    QTest.keyClicks(page.chat.writing.edit, "abc")
    QTest.keyClick(page.chat.writing.edit, Qt.Key.Key_Return)
    await settle(page)
    assert "对方设备未达到" in page.chat.problem.label.text()
    assert page.chat.writing.edit.take() == "abc"
    service.refusal = None
    page.chat.writing.edit.put("好")
    page.chat.writing.send_text()
    await settle(page)
    assert page.chat.writing.edit.is_empty
    assert page.chat.rows[-1].own


async def test_a_revealed_text_closes_when_the_user_turns_to_another_window(page, service):
    """The chat is a part of the window and not the window itself."""
    row = await open_standard(page, service)
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    assert row.bubble.is_shown
    other = QWidget()
    other.show()
    await active(other)
    assert not row.bubble.is_shown
    other.close()
    other.deleteLater()


async def test_leaving_hiding_and_idling_forget_what_was_typed_and_shown(page, service):
    row = await open_standard(page, service)
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    body = row.bubble.body
    page.chat.writing.edit.put(CANARY)
    page._idle.timeout.emit()
    assert body.is_burnt
    assert page.chat.chat_id == ""
    assert page.chat.writing.edit.is_empty
    await settle(page)
    await enter(page, "s-p-zhou")
    page.chat.writing.edit.put(CANARY)
    page.hide()
    assert page.chat.chat_id == ""
    assert page.chat.writing.edit.is_empty
    assert page.chat.rows == []


async def test_the_input_takes_chinese_and_moves_by_what_the_user_sees(page, service):
    await enter(page, "s-p-zhou")
    edit = page.chat.writing.edit
    edit.setFocus()
    event = QInputMethodEvent("zhong", [])
    QApplication.sendEvent(edit, event)
    assert edit.is_empty
    event = QInputMethodEvent()
    event.setCommitString("中👨‍👩‍👧文")
    QApplication.sendEvent(edit, event)
    QTest.keyClick(edit, Qt.Key.Key_Left)
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    QTest.keyClick(edit, Qt.Key.Key_End)
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QGuiApplication.clipboard().setText("粘贴\u0000进来")
    QTest.keyClick(edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert edit.take() == "中文\n粘贴进来"


async def test_pictures_and_files_are_seen_from_memory_and_the_viewer_ends_with_the_message(
    page, service, tmp_path
):
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    file = tmp_path / "a.png"
    image.save(str(file))
    await enter(page, "s-p-zhou")
    page.chat.writing.send_file(file)
    await settle(page)
    content, data = service.contents[service.messages["s-p-zhou"][0].client_id]
    assert content == SecretPicture(width=60, height=40, size=len(data))
    page.chat.writing.send_file(tmp_path / "secret.docx")
    assert "只支持图片、PDF 和文本" in page.chat.problem.label.text()
    assert can_view("A.PDF")
    message = service.put("s-p-zhou", "p-zhou", content, data)
    await settle(page)
    row = next(one for one in page.chat.rows if one.message.seq == message.seq)
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    viewer = page.chat.viewer
    assert viewer is not None
    assert viewer.pages._pages[0].width() == 60
    service.clock += 30_000
    page.chat._ticked()
    assert page.chat.viewer is None
    assert page.chat._guard.is_registered(viewer) is False


class Tape:
    """A microphone that heard something, and a loudspeaker that remembers what it played."""

    def __init__(self) -> None:
        self.data, self.duration_ms = b"RIFF-of-a-voice", 2300
        self.played: list[bytes] = []
        self.playing = self.open = False

    def start(self, level, ended):
        self.open = True
        level(0.5, 1200)

    def cancel(self):
        self.open = False

    def play(self, data, media_type, at, moved, ended):
        self.playing = True
        self.played.append(data)


class Microphone(Tape):
    def stop(self):
        self.open = False
        return self


class Loudspeaker(Tape):
    def stop(self):
        self.playing = False
        return 0.0


async def test_a_voice_is_spoken_and_heard_in_memory_and_ends_with_its_message(qapp, service):
    themes = ThemeManager("light", animations=False)
    microphone, loudspeaker = Microphone(), Loudspeaker()
    page = SecretPage(service, guard_of(themes), themes, voices=SecretVoices(microphone, loudspeaker))
    page.resize(1000, 700)
    page.show()
    page.start()
    await settle(page)
    await enter(page, "s-p-zhou")
    page.chat.writing.mic.click()
    assert microphone.open
    assert "正在录音 1 秒" in page.chat.writing.edit._hint or "正在录音 0 秒" in page.chat.writing.edit._hint
    page.chat.writing.mic.click()
    await settle(page)
    (message,) = service.messages["s-p-zhou"]
    content, data = service.contents[message.client_id]
    assert (content.duration_ms, data) == (2300, b"RIFF-of-a-voice")
    heard = service.put("s-p-zhou", "p-zhou", content, data)
    await settle(page)
    bubble = next(row.bubble for row in page.chat.rows if row.message.seq == heard.seq)
    QTest.mouseClick(bubble, Qt.MouseButton.LeftButton)
    await settle(page)
    QTest.mouseClick(bubble, Qt.MouseButton.LeftButton)
    assert loudspeaker.played == [b"RIFF-of-a-voice"]
    assert loudspeaker.playing
    service.clock += 30_000
    page.chat._ticked()
    assert not loudspeaker.playing
    # Leaving in the middle of a recording forgets it.
    page.chat.writing.mic.click()
    page.hide()
    assert not microphone.open
    assert len(service.messages["s-p-zhou"]) == 2
    await page.close_page()
    page.deleteLater()


@pytest.mark.clause("3.1.1.1", "3.1.1.10")
async def test_the_entries_show_only_with_the_permission_of_both(qapp, qtbot, service, watcher, tmp_path):
    themes = ThemeManager("light", animations=False)
    host = await nothing_open(themes, tmp_path)
    qtbot.addWidget(host)
    desk = SecretDesk(service, themes, lambda: guard_of(themes, watcher))
    service.allowed = False
    desk.attach(host)
    await desk.tasks.settle()
    assert host.list.secret.isHidden()
    service.allow(True)
    await desk.tasks.settle()
    assert not host.list.secret.isHidden()
    host.open("c-zhao")
    await desk.tasks.settle()
    assert not host.secret_tool.isHidden()
    peer = host.current_peer
    service.lost.add(peer)
    service.allow(True)
    await desk.tasks.settle()
    assert host.secret_tool.isHidden()
    host.secret_wanted.emit("")
    await settle(desk.page)
    assert desk.page.isVisibleTo(host)
    assert host.split.isHidden()
    service.allow(False)
    assert not desk.page.isVisibleTo(host)
    assert host.list.secret.isHidden()
    await desk.close()
    await host.close_page()


@pytest.mark.clause("3.1.1.1")
async def test_whom_to_begin_with_is_chosen_as_everywhere_and_without_the_permission_is_told(
    qapp, qtbot, service, watcher, tmp_path
):
    themes = ThemeManager("light", animations=False)
    host = await nothing_open(themes, tmp_path)
    qtbot.addWidget(host)
    desk = SecretDesk(service, themes, lambda: guard_of(themes, watcher))
    desk.attach(host)
    host.secret_wanted.emit("")
    await settle(desk.page)
    service.lost.add("p-zhao")
    desk.page.nothing.action.click()
    picker = await until(lambda: host.window().findChild(PeoplePicker))
    await picker.tasks.settle()
    shown = [picker.model.item(picker.model.index(row, 0)) for row in range(picker.model.rowCount())]
    people = {one.id for one in shown if isinstance(one, PersonItem)}
    # Those one talks with, of them only such as may; persons alone, without a box to tick.
    assert "p-sun" in people
    assert not {"p-zhao", service.me.id} & people
    assert all(one.checked is None for one in shown if isinstance(one, PersonItem))
    # Whoever is searched for and may not is told where he was chosen, and another can be chosen at once.
    picker.search.edit.setText("赵敏")
    QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
    await until(lambda: not picker.notice.isHidden())
    assert picker.notice.label.text() == "该用户无密聊权限，请选择其他同事。"
    picker.search.edit.setText("sunlihua")
    QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
    await until(lambda: desk.page.chat.chat_id == "s-p-sun")
    await settle(desk.page)
    await desk.close()
    await host.close_page()


@pytest.mark.parametrize(
    ("devices", "needs", "expected"),
    [
        ([], "none", ("对方防护未知", "neutral")),
        ([("excluded", "Windows 防截屏", True)], "requested", ("对方 Windows 防截屏", "neutral")),
        (
            [("excluded", "Windows 防截屏", True), ("detecting", "X11 录屏检测", True)],
            "requested",
            ("对方 X11 录屏检测", "bad"),
        ),
        ([("excluded", "Windows 防截屏", False)], "none", ("对方 Windows 防截屏（离线）", "neutral")),
    ],
)
def test_the_sender_sees_the_weakest_protection_that_the_other_side_really_has(devices, needs, expected):
    made = [
        PeerDevice(shielding=Shielding(protection=level, words=words), online=online)
        for level, words, online in devices
    ]
    assert peer_words(made, needs)[:2] == expected
