"""The versions of a plan on the server: who saved it when; one can be taken out as a plan of its own."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from server_stub.contract.meetings import Version
from widgets.controls import Dialog
from widgets.theme import ThemeManager

_NUMBER = Qt.ItemDataRole.UserRole


class VersionsDialog(Dialog):
    """`take(version)` is called for the one that was chosen."""

    def __init__(
        self,
        themes: ThemeManager,
        versions: list[Version],
        take: Callable[[int], object],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "历史版本", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._chosen = take
        self.list = QListWidget()
        self.list.setAccessibleName("历史版本")
        self.list.setMinimumHeight(themes.theme.sizes.picker_side)
        for one in versions:
            at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.at / 1000))
            item = QListWidgetItem(f"第 {one.version} 版    {at}    {one.by}")
            item.setData(_NUMBER, one.version)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.content.addWidget(self.list, 1)
        self.add_button("关闭", slot=self.reject)
        self.take = self.add_button("另存为方案", "primary", default=True, slot=self._go)

    def _go(self) -> None:
        item = self.list.currentItem()
        self.accept()
        if item is not None:
            self._chosen(item.data(_NUMBER))
