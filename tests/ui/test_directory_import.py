"""The first administrator's way: own organisation, then 5,000 people from a table with faults, through real windows."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from client_bed import Desk
from openpyxl import Workbook, load_workbook
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.features.admin.directory_import.table import PAGE
from app.features.admin.directory_import.view import DirectoryImportSection
from app.features.admin.view import ConsolePage
from app.features.contacts.view import ContactsPage
from app.shell.collector import Collector
from app.showcase.import_service import ShowcaseImport
from app.workspace import CONSOLE, CONTACTS
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

HEADINGS = ["姓名", "手机号", "单位", "职务"]
PEOPLE = 5000
BAD = {40: "1380013800O", 2500: "12345", 5001: ""}
"""Row number → what stands where a phone number should."""


@pytest.fixture(autouse=True)
def collector(qapp):
    """As in the program: garbage is collected on this thread only."""
    made = Collector()
    yield made
    made.close()


def write(path: Path, rows: list[list[Any]], headings: list[str] = HEADINGS) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("人员")
    for row in (headings, *rows):
        sheet.append(row)
    book.save(path)
    return path


def names_list(path: Path) -> Path:
    rows = [
        [f"人员{row}", BAD.get(row, f"138{row:08d}"), f"测试市/第{row % 40}局/第{row % 7}处", "科员"]
        for row in range(2, PEOPLE + 2)
    ]
    return write(path, rows)


def drop(section: DirectoryImportSection, path: Path) -> None:
    """What Qt sends when the user lets go of a file over the zone."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    spot, copy = QPoint(40, 40), Qt.DropAction.CopyAction
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    zone = section.start.zone
    enter = QDragEnterEvent(spot, copy, data, left, plain)
    QApplication.sendEvent(zone, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(zone, QDropEvent(QPointF(spot), copy, data, left, plain))


def press(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def agree(desk: Desk) -> None:
    """Press the main button of the question that stands open."""

    def dialogs() -> list[ConfirmDialog]:
        return [
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, ConfirmDialog) and one.isVisible()
        ]

    await desk.until(dialogs)
    press(dialogs()[0].accept_button)


async def count(desk: Desk) -> int:
    assert desk.client is not None
    assert desk.client.workspace is not None
    return (await desk.client.workspace.session.api.unit_children()).unit.people_count


@pytest.mark.clause("E130")
async def test_an_organisation_of_one_s_own_goes_straight_to_the_import_of_its_people(tmp_path):
    desk = Desk(tmp_path / "home")
    try:
        section = await own_organisation(desk)
        assert section.start.create_units.isChecked()  # Nothing is there yet: units are made.
        people = names_list(tmp_path / "名册.xlsx")

        # A file of the wrong kind says so; nothing happens.
        (tmp_path / "说明.txt").write_text("x")
        drop(section, tmp_path / "说明.txt")
        await desk.until(section.start.notice.isVisible)
        assert ".xlsx 或 .csv" in section.start.notice.label.text()

        await look_through(desk, section, people, tmp_path / "有问题的行")
        assert await count(desk) == 1

        # Cancelled while it is written: everything is taken back.
        press(section.preview.partial)
        await agree(desk)
        await desk.until(lambda: section.pages.currentWidget() is section.work)
        press(section.work.cancel)
        await desk.until(lambda: section.pages.currentWidget() is section.start)
        assert "没有写入" in section.start.notice.label.text()
        assert await count(desk) == 1

        # The good rows, then the corrected rest.
        section.ask_open = lambda: str(people)
        press(section.start.zone.choose)
        await desk.until(lambda: section.pages.currentWidget() is section.preview)
        press(section.preview.partial)
        await agree(desk)
        await desk.until(lambda: section.pages.currentWidget() is section.done)
        assert f"新增 {PEOPLE - len(BAD)} 人" in section.done.state.text.text()
        assert await count(desk) == PEOPLE - len(BAD) + 1
        rest = tmp_path / "未导入的行.xlsx"
        section.ask_save = lambda _name: str(rest)
        press(section.done.rest)
        await desk.until(rest.exists)
        lines = [list(line) for line in load_workbook(rest)["人员"].iter_rows(values_only=True)]
        assert [line[0] for line in lines[1:]] == [f"人员{row}" for row in BAD]
        for place, line in enumerate(lines[1:]):
            line[1] = f"1390000000{place}"
        press(section.done.again)
        drop(section, write(tmp_path / "改好的.xlsx", lines[1:], lines[0]))
        await desk.until(lambda: section.pages.currentWidget() is section.preview)
        assert not section.preview.partial.isVisible()
        press(section.preview.apply)
        await desk.until(lambda: section.pages.currentWidget() is section.done)
        assert await count(desk) == PEOPLE + 1

        # From there to the address book, which has been read anew.
        press(section.done.people)
        window = desk.client.workspace.window
        assert window.current == CONTACTS
        page = window.page(CONTACTS)
        assert isinstance(page, ContactsPage)
        await desk.until(lambda: page._shown is not None and page._shown.unit.people_count == PEOPLE + 1)
    finally:
        await desk.end()


async def own_organisation(desk: Desk) -> DirectoryImportSection:
    """Through the welcome page's second choice to the import page."""
    client = await desk.start()
    login = client.login
    press(login.welcome.choices[1])
    page = login.organisation
    await desk.until(lambda: login.stack.currentWidget() is page and page.isEnabled())
    for field, words in zip(
        page.fields, ("测试市", "管理员", "guanli", "13900000099", "Neuland-42", "Neuland-42"), strict=True
    ):
        field.edit.setText(words)
    press(page.go)
    await desk.until(lambda: client.workspace is not None and client.workspace.window.current == CONSOLE)
    console = client.workspace.window.page(CONSOLE)
    assert isinstance(console, ConsolePage)
    section = console.section("directory-import")
    assert isinstance(section, DirectoryImportSection)
    await desk.until(lambda: section.isVisible() and section.start.create_units.isChecked())
    return section


async def look_through(desk: Desk, section: DirectoryImportSection, people: Path, target: Path) -> None:
    """The preview: what is wrong first, then all rows, the last of them fetched when it is looked at."""
    drop(section, people)
    await desk.until(lambda: section.pages.currentWidget() is section.preview)
    page, model = section.preview, section.model
    assert page.tabs.current == "problems"
    assert model.rowCount() == len(BAD)
    await desk.until(lambda: model.row_at(0) is not None)
    texts = [model.index(0, column).data() for column in range(model.columnCount())]
    assert texts[:3] == ["40", "有问题", "人员40"]
    assert "11 位" in texts[-1]
    assert not page.apply.isEnabled()
    assert page.partial.text() == f"只导入正确的 {PEOPLE - len(BAD)} 行"
    page.tabs._choose("all")
    assert model.rowCount() == PEOPLE
    page.table.scrollToBottom()
    await desk.until(lambda: model.row_at(PEOPLE - 1) is not None)
    assert model.index(PEOPLE - 1, 0).data() == str(PEOPLE + 1)
    # Only what was looked at has been fetched.
    assert len(model._pages) < PEOPLE // PAGE
    section.ask_save = lambda _name: str(target)
    press(page.save_problems)
    await desk.until(target.with_suffix(".xlsx").exists)


class Slow(ShowcaseImport):
    """A server that takes its time with the check."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped = asyncio.Event()

    async def preview(self, path: Path, *, create_units: bool):
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


async def test_a_check_can_be_cancelled_and_a_failure_is_told_on_the_page(qtbot):
    service = Slow()
    section = DirectoryImportSection(service, ThemeManager(animations=False))
    qtbot.addWidget(section)
    section.show()
    section.check(Path("名册.xlsx"))
    await asyncio.sleep(0)
    assert section.pages.currentWidget() is section.work
    press(section.work.cancel)
    await asyncio.wait_for(service.stopped.wait(), 10)
    assert section.pages.currentWidget() is section.start
    assert "没有写入" in section.start.notice.label.text()
    await section.close_page()

    plain = ShowcaseImport()
    section = DirectoryImportSection(plain, ThemeManager(animations=False))
    qtbot.addWidget(section)
    section.check(Path("名册.xlsx"))
    await section.tasks.settle()
    assert section.pages.currentWidget() is section.preview
    plain.error = TimeoutError()
    await section._accept(False)
    await section.tasks.settle()
    assert section.pages.currentWidget() is section.preview
    assert "重新读取文件" in section.preview.verdict.label.text()
    await section.close_page()
