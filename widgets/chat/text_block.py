"""A wrapped, selectable text with coloured stretches, laid out once for a width."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from .rows import Span, SpanKind

LINE_BREAK = "\u2028"
HEADING = 1.15
"""How much larger than its text a heading is."""
CODE_GROUND = 0.08


class TextBlock:
    """Positions in this class count characters as Python does; Qt's count UTF-16 units, which an emoji has two of."""

    def __init__(
        self,
        text: str,
        font: QFont,
        line: int,
        width: float,
        spans: Sequence[tuple[Span, QColor]] = (),
        *,
        centred: bool = False,
    ) -> None:
        self.text = text
        self.spans = tuple(span for span, _ in spans)
        self._starts: list[int] | None = None
        if any(character > "\uffff" for character in text):
            self._starts = [0, *accumulate(2 if one > "\uffff" else 1 for one in text)]
        layout = QTextLayout(text.replace("\n", LINE_BREAK), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        if spans:
            layout.setFormats([self._styled(span, color, font) for span, color in spans])
        layout.beginLayout()
        height = widest = 0.0
        while True:
            one = layout.createLine()
            if not one.isValid():
                break
            one.setLineWidth(width)
            natural = one.height()
            # A fallback font (emoji) may be a little taller than the line; only a much taller one moves the lines.
            step = line if natural <= line * 1.3 else natural
            one.setPosition(QPointF(0, height + (step - natural) / 2))
            height += step
            widest = max(widest, one.naturalTextWidth())
        layout.endLayout()
        self.width, self.height = widest, height
        if centred:
            for number in range(layout.lineCount()):
                one = layout.lineAt(number)
                one.setPosition(QPointF((widest - one.naturalTextWidth()) / 2, one.y()))
        last = layout.lineAt(layout.lineCount() - 1) if layout.lineCount() else None
        self.base_line = last.y() + last.ascent() if last is not None else 0.0
        """Of the last line, from the block's top."""
        self._layout = layout

    def _to_qt(self, place: int) -> int:
        return place if self._starts is None else self._starts[min(place, len(self.text))]

    def _from_qt(self, place: int) -> int:
        return place if self._starts is None else max(0, bisect_right(self._starts, place) - 1)

    def _styled(self, span: Span, color: QColor, font: QFont):
        made = self._range(span.start, span.length, color)
        look: QTextCharFormat = made.format  # type: ignore[attr-defined]
        match span.kind:
            case SpanKind.BOLD:
                look.setFontWeight(QFont.Weight.Bold)
            case SpanKind.ITALIC:
                look.setFontItalic(True)
            case SpanKind.STRIKE:
                look.setFontStrikeOut(True)
            case SpanKind.CODE:
                look.setFontFamilies(["monospace", *font.families()])
                ground = QColor(color)
                ground.setAlphaF(CODE_GROUND)
                look.setBackground(ground)
            case SpanKind.HEADING:
                look.setFontWeight(QFont.Weight.DemiBold)
                look.setProperty(QTextCharFormat.Property.FontPixelSize, round(font.pixelSize() * HEADING))
            case _:
                return made
        made.format = look  # type: ignore[attr-defined]
        return made

    def _range(self, start: int, length: int, color: QColor, ground: QColor | None = None):
        made = QTextLayout.FormatRange()
        made.start = self._to_qt(start)  # type: ignore[attr-defined]
        made.length = self._to_qt(start + length) - made.start  # type: ignore[attr-defined]
        look = QTextCharFormat()
        look.setForeground(color)
        if ground is not None:
            look.setBackground(ground)
        made.format = look  # type: ignore[attr-defined]
        return made

    def draw(
        self,
        painter: QPainter,
        at: QPointF,
        color: QColor,
        selected: tuple[int, int] | None = None,
        on_selection: tuple[QColor, QColor] | None = None,
        clip: QRectF | None = None,
    ) -> None:
        """Draw at `at`; `selected` is a pair of positions, `on_selection` the text's and the ground's colour there;
        lines outside `clip` are left out."""
        painter.setPen(color)
        marks = []
        if selected is not None and on_selection is not None and selected[0] != selected[1]:
            first, last = min(selected), max(selected)
            marks = [self._range(first, last - first, *on_selection)]
        self._layout.draw(painter, at, marks, clip if clip is not None else QRectF())

    def position(self, point: QPointF) -> int:
        """The position nearest to `point` (relative to the block)."""
        for number in range(self._layout.lineCount()):
            one = self._layout.lineAt(number)
            if point.y() < one.y() + one.height() or number == self._layout.lineCount() - 1:
                return self._from_qt(one.xToCursor(point.x()))
        return 0

    def character(self, point: QPointF) -> int:
        """The index of the character under `point`, or -1."""
        for number in range(self._layout.lineCount()):
            one = self._layout.lineAt(number)
            if one.y() <= point.y() < one.y() + one.height():
                if not one.x() <= point.x() <= one.x() + one.naturalTextWidth():
                    return -1
                place = one.xToCursor(point.x())
                # xToCursor rounds to the nearer edge of a character.
                if _x(one, place) > point.x() and place > one.textStart():
                    place = self._layout.previousCursorPosition(place)
                return self._from_qt(place)
        return -1

    def span_at(self, point: QPointF) -> Span | None:
        """The coloured stretch under `point`."""
        place = self.character(point)
        if place < 0:
            return None
        return next((s for s in self.spans if s.start <= place < s.start + s.length), None)

    def word_at(self, place: int) -> tuple[int, int]:
        """The word around a position, for a double click."""
        at = self._to_qt(place)
        mode = QTextLayout.CursorMode.SkipWords
        end = self._layout.nextCursorPosition(at, mode)
        start = self._layout.previousCursorPosition(end, mode)
        first, last = self._from_qt(start), self._from_qt(end)
        while last > first + 1 and self.text[last - 1].isspace():
            last -= 1
        return first, last

    def rects(self, start: int, length: int) -> list[QRectF]:
        """Where a stretch stands, one rectangle per line."""
        first, last = self._to_qt(start), self._to_qt(start + length)
        made: list[QRectF] = []
        for number in range(self._layout.lineCount()):
            one = self._layout.lineAt(number)
            low, high = max(first, one.textStart()), min(last, one.textStart() + one.textLength())
            if low < high:
                left, right = _x(one, low), _x(one, high)
                made.append(QRectF(left, one.y(), right - left, one.height()))
        return made


def _x(line: QTextLine, place: int) -> float:
    # Qt hands back the place too, moved to where a cursor may stand.
    return line.cursorToX(place)[0]  # type: ignore[index]
