"""Short forms: shift along the path, room, meeting, a new layout, templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QWidget,
)

from meeting_seat_designer.editor.canvas.scene import PlanScene
from meeting_seat_designer.editor.canvas.view import PlanView
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.edits.base import Batch
from meeting_seat_designer.engine.edits.layouts import AddLayout, SetMeeting, SetRoom
from meeting_seat_designer.engine.edits.seating import ShiftFrom
from meeting_seat_designer.engine.templates import TEMPLATES, template
from widgets.controls import Dialog, label
from widgets.theme import ThemeManager


class FormDialog(Dialog):
    """Labelled fields and one action; `values()` reads them."""

    def __init__(
        self,
        themes: ThemeManager,
        title: str,
        fields: list[tuple[str, str, Any]],
        done: Callable[[dict[str, Any]], object],
        parent: QWidget,
        accept: str = "确定",
        hint: str = "",
    ) -> None:
        super().__init__(themes, title, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done = done
        self.fields: dict[str, Any] = {}
        if hint:
            self.content.addWidget(label(hint, "secondary", "weak", wrap=True))
        form = QFormLayout()
        form.setSpacing(themes.theme.space.s)
        for name, text, value in fields:
            field: Any
            if isinstance(value, str):
                field = QLineEdit(value)
            elif isinstance(value, int):
                field = QSpinBox()
                field.setRange(1, 10000)
                field.setValue(value)
            else:
                field = QDoubleSpinBox()
                field.setRange(1, 300)
                field.setDecimals(2)
                field.setSuffix(" 米")
                field.setValue(value)
            field.setAccessibleName(text)
            self.fields[name] = field
            form.addRow(label(text, "secondary", "weak"), field)
        self.content.addLayout(form)
        self.add_button("取消", slot=self.reject)
        self.add_button(accept, "primary", default=True, slot=self.store)
        if fields:
            first = self.fields[fields[0][0]]
            first.setFocus()
            first.selectAll()

    def values(self) -> dict[str, Any]:
        """What is written."""
        return {
            name: field.text().strip() if isinstance(field, QLineEdit) else field.value()
            for name, field in self.fields.items()
        }

    def store(self) -> None:
        """Hand the values over."""
        self._done(self.values())
        self.accept()


def shift_dialog(editing: Editing, themes: ThemeManager, seat: str, parent: QWidget) -> FormDialog:
    """整体后移: how many places from this seat on. Source: 3.1.6.4.2."""
    code = editing.seats[seat][1].code

    def done(values: dict[str, Any]) -> None:
        command = ShiftFrom(seat, values["places"])
        editing.close_merge()
        if editing.run(command) and command.overflow:
            editing.said.emit(f"{len(command.overflow)} 人移出座位，已转入待排", "warn")

    hint = f"从 {code} 起，所有人沿编排顺序后移；锁定的座位跳过，移出末尾的人转入待排。"
    return FormDialog(themes, "整体后移", [("places", "后移座位数", 1)], done, parent, "后移", hint)


def room_dialog(editing: Editing, themes: ThemeManager, parent: QWidget) -> FormDialog:
    """The room: name, building, unit, inner size. Source: 3.1.6.1.1."""
    room = editing.document.room

    def done(values: dict[str, Any]) -> None:
        terminals = values.pop("terminals").replace("，", "、").split("、")
        for name in ("width", "depth", "height"):
            values[name] = round(values[name] * 1000)
        editing.close_merge()
        editing.run(SetRoom(**values, terminals=[one for one in terminals if one]))

    fields: list[tuple[str, str, Any]] = [
        ("name", "会议室名称", room.name),
        ("building", "楼宇", room.building),
        ("floor", "楼层", room.floor),
        ("unit", "所属单位", room.unit),
        ("width", "宽", room.width / 1000),
        ("depth", "深", room.depth / 1000),
        ("height", "高", room.height / 1000),
        ("terminals", "会议终端", "、".join(room.terminals)),
    ]
    return FormDialog(themes, "房间", fields, done, parent)


def meeting_dialog(editing: Editing, themes: ThemeManager, parent: QWidget) -> FormDialog:
    """The meeting: title, times, place."""
    meeting = editing.document.meeting

    def done(values: dict[str, Any]) -> None:
        editing.close_merge()
        editing.run(SetMeeting(**values))

    fields: list[tuple[str, str, Any]] = [
        ("title", "会议名称", meeting.title),
        ("start", "开始时间", meeting.start),
        ("end", "结束时间", meeting.end),
        ("place", "地点", meeting.place),
        ("organiser", "主办单位", meeting.organiser),
    ]
    return FormDialog(themes, "会议信息", fields, done, parent, hint="时间格式：2026-11-24T09:00")


def copy_dialog(editing: Editing, themes: ThemeManager, parent: QWidget) -> FormDialog:
    """A new layout as a copy of the present one."""

    def done(values: dict[str, Any]) -> None:
        editing.close_merge()
        editing.run(
            AddLayout(values["name"] or "新布局", editing.document.current()),
            "已新建布局，原布局的排座结果已保留",
        )

    name = f"{editing.document.current().name} 副本"
    return FormDialog(themes, "新建布局", [("name", "布局名称", name)], done, parent, "新建")


def picture_of(name: str, themes: ThemeManager, side: int) -> QPixmap:
    """A template drawn small."""
    editing = Editing(template(name), checks=False)
    view = PlanView(editing, PlanScene(editing, themes), themes)
    view.resize(side, round(side * 0.7))
    view.fit()
    picture = view.grab()
    view.deleteLater()
    editing.deleteLater()
    return picture


_NAME = Qt.ItemDataRole.UserRole + 1


class TemplatesDialog(Dialog):
    """Pictures of the usual rooms; the chosen one becomes a new layout (the present one stays). Source: 3.1.6.1.2."""

    def __init__(self, editing: Editing, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(themes, "会场模板", parent, width=themes.theme.sizes.picker)
        self._editing = editing
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        side = themes.theme.sizes.detail - themes.theme.space.l
        self.list = QListWidget()
        self.list.setAccessibleName("会场模板")
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setIconSize(QSize(side, round(side * 0.7)))
        self.list.setGridSize(
            QSize(
                themes.theme.grow(side + themes.theme.space.page), round(side * 0.7) + themes.theme.grow(36)
            )
        )
        self.list.setProperty("plain", True)
        for key, (text, _) in TEMPLATES.items():
            seats = sum(len(region.seats) for region in template(key).current().regions)
            item = QListWidgetItem(QIcon(picture_of(key, themes, side)), f"{text}（{seats} 座）")
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setData(_NAME, text)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _item: self.use())
        self.list.setMinimumHeight(themes.theme.sizes.picker_height - themes.theme.sizes.detail)
        hint = "模板会作为一个新布局加入，当前布局保留；房间按模板尺寸调整。"
        self.content.addWidget(label(hint, "secondary", "weak", wrap=True))
        self.content.addWidget(self.list, 1)
        self.add_button("取消", slot=self.reject)
        self.add_button("使用模板", "primary", default=True, slot=self.use)

    def use(self) -> None:
        """Add the chosen template as a layout."""
        item = self.list.currentItem()
        if item is not None:
            document = template(item.data(Qt.ItemDataRole.UserRole))
            size = SetRoom(width=document.room.width, depth=document.room.depth)
            name = item.data(_NAME)
            layout = AddLayout(name, document.current())
            self._editing.close_merge()
            self._editing.run(Batch("套用模板", [size, layout]), f"已套用“{name}”")
        self.accept()
