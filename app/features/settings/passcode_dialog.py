"""The dialog that sets the unlock code (3.2.3.1.1)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.shell.form import Field, NoticeBox, enter_goes_on
from app.shell.problems import Problem
from app.store.slots import MIN_PASSCODE
from widgets.controls import Dialog, LoadingButton, label
from widgets.theme import ThemeManager


class PasscodeDialog(Dialog):
    """Signals: `wanted(passcode)`; the owner answers with `failed` or closes it."""

    wanted = Signal(str)

    def __init__(self, themes: ThemeManager, *, new: bool, parent: QWidget | None = None) -> None:
        super().__init__(themes, "设置解锁密码" if new else "修改解锁密码", parent)
        words = "锁定后可用它解锁，断网时也可以。它不上传，也不能用来登录。"
        self.content.addWidget(label(words, "secondary", wrap=True))
        self.code = Field("解锁密码", hint=f"至少 {MIN_PASSCODE} 位", secret=themes)
        self.again = Field("再输一次", secret=themes)
        for field in (self.code, self.again):
            self.content.addWidget(field)
        enter_goes_on((self.code, self.again), self._try)
        self.notice = NoticeBox()
        self.content.addWidget(self.notice)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "保存")
        self.go.setAutoDefault(False)
        self.go.clicked.connect(self._try)
        self.foot.addWidget(self.go)
        self.code.edit.setFocus()

    def failed(self, problem: Problem) -> None:
        """Say why it was not set."""
        self.go.set_loading(False)
        self.notice.say(problem)

    def _try(self) -> None:
        if self.go.loading:
            return
        short = len(self.code.value) < MIN_PASSCODE
        self.code.complain(f"解锁密码至少 {MIN_PASSCODE} 位。" if short else "")
        differ = self.code.value != self.again.value
        self.again.complain("两次输入的不一致。" if differ and not short else "")
        if not short and not differ:
            self.go.set_loading(True, "正在保存…")
            self.wanted.emit(self.code.value)
