"""Groups in the window: settings, members' offices, code, joining, requests, announcement, files, clearing, relations."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bed.waits import until
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from shiboken6 import isValid

from app.features.admin.groups.view import GroupsSection
from app.features.chat import detail_actions
from app.features.chat.detail_dialogs import TextDialog
from app.features.chat.detail_view import DetailView
from app.features.chat.group_announcement import AnnouncementDialog
from app.features.chat.group_code import CodeDialog, NumberDialog, code_image
from app.features.chat.group_join import JoinDialog, code_in
from app.features.chat.group_requests import RequestsDialog
from app.features.chat.group_space import SpaceDialog
from app.features.chat.list_arrangement import read_arrangement
from app.features.chat.list_bar import ListTabs
from app.features.chat.list_folders import FoldersDialog, LayoutDialog
from app.features.chat.list_menu import conversation_menu
from app.features.chat.list_picker import PeoplePicker
from app.features.chat.list_rows import CONVERSATION_MIME
from app.features.chat.list_view import ConversationListView
from app.features.chat.status_dialog import StatusDialog
from app.features.chat.view import ChatPage
from app.preferences import Preferences
from app.shell.tasks import Tasks
from app.showcase import chats, group_pages
from app.showcase.group_service import CODE
from app.showcase.office import NOW_MS
from server_stub.contract.conversations import MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.group_rules import FOREVER, JoinRule, Who
from server_stub.contract.groups import CODE_PREFIX
from server_stub.contract.personal import RelationKind, StatusKind
from widgets.controls import ConfirmDialog
from widgets.lists import PersonItem, SectionItem
from widgets.theme import ThemeManager

ID = chats.FLOOD
LEFT = Qt.MouseButton.LeftButton


def own(qtbot, dialog) -> None:
    """Show a dialog that lives as long as the test."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()


class Panel:
    """The detail panel of a group, as one of its people."""

    def __init__(self, qtbot, me: str, id: str) -> None:
        self.chat = group_pages.service(me)
        self.groups = self.chat.groups
        self.errors: list[BaseException] = []
        self.tasks = Tasks(lambda error, _doing: self.errors.append(error))
        self.view = DetailView(self.chat, ThemeManager(animations=False), self.tasks)
        qtbot.addWidget(self.view)
        self.view.resize(256, 900)
        self.view.show()
        self.view.open(id)

    async def ready(self) -> Panel:
        await until(lambda: self.view.details is not None)
        return self

    def click(self, widget) -> None:
        QApplication.sendPostedEvents()
        QTest.mouseClick(widget, LEFT)

    def called(self, name: str) -> list[tuple[object, ...]]:
        return [arguments for one, arguments in self.groups.calls if one == name]

    def dialog(self, kind: type):
        found = self.view.work.opened
        assert isinstance(found, kind), found
        return found

    async def close(self) -> None:
        if isValid(self.view):
            self.view.close_feed()
        await self.tasks.settle()


@pytest.fixture
async def panel(qtbot):
    made: list[Panel] = []

    async def build(me: str = "p-wang", id: str = ID) -> Panel:
        made.append(Panel(qtbot, me, id))
        return await made[-1].ready()

    yield build
    for one in made:
        await one.close()


def choose(box, value: str) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


@pytest.mark.clause("E110", "E111", "E112", "E113", "E114")
async def test_the_owner_sets_the_rules_and_a_member_only_sees_them(panel):
    one = await panel()
    view, page = one.view, one.view.group
    one.click(view.main.action_list.rows[detail_actions.SETTINGS])
    assert view.stack.currentWidget() is page
    choose(page.join, "approval")
    await until(lambda: one.chat.conversations[ID].rules.join is JoinRule.APPROVAL)
    await until(lambda: view.details.row.rules.join is JoinRule.APPROVAL)
    choose(page.upload, "managers")
    await until(lambda: view.details.row.rules.upload is Who.MANAGERS)
    assert view.details.row.rules.join is JoinRule.APPROVAL
    page.history.click()
    await until(lambda: view.details.row.rules.history)
    page.receipts.click()
    await until(lambda: not view.details.row.rules.receipts)
    choose(page.mute, "3600")
    await until(lambda: view.details.row.muted_all)
    assert view.details.row.muted_until == NOW_MS + 3_600_000
    assert page.mute.currentData() == "3600"
    # What the server refuses is said, and the page shows how it is.
    one.chat.error = ApiError(ErrorCode.FORBIDDEN)
    choose(page.invite, "managers")
    await until(lambda: one.errors)
    member = await panel("p-li")
    assert not member.view.group.join.isEnabled()
    assert not member.view.group.owner.isVisibleTo(member.view)
    assert not member.view.main.action_list.rows[detail_actions.REQUESTS].isVisibleTo(member.view)


