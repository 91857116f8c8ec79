"""What a chosen file would change, row by row, and the choice to accept it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QHBoxLayout, QTableView, QVBoxLayout, QWidget

from server_stub.contract.directory import ImportPreview
from widgets.controls import (
    Banner,
    ElidedLabel,
    EmptyState,
    FilterItem,
    FilterTabs,
    button,
    label,
    pill,
)
from widgets.theme import ThemeManager

from .table import ImportTableModel

ALL, PROBLEMS, WARNINGS = "all", "problems", "warnings"
_ONLY = {ALL: "", PROBLEMS: "problems", WARNINGS: "warnings"}
_WIDTHS = {
    "行": 56,
    "结果": 64,
    "姓名": 84,
    "手机号": 116,
    "账号": 110,
    "单位": 230,
    "职务": 110,
    "职级": 110,
    "排序": 56,
    "主职": 56,
}
_WHY = 420


class PreviewPage(QWidget):
    """Signals: `filter_changed(only)`; `apply_wanted(accept_partial)`; `again_wanted()` (read the same file anew);
    `units_toggled(bool)`; `problems_wanted()` (save the bad rows); `back_wanted()`."""

    filter_changed = Signal(str)
    apply_wanted = Signal(bool)
    again_wanted = Signal()
    units_toggled = Signal(bool)
    problems_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, themes: ThemeManager, model: ImportTableModel) -> None:
        super().__init__()
        self._themes = themes
        self.model = model
        self.preview: ImportPreview | None = None
        space = themes.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(space.xxl, space.xl, space.xxl, space.l)
        column.setSpacing(space.m)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        self.title = ElidedLabel(themes, "", "headline")
        head.addWidget(self.title, 1)
        self.again = button("重新读取文件")
        self.again.setToolTip("在表格软件中改好并保存后，按此重新核对同一个文件")
        self.other = button("换一个文件")
        head.addWidget(self.again)
        head.addWidget(self.other)
        column.addLayout(head)
        self.counts = QHBoxLayout()
        self.counts.setSpacing(space.s)
        column.addLayout(self.counts)
        self.verdict = Banner(themes)
        column.addWidget(self.verdict)
        bar = QHBoxLayout()
        self.tabs = FilterTabs(themes)
        bar.addWidget(self.tabs, 1)
        self.create_units = QCheckBox("自动新建不存在的单位")
        bar.addWidget(self.create_units)
        column.addLayout(bar)
        self.table = _table(themes, model)
        column.addWidget(self.table, 1)
        self.nothing = EmptyState(themes, "check", "没有这样的行")
        self.nothing.hide()
        column.addWidget(self.nothing, 1)
        foot = QHBoxLayout()
        foot.setSpacing(space.s)
        self.save_problems = button("导出有问题的行…")
        foot.addWidget(self.save_problems)
        foot.addStretch(1)
        self.cancel = button("取消")
        self.partial = button("")
        self.apply = button("", "primary")
        for one in (self.cancel, self.partial, self.apply):
            foot.addWidget(one)
        column.addLayout(foot)
        self._wire()

    def _wire(self) -> None:
        self.tabs.current_changed.connect(lambda key: self.filter_changed.emit(_ONLY[key]))
        self.create_units.clicked.connect(self.units_toggled)
        self.again.clicked.connect(self.again_wanted)
        self.other.clicked.connect(self.back_wanted)
        self.cancel.clicked.connect(self.back_wanted)
        self.save_problems.clicked.connect(self.problems_wanted)
        self.partial.clicked.connect(lambda: self.apply_wanted.emit(True))
        self.apply.clicked.connect(lambda: self.apply_wanted.emit(False))

    @property
    def only(self) -> str:
        """The filter as the service takes it."""
        return _ONLY[self.tabs.current or ALL]

    def show_preview(self, preview: ImportPreview, *, left_out: int, warned: int, create_units: bool) -> None:
        """Fill everything but the rows. `left_out`, `warned`: how many rows are not imported, and have a warning."""
        self.preview = preview
        self.title.setText(preview.filename)
        self._show_counts(preview, left_out)
        self.create_units.setChecked(create_units)
        tabs = [FilterItem(ALL, f"全部 {preview.rows}"), FilterItem(PROBLEMS, "只看有问题的", left_out)]
        if warned:
            tabs.append(FilterItem(WARNINGS, "有提醒的", warned))
        self.tabs.set_items(tabs)
        self.tabs.set_current(PROBLEMS if left_out else ALL)
        changing = preview.new_people + preview.changed_people
        if left_out:
            words = (
                f"共 {preview.error_count} 处问题，涉及 {left_out} 行，逐行说明如下。请在表格中改正后重新读取；"
                f"也可以先导入正确的 {preview.good} 行，其余导出改好再导入。"
            )
            self.verdict.say(words, "bad")
        elif not changing and not preview.new_units:
            self.verdict.say("文件与现有通讯录完全一致，没有需要导入的内容。", "info")
        elif warned:
            self.verdict.say(f"没有错误，可以导入。有 {warned} 行需要留意，请先看“有提醒的”。", "warn")
        else:
            self.verdict.say("核对无误，可以导入。在按下导入之前，不会写入任何内容。", "ok")
        self.apply.setText("全部正确后导入" if left_out else f"导入 {preview.rows} 行")
        self.apply.setEnabled(not left_out and bool(changing or preview.new_units))
        self.apply.setToolTip("还有问题的行，改正并重新读取后可用" if left_out else "")
        self.partial.setText(f"只导入正确的 {preview.good} 行")
        self.partial.setVisible(bool(left_out))
        self.partial.setEnabled(bool(preview.good))
        self.save_problems.setVisible(bool(left_out))

    def show_table(self, rows: int) -> None:
        """Show the table, or that the filter lets nothing through."""
        self.table.setVisible(rows > 0)
        self.nothing.setVisible(rows == 0)
        if rows:
            self._set_widths()
            self.table.scrollToTop()

    def _set_widths(self) -> None:
        grow = self._themes.theme.grow
        for place, heading in enumerate(self.model.headings):
            self.table.setColumnWidth(place, grow(_WIDTHS.get(heading, 110)))
        # The reason comes beside the number where it is what one looks for, and last where most rows have none.
        header = self.table.horizontalHeader()
        last = len(self.model.headings) - 1
        header.moveSection(header.visualIndex(last), last if self.tabs.current == ALL else 2)
        self.table.setColumnHidden(last, self.tabs.current == ALL and not self._has_notes())
        self.table.setColumnWidth(last, grow(_WHY))

    def _has_notes(self) -> bool:
        return self.preview is not None and bool(self.preview.error_count or self.preview.warning_count)

    def _show_counts(self, preview: ImportPreview, left_out: int) -> None:
        while (item := self.counts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for words, count, tone in (
            ("共 {} 行", preview.rows, "neutral"),
            ("新增 {} 人", preview.new_people, "ok"),
            ("变更 {} 人", preview.changed_people, "brand"),
            ("不变 {} 人", preview.unchanged_people, "neutral"),
            ("新建 {} 个单位", preview.new_units, "brand"),
            ("{} 行不导入", left_out, "bad"),
        ):
            if count:
                self.counts.addWidget(pill(words.format(count), tone))
        unknown = label(f"识别的列：{'、'.join(preview.columns.values())}", "caption")
        self.counts.addSpacing(self._themes.theme.space.s)
        self.counts.addWidget(unknown)
        self.counts.addStretch(1)


def _table(themes: ThemeManager, model: ImportTableModel) -> QTableView:
    theme = themes.theme
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName("导入预览")
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setWordWrap(True)
    table.setTextElideMode(Qt.TextElideMode.ElideRight)
    table.verticalHeader().hide()
    # Rows of one height: nothing is measured that is not seen. Two lines hold most reasons, the tip holds all.
    table.verticalHeader().setDefaultSectionSize(2 * theme.line("body") + theme.space.s)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.horizontalHeader().setHighlightSections(False)
    return table
