"""The dialog that changes the password (E152)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.shell.form import Field, NoticeBox, enter_goes_on
from app.shell.passwords import password_problem
from app.shell.problems import Problem
from widgets.controls import Dialog, LoadingButton
from widgets.theme import ThemeManager


class PasswordDialog(Dialog):
    """Signals: `wanted(old, new)`; the owner answers with `failed` or closes it."""

    wanted = Signal(str, str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, "修改密码", parent)
        self.old = Field("当前密码", secret=themes)
        self.new = Field("新密码", hint="至少 8 位，含字母和数字", secret=themes)
        self.again = Field("再输一次新密码", secret=themes)
        for field in (self.old, self.new, self.again):
            self.content.addWidget(field)
        enter_goes_on((self.old, self.new, self.again), self._try)
        self.notice = NoticeBox()
        self.content.addWidget(self.notice)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "修改")
        self.go.setAutoDefault(False)
        self.go.clicked.connect(self._try)
        self.foot.addWidget(self.go)
        self.old.edit.setFocus()

    def failed(self, problem: Problem) -> None:
        """Say why the password was not changed."""
        self.go.set_loading(False)
        self.notice.say(problem)
        self.old.edit.setFocus()
        self.old.edit.selectAll()

    def _try(self) -> None:
        if self.go.loading:
            return
        self.old.complain("" if self.old.value else "请输入当前密码。")
        problem = password_problem(self.new.value, self.again.value)
        if not problem and self.new.value == self.old.value:
            problem = "新密码不能和当前密码相同。"
        self.new.complain(problem)
        if self.old.value and not problem:
            self.notice.say(None)
            self.go.set_loading(True, "正在修改…")
            self.wanted.emit(self.old.value, self.new.value)
