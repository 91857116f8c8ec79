"""个人状态: 在线, 忙碌, 会议中, 休假, or own words, with an end (E059)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from server_stub.contract.personal import STATUS_NAMES, STATUS_TEXT, PersonStatus, StatusKind
from widgets.controls import label
from widgets.theme import ThemeManager

from .group_parts import QuietBox, WorkDialog
from .group_service import Arrangement

_ENDS = (("0", "一直"), ("1800", "30 分钟"), ("3600", "1 小时"), ("14400", "4 小时"), ("today", "今天"))


class StatusDialog(WorkDialog):
    """Choose one, say a word if you like, say until when."""

    def __init__(
        self,
        arrangement: Arrangement,
        themes: ThemeManager,
        now: PersonStatus | None,
        now_ms: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, "个人状态", parent)
        self._arrangement, self._now_ms = arrangement, now_ms
        self.kinds: dict[StatusKind, QRadioButton] = {}
        self._group = QButtonGroup(self)
        current = now.kind if now is not None else StatusKind.ONLINE
        for kind, name in STATUS_NAMES.items():
            made = self.kinds[kind] = QRadioButton(name)
            made.setChecked(kind is current)
            self._group.addButton(made)
            self.content.addWidget(made)
        self._group.buttonClicked.connect(lambda _button: self._check())
        self.text = QLineEdit(now.text if now is not None else "")
        self.text.setMaxLength(STATUS_TEXT)
        self.text.setPlaceholderText("说明（可不填），例如“出差，周三回”")
        self.text.setAccessibleName("状态说明")
        self.text.textChanged.connect(lambda _text: self._check())
        self.end = QuietBox(_ENDS, "持续到")
        self.content.addSpacing(themes.theme.space.s)
        self.content.addWidget(self.text)
        self.content.addWidget(label("持续时间", "caption"))
        self.content.addWidget(self.end)
        self.content.addWidget(label("同事会在头像、名片和聊天窗口看到您的状态。", "caption", wrap=True))
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("确定", "primary", default=True, slot=self._save)
        self._check()

    @property
    def kind(self) -> StatusKind:
        """What is chosen."""
        return next((kind for kind, made in self.kinds.items() if made.isChecked()), StatusKind.ONLINE)

    def _check(self) -> None:
        self.go.setEnabled(self.kind is not StatusKind.CUSTOM or bool(self.text.text().strip()))

    def _until(self) -> int:
        chosen = str(self.end.currentData())
        if chosen == "today":
            tomorrow = datetime.fromtimestamp(self._now_ms() / 1000) + timedelta(days=1)
            return int(tomorrow.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
        return self._now_ms() + int(chosen) * 1000 if chosen != "0" else 0

    def _save(self) -> None:
        self.work(self._set(), "设置状态")

    async def _set(self) -> None:
        await self._arrangement.set_status(self.kind, self.text.text().strip(), self._until())
        if not self.over:
            self.accept()
