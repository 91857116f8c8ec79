"""用量: distinct people, answers and tokens by day, week and month (3.2.6.12), with plain bars."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from server_stub.contract.llm import Usage, UsageSpan
from widgets.controls import FilterItem, FilterTabs, Painted, label, reading_table
from widgets.theme import ThemeManager

from .tab import Tab, fill

_SPANS = {"days": "按日", "weeks": "按周", "months": "按月"}
_FIGURES = {
    "people": "使用人数",
    "requests": "模型回答",
    "local": "本机回答",
    "blocked": "敏感拦截",
    "tokens": "token",
}


def value(span: UsageSpan, figure: str) -> int:
    """One figure of a span."""
    if figure == "tokens":
        return span.prompt_tokens + span.completion_tokens
    return int(getattr(span, figure))


class Bars(Painted):
    """One bar a span, with its number above where there is room, and dates below."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes)
        self._bars: list[tuple[str, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: list[tuple[str, int]], name: str) -> None:
        """(words below, number)."""
        self._bars = bars
        self.setAccessibleName(
            f"{name}：" + "，".join(f"{words} {number}" for words, number in bars if number)
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.theme.sizes.list_min)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.theme.font("caption"))
        space, high = self.theme.space, painter.fontMetrics().height()
        ground = QRectF(self.rect()).adjusted(0, high + space.xs, 0, -(high + space.s))
        painter.setPen(self.theme.color("line_strong"))
        painter.drawLine(ground.bottomLeft(), ground.bottomRight())
        if not self._bars:
            return
        most = max([1, *(number for _, number in self._bars)])
        step = ground.width() / len(self._bars)
        wide = painter.fontMetrics().horizontalAdvance("00-00") + space.s
        every = max(1, -(-wide // max(int(step), 1)))
        for at, (words, number) in enumerate(self._bars):
            left = ground.left() + at * step
            height = ground.height() * number / most
            bar = QRectF(left + step * 0.2, ground.bottom() - height, step * 0.6, height)
            painter.fillRect(bar, self.theme.color("brand"))
            if number and (step >= wide or number == most):
                painter.setPen(self.theme.color("text_2"))
                above = QRectF(left - wide, bar.top() - high - space.half, step + 2 * wide, high)
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, f"{number:,}")
            if (len(self._bars) - 1 - at) % every == 0:
                painter.setPen(self.theme.color("text_2"))
                below = QRectF(left - wide, ground.bottom() + space.xs, step + 2 * wide, high)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)


class UsageTab(Tab):
    """A chart over a table with the same numbers."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._usage: Usage | None = None
        bar = QHBoxLayout()
        self.spans = FilterTabs(self.themes, [FilterItem(key, words) for key, words in _SPANS.items()])
        self.figures = FilterTabs(self.themes, [FilterItem(key, words) for key, words in _FIGURES.items()])
        for made in (self.spans, self.figures):
            made.current_changed.connect(lambda _key: self._show())
            bar.addWidget(made)
        self.column.addLayout(bar)
        self.bars = Bars(self.themes)
        self.column.addWidget(self.bars)
        self.summary = label("", "secondary", wrap=True)
        self.column.addWidget(self.summary)
        self.table = reading_table(self.themes, ("起始日期", *_FIGURES.values()), "用量", stretch=0)
        self.column.addWidget(self.table, 1)

    async def read(self) -> None:
        self._usage = await self.calls.usage()
        self._show()

    def _show(self) -> None:
        usage = self._usage
        if usage is None:
            return
        key, figure = self.spans.current or "days", self.figures.current or "people"
        spans: list[UsageSpan] = getattr(usage, key)
        short = 7 if key == "months" else 5
        cut = spans[0].begins[:7] if key == "months" else ""
        words = [one.begins[:7] if cut else one.begins[-short:] for one in spans]
        numbers = [value(one, figure) for one in spans]
        self.bars.show_bars(list(zip(words, numbers, strict=True)), f"{_SPANS[key]}{_FIGURES[figure]}")
        models = "，".join(f"{one.model} {one.requests:,} 次、{one.tokens:,} token" for one in usage.models)
        reasons = "；".join(usage.reasons[:5])
        self.summary.setText(
            f"近 30 日：赞 {usage.up}，踩 {usage.down}"
            + (f"（{reasons}）" if reasons else "")
            + (f"。模型：{models}。" if models else "。")
        )
        rows = [[one.begins, *(f"{value(one, name):,}" for name in _FIGURES)] for one in reversed(spans)]
        fill(self.table, rows)
