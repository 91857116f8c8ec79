"""Summary and keywords (3.2.5.2.2)."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from offline_ai.text.summary import MANNER_NAMES
from widgets.controls import label
from widgets.theme import ThemeManager

from .model import OpenDocument
from .panel import Desk, Panel
from .parts import Card, CardColumn, Head, origin_row, wrapped


class SummaryPanel(Panel):
    """Sentences of the document; a click shows where each stands."""

    def __init__(self, themes: ThemeManager, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(
            themes, desk, "list", "生成摘要", "写出最要紧的几句，点一句可看到出处。", "生成摘要", parent
        )
        self.head = Head(themes)
        self.copy = self.head.add("复制")
        self.again = self.head.add("再次生成")
        self.copy.clicked.connect(self._copy)  # type: ignore[attr-defined]
        self.again.clicked.connect(self.start)  # type: ignore[attr-defined]
        self.cards = CardColumn(themes, "摘要")
        self.column.addWidget(self.head)
        self.column.addWidget(self.cards, 1)

    def start(self) -> None:
        one = self.desk.current
        if one is not None:
            self.desk.work(self._work(one), "生成摘要")

    async def _work(self, one: OpenDocument) -> None:
        variant = one.asked
        one.asked += 1
        found = await self.desk.service.summarise(one.document, variant)
        one.summary, one.keywords, one.summary_said = found
        self.refresh()

    def refresh(self) -> None:
        one = self.desk.current
        self.cards.clear()
        blocked = one is not None and bool(one.summary_said.reply)
        self.show_body(one is not None and (one.summary is not None or blocked))
        self.copy.setEnabled(not blocked)
        if one is None:
            return
        if one.summary is None:
            if blocked:
                self.head.note.setText("")
                self.cards.add(wrapped(one.summary_said.reply))
            return
        self.head.note.setText(f"摘要方式：{MANNER_NAMES[one.summary.manner]}")
        self.cards.add(origin_row(one.summary.origin))
        if one.summary_said.note:
            self.cards.add(wrapped(one.summary_said.note, "secondary", "warn"))
        for sentence in one.summary.sentences:
            if not sentence.end:
                # A model's line that names no paragraph leads nowhere.
                self.cards.add(wrapped(sentence.text))
                continue
            card = Card(self.themes)
            if sentence.heading:
                card.column.addWidget(wrapped(sentence.heading, "caption", "weak"))
            card.column.addWidget(wrapped(sentence.text))
            card.setAccessibleName(sentence.text)
            start, end, key = sentence.start, sentence.end, one.key
            card.pressed.connect(lambda s=start, e=end, k=key: self.jump_wanted.emit(k, s, e))
            self.cards.add(card)
        if not one.summary.sentences:
            self.cards.add(wrapped("文中没有可以摘出的完整句子。", "body", "weak"))
        if one.keywords:
            self.cards.add(label("关键词", "secondary", "strong"))
            self.cards.add(
                wrapped(
                    "　".join(f"{word.word}（{word.count}）" for word in one.keywords), "secondary", "weak"
                )
            )

    def _copy(self) -> None:
        one = self.desk.current
        if one is not None and one.summary is not None:
            origin = one.summary.origin
            made_by = "，".join(filter(None, (origin.label, origin.notice)))
            QGuiApplication.clipboard().setText(f"{one.summary.text}\n（{made_by}）")
            self.desk.tell("摘要已复制")
