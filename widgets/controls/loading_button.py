"""A button that shows that its work is being done, and cannot be pressed again meanwhile."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager

from .labels import PushButton
from .painted import spin


class LoadingButton(PushButton):
    """`set_loading(True, "正在登录…")` while busy. `kind` as for every button."""

    def __init__(
        self,
        themes: ThemeManager,
        text: str,
        kind: str = "primary",
        size: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._themes = themes
        self._text = text
        self._loading = False
        self._least = 0
        self.setProperty("kind", kind)
        if size:
            self.setProperty("scale", size)
        self._timer = QTimer(self)
        self._timer.setInterval(themes.theme.motion.frame * 2)
        self._timer.timeout.connect(self.update)

    @property
    def loading(self) -> bool:
        """Whether it is busy."""
        return self._loading

    def set_loading(self, loading: bool, text: str = "") -> None:
        """Begin or end being busy; the text comes back at the end."""
        if loading == self._loading:
            return
        self._loading = loading
        if loading:
            self._text = self.text()
            # Room for the ring, in a width that does not change under the pointer.
            self._least = self.minimumWidth()
            self.setMinimumWidth(max(self._least, self.sizeHint().width()))
            self.setText(text or self._text)
            if self._themes.theme.animations:
                self._timer.start()
        else:
            self.setText(self._text)
            self.setMinimumWidth(self._least)
            self._timer.stop()
        self.setEnabled(not loading)
        self.setAccessibleDescription("正在处理" if loading else "")
        self.update()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._loading:
            hint.setWidth(
                hint.width() + 2 * (self._themes.theme.sizes.icon_small + self._themes.theme.space.s)
            )
        return hint

    def paintEvent(self, arg__1: QPaintEvent) -> None:
        super().paintEvent(arg__1)
        if not self._loading:
            return
        theme = self._themes.theme
        side = theme.sizes.icon_small - 2
        width = self.fontMetrics().horizontalAdvance(self.text())
        left = max(theme.space.s, (self.width() - width) / 2 - side - theme.space.s)
        rect = QRectF(left, (self.height() - side) / 2, side, side)
        period = theme.motion.spin
        phase = (time.monotonic() * 1000 % period) / period if period else 0.2
        painter = QPainter(self)
        spin(painter, rect, phase * 360, theme.color("text_2"), 2)