@pytest.mark.clause("E109", "E116")
async def test_the_settings_buttons_lead_to_a_list_where_a_click_names_the_new_owner_or_a_manager(panel):
    one = await panel()
    view = one.view

    def press(name: str) -> None:
        model = view.members.model
        row = next(n for n, item in enumerate(model.items) if item.name == name)
        view.members.view.opened.emit(model.index(row, 0))

    view._turn(view.group)
    view.group.managers_wanted.emit()
    assert view.stack.currentWidget() is view.members
    assert view.members.hint.text() == "点一位成员，设为管理员或取消。"
    assert "群主" in next(item.tag for item in view.members.model.items if item.tag.startswith("我"))
    press("李强")
    await until(lambda: one.called("set_role") == [(ID, "p-li", MemberRole.ADMIN)])
    view.members.back.emit()
    assert view.stack.currentWidget() is view.group
    view.group.transfer_wanted.emit()
    press("李强")
    one.dialog(ConfirmDialog).refuse_button.click()
    assert one.called("transfer") == []
    view.members.back.emit()
    # From the first page a click leads to the talk with a member, as ever.
    view._turn(view.main)
    one.click(view.main.members_head.action)
    assert not view.members.hint.isVisible()
    # Once it is handed over there is nothing left to choose.
    view.members.back.emit()
    view._turn(view.group)
    view.group.transfer_wanted.emit()
    assert not view.members.hint.isHidden()
    press("李强")
    one.dialog(ConfirmDialog).accept_button.click()
    await until(lambda: one.called("transfer") == [(ID, "p-li")])
    await until(view.members.hint.isHidden)


@pytest.mark.clause("E109", "E114", "E115", "E116", "E077")
async def test_offices_mutes_handing_over_and_dissolving_are_in_the_members_menu(panel):
    one = await panel()
    view = one.view
    one.click(view.main.members_head.action)
    menus: list[QMenu] = []

    def menu_of(name: str) -> dict[str, object]:
        model = view.members.model
        row = next(n for n, item in enumerate(model.items) if item.name == name)
        view.members._menu(model.index(row, 0), view.mapToGlobal(view.rect().center()))
        menu = next(
            m for m in view.members.findChildren(QMenu) if m.isVisible() and m.parent() is view.members
        )
        menus.append(menu)
        found = {action.text(): action for action in menu.actions()}
        for inner in menu.findChildren(QMenu):
            found |= {f"禁言/{action.text()}": action for action in inner.actions()}
        return found

    def close_menus() -> None:
        for menu in filter(isValid, menus):
            menu.close()
        menus.clear()

    actions = menu_of("李强")
    actions["设为管理员"].trigger()
    await until(lambda: one.called("set_role") == [(ID, "p-li", MemberRole.ADMIN)])
    actions["禁言/一直"].trigger()
    await until(lambda: one.called("mute") == [(ID, "p-li", FOREVER - 1)])
    close_menus()
    await until(lambda: "禁言中" in next(i.tag for i in view.members.model.items if i.name == "李强"))
    again = menu_of("李强")
    assert {"取消管理员", "解除禁言"} <= set(again)
    again["转让群主给他…"].trigger()
    one.dialog(ConfirmDialog).accept_button.click()
    await until(lambda: one.called("transfer") == [(ID, "p-li")])
    close_menus()
    await until(lambda: not view.details.is_owner)
    other = await panel()
    other.view.group.dissolve_wanted.emit()
    asked = other.dialog(ConfirmDialog)
    assert "无法恢复" in asked.text.text()
    asked.accept_button.click()
    await until(lambda: not other.view.details.active)
    # Nothing is left to do in it but to read, search and clear.
    rows = other.view.main.action_list.rows
    shown = {name for name, row in rows.items() if row.isVisibleTo(other.view)}
    assert shown == {detail_actions.SEARCH, detail_actions.LINKS, detail_actions.CLEAR}


