"""操作审计 in the console of a real server: an administrator finds what somebody did, reads it whole and takes it along."""

from __future__ import annotations

import csv
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bed.duo import MemoryPort
from bed.office import Office, running_office
from bed.waits import until as wait
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import insert
from test_sign_in_ways import Desk

from app.console import console_entries
from app.features.admin.audit.service import PAGE
from app.features.admin.audit.view import AuditTrailSection
from app.features.admin.view import ConsolePage
from app.shell.org_picker import Picked
from server_stub.features.audit.trail import audit
from widgets.theme import ThemeManager

HOUR = 3_600_000
REASON = "设备遗失，先行锁定。" * 30


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path / "server") as running:
        yield running


@asynccontextmanager
async def opened(qtbot, tmp_path: Path, office: Office) -> AsyncIterator[tuple[AuditTrailSection, list[str]]]:
    """The section in the console of a signed-in administrator after its first reading, and what it tells."""
    desk = Desk(tmp_path / "home", office.url, MemoryPort())
    qtbot.addWidget(desk.window)
    await desk.at_sign_in()
    await desk.type_in("admin")
    told: list[str] = []
    themes = ThemeManager(animations=False)
    console = ConsolePage(console_entries(desk.sessions[0], themes, told.append), themes)
    qtbot.addWidget(console)
    console.resize(1300, 740)
    console.open_section("audit")
    console.show()
    section = console.section("audit")
    assert isinstance(section, AuditTrailSection)
    await section.tasks.settle()
    try:
        yield section, told
    finally:
        await console.close_page()
        await desk.close()


def column(section: AuditTrailSection, number: int) -> list[str]:
    return [section.table.item(row, number).text() for row in range(section.table.rowCount())]


async def wrote(office: Office, *lines: tuple[int, str, str, str, str]) -> None:
    rows = [
        {"at": at, "kind": kind, "person_id": person, "object": target, "result": result}
        for at, kind, person, target, result in lines
    ]
    await office.server.database.write(lambda connection: connection.execute(insert(audit), rows) and None)


def an_hour_ago() -> int:
    return int(time.time() * 1000) - HOUR


async def test_what_somebody_did_is_found_read_whole_and_exported(
    qtbot, office: Office, tmp_path: Path
) -> None:
    feng, wang = office.staff["fengxue"].id, office.staff["wangjianguo"].id
    at = an_hour_ago()
    await wrote(
        office,
        (at, "directory_export", wang, "", "5120 bytes"),
        (at + 1, "lock_forced", wang, feng, REASON),
        (at + 2, "a_newer_one", feng, "thing", "42"),
        (at - 90 * 24 * HOUR, "directory_export", wang, "", "1 bytes"),
    )
    async with opened(qtbot, tmp_path, office) as (section, told):
        # That somebody looks is the first thing to be seen; an action without words stands as it is.
        assert column(section, 2)[:2] == ["查阅操作审计", "登录"]
        assert column(section, 2).count("导出通讯录") == 1
        assert "a_newer_one" in column(section, 2)
        section._chosen(Picked("person", wang, "王建国"))
        await section.tasks.settle()
        assert column(section, 1) == ["王建国", "王建国"]
        assert column(section, 2) == ["强制锁定", "导出通讯录"]
        assert column(section, 3) == ["冯雪", ""]
        assert not section.detail.isVisible()
        section.table.selectRow(0)
        assert section.detail.isVisible()
        assert REASON in section.detail.toPlainText()
        assert f"冯雪（{feng}）" in section.detail.toPlainText()

        # The name of a group is no choice.
        QTest.keyClick(section.action, Qt.Key.Key_Down)
        assert section.action.currentData() == "sign_in"
        section.action.setCurrentIndex(section.action.findData("directory_export"))
        section.action.activated.emit(section.action.currentIndex())
        await section.tasks.settle()
        assert column(section, 2) == ["导出通讯录"]
        assert not section.detail.isVisible()
        section.first.setDate(section.first.date().addDays(-90))
        await section.tasks.settle()
        assert column(section, 4) == ["5120 字节", "1 字节"]
        QTest.keyClicks(section.text.edit, "5120")
        await wait(lambda: column(section, 4) == ["5120 字节"])
        file = tmp_path / "泄露核查.csv"
        section.export_to(file)
        await section.tasks.settle()
        assert told == ["已导出 泄露核查.csv"]
        rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
        assert [row[2:6] for row in rows[1:]] == [["王建国", "导出通讯录", "", "5120 字节"]]
        exported = await office.audited("audit_exported")
        assert [person for person, _target, _said in exported] == [office.staff["admin"].id]

        section.text.edit.setText("没有这样的")
        await wait(lambda: section.table.rowCount() == 0)
        assert "没有符合条件" in section.nothing.label.text()
        assert section.nothing.label.isVisible()
        assert not section.export.isEnabled()


async def test_scrolling_to_the_end_brings_older_lines_until_there_are_none(
    qtbot, office: Office, tmp_path: Path
) -> None:
    at = an_hour_ago()
    feng = office.staff["fengxue"].id
    await wrote(office, *((at + n, "sign_in", feng, str(n), "done") for n in range(PAGE + 50)))
    async with opened(qtbot, tmp_path, office) as (section, _told):
        section._chosen(Picked("person", feng, "冯雪"))
        await section.tasks.settle()
        assert section.table.rowCount() == PAGE
        assert "向下滚动" in section.count.text()
        section.table.selectRow(0)
        # Not by keys: they make Qt handle events within this step, and with them the server's, which runs here too.
        bar = section.table.verticalScrollBar()
        bar.setValue(bar.maximum())
        await wait(lambda: section.table.rowCount() == PAGE + 50)
        assert column(section, 3) == [str(n) for n in reversed(range(PAGE + 50))]
        assert section.count.text() == f"已显示 {PAGE + 50} 条"
        # What was chosen stays in sight below.
        assert section.detail.isVisible()


async def test_a_range_never_ends_before_it_begins_and_a_failure_can_be_tried_again(
    qtbot, office: Office, tmp_path: Path
) -> None:
    async with opened(qtbot, tmp_path, office) as (section, told):
        section.last.setDate(section.first.date().addDays(-5))
        assert section.first.date() == section.last.date()
        section.first.setDate(section.last.date().addDays(40))
        assert section.last.date() == section.first.date()
        section.first.setDate(section.last.date().addDays(-40))
        await section.tasks.settle()
        # A folder that is not there: said in words, nothing is told as done, and the page works on.
        section.export.setEnabled(True)
        section.export_to(tmp_path / "nowhere" / "审计.xlsx")
        await section.tasks.settle()
        assert section.problem.isVisible()
        assert told == []
        assert section.export.isEnabled()
        (tmp_path / "nowhere").mkdir()
        section.problem.acted.emit()
        await section.tasks.settle()
        assert not section.problem.isVisible()
        assert told == ["已导出 审计.xlsx"]
        section.ask()
        await section.tasks.settle()
        assert section.table.rowCount() > 0
