"""What an empty place says: what it is, and what to do; where there is little room, without the picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.theme import ThemeManager

from .labels import button, label
from .painted import Painted, round_rect

NARROW = 240
"""Pixels; what the words are given at least."""


class _Emblem(Painted):
    def __init__(self, themes: ThemeManager, icon: str) -> None:
        super().__init__(themes)
        self.icon = icon
        side = themes.theme.sizes.avatar_large
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        round_rect(painter, rect, rect.height() / 2, self.theme.color("card"))
        side = self.theme.sizes.icon_hero * 0.7
        spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
        self.themes.icons.paint(painter, self.icon, spot, "text_3")


class EmptyState(QWidget):
    """Signals: `acted()` when the action's button is pressed."""

    acted = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        icon: str,
        title: str,
        text: str = "",
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        space = themes.theme.space
        self._emblem = _Emblem(themes, icon)
        self.title = label(title, "title")
        self.text = label(text, "secondary", wrap=True)
        self.action = button(action, "secondary")
        self.action.clicked.connect(self.acted)
        for one in (self.title, self.text):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text.setMinimumWidth(1)
        self.text.setMaximumWidth(themes.theme.sizes.dialog)
        # A widget of its own, so that the room below goes with the picture.
        self._picture = QWidget(self)
        framed = QVBoxLayout(self._picture)
        framed.setContentsMargins(0, 0, 0, space.l)
        framed.addWidget(self._emblem, 0, Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.xxl, space.xxl, space.xxl, space.xxl)
        column.setSpacing(0)
        self._column = column
        column.addStretch(3)
        column.addWidget(self._picture)
        column.addWidget(self.title)
        column.addSpacing(space.xs)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.text, 100)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(space.l)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(4)
        # Only now that they belong to this widget: shown before, each would be a window of its own for a moment.
        self.text.setVisible(bool(text))
        self.action.setVisible(bool(action))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_texts(self, title: str, text: str = "", action: str = "") -> None:
        """Say something else."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.action.setText(action)
        self.action.setVisible(bool(action))

    def _without_picture(self) -> int:
        """The least height at which the words are whole."""
        wide = max(self.width(), NARROW)
        needs = max(self._column.minimumSize().height(), self._column.minimumHeightForWidth(wide))
        return needs - (0 if self._picture.isHidden() else self._picture.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._without_picture())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.height() >= self._without_picture() + self._picture.minimumSizeHint().height()
        self._picture.setVisible(room)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(NARROW, NARROW))
