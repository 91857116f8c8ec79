"""The hash-chained log of key management: filter, verify, export (3.3.4)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from server_stub.contract.keys import KeyAudit
from widgets.controls import Banner, EmptyNote, button, label
from widgets.theme import ThemeManager

from .parts import KeySection, add_row, table
from .service import KeyConsole
from .words import AUDIT_KINDS, action, target, when

_COLUMNS = ("序号", "时间", "操作", "操作人", "确认人", "对象", "结果", "签名")


class AuditSection(KeySection):
    """Newest first, two hundred lines at a time."""

    def __init__(self, service: KeyConsole, themes: ThemeManager, parent: QWidget | None = None) -> None:
        explanation = "每条记录含前一条的 SM3 值，并由加密机签名：改动、删除或插入任何一条，校验都会发现。"
        super().__init__(service, themes, "密钥审计", explanation, parent)
        space = themes.theme.space
        self.check, self.export = button("校验完整性"), button("导出…")
        self.check.clicked.connect(lambda: self.run(self._verify(), "校验审计"))
        self.export.clicked.connect(self._save)
        self.tools.addWidget(self.check)
        self.tools.addWidget(self.export)
        bar = QHBoxLayout()
        bar.setSpacing(space.s)
        self.kind = QComboBox()
        self.kind.setAccessibleName("操作")
        self.kind.addItem("全部操作", "")
        for kind in AUDIT_KINDS:
            self.kind.addItem(action(kind), kind)
        self.actor = QComboBox()
        self.actor.setAccessibleName("操作人")
        self.actor.addItem("全部人员", "")
        for words, box in (("操作", self.kind), ("人员", self.actor)):
            box.activated.connect(lambda _index: self.entered())
            bar.addWidget(label(words, "secondary"))
            bar.addWidget(box)
        bar.addStretch(1)
        self.count = label("", "caption")
        bar.addWidget(self.count)
        self.column.addLayout(bar)
        self.verdict = Banner(themes, closable=True)
        self.verdict.hide()
        self.column.addWidget(self.verdict)
        self.table = table(themes, "密钥审计", _COLUMNS, 6)
        self.nothing = EmptyNote(themes, self.table, "")
        self.column.addWidget(self.table, 1)
        self.table.currentCellChanged.connect(lambda row, *_rest: self._tell(row))
        self.detail = label("", "secondary", wrap=True)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.setAccessibleName("选中的记录")
        self.detail.hide()
        self.column.addWidget(self.detail)
        self.more = button("更早的记录", "link")
        self.more.clicked.connect(lambda: self.run(self._older(), "读取审计"))
        self.more.hide()
        self.column.addWidget(self.more)
        self._last: int | None = None

    async def read(self) -> None:
        self._last = None
        found = await self._page()
        self.table.setRowCount(0)
        self._add(found)

    async def _older(self) -> None:
        self._add(await self._page())

    async def _page(self) -> KeyAudit:
        return await self.service.audit(
            before=self._last, kind=self.kind.currentData(), actor=self.actor.currentData()
        )

    def _add(self, found: KeyAudit) -> None:
        for line in found.lines:
            signed = "已签名" if line.signed else "未签名"
            people = (line.actor_name or line.actor, line.second_name or line.second)
            add_row(
                self.table,
                (
                    str(line.seq),
                    when(line.at),
                    action(line.kind),
                    *people,
                    target(line.target),
                    line.result,
                    signed,
                ),
            )
            self._last = line.seq
            for person, name in ((line.actor, line.actor_name), (line.second, line.second_name)):
                if person and self.actor.findData(person) < 0:
                    self.actor.addItem(name or person, person)
        self.more.setVisible(found.more)
        narrowed = bool(self.kind.currentData() or self.actor.currentData())
        self.nothing.settle("没有这样的记录，换一个条件。" if narrowed else "还没有密钥操作的记录。")
        self.count.setText(f"已显示 {self.table.rowCount()} 条" if self.table.rowCount() else "")

    def _tell(self, row: int) -> None:
        """The chosen line's long texts whole: in the table they may be cut off."""
        texts = {column: item.text() for column in (0, 5, 6) if (item := self.table.item(row, column))}
        parts = [f"{_COLUMNS[column]}：{text}" for column, text in texts.items() if text]
        self.detail.setText("    ".join(parts))
        self.detail.setVisible(bool(parts))

    async def _verify(self) -> None:
        self.check.setEnabled(False)
        try:
            found = await self.service.verify()
        finally:
            self.check.setEnabled(True)
        if found.good:
            self.verdict.say(
                f"校验通过：{found.lines} 条记录首尾相接，其中 {found.signed} 条有加密机签名。", "ok"
            )
        else:
            self.verdict.say(
                f"校验不通过：第 {found.broken_at} 条起有问题（{found.why}）。请立即上报。", "bad"
            )
        self.verdict.show()

    def _save(self) -> None:
        name = self.ask_save("密钥审计.csv", "CSV 文件 (*.csv)")
        if name:
            path = Path(name)
            target = path if path.suffix else path.with_suffix(".csv")
            self.run(self._export(target), "导出审计")

    async def _export(self, path: Path) -> None:
        await self.service.save_audit(self.kind.currentData(), path)
        self.told.emit(f"已保存到 {path.name}")
