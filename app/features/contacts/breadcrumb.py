"""The way from the city down to the unit shown; every step leads back there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from server_stub.contract.directory import Unit
from widgets.controls import Painted
from widgets.controls.painted import focus_frame
from widgets.theme import ThemeManager

GAP = " / "
FOLDED = "…"


class Breadcrumb(Painted):
    """Left and Right choose a step, Enter goes there; steps that do not fit fold into a menu.

    Signals: `unit_chosen(unit_id)`.
    """

    unit_chosen = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._way: list[Unit] = []
        self._hovered = -1
        self._focused = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_way(self, way: Sequence[Unit]) -> None:
        """Show the units from the city down; the last is where one is."""
        self._way = list(way)
        self._hovered = -1
        self._focused = max(0, len(self._way) - 2)
        self.setAccessibleName("所在位置：" + GAP.join(unit.name for unit in self._way))
        self.update()

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self.theme.font("caption"))

    def steps(self) -> list[tuple[int, QRectF, str]]:
        """Visible steps as (place, rectangle, text); -1 is the fold for those that do not fit."""
        metrics = self._metrics()
        gap = metrics.horizontalAdvance(GAP)
        widths = [metrics.horizontalAdvance(unit.name) for unit in self._way]
        first = 0
        fold = metrics.horizontalAdvance(FOLDED) + gap
        while first < len(widths) - 1 and (
            sum(widths[first:]) + gap * (len(widths) - first - 1) + (fold if first else 0) > self.width()
        ):
            first += 1
        left, found = 0.0, []
        if first:
            found.append((-1, QRectF(0, 0, fold - gap, self.height()), FOLDED))
            left = float(fold)
        for place in range(first, len(widths)):
            room = min(float(widths[place]), self.width() - left)
            text = metrics.elidedText(self._way[place].name, Qt.TextElideMode.ElideRight, int(room) + 1)
            found.append((place, QRectF(left, 0, room + 1, self.height()), text))
            left += widths[place] + gap
        return found

    def sizeHint(self) -> QSize:
        return QSize(self.theme.sizes.list, self.theme.line("caption") + self.theme.space.xs)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.sizes.avatar_large, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.setFont(theme.font("caption"))
        steps = self.steps()
        for number, (place, rect, text) in enumerate(steps):
            last = place == len(self._way) - 1
            link = place == self._hovered and not last
            painter.setPen(theme.color("text" if last else "brand_text" if link else "text_2"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)
            if not last:
                painter.setPen(theme.color("text_3"))
                after = rect.translated(rect.width(), 0)
                if number + 1 < len(steps):
                    painter.drawText(after, Qt.AlignmentFlag.AlignVCenter, GAP)
            if self.hasFocus() and place == self._focused:
                focus_frame(painter, rect.adjusted(-2, 0, 2, 0), theme.radius.small, theme)

    def _at(self, position: QPointF) -> tuple[int, QRectF] | None:
        return next(((n, r) for n, r, _ in self.steps() if r.contains(position)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        self._hovered = -2 if found is None else found[0]
        clickable = found is not None and found[0] != len(self._way) - 1
        self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -2
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        place, rect = found
        if place >= 0:
            self._go(place)
        else:
            self._open_fold(rect)

    def _open_fold(self, rect: QRectF) -> None:
        shown = {place for place, _, _ in self.steps()}
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, unit in enumerate(self._way):
            if place not in shown:
                action = QAction(unit.name, menu)
                action.triggered.connect(lambda _=False, place=place: self._go(place))
                menu.addAction(action)
        menu.popup(self.mapToGlobal(rect.bottomLeft().toPoint()))

    def _go(self, place: int) -> None:
        if 0 <= place < len(self._way) - 1:
            self.unit_chosen.emit(self._way[place].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._way) - 1
        if event.key() == Qt.Key.Key_Left:
            self._focused = max(0, self._focused - 1)
        elif event.key() == Qt.Key.Key_Right:
            self._focused = min(max(0, last), self._focused + 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._go(self._focused)
        else:
            super().keyPressEvent(event)
            return
        self.update()
