"""The address book page: units, search, cards, by mouse and keyboard, and what it says when nothing can be read."""

import asyncio

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.features.contacts.people_model import ROW_ROLE, Heading, PersonRow
from app.features.contacts.view import ContactsPage
from app.session.states import NetworkError
from app.showcase.contacts_service import ShowcaseContacts
from server_stub.contract.directory import Unit, UnitChildren
from server_stub.contract.directory_admin import DirectorySettings
from widgets.theme import ThemeManager

SIZE = (1200, 720)


@pytest.fixture
async def page(qtbot):
    made = ContactsPage(ShowcaseContacts(), ThemeManager(animations=False))
    made.resize(*SIZE)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    await made.tasks.settle()
    yield made
    made.close_page()
    await made.tasks.close()


def shown(page: ContactsPage) -> list[str]:
    return [page.people_model.index(row).data() for row in range(page.people_model.rowCount())]


async def search(page: ContactsPage, text: str) -> None:
    page.units.search.edit.setFocus()
    asked = asyncio.get_running_loop().create_future()
    page.units.search.query_changed.connect(lambda words: asked.done() or asked.set_result(words))
    # An input method commits Chinese text as a whole.
    page.units.search.edit.insert(text)
    assert await asyncio.wait_for(asked, 5) == text
    await page.tasks.settle()


@pytest.mark.clause("E131")
async def test_it_opens_at_the_own_department(page):
    assert page.people.title.text() == "中原区政府办"
    assert shown(page) == ["李强", "孙丽华"]
    assert page.units.tree.currentIndex().data() == "中原区政府办"


@pytest.mark.clause("E130", "E132")
async def test_a_unit_is_reached_through_tree_list_and_breadcrumb(page):
    tree = page.units.tree
    root = page.units_model.index(0, 0)
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(root).center())
    await page.tasks.settle()
    assert page.people.title.text() == "郑州市"
    assert shown(page)[0] == "下级单位 6"
    rows = page.people.rows
    office = page.people_model.row_of("u-gov")
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualRect(office).center())
    await page.tasks.settle()
    assert page.people.title.text() == "市政府办公室"
    assert tree.currentIndex().data() == "市政府办公室"
    way = page.people.way
    place, rect, text = way.steps()[0]
    assert (place, text) == (0, "郑州市")
    QTest.mouseClick(way, Qt.MouseButton.LeftButton, pos=rect.center().toPoint())
    await page.tasks.settle()
    assert page.people.title.text() == "郑州市"


async def test_a_long_way_folds_from_the_left(page):
    page.show_unit("u-zy-st-1")
    await page.tasks.settle()
    way = page.people.way
    way.resize(140, way.height())
    texts = [text for _, _, text in way.steps()]
    assert texts[0] == "…"
    assert texts[-1].startswith("锦江")
    assert way.accessibleName() == "所在位置：郑州市 / 中原区 / 棉纺路街道 / 锦江社区"


@pytest.mark.clause("E137")
@pytest.mark.parametrize(("text", "found"), [("赵", "赵敏"), ("zhaomin", "赵敏"), ("zm", "赵敏")])
async def test_people_are_found_by_name_pinyin_and_initials(page, text, found):
    await search(page, text)
    assert found in shown(page)
    assert isinstance(page.people_model.index(0).data(ROW_ROLE), Heading)


async def test_from_the_search_box_to_a_message_without_a_mouse(page):
    wanted: list[str] = []
    page.message_wanted.connect(wanted.append)
    await search(page, "孙")
    QTest.keyClick(page.units.search.edit, Qt.Key.Key_Down)
    assert page.people.rows.hasFocus()
    await page.tasks.settle()
    assert page.card.person is not None
    assert page.card.person.name == "孙丽华"
    QTest.keyClick(page.people.rows, Qt.Key.Key_Return)
    assert wanted == ["p-sun"]
    QTest.keyClick(page.units.search.edit, Qt.Key.Key_Escape)
    await page.tasks.settle()
    assert page.people.title.text() == "中原区政府办"


async def test_nothing_found_says_what_else_to_try(page):
    await search(page, "zhuge")
    assert page.people.stack.currentWidget() is page.people.empty
    assert page.people.empty.title.text() == "没有找到“zhuge”"


