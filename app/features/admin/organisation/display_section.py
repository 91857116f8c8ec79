"""通讯录显示: people or units first, what may be searched, what a card shows (3.1.3.11)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.session.organisation_api import OrganisationApi
from server_stub.contract.directory_admin import CARD_FIELDS, SEARCHABLE, DirectorySettings, PersonFieldKind
from widgets.controls import IconButton, button, label, surface
from widgets.theme import ThemeManager

from .parts import Section

_SEARCH = {
    "name": "姓名",
    "pinyin": "拼音和首字母",
    "phone": "电话",
    "post": "职务",
    "unit": "单位",
    "line": "条线",
}
_CARD = {"posts": "职务和单位", "rank": "职级", "phone": "电话", "lines": "条线"}


class FieldRow(QWidget):
    """A field of people that the organisation defines: name, searchable, on the card, remove (3.1.3.8)."""

    def __init__(self, themes: ThemeManager, kind: PersonFieldKind) -> None:
        super().__init__()
        self.field_id = kind.id
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(themes.theme.space.m)
        self.name = QLineEdit(kind.name)
        self.name.setMaxLength(20)
        self.name.setPlaceholderText("字段名称，如：工号")
        self.name.setAccessibleName("自定义字段名称")
        self.searchable = QCheckBox("支持搜索")
        self.searchable.setChecked(kind.searchable)
        self.on_card = QCheckBox("显示在名片上")
        self.on_card.setChecked(kind.on_card)
        self.remove = IconButton(themes, "trash", "删除这个字段和所有人的内容")
        row.addWidget(self.name, 1)
        row.addWidget(self.searchable)
        row.addWidget(self.on_card)
        row.addWidget(self.remove)

    @property
    def kind(self) -> PersonFieldKind:
        """What the row says."""
        return PersonFieldKind(
            id=self.field_id,
            name=self.name.text(),
            searchable=self.searchable.isChecked(),
            on_card=self.on_card.isChecked(),
        )


class DisplaySection(Section):
    """Signals: `told(words)` for good news."""

    told = Signal(str)

    def __init__(self, api: OrganisationApi, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, "通讯录显示", "对所有人立即生效。", parent)
        self._api = api
        space = themes.theme.space
        card = surface("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(space.l, space.l, space.l, space.l)
        column.setSpacing(space.m)
        self.order = QComboBox()
        self.order.setAccessibleName("单位内的顺序")
        self.order.addItem("人员在前，下级单位在后", True)
        self.order.addItem("下级单位在前，人员在后", False)
        self._row(column, "单位内的顺序", self.order)
        self.fields: dict[str, QCheckBox] = {}
        host = QWidget()
        row = QHBoxLayout(host)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.m)
        for key in SEARCHABLE:
            box = QCheckBox(_SEARCH[key])
            box.setEnabled(key != "name")
            self.fields[key] = box
            row.addWidget(box)
        row.addStretch(1)
        self._row(column, "可以搜索", host)
        self.card = QListWidget()
        self.card.setAccessibleName("名片内容和顺序")
        self.card.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.card.setFixedHeight(themes.theme.grow(themes.theme.sizes.control) * len(CARD_FIELDS) + space.s)
        self._row(column, "名片内容（拖动排序）", self.card)
        self.own: list[FieldRow] = []
        self._own_rows = QVBoxLayout()
        self._own_rows.setSpacing(space.xs)
        own = QWidget()
        own.setLayout(self._own_rows)
        self._own_rows.setContentsMargins(0, 0, 0, 0)
        self._row(
            column, "自定义字段（在“组织与人员”里为每个人填写；保存后，删掉的字段连同内容一起删除）", own
        )
        self.add_field = button("添加字段", "link")
        self.add_field.clicked.connect(self._new_field)
        adding = QHBoxLayout()
        adding.addWidget(self.add_field)
        adding.addStretch(1)
        column.addLayout(adding)
        self.own_phone = QCheckBox("允许本人修改手机号码")
        self._row(column, "手机号", self.own_phone)
        self.column.addWidget(card)
        foot = QHBoxLayout()
        self.save = button("保存", "primary")
        self.save.clicked.connect(lambda: self.tasks.start(self._save(), "保存"))
        foot.addStretch(1)
        foot.addWidget(self.save)
        self.column.addLayout(foot)
        self.column.addStretch(1)
        self.save.setEnabled(False)

    def _add_field(self, kind: PersonFieldKind) -> FieldRow:
        row = FieldRow(self.themes, kind)
        row.remove.clicked.connect(lambda: self._drop_field(row))
        self.own.append(row)
        self._own_rows.addWidget(row)
        return row

    def _new_field(self) -> None:
        self._add_field(PersonFieldKind(name="")).name.setFocus()

    def _drop_field(self, row: FieldRow) -> None:
        self.own.remove(row)
        self._own_rows.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _row(self, column: QVBoxLayout, title: str, control: QWidget) -> None:
        column.addWidget(label(title, "body"))
        column.addWidget(control)

    def entered(self) -> None:
        self.tasks.start(self._read(), "读取设置")

    async def _read(self) -> None:
        self._show(await self._api.settings())

    def _show(self, found: DirectorySettings) -> None:
        self.problem.hide()
        self.order.setCurrentIndex(0 if found.people_first else 1)
        for key, box in self.fields.items():
            box.setChecked(key in found.searchable)
        self.card.clear()
        for key in [*found.card, *(one for one in CARD_FIELDS if one not in found.card)]:
            item = QListWidgetItem(_CARD[key])
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if key in found.card else Qt.CheckState.Unchecked)
            self.card.addItem(item)
        for row in list(self.own):
            self._drop_field(row)
        for kind in found.fields:
            self._add_field(kind)
        self.own_phone.setChecked(found.own_phone_change)
        self.save.setEnabled(True)

    async def _save(self) -> None:
        items = [self.card.item(row) for row in range(self.card.count())]
        self._show(
            await self._api.set_settings(
                DirectorySettings(
                    people_first=bool(self.order.currentData()),
                    searchable=[key for key, box in self.fields.items() if box.isChecked()],
                    card=[
                        one.data(Qt.ItemDataRole.UserRole)
                        for one in items
                        if one.checkState() is Qt.CheckState.Checked
                    ],
                    own_phone_change=self.own_phone.isChecked(),
                    fields=[row.kind for row in self.own],
                )
            )
        )
        self.told.emit("已保存")
