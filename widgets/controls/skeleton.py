"""Grey shapes where content is about to be."""

from __future__ import annotations

import time
from typing import Literal

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QBrush, QHideEvent, QLinearGradient, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from widgets.theme import Theme, ThemeManager

from .painted import Painted, round_rect

SHIMMER_FRAME_MS = 50


def shimmer_brush(theme: Theme, width: float, phase: float) -> QBrush:
    """The ground of a skeleton at `phase` (0 to 1) of its shimmer; plain when animations are off."""
    base = theme.color("skeleton")
    if not theme.animations:
        return QBrush(base)
    centre = (phase * 1.6 - 0.3) * width
    gradient = QLinearGradient(centre - width * 0.3, 0, centre + width * 0.3, 0)
    gradient.setColorAt(0, base)
    gradient.setColorAt(0.5, theme.color("skeleton_shine"))
    gradient.setColorAt(1, base)
    return QBrush(gradient)


def shimmer_phase(theme: Theme) -> float:
    """Where the shimmer is now, the same for all skeletons on the screen."""
    period = theme.motion.shimmer
    return (time.monotonic() * 1000 % period) / period if period else 0.0


class Skeleton(Painted):
    """`kind`: list (avatar and two lines), text (lines), bubbles (a conversation), cards."""

    def __init__(
        self,
        themes: ThemeManager,
        kind: Literal["list", "text", "bubbles", "cards"] = "list",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._kind = kind
        self._timer = QTimer(self)
        self._timer.setInterval(SHIMMER_FRAME_MS)
        self._timer.timeout.connect(self.update)
        self.setAccessibleName("正在加载")

    @property
    def is_moving(self) -> bool:
        """Whether it shimmers now."""
        return self._timer.isActive()

    def theme_changed(self) -> None:
        self._run(self.isVisible())

    def _run(self, visible: bool) -> None:
        if visible and self.theme.animations:
            self._timer.start()
        else:
            self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:
        self._run(True)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._run(False)
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        brush = shimmer_brush(theme, self.width(), shimmer_phase(theme))
        {"list": self._list, "text": self._text, "bubbles": self._bubbles, "cards": self._cards}[self._kind](
            painter, brush
        )

    def _block(self, painter: QPainter, rect: QRectF, brush: QBrush, radius: float) -> None:
        round_rect(painter, rect, radius, None)
        painter.setBrush(brush)
        painter.drawRoundedRect(rect, radius, radius)

    def _list(self, painter: QPainter, brush: QBrush) -> None:
        theme, space, sizes = self.theme, self.theme.space, self.theme.sizes
        row, line = theme.grow(sizes.row), sizes.skeleton_line
        top, number = 0, 0
        while top < self.height():
            left = space.xl
            self._block(
                painter,
                QRectF(left, top + (row - sizes.avatar) / 2, sizes.avatar, sizes.avatar),
                brush,
                theme.radius.card,
            )
            left += sizes.avatar + space.m
            room = max(40, self.width() - left - space.l)
            self._block(
                painter,
                QRectF(left, top + row / 2 - line - 4, room * (0.4 + 0.1 * (number % 3)), line),
                brush,
                line / 2,
            )
            self._block(
                painter,
                QRectF(left, top + row / 2 + 5, room * (0.85 - 0.12 * (number % 4)), line - 2),
                brush,
                line / 2,
            )
            top += row
            number += 1

    def _text(self, painter: QPainter, brush: QBrush) -> None:
        line, step = self.theme.sizes.skeleton_line, self.theme.line("body") + self.theme.space.xs
        for number in range(self.height() // step):
            width = self.width() * (1, 0.92, 0.97, 0.6)[number % 4]
            self._block(painter, QRectF(0, number * step, width, line), brush, line / 2)

    def _bubbles(self, painter: QPainter, brush: QBrush) -> None:
        theme, space, sizes = self.theme, self.theme.space, self.theme.sizes
        bottom, number = self.height() - space.xxl, 0
        while bottom > -80:
            own = number % 3 == 1
            height = (44, 64, 40, 96)[number % 4]
            width = min(self.width() * (0.42, 0.3, 0.5, 0.36)[number % 4], sizes.bubble_text_max)
            avatar = sizes.avatar_small
            left = space.xxl if not own else self.width() - space.xxl - avatar
            self._block(painter, QRectF(left, bottom - height, avatar, avatar), brush, theme.radius.card)
            start = left + avatar + space.s if not own else left - space.s - width
            self._block(painter, QRectF(start, bottom - height, width, height), brush, theme.radius.bubble)
            bottom -= height + space.xxl
            number += 1

    def _cards(self, painter: QPainter, brush: QBrush) -> None:
        gap, height = self.theme.space.m, self.theme.sizes.avatar_large + self.theme.space.l
        columns = max(1, self.width() // 220)
        width = (self.width() - gap * (columns - 1)) / columns
        for row in range(self.height() // (height + gap) + 1):
            for column in range(columns):
                spot = QRectF(column * (width + gap), row * (height + gap), width, height)
                self._block(painter, spot, brush, self.theme.radius.card)
