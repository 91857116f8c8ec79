"""The organisation tree fetches a level when it is opened, once, and survives a failure."""

import asyncio

import pytest
from PySide6.QtCore import QModelIndex

from app.features.contacts.tree_model import STATE_ROLE, UNIT_ROLE, Fetch, UnitTreeModel
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from app.showcase.contacts_service import ShowcaseContacts


def fail(error: BaseException, doing: str) -> None:
    raise AssertionError(f"{doing}: {error!r}")


async def started(contacts: ShowcaseContacts) -> tuple[UnitTreeModel, Tasks]:
    tasks = Tasks(fail)
    model = UnitTreeModel(contacts.unit_children, tasks)
    model.start()
    await tasks.settle()
    return model, tasks


def child(model: UnitTreeModel, name: str, parent: QModelIndex) -> QModelIndex:
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        if model.data(index) == name:
            return index
    raise AssertionError(name)


@pytest.mark.clause("E130", "E132")
async def test_levels_are_fetched_when_opened_and_only_once(qtmodeltester):
    contacts = ShowcaseContacts()
    model, tasks = await started(contacts)
    top = model.index(0, 0)
    assert model.data(top) == "郑州市"
    assert contacts.fetched == ["u-city"]
    district = child(model, "中原区", top)
    assert model.hasChildren(district)
    assert model.canFetchMore(district)
    model.fetchMore(district)
    model.fetchMore(district)
    await tasks.settle()
    assert contacts.fetched == ["u-city", "u-zy"]
    street = child(model, "棉纺路街道", child(model, "中原区", top))
    assert model.parent(street) == district
    assert model.data(street, UNIT_ROLE).people_count == 74
    assert not model.hasChildren(child(model, "市水利局", top))
    qtmodeltester.check(model)


async def test_a_level_that_could_not_be_fetched_can_be_opened_again():
    contacts = ShowcaseContacts()
    model, tasks = await started(contacts)
    errors: list[BaseException] = []
    model.failed.connect(errors.append)
    district = child(model, "中原区", model.index(0, 0))
    contacts.error = NetworkError()
    model.fetchMore(district)
    await tasks.settle()
    await asyncio.sleep(0)
    assert [type(error) for error in errors] == [NetworkError]
    assert model.data(district, STATE_ROLE) is Fetch.FAILED
    contacts.error = None
    model.fetchMore(district)
    await tasks.settle()
    assert model.rowCount(district) == 3


async def test_without_a_root_the_tree_is_empty_and_starts_again():
    contacts = ShowcaseContacts()
    contacts.error = NetworkError()
    tasks = Tasks(fail)
    model = UnitTreeModel(contacts.unit_children, tasks)
    model.start()
    await tasks.settle()
    assert model.rowCount() == 0
    contacts.error = None
    model.start()
    await tasks.settle()
    assert model.rowCount() == 1
