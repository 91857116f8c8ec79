"""Sensitive words by kind with their places, and the list they are found by (3.2.5.2.4)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from offline_ai.models.origin import Origin
from offline_ai.sensitive.lists import BadWordList, SensitiveWord, format_words, parse_words
from offline_ai.sensitive.matcher import Manner
from offline_ai.sensitive.personal import KIND
from widgets.controls import Dialog, SearchField, button, label, pill
from widgets.theme import ThemeManager

from .model import OpenDocument
from .panel import Desk, Panel
from .parts import FEW, Card, CardColumn, Head, origin_pill, wrapped
from .text_view import Mark

COLUMNS = ("词语", "类别", "说明", "来源")
OWN, OFFICE = "本人", "单位"


class WordListDialog(Dialog):
    """The own list as a table: add, change, delete, find, import, export; the organisation's below it, to look at."""

    def __init__(
        self,
        themes: ThemeManager,
        desk: Desk,
        words: list[SensitiveWord],
        parent: QWidget,
        office: list[SensitiveWord] | None = None,
    ) -> None:
        super().__init__(themes, "敏感词库", parent, width=themes.theme.sizes.dialog_wide)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self._themes = themes
        self._office = list(office or [])
        self.search = SearchField(themes, "查找词语、类别或来源")
        self.search.query_changed.connect(self._filter)
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setAccessibleName("敏感词")
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.ResizeToContents)
        self.table.setColumnHidden(3, not self._office)
        self.table.setMinimumHeight(themes.theme.sizes.list)
        self.table.setColumnWidth(0, themes.theme.sizes.detail)
        self.table.setColumnWidth(1, themes.theme.sizes.detail)
        self.wrong = label("", "caption", "bad", wrap=True)
        bar = QHBoxLayout()
        for text, slot in (
            ("添加", self.add_row),
            ("删除所选", self.remove_rows),
            ("导入…", self._ask_import),
            ("导出…", self._ask_export),
        ):
            made = button(text, "secondary", "small")
            made.clicked.connect(lambda _checked=False, do=slot: do())
            bar.addWidget(made)
        bar.addStretch(1)
        self.count = label("", "caption", "weak")
        bar.addWidget(self.count)
        self.content.addWidget(self.search)
        self.content.addWidget(self.table, 1)
        self.content.addLayout(bar)
        self.content.addWidget(self.wrong)
        self.add_button("取消", slot=self.reject)
        self.add_button("保存", "primary", default=True, slot=self.store)
        self.show_words(words)

    def show_words(self, words: list[SensitiveWord]) -> None:
        """Fill the table."""
        self.table.setRowCount(len(words) + len(self._office))
        for row, word in enumerate([*words, *self._office]):
            is_own = row < len(words)
            cells = (word.text, word.kind, word.note, OWN if is_own else OFFICE)
            for column, text in enumerate(cells):
                self._put(row, column, text, is_own)
        self._count()

    def _put(self, row: int, column: int, text: str, is_own: bool) -> None:
        item = QTableWidgetItem(text)
        if not is_own or column == 3:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setForeground(self._themes.theme.color("text_2"))
        if not is_own:
            item.setToolTip("由管理员在控制台维护，这里只能查看")
        self.table.setItem(row, column, item)

    def _is_own(self, row: int) -> bool:
        item = self.table.item(row, 3)
        return item is None or item.text() != OFFICE

    def _count(self) -> None:
        own = sum(self._is_own(row) for row in range(self.table.rowCount()))
        text = f"共 {own} 个词"
        if self._office:
            text = f"本人 {own} 个词，单位 {len(self._office)} 个词（由管理员维护）"
        self.count.setText(text)

    def words(self) -> list[SensitiveWord]:
        """What the table holds of the own list; rows without a word are left out. Raises BadWordList."""
        made: list[SensitiveWord] = []
        for row in range(self.table.rowCount()):
            if not self._is_own(row):
                continue
            cells = [
                item.text().strip() if (item := self.table.item(row, at)) is not None else ""
                for at in range(3)
            ]
            if cells[0]:
                made.append(SensitiveWord(*cells))
        return parse_words(format_words(made))

    def _filter(self, text: str) -> None:
        wanted = text.strip()
        for row in range(self.table.rowCount()):
            cells = [item.text() if (item := self.table.item(row, at)) is not None else "" for at in range(4)]
            self.table.setRowHidden(row, bool(wanted) and not any(wanted in cell for cell in cells))

    def add_row(self) -> None:
        """An empty row at the end of the own list, ready to type."""
        row = self.table.rowCount() - len(self._office)
        self.table.insertRow(row)
        for column, text in enumerate(("", "其他", "", OWN)):
            self._put(row, column, text, True)
        self.table.setCurrentCell(row, 0)
        self.table.editItem(self.table.item(row, 0))

    def remove_rows(self) -> None:
        """Delete the rows that are marked."""
        for row in sorted({index.row() for index in self.table.selectedIndexes()}, reverse=True):
            if self._is_own(row):
                self.table.removeRow(row)
        self._count()

    def _ask_import(self) -> None:
        dialog = QFileDialog(self, "导入敏感词", "", "表格 (*.csv *.txt *.tsv)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._desk.work(self.import_file(Path(name)), "导入敏感词"))
        dialog.open()

    async def import_file(self, path: Path) -> None:
        """Add the words of a file; known ones keep their kind."""
        try:
            fresh = parse_words(await self._desk.service.read_text(path))
            known = {word.text: word for word in self.words()}
        except (BadWordList, UnicodeDecodeError) as problem:
            text = problem.message if isinstance(problem, BadWordList) else "文件不是 UTF-8 编码的文字。"
            self.wrong.setText(text)
            return
        self.show_words([*known.values(), *(word for word in fresh if word.text not in known)])

    def _ask_export(self) -> None:
        dialog = QFileDialog(self, "导出敏感词", "敏感词库.csv", "表格 (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._desk.work(self.export_file(Path(name)), "导出敏感词"))
        dialog.open()

    async def export_file(self, path: Path) -> None:
        """Write the list."""
        await self._desk.service.write(path, ("\ufeff" + format_words(self.words())).encode())
        self._desk.tell("敏感词库已导出")

    def store(self) -> None:
        """Keep the list."""
        try:
            words = self.words()
        except BadWordList as problem:
            self.wrong.setText(f"{problem.message}{problem.hint}")
            return
        self._desk.work(self._desk.service.keep_words(words), "保存敏感词库")
        self.accept()


class WordsPanel(Panel):
    """Hits by kind."""

    def __init__(self, themes: ThemeManager, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(
            themes,
            desk,
            "shield",
            "检测敏感词",
            "全角、繁体、夹杂符号、拼音和谐音写法也会查出。",
            "开始检测",
            parent,
        )
        self.head = Head(themes)
        self.head.row.insertWidget(0, origin_pill(Origin.RULES))
        self.list = self.head.add("词库…")
        self.again = self.head.add("重新检测")
        self.list.clicked.connect(self.open_list)  # type: ignore[attr-defined]
        self.again.clicked.connect(self.start)  # type: ignore[attr-defined]
        self.cards = CardColumn(themes, "敏感词")
        self.column.addWidget(self.head)
        self.column.addWidget(self.cards, 1)
        self.dialog: WordListDialog | None = None
        self._office: set[str] = set()
        """Words of the organisation when the document was looked through."""

    def start(self) -> None:
        one = self.desk.current
        if one is not None:
            self.desk.work(self._work(one), "检测敏感词")

    async def _work(self, one: OpenDocument) -> None:
        one.hits = await self.desk.service.sensitive(one.document)
        self._office = {word.text for word in await self.desk.service.office_words()}
        self.refresh()
        self.marks_changed.emit()

    def open_list(self) -> None:
        """Open the list for editing."""

        async def show() -> None:
            words = await self.desk.service.words()
            office = await self.desk.service.office_words()
            self.dialog = WordListDialog(self.themes, self.desk, words, self, office)
            self.dialog.open()

        self.desk.work(show(), "读取敏感词库")

    def marks(self) -> list[Mark]:
        """Grounds for the text."""
        one = self.desk.current
        return [
            Mark(hit.start, hit.end, "warn" if hit.manner is Manner.SOUND or hit.word.kind == KIND else "bad")
            for hit in (one.hits or [] if one is not None else [])
        ]

    def refresh(self) -> None:
        one = self.desk.current
        self.cards.clear()
        self.show_body(one is not None and one.hits is not None)
        if one is None or one.hits is None:
            return
        kinds = Counter(hit.word.kind for hit in one.hits)
        self.head.note.setText(f"共 {len(one.hits)} 处" if one.hits else "")
        if not one.hits:
            self.cards.add(wrapped("没有发现敏感词。", "body", "ok"))
            return
        shown = 0
        for kind, count in kinds.most_common():
            self.cards.add(label(f"{kind}（{count}）", "secondary", "strong"))
            for hit in (hit for hit in one.hits if hit.word.kind == kind):
                shown += 1
                if shown > FEW:
                    break
                card = Card(self.themes)
                tone = "warn" if hit.manner is Manner.SOUND else "bad"
                row = card.line(label(hit.found.replace("\n", " "), "body", "strong"))
                if kind != KIND:
                    row.insertWidget(1, pill(hit.manner.label, tone))
                if self._office and kind != KIND:
                    source = OFFICE if hit.word.text in self._office else OWN
                    row.addWidget(label(f"{source}词库", "caption", "weak"))
                block = one.document.block_at(hit.start)
                if block is not None and block.page:
                    row.addWidget(label(f"第 {block.page} 页", "caption", "weak"))
                if hit.found != hit.word.text:
                    what = hit.word.text if kind == KIND else f"对应词语：{hit.word.text}"
                    card.column.addWidget(wrapped(what, "caption", "weak"))
                if hit.word.note:
                    card.column.addWidget(wrapped(f"建议：{hit.word.note}", "caption", "weak"))
                card.setAccessibleName(f"{kind} {hit.found}")
                start, end, key = hit.start, hit.end, one.key
                card.pressed.connect(lambda k=key, s=start, e=end: self.jump_wanted.emit(k, s, e))
                self.cards.add(card)
        if shown > FEW:
            self.cards.add(label(f"只列出前 {FEW} 处，其余已在文中标出。", "caption", "weak"))