@pytest.mark.clause("E083", "E119", "E058")
async def test_a_code_is_shown_saved_scanned_and_leads_into_the_group(panel, qtbot, tmp_path: Path):
    one = await panel()
    one.click(one.view.main.action_list.rows[detail_actions.CODE])
    dialog = one.dialog(CodeDialog)
    await until(lambda: dialog.code is not None)
    assert dialog.text.text().replace(" ", "") == CODE
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == CODE
    # What a colleague photographs: smaller, greyer, with a frame.
    picture = code_image(CODE_PREFIX + CODE).scaledToWidth(420, Qt.TransformationMode.SmoothTransformation)
    assert picture.save(str(tmp_path / "code.png"))
    assert code_in(QImage(str(tmp_path / "code.png"))) == CODE_PREFIX + CODE
    dialog.accept()
    join = JoinDialog(one.groups, one.chat.avatar, ThemeManager(animations=False))
    own(qtbot, join)
    joined: list[str] = []
    join.joined.connect(joined.append)
    QImage(40, 40, QImage.Format.Format_RGB32).save(str(tmp_path / "nothing.png"))
    join.scan_file(tmp_path / "nothing.png")
    await until(join.notice.isVisible)
    assert "没有找到群二维码" in join.notice.label.text()
    one.chat.picture = (tmp_path / "code.png").read_bytes()
    join.scan_file(tmp_path / "code.png")
    await until(lambda: join.found is not None)
    assert join.name.text() == "全市防汛值守联络群"
    # Its own picture comes with what was found.
    await until(lambda: join.face.spec.picture is not None)
    join.go.click()
    await until(lambda: joined == [ID])


@pytest.mark.clause("E119", "E058", "E118")
async def test_a_code_on_the_screen_and_a_pasted_link_lead_into_the_group(panel, qtbot) -> None:
    one = await panel()
    # Somebody's screen share or web page with the code on it.
    page = QLabel(None, Qt.WindowType.BypassWindowManagerHint)
    page.setPixmap(QPixmap.fromImage(code_image(CODE_PREFIX + CODE)))
    page.move(40, 40)
    qtbot.addWidget(page)
    page.show()
    middle = page.geometry().center()
    await until(lambda: page.screen().grabWindow(0).toImage().pixelColor(middle).lightness() in (0, 255))
    join = JoinDialog(one.groups, one.chat.avatar, ThemeManager(animations=False))
    own(qtbot, join)
    join.from_screen.click()
    assert not join.isVisible()
    await until(lambda: bool(join.capture.overlays))
    overlay = join.capture.overlays[0]
    first, last = page.geometry().topLeft() - QPoint(20, 20), page.geometry().bottomRight() + QPoint(20, 20)
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseMove(overlay, middle)
    QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=last)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    await until(lambda: join.found is not None)
    assert join.isVisible()
    assert join.name.text() == "全市防汛值守联络群"
    # A link that somebody sent, pasted whole; four digits of a face-to-face group.
    for typed in (CODE_PREFIX + CODE, f"  {CODE_PREFIX}{CODE} ", "7359"):
        join.code.clear()
        join.code.setText(typed)
        assert join.found is None
        join.go.click()
        await until(lambda: join.found is not None)
    assert one.called("peek")[-3:] == [(CODE,), (CODE,), ("7359",)]
    # Nothing on that part of the screen: it is said.
    page.hide()
    join.from_screen.click()
    await until(lambda: bool(join.capture.overlays))
    overlay = join.capture.overlays[0]
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    await until(join.notice.isVisible)


