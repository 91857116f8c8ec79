"""消息保留: whether old messages are deleted, after how long, how often (数据定期删除, 3.2.3.2)."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.features.admin.form_row import add_row
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.retention import LONGEST_DAYS, SHORTEST_DAYS, RetentionPolicy, RetentionState
from widgets.controls import Banner, ConfirmDialog, Switch, button, label
from widgets.theme import ThemeManager

from .service import RetentionAdmin

_EVERY = ((24, "每天"), (168, "每周"), (720, "每月"))


class RetentionSection(QWidget):
    """What is deleted does not come back: how many messages that is is said before. Signals: `told(words)`."""

    told = Signal(str)

    def __init__(self, service: RetentionAdmin, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service, self._themes = service, themes
        self._saved = RetentionPolicy()
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        width = themes.theme.grow(themes.theme.sizes.detail)
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.on = Switch(themes, "定期删除过期消息")
        self.days = QSpinBox()
        self.days.setRange(SHORTEST_DAYS, LONGEST_DAYS)
        self.days.setSuffix(" 天")
        self.days.setAccessibleName("保留时间")
        self.every = QComboBox()
        self.every.setAccessibleName("执行频率")
        for hours, words in _EVERY:
            self.every.addItem(words, hours)
        for field in (self.days, self.every):
            field.setFixedWidth(width)
        self.on.toggled.connect(lambda _on: self._edited())
        self.days.valueChanged.connect(lambda _value: self._edited())
        self.every.currentIndexChanged.connect(lambda _index: self._edited())
        form = QFormLayout()
        form.setHorizontalSpacing(space.section)
        form.setVerticalSpacing(space.m)
        form.setFormAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for title, words, control in (
            ("定期删除过期消息", "文字、图片、视频、语音、文件消息都按时间删除", self.on),
            ("保留时间", "早于这个时间的消息会被删除", self.days),
            ("执行频率", "到时间由服务器自动执行", self.every),
        ):
            add_row(form, title, words, control)
        self.last = label("", "secondary", "weak", wrap=True)
        self.save = button("保存", "primary")
        self.save.clicked.connect(lambda: self.tasks.start(self._ask(), "保存消息保留设置"))
        self.run = button("立即执行")
        self.run.clicked.connect(lambda: self.tasks.start(self._ask_run(), "删除过期消息"))
        foot = QHBoxLayout()
        foot.setSpacing(space.s)
        foot.addWidget(self.save)
        foot.addWidget(self.run)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.l)
        column.addWidget(label("消息保留", "headline"))
        column.addWidget(self.problem)
        column.addLayout(form)
        column.addWidget(
            label(
                "删除后任何人都不能再查看，已登录的电脑上也随之删除，不能恢复；图片和文件可能在别处使用，不会删除。"
                "只有系统管理员能修改，每次修改和执行都记入审计。密聊的留存时间在“密聊”中设置。",
                "caption",
                wrap=True,
            )
        )
        column.addWidget(self.last)
        column.addLayout(foot)
        column.addStretch(1)
        self._edited()

    def entered(self) -> None:
        """Read anew, unless something was changed."""
        if self.wanted() == self._saved or not self.last.text():
            self.tasks.start(self._read(), "读取消息保留设置")

    def wanted(self) -> RetentionPolicy:
        """What the form says."""
        return RetentionPolicy(
            on=self.on.isChecked(), days=self.days.value(), every_hours=self.every.currentData()
        )

    async def _read(self) -> None:
        self._show(await self._service.state())

    def _show(self, state: RetentionState) -> None:
        self.problem.hide()
        policy = self._saved = state.policy
        self.on.setChecked(policy.on)
        self.days.setValue(policy.days)
        self.every.setCurrentIndex(max(0, self.every.findData(policy.every_hours)))
        words = f"现在有 {state.waiting} 条消息早于 {policy.days} 天。"
        if state.ran_at:
            at = datetime.fromtimestamp(state.ran_at / 1000)
            words += f"上次执行：{at:%Y-%m-%d %H:%M}，删除 {state.removed} 条。"
        self.last.setText(words)
        self._edited()

    def _edited(self) -> None:
        changed = self.wanted() != self._saved
        self.save.setEnabled(changed)
        self.run.setEnabled(self._saved.on and not changed)
        for field in (self.days, self.every):
            field.setEnabled(self.on.isChecked())

    # Changing.

    async def _ask(self) -> None:
        """More than before would be deleted: say how much, and ask."""
        wanted = self.wanted()
        more = wanted.on and (not self._saved.on or wanted.days < self._saved.days)
        count = await self._service.waiting(wanted.days) if more else 0
        if not count:
            await self._save(wanted)
            return
        self._confirm(
            "定期删除过期消息",
            f"保存后，早于 {wanted.days} 天的 {count} 条消息将被永久删除，所有人的电脑上也不再保留，不能恢复。",
            "保存并删除",
            lambda: self.tasks.start(self._save(wanted), "保存消息保留设置"),
        )

    async def _save(self, wanted: RetentionPolicy) -> None:
        self._show(await self._service.change(wanted))
        self.told.emit("消息保留设置已保存")

    async def _ask_run(self) -> None:
        count = await self._service.waiting(self._saved.days)
        if not count:
            self.told.emit("没有过期的消息")
            return
        self._confirm(
            "立即删除过期消息",
            f"早于 {self._saved.days} 天的 {count} 条消息将被永久删除，不能恢复。",
            "删除",
            lambda: self.tasks.start(self._run(), "删除过期消息"),
        )

    async def _run(self) -> None:
        done = await self._service.run()
        await self._read()
        self.told.emit(f"已删除 {done.removed} 条过期消息")

    def _confirm(self, title: str, text: str, yes: str, then) -> None:
        dialog = ConfirmDialog(self._themes, title, text, yes, danger=True, parent=self.window())
        dialog.accepted.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()
