"""The own lock log: filter by date and trigger, export (3.2.3.1.8)."""

from __future__ import annotations

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDateEdit,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.shell.problems import Problem
from app.shell.save_table import ask_where
from lock.audit.chain import LockEntry
from lock.audit.export import HEADINGS, row
from lock.policy.model import TRIGGER_TEXT
from widgets.controls import Banner, Dialog, button, label
from widgets.theme import ThemeManager

from .parts import choice

_SHOWN = (0, 1, 2, 3, 4)
"""Time, event, result, trigger, way of unlocking; person and device are one's own here."""
_DAYS = 30
_MOST = 2000


class LockLogDialog(Dialog):
    """Signals: `wanted(from_ms, to_ms, trigger)` to read anew; `export_wanted(path)`."""

    wanted = Signal(object, object, str)
    export_wanted = Signal(object)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, "锁定记录", parent)
        theme, space = themes.theme, themes.theme.space
        self.setMinimumWidth(theme.sizes.dialog_wide)
        self.entries: list[LockEntry] = []
        today = QDate.currentDate()
        self.first, self.last = QDateEdit(today.addDays(-_DAYS)), QDateEdit(today)
        triggers = [("", "全部方式"), *((key.value, text) for key, text in TRIGGER_TEXT.items())]
        self.trigger = choice(triggers, "", "触发方式")
        bar = QHBoxLayout()
        bar.setSpacing(space.s)
        for words, edit in (("从", self.first), ("到", self.last)):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setAccessibleName(f"{words}日期")
            edit.dateChanged.connect(self.ask)
            bar.addWidget(label(words, "secondary"))
            bar.addWidget(edit)
        self.trigger.activated.connect(self.ask)
        bar.addWidget(self.trigger)
        bar.addStretch(1)
        self.content.addLayout(bar)
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.table = QTableWidget(0, len(_SHOWN))
        self.table.setHorizontalHeaderLabels([HEADINGS[index] for index in _SHOWN])
        self.table.setAccessibleName("锁定记录")
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.table.setMinimumHeight(theme.sizes.picker_height // 2)
        self.content.addWidget(self.table)
        self.count = label("", "caption")
        self.content.addWidget(self.count)
        self.add_button("关闭", slot=self.reject)
        self.export_button = button("导出…", "primary")
        self.export_button.clicked.connect(self._export)
        self.foot.addWidget(self.export_button)

    def ask(self) -> None:
        """Read what the filters say."""
        start = QDateTime(self.first.date(), QTime(0, 0)).toMSecsSinceEpoch()
        end = QDateTime(self.last.date().addDays(1), QTime(0, 0)).toMSecsSinceEpoch()
        self.wanted.emit(start, end, self.trigger.currentData())

    def show_entries(self, entries: list[LockEntry]) -> None:
        """Fill the table, newest first."""
        self.entries = entries
        shown = entries[::-1][:_MOST]
        self.table.setRowCount(len(shown))
        for line, entry in enumerate(shown):
            texts = row(entry)
            for column, index in enumerate(_SHOWN):
                self.table.setItem(line, column, QTableWidgetItem(texts[index]))
        more = f"，显示最近 {_MOST} 条" if len(entries) > _MOST else ""
        self.count.setText(f"共 {len(entries)} 条{more}" if entries else "这段时间没有锁定记录。")
        self.export_button.setEnabled(bool(entries))

    def complain(self, problem: Problem) -> None:
        """The log cannot be read, or not be written."""
        self.problem.say(problem.text, "bad")
        self.problem.show()

    def _export(self) -> None:
        path = ask_where(self, "导出锁定记录", "锁定记录")
        if path is not None:
            self.export_wanted.emit(path)
