"""操作审计: who did what when, and how it ended; filtered by date, action, person and text; export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, Signal
from PySide6.QtGui import QFont, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.org_picker import OrgPicker, Picked
from app.shell.problems import describe
from app.shell.save_table import ask_where
from app.shell.tasks import Tasks
from server_stub.contract.audit import AuditLine, AuditPage
from server_stub.contract.audit_words import (
    ACTION_GROUPS,
    action_in_words,
    result_in_words,
    target_in_words,
)
from widgets.controls import Banner, EmptyNote, SearchField, button, label, reading_table
from widgets.theme import ThemeManager

from .service import AuditAdmin

COLUMNS = ("时间", "操作人", "操作", "对象", "结果")
_TARGET, _RESULT = 3, 4
_DAYS = 30
_DETAIL_LINES = 5
_ACTIONS_SHOWN = 14


class AuditTrailSection(QWidget):
    """Signals: `told(words)` for good news that a toast shows."""

    told = Signal(str)

    def __init__(self, service: AuditAdmin, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service, self._themes = service, themes
        self._person: Picked | None = None
        self._lines: list[AuditLine] = []
        self._asked = 0
        self._more = self._reading = False
        self._today = QDate.currentDate()
        self.tasks = Tasks(self._failed)
        self.setAccessibleName("操作审计")
        space = themes.theme.space
        self.export = button("导出…")
        self.export.setEnabled(False)
        self.export.clicked.connect(self._export)
        head = QHBoxLayout()
        head.addWidget(label("操作审计", "headline"), 1)
        head.addWidget(self.export)
        self.problem = Banner(themes, "", "bad", "重试")
        self._again: Callable[[], None] = self.ask
        self.problem.acted.connect(self._try_again)
        self.problem.hide()
        self.table = reading_table(themes, COLUMNS, "操作审计", stretch=_TARGET)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        # Reasons may be as long as a page: both long columns share the room, and the whole text stands below.
        header.setSectionResizeMode(_RESULT, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.table.itemSelectionChanged.connect(self._tell)
        self.nothing = EmptyNote(themes, self.table, "没有符合条件的记录，换一个条件。")
        self.detail = QPlainTextEdit()
        self.detail.setReadOnly(True)
        self.detail.setTabChangesFocus(True)
        self.detail.setAccessibleName("选中的记录")
        lines = self.detail.fontMetrics().lineSpacing() * _DETAIL_LINES
        self.detail.setFixedHeight(lines + 2 * space.m)
        self.detail.hide()
        self.count = label("", "caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.m)
        column.addLayout(head)
        words = "登录、管理操作和被拒绝的访问都在这里，只能查阅，不能修改或删除；每次查阅和导出也会记入。不含消息和文件内容。"
        column.addWidget(label(words, "secondary", wrap=True))
        column.addWidget(self.problem)
        column.addLayout(self._filters())
        column.addWidget(self.table, 1)
        column.addWidget(self.detail)
        column.addWidget(self.count)

    def _filters(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setSpacing(self._themes.theme.space.s)
        self.first, self.last = QDateEdit(self._today.addDays(-_DAYS)), QDateEdit(self._today)
        for words, edit in (("从", self.first), ("到", self.last)):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setAccessibleName(f"{words}日期")
            edit.dateChanged.connect(lambda _date, edit=edit: self._dated(edit))
            bar.addWidget(label(words, "secondary"))
            bar.addWidget(edit)
        self.action = self._actions()
        self.person, self.everyone = button("全部人员"), button("清除", "link")
        self.person.setAccessibleName("操作人")
        self.person.clicked.connect(self._pick)
        self.everyone.setAccessibleName("清除操作人")
        self.everyone.clicked.connect(lambda: self._chosen(None))
        self.everyone.hide()
        self.text = SearchField(self._themes, "查找对象或结果", delay_ms=400)
        self.text.query_changed.connect(lambda _text: self.ask())
        bar.addWidget(self.action)
        bar.addWidget(self.person)
        bar.addWidget(self.everyone)
        bar.addWidget(self.text, 1)
        return bar

    def _actions(self) -> QComboBox:
        """In groups, with their names as headings; a list that scrolls, not a wall over the whole screen."""
        made = QComboBox()
        made.setAccessibleName("操作")
        made.setStyleSheet("QComboBox { combobox-popup: 0; }")
        made.setMaxVisibleItems(_ACTIONS_SHOWN)
        made.addItem("全部操作", "")
        for group, actions in ACTION_GROUPS.items():
            made.addItem(group)
            heading = cast(QStandardItemModel, made.model()).item(made.count() - 1)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(self._themes.theme.font("body", QFont.Weight.Bold))
            for key, words in actions.items():
                made.addItem(words, key)
        made.activated.connect(lambda _index: self.ask())
        return made

    def entered(self) -> None:
        """Read anew; a range that ended today still does after midnight."""
        today = QDate.currentDate()
        if today != self._today and self.last.date() == self._today:
            self._today = today
            self.last.setDate(today)
        else:
            self.ask()

    def query(self) -> dict[str, Any]:
        """What the filters say."""
        return {
            "from_ms": QDateTime(self.first.date(), QTime(0, 0)).toMSecsSinceEpoch(),
            "to_ms": QDateTime(self.last.date().addDays(1), QTime(0, 0)).toMSecsSinceEpoch(),
            "actor": self._person.id if self._person is not None else "",
            "action": self.action.currentData() or "",
            "text": self.text.edit.text().strip()[:100],
        }

    def ask(self) -> None:
        """Read the first page that fits the filters."""
        self._asked += 1
        self._reading = True
        self._again = self.ask
        self.problem.hide()
        self.tasks.start(self._read(self._asked, None), "读取操作审计")

    async def _read(self, asked: int, before: int | None) -> None:
        try:
            page = await self._service.page(before, **self.query())
        finally:
            if asked == self._asked:
                self._reading = False
        if asked == self._asked:
            self._show(page, fresh=before is None)

    def _scrolled(self, value: int) -> None:
        """The next page, when the end is near."""
        bar = self.table.verticalScrollBar()
        if self._more and not self._reading and value >= bar.maximum() - bar.pageStep():
            self._reading = True
            self._again = self.ask
            self.problem.hide()
            self.tasks.start(self._read(self._asked, self._lines[-1].id), "读取操作审计")

    def _show(self, page: AuditPage, *, fresh: bool) -> None:
        if fresh:
            self._lines = []
            self.table.setRowCount(0)
            self.table.scrollToTop()
        start = len(self._lines)
        self._lines += page.lines
        self._more = page.more
        self.table.setRowCount(len(self._lines))
        for row, line in enumerate(page.lines, start=start):
            for column, text in enumerate(texts_of(line)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        shown = len(self._lines)
        rest = "，向下滚动显示更早的" if page.more else ""
        self.count.setText(f"已显示 {shown} 条{rest}" if shown else "")
        self.nothing.settle()
        self.export.setEnabled(bool(shown))
        if fresh:
            self._tell()

    def _tell(self) -> None:
        """The chosen line whole, with the ids that others ask for."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        row = rows.pop() if len(rows) == 1 else -1
        chosen = 0 <= row < len(self._lines)
        self.detail.setPlainText(whole(self._lines[row]) if chosen else "")
        self.detail.setVisible(chosen)
        if chosen:
            self.table.scrollToItem(self.table.item(row, 0))

    def _dated(self, changed: QDateEdit) -> None:
        """A range that ends before it begins is none: the other end follows."""
        if self.first.date().daysTo(self.last.date()) < 0:
            other = self.last if changed is self.first else self.first
            other.blockSignals(True)
            other.setDate(changed.date())
            other.blockSignals(False)
        self.ask()

    def _pick(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            self._chosen(picked[0] if picked else None)

        dialog = OrgPicker(
            self._service, self._themes, "选择操作人", accept, units=False, several=False, parent=self
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _chosen(self, person: Picked | None) -> None:
        self._person = person
        self.person.setText(person.name if person is not None else "全部人员")
        self.everyone.setVisible(person is not None)
        self.ask()

    def _export(self) -> None:
        path = ask_where(self, "导出操作审计", "操作审计")
        if path is not None:
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Write all that fits the filters."""
        self._again = lambda: self.export_to(path)
        self.problem.hide()
        self.export.setEnabled(False)
        self.tasks.start(self._write(path), "导出操作审计")

    async def _write(self, path: Path) -> None:
        try:
            await self._service.save(path, **self.query())
        finally:
            self.export.setEnabled(True)
        self.told.emit(f"已导出 {path.name}")

    def _try_again(self) -> None:
        self._again()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad", "重试")
        self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()


def when(line: AuditLine) -> str:
    """In local time."""
    return datetime.fromtimestamp(line.at_ms / 1000).strftime("%Y-%m-%d %H:%M:%S")


def texts_of(line: AuditLine) -> tuple[str, ...]:
    """One row; a line break in a text does not break it."""
    texts = (
        when(line),
        line.actor_name or line.actor or "—",
        action_in_words(line.action),
        target_in_words(line.action, line.target_name or line.target),
        result_in_words(line.action, line.result),
    )
    return tuple(" ".join(text.split()) for text in texts)


def whole(line: AuditLine) -> str:
    """The line with nothing cut off: words, and what stands in the database."""
    actor = f"{line.actor_name}（{line.actor}）" if line.actor_name else line.actor or "系统，或未知的人"
    target = target_in_words(line.action, line.target_name or line.target) or "—"
    if line.target not in (target, ""):
        target += f"（{line.target}）"
    result = result_in_words(line.action, line.result) or "—"
    if line.result not in (result, ""):
        result += f"（{line.result}）"
    return "\n".join(
        (
            f"时间：{when(line)}    序号：{line.id}",
            f"操作人：{actor}",
            f"操作：{action_in_words(line.action)}（{line.action}）",
            f"对象：{target}",
            f"结果：{result}",
        )
    )
