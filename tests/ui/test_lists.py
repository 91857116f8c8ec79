"""The painted lists, and the conversation list over a service in memory: chosen, searched and changed by hand."""

from dataclasses import replace

import pytest
from bed.waits import until
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.features.chat.group_code import NumberDialog
from app.features.chat.list_items import item_of
from app.features.chat.list_picker import PeoplePicker
from app.features.chat.list_view import ConversationListView
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from app.showcase import chats
from app.showcase.chat_service import ShowcaseChat
from app.showcase.office import BY_ID, NOW_MS
from app.store.records import MemberRow
from server_stub.contract.conversations import MemberRole
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView, SectionItem
from widgets.theme import ThemeManager


def fail(error: BaseException, doing: str) -> None:
    raise AssertionError(f"{doing}: {error!r}")


class Bench:
    """A shown list, its service, and what was opened."""

    def __init__(self, qtbot) -> None:
        self.service = ShowcaseChat()
        self.tasks = Tasks(fail)
        self.list = ConversationListView(self.service, ThemeManager(animations=False), self.tasks)
        self.opened: list[str] = []
        self.list.opened.connect(self.opened.append)
        self.list.resize(288, 700)
        qtbot.addWidget(self.list, before_close_func=ConversationListView.close_feed)
        with qtbot.waitActive(self.list):
            self.list.show()

    def titles(self) -> list[str]:
        model = self.list.model
        return [model.at(n).title for n in range(model.rowCount())]

    def click(self, row: int, button=Qt.MouseButton.LeftButton) -> None:
        view = self.list.view
        QTest.mouseClick(view.viewport(), button, pos=view.visualRect(view.model().index(row, 0)).center())

    async def choose(self, row: int, text: str) -> None:
        """Use the row's menu."""
        view = self.list.view
        spot = view.visualRect(view.model().index(row, 0)).center()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, view.viewport().mapToGlobal(spot))
        QApplication.sendEvent(view.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        action = next(one for one in menu.actions() if one.text() == text)
        action.trigger()
        menu.close()
        await self.tasks.settle()


@pytest.fixture
async def bench(qtbot):
    bench = Bench(qtbot)
    bench.list.start()
    await bench.tasks.settle()
    return bench


@pytest.mark.clause("E070", "3.1.2.1")
async def test_a_click_opens_a_conversation_and_marks_it(bench):
    bench.click(1)
    assert bench.opened == ["c-zhao"]
    assert bench.list.current == "c-zhao"
    assert bench.list.view.currentIndex().row() == 1


async def test_arrow_keys_wander_and_enter_opens(bench):
    bench.list.set_current("c-zhao")
    view = bench.list.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert bench.opened == []
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert bench.opened == ["c-notice"]
    QTest.keyClick(view, Qt.Key.Key_Home)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert bench.list.search.edit.hasFocus()
    # Nothing was opened by wandering: the open conversation is marked again.
    assert view.currentIndex().row() == bench.list.model.row_of("c-notice")


async def test_ctrl_f_searches_and_enter_opens_the_first(bench, qtbot):
    bench.list.view.setFocus()
    QTest.keyClick(bench.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bench.list.search.edit.hasFocus()
    bench.list.search.edit.insert("孙丽")
    await until(lambda: bench.titles() == ["孙丽华"])
    QTest.keyClick(bench.list.search.edit, Qt.Key.Key_Return)
    assert bench.opened == ["c-sun"]
    QTest.keyClick(bench.list.search.edit, Qt.Key.Key_Escape)
    assert len(bench.titles()) == 10


@pytest.mark.clause("E066")
async def test_tabs_group_the_list_and_say_when_nothing_is_there(bench):
    bench.list.tabs.setFocus()
    QTest.keyClick(bench.list.tabs, Qt.Key.Key_Right)
    assert set(bench.titles()) == {"城区防汛调度工作群", "赵敏", "会务", chats.conversation_rows()[5].title}
    await bench.service.mark_read(chats.FLOOD)
    await bench.service.mark_read("c-info")
    bench.list.tabs._choose("@我")
    await until(lambda: bench.list.stack.currentWidget() is bench.list.empty)
    assert bench.list.empty.title.text() == "没有人 @ 您"


@pytest.mark.clause("E065")
async def test_unread_is_counted_on_the_tab_and_told(bench):
    counts: list[int] = []
    bench.list.unread_changed.connect(counts.append)
    assert "未读 5" in [text for _, _, text in bench.list.tabs.places()]
    bench.service.receive("c-zhou", "p-zhou", "水位已降")
    await until(lambda: counts == [6])
    assert "未读 6" in [text for _, _, text in bench.list.tabs.places()]


@pytest.mark.clause("E071", "E074", "E075", "E084", "E085")
async def test_the_menu_pins_mutes_marks_and_removes(bench):
    row = bench.list.model.row_of("c-feng")
    await bench.choose(row, "置顶")
    await until(lambda: bench.list.model.row_of("c-feng") == 1)
    await bench.choose(1, "免打扰")
    await until(lambda: bench.list.model.get("c-feng").muted)
    await bench.choose(1, "标为未读")
    await until(lambda: bench.list.model.get("c-feng").marked_unread)
    await bench.choose(1, "标为已读")
    await until(lambda: not bench.list.model.get("c-feng").marked_unread)
    await bench.choose(1, "取消置顶")
    await until(lambda: bench.list.model.row_of("c-feng") == 9)
    await bench.choose(9, "从列表移除")
    await until(lambda: bench.list.model.row_of("c-feng") == -1)


async def test_a_right_click_chooses_nothing(bench):
    bench.click(1)
    bench.click(4, Qt.MouseButton.RightButton)
    assert bench.opened == ["c-zhao"]
    assert bench.list.view.currentIndex().row() == 1


async def test_a_moving_conversation_takes_its_mark_along(bench):
    bench.click(7)
    open_id = bench.list.current
    bench.service.receive(open_id, "p-zhou", "水位已降")
    await until(lambda: bench.list.model.row_of(open_id) == 1)
    assert bench.list.view.currentIndex().row() == 1


async def test_a_conversation_is_found_by_pinyin_and_initials(bench):
    every = len(bench.titles())
    for typed, wanted in (("zhaom", ["赵敏"]), ("zm", ["赵敏", "周明"])):
        bench.list.search.edit.insert(typed)
        await until(lambda wanted=wanted: bench.titles() == wanted)
        bench.list.search.clear()
        await until(lambda: len(bench.titles()) == every)


async def test_who_has_forgotten_the_focus_mode_is_told(bench):
    every = len(bench.titles())
    assert not bench.list.quiet.isVisible()
    bench.list.focus_button.click()
    await bench.tasks.settle()
    assert len(bench.titles()) < every
    assert bench.list.quiet.isVisible()
    QTest.mouseClick(bench.list.quiet.action, Qt.MouseButton.LeftButton)
    await bench.tasks.settle()
    assert len(bench.titles()) == every
    assert not bench.list.quiet.isVisible()


async def test_a_search_without_result_leads_to_colleagues(bench, qtbot):
    bench.list.search.edit.insert("吴倩")
    await until(lambda: bench.list.stack.currentWidget() is bench.list.empty)
    QApplication.sendPostedEvents()
    QTest.mouseClick(bench.list.empty.action, Qt.MouseButton.LeftButton)
    await bench.tasks.settle()
    picker = bench.list.findChild(PeoplePicker)
    assert picker.search.text() == "吴倩"
    QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
    await picker.tasks.settle()
    assert ("open_single", ("p-wu",)) in bench.service.calls
    assert bench.opened == ["c-new-p-wu"]


@pytest.mark.clause("E117")
async def test_a_group_is_made_of_ticked_colleagues(bench, qtbot):
    QTest.mouseClick(bench.list.plus, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert [one.text() for one in menu.actions()][:5] == [
        "发起单聊",
        "发起群聊",
        "从单位建群…",
        "面对面建群",
        "加入群聊…",
    ]
    menu.actions()[1].trigger()
    menu.close()
    await bench.tasks.settle()
    picker = bench.list.findChild(PeoplePicker)
    assert not picker.go.isEnabled()
    picker.name.insert("值守小组")
    for query, count in (("wjg", 1), ("zm", 2)):
        picker.search.edit.setText(query)
        QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
        await picker.tasks.settle()
        assert len(picker.chosen) == count
    assert picker.picked.title.text() == "已选 2 人"
    bench.service.error = NetworkError()
    picker.go.click()
    await picker.tasks.settle()
    assert "无法连接服务器" in picker.notice.label.text()
    picker.go.click()
    await picker.tasks.settle()
    assert bench.service.calls[-1] == ("create_group", (tuple(picker.chosen), "值守小组"))
    assert len(bench.opened) == 1
    await until(lambda: bench.list.model.row_of(bench.opened[0]) >= 0)


async def test_a_groups_avatar_gets_its_faces_when_the_cards_come(bench, monkeypatch):
    from app.showcase import chat_service

    def faces() -> int:
        row = bench.list.model.row_of(chats.FLOOD)
        return len(bench.list._item(bench.list.model.index(row)).avatar.members)

    assert faces() == 4
    bench.list._names.clear()
    known = dict(BY_ID)
    monkeypatch.setattr(chat_service, "BY_ID", {})
    bench.service.changed("people")
    await until(bench.list._cards.isActive)
    await until(lambda: not bench.list._cards.isActive())
    await bench.tasks.settle()
    assert faces() == 0
    monkeypatch.setattr(chat_service, "BY_ID", known)
    bench.service.changed("people")
    await until(lambda: faces() == 4)


def test_a_row_says_what_matters_first():
    rows = {row.id: row for row in chats.conversation_rows()}
    names = {id: person.name for id, person in BY_ID.items()}
    flood = item_of(rows[chats.FLOOD], names, NOW_MS)
    assert (flood.mark, flood.count, flood.pinned) == ("[有人@我]", 3, True)
    assert flood.text.startswith("阿卜杜热合曼·买买提依明：")
    assert len(flood.avatar.members) == 4
    assert len(item_of(rows[chats.FLOOD], {}, NOW_MS).avatar.members) == 0
    draft = item_of(rows["c-sun"], names, NOW_MS)
    assert (draft.mark, draft.text, draft.time) == ("[草稿]", "已按要求修改，", "昨天")
    assert item_of(rows["c-info"], names, NOW_MS).muted


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_people_rows_are_drawn_and_headings_are_skipped(qtbot, qtmodeltester, theme):
    themes = ThemeManager(theme, animations=False)
    items = [
        SectionItem("群主"),
        PersonItem("1", "王建国", "市应急管理局", tag="群主"),
        SectionItem("成员"),
        *[PersonItem(str(n), f"成员{n}", checked=bool(n % 2)) for n in range(2, 3000)],
    ]
    model = PeopleModel(items)
    qtmodeltester.check(model)
    view = RowView(themes, PeopleDelegate(themes), surface="content", uniform=False)
    view.setModel(model)
    view.resize(256, 300)
    qtbot.addWidget(view)
    view.show()
    view.go(0)
    assert view.currentIndex().row() == 1
    view.step(1)
    assert view.currentIndex().row() == 3
    picture = view.viewport().grab().toImage()
    ground = themes.theme.color("content")
    assert picture.pixelColor(QPoint(1, 299)) == ground
    assert picture.pixelColor(view.visualRect(view.currentIndex()).center() + QPoint(60, 0)) != ground


@pytest.mark.clause("E118")
@pytest.mark.parametrize("guests", [0, 2])
async def test_a_face_to_face_group_is_kept_only_when_somebody_joins(qtbot, guests):
    bench = Bench(qtbot)
    await bench.tasks.settle()
    bench.list.begin_face()
    await bench.tasks.settle()
    dialog = bench.list.window().findChild(NumberDialog)
    group = dialog.code.conversation_id
    assert "不保留群聊" in dialog.came.text()
    everybody = [bench.service.me.id, "p-zhao", "p-li"][: guests + 1]
    bench.service.member_rows[group] = [
        MemberRow(group, one, BY_ID[one].name, MemberRole.MEMBER) for one in everybody
    ]
    row = bench.service.conversations[group]
    bench.service.conversations[group] = replace(row, member_count=guests + 1)
    bench.service.changed("conversations", group, group)
    dialog.show()
    await until(lambda: (f"{guests} 人加入" in dialog.came.text()) == bool(guests))
    assert bench.opened == []
    dialog.reject()
    await bench.tasks.settle()
    kept = bench.service.conversations[group]
    assert (kept.dissolved, kept.hidden) == ((False, False) if guests else (True, True))
    assert bench.opened == ([group] if guests else [])
