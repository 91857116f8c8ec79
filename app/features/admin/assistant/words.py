"""敏感词: the list by kinds, tables in and out, the test box."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
)

from offline_ai.sensitive.lists import SensitiveWord, format_words, parse_words
from server_stub.contract.llm import SensitiveEntry, WordHit, WordList
from widgets.controls import EmptyNote, SearchField, button, label, reading_table

from .tab import Tab, fill


class WordsTab(Tab):
    """Every change is saved at once."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._list = WordList(version=0, words=[])
        whole = QHBoxLayout()
        whole.setSpacing(self.themes.theme.space.xl)
        whole.addLayout(self._left(), 3)
        whole.addLayout(self._right(), 2)
        self.column.addLayout(whole, 1)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        bar = QHBoxLayout()
        self.search = SearchField(self.themes, "查找词语或类别")
        self.search.query_changed.connect(lambda _text: self._show_words())
        self.bring, self.take, self.drop = button("导入…"), button("导出…"), button("删除所选", "danger")
        bar.addWidget(self.search, 1)
        for made in (self.bring, self.take, self.drop):
            bar.addWidget(made)
        column.addLayout(bar)
        line = QHBoxLayout()
        self.text, self.kind, self.note = QLineEdit(), QLineEdit(), QLineEdit()
        for field, words in ((self.text, "词语"), (self.kind, "类别"), (self.note, "说明（选填）")):
            field.setPlaceholderText(words)
            field.setAccessibleName(words)
            line.addWidget(field)
        self.put = button("添加或修改", "primary")
        line.addWidget(self.put)
        column.addLayout(line)
        self.table = reading_table(self.themes, ("词语", "类别", "说明"), "敏感词", stretch=2)
        self.nothing = EmptyNote(self.themes, self.table, "")
        column.addWidget(self.table, 1)
        self.count = label("", "caption", "weak")
        column.addWidget(self.count)
        self.put.clicked.connect(self._put)
        self.note.returnPressed.connect(self._put)
        self.drop.clicked.connect(self._drop)
        self.table.itemSelectionChanged.connect(self._chosen)
        self.bring.clicked.connect(self._bring)
        self.take.clicked.connect(self._take)
        return column

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.addWidget(label("试一试", "title"))
        self.sample = QPlainTextEdit()
        self.sample.setPlaceholderText("粘贴一段文字，查看会命中哪些敏感词")
        self.sample.setAccessibleName("测试文字")
        column.addWidget(self.sample, 1)
        self.test = button("检测")
        self.test.clicked.connect(lambda: self.start(self._test(), "检测敏感词"))
        self.result = label("", "secondary", wrap=True)
        column.addWidget(self.test, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.result)
        return column

    async def read(self) -> None:
        self._list = await self.calls.words()
        self._show_words()

    def _shown(self) -> list[SensitiveEntry]:
        wanted = self.search.edit.text().strip().casefold()
        return [one for one in self._list.words if wanted in f"{one.text} {one.kind}".casefold()]

    def _show_words(self) -> None:
        shown = self._shown()
        fill(self.table, [[one.text, one.kind, one.note] for one in shown])
        none = "还没有敏感词，在上面填写后点“添加或修改”，或导入表格。"
        self.nothing.settle("没有这样的词，换一个词查找。" if self._list.words else none)
        kinds = len({one.kind for one in self._list.words})
        self.count.setText(f"共 {len(self._list.words)} 个词、{kinds} 类，列出 {len(shown)} 个")
        self.drop.setEnabled(False)

    def _chosen(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        self.drop.setEnabled(bool(rows))
        if len(rows) == 1:
            one = self._shown()[rows.pop()]
            for field, text in ((self.text, one.text), (self.kind, one.kind), (self.note, one.note)):
                field.setText(text)

    def _put(self) -> None:
        text = self.text.text().strip()
        if not text:
            self.text.setFocus()
            return
        made = SensitiveEntry(
            text=text, kind=self.kind.text().strip() or "其他", note=self.note.text().strip()
        )
        kept = [made if one.text == text else one for one in self._list.words]
        if made not in kept:
            kept.append(made)
        self.start(self._replace(kept), "保存敏感词")

    def _drop(self) -> None:
        shown = self._shown()
        gone = {shown[index.row()].text for index in self.table.selectedIndexes()}
        self.start(self._replace([one for one in self._list.words if one.text not in gone]), "删除敏感词")

    async def _replace(self, words: list[SensitiveEntry]) -> None:
        self._list = await self.calls.set_words(WordList(version=self._list.version, words=words))
        for field in (self.text, self.note):
            field.clear()
        self._show_words()

    def _bring(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "导入敏感词", "", "表格 (*.csv *.tsv *.txt)")
        if name:
            self.start(self.bring_in(Path(name)), "导入敏感词")

    async def bring_in(self, path: Path) -> None:
        """Add the words of a table; a word that is there takes the table's kind."""
        text = await asyncio.to_thread(path.read_text, "utf-8-sig")
        found = {
            one.text: SensitiveEntry(text=one.text, kind=one.kind, note=one.note) for one in parse_words(text)
        }
        kept = {one.text: one for one in self._list.words} | found
        await self._replace(list(kept.values()))
        self.tell(f"已导入 {len(found)} 个词")

    def _take(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "导出敏感词", "敏感词.csv", "表格 (*.csv)")
        if name:
            self.start(self.take_out(Path(name)), "导出敏感词")

    async def take_out(self, path: Path) -> None:
        """Write the table."""
        text = format_words(SensitiveWord(one.text, one.kind, one.note) for one in self._list.words)
        await asyncio.to_thread(path.write_text, text, "utf-8-sig")
        self.tell("敏感词已导出")

    async def _test(self) -> None:
        found = await self.calls.test_words(self.sample.toPlainText())
        words = "、".join(_told(hit) for hit in found.hits[:50])
        self.result.setText(f"命中 {len(found.hits)} 处：{words}" if found.hits else "没有命中敏感词")


def _told(hit: WordHit) -> str:
    disguise = f"，{hit.manner}" if hit.manner not in ("", "原词") else ""
    return f"{hit.found}（{hit.word.kind}{disguise}）"
