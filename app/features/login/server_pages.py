"""Whose server: welcome, work in progress, connect, an organisation of one's own."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
)

from app.shell.form import Field, button, enter_goes_on, text
from app.shell.passwords import password_problem
from app.shell.problems import Problem
from server_stub.contract.accounts import Progress, SetupAdmin
from widgets.controls import PushButton
from widgets.theme import ThemeManager

from .parts import FORM_WIDTH, FormPage
from .rules import normal_url


class Choice(PushButton):
    """A large button with a title and a sentence."""

    def __init__(self, title: str, sentence: str, themes: ThemeManager, *, primary: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(2)
        head = text(title, "body", "brand" if primary else "strong")
        below = text(sentence, "caption")
        for label in (head, below):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, arg__1: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(arg__1) if layout is not None else 0

    def sizeHint(self) -> QSize:
        return QSize(FORM_WIDTH, self.heightForWidth(FORM_WIDTH))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, arg__1: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        painter.setBrush(theme.color("hover" if self.underMouse() or self.isDown() else "content"))
        painter.setPen(QPen(theme.color("focus" if focus else "line_strong"), 2 if focus else 1))
        edge = 1.0 if focus else 0.5
        area = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(area, theme.radius.card, theme.radius.card)


class WelcomePage(FormPage):
    """First start. Signals: `demo()`, `organisation()`, `connect_wanted()`."""

    demo = Signal()
    organisation = Signal()
    connect_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("欢迎使用政钉", "请选择如何开始，以后可以在设置中更改。")
        first = Choice(
            "体验演示组织",
            "一座示例城市：约 1200 人、群聊、历史消息和文件，附可试用的账号",
            themes,
            primary=True,
        )
        second = Choice("导入本单位", "先建立管理员，再从 Excel 或 CSV 导入组织和人员", themes)
        third = Choice("连接服务器", "单位已有政钉服务，输入地址后登录", themes)
        first.clicked.connect(self.demo)
        second.clicked.connect(self.organisation)
        third.clicked.connect(self.connect_wanted)
        self.choices = (first, second, third)
        for choice in self.choices:
            self.column.addWidget(choice)
        self.finish()

    def start(self) -> None:
        self.choices[0].setFocus()


class WorkPage(FormPage):
    """Something takes a while: starting the server, filling in the demo. Signals: `again()`, `back()`."""

    again = Signal()
    back = Signal()

    def __init__(self) -> None:
        super().__init__("请稍候")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.column.addWidget(self.bar)
        self.stage = text("", "caption")
        self.column.addWidget(self.stage)
        self._retry = button("重试", "primary", self.again.emit)
        self._back = button("返回", "link", self.back.emit)
        self.finish(self._retry, self._back)

    def leave(self) -> None:
        if self._back.isVisible():
            self.back.emit()

    def begin(self, title: str, sentence: str) -> None:
        """Show what is being done."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.show()
        self.notice.say(None)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stage.setText("")
        self._retry.hide()
        self._back.hide()

    def progress(self, progress: Progress) -> None:
        """Show how far it is."""
        if progress.total > 0:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
        percent = f"{100 * progress.done // progress.total} %" if progress.total else ""
        self.stage.setText("  ".join(part for part in (progress.stage, percent) if part))

    def fail(self, problem: Problem) -> None:
        """Say what went wrong and offer to try again."""
        self.bar.hide()
        self.notice.say(problem)
        self._retry.show()
        self._back.show()
        self._retry.setFocus()


class ConnectPage(FormPage):
    """The address of a server. Signals: `chosen(url)`, `back()`."""

    chosen = Signal(str)
    back = Signal()

    def __init__(self) -> None:
        super().__init__("连接服务器", "向单位管理员询问政钉服务的地址。")
        self.address = Field("服务器地址", hint="例如 https://zd.example.gov.cn")
        self.column.addWidget(self.address)
        self.go = button("连接", "primary", self._try)
        self.address.edit.returnPressed.connect(self._try)
        self.finish(self.go, button("返回", "link", self.back.emit))

    def leave(self) -> None:
        self.back.emit()

    def start(self) -> None:
        self.address.edit.setFocus()

    def _try(self) -> None:
        try:
            url = normal_url(self.address.value)
        except ValueError as error:
            self.address.complain(str(error))
            return
        self.notice.say(None)
        self.chosen.emit(url)


class OrganisationPage(FormPage):
    """The first administrator of an empty server. Signals: `made(SetupAdmin)`, `back()`."""

    made = Signal(object)
    back = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("建立管理员", "建立后直接进入导入页，从表格导入组织和人员。")
        self.column.setSpacing(8)
        self.organisation = Field("单位名称", hint="例如 郑州市")
        self.name = Field("管理员姓名")
        self.login = Field("登录账号", hint="小写字母和数字")
        self.phone = Field("手机号")
        self.password = Field("密码", hint="至少 8 位，含字母和数字", secret=themes)
        self.again = Field("再输一次密码", secret=themes)
        self.fields = (self.organisation, self.name, self.login, self.phone, self.password, self.again)
        pairs = ((self.name, self.login), (self.password, self.again))
        self.column.addWidget(self.organisation)
        for number, pair in enumerate(pairs):
            row = QHBoxLayout()
            row.setSpacing(12)
            for field in pair:
                row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
            self.column.addLayout(row)
            if number == 0:
                self.column.addWidget(self.phone)
        self.go = button("建立并登录", "primary", self._try)
        self.finish(self.go, button("返回", "link", self.back.emit))
        enter_goes_on(self.fields, self._try)

    def leave(self) -> None:
        self.back.emit()

    def start(self) -> None:
        self.organisation.edit.setFocus()

    def _try(self) -> None:
        good = True
        for field in self.fields[:4]:
            if not field.value.strip():
                field.complain("请填写。")
                good = False
        problem = password_problem(self.password.value, self.again.value)
        self.password.complain(problem)
        if good and not problem:
            self.made.emit(
                SetupAdmin(
                    organisation=self.organisation.value.strip(),
                    login=self.login.value.strip(),
                    name=self.name.value.strip(),
                    phone=self.phone.value.strip(),
                    password=self.password.value,
                )
            )
