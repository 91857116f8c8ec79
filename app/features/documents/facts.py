"""Key elements of the ticked files (3.2.5.2.5)."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from offline_ai.models.origin import Origin
from widgets.controls import label, pill
from widgets.theme import ThemeManager

from .model import OpenDocument
from .panel import Desk, Panel
from .parts import Card, CardColumn, Head, origin_pill, wrapped


class FactsPanel(Panel):
    """Elements with their places; those that are not sure are marked."""

    def __init__(self, themes: ThemeManager, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(
            themes,
            desk,
            "filter",
            "提取要素",
            "提取勾选文件的来文单位、文号、标题、日期、主送、附件等。",
            "提取要素",
            parent,
        )
        self.head = Head(themes)
        self.head.row.insertWidget(0, origin_pill(Origin.RULES))
        self.copy = self.head.add("复制")
        self.again = self.head.add("重新提取")
        self.copy.clicked.connect(self._copy)  # type: ignore[attr-defined]
        self.again.clicked.connect(self.start)  # type: ignore[attr-defined]
        self.cards = CardColumn(themes, "要素")
        self.column.addWidget(self.head)
        self.column.addWidget(self.cards, 1)

    def start(self) -> None:
        files = self.desk.chosen or ([self.desk.current] if self.desk.current is not None else [])
        if files:
            self.desk.work(self._work(files), "提取要素")

    async def _work(self, files: list[OpenDocument]) -> None:
        for one in files:
            one.elements = await self.desk.service.elements(one.document)
        self.refresh()

    def refresh(self) -> None:
        shown = [one for one in self.desk.chosen if one.elements is not None]
        self.show_body(bool(shown))
        self.cards.clear()
        for one in shown:
            self.cards.add(label(one.name, "secondary", "strong"))
            for element in one.elements or []:
                card = Card(self.themes)
                row = card.line(label(element.name, "caption", "weak"))
                if not element.sure:
                    row.addWidget(pill("请核对", "warn"))
                card.column.addWidget(wrapped(element.value))
                card.setAccessibleName(f"{element.name}：{element.value}")
                key, start, end = one.key, element.start, element.end
                card.pressed.connect(lambda k=key, s=start, e=end: self.jump_wanted.emit(k, s, e))
                self.cards.add(card)
            if not one.elements:
                self.cards.add(wrapped("没有找到公文要素，这可能不是一份公文。", "body", "weak"))

    def _copy(self) -> None:
        lines = [
            f"{element.name}：{element.value}" for one in self.desk.chosen for element in one.elements or []
        ]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))
            self.desk.tell("要素已复制")
