"""网络探测: the steps on the way to the server, each as it comes, and a button that copies them for the help desk."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Dialog, label, pill
from widgets.theme import ThemeManager

from .probing import Probe
from .service import SettingsService


class ProbeDialog(Dialog):
    """Begins by itself; `steps` holds what was found."""

    def __init__(self, themes: ThemeManager, service: SettingsService, parent: QWidget | None = None) -> None:
        super().__init__(themes, "网络探测", parent, width=themes.theme.sizes.dialog_wide)
        self._service = service
        self.steps: list[Probe] = []
        self.tasks = Tasks(self._failed)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(themes.theme.space.l)
        self._grid.setVerticalSpacing(themes.theme.space.m)
        self.content.addLayout(self._grid)
        self.verdict = label("正在探测…", "body", wrap=True)
        self.content.addWidget(self.verdict)
        self.copy = self.add_button("复制结果", slot=self._copy)
        self.again = self.add_button("再测一次", slot=self._start)
        self.add_button("关闭", "primary", default=True, slot=self.reject)
        self._start()

    def _start(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.steps = []
        self.verdict.setText("正在探测…")
        self.again.setEnabled(False)
        self.copy.setEnabled(False)
        self.tasks.start(self._run(), "网络探测")

    async def _run(self) -> None:
        async for step in self._service.probe():
            self._add(step)
        good = all(step.milliseconds is not None for step in self.steps)
        self.verdict.setText("网络正常。" if good else "请按上面的提示处理；需要帮助时把结果复制给管理员。")
        self.again.setEnabled(True)
        self.copy.setEnabled(True)

    def _add(self, step: Probe) -> None:
        row = len(self.steps)
        self.steps.append(step)
        self._grid.addWidget(label(step.step, "body", "strong"), row, 0)
        words = label(step.text, "body", "weak", wrap=True)
        self._grid.addWidget(words, row, 1)
        tone, text = ("bad", "不通") if step.milliseconds is None else ("ok", _took(step.milliseconds))
        mark = pill(text, tone)
        self._grid.addWidget(mark, row, 2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _copy(self) -> None:
        lines = [
            f"{one.step}：{one.text}（{'不通' if one.milliseconds is None else _took(one.milliseconds)}）"
            for one in self.steps
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _failed(self, error: BaseException, doing: str) -> None:
        self.verdict.setText(describe(error, doing).text)
        self.again.setEnabled(True)


def _took(milliseconds: float) -> str:
    return "通" if milliseconds < 1 else f"{milliseconds:.0f} 毫秒"
