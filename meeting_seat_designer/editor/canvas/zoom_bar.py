"""The bar at the plan's foot: scale, fit, actual size."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from meeting_seat_designer.editor.canvas.view import FULL, PlanView
from widgets.controls import IconButton
from widgets.controls.painted import Painted, round_rect
from widgets.theme import ThemeManager


class ZoomBar(Painted):
    """Floats over the plan."""

    def __init__(self, view: PlanView, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(themes, parent)
        self._view = view
        space = themes.theme.space
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, space.half, space.s, space.half)
        row.setSpacing(space.half)
        self.out = self._icon("zoom-out", "缩小", lambda: view.zoom_by(1 / 1.2))
        self.percent = self._word("100 %", "按 100 % 显示", lambda: view.zoom_to(FULL))
        self.into = self._icon("zoom-in", "放大", lambda: view.zoom_by(1.2))
        self.fit = self._word("适合窗口", "适合窗口（Ctrl+0）", view.fit)
        for one in (self.out, self.percent, self.into, self.fit):
            row.addWidget(one)
        view.zoomed.connect(self._show)
        self.theme_changed()
        self._show(view.scale_now)

    def _icon(self, name: str, text: str, slot) -> IconButton:
        made = IconButton(self.themes, name, text, size=26, icon_size=16, color="text_on_float")
        made.clicked.connect(lambda _checked=False: slot())
        return made

    def _word(self, text: str, tip: str, slot) -> QPushButton:
        made = QPushButton(text)
        made.setProperty("kind", "ghost")
        made.setProperty("scale", "small")
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.clicked.connect(lambda _checked=False: slot())
        return made

    def theme_changed(self) -> None:
        color = self.theme.palette.text_on_float
        for one in (self.percent, self.fit):
            one.setStyleSheet(f"QPushButton {{ color: {color}; background: transparent; }}")

    def _show(self, scale: float) -> None:
        self.percent.setText(f"{round(scale / FULL * 100)} %")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = self.theme.color("line_strong") if self.theme.name == "contrast" else None
        round_rect(
            painter, QRectF(self.rect()), self.theme.radius.control, self.theme.color("float_bar"), line
        )
