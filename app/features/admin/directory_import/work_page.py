"""While a file is checked or written, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from server_stub.contract.accounts import Progress
from server_stub.contract.directory import ImportResult
from widgets.controls import EmptyState, ProgressBar, button, label
from widgets.theme import ThemeManager


class WorkPage(QWidget):
    """Signals: `cancelled()`."""

    cancelled = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        theme, space = themes.theme, themes.theme.space
        self.title = label("", "title")
        self.stage = label("", "secondary", wrap=True)
        self.bar = ProgressBar(themes)
        self.cancel = button("取消")
        self.cancel.clicked.connect(self._cancel)
        host = QWidget()
        host.setFixedWidth(theme.sizes.dialog)
        column = QVBoxLayout(host)
        column.setSpacing(space.m)
        column.addStretch(2)
        for one in (self.title, self.stage):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(one)
        column.addWidget(self.bar)
        column.addSpacing(space.s)
        column.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(host)
        row.addStretch(1)

    def begin(self, title: str, stage: str) -> None:
        """Show what is being done; how long it takes is not known yet."""
        self.title.setText(title)
        self.stage.setText(stage)
        self.bar.set_value(None)
        self.cancel.setEnabled(True)
        self.cancel.setText("取消")
        self.cancel.setFocus()

    def progress(self, progress: Progress) -> None:
        """How far the writing is."""
        if progress.total > 0:
            self.bar.set_value(progress.done / progress.total)
        if progress.stage and self.cancel.isEnabled():
            self.stage.setText(f"{progress.stage}…")

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancel.setText("正在取消…")
        self.cancelled.emit()


class DonePage(QWidget):
    """Signals: `again_wanted()` (another file), `people_wanted()` (the address book), `rest_wanted()` (save what was
    left out)."""

    again_wanted = Signal()
    people_wanted = Signal()
    rest_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        space = themes.theme.space
        self.state = EmptyState(themes, "check-double", "导入完成")
        self.people = button("查看通讯录", "primary")
        self.rest = button("导出未导入的行…")
        self.again = button("继续导入")
        self.people.clicked.connect(self.people_wanted)
        self.rest.clicked.connect(self.rest_wanted)
        self.again.clicked.connect(self.again_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.xxl, 0, space.xxl, space.section)
        column.addWidget(self.state, 1)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        row.addStretch(1)
        for one in (self.rest, self.again, self.people):
            row.addWidget(one)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def show_result(self, result: ImportResult) -> None:
        """Say what was written."""
        parts = [f"新增 {result.people} 人", f"变更 {result.changed} 人"]
        if result.units:
            parts.append(f"新建 {result.units} 个单位")
        lines = ["，".join(parts) + "。"]
        if result.people:
            lines.append("新人员用手机号收取验证码，激活账号后即可登录。")
        if result.skipped:
            lines.append(f"有 {result.skipped} 行因为有问题没有导入，可导出改正后再导入。")
        self.state.set_texts("导入完成", "\n".join(lines))
        self.rest.setVisible(bool(result.skipped))
        self.people.setFocus()