@pytest.mark.clause("E118", "E119", "E111")
async def test_four_digits_hold_five_minutes_and_an_application_says_what_becomes_of_it(qtbot):
    chat = group_pages.service()
    themes, now, count = ThemeManager(animations=False), [NOW_MS], [1]
    code = await chat.groups.code(ID, face=True)
    number = NumberDialog(chat.groups, themes, code, lambda: now[0], lambda: count[0])
    own(qtbot, number)
    assert number.digits.text().replace(" ", "") == "7359"
    assert number.left.text().startswith("5:00")
    assert "不保留群聊" in number.came.text()
    now[0] += 301_000
    count[0] = 3
    await until(lambda: "已有 2 人加入" in number.came.text())
    await until(lambda: "失效" in number.left.text() and "重新获取" in number.left.text())
    number.accept()
    join = JoinDialog(chat.groups, chat.avatar, themes)
    own(qtbot, join)
    QTest.keyClicks(join.code, "0000")
    QTest.keyClick(join.code, Qt.Key.Key_Return)
    await until(lambda: "不正确" in join.notice.label.text())
    chat.groups.rule = JoinRule.APPROVAL
    join.code.setText(CODE)
    QTest.keyClick(join.code, Qt.Key.Key_Return)
    await until(join.why.isVisible)
    QTest.keyClicks(join.why, "zhongyuan")
    join.go.click()
    await until(lambda: "申请已提交" in join.notice.label.text())
    assert ("join", (CODE, "zhongyuan")) in chat.groups.calls
    join.reject()


@pytest.mark.clause("E111")
async def test_managers_let_in_or_not(panel):
    one = await panel()
    row = one.view.main.action_list.rows[detail_actions.REQUESTS]
    assert row.accessibleName() == "入群申请，2"
    one.click(row)
    dialog = one.dialog(RequestsDialog)
    await until(lambda: len(dialog.lines) == 2)

    yes = next(b for b in dialog.lines["r-1"].findChildren(QPushButton) if b.text() == "同意")
    one.chat.error = ApiError(ErrorCode.CONFLICT, message="这个申请已被处理。")
    yes.click()
    await until(dialog.notice.isVisible)
    await until(lambda: set(dialog.lines) == {"r-1", "r-2"} and dialog.lines["r-1"].isEnabled())
    no = next(b for b in dialog.lines["r-2"].findChildren(QPushButton) if b.text() == "拒绝")
    no.click()
    await until(lambda: set(dialog.lines) == {"r-1"})
    assert one.called("decide")[-1] == (ID, "r-2", False)
    dialog.accept()
    await until(lambda: row.accessibleName() == "入群申请，1")


@pytest.mark.clause("E120", "E121")
async def test_an_announcement_is_read_once_and_shows_its_readers(panel):
    one = await panel("p-li")
    one.view.read_announcement()
    dialog = one.dialog(AnnouncementDialog)
    assert "24 小时值守" in dialog.text.toPlainText()
    assert not dialog.edit.isVisible()
    read, unread = len(dialog.lists["read"]), len(dialog.lists["unread"])
    assert read
    assert unread
    assert read + unread == len(one.view.details.members)
    dialog.accept()
    await until(lambda: one.called("announcement_read"))
    mine = lambda: next(m for m in one.view.details.members if m.person_id == "p-li")  # noqa: E731
    await until(lambda: mine().announcement_seen == 1)
    one.view.read_announcement()
    assert len(one.called("announcement_read")) == 1
    one.dialog(AnnouncementDialog).accept()
    owner = await panel()
    owner.view.read_announcement()
    owner.dialog(AnnouncementDialog).edit.click()
    editor = owner.view.window().findChild(TextDialog)
    assert editor is not None
    editor.reject()


