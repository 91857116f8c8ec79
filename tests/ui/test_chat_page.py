"""The whole chat page over a service in memory: list, conversation and details work on the same thing."""

import asyncio
from dataclasses import replace

import pytest
from bed.waits import until
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QDesktopServices, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from app.features.chat.detail_dialogs import TextDialog
from app.features.chat.group_announcement import AnnouncementDialog
from app.features.chat.list_picker import PeoplePicker
from app.features.chat.view import ChatPage
from app.preferences import Preferences
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from app.showcase import chats
from app.showcase.chat_service import ShowcaseChat
from app.showcase.office import BY_ID
from server_stub.contract.content import FileContent, FileRef, FolderContent, ImageContent
from server_stub.contract.content_kinds import FolderEntry
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton
WIDE, NARROW = (1302, 700), (760, 600)


class Bench:
    """A shown page, its service and its preferences."""

    def __init__(self, qtbot, folder, me: str = "p-li") -> None:
        self.qtbot = qtbot
        self.errors: list[str] = []
        self.service = ShowcaseChat(me=BY_ID[me])
        self.tasks = Tasks(lambda error, doing: self.errors.append(doing))
        self.preferences = Preferences(folder / "preferences.json")
        self.page = ChatPage(self.service, ThemeManager(animations=False), self.preferences, self.tasks)
        self.page.resize(*WIDE)
        qtbot.addWidget(self.page)
        # No nested loop here: the page starts coroutines when it is shown.
        self.page.show()

    async def settle(self) -> None:
        for _ in range(3):
            await self.tasks.settle()
            await self.page.conversation.tasks.settle()
            await asyncio.sleep(0)

    async def open(self, conversation_id: str, seq: int = 0) -> None:
        self.page.open(conversation_id, seq)
        await self.settle()

    def click_row(self, conversation_id: str) -> None:
        view, row = self.page.list.view, self.page.list.model.row_of(conversation_id)
        QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.model().index(row, 0)).center())

    def click(self, widget) -> None:
        QApplication.sendPostedEvents()
        QTest.mouseClick(widget, LEFT)


@pytest.fixture
async def make(qtbot, tmp_path):
    made: list[Bench] = []

    async def build(me: str = "p-li") -> Bench:
        bench = Bench(qtbot, tmp_path, me)
        made.append(bench)
        await until(bench.page.isActiveWindow)
        await bench.settle()
        return bench

    return build


@pytest.mark.clause("E070", "3.1.2.1")
async def test_a_conversation_is_chosen_written_in_and_left_with_a_draft(make):
    bench = await make()
    page = bench.page
    assert page.middle.currentWidget() is page.nothing
    assert page.current_conversation == ""
    bench.click_row("c-zhao")
    await bench.settle()
    assert page.middle.currentWidget() is page.conversation
    assert page.conversation.composer.edit.hasFocus()
    QTest.keyClicks(page.conversation.composer.edit, "hello")
    QTest.keyClick(page.conversation.composer.edit, Qt.Key.Key_Return)
    await bench.settle()
    assert bench.service.messages["c-zhao"][-1].content.text == "hello"
    await until(lambda: page.list.model.get("c-zhao").last_text == "hello")
    QTest.keyClicks(page.conversation.composer.edit, "later")
    bench.click_row("c-hw")
    await bench.settle()
    assert page.current_conversation == "c-hw"
    assert not page.conversation.composer.edit.isVisible()
    await until(lambda: page.list.model.get("c-zhao").draft == "later")
    await bench.open("c-zhao")
    assert page.conversation.composer.text() == "later"
    await page.close_page()


@pytest.mark.clause("E065")
async def test_reading_lowers_the_badge(make):
    bench = await make()
    counts: list[int] = []
    bench.page.unread_changed.connect(counts.append)
    await bench.open("c-zhao")
    await until(lambda: counts[-1:] == [4])
    await bench.page.close_page()


