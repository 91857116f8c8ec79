"""A button that is only an icon."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from widgets.theme import ThemeManager

from .badge import badge_width, paint_badge
from .painted import centre_rect, focus_frame, round_rect


class IconButton(QToolButton):
    """`name`: the icon; `label`: tooltip and accessible name. Checkable by `setCheckable`; `set_badge` for a number."""

    def __init__(
        self,
        themes: ThemeManager,
        name: str,
        label: str,
        *,
        shortcut: str = "",
        size: int = 32,
        icon_size: int = 20,
        color: str = "text_2",
        active: str = "brand_text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._name, self._side, self._icon_side = name, size, icon_size
        self._color, self._active = color, active
        self._badge = 0
        self._inside = False
        self.setFixedSize(size, size)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_label(label, shortcut)
        themes.changed.connect(self._repaint)

    def _repaint(self, _theme: object) -> None:
        self.update()

    @property
    def icon_name(self) -> str:
        """The icon's name in the set."""
        return self._name

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._name = name
        self.update()

    def set_color(self, color: str) -> None:
        """Draw in another colour (token name)."""
        self._color = color
        self.update()

    def set_label(self, label: str, shortcut: str = "") -> None:
        """Another tooltip and accessible name; `shortcut` is shown and set."""
        self.setToolTip(f"{label}（{shortcut}）" if shortcut else label)
        self.setAccessibleName(label)
        if shortcut:
            self.setShortcut(shortcut)

    def set_badge(self, count: int) -> None:
        """A number at the upper right; 0 for none."""
        self._badge = count
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def enterEvent(self, arg__1: QEnterEvent) -> None:
        self._inside = True
        self.update()
        super().enterEvent(arg__1)

    def leaveEvent(self, arg__1: QEvent) -> None:
        self._inside = False
        self.update()
        super().leaveEvent(arg__1)

    def paintEvent(self, arg__1: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self.isEnabled():
            if self.isDown():
                round_rect(painter, rect, theme.radius.control, theme.color("pressed"))
            elif self.isChecked():
                round_rect(painter, rect, theme.radius.control, theme.color("selected"))
            elif self._inside:
                round_rect(painter, rect, theme.radius.control, theme.color("hover"))
        color = self._active if self.isChecked() else self._color
        if not self.isEnabled():
            color = "text_disabled"
        self._themes.icons.paint(
            painter, self._name, centre_rect(rect, self._icon_side, self._icon_side), color
        )
        if self._badge > 0:
            right = min(rect.right(), rect.center().x() + 4 + badge_width(self._badge, theme))
            paint_badge(painter, right, theme.sizes.badge / 2, self._badge, theme)
        if self.hasFocus():
            focus_frame(painter, rect, theme.radius.control, theme)
