"""Filter tabs (全部 / 未读 12 / @我) and single chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from widgets.theme import ThemeManager

from .painted import Painted, focus_frame, round_rect

MORE = "更多"


@dataclass(frozen=True)
class FilterItem:
    """One tab; `count` is shown behind the label when it is not 0, with a + where there are `more`."""

    key: str
    label: str
    count: int = 0
    more: bool = False

    @property
    def text(self) -> str:
        """What is written on it."""
        if not self.count:
            return self.label
        return f"{self.label} {min(self.count, 999)}{'+' if self.more or self.count > 999 else ''}"


class FilterTabs(Painted):
    """A row of tabs; those that do not fit go under 更多. Signals: `current_changed(key)` when the user chooses."""

    current_changed = Signal(str)

    def __init__(
        self, themes: ThemeManager, items: Sequence[FilterItem] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, parent)
        self._items: list[FilterItem] = []
        self._current = ""
        self._hovered = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_items(items)

    @property
    def current(self) -> str:
        """Key of the chosen tab."""
        return self._current

    def set_items(self, items: Sequence[FilterItem]) -> None:
        """Replace labels and counts; the choice is kept while its key remains."""
        self._items = list(items)
        keys = [item.key for item in self._items]
        if self._current not in keys:
            self._current = keys[0] if keys else ""
        self._describe()
        self.updateGeometry()
        self.update()

    def set_current(self, key: str) -> None:
        """Choose without a signal."""
        if any(item.key == key for item in self._items):
            self._current = key
            self._describe()
            self.update()

    def _choose(self, key: str) -> None:
        if key != self._current:
            self.set_current(key)
            self.current_changed.emit(key)

    def _describe(self) -> None:
        text = next((item.text for item in self._items if item.key == self._current), "")
        self.setAccessibleName(f"筛选：{text}")

    def _width(self, text: str) -> int:
        metrics = QFontMetrics(self.theme.font("secondary"))
        return metrics.horizontalAdvance(text) + 2 * (self.theme.space.s + 2)

    def places(self) -> list[tuple[str, QRectF, str]]:
        """Visible tabs as (key, rectangle, text); the last may be 更多 with an empty key."""
        widths = [self._width(item.text) for item in self._items]
        gap = self.theme.space.half
        shown = len(widths)
        if sum(widths) + gap * max(0, shown - 1) > self.width():
            room = self.width() - self._width(MORE) - gap
            shown = 0
            used = 0
            while shown < len(widths) and used + widths[shown] <= room:
                used += widths[shown] + gap
                shown += 1
        left, found = 0.0, []
        for item, width in list(zip(self._items, widths, strict=True))[:shown]:
            found.append((item.key, QRectF(left, 0, width, self.height()), item.text))
            left += width + gap
        if shown < len(widths):
            hidden = next((i.text for i in self._items[shown:] if i.key == self._current), MORE)
            text = hidden if self._width(hidden) + left <= self.width() else MORE
            found.append(("", QRectF(left, 0, self._width(text), self.height()), text))
        return found

    def sizeHint(self) -> QSize:
        gap = self.theme.space.half
        width = sum(self._width(item.text) + gap for item in self._items)
        return QSize(width, self.theme.grow(self.theme.sizes.control_small))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width(MORE), self.theme.grow(self.theme.sizes.control_small))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.setFont(theme.font("secondary"))
        visible = {key for key, _, _ in self.places() if key}
        # The weak brand is all but the canvas's own colour: there the pill stands out in white, as the rail's does.
        pill = theme.color("raised" if theme.name != "contrast" and self._on_canvas() else "brand_weak")
        for key, rect, text in self.places():
            chosen = key == self._current or (not key and self._current not in visible)
            if chosen:
                round_rect(painter, rect, rect.height() / 2, pill)
            elif self._hovered == (key or MORE):
                round_rect(painter, rect, rect.height() / 2, theme.color("hover"))
            painter.setPen(theme.color("brand_text" if chosen else "text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
            if chosen and self.hasFocus():
                focus_frame(painter, rect, rect.height() / 2, theme)

    def _on_canvas(self) -> bool:
        """Whether the nearest ground that is painted is the canvas."""
        above = self.parentWidget()
        while above is not None and not above.property("surface"):
            above = above.parentWidget()
        return above is not None and above.property("surface") == "canvas"

    def _at(self, position: QPoint) -> tuple[str, QRectF] | None:
        for key, rect, _ in self.places():
            if rect.contains(position.toPointF()):
                return key, rect
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position().toPoint())
        self._hovered = "" if found is None else found[0] or MORE
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = ""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position().toPoint())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        key, rect = found
        if key:
            self._choose(key)
        else:
            self._open_more(rect)

    def _open_more(self, rect: QRectF) -> None:
        visible = {key for key, _, _ in self.places() if key}
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for item in self._items:
            if item.key not in visible:
                action = QAction(item.text, menu)
                action.triggered.connect(lambda _=False, key=item.key: self._choose(key))
                menu.addAction(action)
        menu.popup(self.mapToGlobal(rect.bottomLeft().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = [item.key for item in self._items]
        if not keys:
            return
        place = keys.index(self._current)
        moves = {
            Qt.Key.Key_Left: place - 1,
            Qt.Key.Key_Right: place + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(keys) - 1,
        }
        target = moves.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
            return
        self._choose(keys[max(0, min(len(keys) - 1, target))])


class Chip(Painted):
    """A small rounded tag that can be taken away. Signals: `removed()`, `clicked()`."""

    removed = Signal()
    clicked = Signal()

    def __init__(
        self, themes: ThemeManager, text: str, *, removable: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, parent)
        self._text, self._removable = text, removable
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What is written on it."""
        return self._text

    def sizeHint(self) -> QSize:
        theme = self.theme
        width = QFontMetrics(theme.font("secondary")).horizontalAdvance(self._text) + 2 * (theme.space.s + 2)
        if self._removable:
            width += theme.space.l
        return QSize(width, theme.grow(theme.sizes.control_small))

    def _cross(self) -> QRectF:
        side = self.theme.space.m
        return QRectF(self.width() - side - self.theme.space.s, (self.height() - side) / 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        round_rect(painter, rect, rect.height() / 2, theme.color("brand_weak"))
        painter.setFont(theme.font("secondary"))
        painter.setPen(theme.color("brand_text"))
        room = rect.adjusted(theme.space.s + 2, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)
        if self._removable:
            self.themes.icons.paint(painter, "close", self._cross(), "brand_text")
        if self.hasFocus():
            focus_frame(painter, rect, rect.height() / 2, theme)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        near = self._cross().adjusted(-4, -4, 4, 4)
        if self._removable and near.contains(event.position()):
            self.removed.emit()
        elif self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._removable and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