async def test_alt_arrows_go_from_conversation_to_conversation(make):
    bench = await make()
    await bench.open("c-zhao")
    edit = bench.page.conversation.composer.edit
    QTest.keyClick(edit, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    await bench.settle()
    assert bench.page.current_conversation == "c-hw"
    QTest.keyClick(bench.page, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await bench.settle()
    assert bench.page.current_conversation == "c-zhao"
    await bench.page.close_page()


async def test_the_panel_stands_beside_or_over_the_messages_and_is_remembered(make):
    bench = await make()
    page = bench.page
    await bench.open(chats.FLOOD)
    assert page.detail_open
    # The panel tells the announcement in full: it does not stand over the messages as well.
    assert not page.conversation.strip.isVisible()
    await until(lambda: page.split.width() + page.detail.width() == page.width())
    bench.click(page.conversation.head.detail)
    assert not page.detail_open
    await until(lambda: page.split.width() == page.width())
    assert bench.preferences.values.panel_open is False
    page.resize(*NARROW)
    await until(lambda: page.width() == NARROW[0])
    bench.click(page.conversation.head.detail)
    assert page.detail_open
    assert page.split.width() == page.width()
    assert bench.preferences.values.panel_open is False
    page.detail.members.search.setFocus()
    QTest.keyClick(page.detail.main, Qt.Key.Key_Escape)
    assert not page.detail_open
    await bench.settle()
    await page.close_page()


async def test_the_lists_width_is_remembered(make):
    bench = await make()
    bench.page.split.set_list_width(340)
    await until(lambda: bench.preferences.values.list_width == 340)
    await bench.page.close_page()
    bench.page.hide()
    bench.preferences.flush()
    again = await make()
    await until(lambda: again.page.list.width() == 340)
    await again.page.close_page()
    assert again.preferences.values.list_width == 340


async def test_rows_grow_with_the_users_font_size(make):
    bench = await make()
    view = bench.page.list.view
    row = view.visualRect(view.model().index(0, 0)).height()
    bench.page._themes.set_font_scale("extra")
    await until(lambda: view.visualRect(view.model().index(0, 0)).height() == round(row * 1.3))
    await bench.page.close_page()


@pytest.mark.clause("E071", "E074", "E075", "E084", "E085")
async def test_switches_pin_and_mute(make):
    bench = await make()
    await bench.open("c-zhao")
    main = bench.page.detail.main
    bench.click(main.mute.switch)
    bench.click(main.pin)
    await until(lambda: bench.page.list.model.get("c-zhao").muted)
    await until(lambda: bench.page.list.model.get("c-zhao").pinned)
    await until(lambda: main.pin.switch.isChecked() and main.mute.switch.isChecked())
    await bench.page.close_page()


@pytest.mark.clause("E077", "E081")
async def test_members_are_searched_by_pinyin_and_written_to(make):
    bench = await make()
    await bench.open(chats.FLOOD)
    detail = bench.page.detail
    bench.click(detail.main.members_head.action)
    assert detail.stack.currentWidget() is detail.members
    assert detail.members.title.text() == "成员 86"
    detail.members.search.edit.insert("slh")
    await until(lambda: [one.name for one in detail.members.model.items] == ["孙丽华"])
    QTest.keyClick(detail.members.search.edit, Qt.Key.Key_Down)
    QTest.keyClick(detail.members.search.edit, Qt.Key.Key_Return)
    await bench.settle()
    assert bench.page.current_conversation == "c-sun"
    await bench.page.close_page()


@pytest.mark.clause("E120", "E121", "E078")
async def test_the_owner_changes_announcement_and_name(make):
    bench = await make("p-wang")
    await bench.open(chats.FLOOD)
    main = bench.page.detail.main
    assert main.announcement.text().startswith("汛期 24 小时值守")
    bench.click(main.announcement_head.action)
    shown = bench.page.detail.work.opened
    assert isinstance(shown, AnnouncementDialog)
    bench.click(shown.edit)
    dialog = bench.page.findChild(TextDialog)
    dialog.edit.setPlainText("今晚 20 点前报送名单。")
    bench.service.error = NetworkError()
    bench.click(dialog.go)
    await dialog.tasks.settle()
    assert "无法连接服务器" in dialog.notice.label.text()
    assert dialog.text() == "今晚 20 点前报送名单。"
    bench.click(dialog.go)
    await dialog.tasks.settle()
    await until(lambda: main.announcement.text() == "今晚 20 点前报送名单。")
    QApplication.sendPostedEvents()
    bench.click(main.rename)
    dialog = next(one for one in bench.page.findChildren(TextDialog) if one.isVisible())
    dialog.edit.clear()
    assert not dialog.go.isEnabled()
    dialog.edit.insert("防汛值守群")
    QTest.keyClick(dialog.edit, Qt.Key.Key_Return)
    await dialog.tasks.settle()
    await until(lambda: bench.page.list.model.get(chats.FLOOD).title == "防汛值守群")
    await bench.page.close_page()


@pytest.mark.clause("E120")
async def test_a_member_reads_the_announcement_and_cannot_manage(make):
    bench = await make()
    await bench.open(chats.FLOOD)
    main = bench.page.detail.main
    assert not main.rename.isVisible()
    bench.click(main.announcement_head.action)
    shown = bench.page.detail.work.opened
    assert isinstance(shown, AnnouncementDialog)
    assert shown.text.isReadOnly()
    assert not shown.edit.isVisible()
    shown.accept()
    await bench.page.close_page()


async def test_the_grid_keeps_room_for_names_in_the_largest_font(make):
    bench = await make("p-wang")
    await bench.open(chats.FLOOD)
    grid = bench.page.detail.main.grid
    before = len(grid.cells)
    grid.themes.set_font_scale("extra")
    metrics = QFontMetrics(grid.theme.font("micro"))
    assert grid._rect(0).width() >= metrics.horizontalAdvance("王建国")
    assert len(grid.cells) <= before
    assert grid.cells[-1].name == "添加"
    await bench.page.close_page()


@pytest.mark.clause("E081")
async def test_members_are_added_and_removed_by_the_owner(make):
    bench = await make("p-wang")
    await bench.open(chats.FLOOD)
    detail = bench.page.detail
    detail.main.grid.setFocus()
    for _ in range(4):
        QTest.keyClick(detail.main.grid, Qt.Key.Key_Right)
    QTest.keyClick(detail.main.grid, Qt.Key.Key_Down)
    QTest.keyClick(detail.main.grid, Qt.Key.Key_Return)
    picker = bench.page.findChild(PeoplePicker)
    picker.search.edit.setText("oyzh")
    QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
    await picker.tasks.settle()
    picker.go.click()
    await picker.tasks.settle()
    assert bench.service.calls[-1] == ("change_members", (chats.FLOOD, ("p-ouyang",), ()))
    QApplication.sendPostedEvents()
    detail.main.all_members_wanted.emit()
    row = next(n for n, one in enumerate(detail.members.model.items) if one.id == "p-zhao")
    view = detail.members.view
    view.setFocus()
    view.go(row)
    view.menu_wanted.emit(view.currentIndex(), view.mapToGlobal(view.rect().center()))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[-1].trigger()
    menu.close()
    dialog = bench.page.findChild(ConfirmDialog)
    assert dialog.refuse_button.hasFocus() or dialog.refuse_button.isDefault()
    bench.click(dialog.accept_button)
    await bench.settle()
    assert bench.service.calls[-1] == ("change_members", (chats.FLOOD, (), ("p-zhao",)))
    await bench.page.close_page()


@pytest.mark.clause("E071", "E117")
async def test_a_single_chat_grows_into_a_group(make):
    bench = await make()
    await bench.open("c-zhao")
    bench.click(bench.page.detail.main.group)
    picker = bench.page.findChild(PeoplePicker)
    picker.search.edit.setText("wjg")
    QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
    await picker.tasks.settle()
    picker.go.click()
    await picker.tasks.settle()
    assert ("create_group", (("p-zhao", "p-wang"), "")) in bench.service.calls
    await bench.settle()
    assert bench.page.current_conversation.startswith("c-group-")
    await bench.page.close_page()


@pytest.mark.clause("E088")
async def test_leaving_is_asked_for_and_closes_the_input(make):
    bench = await make()
    await bench.open(chats.FLOOD)
    bench.click(bench.page.detail.main.leave)
    dialog = bench.page.findChild(ConfirmDialog)
    bench.click(dialog.accept_button)
    await bench.settle()
    assert ("leave", (chats.FLOOD,)) in bench.service.calls
    await until(bench.page.conversation.composer.closed_line.isVisible)
    await until(lambda: not bench.page.detail.main.leave.isVisible())
    await bench.page.close_page()


@pytest.mark.clause("E073", "E079")
async def test_files_are_listed_searched_and_found_in_the_talk(make):
    bench = await make()
    await bench.open(chats.FLOOD)
    detail = bench.page.detail
    assert detail.main.files_head.title.text() == "文件 1"
    bench.click(detail.main.files_head.action)
    detail.files.search.edit.insert("易涝")
    await until(lambda: detail.files.model.rowCount() == 1)
    view = detail.files.view
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.model().index(0, 0)).center())
    await bench.settle()
    assert ("open_file", ("f-xls",)) in bench.service.calls
    # The stand-in has no file: the page's owner was told what was being done.
    assert bench.errors == ["打开文件"]
    view.menu_wanted.emit(view.model().index(0, 0), view.mapToGlobal(view.rect().center()))
    menu = QApplication.activePopupWidget()
    assert [one.text() for one in menu.actions()] == ["打开", "另存为…", "在聊天中查看"]
    menu.actions()[2].trigger()
    menu.close()
    await bench.settle()
    assert bench.page.conversation.feed.target == 6
    await bench.page.close_page()


