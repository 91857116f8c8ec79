"""The second factor at sign-in: six digits from a text message (E006)."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.shell.form import Field, button
from app.shell.problems import Problem

from .parts import Countdown, FormPage
from .rules import second_code_problem


class SecondPage(FormPage):
    """Signals: `given(login, password, code)`, `resend(login, password)`, `back()`."""

    given = Signal(str, str, str)
    resend = Signal(str, str)
    back = Signal()

    def __init__(self) -> None:
        super().__init__(
            "登录验证", "单位要求登录时再用短信验证码确认。在这台电脑上通过后，一段时间内不再询问。"
        )
        self._login = self._password = ""
        self.code = Field("短信验证码", hint="6 位数字")
        self.code.edit.setMaxLength(6)
        self.column.addWidget(self.code)
        self.go = button("登录", "primary", self._try)
        self.again = button("重新发送", "link", self._resend)
        self.code.edit.returnPressed.connect(self._try)
        self.finish(self.go, self.again, button("返回登录", "link", self.back.emit))
        self._wait = Countdown(self.again, "{} 秒后可重新发送")

    def leave(self) -> None:
        self.back.emit()

    def ask(self, login: str, password: str, words: str, resend_after: float) -> None:
        """A code is on its way, `words` say where to; another may be asked for after so many seconds."""
        self._login, self._password = login, password
        self.code.edit.clear()
        self.code.complain("")
        self.notice.say(Problem(words), good=True)
        self._wait.begin(resend_after)

    def forget(self) -> None:
        """Keep nothing of what was typed."""
        self._login = self._password = ""
        self.code.edit.clear()
        self._wait.end()

    def start(self) -> None:
        self.code.edit.setFocus()
        self.code.edit.selectAll()

    def _resend(self) -> None:
        self.resend.emit(self._login, self._password)

    def _try(self) -> None:
        problem = second_code_problem(self.code.value)
        self.code.complain(problem)
        if not problem:
            self.notice.say(None)
            self.given.emit(self._login, self._password, self.code.value.strip())
