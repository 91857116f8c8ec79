"""The user's own circles in the address book: contacts, special attention, recent, groups, blacklist; the card's buttons."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.features.contacts.circles import Circle
from app.features.contacts.groups_dialog import GroupsDialog
from app.features.contacts.view import ContactsPage
from app.showcase.contacts_service import ShowcaseContacts
from server_stub.contract.personal import RelationKind
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
async def page(qtbot):
    made = ContactsPage(ShowcaseContacts(), ThemeManager(animations=False))
    made.resize(1200, 720)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    await made.tasks.settle()
    yield made
    made.close_page()
    await made.tasks.close()


async def settle(page: ContactsPage) -> None:
    for _ in range(3):
        await page.tasks.settle()
        await asyncio.sleep(0)


async def go(page: ContactsPage, circle: Circle) -> list[str]:
    QTest.mouseClick(page.units.circles.entries[circle], LEFT)
    await settle(page)
    model = page.people_model
    return [name for n in range(model.rowCount()) if "人员" not in (name := str(model.index(n).data()))]


@pytest.mark.clause("E134", "E135", "E136", "E140")
async def test_people_come_into_a_circle_by_their_card_and_leave_it(page):
    service: ShowcaseContacts = page._service
    assert await go(page, Circle.CONTACTS) == ["赵敏", "阿卜杜热合曼·买买提依明"]
    assert await go(page, Circle.RECENT) == ["赵敏", "孙丽华", "王建国"]
    assert await go(page, Circle.SPECIAL) == []
    assert page.people.title.text() == "特别关注"
    await go(page, Circle.RECENT)
    page.people.rows.setCurrentIndex(page.people_model.row_of("p-sun"))
    await settle(page)
    card = page.card
    # Who sees one's number is set in the settings, not on a card.
    assert RelationKind.PHONE not in card.relations
    assert [one.text() for one in card.relations.values()] == ["特别关注", "加为联系人", "拉黑"]
    QTest.mouseClick(card.relations[RelationKind.SPECIAL], LEFT)
    await settle(page)
    assert card.relations[RelationKind.SPECIAL].text() == "取消关注"
    assert await go(page, Circle.SPECIAL) == ["孙丽华"]
    # Blocking is asked for first; taking it back is not.
    QTest.mouseClick(card.relations[RelationKind.BLOCKED], LEFT)
    asked = page.window().findChild(ConfirmDialog)
    assert asked is not None
    asked.refuse_button.click()
    await settle(page)
    assert service.relations[RelationKind.BLOCKED] == []
    QTest.mouseClick(card.relations[RelationKind.BLOCKED], LEFT)
    next(one for one in page.window().findChildren(ConfirmDialog) if one.isVisible()).accept_button.click()
    await settle(page)
    assert await go(page, Circle.BLOCKED) == ["孙丽华"]
    QTest.mouseClick(card.relations[RelationKind.BLOCKED], LEFT)
    await settle(page)
    assert await go(page, Circle.BLOCKED) == []


@pytest.mark.clause("E139")
async def test_own_groups_are_listed_searched_and_opened(page):
    wanted: list[str] = []
    page.conversation_wanted.connect(wanted.append)
    QTest.mouseClick(page.units.circles.entries[Circle.GROUPS], LEFT)
    await settle(page)
    dialog = page.window().findChild(GroupsDialog)
    assert dialog is not None
    assert next(item.name for item in dialog.model.items) == "城区防汛调度工作群"
    found = asyncio.get_running_loop().create_future()
    dialog.search.query_changed.connect(lambda text: found.done() or found.set_result(text))
    dialog.search.edit.insert("专班")
    await asyncio.wait_for(found, 5)
    assert len(dialog.model.items) == 1
    dialog._opened(dialog.model.index(0, 0))
    assert wanted == ["c-info"]


@pytest.mark.clause("E059", "E146")
async def test_a_card_says_what_its_owner_says_of_himself(page):
    await go(page, Circle.CONTACTS)
    page.people.rows.setCurrentIndex(page.people_model.row_of("p-zhao"))
    await settle(page)
    assert "会议中" in [one.text() for one in page.card.findChildren(QLabel)]
