"""A line across a page that says what is the matter and what to do."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.theme import ThemeManager
from widgets.theme.stylesheet import restyle

from .icon_button import IconButton
from .labels import button, label
from .painted import Painted, round_rect

BannerKind = Literal["info", "ok", "warn", "bad"]
_LOOK = {
    "info": ("brand_weak", "brand_text", "info"),
    "ok": ("ok_weak", "ok_text", "check"),
    "warn": ("warn_weak", "warn_text", "alert"),
    "bad": ("bad_weak", "bad_text", "alert"),
}


class Banner(Painted):
    """Signals: `acted()`, `closed()`. `flat` reaches from edge to edge, otherwise it is a card."""

    acted = Signal()
    closed = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        text: str = "",
        kind: BannerKind = "info",
        action: str = "",
        *,
        closable: bool = False,
        flat: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._flat = flat
        self._kind: BannerKind = kind
        theme, space = themes.theme, themes.theme.space
        self.label = label(text, "secondary", wrap=True)
        self.label.setMinimumWidth(1)
        self.action = button(action, "link")
        self.action.clicked.connect(self.acted)
        self._close = IconButton(themes, "close", "关闭提示", size=24, icon_size=14)
        self._close.clicked.connect(self.hide)
        self._close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(
            space.m + theme.sizes.icon_small + space.s, space.xs + 1, space.s, space.xs + 1
        )
        row.setSpacing(space.s)
        row.addWidget(self.label, 1)
        row.addWidget(self.action)
        row.addWidget(self._close)
        self._close.setVisible(closable)
        self.setMinimumHeight(theme.grow(theme.sizes.avatar_small))
        self.say(text, kind, action)

    def say(self, text: str, kind: BannerKind = "info", action: str = "") -> None:
        """Say something else; the visibility is the caller's."""
        self._kind = kind
        self.label.setText(text)
        tone = {"info": "brand"}.get(kind, kind)
        self.label.setProperty("tone", tone)
        restyle(self.label)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        ground, tint, icon = _LOOK[self._kind]
        painter = QPainter(self)
        rect = QRectF(self.rect())
        line = theme.color("warn_line") if self._kind == "warn" and not self._flat else None
        round_rect(painter, rect, 0 if self._flat else theme.radius.control, theme.color(ground), line)
        side = theme.sizes.icon_small
        spot = QRectF(theme.space.m, rect.center().y() - side / 2, side, side)
        self.themes.icons.paint(painter, icon, spot, tint)
