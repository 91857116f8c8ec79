"""The search leads to the client's own places, and by separate conditions to people of all units."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.features.search.advanced import AdvancedDialog
from app.features.search.places import Place, find
from app.features.search.view import SearchDialog
from app.features.settings.view import SECTIONS, WORDS
from app.shell.tasks import Tasks
from app.showcase.contacts_service import ShowcaseContacts
from app.showcase.search_service import ShowcaseSearch
from server_stub.contract.directory import PeopleQuery, Person
from server_stub.contract.directory_admin import DirectorySettings, PersonFieldKind
from widgets.lists import PersonItem
from widgets.theme import ThemeManager

PLACES = (
    Place("page:meeting", "会议", "meeting", "页面"),
    Place("settings:lock", "锁定", "lock", "设置"),
    Place("console:directory-display", "通讯录显示", "sort", "控制台"),
)


def test_sections_of_the_settings_are_found_by_what_is_set_there():
    places = [Place(f"settings:{key}", title, icon, "设置", WORDS[key]) for key, icon, title in SECTIONS]
    wanted = {
        "深色": "general",
        "字体": "general",
        "提醒": "notifications",
        "修改密码": "account",
        "缓存": "storage",
    }
    for words, key in wanted.items():
        assert [one.key for one in find(places, words, 5)] == [f"settings:{key}"]


def fail(error: BaseException, doing: str) -> None:
    raise AssertionError(f"{doing}: {error!r}")


@pytest.mark.clause("E056")
@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("会议", "page:meeting"),
        ("huiyi", "page:meeting"),
        ("HY", "page:meeting"),
        ("txlxs", "console:directory-display"),
    ],
)
async def test_pages_are_found_by_name_pinyin_and_initials_and_opened_by_enter(
    qtbot, text: str, key: str
) -> None:
    tasks = Tasks(fail)
    dialog = SearchDialog(ShowcaseSearch(), ThemeManager(animations=False), tasks, places=PLACES)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    led: list[str] = []
    dialog.place_chosen.connect(led.append)
    dialog.tabs.set_current("place")
    asked = asyncio.get_running_loop().create_future()
    dialog.search.query_changed.connect(lambda words: asked.done() or asked.set_result(words))
    dialog.search.edit.setFocus()
    dialog.search.edit.insert(text)
    await asyncio.wait_for(asked, 5)
    await tasks.settle()
    assert len([item for item in dialog.model.items if isinstance(item, PersonItem)]) == 1
    QTest.keyClick(dialog.search.edit, Qt.Key.Key_Return)
    assert led == [key]
    await tasks.close()


def test_places_that_do_not_fit_are_not_found() -> None:
    assert find(PLACES, "绝无此词", 5) == []
    assert find(PLACES, "u", 5) == []
    assert [place.key for place in find(PLACES, "s", 5)] == ["settings:lock"]


class Finder:
    """Keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[PeopleQuery] = []

    async def display(self) -> DirectorySettings:
        kinds = [
            PersonFieldKind(id="f1", name="工号", searchable=True),
            PersonFieldKind(id="f2", name="备注"),
        ]
        return DirectorySettings(fields=kinds)

    async def find(self, query: PeopleQuery) -> list[Person]:
        self.asked.append(query)
        return [Person(id="p1", name="王建国")] if query.fields.get("f1") == "80271" else []


@pytest.mark.clause("3.1.3.8")
async def test_the_advanced_search_offers_searchable_fields_and_opens_the_person(qtbot) -> None:
    tasks, finder = Tasks(fail), Finder()
    themes = ThemeManager(animations=False)
    search = SearchDialog(ShowcaseSearch(), themes, tasks)
    qtbot.addWidget(search)
    with qtbot.waitSignal(search.advanced_wanted):
        search.advanced.click()
    dialog = AdvancedDialog(finder, ShowcaseContacts(), themes, tasks)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    await tasks.settle()
    assert list(dialog.fields) == ["f1"]
    led: list[str] = []
    dialog.person_chosen.connect(led.append)
    dialog.search()
    assert finder.asked == []
    dialog.name.setText("WJG")
    dialog.fields["f1"].setText("1")
    dialog.go.click()
    await tasks.settle()
    assert dialog.stack.currentWidget() is dialog.nothing
    dialog.fields["f1"].setText("80271")
    dialog.go.click()
    await tasks.settle()
    assert finder.asked[-1].name == "WJG"
    dialog.rows.open_current()
    assert led == ["p1"]
    await tasks.close()