@pytest.mark.clause("E073")
async def test_pictures_and_links_have_pages_of_their_own_and_esc_leads_back(make):
    bench = await make()
    await bench.open(chats.FLOOD)
    detail = bench.page.detail
    # The number on the first page is that of the page that it leads to.
    bench.click(detail.main.files_head.action)
    assert detail.files.title.text() == detail.main.files_head.title.text()
    QTest.keyClicks(detail.files.search.edit, "abc")
    QTest.keyClick(detail.files.search.edit, Qt.Key.Key_Escape)
    assert (detail.files.search.text(), detail.stack.currentWidget()) == ("", detail.files)
    QTest.keyClick(detail.files.search.edit, Qt.Key.Key_Escape)
    assert detail.stack.currentWidget() is detail.main
    detail.main.action_wanted.emit("links")
    assert detail.files.tabs.current == "pictures"
    assert detail.files.search.edit.placeholderText() == "搜索图片"
    assert (
        detail.files.model.rowCount()
        == sum(one.name.endswith((".jpg", ".png")) for one in detail.files.model.items)
        > 0
    )
    await bench.page.close_page()


async def test_the_panel_never_shows_another_conversation_for_long(make, monkeypatch):
    bench = await make()
    await bench.open(chats.FLOOD)
    detail = bench.page.detail
    assert detail.main.body.isVisible()
    go = asyncio.Event()
    members = bench.service.members

    async def slow(conversation_id: str):
        await go.wait()
        return await members(conversation_id)

    monkeypatch.setattr(bench.service, "members", slow)
    detail.open("c-zhao")
    await until(lambda: not detail.main.body.isVisible())
    go.set()
    await until(detail.main.body.isVisible)
    assert detail.main.person_name.text() == "赵敏"
    await bench.page.close_page()


