"""Dialogs of the secret page: the unlock code of 最高, and the exception for assistive tools."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Dialog, PasswordField, label
from widgets.guard import CaptureGuard, LeaseRefused
from widgets.theme import ThemeManager

from .service import SecretService


class UnlockDialog(Dialog):
    """Asks for the unlock code or the account's password. Signals: `wrong()`."""

    wrong = Signal()

    def __init__(self, service: SecretService, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, "验证后进入最高级密聊", parent)
        self._service = service
        self.tasks = Tasks(lambda error, doing: self._complain(describe(error, doing).text))
        self.content.addWidget(
            label("请输入本机口令或账号密码，每次进入都要验证。", "body", "weak", wrap=True)
        )
        self.field = PasswordField(themes, "口令或密码")
        self.field.edit.returnPressed.connect(self._try)
        self.content.addWidget(self.field)
        self.problem = label("", "caption", "bad", wrap=True)
        self.content.addWidget(self.problem)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("进入", "secret", default=True, slot=self._try)
        self.field.edit.setFocus()

    def _try(self) -> None:
        secret = self.field.edit.text()
        if secret and self.go.isEnabled():
            self.go.setEnabled(False)
            self.tasks.start(self._check(secret), "验证口令")

    async def _check(self, secret: str) -> None:
        good = await self._service.unlocks(secret)
        self.go.setEnabled(True)
        self.field.edit.clear()
        if good:
            self.accept()
            return
        self._complain("口令不正确，请重试。")
        self.wrong.emit()

    def _complain(self, words: str) -> None:
        self.go.setEnabled(True)
        self.problem.setText(words)


class LeaseDialog(Dialog):
    """A time-boxed exception for screen readers and remote help: logged, and told to the other side."""

    def __init__(self, guard: CaptureGuard, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, "辅助工具例外", parent)
        self._guard = guard
        self.content.addWidget(
            label(
                "例外期间读屏软件和远程协助可以读取已打开的密聊消息；录屏和截图仍会被拦截。"
                "例外记入日志，并告知对方和管理员，到时自动结束。",
                "body",
                "weak",
                wrap=True,
            )
        )
        self.why = QLineEdit()
        self.why.setPlaceholderText("原因，如：使用读屏软件")
        self.why.setAccessibleName("原因")
        self.why.setMaxLength(100)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, 60)
        self.minutes.setValue(15)
        self.minutes.setSuffix(" 分钟")
        self.minutes.setAccessibleName("时长")
        self.problem = label("", "caption", "bad", wrap=True)
        for one in (self.why, self.minutes, self.problem):
            self.content.addWidget(one)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("开始例外", "secret", default=True, slot=self._begin)

    def _begin(self) -> None:
        try:
            self._guard.lease(self.minutes.value() * 60, self.why.text())
        except LeaseRefused as refused:
            self.problem.setText(str(refused))
            return
        self.accept()
