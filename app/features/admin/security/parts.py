"""Parts of the key pages: a section with head, problem line and work of its own; tables that only show."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Banner, label, reading_table
from widgets.theme import ThemeManager

from .service import KeyConsole


class KeySection(QWidget):
    """Signals: `told(words)`. Subclasses fill `column` and say in `read` what they show; `tools` takes buttons."""

    told = Signal(str)

    def __init__(
        self,
        service: KeyConsole,
        themes: ThemeManager,
        title: str,
        explanation: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.service, self.themes = service, themes
        self.tasks = Tasks(self._failed)
        self.setAccessibleName(title)
        space = themes.theme.space
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        self.column.setSpacing(space.m)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(space.s)
        head = QHBoxLayout()
        head.addWidget(label(title, "headline"), 1)
        head.addLayout(self.tools)
        self.column.addLayout(head)
        self.column.addWidget(label(explanation, "secondary", wrap=True))
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.entered)
        self.problem.hide()
        self.column.addWidget(self.problem)

    async def read(self) -> None:
        """Fetch and show."""
        raise NotImplementedError

    def entered(self) -> None:
        """The section is shown: read anew."""
        self.run(self.read(), "读取密钥管理信息")

    def run(self, work: Coroutine[Any, Any, Any], doing: str) -> None:
        """Do something; what goes wrong is said above the content."""
        self.problem.hide()
        self.tasks.start(work, doing)

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad", "重试")
        self.problem.show()

    def ask_save(self, name: str, kinds: str) -> str:
        """Where the user wants a file; "" when nowhere."""
        return QFileDialog.getSaveFileName(self, "保存", name, kinds)[0]

    def ask_open(self, kinds: str) -> str:
        """Which file the user chooses; "" for none."""
        return QFileDialog.getOpenFileName(self, "选择文件", "", kinds)[0]

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()


def table(themes: ThemeManager, name: str, headings: Sequence[str], stretch: int = 0) -> QTableWidget:
    """A table to look at; column `stretch` takes the room that is left."""
    made = reading_table(themes, headings, name, stretch=stretch, row=themes.theme.sizes.tree_row)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setTextElideMode(Qt.TextElideMode.ElideRight)
    made.horizontalHeader().setHighlightSections(False)
    return made


def add_row(made: QTableWidget, texts: Sequence[str], colours: dict[int, QColor] | None = None) -> None:
    """Append a row; `colours`: column → colour of its text."""
    line = made.rowCount()
    made.insertRow(line)
    for column, text in enumerate(texts):
        item = QTableWidgetItem(text)
        if text:
            item.setToolTip(text)
        if colours and column in colours:
            item.setForeground(colours[column])
        made.setItem(line, column, item)
