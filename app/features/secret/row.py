"""A message with its masked face and the line below: time, read or not, and how long it still lives."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from server_stub.contract.secret import SecretMessage
from widgets.controls import Avatar, AvatarSpec, label
from widgets.controls.painted import Painted, round_rect
from widgets.guard import CaptureGuard
from widgets.theme import ThemeManager

from .bubble import SecretBubble, Way

MASKED = AvatarSpec(pixelated=True)
"""The same pixels for everybody: no name, no id, no picture ever reaches this page."""


class LifeBar(Painted):
    """How much of its time a revealed message has left."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._part = 1.0
        self.setFixedSize(themes.theme.sizes.row, themes.theme.sizes.progress - 1)

    def set_part(self, part: float) -> None:
        """From 1 (just revealed) to 0."""
        self._part = min(1.0, max(0.0, part))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, rect = QPainter(self), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        round_rect(painter, rect, rect.height() / 2, self.theme.color("line_strong"))
        rect.setWidth(rect.width() * self._part)
        round_rect(painter, rect, rect.height() / 2, self.theme.color("secret_text"))


class SecretRow(QWidget):
    """One message. `show_message` brings what the server tells of it; `tick(now_ms)` moves the countdown."""

    def __init__(
        self,
        themes: ThemeManager,
        guard: CaptureGuard,
        message: SecretMessage,
        way: Way,
        *,
        own: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.message = message
        self.own = own
        self.way = way
        theme, space = themes.theme, themes.theme.space
        self.face = Avatar(themes, MASKED, theme.sizes.avatar_small)
        self.bubble = SecretBubble(themes, guard, way, own=own)
        self.note = label("", "caption", "secret" if own else "")
        self.bar = LifeBar(themes)
        self.bar.hide()
        side = Qt.AlignmentFlag.AlignRight if own else Qt.AlignmentFlag.AlignLeft
        column = QVBoxLayout()
        column.setSpacing(space.xs)
        column.addWidget(self.bubble, 0, side)
        column.addWidget(self.bar, 0, side)
        column.addWidget(self.note, 0, side)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.s + space.half)
        top = Qt.AlignmentFlag.AlignTop
        if own:
            row.addStretch(1)
            row.addLayout(column)
            row.addWidget(self.face, 0, top)
        else:
            row.addWidget(self.face, 0, top)
            row.addLayout(column)
            row.addStretch(1)
        self._life_s = 1.0

    def show_message(self, message: SecretMessage, burn_s: int, now_ms: int) -> None:
        """What the server tells of it now."""
        self.message = message
        self._life_s = float(max(1, burn_s))
        if message.burn_at and message.read_at:
            self._life_s = max(1.0, (message.burn_at - message.read_at) / 1000)
        self.tick(now_ms)

    def tick(self, now_ms: int) -> bool:
        """Say how long it lives; True when its time is over."""
        message = self.message
        at = datetime.fromtimestamp(message.sent_at / 1000).strftime("%H:%M")
        if not message.burn_at:
            self.note.setText(f"{at} · 未读" if self.own else f"{at} · 未查看")
            self.bar.hide()
            return False
        left = (message.burn_at - now_ms) / 1000
        seconds = max(0, int(left + 0.999))
        words = f"{seconds} 秒后销毁" if seconds < 120 else f"{(seconds + 59) // 60} 分钟后销毁"
        self.note.setText(f"已读 · {words}" if self.own else words)
        self.bar.setVisible(not self.own)
        self.bar.set_part(left / self._life_s)
        return left <= 0
