"""Proofreading (智能核稿, 3.2.5.2.6): findings one by one, accepted, set aside with a reason, exported, run again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QMenu, QWidget

from offline_ai.proofread.model import Finding, Level
from widgets.controls import Dialog, FilterItem, FilterTabs, button, label, pill
from widgets.theme import ThemeManager

from .model import OpenDocument
from .panel import Desk, Panel
from .parts import FEW, Card, CardColumn, Head, origin_row, wrapped
from .text_view import Mark


class IgnoreDialog(Dialog):
    """Why a finding is set aside."""

    def __init__(self, themes: ThemeManager, finding: Finding, parent: QWidget) -> None:
        super().__init__(themes, "忽略这处提示", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("原因")
        self.reason.setPlaceholderText("如：本单位惯用写法")
        self.reason.setMaxLength(60)
        self.wrong = label("", "caption", "bad")
        self.content.addWidget(wrapped(f"{finding.rule.id}　{finding.why}", "secondary", "weak"))
        self.content.addWidget(self.reason)
        self.content.addWidget(self.wrong)
        self.add_button("取消", slot=self.reject)
        self.add_button("忽略", "primary", default=True, slot=self._take)
        self.reason.setFocus()

    def _take(self) -> None:
        if self.reason.text().strip():
            self.accept()
        else:
            self.wrong.setText("请写明忽略的原因")
            self.reason.setFocus()


class ProofPanel(Panel):
    """The findings of the current document."""

    def __init__(self, themes: ThemeManager, desk: Desk, parent: QWidget | None = None) -> None:
        text = "从文种、行文规则、格式、标点、数字、用语等方面逐条核对，指出位置、依据和改法。"
        super().__init__(themes, desk, "edit", "智能核稿", text, "开始核稿", parent)
        self.dialog: IgnoreDialog | None = None
        self.head = Head(themes)
        self.accept_all = self.head.add("采纳全部机械修改", "primary")
        self.more = self.head.add("导出…")
        self.again = self.head.add("重新核稿")
        self.accept_all.clicked.connect(self.accept_mechanical)  # type: ignore[attr-defined]
        self.more.clicked.connect(self._menu)  # type: ignore[attr-defined]
        self.again.clicked.connect(self.start)  # type: ignore[attr-defined]
        self.tabs = FilterTabs(themes)
        self.tabs.current_changed.connect(lambda _key: self._list())
        self.material = QComboBox()
        self.material.setAccessibleName("所依据的材料")
        self.material.setToolTip("选一份打开的文件，核对文稿与材料的事实是否一致（C6）")
        self.material.activated.connect(self._material_chosen)
        self.cards = CardColumn(themes, "核稿意见")
        self.column.addWidget(self.head)
        self.column.addWidget(self.material)
        self.column.addWidget(self.tabs)
        self.column.addWidget(self.cards, 1)

    def start(self) -> None:
        one = self.desk.current
        if one is not None:
            self.desk.work(self._work(one), "核稿")

    async def _work(self, one: OpenDocument) -> None:
        material = self.desk.files.get(one.material)
        one.report = await self.desk.service.proofread(one.document, material.document if material else None)
        self._changed()

    def _material_chosen(self, _row: int) -> None:
        one = self.desk.current
        key = self.material.currentData()
        if one is not None and key != one.material:
            one.material = key
            self.start()

    def _list_material(self, one: OpenDocument) -> None:
        self.material.clear()
        self.material.addItem("所依据的材料：未选（不核对事实）", "")
        for other in self.desk.files.values():
            if other is not one:
                self.material.addItem(f"所依据的材料：{other.name}", other.key)
        self.material.setCurrentIndex(max(0, self.material.findData(one.material)))
        self.material.setVisible(self.material.count() > 1)

    def _changed(self) -> None:
        self.refresh()
        self.marks_changed.emit()

    def marks(self) -> list[Mark]:
        """Grounds for the text: red for rules, amber for practice, green for what was accepted."""
        one = self.desk.current
        if one is None or one.report is None:
            return []
        made = [
            Mark(f.start, f.end, "bad" if f.rule.level is Level.RULE else "warn")
            for f in one.waiting()
            if f.end > f.start
        ]
        return made + [Mark(f.start, f.end, "ok") for f in one.accepted.values() if f.end > f.start]

    def refresh(self) -> None:
        one = self.desk.current
        self.show_body(one is not None and one.report is not None)
        if one is None or one.report is None:
            self.cards.clear()
            return
        self._list_material(one)
        waiting = one.waiting()
        rules = sum(1 for f in waiting if f.rule.level is Level.RULE)
        self.head.note.setText(f"规则集 {one.report.version}")
        self.tabs.set_items(
            [
                FilterItem("all", "待处理", len(waiting)),
                FilterItem("rule", "规定", rules),
                FilterItem("practice", "通常", len(waiting) - rules),
                FilterItem("accepted", "已采纳", len(one.accepted)),
                FilterItem("ignored", "已忽略", len(one.ignored)),
                FilterItem("unchecked", "未检", len(one.report.unchecked)),
            ]
        )
        self.accept_all.setEnabled(any(f.mechanical for f in waiting))
        self._list()

    def _list(self) -> None:
        one = self.desk.current
        self.cards.clear()
        if one is None or one.report is None:
            return
        self.cards.add(origin_row(one.report.origin))
        kind = self.tabs.current or "all"
        if kind == "unchecked":
            for item in one.report.unchecked:
                card = Card(self.themes)
                card.line(pill(item.rule.id, "neutral"), pill("未检", "neutral"))
                card.column.addWidget(wrapped(item.rule.title))
                card.column.addWidget(wrapped(item.why, "caption", "weak"))
                self.cards.add(card)
            return
        if kind == "accepted":
            found = list(one.accepted.values())
        elif kind == "ignored":
            found = [f for f in one.report.findings if f.key in one.ignored]
        else:
            level = {"rule": Level.RULE, "practice": Level.PRACTICE}.get(kind)
            found = [f for f in one.waiting() if level is None or f.rule.level is level]
        if not found:
            text = f"已核对 {one.report.checked} 条规则，没有待处理的意见。" if kind == "all" else "没有。"
            self.cards.add(wrapped(text, "body", "ok" if kind == "all" else "weak"))
        for finding in found[:FEW]:
            self.cards.add(self._card(one, finding, kind))
        if len(found) > FEW:
            self.cards.add(label(f"还有 {len(found) - FEW} 条，处理后继续显示。", "caption", "weak"))

    def _card(self, one: OpenDocument, finding: Finding, kind: str) -> Card:
        card = Card(self.themes)
        rule = finding.rule
        tone = "bad" if rule.level is Level.RULE else "warn"
        card.line(pill(rule.level.value, tone), label(f"{rule.id}　{rule.category}", "caption", "weak"))
        card.column.addWidget(wrapped(finding.why, "body", "strong"))
        if finding.found:
            shown = finding.found.replace("\n", " ")
            shown = shown if len(shown) <= 60 else shown[:59] + "…"
            card.column.addWidget(wrapped(f"原文：{shown}", "secondary"))
        if finding.fix is not None:
            card.column.addWidget(wrapped(f"改为：{finding.fix or '（删去）'}", "secondary", "ok"))
        elif finding.advice:
            card.column.addWidget(wrapped(f"建议：{finding.advice}", "secondary", "ok"))
        card.column.addWidget(wrapped(f"依据：{rule.source}　{rule.title}", "caption", "weak"))
        if finding.key in one.ignored:
            card.column.addWidget(wrapped(f"忽略原因：{one.ignored[finding.key]}", "caption", "weak"))
        buttons: list[QWidget] = []
        if kind in ("accepted", "ignored"):
            back = button("撤回", "secondary", "small")
            back.clicked.connect(lambda: self.take_back(finding))
            buttons.append(back)
        else:
            if finding.fix is not None:
                take = button("采纳", "primary", "small")
                take.clicked.connect(lambda: self.accept(finding))
                buttons.append(take)
            leave = button("忽略…", "secondary", "small")
            leave.clicked.connect(lambda: self.ask_ignore(finding))
            buttons.append(leave)
        card.line(*buttons)
        card.setAccessibleName(f"{rule.level.value} {finding.why}")
        card.pressed.connect(lambda: self.jump_wanted.emit(one.key, finding.start, finding.end))
        return card

    # what the user does

    def accept(self, finding: Finding) -> None:
        """Take one fix over into the corrected document."""
        one = self.desk.current
        if one is not None and finding.fix is not None:
            one.accepted[finding.key] = finding
            self._changed()

    def accept_mechanical(self) -> None:
        """Take over every fix that needs no reading."""
        one = self.desk.current
        if one is None:
            return
        taken = [finding for finding in one.waiting() if finding.mechanical]
        one.accepted.update({finding.key: finding for finding in taken})
        self._changed()
        self.desk.tell(f"已采纳 {len(taken)} 处机械修改")

    def ask_ignore(self, finding: Finding) -> None:
        """Ask for the reason and set the finding aside."""
        self.dialog = IgnoreDialog(self.themes, finding, self)
        dialog = self.dialog
        dialog.accepted.connect(lambda: self.ignore(finding, dialog.reason.text().strip()))
        dialog.open()

    def ignore(self, finding: Finding, reason: str) -> None:
        """Set a finding aside."""
        one = self.desk.current
        if one is not None:
            one.ignored[finding.key] = reason
            self._changed()

    def take_back(self, finding: Finding) -> None:
        """Neither accepted nor set aside any more."""
        one = self.desk.current
        if one is not None:
            one.accepted.pop(finding.key, None)
            one.ignored.pop(finding.key, None)
            self._changed()

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("带批注的核稿意见（docx）…", lambda: self._ask_export(True))
        menu.addAction("采纳后的修改稿（docx）…", lambda: self._ask_export(False))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _ask_export(self, marked: bool) -> None:
        one = self.desk.current
        if one is None:
            return
        name = one.path.with_name(f"{one.path.stem}-{'核稿意见' if marked else '修改稿'}.docx")
        dialog = QFileDialog(self, "导出", str(name), "Word 文档 (*.docx)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("docx")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda target: self.export(marked, Path(target)))
        dialog.open()

    def export(self, marked: bool, target: Path) -> None:
        """Write what waits as comments, or what was accepted as text."""
        one = self.desk.current
        if one is None or one.report is None:
            return
        findings = one.waiting() if marked else list(one.accepted.values())

        async def write() -> None:
            await self.desk.service.export(marked, one.document, findings, one.path, target)
            self.desk.tell(f"已导出到“{target.name}”")

        self.desk.work(write(), "导出")
