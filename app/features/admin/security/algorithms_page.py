"""Which algorithm libraries passed the standards' vectors, which is used, and how fast each is here (3.3.4)."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from server_stub.contract.keys import AlgorithmBackend, AlgorithmBackends
from widgets.controls import button
from widgets.theme import ThemeManager

from .parts import KeySection, add_row, table
from .service import KeyConsole
from .words import ROLE

_COLUMNS = ("算法", "实现", "自检", "使用", "实测速度", "说明")


class AlgorithmsSection(KeySection):
    """Tested and timed each time the page is read."""

    def __init__(self, service: KeyConsole, themes: ThemeManager, parent: QWidget | None = None) -> None:
        explanation = (
            "启动时每个实现都用 GM/T 0002、0003、0004 和 RFC 8998 的标准数据自检，不通过的不用；"
            "通过的里面选最快的。速度是打开本页时在服务器上用单核实测的。"
        )
        super().__init__(service, themes, "算法", explanation, parent)
        self.again = button("重新测量")
        self.again.clicked.connect(self.entered)
        self.tools.addWidget(self.again)
        self.table = table(themes, "算法实现", _COLUMNS, 5)
        self.column.addWidget(self.table, 1)

    async def read(self) -> None:
        self.again.setEnabled(False)
        try:
            self._show(await self.service.algorithms())
        finally:
            self.again.setEnabled(True)

    def _show(self, found: AlgorithmBackends) -> None:
        theme = self.themes.theme
        self.table.setRowCount(0)
        for one in sorted(found.backends, key=lambda row: (row.role, -row.speed)):
            colours = {2: theme.color("ok_text" if one.passed else "bad_text")}
            if one.used:
                colours[3] = theme.color("brand_text")
            passed, used = ("通过" if one.passed else "未用"), ("正在使用" if one.used else "")
            cells = (ROLE.get(one.role, one.role), one.name, passed, used, _speed(one), one.reason)
            add_row(self.table, cells, colours)


def _speed(one: AlgorithmBackend) -> str:
    return f"{one.speed:,.1f} {one.unit}" if one.passed else ""
