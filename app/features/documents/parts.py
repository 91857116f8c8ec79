"""Small parts of the document pages."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from offline_ai.models.origin import Origin
from widgets.controls import button, label, pill
from widgets.controls.painted import focus_frame
from widgets.theme import TextRole, ThemeManager

FEW = 120
"""Cards that are built at once; more come by a button."""


class Card(QFrame):
    """A card that can be pressed. Signals: `pressed()`."""

    pressed = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        space = themes.theme.space
        self.setProperty("surface", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space.m, space.s, space.m, space.s)
        self.column.setSpacing(space.xs)

    def line(self, *widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
        """A row of widgets."""
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in widgets:
            row.addWidget(widget)
        if stretch:
            row.addStretch(1)
        self.column.addLayout(row)
        return row

    def paintEvent(self, arg__1: QPaintEvent) -> None:
        super().paintEvent(arg__1)
        if self.hasFocus():
            theme = self._themes.theme
            focus_frame(QPainter(self), QRectF(self.rect()), theme.radius.card, theme)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)


class CardColumn(QScrollArea):
    """Cards below one another; scrolls, never sideways."""

    def __init__(self, themes: ThemeManager, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.body = QWidget()
        self.body.setProperty("surface", "content")
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 0, themes.theme.space.s, 0)
        self.rows.setSpacing(themes.theme.space.s)
        self.rows.addStretch(1)
        self.setWidget(self.body)
        self.cards: list[QWidget] = []
        self._to_end = False
        self.verticalScrollBar().rangeChanged.connect(self._grown)

    def _grown(self, _least: int, most: int) -> None:
        if self._to_end:
            self.verticalScrollBar().setValue(most)

    def clear(self) -> None:
        """Take all cards away."""
        self._to_end = False
        for card in self.cards:
            self.rows.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []

    def add(self, card: QWidget) -> None:
        """Append a card."""
        self.rows.insertWidget(self.rows.count() - 1, card)
        self.cards.append(card)

    def show_end(self) -> None:
        """Scroll to the last card, also while the cards are still finding their heights."""
        self._to_end = True
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())


class Wrapped(QLabel):
    """A label whose height follows its width: what Qt takes for its least height is that of one letter per line."""

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.fontMetrics().lineSpacing())


def wrapped(text: str, role: TextRole = "body", tone: str = "") -> QLabel:
    """A plain-text label that breaks its lines and takes no width of its own."""
    made = Wrapped(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    if tone:
        made.setProperty("tone", tone)
    made.setWordWrap(True)
    policy = made.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    made.setSizePolicy(policy)
    return made


def origin_pill(origin: Origin) -> QLabel:
    """规则与摘录生成, or 由模型生成 with the notice."""
    text = origin.label if not origin.notice else f"{origin.label} · {origin.notice}"
    return pill(text, "neutral" if origin is Origin.RULES else "brand")


def origin_row(origin: Origin) -> QWidget:
    """The pill at the left of a line of its own."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(origin_pill(origin))
    row.addStretch(1)
    return made


class Head(QWidget):
    """The head of a tool: what it is, who made it, and its buttons."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(themes.theme.space.s)
        self.note = label("", "caption", "weak")
        self.row.addWidget(self.note)
        self.row.addStretch(1)

    def add(self, text: str, kind: str = "secondary") -> QWidget:
        """A small button at the right."""
        made = button(text, kind, "small")
        self.row.addWidget(made)
        return made


class DropArea(QWidget):
    """Accepts files. Signals: `dropped(paths)`."""

    dropped = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)
