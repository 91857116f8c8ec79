"""锁定日志: everybody's locks and unlocks, filtered by date, trigger and person; export (3.2.3.1.8)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDate, QDateTime, QTime, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.org_picker import OrgPicker, Picked
from app.shell.problems import describe
from app.shell.save_table import ask_where
from app.shell.tasks import Tasks
from app.shell.whole_file import write_whole
from lock.audit.export import ACTION_TEXT, RESULT_TEXT
from server_stub.contract.lock import METHODS, TRIGGERS, LockLogLine, LockLogPage
from widgets.controls import Banner, button, label, reading_table
from widgets.theme import ThemeManager

from .service import LockAdminService

COLUMNS = ("时间", "姓名", "事件", "结果", "触发方式", "解锁方式", "设备", "备注")
PAGE = 200
_DAYS = 30


class LockLogTab(QWidget):
    """Signals: `told(words)`."""

    told = Signal(str)

    def __init__(
        self, service: LockAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._themes = themes
        self._person: Picked | None = None
        self._shown = 0
        self._asked = 0
        self.tasks = Tasks(self._failed)
        theme, space = themes.theme, themes.theme.space
        today = QDate.currentDate()
        self.first, self.last = QDateEdit(today.addDays(-_DAYS)), QDateEdit(today)
        self.trigger = QComboBox()
        self.trigger.setAccessibleName("触发方式")
        self.trigger.addItem("全部方式", "")
        for key, text in TRIGGERS.items():
            self.trigger.addItem(text, key)
        bar = QHBoxLayout()
        bar.setSpacing(space.s)
        for words, edit in (("从", self.first), ("到", self.last)):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setAccessibleName(f"{words}日期")
            edit.dateChanged.connect(lambda _date: self.ask())
            bar.addWidget(label(words, "secondary"))
            bar.addWidget(edit)
        self.trigger.activated.connect(lambda _index: self.ask())
        bar.addWidget(self.trigger)
        self.person, self.everyone = button("全部人员"), button("清除", "link")
        self.person.setAccessibleName("人员")
        self.person.clicked.connect(self._pick)
        self.everyone.clicked.connect(lambda: self._chosen(None))
        self.everyone.hide()
        bar.addWidget(self.person)
        bar.addWidget(self.everyone)
        bar.addStretch(1)
        self.export = button("导出…")
        self.export.clicked.connect(self._export)
        bar.addWidget(self.export)
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.ask)
        self.problem.hide()
        self.table = reading_table(themes, COLUMNS, "锁定日志", stretch=6, row=theme.sizes.control)
        foot = QHBoxLayout()
        self.count = label("", "caption")
        self.more = button("显示更多", "link")
        self.more.clicked.connect(
            lambda: self.tasks.start(self._read(self._asked, self._shown), "读取锁定日志")
        )
        self.more.hide()
        foot.addWidget(self.count)
        foot.addWidget(self.more)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addLayout(bar)
        column.addWidget(self.problem)
        column.addWidget(self.table, 1)
        column.addLayout(foot)

    def entered(self) -> None:
        """Read anew."""
        self.ask()

    def query(self) -> dict[str, Any]:
        """What the filters say."""
        return {
            "from_ms": QDateTime(self.first.date(), QTime(0, 0)).toMSecsSinceEpoch(),
            "to_ms": QDateTime(self.last.date().addDays(1), QTime(0, 0)).toMSecsSinceEpoch(),
            "trigger": self.trigger.currentData(),
            "person_id": self._person.id if self._person is not None else "",
        }

    def ask(self) -> None:
        """Read the first page that fits the filters."""
        self._asked += 1
        self.tasks.start(self._read(self._asked, 0), "读取锁定日志")

    async def _read(self, asked: int, offset: int) -> None:
        page = await self._service.log(**self.query(), offset=offset, limit=PAGE)
        if asked == self._asked:
            self._show(page, offset)

    def _show(self, page: LockLogPage, offset: int) -> None:
        self.problem.hide()
        self.table.setRowCount(offset + len(page.lines))
        for line, entry in enumerate(page.lines, start=offset):
            for column, text in enumerate(texts_of(entry)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(line, column, item)
        self._shown = offset + len(page.lines)
        self.count.setText(f"共 {page.total} 条" if page.total else "没有符合条件的记录。")
        self.more.setVisible(self._shown < page.total)
        self.export.setEnabled(page.total > 0)

    def _pick(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            self._chosen(picked[0] if picked else None)

        dialog = OrgPicker(
            self._service, self._themes, "选择人员", accept, units=False, several=False, parent=self
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _chosen(self, person: Picked | None) -> None:
        self._person = person
        self.person.setText(person.name if person is not None else "全部人员")
        self.everyone.setVisible(person is not None)
        self.ask()

    def _export(self) -> None:
        path = ask_where(self, "导出锁定日志", "锁定日志")
        if path is not None:
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Write what fits the filters."""
        self.tasks.start(self._write(path), "导出锁定日志")

    async def _write(self, path: Path) -> None:
        data = await self._service.export_log(**self.query(), format=path.suffix.lower()[1:])
        await asyncio.to_thread(write_whole, data, path)
        self.told.emit(f"已导出 {path.name}")

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad", "重试")
        self.problem.show()


def texts_of(entry: LockLogLine) -> tuple[str, ...]:
    """One row."""
    at = datetime.fromtimestamp(entry.at_ms / 1000).strftime("%Y-%m-%d %H:%M:%S")
    return (
        at,
        entry.person_name or entry.person_id,
        ACTION_TEXT.get(entry.action, entry.action),
        RESULT_TEXT.get(entry.result, entry.result),
        TRIGGERS.get(entry.trigger, entry.trigger),
        METHODS.get(entry.method, entry.method),
        entry.device_name or entry.device_id,
        "本机日志曾丢失" if entry.new_chain else "",
    )