@pytest.mark.clause("E100", "E073")
async def test_a_folder_stands_among_the_files_and_is_saved_whole(make, tmp_path, monkeypatch):
    bench = await make()
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    rows = bench.service.messages[chats.FLOOD]
    entries = [FolderEntry(path="预案/一.txt", size=700), FolderEntry(path="二.txt", size=324)]
    ref = FileRef(file_id="f-folder", key=bytes(16), name="防汛资料", size=1024)
    place = next(n for n in reversed(range(len(rows))) if isinstance(rows[n].content, FileContent))
    rows[place] = replace(rows[place], content=FolderContent(file=ref, entries=entries))
    await bench.open(chats.FLOOD)
    detail = bench.page.detail
    bench.click(detail.main.files_head.action)
    detail.files.search.edit.insert("防汛资料")
    await until(lambda: detail.files.model.rowCount() == 1)
    item = detail.files.model.items[0]
    assert item.folder
    assert item.note.startswith("2 个文件 · 1 KB")
    view = detail.files.view
    index = view.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("文件夹 防汛资料")
    view.menu_wanted.emit(index, view.mapToGlobal(view.rect().center()))
    menu = QApplication.activePopupWidget()
    assert [one.text() for one in menu.actions()] == ["另存为…", "在聊天中查看"]
    menu.actions()[0].trigger()
    menu.close()
    dialog = detail.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    await bench.settle()
    assert ("save_folder", (chats.FLOOD, tmp_path)) in bench.service.calls
    assert opened == [str(tmp_path / "防汛资料")]
    await bench.page.close_page()


