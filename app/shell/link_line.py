"""The quiet line over every page that says that the connection is gone; nothing is shown while all is well."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.session.states import LinkState
from widgets.controls import Painted, button
from widgets.theme import ThemeManager

PATIENCE_MS = 1200
"""A connection that is back sooner is not worth a word."""
OFFLINE_TEXT = "未连接，可以继续查看和写消息，联网后自动发送"


class LinkLine(Painted):
    """Signals: `again()` when the user wants to try at once."""

    again = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._words = ""
        self._pending = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.retry = button("立即重试", "link", "small")
        self.retry.clicked.connect(self.again)
        row = QHBoxLayout(self)
        space = themes.theme.space
        row.setContentsMargins(0, 0, space.l, 0)
        row.addStretch(1)
        row.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignVCenter)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE_MS)
        self._timer.timeout.connect(self._show_pending)
        self.hide()

    @property
    def words(self) -> str:
        """What is shown now; empty when all is well."""
        return self._words

    def set_state(self, state: LinkState) -> None:
        """Follow the connection, with a moment's patience. An attempt to connect changes nothing: it may fail."""
        if state is LinkState.OFFLINE:
            self._want(OFFLINE_TEXT)
        elif state is not LinkState.CONNECTING:
            self._want("")

    def complain(self, words: str) -> None:
        """Say something that has gone wrong with the server, at once."""
        self._timer.stop()
        self._pending = words
        self._show_pending()

    def _want(self, words: str) -> None:
        self._pending = words
        if not words or self._words:
            self._timer.stop()
            self._show_pending()
        elif not self._timer.isActive():
            self._timer.start()

    def _show_pending(self) -> None:
        self._words = self._pending
        self.setAccessibleName(f"连接状态：{self._words}" if self._words else "")
        self.setVisible(bool(self._words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, self.theme.line("caption") + 2 * self.theme.space.xs + self.theme.space.half)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("warn_weak"))
        side = theme.sizes.icon_small - 2
        metrics = QFontMetrics(theme.font("caption"))
        room = self.width() - 2 * theme.space.l - self.retry.width()
        words = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room - side - theme.space.s)
        spot = QRectF(theme.space.l, (self.height() - side) / 2, side, side)
        self.themes.icons.paint(painter, "wifi-off", spot, "warn_text")
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("warn_text"))
        left = spot.right() + theme.space.s
        painter.drawText(QRectF(left, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
