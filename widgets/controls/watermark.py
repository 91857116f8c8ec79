"""Whose screen this is, written faintly over it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager
from widgets.theme.tokens import Sizes

from .painted import Painted

Style = Literal["tile", "spread"]


def viewer_mark(name: str, phone: str) -> str:
    """What names a viewer: the name and the last four digits of the phone number, "李强 3721"."""
    digits = "".join(one for one in phone if one.isdigit())[-4:]
    return f"{name} {digits}".strip()


@dataclass(frozen=True)
class Lattice:
    """Where the letters of a spread watermark stand, in a frame that is turned by `angle` degrees around the origin.

    Letter `index` of line `line` has its middle at (index * step + line * shift, line * gap) pixels. Every letter of
    the text stands alone and the text is repeated without end, so that no part of the picture larger than a few
    letters is free of it, and averaging over the repeats brings it out of a bad photograph.
    """

    letters: str
    step: float
    gap: float
    shift: float
    angle: float

    @classmethod
    def of(cls, text: str, sizes: Sizes) -> Lattice:
        """The lattice of a text; two places stay free between repeats."""
        letters = "".join(text.split()) + "  "
        return cls(
            letters, sizes.spread_step, sizes.spread_gap, sizes.spread_step * 0.37, sizes.watermark_slant
        )

    def letter(self, index: int, line: int) -> str:
        """The letter at a place; a space where none is."""
        return self.letters[(index + 3 * line) % len(self.letters)]

    def transform(self) -> QTransform:
        """From the turned frame to the widget."""
        return QTransform().rotate(self.angle)

    def places(self, area: QRectF) -> Iterator[tuple[QPointF, str]]:
        """Middles, in the turned frame, of all letters that can touch `area` of the widget."""
        room = (
            self.transform().inverted()[0].mapRect(area).adjusted(-self.step, -self.gap, self.step, self.gap)
        )
        for line in range(math.floor(room.top() / self.gap), math.ceil(room.bottom() / self.gap) + 1):
            start = line * self.shift
            first = math.floor((room.left() - start) / self.step)
            for index in range(first, math.ceil((room.right() - start) / self.step) + 1):
                letter = self.letter(index, line)
                if letter != " ":
                    yield QPointF(start + index * self.step, line * self.gap), letter


class WatermarkOverlay(Painted):
    """Covers `target` (a widget, not a window of its own) and lets all input through. `color`: a token.

    `style`: "tile" repeats the text as a whole; "spread" scatters its letters (`Lattice`), for secrets: it survives a
    photograph, and nothing can be cut out of the picture around it.
    """

    def __init__(
        self,
        themes: ThemeManager,
        target: QWidget,
        text: str,
        *,
        color: str = "watermark",
        style: Style = "tile",
    ) -> None:
        super().__init__(themes, target)
        self._target = target
        self._text, self._color, self._style = text, color, style
        self._tile: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        target.installEventFilter(self)
        self.resize(target.size())
        self.show()
        self.raise_()

    @property
    def text(self) -> str:
        """What is written."""
        return self._text

    def set_text(self, text: str) -> None:
        """Write something else; empty: nothing."""
        self._text = text
        self._tile = None
        self.update()

    def theme_changed(self) -> None:
        self._tile = None

    def _make_tile(self) -> QPixmap:
        sizes, dpr = self.theme.sizes, self.devicePixelRatioF()
        width, height = sizes.watermark_x, sizes.watermark_y
        tile = QPixmap(round(width * dpr), round(height * dpr))
        tile.setDevicePixelRatio(dpr)
        tile.fill(Qt.GlobalColor.transparent)
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        font = QFont(self.theme.font("body"))
        font.setPixelSize(self.theme.grow(sizes.watermark_font))
        painter.setFont(font)
        painter.setPen(QColor(self.theme.color(self._color)))
        painter.translate(QPointF(width / 2, height / 2))
        painter.rotate(sizes.watermark_angle)
        room = QRectF(-width / 2, -height / 2, width, height)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text)
        painter.end()
        return tile

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._text:
            return
        painter = QPainter(self)
        area = event.rect()
        if self._style == "spread":
            self._paint_spread(painter, QRectF(area))
            return
        if self._tile is None or self._tile.devicePixelRatio() != self.devicePixelRatioF():
            self._tile = self._make_tile()
        painter.drawTiledPixmap(QRectF(area), self._tile, QPointF(area.topLeft()))

    def _paint_spread(self, painter: QPainter, area: QRectF) -> None:
        sizes = self.theme.sizes
        lattice = Lattice.of(self._text, sizes)
        # Not grown with the user's font: whoever reads it off a photograph must know its measure.
        font = QFont(self.theme.font("body"))
        font.setPixelSize(sizes.spread_font)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.color(self._color)))
        painter.setTransform(lattice.transform(), True)
        side = sizes.spread_step
        for middle, letter in lattice.places(area):
            room = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, letter)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._target.size())
        elif event.type() == QEvent.Type.ChildAdded:
            self.raise_()
        return super().eventFilter(watched, event)
