"""Another time or place after publishing: who is told; a room that another meeting has: why it is used all the same."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from server_stub.contract.meetings import Meeting, Recipient, Recipients
from widgets.controls import Dialog, label
from widgets.theme import ThemeManager

from .seats_view import when_of

_CHANNELS = {"chat": "消息", "sms": "短信", "paper": "纸质通知"}
_REASON = 40


class AnnounceDialog(Dialog):
    """What changed, and everybody who knows a seat. `tell(sms)` when the clerk agrees, which is the default."""

    def __init__(
        self,
        themes: ThemeManager,
        meeting: Meeting,
        found: Recipients,
        tell: Callable[[bool], object],
        parent: QWidget,
    ) -> None:
        what = {"time": "时间", "place": "地点", "both": "时间和地点"}.get(meeting.untold, "信息")
        super().__init__(themes, f"会议{what}已变更", parent, width=themes.theme.sizes.picker)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._tell = tell
        self._told = [one for one in found.recipients if one.told]
        form = QFormLayout()
        form.setSpacing(themes.theme.space.s)
        before = when_of(meeting.told_starts_at, meeting.told_ends_at)
        after = when_of(meeting.starts_at, meeting.ends_at)
        place = meeting.place or meeting.room_name
        if meeting.untold in ("time", "both"):
            form.addRow(label("时间", "secondary", "weak"), _line(f"{before or '未定'} → {after or '未定'}"))
        if meeting.untold in ("place", "both"):
            form.addRow(
                label("地点", "secondary", "weak"),
                _line(f"{meeting.told_place or '未定'} → {place or '未定'}"),
            )
        self.counted = label("", "secondary", "strong", wrap=True)
        self.list = QTreeWidget()
        self.list.setAccessibleName("将收到通知的人")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setMinimumHeight(themes.theme.sizes.picker_height // 2)
        self.list.setHeaderLabels(["将收到通知的人", "单位", "座位", "方式"])
        for one in self._told:
            self.list.addTopLevelItem(_row(one))
        for column in range(3):
            self.list.resizeColumnToContents(column)
            self.list.setColumnWidth(column, self.list.columnWidth(column) + themes.theme.space.l)
        self.sms = QCheckBox("向系统外人员发送短信")
        self.sms.setChecked(True)
        if not any(one.channel == "sms" for one in self._told):
            self.sms.hide()
        self.sms.toggled.connect(lambda _on: self._count())
        self.content.addLayout(form)
        self.content.addSpacing(themes.theme.space.s)
        self.content.addWidget(self.counted)
        self.content.addWidget(self.list, 1)
        self.content.addWidget(self.sms)
        self.content.addWidget(
            label(
                "座位图不变，只通知新的时间地点。暂不通知时，列表中会提示，下次发布座位图时一并通知。",
                "caption",
                "weak",
                wrap=True,
            )
        )
        self.later = self.add_button("暂不通知", slot=self.reject)
        self.go = self.add_button("通知", "primary", default=True, slot=self._go)
        self._count()

    def names(self) -> list[str]:
        """Who is listed."""
        return [one.name for one in self._told]

    def _count(self) -> None:
        chat = sum(one.channel == "chat" for one in self._told)
        sms = sum(one.channel == "sms" for one in self._told) if self.sms.isChecked() else 0
        paper = len(self._told) - chat - sms
        parts = [f"{chat} 人将收到聊天消息"] + ([f"{sms} 人将收到短信"] if sms else [])
        if paper:
            parts.append(f"{paper} 人需另行通知")
        self.counted.setText("，".join(parts))

    def _go(self) -> None:
        self.accept()
        self._tell(self.sms.isChecked())


class TakenDialog(Dialog):
    """The room has another meeting at that time: `use(reason)` all the same, with a reason that is recorded."""

    def __init__(
        self, themes: ThemeManager, words: str, use: Callable[[str], object], parent: QWidget
    ) -> None:
        super().__init__(themes, "会议室时间冲突", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._use = use
        self.words = label(
            f"{words}请改换时间或会议室；确需同时使用的，请填写原因。", "body", "weak", wrap=True
        )
        self.reason = QLineEdit()
        self.reason.setAccessibleName("原因")
        self.reason.setPlaceholderText("原因，如：两会合并召开（记入审计）")
        self.reason.setMaxLength(_REASON)
        self.content.addWidget(self.words)
        self.content.addWidget(self.reason)
        self.cancel = self.add_button("取消", default=True, slot=self.reject)
        self.go = self.add_button("仍要使用", slot=self._go)
        self.go.setEnabled(False)
        self.reason.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.reason.setFocus()

    def _go(self) -> None:
        self.accept()
        self._use(self.reason.text().strip())


def _line(text: str):
    return label(text, "body", "strong", wrap=True)


def _row(one: Recipient) -> QTreeWidgetItem:
    return QTreeWidgetItem([one.name, one.unit, one.seat or "未安排", _CHANNELS.get(one.channel, "")])
