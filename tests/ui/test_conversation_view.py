"""The open conversation over a service in memory: what a clerk does reaches the service, and the store's answer is shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from bed.waits import until
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from app.features.chat.conversation_menu import Situation, can_recall, entries_of
from app.features.chat.conversation_receipts import ReceiptDialog
from app.features.chat.conversation_rows import UNREAD_KEY, Speeds, file_box
from app.features.chat.conversation_view import ConversationView
from app.features.chat.times import line_time
from app.preferences import Preferences
from app.session.presence import TypingNotice
from app.session.states import NetworkError
from app.showcase import chats
from app.showcase.chat_service import ShowcaseChat
from app.showcase.office import MINUTE, NOW_MS
from app.store.records import Draft, MessageState, TransferState
from server_stub.contract.content import ImageContent, Quote, SystemContent, TextContent
from widgets.chat.laid import PartKind
from widgets.chat.rows import FileBox, RowKind, RowState
from widgets.theme import ThemeManager
from widgets.viewer import PictureViewer

FLOOD = chats.FLOOD


@pytest.fixture
async def chat():
    return ShowcaseChat(auto_ack=False)


@pytest.fixture
def given() -> list[QUrl]:
    """Addresses that were handed to the system's programs."""
    return []


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "preferences.json")


@pytest.fixture
async def make(qtbot, preferences, chat, given):
    views: list[ConversationView] = []

    def build(service: ShowcaseChat | None = None) -> ConversationView:
        made = ConversationView(
            service or chat,
            ThemeManager(animations=False),
            preferences,
            opener=lambda url: given.append(url) is None,
        )
        views.append(made)
        made.resize(760, 720)
        made.show()
        made.activateWindow()
        qtbot.waitExposed(made)
        return made

    yield build
    for view in views:
        await view.finish()
        view.close()
        view.deleteLater()


async def opened(view: ConversationView, conversation_id: str, seq: int = 0) -> ConversationView:
    view.open(conversation_id, seq)
    await view.tasks.settle()
    return view


def row_of(view: ConversationView, key: str):
    return view.list.rows[view.list.store.place(key)]


def calls(chat: ShowcaseChat, name: str) -> list[tuple[object, ...]]:
    return [arguments for called, arguments in chat.calls if called == name]


def write(view: ConversationView, text: str) -> None:
    view.composer.focus_text()
    QTest.keyClicks(view.composer.edit, text)


# Opening.


@pytest.mark.clause("E090", "E096", "E105")
async def test_a_group_opens_at_what_is_new_with_its_lines_and_marks(make):
    view = await opened(make(), FLOOD)
    kinds = [row.kind for row in view.list.rows]
    assert {
        RowKind.DATE,
        RowKind.UNREAD,
        RowKind.SYSTEM,
        RowKind.RECALLED,
        RowKind.FILE,
        RowKind.PICTURE,
    } <= set(kinds)
    place = view.list.store.place(UNREAD_KEY)
    assert view.list.rows[place + 1].key == "c-flood-8"
    assert place in view.list.visible_places()
    assert view.head.title.text() == "城区防汛调度工作群"
    assert view.head.note.text() == "86 人"
    assert view.strip.isVisible()
    own = row_of(view, "c-flood-7")
    assert (own.mark, own.mark_opens) == ("6 人已读", True)
    assert row_of(view, "c-flood-4").text == "郑涛撤回了一条消息"
    assert row_of(view, "u-2").state is RowState.FAILED


async def test_date_lines_stand_where_time_passed(make):
    view = await opened(make(), "c-zhao")
    dates = [row.text for row in view.list.rows if row.kind is RowKind.DATE]
    assert dates == [line_time(NOW_MS - 120 * MINUTE, NOW_MS), line_time(NOW_MS - 11 * MINUTE, NOW_MS)]
    assert view.head.note.text() == "在线"
    assert not row_of(view, "c-zhao-1").author


