"""Dialogs of the detail panel: a text to edit, such as a group's name or announcement (E078, E121)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Banner, Dialog, LoadingButton, label
from widgets.theme import ThemeManager

Save = Callable[[str], Coroutine[Any, Any, None]]


class TextDialog(Dialog):
    """Edit one text of at most `limit` characters; closes when `save` has done its work, else says what went wrong.

    `lines` > 1 gives a field of several lines; `required` refuses an empty text.
    """

    def __init__(
        self,
        themes: ThemeManager,
        title: str,
        text: str,
        limit: int,
        save: Save,
        *,
        lines: int = 1,
        required: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, title, parent)
        self._limit, self._save, self._required = limit, save, required
        self._over = False
        self.tasks = Tasks(self._failed)
        self.edit: QLineEdit | QPlainTextEdit
        if lines > 1:
            self.edit = QPlainTextEdit(text)
            self.edit.moveCursor(QTextCursor.MoveOperation.End)
            self.edit.setFixedHeight(lines * themes.theme.line("body") + themes.theme.space.l)
            self.edit.setTabChangesFocus(True)
        else:
            self.edit = QLineEdit(text)
            self.edit.selectAll()
            self.edit.returnPressed.connect(self._confirm)
        self.edit.setAccessibleName(title)
        self.edit.textChanged.connect(self._check)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.count = label("", "caption")
        for one in (self.edit, self.count, self.notice):
            self.content.addWidget(one)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "保存")
        self.go.setAutoDefault(False)
        self.go.clicked.connect(self._confirm)
        self.foot.addWidget(self.go)
        self.edit.setFocus()
        self._check()

    def text(self) -> str:
        """What is written."""
        return self.edit.text() if isinstance(self.edit, QLineEdit) else self.edit.toPlainText()

    @property
    def _fits(self) -> bool:
        return len(self.text()) <= self._limit and (bool(self.text().strip()) or not self._required)

    def _check(self) -> None:
        length = len(self.text())
        over = length - self._limit
        self.count.setText(f"超出 {over} 字，请删减" if over > 0 else f"{length} / {self._limit}")
        self.go.setEnabled(self._fits and not self.go.loading)

    def _confirm(self) -> None:
        if self._fits and not self.go.loading:
            self.notice.hide()
            self.go.set_loading(True, "正在保存…")
            self.tasks.start(self._work(), "保存")

    async def _work(self) -> None:
        await self._save(self.text().strip())
        if not self._over:
            self.accept()

    def done(self, arg__1: int) -> None:
        self._over = True
        super().done(arg__1)

    def _failed(self, error: BaseException, doing: str) -> None:
        if not self._over:
            self.go.set_loading(False)
            self.notice.say(describe(error, doing).text, "bad")
            self.notice.show()
            self._check()
