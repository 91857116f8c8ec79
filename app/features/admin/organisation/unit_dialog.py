"""Makes or changes a unit."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from app.session.organisation_api import OrganisationApi
from server_stub.contract.directory import Unit
from server_stub.contract.directory_admin import UnitChange, UnitCreate
from widgets.controls import label
from widgets.theme import ThemeManager

from .parts import FormDialog

LEVELS = (
    (0, "内设部门"),
    (1, "市级"),
    (2, "区县、市直单位"),
    (3, "乡镇、街道"),
    (4, "村、社区"),
    (5, "网格"),
)


class UnitDialog(FormDialog):
    """`unit` None makes a new one below `above`."""

    def __init__(
        self,
        themes: ThemeManager,
        api: OrganisationApi,
        unit: Unit | None,
        above: Unit | None,
        parent: QWidget | None = None,
    ) -> None:
        title = "新建下级单位" if unit is None else f"修改“{unit.name}”"
        super().__init__(themes, title, "新建" if unit is None else "保存", parent)
        self._api, self._unit, self._above = api, unit, above
        self.done_words = ""
        if unit is None and above is not None:
            self.form.addRow("上级单位", label(above.name, "body", "weak"))
        self.name = self.add_line("名称", unit.name if unit else "", "如：防汛抗旱处")
        self.short = self.add_line("简称", unit.short_name if unit else "", "可以不填")
        self.level = QComboBox()
        self.level.setAccessibleName("级别")
        for value, text in LEVELS:
            self.level.addItem(text, value)
        self.level.setCurrentIndex(max(0, self.level.findData(unit.level if unit else 0)))
        self.form.addRow("级别", self.level)
        self.name.setFocus()

    async def save(self) -> None:
        name, short, level = self.name.text(), self.short.text(), int(self.level.currentData())
        if self._unit is None:
            parent_id = self._above.id if self._above is not None else ""
            made = await self._api.add_unit(
                UnitCreate(parent_id=parent_id, name=name, short_name=short, level=level)
            )
            self.done_words = f"“{made.name}”已建立"
        else:
            await self._api.change_unit(self._unit.id, UnitChange(name=name, short_name=short, level=level))
            self.done_words = "已保存"