async def test_a_conversation_opens_at_a_message(make, chat):
    for n in range(300):
        chat.receive("c-zhao", "p-zhao", str(n))
    view = await opened(make(), "c-zhao", 40)
    key = chat.messages["c-zhao"][39].client_id
    assert view.list.store.place(key) in view.list.visible_places()
    assert view.list.has_newer
    assert view.list.jump.isVisible()
    QTest.mouseClick(view.list.jump, Qt.MouseButton.LeftButton)
    await until(lambda: not view.list.has_newer and view.list.at_bottom)


async def test_older_messages_come_when_scrolled_up(make, chat):
    for n in range(200):
        chat.receive("c-zhao", "p-zhao", str(n))
    view = await opened(make(), "c-zhao")
    view.list.go_to_newest()
    await until(lambda: view.list.at_bottom and not view.list.has_newer)
    held = len(view.list.rows)
    view.list.verticalScrollBar().setValue(0)
    await until(lambda: len(view.list.rows) > held)


async def test_an_empty_conversation_says_what_to_do(make):
    view = await opened(make(), "c-feng")
    assert view.stack.currentWidget() is view.quiet
    write(view, "hello")
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await until(lambda: view.stack.currentWidget() is view.list)


async def test_a_failed_opening_offers_another_try(make, chat, monkeypatch):
    view = make()

    async def offline(_ids=None):
        raise NetworkError(detail="ConnectError")

    with monkeypatch.context() as patch:
        patch.setattr(chat, "overview", offline)
        await opened(view, FLOOD)
    assert view.stack.currentWidget() is view.failed
    assert not view.composer.isVisible()
    QTest.mouseClick(view.failed.action, Qt.MouseButton.LeftButton)
    await view.tasks.settle()
    assert view.stack.currentWidget() is view.list


async def test_a_slow_opening_shows_where_messages_will_be(make, chat, monkeypatch):
    import asyncio

    view, newest, gate = make(), chat.newest, asyncio.Event()

    async def slow(conversation_id: str, limit: int):
        await gate.wait()
        return await newest(conversation_id, limit)

    monkeypatch.setattr(chat, "newest", slow)
    view.open(FLOOD)
    await until(lambda: view.stack.currentWidget() is view.skeleton)
    gate.set()
    await until(lambda: view.stack.currentWidget() is view.list)
    await view.tasks.settle()


async def test_what_is_typed_while_the_next_one_opens_belongs_to_it(make, chat, monkeypatch):
    import asyncio

    view, newest, gate = await opened(make(), "c-zhao"), chat.newest, asyncio.Event()

    async def slow(conversation_id: str, limit: int):
        await gate.wait()
        return await newest(conversation_id, limit)

    monkeypatch.setattr(chat, "newest", slow)
    view.open("c-zhou")
    assert view.stack.currentWidget() is view.list
    write(view, "early")
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await until(lambda: view.stack.currentWidget() is view.skeleton)
    write(view, "half")
    gate.set()
    await view.tasks.settle()
    assert calls(chat, "send_text")[0][:2] == ("c-zhou", "early")
    assert view.composer.text() == "half"
    await until(lambda: view.list.rows[-1].text == "early")


async def test_at_midnight_today_becomes_yesterday(make, chat, monkeypatch):
    now, day = [NOW_MS], 24 * 60 * MINUTE
    monkeypatch.setattr(chat, "now_ms", lambda: now[0])
    view = await opened(make(), "c-zhao")
    now[0] += day
    view._midnight.timeout.emit()
    dates = [row.text for row in view.list.rows if row.kind is RowKind.DATE]
    assert dates[-1] == line_time(NOW_MS - 11 * MINUTE, NOW_MS + day)
    assert dates[-1].startswith("昨天")


async def test_only_the_last_of_two_quick_choices_is_shown(make):
    view = make()
    view.open(FLOOD)
    view.open("c-zhao")
    await view.tasks.settle()
    assert view.feed is not None
    assert view.feed.conversation_id == "c-zhao"
    assert view.head.title.text() == "赵敏"
    assert all(not row.key.startswith("c-flood") for row in view.list.rows)


