"""登录安全: who confirms a sign-in by text message, how long a computer is trusted, what passwords must be (E006, 3.2.3.4.1)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.features.admin.form_row import add_row
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.accounts import LoginPolicy
from widgets.controls import Banner, button, label
from widgets.theme import ThemeManager

from .service import SignInAdminService

_KINDS = (
    (2, "字母和数字"),
    (3, "四类中的三类"),
    (4, "四类都要有"),
)
_SHORTEST_AGE, _LONGEST_AGE = 7, 3650
_WHO = (("off", "不启用"), ("admins", "仅管理员"), ("everyone", "所有人"))
_LONGEST_DAYS = 365


class SignInSection(QWidget):
    """Signals: `told(words)` for good news that a toast shows."""

    told = Signal(str)

    def __init__(
        self, service: SignInAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._saved = LoginPolicy()
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        width = themes.theme.grow(themes.theme.sizes.detail)
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.who = QComboBox()
        self.who.setAccessibleName("登录二次认证")
        self.who.setFixedWidth(width)
        for key, words in _WHO:
            self.who.addItem(words, key)
        self.days = QSpinBox()
        self.days.setRange(0, _LONGEST_DAYS)
        self.days.setSuffix(" 天")
        self.days.setSpecialValueText("每次都验证")
        self.days.setAccessibleName("信任电脑的天数")
        self.days.setFixedWidth(width)
        self.length = QSpinBox()
        self.length.setRange(8, 32)
        self.length.setSuffix(" 位")
        self.length.setAccessibleName("密码最短长度")
        self.kinds = QComboBox()
        self.kinds.setAccessibleName("密码须包含")
        for key, words in _KINDS:
            self.kinds.addItem(words, key)
        self.age = QSpinBox()
        self.age.setRange(0, _LONGEST_AGE)
        self.age.setSuffix(" 天")
        self.age.setSpecialValueText("长期有效")
        self.age.setAccessibleName("密码有效期")
        for field in (self.length, self.kinds, self.age):
            field.setFixedWidth(width)
        self.length.valueChanged.connect(lambda _value: self._edited())
        self.kinds.currentIndexChanged.connect(lambda _index: self._edited())
        self.age.valueChanged.connect(self._aged)
        self.who.currentIndexChanged.connect(lambda _index: self._edited())
        self.days.valueChanged.connect(lambda _value: self._edited())
        form = QFormLayout()
        form.setHorizontalSpacing(space.section)
        form.setVerticalSpacing(space.m)
        for title, words, control in (
            ("登录二次认证", "密码正确后，再用发到登记手机的验证码确认", self.who),
            ("信任电脑的天数", "通过验证的电脑在这些天内只用密码登录；新电脑首次登录必须验证", self.days),
            ("密码最短长度", "设置、修改和重置密码时检查；已有的密码不受影响", self.length),
            ("密码须包含", "总要有字母和数字；四类指大写、小写、数字、符号", self.kinds),
            ("密码有效期", "到期后不能登录，须用短信验证码设置新密码；建议 90 天", self.age),
        ):
            add_row(form, title, words, control)
        self.save = button("保存并立即生效", "primary")
        self.save.clicked.connect(lambda: self.tasks.start(self._save(), "保存登录设置"))
        foot = QHBoxLayout()
        foot.addWidget(self.save)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.l)
        column.addWidget(label("登录安全", "headline"))
        column.addWidget(self.problem)
        column.addLayout(form)
        column.addWidget(
            label(
                "没有登记手机号的人启用二次认证后无法登录，密码到期后须由管理员重置；未接短信网关时，验证码只出现在“短信发件箱”，须由管理员转告。"
                "离线解锁和已登录的电脑不受影响。",
                "caption",
                wrap=True,
            )
        )
        column.addLayout(foot)
        column.addStretch(1)
        self._show(self._saved)

    def entered(self) -> None:
        """Read anew, unless something was changed."""
        if self.wanted() == self._saved:
            self.tasks.start(self._read(), "读取登录设置")

    def wanted(self) -> LoginPolicy:
        """What the form says."""
        return LoginPolicy(
            second_factor=self.who.currentData(),
            trust_days=self.days.value(),
            password_length=self.length.value(),
            password_kinds=self.kinds.currentData(),
            password_days=self.age.value(),
        )

    async def _read(self) -> None:
        self._show(await self._service.policy())
        self.problem.hide()

    def _show(self, policy: LoginPolicy) -> None:
        self._saved = policy
        self.who.setCurrentIndex(max(0, self.who.findData(policy.second_factor)))
        self.days.setValue(policy.trust_days)
        self.length.setValue(policy.password_length)
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(policy.password_kinds)))
        self.age.setValue(policy.password_days)
        self._edited()

    def _aged(self, days: int) -> None:
        # A few days only would keep a whole office busy with text messages: below a week there is nothing.
        if 0 < days < _SHORTEST_AGE:
            self.age.setValue(0 if self._saved.password_days >= _SHORTEST_AGE else _SHORTEST_AGE)
        self._edited()

    def _edited(self) -> None:
        self.save.setEnabled(self.wanted() != self._saved)

    async def _save(self) -> None:
        wanted = self.wanted()
        await self._service.change(wanted)
        self.problem.hide()
        self._show(wanted)
        self.told.emit("登录设置已生效")

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()
