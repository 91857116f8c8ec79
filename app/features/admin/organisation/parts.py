"""What the sections share: head, problem line, and tables that look alike."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Banner, Dialog, LoadingButton, label, reading_table
from widgets.theme import ThemeManager


class Section(QWidget):
    """A console section: title, one sentence, a line for problems, and below it what the section adds to `column`."""

    def __init__(
        self, themes: ThemeManager, title: str, sentence: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.themes = themes
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        self.column.setSpacing(space.m)
        self.column.addWidget(label(title, "headline"))
        self.column.addWidget(label(sentence, "secondary", wrap=True))
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.entered)
        self.problem.hide()
        self.column.addWidget(self.problem)

    def entered(self) -> None:
        """The section is shown: read anew."""

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()


def make_table(themes: ThemeManager, name: str, columns: Sequence[str], stretch: int) -> QTableWidget:
    """A read-only table of whole rows; column `stretch` takes what room is left."""
    table = reading_table(themes, columns, name, stretch=stretch)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    return table


def fill_row(table: QTableWidget, row: int, texts: Sequence[str], data: object = None) -> None:
    """Write a row of texts; `data` lies in the first cell under UserRole."""
    for column, text in enumerate(texts):
        item = QTableWidgetItem(text)
        item.setToolTip(text)
        table.setItem(row, column, item)
    table.item(row, 0).setData(Qt.ItemDataRole.UserRole, data)


class FormDialog(Dialog):
    """A form whose main button does its work and closes when that went well; what went wrong stays in sight."""

    def __init__(self, themes: ThemeManager, title: str, confirm: str, parent: QWidget | None = None) -> None:
        super().__init__(themes, title, parent, width=themes.theme.sizes.dialog_wide)
        self.tasks = Tasks(self._failed)
        self.form = QFormLayout()
        self.form.setSpacing(themes.theme.space.s)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.content.addWidget(self.notice)
        self.content.addLayout(self.form)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, confirm)
        self.go.clicked.connect(self._confirm)
        self.foot.addWidget(self.go)

    def add_line(self, title: str, text: str = "", hint: str = "") -> QLineEdit:
        """A line of text."""
        edit = QLineEdit(text)
        edit.setPlaceholderText(hint)
        edit.setAccessibleName(title)
        edit.setMaxLength(100)
        self.form.addRow(title, edit)
        return edit

    def _confirm(self) -> None:
        self.notice.hide()
        self.go.set_loading(True)
        self.tasks.start(self._work(), "保存")

    async def _work(self) -> None:
        await self.save()
        self.accept()

    async def save(self) -> None:
        """Do what the dialog is for; what is raised is shown."""
        raise NotImplementedError

    def _failed(self, error: BaseException, doing: str) -> None:
        self.go.set_loading(False)
        self.notice.say(describe(error, doing).text, "bad")
        self.notice.show()