@pytest.mark.clause("E079")
async def test_files_of_the_group_are_put_found_renamed_and_taken_away(panel, tmp_path: Path):
    one = await panel()
    one.click(one.view.main.action_list.rows[detail_actions.SPACE])
    dialog = one.dialog(SpaceDialog)
    await until(lambda: len(dialog.model.items) == 4)
    assert [item.folder for item in dialog.model.items] == [True, True, False, False]
    rules = next(n for n, item in enumerate(dialog.model.items) if item.name == "制度与预案")
    dialog._opened(dialog.model.index(rules, 0))
    assert [item.name for item in dialog.model.items] == ["一级响应流程.pdf"]
    assert dialog.path.text() == "群文件 / 制度与预案"
    paper = tmp_path / "名单.docx"
    await asyncio.to_thread(paper.write_bytes, b"x" * 10)
    dialog.put([paper])
    await until(lambda: len(dialog.model.items) == 2)
    assert one.called("add_file") == [(ID, "名单.docx", dialog.folder)]
    QTest.mouseClick(dialog.up, LEFT)
    dialog.search.edit.insert("泵站")
    await until(lambda: [item.name for item in dialog.model.items] == ["泵站备用电源核查表.xlsx"])
    dialog._remove(dialog.model.items[0])
    asked = dialog.findChild(ConfirmDialog)
    assert asked is not None
    asked.accept_button.click()
    await until(lambda: not dialog.model.items)
    dialog.accept()
    # A plain member puts nothing into a closed folder, and takes away what is his own only.
    member = await panel("p-li")
    member.click(member.view.main.action_list.rows[detail_actions.SPACE])
    theirs = member.dialog(SpaceDialog)
    await until(lambda: theirs.model.items)
    assert theirs.upload.isEnabled()
    may = {item.name[:4]: theirs._may_change(item.row) for item in theirs.model.items}
    assert may == {"制度与预": False, "各区县值": True, "泵站备用": False, "郑州市防": True}
    closed = next(item for item in theirs.model.items if item.name == "制度与预案")
    theirs._enter(closed.row.entry.id)
    assert not theirs.upload.isEnabled()
    theirs.accept()


@pytest.mark.clause("E076", "E087", "E086", "E071", "E161")
async def test_nickname_clearing_and_relations_are_in_the_panel(panel):
    one = await panel("p-li")
    rows = one.view.main.action_list.rows
    one.click(rows[detail_actions.NICKNAME])
    editor = one.dialog(TextDialog)
    QTest.keyClicks(editor.edit, "zhongyuanli")
    editor.go.click()
    await until(lambda: rows[detail_actions.NICKNAME].accessibleName().endswith("zhongyuanli"))
    one.click(rows[detail_actions.CLEAR])
    asked = one.dialog(ConfirmDialog)
    assert "不受影响" in asked.text.text()
    asked.refuse_button.click()
    assert one.called("clear") == []
    one.click(rows[detail_actions.CLEAR])
    one.dialog(ConfirmDialog).accept_button.click()
    await until(lambda: one.called("clear") == [(ID,)])
    single = await panel("p-li", "c-zhao")
    rows = single.view.main.action_list.rows
    assert not rows[detail_actions.SPACE].isVisibleTo(single.view)
    single.click(rows[detail_actions.SPECIAL])
    await until(lambda: rows[detail_actions.SPECIAL].accessibleName() == "特别关注，已开启")
    single.click(rows[detail_actions.BLOCKED])
    single.dialog(ConfirmDialog).accept_button.click()
    await until(lambda: single.groups.relations[RelationKind.BLOCKED] == ["p-zhao"])
    await until(lambda: rows[detail_actions.BLOCKED].accessibleName() == "黑名单，已开启")
    single.click(rows[detail_actions.BLOCKED])
    await until(lambda: single.groups.relations[RelationKind.BLOCKED] == [])


@pytest.mark.clause("E073")
async def test_pictures_and_links_have_lists_of_their_own(panel):
    one = await panel("p-li", "c-zhao")
    one.chat.receive("c-zhao", "p-zhao", "见 https://www.zhengzhou.gov.cn/a?b=1，附件 http://oa.zz/2。")
    files = one.view.files
    await until(lambda: len(one.view.details.links) == 1)
    one.click(one.view.main.action_list.rows[detail_actions.LINKS])
    # There is no picture: the links are shown at once.
    assert files.tabs.current == "links"
    await until(lambda: len(files.model.items) == 2)
    assert [item.name for item in files.model.items] == [
        "https://www.zhengzhou.gov.cn/a?b=1",
        "http://oa.zz/2",
    ]
    files.search.edit.insert("oa.zz")
    await until(lambda: len(files.model.items) == 1)
    assert one.view.stack.currentWidget() is files


# The list.


