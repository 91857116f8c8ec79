"""Questions on one file or on several (3.2.5.2.3, 3.2.5.2.5): answers keep to the text, each with its source."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from offline_ai.models.interface import Turn
from offline_ai.models.origin import Origin
from widgets.controls import button, label
from widgets.theme import ThemeManager

from .model import Exchange
from .panel import Desk, Panel
from .parts import Card, CardColumn, Head, origin_row, wrapped

_BEFORE = 3
"""Exchanges that a model is told again."""
_SHOWN = 90
"""Characters of a passage below a model's answer; a click shows all of it."""
HINTS = ("什么时候完成？", "由哪个单位负责？", "联系电话是多少？")


class AskPanel(Panel):
    """The talk about the ticked files; no second question while one is answered."""

    def __init__(self, themes: ThemeManager, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(themes, desk, "help", "就文件提问", "回答只取自勾选的文件，并标明出处。", "", parent)
        self.talk: list[Exchange] = []
        self.head = Head(themes)
        self.clear = self.head.add("清除对话")
        self.clear.clicked.connect(self.clear_talk)  # type: ignore[attr-defined]
        self.cards = CardColumn(themes, "问答")
        self.field = QLineEdit()
        self.field.setAccessibleName("问题")
        self.field.setPlaceholderText("输入问题，按回车提问")
        self.field.setMaxLength(300)
        self.field.returnPressed.connect(self.start)
        self.go = button("提问", "primary")
        self.go.clicked.connect(self.start)
        row = QHBoxLayout()
        row.setSpacing(themes.theme.space.s)
        row.addWidget(self.field, 1)
        row.addWidget(self.go)
        self.column.addWidget(self.head)
        self.column.addWidget(self.cards, 1)
        self.column.addLayout(row)

    def start(self) -> None:
        question = self.field.text().strip()
        files = self.desk.chosen
        if not question or not self.field.isEnabled():
            return
        if not files:
            self.desk.tell("请先在左侧勾选要提问的文件。", "warn")
            return
        self.field.clear()
        self._busy(True)
        self.talk.append(Exchange(question))
        self.refresh()
        self.desk.work(self._work(question), "回答问题", self._failed)

    async def _work(self, question: str) -> None:
        files = {one.key: one.document for one in self.desk.chosen}
        found, said = await self.desk.service.ask(question, files, self._before())
        if self.talk and self.talk[-1].answer is None:
            self.talk[-1] = Exchange(question, found, said.reply, said)
        self._busy(False)
        self.refresh()

    def _before(self) -> list[Turn]:
        """The last questions with their answers, for a model."""
        made: list[Turn] = []
        for one in self.talk[-_BEFORE - 1 : -1]:
            if one.answer is not None and one.answer.found:
                made += [Turn("user", one.question), Turn("assistant", one.answer.text)]
        return made

    def _failed(self, text: str) -> None:
        if self.talk and self.talk[-1].answer is None:
            self.talk[-1] = Exchange(self.talk[-1].question, None, text)
        self._busy(False)
        self.refresh()

    def _busy(self, busy: bool) -> None:
        self.field.setEnabled(not busy)
        self.go.setEnabled(not busy)
        if not busy:
            self.field.setFocus()

    def clear_talk(self) -> None:
        """Forget the talk."""
        self.talk = []
        self.refresh()

    def refresh(self) -> None:
        self.show_body(self.desk.current is not None)
        count = len(self.desk.chosen)
        self.head.note.setText(f"针对勾选的 {count} 份文件")
        self.clear.setEnabled(bool(self.talk))
        self.cards.clear()
        if not self.talk:
            self.cards.add(label("可以这样问", "caption", "weak"))
            for hint in HINTS:
                made = button(hint, "secondary", "small")
                made.clicked.connect(lambda _checked=False, text=hint: self._suggest(text))
                self.cards.add(made)
        for exchange in self.talk:
            self._add(exchange)
        if self.talk:
            self.cards.show_end()

    def _suggest(self, text: str) -> None:
        self.field.setText(text)
        self.start()

    def _add(self, exchange: Exchange) -> None:
        self.cards.add(wrapped(f"问：{exchange.question}", "body", "strong"))
        if exchange.failed:
            # The fixed reply is no error.
            self.cards.add(wrapped(exchange.failed, "body", "" if exchange.said.reply else "bad"))
            return
        if exchange.answer is None:
            self.cards.add(label("正在查找……", "secondary", "weak"))
            return
        self.cards.add(origin_row(exchange.answer.origin))
        if exchange.said.note:
            self.cards.add(wrapped(exchange.said.note, "secondary", "warn"))
        by_model = exchange.answer.origin is Origin.MODEL
        if by_model or not exchange.answer.found:
            self.cards.add(wrapped(exchange.answer.text, "body", "" if by_model else "weak"))
        names = {one.key: one.name for one in self.desk.chosen}
        for number, quote in enumerate(exchange.answer.quotes, 1):
            card = Card(self.themes)
            if by_model:
                shown = quote.text if len(quote.text) <= _SHOWN else quote.text[:_SHOWN] + "……"
                card.column.addWidget(wrapped(shown, "secondary", "weak"))
            else:
                card.column.addWidget(wrapped(quote.text))
            source = names.get(quote.source.document, quote.source.title)
            page = f"　第 {quote.source.page} 页" if quote.source.page else ""
            heading = f"　{quote.source.heading[:18]}" if quote.source.heading else ""
            card.column.addWidget(wrapped(f"出处 {number}：{source}{page}{heading}", "caption", "brand"))
            card.setAccessibleName(quote.text)
            key, start, end = quote.source.document, quote.start, quote.end
            card.pressed.connect(lambda k=key, s=start, e=end: self.jump_wanted.emit(k, s, e))
            self.cards.add(card)
