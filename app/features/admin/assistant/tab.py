"""What the tabs of the section have in common."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtWidgets import (
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.session.assistant import AssistantCalls
from widgets.theme import ThemeManager

Start = Callable[[Coroutine[Any, Any, None], str], None]
"""Run work, and what is being done in Chinese."""


class Tab(QWidget):
    """Reads when it is shown. `start` runs work, `tell` shows good news."""

    def __init__(
        self, calls: AssistantCalls, themes: ThemeManager, start: Start, tell: Callable[[str], None]
    ) -> None:
        super().__init__()
        self.calls, self.themes, self.start, self.tell = calls, themes, start, tell
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(themes.theme.space.m)

    async def read(self) -> None:
        """Ask the server and show."""
        raise NotImplementedError


def fill(target: QTableWidget, rows: Sequence[Sequence[str]]) -> None:
    """Show rows of texts."""
    target.setRowCount(len(rows))
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            target.setItem(line, column, item)