@pytest.fixture
async def listed(qtbot):
    chat = group_pages.service("p-li")
    tasks = Tasks(lambda error, doing: pytest.fail(f"{doing}: {error!r}"))
    view = ConversationListView(chat, ThemeManager(animations=False), tasks)
    view.resize(620, 700)
    qtbot.addWidget(view)
    view.show()
    view.start()
    await until(lambda: view.feed.has_loaded and view.model.arrangement.folders)
    yield view, chat
    if isValid(view):
        view.close_feed()
    await tasks.settle()


def drop_at(target, spot, conversation_id: str) -> None:
    data = QMimeData()
    data.setData(CONVERSATION_MIME, conversation_id.encode())
    event = QDropEvent(QPointF(spot), Qt.DropAction.MoveAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    target.dropEvent(event)


@pytest.mark.clause("E066", "3.1.2.1")
async def test_groupings_of_ones_own_are_filled_by_drag_and_by_menu_and_managed(listed):
    view, chat = listed
    tabs: ListTabs = view.tabs
    places = {text.split()[0]: (key, rect) for key, rect, text in tabs.places()}
    assert {"防汛", "领导交办"} <= set(places)
    key, rect = places["防汛"]
    drop_at(tabs, rect.center().toPoint(), "c-sun")
    await until(lambda: "c-sun" in view.model.arrangement.folder("folder/1").members)
    QTest.mouseClick(tabs, LEFT, pos=rect.center().toPoint())
    assert tabs.current == key
    await until(lambda: {view.model.at(n).id for n in range(view.model.rowCount())} == {ID, "c-hw", "c-sun"})
    row = view.model.get("c-sun")
    menu = conversation_menu(row, chat, view._tasks.start, view, view.arranging)
    (inner,) = menu.findChildren(QMenu)
    states = {action.text(): action.isChecked() for action in inner.actions() if action.isCheckable()}
    assert states == {"防汛": True, "领导交办": False}
    next(action for action in inner.actions() if action.text() == "防汛").trigger()
    await until(lambda: view.model.rowCount() == 2)
    menu.deleteLater()
    view.arranging.manage()
    dialog = view.window().findChild(FoldersDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.name, "huiwu")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    dialog.order.move_current(-1)
    dialog.order.item(0).setText("汛期")
    dialog.order.setCurrentRow(2)
    dialog.remove.click()
    next(b for b in dialog.findChildren(type(dialog.add)) if b.text() == "保存").click()
    await until(lambda: [one.title for one in view.model.arrangement.folders] == ["汛期", "huiwu"])
    # The grouping that was shown is still there under its new name, with what was in it.
    assert view.model.arrangement.folder("folder/1").members == {ID, "c-hw"}


@pytest.mark.clause("E074", "E084")
async def test_pinned_conversations_are_dragged_into_an_order_that_is_kept(listed):
    view, chat = listed
    for id in ("c-zhao", "c-hw"):
        await chat.change_setting(id, pinned=True)
    await until(lambda: len(view.model.pinned()) == 3)
    first, second, third = view.model.pinned()
    rect = view.view.visualRect(view.model.index(0))
    drop_at(view.view, rect.topLeft(), third)
    await until(lambda: view.model.pinned() == [third, first, second])
    last = view.view.visualRect(view.model.index(2))
    drop_at(view.view, last.bottomLeft(), third)
    await until(lambda: view.model.pinned() == [first, second, third])
    assert read_arrangement(await chat.personal.items()).pins == (first, second, third)
    # News does not move it.
    chat.receive(third, "p-zhao", "新消息")
    await until(lambda: view.model.get(third).last_text == "新消息")
    assert view.model.pinned() == [first, second, third]


@pytest.mark.clause("E067", "E155")
async def test_focus_leaves_what_is_pinned_special_or_names_me(listed):
    view, chat = listed
    everything = view.model.rowCount()
    await chat.personal.relate("p-sun", RelationKind.SPECIAL, on=True)
    QTest.mouseClick(view.focus_button, LEFT)
    await until(lambda: view.model.arrangement.focus)
    shown = {view.model.at(n).id for n in range(view.model.rowCount())}
    assert shown == {ID, "c-sun"}
    # Whoever searches finds everything all the same.
    view.search.edit.insert("赵敏")
    await until(lambda: view.model.row_of("c-zhao") >= 0)
    view.search.clear()
    QTest.mouseClick(view.focus_button, LEFT)
    await until(lambda: view.model.rowCount() == everything)


@pytest.mark.clause("E068")
async def test_the_bar_above_the_list_is_arranged_by_its_user(listed):
    view, chat = listed
    entries = [(one, one) for one in ("全部", "未读", "@我", "群聊", "单聊")]
    dialog = view.arranging.customise("tabs", "自定义菜单栏", entries)
    assert isinstance(dialog, LayoutDialog)
    order = dialog.order
    order.item(order.keys().index("群聊")).setCheckState(Qt.CheckState.Unchecked)
    order.setCurrentRow(order.keys().index("@我"))
    order.move_current(-1)
    order.move_current(-1)
    dialog._save()
    await until(lambda: view.tabs.places()[0][0] == "@我")
    keys = [key for key, _rect, _text in view.tabs.places()]
    assert keys[:4] == ["@我", "全部", "未读", "单聊"]
    assert "群聊" not in keys
    assert chat.groups.values["layout"]["tabs"]["hidden"] == ["群聊"]


@pytest.mark.clause("E059")
async def test_a_status_is_chosen_and_shows_on_the_avatar(listed, qtbot):
    view, chat = listed
    dialog = StatusDialog(chat.groups, ThemeManager(animations=False), None, lambda: NOW_MS)
    own(qtbot, dialog)
    dialog.kinds[StatusKind.CUSTOM].click()
    assert not dialog.go.isEnabled()
    dialog.text.setText("出差，周三回")
    dialog.end.show_value("3600")
    dialog.go.click()
    await until(lambda: chat.personal.status_of("p-li") is not None)
    mine = chat.personal.status_of("p-li")
    assert (mine.text, mine.until) == ("出差，周三回", NOW_MS + 3_600_000)
    item = view._item(view.model.index(view.model.row_of("c-zhao")))
    assert item.avatar.presence == "busy"


def test_what_another_version_wrote_is_left_out() -> None:
    made = read_arrangement(
        {
            "folder/1": {"title": "防汛", "order": "x", "members": [1, "c"]},
            "folder/2": ["no"],
            "folder/3": {"title": 5},
            "pins": {"a": 1},
            "focus": "yes",
            "layout": {"tabs": {"order": 3, "hidden": ["a", 2]}, "rail": 7},
        }
    )
    assert [(one.title, one.order, one.members) for one in made.folders] == [("防汛", 0, {"c"})]
    assert (made.pins, made.focus, made.tabs.hidden) == ((), False, {"a"})


@pytest.mark.clause("E089", "3.1.2.4")
async def test_administrators_set_the_limits_in_the_console(qtbot):
    told: list[str] = []
    service = group_pages.ShowcaseGroupsAdmin()
    section = GroupsSection(service, ThemeManager(animations=False), told.append)
    qtbot.addWidget(section)
    section.show()
    section.entered()
    await until(lambda: section.table.rowCount() == 4)
    assert section.count.text() == "共 4 个群，其中大群 2 / 20"
    assert [box.value() for box in (section.members, section.large_from, section.large_groups)] == [
        2000,
        1000,
        20,
    ]
    section.large_groups.setValue(30)
    section.save.click()
    await until(lambda: told == ["群聊上限已保存"])
    assert service.limits.large_groups == 30
    dialog = section.ask_limit(service.rows[3])
    dialog.box.setValue(50)
    dialog._save(lambda value: section.tasks.start(section._set_group(service.rows[3], value), "保存"))
    await until(lambda: section.table.item(3, 3).text() == "50（单独设定）")
    section.search.edit.insert("防汛")
    await until(lambda: section.table.rowCount() == 2)
    await section.close_page()


@pytest.mark.clause("E070")
async def test_the_conversations_tool_bar_is_arranged_by_its_user(qtbot, tmp_path: Path):
    chat = group_pages.service("p-li")
    tasks = Tasks(lambda error, doing: pytest.fail(f"{doing}: {error!r}"))
    page = ChatPage(chat, ThemeManager(animations=False), Preferences(tmp_path / "p.json"), tasks)
    page.resize(1100, 700)
    qtbot.addWidget(page)
    page.show()
    await until(lambda: page.list.feed.has_loaded)
    page.open("c-zhao")
    composer = page.conversation.composer
    await until(composer.isVisible)
    page.customise_tools()
    dialog = page.window().findChild(LayoutDialog)
    assert dialog is not None
    keys = dialog.order.keys()
    dialog.order.item(keys.index("voice")).setCheckState(Qt.CheckState.Unchecked)
    dialog.order.setCurrentRow(keys.index("file"))
    dialog.order.move_current(-1)
    dialog.order.move_current(-1)
    dialog._save()
    await until(lambda: not composer.tools["voice"].isVisible())
    places = sorted((tool.x(), key) for key, tool in composer.tools.items() if tool.isVisible())
    await until(lambda: composer.tools["file"].x() < composer.tools["emoji"].x())
    assert places
    await page.close_page()
    await tasks.settle()


@pytest.mark.clause("E019", "E020", "E021", "E117")
async def test_people_are_chosen_from_recent_ones_contacts_and_the_organisation(listed):
    view, chat = listed
    chat.groups.relations[RelationKind.CONTACT] = ["p-wu"]
    view.new_group()
    await until(lambda: view.findChild(PeoplePicker) is not None)
    picker = view.findChild(PeoplePicker)
    await until(lambda: SectionItem("我的联系人") in picker.model.items)
    items = picker.model.items
    assert items[0] == SectionItem("最近联系")
    assert items[items.index(SectionItem("我的联系人")) + 1].id == "p-wu"
    recent = next(item for item in items if isinstance(item, PersonItem))
    picker._opened(picker.model.index(1, 0))
    assert picker.chosen == [recent.id]
    # Unit by unit.
    picker.show_place("tree")
    await picker.tasks.settle()
    for name in ("中原区", "中原区政府办"):
        (unit,) = picker.tree.findItems(name, Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly)
        unit.setExpanded(True)
        await picker.tasks.settle()
    inside = [unit.child(row) for row in range(unit.childCount())]
    leaf = next(one for one in inside if one.data(0, Qt.ItemDataRole.CheckStateRole) is not None)
    leaf.setCheckState(0, Qt.CheckState.Checked)
    assert len(picker.chosen) == 2
    name = leaf.text(0).partition("　")[0]
    assert [one.name for one in picker.picked.model.items] == [recent.name, name]
    # Those chosen stand beside; a click takes one out, and its box in the tree with it.
    QTest.mouseClick(
        picker.picked.view.viewport(),
        Qt.MouseButton.LeftButton,
        pos=picker.picked.view.visualRect(picker.picked.model.index(1)).center(),
    )
    assert picker.chosen == [recent.id]
    assert leaf.checkState(0) is Qt.CheckState.Unchecked
    picker.picked.clear.click()
    assert picker.chosen == []
    assert not picker.go.isEnabled()
    # From a group: all of its members at once.
    picker.show_place("groups")
    await picker.tasks.settle()
    group = picker.model.items[0]
    picker._opened(picker.model.index(0))
    await picker.tasks.settle()
    members = [item.id for item in picker.model.items]
    assert len(members) > 2
    picker.all.click()
    assert picker.chosen == members
    assert picker.picked.title.text() == f"已选 {len(members)} 人"
    assert group.note.endswith(" 人")
    # Never more than there is room for, and it is said.
    picker._limit = 2
    picker.picked.clear.click()
    picker.all.click()
    assert picker.chosen == members[:2]
    assert "最多选择 2 人" in picker.notice.label.text()
    picker.reject()


@pytest.mark.clause("E072", "E082")
async def test_searching_in_a_chat_begins_from_its_panel(panel):
    one = await panel("p-li", "c-zhao")
    asked: list[bool] = []
    one.view.search_wanted.connect(lambda: asked.append(True))
    one.click(one.view.main.action_list.rows[detail_actions.SEARCH])
    assert asked == [True]
