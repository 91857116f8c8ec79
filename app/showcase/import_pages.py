"""The import of the address book in the console, in its states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.admin.directory_import.view import DirectoryImportSection
from app.features.admin.view import ConsoleEntry, ConsolePage
from app.session.states import NetworkError
from server_stub.contract.accounts import Progress
from widgets.theme import ThemeManager

from .import_service import ShowcaseImport

SIZE = (1302, 740)


async def _page(themes: ThemeManager, service: ShowcaseImport) -> tuple[ConsolePage, DirectoryImportSection]:
    made: list[DirectoryImportSection] = []

    def build(parent: QWidget) -> QWidget:
        made.append(DirectoryImportSection(service, themes, parent))
        return made[0]

    page = ConsolePage([ConsoleEntry("directory-import", "upload", "通讯录导入", "组织", build)], themes)
    page.setProperty("surface", "content")
    page.resize(*SIZE)
    page.show()
    await made[0].tasks.settle()
    return page, made[0]


async def start(themes: ThemeManager, _data: Path) -> QWidget:
    return (await _page(themes, ShowcaseImport()))[0]


async def refused(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseImport()
    service.error = NetworkError(detail="ConnectError")
    page, section = await _page(themes, service)
    section.check(Path("人员名册.xlsx"))
    await section.tasks.settle()
    return page


async def bad(themes: ThemeManager, _data: Path) -> QWidget:
    page, section = await _page(themes, ShowcaseImport())
    section.check(Path("绿城市机关人员名册（二〇二六年十一月核定）.xlsx"))
    await section.tasks.settle()
    return page


async def everything(themes: ThemeManager, data: Path) -> QWidget:
    page = await bad(themes, data)
    section = page.section("directory-import")  # type: ignore[attr-defined]
    section.preview.tabs._choose("all")
    await section.tasks.settle()
    return page


async def good(themes: ThemeManager, _data: Path) -> QWidget:
    page, section = await _page(themes, ShowcaseImport(24, bad=False))
    section.check(Path("人员名册.xlsx"))
    await section.tasks.settle()
    return page


async def writing(themes: ThemeManager, _data: Path) -> QWidget:
    page, section = await _page(themes, ShowcaseImport())
    section.work.begin("正在导入", "准备写入…")
    section.pages.setCurrentWidget(section.work)
    section.work.progress(Progress(done=2, total=5, stage="写入单位和人员"))
    return page


async def done(themes: ThemeManager, _data: Path) -> QWidget:
    page, section = await _page(themes, ShowcaseImport())
    section.check(Path("人员名册.xlsx"))
    await section.tasks.settle()

    async def agree(_title: str, _text: str, _accept: str) -> bool:
        return True

    section.confirm = agree
    section.preview.partial.click()
    await section.tasks.settle()
    return page


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "import-start": start,
    "import-refused": refused,
    "import-bad": bad,
    "import-all": everything,
    "import-good": good,
    "import-writing": writing,
    "import-done": done,
}
