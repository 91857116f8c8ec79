"""The lock's settings (3.2.3.1.1, 3.2.3.1.5, 3.2.3.1.6, 3.2.3.1.8): when it comes on, how it opens, what it logged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QSpinBox, QWidget

from app.shell.problems import Problem, describe
from app.shell.tasks import Tasks
from lock.audit.chain import BrokenChain, LockEntry
from lock.policy.model import IDLE_CHOICES_S
from widgets.controls import Banner, Switch, button
from widgets.theme import ThemeManager

from .lock_log import LockLogDialog
from .lock_service import LockSettingsService
from .parts import SettingsSection, choice
from .passcode_dialog import PasscodeDialog

_OWN, _NEVER = "own", "0"
_LONGEST_MIN = 24 * 60


class LockSection(SettingsSection):
    """Signals: `told(words)` for good news that a toast shows."""

    told = Signal(str)

    def __init__(self, themes: ThemeManager, service: LockSettingsService) -> None:
        super().__init__(themes, "锁定")
        self._service = service
        self.tasks = Tasks(self._failed)
        self.problem = Banner(themes, "", "warn")
        self.problem.hide()
        self.column.addWidget(self.problem)
        self._add_when()
        self._add_unlock()
        self._add_log()
        self.finish()

    def _add_when(self) -> None:
        settings = self._service.settings
        group = self.add_group("什么时候锁定")
        longest = settings.idle_longest_s
        options = [
            (str(seconds), f"{seconds // 60} 分钟")
            for seconds in IDLE_CHOICES_S
            if not longest or seconds <= longest
        ]
        options.append((_OWN, "自定义"))
        if not longest:
            options.append((_NEVER, "从不"))
        known = str(settings.idle_s) in dict(options)
        self.idle = choice(options, str(settings.idle_s) if known else _OWN, "无操作多久后锁定")
        self.minutes = QSpinBox()
        self.minutes.setRange(
            1, min(_LONGEST_MIN, longest // 60 or _LONGEST_MIN) if longest else _LONGEST_MIN
        )
        self.minutes.setSuffix(" 分钟")
        self.minutes.setValue(max(1, settings.idle_s // 60))
        self.minutes.setAccessibleName("自定义分钟数")
        self.minutes.setVisible(not known)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.themes.theme.space.s)
        row.addWidget(self.minutes)
        row.addWidget(self.idle)
        words = "离开座位请主动锁定。"
        if longest:
            words += f"管理员要求不超过 {longest // 60} 分钟。"
        group.add_row("无操作多久后锁定", words, both)
        self.idle.activated.connect(lambda _index: self._idle_chosen())
        self.minutes.editingFinished.connect(self._idle_chosen)
        for name, title, explanation in (
            ("with_desktop", "电脑锁屏时一起锁定", ""),
            ("with_suspend", "休眠或合上盖子时锁定", ""),
            ("at_start", "启动时先锁定", "打开政钉后要解锁才能看到内容"),
        ):
            switch = Switch(self.themes, title, bool(getattr(settings, name)))
            switch.toggled.connect(lambda on, name=name: self._service.change_settings(**{name: on}))
            setattr(self, name, switch)
            group.add_row(title, explanation, switch)
        self.keys = QKeySequenceEdit(QKeySequence(self._service.hotkey))
        self.keys.setMaximumSequenceLength(1)
        self.keys.setFixedWidth(self.idle.minimumWidth())
        self.keys.editingFinished.connect(self._keys_chosen)
        group.add_row("锁定快捷键", "点一下，再按想用的组合键；在任何程序里都有效", self.keys)

    def _add_unlock(self) -> None:
        group = self.add_group("解锁")
        self.passcode = button("设置…")
        self.passcode.clicked.connect(self._ask_passcode)
        group.add_row(
            "解锁密码", "不设置时用账号密码解锁，两者断网时都可用；输错多次会要求等待", self.passcode
        )
        group.add_fact("空闲时间来自", self._service.idle_source)

    def _add_log(self) -> None:
        group = self.add_group("记录")
        self.log = button("查看…")
        self.log.clicked.connect(self._open_log)
        group.add_row("锁定记录", "每次锁定和解锁的时间、方式与结果，可按日期和方式筛选、导出", self.log)

    def entered(self) -> None:
        """What can change elsewhere: the code, and whether the keys work on this desktop."""
        problem = self._service.hotkey_problem
        self.problem.say(problem, "warn")
        self.problem.setVisible(bool(problem))
        self.tasks.start(self._show_passcode(), "读取解锁方式")

    async def _show_passcode(self) -> None:
        self.passcode.setText("修改…" if await self._service.has_passcode() else "设置…")

    # What the user does.

    def _idle_chosen(self) -> None:
        chosen = self.idle.currentData()
        self.minutes.setVisible(chosen == _OWN)
        seconds = self.minutes.value() * 60 if chosen == _OWN else int(chosen)
        if seconds != self._service.settings.idle_s:
            self._service.change_settings(idle_s=seconds)

    def _keys_chosen(self) -> None:
        text = self.keys.keySequence().toString().replace("Meta", "Super")
        if not text or text == self._service.hotkey:
            self.keys.setKeySequence(QKeySequence(self._service.hotkey))
            return
        self.tasks.start(self._take_keys(text), "更换快捷键")

    async def _take_keys(self, text: str) -> None:
        problem = await self._service.change_hotkey(text)
        self.problem.say(problem, "warn")
        self.problem.setVisible(bool(problem))
        self.keys.setKeySequence(QKeySequence(self._service.hotkey))
        if not problem:
            self.told.emit(f"锁定快捷键已改为 {self._service.hotkey}")

    def _ask_passcode(self) -> None:
        dialog = PasscodeDialog(self.themes, new=self.passcode.text() == "设置…", parent=self.window())

        async def save(passcode: str) -> None:
            await self._service.set_passcode(passcode)
            dialog.accept()
            self.told.emit("解锁密码已保存")
            await self._show_passcode()

        def failed(error: BaseException, doing: str) -> None:
            dialog.failed(describe(error, doing))

        dialog.wanted.connect(
            lambda passcode: self.tasks.start(save(passcode), "保存解锁密码", on_error=failed)
        )
        dialog.open()

    def _open_log(self) -> None:
        dialog = LockLogDialog(self.themes, self.window())

        async def read(start: int, end: int, trigger: str) -> None:
            try:
                dialog.show_entries(await self._service.entries(start, end, trigger))
            except BrokenChain as broken:
                dialog.complain(Problem(f"{broken}：记录可能被改动过，请联系管理员。"))

        async def export(entries: list[LockEntry], path: Path) -> None:
            await self._service.export(entries, path)
            self.told.emit(f"已导出 {path.name}")

        def failed(error: BaseException, doing: str) -> None:
            dialog.complain(describe(error, doing))

        dialog.wanted.connect(
            lambda start, end, trigger: self.tasks.start(
                read(start, end, trigger), "读取锁定记录", on_error=failed
            )
        )
        dialog.export_wanted.connect(
            lambda path: self.tasks.start(export(dialog.entries, path), "导出锁定记录", on_error=failed)
        )
        dialog.open()
        dialog.ask()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "warn")
        self.problem.show()
