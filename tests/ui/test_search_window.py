"""The search window: people, groups, units and messages in one list, led by the keyboard; one conversation alone."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.features.search.items import Target, snippet
from app.features.search.service import familiar_first
from app.features.search.view import SearchDialog
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from app.showcase import chats
from app.showcase.search_service import ShowcaseSearch
from server_stub.contract.directory import Person
from widgets.lists import PersonItem, SectionItem
from widgets.theme import ThemeManager


def fail(error: BaseException, doing: str) -> None:
    raise AssertionError(f"{doing}: {error!r}")


class Opened:
    """A search window and what it led to."""

    def __init__(self, qtbot, service: ShowcaseSearch, conversation_id: str = "") -> None:
        self.tasks = Tasks(fail)
        self.dialog = SearchDialog(
            service, ThemeManager(animations=False), self.tasks, conversation_id=conversation_id
        )
        qtbot.addWidget(self.dialog)
        self.dialog.show()
        qtbot.waitExposed(self.dialog)
        self.led: list[tuple[object, ...]] = []
        self.dialog.person_chosen.connect(lambda id: self.led.append(("person", id)))
        self.dialog.unit_chosen.connect(lambda id: self.led.append(("unit", id)))
        self.dialog.conversation_chosen.connect(lambda id, seq: self.led.append(("chat", id, seq)))

    async def type(self, text: str) -> None:
        asked = asyncio.get_running_loop().create_future()
        self.dialog.search.query_changed.connect(lambda words: asked.done() or asked.set_result(words))
        self.dialog.search.edit.setFocus()
        self.dialog.search.edit.insert(text)
        await asyncio.wait_for(asked, 5)
        await self.tasks.settle()

    @property
    def sections(self) -> list[str]:
        return [item.title for item in self.dialog.model.items if isinstance(item, SectionItem)]

    @property
    def names(self) -> list[str]:
        return [item.name for item in self.dialog.model.items if isinstance(item, PersonItem)]


@pytest.fixture
def opened(qtbot):
    return lambda service=None, conversation_id="": Opened(
        qtbot, service or ShowcaseSearch(), conversation_id
    )


@pytest.mark.clause("E051", "E054", "E055")
async def test_everything_that_matches_stands_in_one_list(opened):
    window = opened()
    await window.type("中原区")
    assert window.sections == ["单位", "聊天记录"]
    assert "中原区政府办" in window.names
    # The tabs say how many of each kind there are; under 全部 stand the first few.
    labels = {key: text for key, _, text in window.dialog.tabs.places() if key}
    units = sum(1 for item in window.dialog.model.items if isinstance(item, PersonItem) and "unit" in item.id)
    assert labels["unit"] == f"单位 {units}"
    assert labels["person"] == "联系人"
    window.dialog.search.edit.clear()
    await window.type("没有这样的词")
    assert not any(char.isdigit() for _, _, text in window.dialog.tabs.places() for char in text)


@pytest.mark.clause("E052")
async def test_a_person_is_found_and_written_to_without_a_mouse(opened):
    window = opened()
    await window.type("zhaomin")
    assert window.sections[0] == "联系人"
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Return)
    assert window.led == [("person", "p-zhao")]
    assert not window.dialog.isVisible()


@pytest.mark.clause("E053")
async def test_a_group_is_found_by_a_part_of_its_name(opened):
    window = opened()
    await window.type("防汛")
    assert window.sections == ["群组", "文件"]
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Return)
    assert window.led == [("chat", "c-flood", 0)]


def test_with_whom_one_talks_stands_before_namesakes_and_strangers():
    def person(id: str, name: str) -> Person:
        return Person(id=id, name=name)

    people = [
        person("p-1", "赵波"),
        person("p-2", "赵超"),
        person("p-zhao", "赵敏"),
        person("p-4", "赵"),
        person("p-5", "赵敏"),
    ]
    rows = [row for row in chats.conversation_rows() if row.peer_id]
    assert "p-zhao" in [row.peer_id for row in rows]
    assert [one.id for one in familiar_first(people, rows, "zhao")] == ["p-zhao", "p-1", "p-2", "p-4", "p-5"]
    assert [one.id for one in familiar_first(people, rows, "赵敏")] == ["p-zhao", "p-5", "p-1", "p-2", "p-4"]
    assert next(one.id for one in familiar_first(people, rows, "赵")) == "p-4"


@pytest.mark.clause("E082")
async def test_one_conversation_is_searched_for_messages_alone(opened):
    window = opened(conversation_id="c-flood")
    assert not window.dialog.tabs.isVisible()
    await window.type("值守")
    assert window.sections == ["聊天记录"]
    first = window.dialog.model.items[1]
    assert isinstance(first, PersonItem)
    # Which conversation it is everybody knows here: each row says who said it.
    assert "王建国" in window.names
    assert "城区防汛调度工作群" not in window.names
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Return)
    assert window.led == [("chat", "c-flood", Target.of(first.id).seq)]
    assert Target.of(first.id).seq > 0


async def test_the_arrow_keys_move_through_the_rows_from_the_field(opened):
    window = opened()
    await window.type("中原区")
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Down)
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Return)
    assert window.led == [("unit", "u-zy-gov")]


async def test_a_tab_shows_one_kind(opened):
    window = opened()
    await window.type("中原区")
    window.dialog.tabs.setFocus()
    QTest.keyClick(window.dialog.tabs, Qt.Key.Key_End)
    QTest.keyClick(window.dialog.tabs, Qt.Key.Key_Left)
    await window.tasks.settle()
    assert window.sections == ["聊天记录"]


async def test_a_file_is_found_by_its_words_and_leads_to_its_message(opened):
    window = opened()
    await window.type("抽水泵车")
    assert window.sections[-1] == "文件"
    row = window.dialog.model.items[-1]
    assert isinstance(row, PersonItem)
    assert row.name == "防汛物资储备清单.docx"
    assert row.note.startswith("第2页 三、抽水泵车共32台")
    window.dialog.rows.setCurrentIndex(window.dialog.model.index(window.dialog.model.rowCount() - 1, 0))
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Return)
    assert window.led == [("chat", "c-flood", 131)]


async def test_without_a_server_what_the_machine_knows_is_still_shown(opened):
    service = ShowcaseSearch()
    service.contacts.error = NetworkError()
    window = opened(service)
    await window.type("防汛")
    assert window.sections == ["群组", "文件"]
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Escape)
    await window.type("zhao")
    assert window.dialog.stack.currentWidget() is window.dialog.nothing
    assert "无法连接服务器" in window.dialog.nothing.text.text()


async def test_nothing_found_is_said(opened):
    window = opened()
    await window.type("绝无此词")
    assert window.dialog.nothing.title.text() == "没有找到“绝无此词”"
    QTest.keyClick(window.dialog.search.edit, Qt.Key.Key_Return)
    assert window.led == []
    assert window.dialog.isVisible()


def test_the_place_that_was_found_is_in_the_line():
    body = "市气象台发布暴雨橙色预警\n请各区在今晚十一点以前报送值守名单和联系电话"
    assert snippet(body, "值守").startswith("…")
    assert "值守名单" in snippet(body, "值守")
    assert snippet("短句 值守", "值守") == "短句 值守"
