"""Arranging: a preview with everyone who moves, then apply, keep or leave; two results side by side. Source: 3.1.6.4.1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from meeting_seat_designer.editor.dialogs.preview import PlanPreview, with_plan
from meeting_seat_designer.editor.dialogs.small import FormDialog
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.arrange.arranger import arrange
from meeting_seat_designer.engine.arrange.changes import Change, changes, describe
from meeting_seat_designer.engine.arrange.rearrange import fill_gaps, rearrange
from meeting_seat_designer.engine.edits.base import Batch
from meeting_seat_designer.engine.edits.seating import ApplyPlan, Arrange, KeepResult
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.plan import Plan
from meeting_seat_designer.engine.order.reasons import wait_texts
from widgets.controls import Dialog, label
from widgets.theme import ThemeManager

WAYS = {"all": "重新排座", "least": "最少变动", "gaps": "只补空位"}


def compute(document: Document, way: str) -> Plan:
    """The plan of one way of arranging; changes nothing."""
    if way == "all":
        return arrange(document)
    return (rearrange if way == "least" else fill_gaps)(document).plan


def summary(found: list[Change], waiting: Sequence[str]) -> str:
    """How much changes, in a line; `waiting`: why each of those waits who have no seat."""
    kinds = [change.kind for change in found]
    parts = [
        f"{kinds.count(kind)} 人{text}"
        for kind, text in (("moved", "换座"), ("seated", "新入座"), ("unseated", "离座"))
        if kind in kinds
    ]
    parts = parts or ["没有人需要换座"]
    if waiting:
        reasons = "；".join(f"{text} {count} 人" for text, count in Counter(waiting).most_common(3))
        parts.append(f"{len(waiting)} 人待排（{reasons}）")
    return "，".join(parts)


class ArrangeDialog(Dialog):
    """Computes in the background, shows the result, applies it as one step."""

    def __init__(self, editing: Editing, themes: ThemeManager, way: str, parent: QWidget) -> None:
        super().__init__(themes, "排座预览", parent, width=themes.theme.sizes.picker)
        self._editing = editing
        self._plan: Plan | None = None
        self._asked = 0
        self.changes: list[Change] = []
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        space = themes.theme.space
        self.ways = QComboBox()
        self.ways.setAccessibleName("排座方式")
        for key, text in WAYS.items():
            self.ways.addItem(text, key)
        self.ways.setCurrentIndex(self.ways.findData(way))
        self.ways.currentIndexChanged.connect(lambda _index: self.compute())
        self.told = label("正在计算…", "secondary", "strong", wrap=True)
        top = QHBoxLayout()
        top.setSpacing(space.m)
        top.addWidget(self.ways)
        top.addWidget(self.told, 1)
        self.preview = PlanPreview(with_plan(editing.document, editing.document.plan), themes, "排座结果预览")
        self.movers = QListWidget()
        self.movers.setAccessibleName("座位有变动的人员")
        self.movers.setWordWrap(True)
        self.movers.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.movers.setSpacing(themes.theme.space.half)
        self.movers.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.movers.setMinimumWidth(themes.theme.sizes.picker_side)
        self.movers.currentRowChanged.connect(self._show)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.preview)
        split.addWidget(self.movers)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        self.content.addLayout(top)
        self.content.addWidget(split, 1)
        self.keep = self.add_button("保留为备选", slot=self._keep)
        self.keep.setToolTip("先保留现有结果再应用，之后可在“保留与比较结果”中对比")
        self.add_button("取消", slot=self.reject)
        self.apply = self.add_button("应用", "primary", default=True, slot=self._apply)
        self.compute()

    def compute(self) -> None:
        """Arrange in the background by the chosen way."""
        self._asked += 1
        number, way = self._asked, self.ways.currentData()
        self.apply.setEnabled(False)
        self.keep.setEnabled(False)
        self.told.setText("正在计算…")
        frozen = msgspec.json.encode(self._editing.document)
        self._editing.work.run(
            lambda: compute(msgspec.json.decode(frozen, type=Document), way),
            lambda plan: self._computed(number, plan),
            owner=self,
        )

    def _computed(self, number: int, plan: Plan) -> None:
        if number != self._asked:
            return
        self._plan = plan
        document = self._editing.document
        self.changes = changes(document.plan.seats, plan.seats)
        after = with_plan(document, plan)
        order = {"moved": 0, "unseated": 1, "seated": 2}
        rows = {seat: number for number, seat in enumerate(after.seat_map())}
        # As the hall is read: seat by seat.
        self.changes.sort(key=lambda change: (order[change.kind], rows.get(change.after, 0)))
        self.told.setText(summary(self.changes, list(wait_texts(after).values())))
        self.movers.clear()
        self.movers.addItems([describe(change, document, after) for change in self.changes])
        moved = [change.after for change in self.changes if change.kind == "moved"]
        self.preview.put(after, moved if len(moved) <= 60 else [])
        self.apply.setEnabled(bool(self.changes))
        self.keep.setEnabled(bool(self.changes) and bool(document.plan.seats))

    def _show(self, row: int) -> None:
        if 0 <= row < len(self.changes):
            change = self.changes[row]
            self.preview.mark([seat for seat in (change.after, change.before) if seat])

    def _command(self) -> ApplyPlan | None:
        if self._plan is None:
            return None
        return ApplyPlan(self._plan, Arrange.TEXTS[self.ways.currentData()])

    def _apply(self) -> None:
        command = self._command()
        if command is not None:
            self._editing.close_merge()
            self._editing.run(command, self.told.text())
        self.accept()

    def _keep(self) -> None:
        command = self._command()
        if command is not None:
            name = f"方案 {len(self._editing.document.saved) + 1}"
            self._editing.close_merge()
            self._editing.run(Batch(command.text, [KeepResult(name), command]), f"原结果已保留为“{name}”")
        self.accept()


class CompareDialog(Dialog):
    """Two results of the current layout side by side, and who sits elsewhere."""

    def __init__(self, editing: Editing, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(themes, "保留与比较结果", parent, width=themes.theme.sizes.picker)
        self._editing = editing
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.told = label("", "secondary", "strong", wrap=True)
        self.sides: list[QComboBox] = []
        self.previews: list[PlanPreview] = []
        row = QHBoxLayout()
        row.setSpacing(themes.theme.space.m)
        for name in ("左侧结果", "右侧结果"):
            side = QComboBox()
            side.setAccessibleName(name)
            side.currentIndexChanged.connect(lambda _index: self.compare())
            preview = PlanPreview(with_plan(editing.document, editing.document.plan), themes, name)
            column = QVBoxLayout()
            column.addWidget(side)
            column.addWidget(preview, 1)
            row.addLayout(column, 1)
            self.sides.append(side)
            self.previews.append(preview)
        self.differences = QListWidget()
        self.differences.setAccessibleName("两个结果的不同")
        self.differences.setMaximumHeight(themes.theme.sizes.detail)
        self.content.addLayout(row, 1)
        self.content.addWidget(self.told)
        self.content.addWidget(self.differences)
        self.add_button("保留当前结果…", slot=self._keep)
        self.add_button("改用右侧结果", slot=self.take)
        self.add_button("关闭", "primary", default=True, slot=self.accept)
        self._fill()

    def _plans(self) -> list[tuple[str, Plan]]:
        document = self._editing.document
        here = document.current().id
        kept = [(plan.name, plan) for plan in document.saved if plan.layout == here]
        return [("当前结果", document.plan), *kept]

    def _fill(self) -> None:
        plans = self._plans()
        for index, side in enumerate(self.sides):
            side.blockSignals(True)
            side.clear()
            side.addItems([name for name, _ in plans])
            side.setCurrentIndex(min(index * (len(plans) - 1), len(plans) - 1))
            side.blockSignals(False)
        self.compare()

    def compare(self) -> None:
        """Show the chosen two."""
        plans = self._plans()
        left, right = (plans[max(0, side.currentIndex())][1] for side in self.sides)
        document = self._editing.document
        found = changes(left.seats, right.seats)
        before, after = with_plan(document, left), with_plan(document, right)
        self.previews[0].put(before, [change.before for change in found])
        self.previews[1].put(after, [change.after for change in found])
        self.differences.clear()
        self.differences.addItems([describe(change, before, after) for change in found])
        if len(plans) < 2:
            self.told.setText("还没有保留的结果。保留当前结果后再重新排座，即可在这里比较。")
        else:
            self.told.setText(f"两个结果有 {len(found)} 人座位不同" if found else "两个结果完全相同")

    def _keep(self) -> None:
        count = len(self._editing.document.saved) + 1

        def keep(values: dict[str, Any]) -> None:
            if values["name"]:
                self.keep_as(values["name"])

        self.asking = FormDialog(
            self.themes, "保留当前结果", [("name", "名称", f"方案 {count}")], keep, self, accept="保留"
        )
        self.asking.open()

    asking: FormDialog | None = None
    """The question for a name that was opened last."""

    def keep_as(self, name: str) -> None:
        """Keep the present result under a name."""
        self._editing.close_merge()
        self._editing.run(KeepResult(name))
        self._fill()

    def take(self) -> None:
        """Put the right-hand result in force."""
        plans = self._plans()
        name, plan = plans[max(0, self.sides[1].currentIndex())]
        if plan is not self._editing.document.plan:
            self._editing.close_merge()
            self._editing.run(ApplyPlan(plan, f"改用{name}"), f"已改用“{name}”")
        self.accept()
