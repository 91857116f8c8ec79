"""The console's section for the address book: start, check, preview, write, result (3.2.1 通讯录导入)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from app.shell.problems import Problem, describe
from app.shell.tasks import Tasks
from server_stub.contract.directory import ImportPreview, ImportRows
from server_stub.contract.errors import ApiError, ErrorCode
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

from .preview_page import PreviewPage
from .service import DirectoryImportService
from .start_page import StartPage
from .table import ImportTableModel
from .work_page import DonePage, WorkPage

_SHEETS = "表格 (*.xlsx *.csv)"
_XLSX = "Excel 工作簿 (*.xlsx)"


class DirectoryImportSection(QWidget):
    """Signals: `told(words)` good news; `people_wanted()` to the address book.

    Nothing is written before the administrator has accepted the preview.
    """

    told = Signal(str)
    people_wanted = Signal()

    def __init__(
        self, service: DirectoryImportService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._themes = themes
        self._path = Path()
        self._rest = b""
        self._busy: asyncio.Task[None] | None = None
        self._applying = ""
        self._cancelling = False
        self._units_chosen = False
        self.tasks = Tasks(self._failed)
        self.model = ImportTableModel(themes, self.tasks, self)
        self.model.failed = lambda error, doing: self.preview.verdict.say(describe(error, doing).text, "bad")
        self.start, self.work, self.done = StartPage(themes), WorkPage(themes), DonePage(themes)
        self.preview = PreviewPage(themes, self.model)
        self.pages = QStackedWidget()
        for page in (self.start, self.work, self.preview, self.done):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)
        self.ask_open: Callable[[], str] = self._ask_open
        self.ask_save: Callable[[str], str] = self._ask_save
        self.confirm: Callable[[str, str, str], Awaitable[bool]] = self._confirm
        self._wire()

    def _wire(self) -> None:
        self.start.chosen.connect(self._dropped)
        self.start.choose_wanted.connect(self._choose)
        self.start.create_units.clicked.connect(self._note_units)
        self.start.template_wanted.connect(
            lambda: self._save(self._service.template, "通讯录导入模板.xlsx", "下载模板")
        )
        self.start.export_wanted.connect(
            lambda: self._save(self._service.export, "通讯录.xlsx", "导出通讯录")
        )
        self.work.cancelled.connect(self._cancel)
        self.preview.filter_changed.connect(self._filter)
        self.preview.units_toggled.connect(self._recheck)
        self.preview.again_wanted.connect(lambda: self.check(self._path))
        self.preview.back_wanted.connect(self._back)
        self.preview.apply_wanted.connect(
            lambda partial: self.tasks.start(self._accept(partial), "导入通讯录")
        )
        self.preview.problems_wanted.connect(self._save_problems)
        self.done.again_wanted.connect(self._restart)
        self.done.people_wanted.connect(self.people_wanted)
        self.done.rest_wanted.connect(self._save_rest)

    # Beginning.

    def entered(self) -> None:
        """The section is shown: a fresh organisation needs its units made."""
        if self.pages.currentWidget() is self.start and not self._units_chosen:
            self.tasks.start(self._suggest_units(), "", on_error=lambda _error, _doing: None)

    async def _suggest_units(self) -> None:
        empty = await self._service.is_empty()
        if not self._units_chosen:
            self.start.create_units.setChecked(empty)

    def _note_units(self) -> None:
        self._units_chosen = True

    def _dropped(self, paths: Sequence[Path]) -> None:
        if len(paths) != 1:
            self.start.say(Problem("一次只能导入一个文件，请只拖入一个表格。"))
            return
        self.check(paths[0])

    def _choose(self) -> None:
        if name := self.ask_open():
            self.check(Path(name))

    # Checking.

    def check(self, path: Path) -> None:
        """Upload a file and show what it would change."""
        self._path = path
        self.start.say(None)
        self.work.begin("正在核对", f"正在上传并逐行核对“{path.name}”，此时不写入任何内容。")
        self.pages.setCurrentWidget(self.work)
        self._busy = self.tasks.start(self._check(path), "核对表格", on_error=self._check_failed)

    async def _check(self, path: Path) -> None:
        create = self.start.create_units.isChecked()
        preview = await self._service.preview(path, create_units=create)
        await self._show(preview, create)

    def _check_failed(self, error: BaseException, doing: str) -> None:
        self._busy = None
        self.pages.setCurrentWidget(self.start)
        self.start.say(describe(error, doing))

    async def _show(self, preview: ImportPreview, create: bool) -> None:
        left = await self._service.rows(preview.id, 0, 1, "problems") if preview.error_count else None
        warned = await self._service.rows(preview.id, 0, 1, "warnings") if preview.warning_count else None
        self._busy = None
        self.preview.show_preview(
            preview,
            left_out=left.total if left else 0,
            warned=warned.total if warned else 0,
            create_units=create,
        )
        self._totals = {
            "": preview.rows,
            "problems": left.total if left else 0,
            "warnings": warned.total if warned else 0,
        }
        self.pages.setCurrentWidget(self.preview)
        self._filter(self.preview.only)
        self.preview.table.setFocus()

    def _filter(self, only: str) -> None:
        preview = self.preview.preview
        if preview is None:
            return

        async def ask(offset: int, limit: int) -> ImportRows:
            return await self._service.rows(preview.id, offset, limit, only)

        self.model.show_rows(preview.columns, self._totals[only], ask)
        self.preview.show_table(self._totals[only])

    def _recheck(self, create: bool) -> None:
        self._units_chosen = True
        self.start.create_units.setChecked(create)
        self.check(self._path)

    def _back(self) -> None:
        preview, self.preview.preview = self.preview.preview, None
        if preview is not None:
            self.tasks.start(self._service.discard(preview.id), "", on_error=lambda _error, _doing: None)
        self._restart()

    def _restart(self) -> None:
        self._rest = b""
        self.start.say(None)
        self.pages.setCurrentWidget(self.start)
        self.start.zone.choose.setFocus()

    # Writing.

    async def _accept(self, partial: bool) -> None:
        preview = self.preview.preview
        if preview is None or self._applying:
            return
        if partial:
            left = preview.rows - preview.good
            words = f"将导入 {preview.good} 行；{left} 行有问题，这次不导入，完成后可导出改正。"
            if not await self.confirm("只导入正确的行", words, f"导入 {preview.good} 行"):
                return
            # The server forgets the file as soon as it is written: what is left out is fetched before.
            self._rest = await self._service.problems(preview.id)
        self._applying, self._cancelling = preview.id, False
        self.work.begin("正在导入", "准备写入…")
        self.pages.setCurrentWidget(self.work)
        self._busy = self.tasks.start(
            self._apply(preview.id, partial), "导入通讯录", on_error=self._apply_failed
        )

    async def _apply(self, import_id: str, partial: bool) -> None:
        result = await self._service.apply(import_id, accept_partial=partial, on_progress=self.work.progress)
        self._applying, self._busy = "", None
        self.preview.preview = None
        self.done.show_result(result)
        self.pages.setCurrentWidget(self.done)

    def _apply_failed(self, error: BaseException, doing: str) -> None:
        self._applying, self._busy = "", None
        gone = isinstance(error, ApiError) and error.code in (ErrorCode.GONE, ErrorCode.NOT_FOUND)
        if self._cancelling and gone:
            self.preview.preview = None
            self._restart()
            self.start.say(Problem("导入已取消，没有写入任何内容。"), "info")
            return
        self.pages.setCurrentWidget(self.preview)
        problem = describe(error, doing)
        if not isinstance(error, ApiError):
            # The answer was lost, not the work: reading the file anew tells what has been written.
            problem = Problem(
                f"{problem.text.rstrip('。')}。连接恢复后请按“重新读取文件”，即可看到是否已经写入。"
            )
        self.preview.verdict.say(problem.text, "bad")

    def _cancel(self) -> None:
        if self._applying:
            self._cancelling = True
            # The writing is taken back by the server; its answer says so, or that it was too late.
            self.tasks.start(self._service.discard(self._applying), "取消导入")
            return
        task, self._busy = self._busy, None
        if task is not None:
            task.cancel()
        self._restart()
        self.start.say(Problem("已取消，没有写入任何内容。"), "info")

    # Files for the user.

    def _save_problems(self) -> None:
        preview = self.preview.preview
        if preview is not None:
            name = f"{self._path.stem}-有问题的行.xlsx"
            self._save(lambda: self._service.problems(preview.id), name, "导出有问题的行")

    def _save_rest(self) -> None:
        async def rest() -> bytes:
            return self._rest

        self._save(rest, f"{self._path.stem}-未导入的行.xlsx", "导出未导入的行")

    def _save(self, fetch: Callable[[], Awaitable[bytes]], name: str, doing: str) -> None:
        chosen = self.ask_save(name)
        if not chosen:
            return
        path = Path(chosen)
        target = path if path.suffix.lower() == ".xlsx" else path.with_name(f"{path.name}.xlsx")

        async def work() -> None:
            await self._service.save(await fetch(), target)
            self.told.emit(f"已保存到 {target.name}")

        self.tasks.start(work(), doing)

    # Parts.

    def _failed(self, error: BaseException, doing: str) -> None:
        problem = describe(error, doing)
        if self.pages.currentWidget() is self.preview:
            self.preview.verdict.say(problem.text, "bad")
        elif self.pages.currentWidget() is self.done:
            self.done.state.set_texts("导入完成", problem.text)
        else:
            self.start.say(problem)

    def _ask_open(self) -> str:
        return QFileDialog.getOpenFileName(self, "选择要导入的表格", "", _SHEETS)[0]

    def _ask_save(self, name: str) -> str:
        return QFileDialog.getSaveFileName(self, "保存", name, _XLSX)[0]

    async def _confirm(self, title: str, text: str, accept: str) -> bool:
        dialog = ConfirmDialog(self._themes, title, text, accept, parent=self.window())
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        dialog.finished.connect(lambda code: answer.done() or answer.set_result(bool(code)))
        dialog.open()
        try:
            return await answer
        finally:
            dialog.deleteLater()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()