async def test_where_nothing_may_be_written_it_says_why(make, chat):
    view = await opened(make(), "c-notice")
    assert view.composer.closed_line.label.text() == "这里只接收通知，不能回复。"
    await opened(view, FLOOD)
    assert view.composer.body.isVisible()
    await chat.leave(FLOOD)
    await until(lambda: not view.composer.body.isVisible())


async def test_somebody_is_typing(make, chat, monkeypatch):
    told = []
    monkeypatch.setattr(
        chat, "on_typing", lambda listener: (told.append(listener), chat.listen(lambda _c: None))[1]
    )
    view = await opened(make(), FLOOD)
    told[0](TypingNotice("c-zhao", "p-zhao"))
    assert view.head.note.text() == "86 人"
    told[0](TypingNotice(FLOOD, "p-wang"))
    assert view.head.note.text() == "王建国正在输入…"


# Reading.


@pytest.mark.clause("E105")
async def test_what_was_seen_is_marked_read_when_the_window_is_active(make, chat):
    view = make()
    await until(view.isActiveWindow)
    await opened(view, FLOOD)
    await until(lambda: calls(chat, "mark_read") == [(FLOOD, 10)])
    new = chat.receive(FLOOD, "p-wang", "第二条通知")
    await until(lambda: calls(chat, "mark_read")[-1] == (FLOOD, new.seq))


@pytest.mark.clause("E105")
async def test_a_group_in_which_nobody_has_said_anything_is_read_when_it_was_seen(make, chat):
    group = await chat.create_group(["p-zhao", "p-sun"], "")
    line = chat.receive(
        group, "system", SystemContent(text="李强 邀请 赵敏、孙丽华 加入群聊", kind="members")
    )
    assert chat.conversations[group].unread == 1
    view = make()
    await until(view.isActiveWindow)
    await opened(view, group)
    await until(lambda: calls(chat, "mark_read") == [(group, line.seq)])
    more = chat.receive(group, "system", SystemContent(text="李强 修改了群公告", kind="announcement"))
    await until(lambda: calls(chat, "mark_read")[-1] == (group, more.seq))


@pytest.mark.clause("E105")
async def test_nothing_is_marked_read_behind_another_window(make, chat, qtbot):
    view = make()
    await until(view.isActiveWindow)
    other = make(ShowcaseChat())
    await until(other.isActiveWindow)
    await opened(view, FLOOD)
    assert calls(chat, "mark_read") == []
    view.activateWindow()
    await until(lambda: calls(chat, "mark_read") == [(FLOOD, 10)])


@pytest.mark.clause("E105")
async def test_what_came_behind_another_window_is_read_once_the_users_window_is_active_again(
    make, chat, qtbot
):
    """In the client the view is a part of the window and not the window itself."""
    view = make()
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(view)
    window.resize(900, 700)
    window.show()
    window.activateWindow()
    await until(view.isActiveWindow)
    await opened(view, "c-zhao")
    view.list.go_to_newest()
    await until(lambda: chat.conversations["c-zhao"].unread == 0)
    other = make(ShowcaseChat())
    await until(other.isActiveWindow)
    before = calls(chat, "mark_read")
    came = chat.receive("c-zhao", "p-zhao", "一条新的")
    await until(lambda: view.list.store.rows[-1].key == view.list.last_seen() == came.client_id)
    assert calls(chat, "mark_read") == before
    window.activateWindow()
    await until(lambda: calls(chat, "mark_read")[-1] == ("c-zhao", came.seq))
    column.removeWidget(view)
    view.setParent(None)


async def test_new_messages_below_are_counted_on_the_button(make, chat):
    for n in range(80):
        chat.receive("c-zhao", "p-zhao", str(n))
    view = make()
    await until(view.isActiveWindow)
    await opened(view, "c-zhao")
    view.list.go_to_newest()
    await until(lambda: chat.conversations["c-zhao"].unread == 0)
    view.list.verticalScrollBar().setValue(view.list.verticalScrollBar().value() - 900)
    chat.receive("c-zhao", "p-zhao", "一")
    chat.receive("c-zhao", "p-zhao", "二")
    await until(lambda: view.list.jump.count == 2 and view.list.jump.isVisible())
    assert not view.list.at_bottom
    view.list.jump.clicked.emit()
    await until(lambda: view.list.jump.count == 0)