@pytest.mark.clause("E141")
async def test_a_card_shows_post_rank_unit_and_copies_the_phone(page):
    page.show_unit("u-emg")
    await page.tasks.settle()
    page.people.rows.setCurrentIndex(page.people_model.row_of("p-wang"))
    await page.tasks.settle()
    texts = " ".join(child.text() for child in page.card.findChildren(type(page.people.count)))
    for words in ("王建国", "副局长", "二级调研员", "市应急管理局", "138 0371 0002"):
        assert words in texts
    copied: list[str] = []
    page.copied.connect(copied.append)
    QTest.mouseClick(page.card.copy_phone, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "138 0371 0002"
    assert copied == ["手机号"]


@pytest.mark.clause("E143")
async def test_a_phone_that_may_not_be_seen_is_not_there_to_copy(page):
    page.show_unit("u-gov-1")
    await page.tasks.settle()
    page.people.rows.setCurrentIndex(page.people_model.row_of("p-wu"))
    await page.tasks.settle()
    assert not page.card.copy_phone.isVisible()
    assert "未公开" in [child.text() for child in page.card.findChildren(type(page.people.count))]


async def test_one_does_not_write_to_oneself(page):
    page.people.rows.setCurrentIndex(page.people_model.row_of("p-li"))
    await page.tasks.settle()
    assert not page.card.message.isVisible()
    wanted: list[str] = []
    page.message_wanted.connect(wanted.append)
    QTest.keyClick(page.people.rows, Qt.Key.Key_Return)
    assert wanted == []


async def test_presence_is_followed(page):
    page.show_unit("u-wat")
    await page.tasks.settle()
    row = page.people_model.row_of("p-zhou").data(ROW_ROLE)
    assert isinstance(row, PersonRow)
    assert not row.online
    page._service.online.add("p-zhou")
    for listener in page._service.presence_listeners:
        listener(frozenset({"p-zhou"}))
    assert page.people_model.row_of("p-zhou").data(ROW_ROLE).online


async def test_a_failure_is_said_and_trying_again_helps(qtbot):
    service = ShowcaseContacts()
    service.error = NetworkError()
    page = ContactsPage(service, ThemeManager(animations=False))
    page.resize(*SIZE)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    await page.tasks.settle()
    assert page.people.stack.currentWidget() is page.people.failed
    assert "无法连接服务器" in page.people.failed.text.text()
    service.error = None
    QTest.mouseClick(page.people.failed.action, Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert shown(page) == ["李强", "孙丽华"]
    assert page.units_model.rowCount() == 1


async def test_a_narrow_window_shows_the_card_in_place_of_the_list(page):
    page.resize(800, 600)
    for _ in range(500):
        if not page.split.panel_open:
            break
        await asyncio.sleep(0.01)
    assert not page.split.panel_open
    rows = page.people.rows
    page.units.search.edit.setFocus()
    page.people.person_chosen.emit(page.people_model.people[1])
    await page.tasks.settle()
    assert page.narrow_card.isVisible()
    QTest.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert rows.isVisible()


async def test_sub_units_read_as_such(page):
    page.show_unit("")
    await page.tasks.settle()
    index = page.people_model.row_of("u-zy")
    assert isinstance(index.data(ROW_ROLE), Unit)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "中原区，单位，412 人"


@pytest.mark.clause("E133")
async def test_the_own_lines_stand_above_the_tree_and_open(page):
    entries = page.units.lines.entries
    assert [one.text() for one in entries] == ["条线  应急条线", "条线  应急条线 / 防汛专线"]
    QTest.mouseClick(entries[0], Qt.MouseButton.LeftButton)
    await page.tasks.settle()
    assert page.people.title.text() == "应急条线"
    kinds = [type(page.people_model.index(row).data(ROW_ROLE)) for row in range(page.people_model.rowCount())]
    assert kinds.count(PersonRow) == 1
    assert kinds.count(Unit) == 2


@pytest.mark.clause("3.1.3.11")
async def test_units_come_first_and_cards_hold_less_where_administrators_want_it(qtbot):
    service = ShowcaseContacts()

    async def display() -> DirectorySettings:
        return DirectorySettings(people_first=False, card=["posts"])

    async def unit_children(unit_id: str = "") -> UnitChildren:
        top, own = await whole(""), await whole(next(post.unit_id for post in service.me.posts if post.main))
        return msgspec.structs.replace(top, people=own.people, people_total=len(own.people))

    whole, service.unit_children = service.unit_children, unit_children
    service.display = display
    page = ContactsPage(service, ThemeManager(animations=False))
    page.resize(*SIZE)
    qtbot.addWidget(page)
    page.show()
    await page.tasks.settle()
    rows = [page.people_model.index(row).data(ROW_ROLE) for row in range(page.people_model.rowCount())]
    places = {
        kind: [at for at, row in enumerate(rows) if isinstance(row, kind)] for kind in (Unit, PersonRow)
    }
    assert places[Unit]
    assert places[PersonRow]
    assert max(places[Unit]) < min(places[PersonRow])
    person = rows[places[PersonRow][0]].person
    page._person_chosen(person)
    await page.tasks.settle()
    words = [one.text() for one in page.card.findChildren(QLabel)]
    assert "手机" not in words
    assert person.posts[0].unit_name in words
    page.close_page()
    await page.tasks.close()
