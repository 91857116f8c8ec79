"""The composer's panel of further things to send: tiles in a grid (+号面板, E107)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from widgets.theme import ThemeManager

COLUMNS = 4


@dataclass(frozen=True, slots=True)
class PlusTile:
    """One tile; `icon` is a name of widgets.icons."""

    name: str
    label: str
    icon: str


class PlusPanel(QWidget):
    """Signals: `chosen(name)`. The arrow keys walk, Enter takes."""

    chosen = Signal(str)

    def __init__(
        self, themes: ThemeManager, tiles: Sequence[PlusTile], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        theme = themes.theme
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.space.m, theme.space.m, theme.space.m, theme.space.m)
        grid.setSpacing(theme.space.xs)
        self.buttons: list[QToolButton] = []
        side = theme.grow(theme.sizes.tile)
        for place, tile in enumerate(tiles):
            made = QToolButton()
            made.setText(tile.label)
            made.setIcon(themes.icons.icon(tile.icon, "text", theme.sizes.icon_large))
            made.setIconSize(QSize(theme.sizes.icon_large, theme.sizes.icon_large))
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            made.setAutoRaise(True)
            made.setFixedSize(side, side - theme.space.s)
            made.setAccessibleName(tile.label)
            made.setObjectName(f"plus-{tile.name}")
            made.clicked.connect(lambda _checked=False, name=tile.name: self.chosen.emit(name))
            grid.addWidget(made, place // COLUMNS, place % COLUMNS)
            self.buttons.append(made)
        if self.buttons:
            self.setFocusProxy(self.buttons[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Down: COLUMNS}
        step = steps.get(Qt.Key(event.key()))
        place = next((n for n, one in enumerate(self.buttons) if one.hasFocus()), -1)
        if step is not None and place >= 0:
            self.buttons[max(0, min(len(self.buttons) - 1, place + step))].setFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and place >= 0:
            self.buttons[place].click()
        else:
            super().keyPressEvent(event)