@pytest.mark.clause("E105")
@pytest.mark.parametrize("unread", [20, 61, 700])
async def test_a_conversation_opens_at_the_first_unread_message_however_many_there_are(make, chat, unread):
    for n in range(unread):
        chat.receive("c-zhao", "p-zhao", f"第 {n} 条")
    first = chat.conversations["c-zhao"].read_seq + 1
    view = make()
    await until(view.isActiveWindow)
    await opened(view, "c-zhao")
    line = view.list.row_rect(UNREAD_KEY)
    assert 0 <= line.top() < view.list.viewport().height() // 2
    keys = [row.key for row in view.list.rows]
    after = view.message_actions.message(keys[keys.index(UNREAD_KEY) + 1])
    assert after.seq == first
    # What lies below has not been read by being there.
    await until(lambda: calls(chat, "mark_read"))
    assert calls(chat, "mark_read")[-1][1] < first + 20
    assert view.list.jump.isVisible()
    view.list.go_to_newest()
    await until(lambda: chat.conversations["c-zhao"].unread == 0)
    if unread > 600:
        # The line belongs before the first unread message, not before the first that is loaded.
        assert UNREAD_KEY not in [row.key for row in view.list.rows]


@pytest.mark.clause("E105")
async def test_who_has_read_is_listed(make):
    view = await opened(make(), FLOOD)
    view.message_actions.act("c-flood-7", "receipt")
    await view.tasks.settle()
    dialog = view.findChild(ReceiptDialog)
    assert dialog is not None
    assert len(dialog.shown()) == 6
    # By department, the largest first.
    counts = [int(title.split()[-1]) for title in dialog.units()]
    assert sum(counts) == 6
    assert counts == sorted(counts, reverse=True)
    assert len(set(dialog.units())) > 1
    QTest.keyClick(dialog.tabs, Qt.Key.Key_Right)
    assert len(dialog.shown()) == 2
    dialog.accept()


# Writing.


def peer_reads(chat: ShowcaseChat, seq: int) -> None:
    """The other one of a single chat has read up to `seq`."""
    members = chat.member_rows["c-zhao"]
    chat.member_rows["c-zhao"] = [replace(one, read_seq=seq, delivered_seq=seq) for one in members]
    chat.changed("members", "c-zhao")


@pytest.mark.clause("E090")
async def test_a_text_is_sent_shown_at_once_and_acknowledged_in_place(make, chat):
    peer_reads(chat, 4)
    view = await opened(make(), "c-zhao")
    write(view, "ok")
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await until(lambda: view.list.rows[-1].text == "ok")
    key = view.list.rows[-1].key
    assert view.list.rows[-1].state is RowState.PENDING
    assert view.list.at_bottom
    chat.deliver(key)
    await until(lambda: row_of(view, key).state is RowState.SENT)
    assert [row.key for row in view.list.rows].count(key) == 1
    assert row_of(view, key).mark == "未读"
    peer_reads(chat, 5)
    await until(lambda: row_of(view, key).mark == "已读")


@pytest.mark.clause("E102")
async def test_a_reply_quotes_and_the_quote_leads_back(make, chat):
    view = await opened(make(), FLOOD)
    view.message_actions.act("c-flood-2", "reply")
    write(view, "yes")
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(calls(chat, "send_text")))
    quote = calls(chat, "send_text")[0][3]
    assert isinstance(quote, Quote)
    assert (quote.seq, quote.sender_id) == (2, "p-zhou")
    await until(lambda: view.list.rows[-1].quote is not None)
    last = view.list.rows[-1]
    assert last.quote is not None
    assert last.quote.author == "周明"
    assert not view.composer.reply.isVisible()
    laid = view.list.store.laid(len(view.list.rows) - 1)
    spot = next(part for part in laid.parts if part.kind is PartKind.QUOTE).rect.center().toPoint()
    QTest.mouseClick(
        view.list.viewport(), Qt.MouseButton.LeftButton, pos=spot + view.list.row_rect(last.key).topLeft()
    )
    await until(lambda: view.list.look(row_of(view, "c-flood-2")).flash == 1.0)
    assert view.list.store.place("c-flood-2") in view.list.visible_places()


