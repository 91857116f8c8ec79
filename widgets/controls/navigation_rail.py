"""The rail at the left: the user's avatar, places with badges, and a few at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from widgets.theme import ThemeManager

from .avatar import Avatar, AvatarSpec
from .badge import badge_width, paint_badge
from .painted import focus_frame, round_rect


@dataclass(frozen=True)
class RailItem:
    """One place. `selectable` False: an action such as 锁定, which never becomes current."""

    key: str
    icon: str
    label: str
    shortcut: str = ""
    selectable: bool = True


class _RailButton(QAbstractButton):
    def __init__(self, themes: ThemeManager, item: RailItem, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.item = item
        self.badge = 0
        self.muted = False
        self._inside = False
        self.setCheckable(item.selectable)
        self.setText(item.label)
        self.setToolTip(f"{item.label}（{item.shortcut}）" if item.shortcut else item.label)
        if item.shortcut:
            self.setShortcut(item.shortcut)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._describe()

    def set_badge(self, count: int, muted: bool) -> None:
        self.badge, self.muted = count, muted
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(f"{self.item.label}，{self.badge} 条未读" if self.badge else self.item.label)

    def nextCheckState(self) -> None:
        # The rail decides; a second click must not leave nothing chosen.
        return

    def sizeHint(self) -> QSize:
        theme = self._themes.theme
        return QSize(theme.sizes.rail - theme.space.m, theme.grow(theme.sizes.rail_item))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._inside = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._inside = False
        self.update()

    def paintEvent(self, e: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        if chosen:
            line = theme.color("line") if theme.name == "light" else None
            round_rect(painter, rect, theme.radius.card, theme.color("rail_selected"), line)
        elif self._inside or self.isDown():
            round_rect(painter, rect, theme.radius.card, theme.color("pressed" if self.isDown() else "hover"))
        tint = "brand_text" if chosen else "text_2"
        side = theme.sizes.icon
        text = theme.line("micro")
        top = (rect.height() - side - text - 1) / 2
        self._themes.icons.paint(
            painter, self.item.icon, QRectF((rect.width() - side) / 2, top, side, side), tint
        )
        painter.setFont(theme.font("micro"))
        painter.setPen(theme.color(tint))
        painter.drawText(
            QRectF(0, top + side + 1, rect.width(), text), Qt.AlignmentFlag.AlignCenter, self.item.label
        )
        if self.badge > 0:
            middle = rect.center().x()
            right = min(rect.right() - 1, middle + 2 + badge_width(self.badge, theme))
            tone = "muted" if self.muted else "bad"
            paint_badge(painter, right, theme.grow(theme.sizes.badge) / 2 + 1, self.badge, theme, tone)
        if self.hasFocus():
            focus_frame(painter, rect, theme.radius.card, theme)


class NavigationRail(QFrame):
    """Up and Down move between places, Enter or Space goes there. Signals: `current_changed(key)` when the user chooses a
    place, `activated(key)` for every press (also of actions and of the current place), `avatar_clicked()`."""

    current_changed = Signal(str)
    activated = Signal(str)
    avatar_clicked = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        items: Sequence[RailItem],
        bottom: Sequence[RailItem] = (),
        user: AvatarSpec | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setProperty("surface", "rail")
        self.setAccessibleName("导航栏")
        theme, space = themes.theme, themes.theme.space
        self.setFixedWidth(theme.sizes.rail)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.s - 2, space.m, space.s - 2, space.m)
        column.setSpacing(space.xs)
        self.avatar = Avatar(themes, user, theme.sizes.avatar_small, clickable=True)
        self.avatar.clicked.connect(self.avatar_clicked)
        column.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(space.s - 2)
        self._buttons: dict[str, _RailButton] = {}
        self._column = column
        for item in items:
            column.addWidget(self._make(item))
        column.addStretch(1)
        for item in bottom:
            column.addWidget(self._make(item))
        self._current = ""
        first = next((item.key for item in items if item.selectable), "")
        self.set_current(first)
        themes.changed.connect(self._grown)

    def _grown(self, _theme: object) -> None:
        for one in self._buttons.values():
            one.updateGeometry()
            one.update()

    def _make(self, item: RailItem) -> _RailButton:
        made = _RailButton(self._themes, item, self)
        made.clicked.connect(lambda _checked=False, key=item.key: self._pressed(key))
        self._buttons[item.key] = made
        return made

    @property
    def current(self) -> str:
        """Key of the current place."""
        return self._current

    def set_current(self, key: str) -> None:
        """Mark a place as current without a signal."""
        self._current = key
        for name, one in self._buttons.items():
            one.setChecked(name == key and one.item.selectable)

    def set_badge(self, key: str, count: int, *, muted: bool = False) -> None:
        """A number on a place; 0 for none."""
        self._buttons[key].set_badge(count, muted)

    def button(self, key: str) -> QAbstractButton:
        """The button of a place (to anchor a popup, or for tests)."""
        return self._buttons[key]

    def arrange(self, shown: Sequence[str], among: Sequence[str]) -> None:
        """Put the places `among` into the order of `shown`, and hide those that are not in it."""
        places = [one for one in among if one in self._buttons]
        first = min((self._column.indexOf(self._buttons[one]) for one in places), default=0)
        wanted = [one for one in shown if one in places]
        for key in places:
            self._column.removeWidget(self._buttons[key])
        for place, key in enumerate([*wanted, *(one for one in places if one not in wanted)]):
            self._column.insertWidget(first + place, self._buttons[key])
            self._buttons[key].setVisible(key in wanted)
        order = [self._buttons[one] for one in wanted]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def set_item_visible(self, key: str, visible: bool) -> None:
        """Hide a place that this user has no right to."""
        self._buttons[key].setVisible(visible)

    def _pressed(self, key: str) -> None:
        if self._buttons[key].item.selectable and key != self._current:
            self.set_current(key)
            self.current_changed.emit(key)
        self.activated.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        order = [one for one in self._buttons.values() if one.isVisible()]
        focused = next((place for place, one in enumerate(order) if one.hasFocus()), None)
        if key in steps and focused is not None:
            order[(focused + steps[key]) % len(order)].setFocus(Qt.FocusReason.TabFocusReason)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and focused is not None:
            order[focused].click()
        else:
            super().keyPressEvent(event)
