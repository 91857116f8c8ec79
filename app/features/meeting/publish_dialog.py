"""Publishing: who gets the plan, who is told of a change, and what each will read (3.1.6.4.4)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QTreeWidget, QTreeWidgetItem, QWidget

from server_stub.contract.meetings import Recipient, Recipients
from widgets.controls import Dialog, FilterItem, FilterTabs, SearchField, label
from widgets.theme import ThemeManager

_ID = Qt.ItemDataRole.UserRole
_CHANGES = {"new": "首次通知", "moved": "座位变更", "gone": "取消参会", "": "无变化"}
_CHANGES |= {"time": "时间变更", "place": "地点变更", "both": "时间地点变更"}
_CHANNELS = {"chat": "消息", "sms": "短信", "paper": "纸质通知"}
_STATES = {"waiting": "待发送", "sending": "发送中", "sent": "已发送", "failed": "发送失败"}


def _is_unseated(one: Recipient) -> bool:
    """Comes to the meeting and has no seat yet."""
    return not one.seat and one.change != "gone"


class PublishDialog(Dialog):
    """Recipients default to all attendees; unticked ones get nothing and cannot open the plan.

    `done(removed ids, everyone, sms)`.
    """

    def __init__(
        self,
        themes: ThemeManager,
        found: Recipients,
        done: Callable[[list[str], bool, bool], object],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "发布座位图", parent, width=themes.theme.sizes.picker)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done = done
        self._found = found.recipients
        again = found.published > 0
        self.told = label("", "secondary", "strong", wrap=True)
        self.unseated = label("", "secondary", "warn", wrap=True)
        kinds = [FilterItem("all", "全部", len(self._found))]
        changed = sum(bool(one.change) for one in self._found)
        if again:
            kinds.append(FilterItem("changed", "有变化", changed))
        kinds += [
            FilterItem(key, text, sum(one.channel == key for one in self._found))
            for key, text in (("chat", "系统内"), ("sms", "短信"), ("paper", "纸质"))
        ]
        standing = sum(map(_is_unseated, self._found))
        if standing:
            kinds.append(FilterItem("unseated", "未安排", standing))
        self.unseated.setText(f"{standing} 人还没有座位，发布后他们会收到“您的座位：未安排”。")
        self.unseated.setVisible(bool(standing))
        self.kinds = FilterTabs(themes, kinds)
        self.kinds.current_changed.connect(lambda _key: self._filter())
        self.search = SearchField(themes, "按姓名或单位查找")
        self.search.query_changed.connect(lambda _text: self._filter())
        self.list = QTreeWidget()
        self.list.setAccessibleName("接收人")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setMinimumHeight(themes.theme.sizes.picker_height * 2 // 3)
        self.list.setHeaderLabels(["接收人", "单位", "座位", "本次通知", "方式"])
        for one in self._found:
            self.list.addTopLevelItem(self._item(one))
        for column in range(4):
            self.list.resizeColumnToContents(column)
        # The box before the name is not in what the header measures.
        self.list.setColumnWidth(0, self.list.columnWidth(0) + 2 * themes.theme.sizes.check)
        self.list.itemChanged.connect(lambda _item, _column: self._count())
        self.everyone = QCheckBox("同时重新通知座位没有变化的人")
        if not again:
            self.everyone.hide()
        self.everyone.toggled.connect(lambda _on: self._count())
        self.sms = QCheckBox("向系统外人员发送短信提醒")
        self.sms.setChecked(True)
        if not any(one.channel == "sms" for one in self._found):
            self.sms.hide()
        self.sms.toggled.connect(lambda _on: self._count())
        top = QHBoxLayout()
        top.addWidget(self.kinds, 1)
        top.addWidget(self.search)
        self.content.addWidget(self.told)
        self.content.addWidget(self.unseated)
        self.content.addLayout(top)
        self.content.addWidget(self.list, 1)
        self.content.addWidget(self.everyone)
        self.content.addWidget(self.sms)
        self.content.addWidget(
            label(
                "系统内人员在聊天的“会务”中收到座位，点开可看座位图；系统外人员只收到短信，不能打开座位图。",
                "caption",
                "weak",
                wrap=True,
            )
        )
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("发布", "primary", default=True, slot=self._publish)
        self._count()

    def _item(self, one: Recipient) -> QTreeWidgetItem:
        seat = one.seat or "未安排"
        if one.change == "moved" and one.before:
            seat = f"{one.before} → {seat}"
        state = f" · {_STATES[one.state]}" if one.state in _STATES else ""
        item = QTreeWidgetItem(
            [one.name, one.unit, seat, _CHANGES.get(one.change, ""), _CHANNELS.get(one.channel, "") + state]
        )
        item.setData(0, _ID, one)
        if one.change != "gone":
            item.setCheckState(0, Qt.CheckState.Unchecked if one.removed else Qt.CheckState.Checked)
        return item

    def _items(self) -> list[tuple[QTreeWidgetItem, Recipient]]:
        rows = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        return [(item, item.data(0, _ID)) for item in rows if item is not None]

    def _filter(self) -> None:
        kind, text = self.kinds.current, self.search.edit.text().strip()
        for item, one in self._items():
            shown = kind in ("all", one.channel) or (kind == "changed" and bool(one.change))
            shown = shown or (kind == "unseated" and _is_unseated(one))
            item.setHidden(not (shown and (text in one.name or text in one.unit)))

    def removed(self) -> list[str]:
        """Ids of those who are unticked."""
        return [
            one.attendee_id
            for item, one in self._items()
            if one.change != "gone" and item.checkState(0) is Qt.CheckState.Unchecked
        ]

    def _count(self) -> None:
        removed = set(self.removed())
        chat = sms = 0
        for one in self._found:
            if one.attendee_id in removed or not (one.change or self.everyone.isChecked()):
                continue
            chat += one.channel == "chat"
            sms += one.channel == "sms" and self.sms.isChecked()
        parts = [f"{chat} 人将收到聊天消息"] + ([f"{sms} 人将收到短信"] if sms else [])
        if removed:
            parts.append(f"已移除 {len(removed)} 人")
        self.told.setText("，".join(parts))

    def _publish(self) -> None:
        self._done(self.removed(), self.everyone.isChecked(), self.sms.isChecked())
        self.accept()