@pytest.mark.clause("E095")
async def test_a_colleague_is_named(make, chat):
    view = make()
    await until(view.isActiveWindow)
    await opened(view, FLOOD)
    write(view, "@wang")
    await until(lambda: view.composer.name_list is not None)
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    QTest.keyClicks(view.composer.edit, "hi")
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(calls(chat, "send_text")))
    assert calls(chat, "send_text")[0][1:3] == ("@王建国 hi", ("p-wang",))


@pytest.mark.clause("E095")
async def test_the_list_of_names_stays_open_when_the_conversation_changes(make, chat):
    view = make()
    await until(view.isActiveWindow)
    await opened(view, FLOOD)
    write(view, "@wang")
    await until(lambda: view.composer.name_list is not None)
    said = []
    view.feed.head_changed.connect(lambda: said.append(True))
    # A message of a colleague, a read mark, the own draft being kept: all of them come as a change of the row.
    chat.changed("conversations", FLOOD)
    await until(lambda: bool(said))
    assert view.composer.name_list is not None
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    assert view.composer.text() == "@王建国 "


async def test_typing_in_the_list_goes_into_the_text(make):
    view = make()
    await until(view.isActiveWindow)
    await opened(view, "c-zhao")
    view.list.setFocus()
    QTest.keyClick(view.list, Qt.Key.Key_A)
    assert view.composer.text() == "a"
    assert view.composer.edit.hasFocus()
    QGuiApplication.clipboard().setText("b")
    view.list.setFocus()
    QTest.keyClick(view.list, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert view.composer.text() == "ab"


async def test_a_draft_is_kept_per_conversation(make, chat):
    view = await opened(make(), "c-zhao")
    write(view, "half")
    await opened(view, "c-sun")
    assert chat.drafts["c-zhao"].text == "half"
    assert view.composer.text() == "已按要求修改，"
    await opened(view, "c-zhao")
    assert view.composer.text() == "half"


async def test_a_draft_brings_its_quote_back(make, chat):
    chat.drafts[FLOOD] = Draft(FLOOD, "收到", (), Quote(seq=5, sender_id="p-wang", text="请各区报送"))
    view = await opened(make(), FLOOD)
    assert view.composer.reply.isVisible()
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(calls(chat, "send_text")))
    assert calls(chat, "send_text")[0][3] == Quote(seq=5, sender_id="p-wang", text="请各区报送")


async def test_what_could_not_be_kept_is_not_lost(make, chat):
    view = await opened(make(), "c-zhao")
    view.message_actions.act("c-zhao-3", "reply")
    write(view, "half")
    await view.tasks.settle()
    chat.error = OSError(28, "no space left")
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await view.tasks.settle()
    assert view.composer.text() == "half"
    assert view.composer.reply.isVisible()
    assert "磁盘空间不足" in view.toasts.toasts[0].text.text()


async def test_the_send_key_follows_the_preference(make, chat, preferences):
    view = await opened(make(), "c-zhao")
    preferences.set(send_key="ctrl_enter")
    write(view, "ok")
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    assert calls(chat, "send_text") == []
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: len(calls(chat, "send_text")) == 1)


# Menu.


