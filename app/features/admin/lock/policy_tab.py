"""锁定策略: what administrators require of every desktop (3.2.3.1.1, 3.2.3.1.3)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.features.admin.form_row import add_row
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.lock import WINDOW_KINDS, LockPolicy
from widgets.controls import Banner, Switch, button, label
from widgets.theme import ThemeManager

from .service import LockAdminService

_DAY_MIN = 24 * 60


class LockPolicyTab(QWidget):
    """Signals: `told(words)`. Users may choose stricter values, never looser ones."""

    told = Signal(str)

    def __init__(
        self, service: LockAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._saved = LockPolicy()
        self.tasks = Tasks(self._failed)
        self._width = themes.theme.grow(themes.theme.sizes.detail)
        space = themes.theme.space
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.idle = self._minutes("最长无操作时间", _DAY_MIN)
        self.windows = {kind: self._minutes(f"{name}窗口", _DAY_MIN) for kind, name in WINDOW_KINDS.items()}
        self.meeting = self._minutes("会议免锁最长", _DAY_MIN, least=1)
        self.attempts = QSpinBox()
        self.attempts.setRange(3, 50)
        self.attempts.setSuffix(" 次")
        self.attempts.setAccessibleName("密码错误次数上限")
        self.attempts.valueChanged.connect(lambda _value: self._edited())
        self.at_start = Switch(themes, "启动时先锁定")
        self.tamper = Switch(themes, "日志被改动时强制锁定")
        for switch in (self.at_start, self.tamper):
            switch.toggled.connect(lambda _on: self._edited())
        form = QFormLayout()
        form.setHorizontalSpacing(space.section)
        form.setVerticalSpacing(space.m)
        self._add(form, "无操作多久必须锁定", "用户可以设得更短，不能更长", self.idle)
        for kind, name in WINDOW_KINDS.items():
            self._add(form, f"打开{name}时", "窗口打开期间按更短的时间锁定", self.windows[kind])
        self._add(form, "会议免锁最长", "会议中暂停超时锁定，到时自动恢复并记入日志", self.meeting)
        self._add(form, "密码错误次数上限", "超过后只能用手机扫码或重新登录", self.attempts)
        self._add(form, "启动时先锁定", "打开政钉后要解锁才能看到内容", self.at_start)
        self._add(
            form,
            "日志被改动时强制锁定",
            "电脑上的锁定日志与服务器记录不符时，锁定该电脑并要求扫码",
            self.tamper,
        )
        foot = QHBoxLayout()
        self.save = button("保存并立即生效", "primary")
        self.save.clicked.connect(lambda: self.tasks.start(self._save(), "保存锁定策略"))
        self.state = label("", "caption")
        foot.addWidget(self.save)
        foot.addWidget(self.state)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.l)
        column.addWidget(self.problem)
        column.addLayout(form)
        column.addLayout(foot)
        column.addStretch(1)
        self._show(LockPolicy())

    def _minutes(self, name: str, most: int, *, least: int = 0) -> QSpinBox:
        made = QSpinBox()
        made.setRange(least, most)
        made.setSuffix(" 分钟")
        if least == 0:
            made.setSpecialValueText("不限制")
        made.setAccessibleName(name)
        made.valueChanged.connect(lambda _value: self._edited())
        return made

    def _add(self, form: QFormLayout, title: str, words: str, control: QWidget) -> None:
        if isinstance(control, QSpinBox):
            control.setFixedWidth(self._width)
        add_row(form, title, words, control)

    def entered(self) -> None:
        """Read anew, unless something was changed."""
        if self.wanted() == self._saved:
            self.tasks.start(self._read(), "读取锁定策略")

    async def _read(self) -> None:
        self._show(await self._service.policy())
        self.problem.hide()

    def _show(self, policy: LockPolicy) -> None:
        self._saved = policy
        self.idle.setValue(_rounded(policy.idle_longest_s))
        for kind, spin in self.windows.items():
            spin.setValue(_rounded(policy.window_idle_s.get(kind, 0)))
        self.meeting.setValue(_rounded(policy.meeting_longest_s))
        self.attempts.setValue(policy.attempts_before_scan)
        self.at_start.setChecked(policy.at_start)
        self.tamper.setChecked(policy.force_on_tamper)
        self._saved = self.wanted()
        self._edited()

    def wanted(self) -> LockPolicy:
        """What the controls say."""
        return LockPolicy(
            idle_longest_s=self.idle.value() * 60,
            window_idle_s={kind: spin.value() * 60 for kind, spin in self.windows.items() if spin.value()},
            at_start=self.at_start.isChecked(),
            meeting_longest_s=self.meeting.value() * 60,
            attempts_before_scan=self.attempts.value(),
            force_on_tamper=self.tamper.isChecked(),
        )

    def _edited(self) -> None:
        if not hasattr(self, "save"):
            return
        changed = self.wanted() != self._saved
        self.save.setEnabled(changed)
        self.state.setText("有未保存的更改。" if changed else "")

    async def _save(self) -> None:
        wanted = self.wanted()
        await self._service.change_policy(wanted)
        self._saved = wanted
        self._edited()
        self.problem.hide()
        self.told.emit("锁定策略已保存，所有电脑立即生效")

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()


def _rounded(seconds: int) -> int:
    """Whole minutes; a value of less than one shows as one."""
    return max(1, round(seconds / 60)) if seconds else 0
