"""The rows of a previewed file as a table that holds only the pages that were looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.shell.tasks import Tasks
from server_stub.contract.directory import ImportRow, ImportRows
from widgets.theme import ThemeManager

PAGE = 200
_MOST_PAGES = 40
Index = QModelIndex | QPersistentModelIndex
Ask = Callable[[int, int], Awaitable[ImportRows]]
"""(offset, limit) → page."""

STATE_TEXT = {"new": "新增", "changed": "变更", "same": "不变", "bad": "有问题", "left": "不导入"}
_TONE = {"bad": "bad_text", "left": "warn_text", "new": "ok_text", "changed": "brand_text", "same": "text_2"}
_LEAD = ("行", "结果")
_TAIL = "说明"


class ImportTableModel(QAbstractTableModel):
    """Columns: row number, what becomes of the row, the file's own columns, and why.

    `ask(offset, limit)` fetches a page; `failed(error)` hears of one that could not be had.
    """

    def __init__(self, themes: ThemeManager, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._tasks = tasks
        self._ask: Ask | None = None
        self._headings: list[str] = []
        self._total = 0
        self._pages: dict[int, list[ImportRow]] = {}
        self._asked: set[int] = set()
        self._generation = 0
        self.failed: Callable[[BaseException, str], None] = lambda _error, _doing: None

    @property
    def headings(self) -> list[str]:
        """All column headings."""
        return [*_LEAD, *self._headings, _TAIL]

    def show_rows(self, columns: Mapping[str, str], total: int, ask: Ask) -> None:
        """Show other rows: `total` of them, fetched by `ask` as they come into view."""
        self.beginResetModel()
        self._generation += 1
        self._headings = list(columns.values())
        self._total, self._ask = total, ask
        self._pages, self._asked = {}, set()
        self.endResetModel()

    def row_at(self, row: int) -> ImportRow | None:
        """The row, or None while its page is on the way."""
        page = self._pages.get(row // PAGE)
        if page is None:
            self._want(row // PAGE)
            return None
        place = row % PAGE
        return page[place] if place < len(page) else None

    def _want(self, page: int) -> None:
        if page in self._asked or self._ask is None:
            return
        self._asked.add(page)
        self._tasks.start(
            self._fetch(page, self._ask, self._generation), "读取预览", on_error=self._lost(page)
        )

    def _lost(self, page: int) -> Callable[[BaseException, str], None]:
        def tell(error: BaseException, doing: str) -> None:
            # Scrolling there once more asks again.
            self._asked.discard(page)
            self.failed(error, doing)

        return tell

    async def _fetch(self, page: int, ask: Ask, generation: int) -> None:
        found = await ask(page * PAGE, PAGE)
        if generation != self._generation:
            return
        while len(self._pages) >= _MOST_PAGES:
            oldest = next(iter(self._pages))
            del self._pages[oldest]
            self._asked.discard(oldest)
        self._pages[page] = found.rows
        first = page * PAGE
        last = min(self._total, first + len(found.rows)) - 1
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))

    # QAbstractTableModel.

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._headings) + 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section] if section < self.columnCount() else None
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.row_at(index.row())
        if row is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole and index.column() == 0 else None
        column = index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._text(row, column, "\n") or None
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        return None

    def _text(self, row: ImportRow, column: int, between: str = " ") -> str:
        if column == 0:
            return str(row.row)
        if column == 1:
            return STATE_TEXT.get(row.state, row.state)
        if column <= len(self._headings) + 1:
            return row.cells[column - 2] if column - 2 < len(row.cells) else ""
        lines = [*row.problems, *row.warnings]
        return between.join(f"{one.column}：{one.message}" if one.column else one.message for one in lines)

    def _is_wrong(self, row: ImportRow, column: int) -> bool:
        if not 2 <= column <= len(self._headings) + 1:
            return False
        heading = self._headings[column - 2]
        return any(one.column == heading for one in row.problems)

    def _colour(self, row: ImportRow, column: int) -> Any:
        theme = self._themes.theme
        if column == 1:
            return theme.color(_TONE.get(row.state, "text"))
        if column == len(self._headings) + 2:
            return theme.color("bad_text" if row.state == "bad" else "warn_text")
        if self._is_wrong(row, column):
            return theme.color("bad_text")
        return theme.color("text_2") if column == 0 or row.state == "same" else None