@pytest.mark.clause("E106")
async def test_a_screenshot_is_shown_and_goes_into_the_conversation_when_that_is_said(make):
    bench = await make()
    await bench.open("c-zhao")
    bench.click(bench.page.conversation.composer.screenshot_button)
    (overlay,) = bench.page.capture.overlays
    from PySide6.QtCore import QPoint

    QTest.mousePress(overlay, LEFT, pos=QPoint(20, 20))
    QTest.mouseMove(overlay, QPoint(60, 60))
    QTest.mouseRelease(overlay, LEFT, pos=QPoint(119, 99))
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    await bench.settle()
    dialog = bench.page.conversation.writing.asking
    assert dialog is not None
    assert "send_image" not in [name for name, _ in bench.service.calls]
    bench.click(dialog.go)
    await until(lambda: isinstance(bench.service.messages["c-zhao"][-1].content, ImageContent))
    content = bench.service.messages["c-zhao"][-1].content
    assert (content.width, content.height) == (100, 80)
    await bench.page.close_page()


@pytest.mark.clause("E095")
async def test_members_that_come_after_opening_can_be_named(make):
    bench = await make()
    members = bench.service.member_rows.pop(chats.FLOOD)
    await bench.open(chats.FLOOD)
    bench.service.member_rows[chats.FLOOD] = members
    bench.service.changed("members", chats.FLOOD)
    composer = bench.page.conversation.composer
    composer.focus_text()
    QTest.keyClicks(composer.edit, "@slh")

    def offered() -> bool:
        # As somebody does who sees nobody: take the last letter back and type it again.
        QTest.keyClick(composer.edit, Qt.Key.Key_Backspace)
        QTest.keyClicks(composer.edit, "h")
        return composer.name_list is not None

    await until(offered)
    assert [one.name for one in composer.name_list.options] == ["孙丽华"]
    await bench.page.close_page()


async def test_the_own_window_can_be_left_out_of_a_screenshot(make):
    bench = await make()
    await bench.open("c-zhao")
    shot = bench.page.conversation.composer.screenshot_button
    shot.customContextMenuRequested.emit(shot.rect().center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[1].trigger()
    menu.close()
    assert not bench.page.isVisible()
    await until(lambda: bool(bench.page.capture.overlays))
    QTest.keyClick(bench.page.capture.overlays[0], Qt.Key.Key_Escape)
    assert bench.page.isVisible()
    assert "send_image" not in [name for name, _ in bench.service.calls]
    shot.customContextMenuRequested.emit(shot.rect().center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[0].trigger()
    menu.close()
    QTest.keyClick(bench.page.capture.overlays[0], Qt.Key.Key_Return)
    await until(lambda: bench.page.conversation.writing.asking is not None)
    bench.click(bench.page.conversation.writing.asking.go)
    await until(lambda: "send_image" in [name for name, _ in bench.service.calls])
    await bench.page.close_page()


async def test_the_quiet_word_says_the_state_of_the_connection_and_moves_nothing(make):
    bench = await make()
    listed = bench.page.list

    def places() -> list[tuple[QPoint, QSize]]:
        parts = (listed.search, listed.plus, listed.tabs, listed.stack)
        return [(one.mapTo(listed, QPoint()), one.size()) for one in parts]

    before = places()
    for words in ("连接中…", "收取中…"):
        bench.page.set_link_text(words)
        await asyncio.sleep(0)  # the layout has its turn
        QApplication.processEvents()
        assert listed.search.note == words
        assert places() == before
    listed.search.edit.setText("防汛")
    assert listed.search.note == ""  # the writing has the room
    listed.search.clear()
    assert listed.search.note == "收取中…"
    bench.page.set_link_text("")
    assert listed.search.note == ""
    QApplication.processEvents()
    assert places() == before
    await bench.page.close_page()
