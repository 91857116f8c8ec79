"""How the list of plans is drawn, and the form of a plan of this machine alone."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from meeting_seat_designer.engine.templates import TEMPLATES
from widgets.controls import Dialog, label
from widgets.controls.painted import round_rect
from widgets.theme import ThemeManager

from .model import PlanListModel
from .service import PlanEntry


class PlanRows(QStyledItemDelegate):
    """Title and place at the left, how far the seating is at the right."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        theme = self._themes.theme
        return QSize(theme.sizes.list, theme.grow(theme.sizes.row) + theme.space.s)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._themes.theme
        entry: PlanEntry = index.data(PlanListModel.ENTRY)
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        painter.save()
        box = area.adjusted(0, theme.space.half, 0, -theme.space.half)
        ground = "raised"
        if state & QStyle.StateFlag.State_Selected:
            ground = "selected"
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = "hover"
        round_rect(painter, box, theme.radius.card, theme.color(ground), theme.color("line"))
        inner = box.adjusted(theme.space.l, theme.space.s, -theme.space.l, -theme.space.s)
        side = theme.sizes.file_icon
        icon = QRectF(inner.left(), inner.center().y() - side / 2, side, side)
        round_rect(painter, icon, theme.radius.control, theme.color("brand_weak"))
        self._themes.icons.paint(painter, "chair", icon.adjusted(8, 8, -8, -8), "brand_text")
        words = inner.adjusted(side + theme.space.m, 0, 0, 0)
        high = words.height() / 2
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        top = QRectF(words.left(), words.top(), words.width(), high)
        low = top.translated(0, high)
        state_text, tone = _state(entry)
        painter.setFont(theme.font("secondary"))
        painter.setPen(theme.color(tone))
        painter.drawText(top, right, state_text)
        used = painter.fontMetrics().horizontalAdvance(state_text) + theme.space.l
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text_2"))
        changed = "尚未排座"
        if entry.changed:
            changed = time.strftime("修改于 %m-%d %H:%M", time.localtime(entry.changed))
        painter.drawText(low, right, changed)
        unit = entry.meeting.unit_name if entry.meeting is not None else ""
        alone = "" if entry.meeting is not None or not entry.local else "仅在本机"
        parts = (entry.when.replace("T", " "), entry.place, unit, alone)
        about = " · ".join(part for part in parts if part)
        wide = int(low.width() - painter.fontMetrics().horizontalAdvance(changed) - theme.space.l)
        painter.drawText(
            low, left, painter.fontMetrics().elidedText(about, Qt.TextElideMode.ElideRight, wide)
        )
        painter.setFont(theme.font("body", 600))
        painter.setPen(theme.color("text"))
        title = painter.fontMetrics().elidedText(
            entry.title, Qt.TextElideMode.ElideRight, int(top.width() - used)
        )
        painter.drawText(top, left, title)
        painter.restore()


def _state(entry: PlanEntry) -> tuple[str, str]:
    if entry.damaged:
        return "无法打开", "bad_text"
    if entry.sync == "conflict":
        return "与他人的修改冲突，点开处理", "bad_text"
    if entry.unsaved:
        return "有未保存的修改", "warn_text"
    if entry.sync == "waiting":
        return "有修改待同步到服务器", "warn_text"
    if entry.meeting is not None and entry.meeting.cancelled:
        return "已取消，点开可恢复", "text_3"
    if entry.meeting is not None and entry.meeting.untold:
        what = {"time": "时间", "place": "地点"}.get(entry.meeting.untold, "时间地点")
        return f"{what}已变更，还没有通知", "warn_text"
    if entry.meeting is not None and entry.meeting.present:
        return f"签到 {entry.meeting.present} / {entry.meeting.expected}", "ok_text"
    if entry.published:
        return f"已发布第 {entry.published} 版", "ok_text"
    if entry.people and entry.seated >= entry.people:
        return f"{entry.people} 人已排好", "text_2"
    return (f"已排 {entry.seated} / {entry.people} 人" if entry.people else "未导入名单"), "text_2"


class NewPlanDialog(Dialog):
    """Title and room of a new plan."""

    def __init__(self, themes: ThemeManager, done: Callable[[str, str], object], parent: QWidget) -> None:
        super().__init__(themes, "新建排座方案", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done = done
        self.title = QLineEdit()
        self.title.setAccessibleName("会议名称")
        self.title.setPlaceholderText("如：全市安全生产工作会议")
        self.room = QComboBox()
        self.room.setAccessibleName("会场")
        for key, (text, _) in TEMPLATES.items():
            self.room.addItem(text, key)
        self.wrong = label("", "caption", "bad")
        form = QFormLayout()
        form.setSpacing(themes.theme.space.m)
        form.addRow(label("会议名称", "secondary", "weak"), self.title)
        form.addRow(label("会场", "secondary", "weak"), self.room)
        self.content.addLayout(form)
        self.content.addWidget(self.wrong)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("新建", "primary", default=True, slot=self.store)
        self.title.setFocus()

    def store(self) -> None:
        """Hand both over."""
        title = self.title.text().strip()
        if not title:
            self.wrong.setText("请填写会议名称")
            self.title.setFocus()
            return
        self._done(title, self.room.currentData())
        self.accept()
