"""The console's section 功能权限: what is shown, given, refused and taken back, with the organisation to choose from."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem

from app.features.admin.permissions.view import PermissionsSection
from app.shell.org_picker import OrgPicker
from app.showcase.console_pages import ShowcasePermissions
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.permissions import Grant, Subject
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager


@pytest.fixture
def service():
    return ShowcasePermissions()


@pytest.fixture
async def section(qapp, qtbot, service):
    themes = ThemeManager("light", animations=False)
    made = PermissionsSection(service, themes)
    made.resize(1000, 700)
    qtbot.addWidget(made)
    made.show()
    made.entered()
    await made.tasks.settle()
    yield made
    await made.close_page()


def names(section: PermissionsSection) -> list[str]:
    return [section.table.item(row, 0).text() for row in range(section.table.rowCount())]


def item(tree, words: str) -> QTreeWidgetItem:
    found = tree.findItems(words, Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchRecursive)
    assert found, words
    return found[0]


def click(tree, words: str) -> None:
    """On the words of a row, as a hurried clerk does."""
    place = tree.visualItemRect(item(tree, words))
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place.center())


@pytest.mark.clause("3.1.1.4")
async def test_units_and_people_are_ticked_in_the_tree_and_by_search(section, service):
    assert names(section)[:2] == ["中原区", "信息化建设与数据资源协调推进专班"]
    assert section.everyone.isChecked()
    section.refuse.click()
    picker = section.picker
    await picker.tasks.settle()
    assert not picker.go.isEnabled()
    click(picker.tree, "市水利局")
    click(picker.tree, "市应急管理局")
    click(picker.tree, "市应急管理局")
    item(picker.tree, "市政府办公室").setExpanded(True)
    await picker.tasks.settle()
    assert item(picker.tree, "秘书一处") is not None
    picker.search.edit.setText("王建国")
    picker.search.query_changed.emit("王建国")
    await picker.tasks.settle()
    item(picker.found, "王建国").setCheckState(0, Qt.CheckState.Checked)
    assert picker.count.text() == "已选 1 个单位、1 人"
    picker.go.click()
    await picker.tasks.settle()
    rows = {(one.subject, one.subject_id): one.allow for one in service.rows}
    assert rows[Subject.UNIT, "u-wat"] is False
    assert rows[Subject.PERSON, "p-wang"] is False
    assert (Subject.UNIT, "u-emg") not in rows
    assert not section.findChildren(OrgPicker)
    assert {"u-wat", "p-wang"} <= set(names(section))


async def test_enter_in_the_search_ticks_the_only_hit_once_it_is_there(section):
    section.refuse.click()
    picker = section.picker
    await picker.tasks.settle()
    QTest.keyClicks(picker.search.edit, "wangjianguo")
    QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
    await picker.tasks.settle()
    assert [one.name for one in picker.picked] == ["王建国"]
    assert picker.go.isEnabled()
    # Several hits: none of them is meant more than another, and an Enter of before counts no more.
    picker.search.edit.setText("市")
    QTest.keyClick(picker.search.edit, Qt.Key.Key_Return)
    await picker.tasks.settle()
    assert picker.found.topLevelItemCount() > 1
    picker.search.edit.setText("wangjianguo")
    picker.search.query_changed.emit("wangjianguo")
    await picker.tasks.settle()
    assert [one.name for one in picker.picked] == ["王建国"]
    assert picker.isVisible()


async def test_a_row_is_taken_back_after_a_question_and_everyone_has_a_switch(section, service):
    section.everyone.click()
    await section.tasks.settle()
    assert not [one for one in service.rows if one.subject is Subject.EVERYONE]
    assert not section.everyone.isChecked()
    section.table.cellWidget(0, 5).layout().itemAt(0).widget().click()
    (dialog,) = section.findChildren(ConfirmDialog)
    dialog.accept_button.click()
    await section.tasks.settle()
    assert "中原区" not in names(section)


async def test_a_refused_change_is_said_and_the_list_stays(section, service):
    async def refuse(_feature, _changes):
        raise ApiError(ErrorCode.FORBIDDEN)

    service.change = refuse
    section.everyone.click()
    await section.tasks.settle()
    assert "没有进行此操作的权限" in section.problem.label.text()
    assert section.everyone.isChecked()
    assert section.everyone.isEnabled()
    assert len(names(section)) == 4


async def test_a_long_list_names_who_is_gone(section, service):
    service.rows.append(Grant(subject=Subject.PERSON, subject_id="p-gone", allow=True))
    section.entered()
    await section.tasks.settle()
    assert names(section)[-1] == "（已不存在）"
