"""A label that shortens its text to the width it has, and shows all of it as a tooltip then."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOption, QWidget

from widgets.theme import TextRole, ThemeManager

from .painted import Painted


class ElidedLabel(Painted):
    """One line of text; elided by measured width, never by a count of characters."""

    def __init__(
        self,
        themes: ThemeManager,
        text: str = "",
        role: TextRole = "body",
        color: str = "text",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._text = ""
        self._role: TextRole = role
        self._color = color
        self._mode, self._alignment = mode, alignment
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:  # named as QLabel's
        """Show another text; line breaks become spaces."""
        self._text = " ".join(text.split("\n"))
        self.setAccessibleName(self._text)
        self._hint()
        self.updateGeometry()
        self.update()

    def set_color(self, color: str) -> None:
        """Draw in another colour (token name)."""
        self._color = color
        self.update()

    def shown_text(self) -> str:
        """What fits."""
        return self._metrics().elidedText(self._text, self._mode, self.width())

    @property
    def is_elided(self) -> bool:
        """Whether something is left out."""
        return self.shown_text() != self._text

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self.theme.font(self._role))

    def _hint(self) -> None:
        self.setToolTip(self._text if self.is_elided else "")

    def theme_changed(self) -> None:
        self._hint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._hint()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(self._metrics().horizontalAdvance(self._text) + 1, self.theme.line(self._role))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._metrics().horizontalAdvance("…"), self.theme.line(self._role))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.setFont(self.theme.font(self._role))
        painter.setPen(self.theme.color(self._color if self.isEnabled() else "text_disabled"))
        painter.drawText(self.rect(), self._alignment | Qt.AlignmentFlag.AlignVCenter, self.shown_text())
