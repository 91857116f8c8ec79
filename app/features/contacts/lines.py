"""The functional lines (条线) that the user belongs to, above the organisation's tree (E133)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from server_stub.contract.directory_admin import Line
from widgets.theme import ThemeManager

from .side_entry import side_entry

MOST_ENTRIES = 3
"""Beyond these a menu holds the rest: the tree needs the room."""


class LineList(QWidget):
    """Signals: `chosen(Line)`. Nothing is shown where there is no line."""

    chosen = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        space = themes.theme.space
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(space.s, 0, space.s, 0)
        self._column.setSpacing(0)
        self.entries: list[QWidget] = []
        self.menu: QMenu | None = None
        self.hide()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Offer these lines, named with those above them."""
        for entry in self.entries:
            self._column.removeWidget(entry)
            entry.deleteLater()
        self.entries = []
        names = {line.id: line for line in lines}
        direct = lines if len(lines) <= MOST_ENTRIES else lines[: MOST_ENTRIES - 1]
        for line in direct:
            entry = self._entry(f"条线  {way_of(line, names)}", "list")
            entry.clicked.connect(lambda _checked=False, line=line: self.chosen.emit(line))
        rest = lines[len(direct) :]
        if rest:
            more = self._entry(f"更多条线（{len(rest)}）", "more")
            self.menu = QMenu(more)
            for line in rest:
                self.menu.addAction(way_of(line, names), lambda line=line: self.chosen.emit(line))
            more.setMenu(self.menu)
        self.setVisible(bool(lines))

    def _entry(self, text: str, icon: str):
        entry = side_entry(self._themes, icon, text)
        entry.setToolTip(text)
        self._column.addWidget(entry)
        self.entries.append(entry)
        return entry


def way_of(line: Line, known: dict[str, Line]) -> str:
    """A line's name with those above it that the user may see, such as "应急条线 / 防汛专线"."""
    names = [line.name]
    above = known.get(line.parent_id)
    while above is not None and len(names) < 6:
        names.insert(0, above.name)
        above = known.get(above.parent_id)
    return " / ".join(names)
