"""A text that shows while it is held, all of it or only the line under the pointer."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.controls.painted import Painted, round_rect
from widgets.theme import ThemeManager

from .guard import CaptureGuard
from .hold import HoldToReveal

INVITE = "按住查看"


class Reading(Enum):
    """How much shows while held."""

    WHOLE = "whole"
    LINE = "line"


class HeldText(Painted):
    """A bubble with `按住查看`; `text()` is asked for at each painting while held and kept by nobody here.

    The bubble's size follows the invitation, not the text, while it is not held: the length of a secret says something
    about it. Its accessible text is the invitation.
    """

    def __init__(
        self,
        themes: ThemeManager,
        guard: CaptureGuard,
        text: Callable[[], str],
        *,
        reading: Reading = Reading.WHOLE,
        ground: str = "bubble_other",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._text = text
        self._reading = reading
        self._ground = ground
        self._lines = 1
        self.hold = HoldToReveal(self, guard)
        """The hold, for whoever starts a timer by it."""
        self.hold.changed.connect(self._held_changed)
        self.setAccessibleName(INVITE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def line_height(self) -> int:
        """Height of a line in pixels."""
        return self.theme.line("body")

    def heightForWidth(self, arg__1: int) -> int:
        return self.line_height * self._lines + 2 * self._edge

    def sizeHint(self) -> QSize:
        space, sizes = self.theme.space, self.theme.sizes
        words = QFontMetricsF(self.theme.font("body")).horizontalAdvance(INVITE)
        width = max(sizes.detail, round(words) + sizes.icon + 2 * space.l + space.s)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _room(self) -> QRectF:
        side, edge = self.theme.space.m, self._edge
        return QRectF(self.rect()).adjusted(side, edge, -side, -edge)

    @property
    def _edge(self) -> int:
        return self.theme.space.s + self.theme.space.half

    def _held_changed(self, held: bool) -> None:
        width = self._held_width() if held else self.sizeHint().width()
        self._lines = len(self._layout(width).lines) if held else 1
        self.setFixedSize(width, self.heightForWidth(width))

    def _held_width(self) -> int:
        """As wide as the text wants, within the room that a bubble has."""
        space, metrics = self.theme.space, QFontMetricsF(self.theme.font("body"))
        wanted = max((metrics.horizontalAdvance(line) for line in self._text().split("\n")), default=0)
        parent = self.parentWidget()
        most = self.theme.sizes.bubble_text_max
        if parent is not None:
            most = min(most, parent.width() - self.x() - space.s)
        return max(self.sizeHint().width(), min(most, round(wanted) + 2 * space.m + space.half))

    def _layout(self, width: int) -> _Lines:
        return _Lines(self._text(), self.theme.font("body"), width - 2 * self.theme.space.m)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        round_rect(painter, QRectF(self.rect()), theme.radius.bubble, theme.color(self._ground))
        if self.hold.is_held:
            self._paint_text(painter)
        else:
            self._paint_invitation(painter)

    def _paint_invitation(self, painter: QPainter) -> None:
        theme, room = self.theme, self._room()
        side = theme.sizes.icon
        place = QRectF(room.left(), room.top() + (self.line_height - side) / 2, side, side)
        self.themes.icons.paint(painter, "eye", place, "text_2")
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_2"))
        words = QRectF(place.right() + theme.space.s, room.top(), room.width(), self.line_height)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, INVITE)

    def _paint_text(self, painter: QPainter) -> None:
        theme, room = self.theme, self._room()
        laid = self._layout(self.width())
        painter.setFont(theme.font("body"))
        shown = int((self.hold.position.y() - room.top()) // self.line_height)
        for number, words in enumerate(laid.lines):
            line = QRectF(room.left(), room.top() + number * self.line_height, room.width(), self.line_height)
            if self._reading is Reading.WHOLE or number == shown:
                painter.setPen(theme.color("text"))
                painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
            else:
                self._paint_bar(painter, line)

    def _paint_bar(self, painter: QPainter, line: QRectF) -> None:
        """A covered line; all are equally long, so that they say nothing."""
        space = self.theme.space
        bar = line.adjusted(0, space.xs + space.hair, 0, -space.xs - space.hair)
        round_rect(painter, bar, self.theme.radius.small, self.theme.color("line_strong"))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self.hold.is_held:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if step:
                top, bottom = self._room().top(), self._room().bottom() - 1
                y = min(max(self.hold.position.y() + step * self.line_height, top), bottom)
                self.hold.move_to(QPointF(self.hold.position.x(), y))
                return True
        return super().event(event)


class _Lines:
    """The words of each line of a text at a width."""

    def __init__(self, text: str, font, width: float) -> None:
        layout = QTextLayout(text.replace("\n", "\u2028"), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        self.lines: list[str] = []
        units = text.encode("utf-16-le", "surrogatepass")
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            # The layout counts in UTF-16 units: an emoji is two of them and one character of ours.
            piece = units[2 * line.textStart() : 2 * (line.textStart() + line.textLength())]
            words = piece.decode("utf-16-le", "ignore")
            self.lines.append(words.rstrip("\u2028\n"))
        layout.endLayout()
