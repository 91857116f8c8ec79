"""The console's sections of the organisation on a real server: what an administrator does is in the address book."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bed.duo import Duo, make_office, running_duo
from bed.waits import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableWidget, QWidget

from app.features.admin.organisation.display_section import DisplaySection
from app.features.admin.organisation.lines_section import LinesSection
from app.features.admin.organisation.person_dialog import PersonDialog
from app.features.admin.organisation.service import SessionBrowse, organisation_api
from app.features.admin.organisation.units_section import UnitsSection
from app.features.admin.organisation.visibility_section import VisibilitySection
from app.session.session import Session
from server_stub.contract.directory_admin import Who
from server_stub.contract.errors import ApiError
from widgets.theme import ThemeManager


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation") / "server"
    asyncio.run(make_office(folder))
    return folder


@pytest.fixture
async def duo(qapp, tmp_path: Path, template: Path) -> AsyncIterator[Duo]:
    async with running_duo(tmp_path, template) as running:
        yield running


@pytest.fixture
async def admin(duo: Duo) -> Session:
    return await duo.sign_in("admin")


@pytest.fixture
def themes() -> ThemeManager:
    return ThemeManager("light", animations=False)


def shown(section: QWidget, qtbot) -> None:
    section.resize(1000, 680)
    qtbot.addWidget(section)
    section.show()


def column(table: QTableWidget, number: int = 0) -> list[str]:
    return [table.item(row, number).text() for row in range(table.rowCount())]


def choose(table: QTableWidget, text: str) -> None:
    table.selectRow(column(table).index(text))


@pytest.mark.clause("3.1.3.11")
async def test_units_and_people_are_made_moved_ordered_and_disabled(duo: Duo, admin, themes, qtbot):
    section = UnitsSection(organisation_api(admin), SessionBrowse(admin), themes)
    told: list[str] = []
    section.told.connect(told.append)
    shown(section, qtbot)
    section.entered()
    await section.tasks.settle()
    assert column(section.table) == ["市应急管理局", "中原区", "系统管理员"]
    assert not section.up.isEnabled()

    # A newcomer types a name that exists, is told so beside the form, and mends it.
    section.new_unit.click()
    dialog = section.dialog
    QTest.keyClicks(dialog.name, "")
    dialog.name.setText("中原区")
    dialog.go.click()
    await dialog.tasks.settle()
    assert "同一上级下已有“中原区”" in dialog.notice.label.text()
    dialog.name.setText("市水利局")
    dialog.go.click()
    await until(lambda: "市水利局" in column(section.table))
    assert told == ["“市水利局”已建立"]

    choose(section.table, "市水利局")
    section.move_up.click()
    await until(lambda: column(section.table)[:3] == ["市应急管理局", "市水利局", "中原区"])
    assert section.table.selectionModel().selectedRows()[0].row() == 1

    section.table.itemDoubleClicked.emit(section.table.item(1, 0))
    await section.tasks.settle()
    assert section.path.text() == "绿城市 / 市水利局"
    assert section.empty.isVisible()
    section.new_person.click()
    person = section.dialog
    person.name.setText("曾小雨")
    person.phone.setText("12000000088")
    person.posts[0].title.setText("科员")
    person.go.click()
    await until(lambda: column(section.table) == ["曾小雨"])
    assert "账号 zengxiaoyu" in told[-1]
    assert column(section.table, 1) == ["科员"]

    section.search.edit.setText("fengxue")
    section.search.query_changed.emit("fengxue")
    await section.tasks.settle()
    assert column(section.table) == ["冯雪"]
    choose(section.table, "冯雪")
    section.table.itemDoubleClicked.emit(section.table.item(0, 0))
    person = section.dialog
    await person.tasks.settle()
    assert person.login.text() == "fengxue"
    assert person.account.text().startswith("正常")
    # A second administrator is named by a click, and the words say what that means.
    person.administrator.click()
    assert "重新登录后生效" in person.question.text.text()
    person.question.accept_button.click()
    await until(lambda: told[-1] == "“冯雪”已是管理员")
    second = await duo.sign_in("fengxue")
    assert second.is_admin
    await section.tasks.settle()
    choose(section.table, "冯雪")
    section.table.itemDoubleClicked.emit(section.table.item(0, 0))
    person = section.dialog
    await person.tasks.settle()
    assert "管理员" in person.account.text()
    assert person.administrator.text() == "取消管理员"
    person.active.click()
    person.question.accept_button.click()
    await until(lambda: told[-1] == "账号已停用")
    with pytest.raises(AssertionError):
        await duo.sign_in("fengxue")
    await section.tasks.settle()
    await section.close_page()


@pytest.mark.clause("E133")
async def test_a_line_is_made_filled_and_seen_by_those_in_it(duo: Duo, admin, themes, qtbot):
    section = LinesSection(organisation_api(admin), SessionBrowse(admin), themes)
    shown(section, qtbot)
    section.entered()
    await section.tasks.settle()
    assert section.line is None
    section.new.click()
    section.dialog.name.setText("应急条线")
    section.dialog.go.click()
    await until(lambda: section.line is not None)
    section.add.click()
    picker = section.picker
    await picker.tasks.settle()
    (item,) = picker.tree.findItems(
        "市应急管理局", Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchRecursive
    )
    item.setCheckState(0, Qt.CheckState.Checked)
    picker.go.click()
    await until(lambda: column(section.table) == ["市应急管理局"])
    feng = organisation_api(await duo.sign_in("fengxue"))
    (line,) = await feng.lines()
    assert [unit.name for unit in (await feng.line(line.id)).units] == ["市应急管理局"]
    assert await organisation_api(await duo.sign_in("liqiang")).lines() == []
    section.table.selectRow(0)
    section.drop.click()
    await until(lambda: section.table.rowCount() == 0)
    assert await feng.lines() == []
    await section.tasks.settle()
    await section.close_page()


@pytest.mark.clause("E142")
async def test_a_rule_hides_a_unit_until_it_is_removed(duo: Duo, admin, themes, qtbot):
    section = VisibilitySection(organisation_api(admin), SessionBrowse(admin), themes)
    shown(section, qtbot)
    section.entered()
    await section.tasks.settle()
    li = await duo.sign_in("liqiang")
    assert [one.name for one in (await li.api.search_directory("王建国")).people] == ["王建国"]
    section.new.click()
    dialog = section.dialog
    await dialog.tasks.settle()
    dialog.go.click()
    await dialog.tasks.settle()
    assert dialog.notice.label.text().startswith("请选择要隐藏的")
    roots = await admin.api.unit_children()
    bureau = next(one for one in roots.units if one.name == "市应急管理局")
    dialog.target.add(Who(kind="unit", id=bureau.id, name=bureau.name))
    dialog.note.setText("专案期间")
    dialog.go.click()
    await until(lambda: column(section.table) == ["隐藏“市应急管理局”"])
    assert column(section.table, 1) == ["只有内部人员和管理员"]
    assert (await li.api.search_directory("王建国")).people == []
    with pytest.raises(ApiError):
        await li.api.unit_children(bureau.id)
    section.table.selectRow(0)
    section.remove.click()
    from widgets.controls import ConfirmDialog

    (question,) = section.findChildren(ConfirmDialog)
    question.accept_button.click()
    await until(lambda: section.table.rowCount() == 0)
    assert (await li.api.search_directory("王建国")).people
    await section.tasks.settle()
    await section.close_page()


@pytest.mark.clause("3.1.3.11")
async def test_how_the_address_book_is_shown_is_kept(duo: Duo, admin, themes, qtbot):
    section = DisplaySection(organisation_api(admin), themes)
    shown(section, qtbot)
    section.entered()
    await section.tasks.settle()
    section.order.setCurrentIndex(1)
    section.fields["phone"].click()
    section.card.item(2).setCheckState(Qt.CheckState.Unchecked)
    section.save.click()
    await section.tasks.settle()
    kept = await organisation_api(await duo.sign_in("liqiang")).settings()
    assert not kept.people_first
    assert kept.searchable == ["name", "pinyin", "post", "unit", "line"]
    assert kept.card == ["posts", "rank", "lines"]
    await section.close_page()


@pytest.mark.clause("3.1.3.8", "3.1.3.11")
async def test_own_fields_are_defined_filled_in_renamed_and_removed(duo: Duo, admin, themes, qtbot):
    section = DisplaySection(organisation_api(admin), themes)
    shown(section, qtbot)
    section.entered()
    await section.tasks.settle()
    for name, searchable in (("工号", True), ("办公地点", False)):
        section.add_field.click()
        row = section.own[-1]
        row.name.setText(name)
        row.searchable.setChecked(searchable)
    section.save.click()
    await section.tasks.settle()
    number, place = (row.field_id for row in section.own)
    assert number
    assert place
    # Twice the same name is refused, and what was typed stays.
    section.add_field.click()
    section.own[-1].name.setText("工号")
    section.save.click()
    await section.tasks.settle()
    assert "重复" in section.problem.label.text()
    assert [row.name.text() for row in section.own] == ["工号", "办公地点", "工号"]
    section.own[-1].remove.click()
    li = await duo.sign_in("liqiang")
    wang = (await li.api.search_directory("王建国")).people[0]

    async def fill(values: dict[str, str]) -> None:
        found = await SessionBrowse(admin).search("王建国", 5)
        dialog = PersonDialog(themes, organisation_api(admin), SessionBrowse(admin), found.people[0], None)
        qtbot.addWidget(dialog)
        dialog.show()
        await until(lambda: dialog.go.isEnabled() and bool(dialog.fields))
        for field_id, value in values.items():
            dialog.fields[field_id].setText(value)
        done: list[int] = []
        dialog.finished.connect(done.append)
        dialog.go.click()
        await until(lambda: done == [1])

    async def card() -> dict[str, str]:
        return {one.name: one.value for one in (await li.api.person(wang.id)).fields}

    await fill({number: "GH-80271", place: "3 号楼 512"})
    assert await card() == {"工号": "GH-80271", "办公地点": "3 号楼 512"}
    assert [one.id for one in (await li.api.search_directory("GH-80271")).people] == [wang.id]
    assert not (await li.api.search_directory("512")).people
    # Renamed, the values stay; removed, they are gone.
    section.own[0].name.setText("工作证号")
    section.own[1].remove.click()
    section.save.click()
    await section.tasks.settle()
    assert await card() == {"工作证号": "GH-80271"}
    section.own[0].on_card.setChecked(False)
    section.save.click()
    await section.tasks.settle()
    assert await card() == {}
    await section.close_page()