@pytest.mark.clause("E105")
async def test_the_menu_offers_what_can_be_done(make, chat):
    at = Situation(chat.me.id, NOW_MS, 120, writable=True, group=True)
    own, other, failed = chat.messages[FLOOD][6], chat.messages[FLOOD][4], chat.unsent[FLOOD][1]
    fresh = replace(own, sent_at=NOW_MS - 60_000)
    names = lambda row, where=at: [entry.name for entry in entries_of(row, where)]  # noqa: E731
    usual = ["reply", "emoji", "forward", "select"]
    assert names(other) == ["copy", *usual, "-", "remove"]
    assert names(own) == ["copy", *usual, "receipt", "-", "remove"]
    assert names(fresh) == ["copy", *usual, "receipt", "-", "recall", "remove"]
    assert names(failed) == ["retry", "discard", "-", "copy"]
    assert names(chat.messages[FLOOD][5]) == ["open", "save", *usual, "-", "remove"]
    assert names(other, replace(at, writable=False)) == ["copy", "forward", "select", "-", "remove"]
    assert can_recall(replace(own, sent_at=NOW_MS - 120_000), at)
    assert not can_recall(replace(own, sent_at=NOW_MS - 120_001), at)
    running = replace(at, transfer=chat.transfer_rows["f-doc"])
    assert names(chat.unsent[FLOOD][0], running) == ["pause", "cancel"]


async def test_a_menu_entry_reaches_the_service(make, chat):
    view = await opened(make(), FLOOD)
    view.message_actions.open_menu("u-2", view.mapToGlobal(view.rect().center()))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions() if action.text()] == ["重新发送", "删除", "复制"]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert QApplication.activePopupWidget() is None
    await view.tasks.settle()
    assert calls(chat, "retry") == [("u-2",)]


async def test_text_is_copied(make):
    view = await opened(make(), FLOOD)
    view.message_actions.act("c-flood-3", "copy")
    assert QGuiApplication.clipboard().text() == "好的"


async def test_a_failed_message_is_given_up(make, chat):
    view = await opened(make(), FLOOD)
    view.message_actions.act("u-2", "discard")
    await until(lambda: view.list.store.place("u-2") < 0)
    assert calls(chat, "discard") == [("u-2",)]


async def test_an_own_message_is_taken_back_and_edited_again(make, chat):
    view = await opened(make(), FLOOD)
    view.message_actions.act("c-flood-7", "recall")
    await until(lambda: row_of(view, "c-flood-7").kind is RowKind.RECALLED)
    row = row_of(view, "c-flood-7")
    assert row.text == "您撤回了一条消息"
    assert [action.label for action in row.actions] == ["重新编辑"]
    view.list.action_clicked.emit(row.key, "edit")
    assert view.composer.text() == "中原区名单已汇总，共 214 人，附件随后发。"
    assert view.composer.reply.isVisible()
    other = await opened(make(chat), FLOOD)
    assert row_of(other, "c-flood-7").actions == ()


async def test_what_goes_wrong_is_said(make, chat):
    view = await opened(make(), FLOOD)
    chat.error = NetworkError(detail="ConnectError")
    view.message_actions.act("u-2", "retry")
    await view.tasks.settle()
    assert [toast.text.text() for toast in view.toasts.toasts] == [NetworkError().text]


# Files.


@pytest.mark.clause("E101")
async def test_a_file_on_its_way_is_paused_resumed_and_cancelled(make, chat):
    view = await opened(make(), FLOOD)

    def card() -> FileBox:
        box = row_of(view, "u-1").file
        assert box is not None
        return box

    assert (card().note, card().progress) == ("3.0 / 5.0 MB", 0.6)
    view.list.file_action.emit("u-1", "pause")
    await until(lambda: card().note.startswith("已暂停"))
    view.list.file_action.emit("u-1", "open")
    await until(lambda: card().actions[0].name == "pause")
    chat.transfer_rows["f-doc"] = replace(chat.transfer_rows["f-doc"], done=4)
    chat.changed("transfers", FLOOD, "f-doc")
    await until(lambda: card().progress == 0.8)
    view.list.file_action.emit("u-1", "cancel")
    await view.tasks.settle()
    assert [name for name, _ in chat.calls if name in ("pause", "resume", "cancel")] == [
        "pause",
        "resume",
        "cancel",
    ]


