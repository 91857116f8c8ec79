"""Parts of the detail panel: headings, switches, and the grid of members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.controls import AvatarSpec, Painted, Switch, button, label, paint_avatar
from widgets.controls.painted import focus_frame, round_rect
from widgets.theme import ThemeManager

COLUMNS = 5
"""At most."""
ROWS = 2
ADD = "+"


class Heading(QWidget):
    """A title with a number, and a quiet link at the right. Signals: `acted()`."""

    acted = Signal()

    def __init__(self, themes: ThemeManager, title: str, action: str = "") -> None:
        super().__init__()
        self.title = label(title, "body")
        self.action = button(action, "link")
        self.action.clicked.connect(self.acted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.title, 1)
        row.addWidget(self.action)
        self.action.setVisible(bool(action))
        self.setFixedHeight(themes.theme.grow(themes.theme.sizes.control_small))

    def say(self, title: str, action: str = "") -> None:
        """Other words."""
        self.title.setText(title)
        self.action.setText(action)
        self.action.setAccessibleName(f"{title}：{action}")
        self.action.setVisible(bool(action))


class SwitchRow(QWidget):
    """A name and a switch; the whole row may be clicked. Signals: `wanted(bool)` when the user turns it."""

    wanted = Signal(bool)

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__()
        self.switch = Switch(themes, name)
        self.switch.clicked.connect(self.wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(name, "body"), 1)
        row.addWidget(self.switch)
        self.setFixedHeight(themes.theme.grow(themes.theme.sizes.control))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.switch.click()


@dataclass(frozen=True, slots=True)
class GridCell:
    """One member of the grid."""

    id: str
    name: str
    avatar: AvatarSpec


class MemberGrid(Painted):
    """The first members, and a place to add more. Signals: `chosen(person_id)`, `add_wanted()`."""

    chosen = Signal(str)
    add_wanted = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        themes.faces_changed.connect(self.update)
        self._cells: list[GridCell] = []
        self._members: list[GridCell] = []
        self._can_add = False
        self._current = 0
        self._hovered = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def cells(self) -> list[GridCell]:
        """What is shown, the place to add included."""
        return list(self._cells)

    def show_members(self, members: Sequence[GridCell], *, can_add: bool) -> None:
        """Show as many as fit into two rows."""
        self._members, self._can_add = list(members), can_add
        room = self._columns() * ROWS - (1 if can_add else 0)
        self._cells = list(members[:room])
        if can_add:
            self._cells.append(GridCell(ADD, "添加", AvatarSpec("添加")))
        self._go(min(self._current, max(0, len(self._cells) - 1)))
        self.updateGeometry()

    def theme_changed(self) -> None:
        self.show_members(self._members, can_add=self._can_add)

    def _columns(self) -> int:
        """As many as leave room for a name of three characters, in the user's font size."""
        wide = 3 * QFontMetrics(self.theme.font("micro")).horizontalAdvance("国") + self.theme.space.xs
        return max(1, min(COLUMNS, (self.theme.sizes.panel - 2 * self.theme.space.l) // wide))

    def _go(self, place: int) -> None:
        if self._cells:
            self._current = max(0, min(len(self._cells) - 1, place))
            name = self._cells[self._current].name
            self.setAccessibleName("添加成员" if self._cells[self._current].id == ADD else f"成员：{name}")
        self.update()

    def _cell_height(self) -> int:
        theme = self.theme
        return theme.sizes.avatar_small + theme.space.xs + theme.line("micro") + theme.space.s

    def sizeHint(self) -> QSize:
        rows = -(-len(self._cells) // self._columns())
        return QSize(self.theme.sizes.panel - 2 * self.theme.space.l, rows * self._cell_height())

    def _rect(self, place: int) -> QRectF:
        columns = self._columns()
        width, height = self.width() / columns, self._cell_height()
        return QRectF(place % columns * width, place // columns * height, width, height)

    def _at(self, spot: QPoint) -> int:
        return next((n for n in range(len(self._cells)) if self._rect(n).contains(spot.toPointF())), -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        metrics = QFontMetrics(theme.font("micro"))
        side = theme.sizes.avatar_small
        for place, cell in enumerate(self._cells):
            rect = self._rect(place)
            spot = QRectF(rect.center().x() - side / 2, rect.top() + theme.space.half, side, side)
            radius = side * theme.radius.card / theme.sizes.avatar
            if cell.id == ADD:
                ground = "pressed" if place == self._hovered else "hover"
                round_rect(painter, spot, radius, theme.color(ground))
                inset = (side - theme.sizes.icon_small) / 2
                self.themes.icons.paint(
                    painter, "plus", spot.adjusted(inset, inset, -inset, -inset), "text_2"
                )
            else:
                paint_avatar(painter, spot, cell.avatar, self.themes)
            if place == self._current and self.hasFocus():
                focus_frame(painter, spot.adjusted(-2, -2, 2, 2), radius + 2, theme)
            painter.setFont(theme.font("micro"))
            painter.setPen(theme.color("brand_text" if place == self._hovered else "text_2"))
            line = QRectF(rect.left(), spot.bottom() + theme.space.xs, rect.width(), theme.line("micro"))
            name = metrics.elidedText(cell.name, Qt.TextElideMode.ElideRight, int(rect.width()) - 2)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)

    def _act(self, place: int) -> None:
        if self._cells[place].id == ADD:
            self.add_wanted.emit()
        else:
            self.chosen.emit(self._cells[place].id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._at(event.position().toPoint())
        self.setToolTip(self._cells[self._hovered].name if self._hovered >= 0 else "")
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._go(place)
            self._act(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns(),
            Qt.Key.Key_Down: self._columns(),
        }
        step = moves.get(Qt.Key(event.key()))
        if step is not None and 0 <= self._current + step < len(self._cells):
            self._go(self._current + step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cells:
            self._act(self._current)
        else:
            super().keyPressEvent(event)