def test_a_card_says_where_its_file_is():
    row = chats_transfer()
    assert file_box("a", 5_242_880, None).note == "5.0 MB · 已加密"
    assert file_box("a", row.size, row, 2_097_152).note == "3.0 / 5.0 MB · 2.0 MB/s"
    broken = file_box("a", row.size, replace(row, state=TransferState.FAILED, error="磁盘空间不足"))
    assert (broken.note, broken.bad, broken.actions[0].label) == ("磁盘空间不足", True, "重试")
    now = [0.0]
    speeds = Speeds(lambda: now[0])
    assert speeds.of(row) == 0.0
    now[0] = 1.0
    assert speeds.of(replace(row, done=4)) == pytest.approx(1_048_576)
    assert speeds.of(replace(row, state=TransferState.PAUSED)) == 0.0


def chats_transfer():
    from app.store.records import TransferDirection, TransferRow

    return TransferRow("f", TransferDirection.UP, FLOOD, "u", "a", 5_242_880, 5, 3, TransferState.RUNNING)


@pytest.mark.clause("E101")
async def test_a_file_is_opened_saved_and_its_folder_shown(make, chat, given, tmp_path, monkeypatch):
    view = await opened(make(), FLOOD)
    target, plain = tmp_path / "清单.xlsx", tmp_path / "plain.xlsx"
    chat.picture = b"sheet"

    async def open_file(_file_id: str) -> Path:
        return plain

    monkeypatch.setattr(chat, "open_file", open_file)
    view.list.file_action.emit("c-flood-6", "open")
    await view.tasks.settle()
    assert given == [QUrl.fromLocalFile(str(plain))]
    file = chat.messages[FLOOD][5].content.file
    view.files.save_to(file, target)
    await view.tasks.settle()
    assert target.read_bytes() == b"sheet"
    view.message_actions.act("c-flood-6", "reveal")
    assert given[-1] == QUrl.fromLocalFile(str(tmp_path))


async def test_a_program_is_never_started_from_a_chat(make, chat, given):
    bad = chats.file("f-exe", "补丁.exe", 100)
    content = replace_file(chat, 5, bad)
    view = await opened(make(), FLOOD)
    view.list.file_action.emit("c-flood-6", "open")
    await view.tasks.settle()
    assert content.file.name == "补丁.exe"
    assert given == []
    assert "另存为" in view.toasts.toasts[0].text.text()


def replace_file(chat: ShowcaseChat, place: int, file):
    from server_stub.contract.content import FileContent

    content = FileContent(file=file)
    chat.messages[FLOOD][place] = replace(chat.messages[FLOOD][place], content=content)
    return content


async def test_only_web_addresses_are_handed_on(make, given):
    view = await opened(make(), FLOOD)
    view.list.link_clicked.emit("https://zd.example.gov.cn/a")
    view.list.link_clicked.emit("file:///etc/passwd")
    assert [url.toString() for url in given] == ["https://zd.example.gov.cn/a"]


async def send_what_was_asked(view: ConversationView) -> None:
    """Answer the question before pasted or dropped things go out, as Enter does."""
    dialog = view.writing.asking
    await until(dialog.isVisible)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    await view.tasks.settle()
    assert view.writing.asking is None


async def test_nothing_pasted_or_dropped_goes_out_unasked(make, chat, tmp_path):
    view = await opened(make(), FLOOD)
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    view.composer.picture_pasted.emit(image)
    dialog = view.writing.asking
    assert dialog.heading.text() == f"发送给 {view.feed.row.title}"
    assert dialog.who.text() == f"群聊 · {view.feed.row.member_count} 人"
    await until(dialog.isVisible)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await view.tasks.settle()
    view.composer.files_brought.emit([tmp_path / "moved away.txt"])
    await view.tasks.settle()
    assert view.writing.asking.model.items[0].note == "读不到，可能已被移走"
    QTest.keyClick(view.writing.asking, Qt.Key.Key_Escape)
    await view.tasks.settle()
    assert calls(chat, "send_image") == calls(chat, "send_files") == []
    assert view.writing.asking is None


async def test_what_was_asked_about_goes_where_the_question_said(make, chat):
    view = await opened(make(), "c-zhao")
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    view.composer.picture_pasted.emit(image)
    # A click on a notification turns to another conversation meanwhile.
    await opened(view, "c-sun")
    await send_what_was_asked(view)
    assert calls(chat, "send_image") == [("c-zhao", "截图.png", 64, 48)]


@pytest.mark.clause("E091")
async def test_a_pasted_picture_and_dropped_files_are_sent(make, chat, tmp_path):
    view = await opened(make(), "c-zhao")
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    view.composer.picture_pasted.emit(image)
    await send_what_was_asked(view)
    assert calls(chat, "send_image") == [("c-zhao", "截图.png", 64, 48)]
    paths = [tmp_path / "a.png", tmp_path / "b.txt", tmp_path / "folder"]
    image.save(str(paths[0]))
    paths[1].write_text("x")
    paths[2].mkdir()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    spot = view.list.geometry().center()
    enter = QDragEnterEvent(spot, copy, data, left, plain)
    QApplication.sendEvent(view, enter)
    assert enter.isAccepted()
    assert view.sheet.isVisible()
    QApplication.sendEvent(view, QDropEvent(QPointF(spot), copy, data, left, plain))
    assert not view.sheet.isVisible()
    await view.tasks.settle()
    assert [(one.name, one.note) for one in view.writing.asking.model.items] == [
        ("a.png", f"{paths[0].stat().st_size} B"),
        ("b.txt", "1 B"),
        ("folder", "文件夹"),
    ]
    await send_what_was_asked(view)
    assert calls(chat, "send_image")[1] == ("c-zhao", "a.png", 64, 48)
    assert calls(chat, "send_files") == [("c-zhao", (paths[1],))]
    assert calls(chat, "send_folder") == [("c-zhao", paths[2])]


@pytest.mark.clause("E091")
async def test_a_picture_is_looked_at(make, chat):
    view = await opened(make(), FLOOD)
    view.list.picture_clicked.emit("c-flood-8")
    viewer = view.files.viewer
    assert isinstance(viewer, PictureViewer)
    assert viewer.name.text() == "二七路隧道.jpg"
    await view.tasks.settle()
    assert viewer.whole
    content = chat.messages[FLOOD][7].content
    assert isinstance(content, ImageContent)
    assert viewer.canvas.image.width() == content.width
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert view.files.viewer is None


async def test_a_picture_window_that_was_closed_early_is_left_alone(make, chat, monkeypatch):
    import asyncio

    gate = asyncio.Event()

    async def slow(_file_id: str) -> bytes:
        await gate.wait()
        return chats.sample_picture()

    monkeypatch.setattr(chat, "file_bytes", slow)
    view = await opened(make(), FLOOD)
    view.list.picture_clicked.emit("c-flood-8")
    viewer = view.files.viewer
    assert viewer is not None
    viewer.close()
    gate.set()
    await view.tasks.settle()
    assert view.toasts.toasts == ()


async def test_the_end_takes_the_picture_window_away(make):
    view = await opened(make(), FLOOD)
    view.list.picture_clicked.emit("c-flood-8")
    await view.finish()
    assert view.files.viewer is None


async def test_what_cannot_be_shown_says_so(make, chat):
    rows = chat.messages[FLOOD]
    rows[1] = replace(rows[1], state=MessageState.SEALED, content=None)
    rows[2] = replace(rows[2], state=MessageState.DESTROYED, content=None)
    view = await opened(make(), FLOOD)
    assert (row_of(view, "c-flood-2").text, row_of(view, "c-flood-2").muted) == ("正在获取密钥…", True)
    assert row_of(view, "c-flood-3").text == "密钥已销毁"
    rows[1] = replace(rows[1], state=MessageState.OPENED, content=TextContent(text="来了"))
    chat.changed("messages", FLOOD, "c-flood-2")
    await until(lambda: row_of(view, "c-flood-2").text == "来了")


async def test_the_end_keeps_what_was_typed(make, chat):
    view = await opened(make(), "c-zhao")
    write(view, "half")
    await view.finish()
    assert chat.drafts["c-zhao"].text == "half"
    assert view.stack.currentWidget() is view.nothing
