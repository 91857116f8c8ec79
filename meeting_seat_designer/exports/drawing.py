"""A drawing as plain data (shapes and texts in 0.01 mm of paper) and its one painter for every output."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen

from meeting_seat_designer.engine.geometry import Box, Rect, bounds
from meeting_seat_designer.exports.fonts import Face, Type

_UP = 0.38
"""From the middle of a Chinese character down to its baseline, in ems."""


class Shape(NamedTuple):
    """rect, round (ellipse) or line (from corner to corner); `pen` is the line width, 0 for none."""

    kind: str
    box: Box
    fill: str = ""
    line: str = ""
    pen: float = 0
    radius: float = 0
    dashed: bool = False


class Text(NamedTuple):
    """One line of text centred on (x, y), turned by `angle`; `owner` the seat or card, `part` what it says.

    `width` is its measured width; its em is `size`; `spread` is the room added between characters.
    """

    text: str
    x: float
    y: float
    width: float
    size: int
    face: Face
    colour: str
    angle: float = 0
    owner: str = ""
    part: str = ""
    spread: float = 0

    @property
    def box(self) -> Box:
        """The rectangle the text takes."""
        return Box(self.x, self.y, self.width, self.size, self.angle)


@dataclass
class Drawing:
    """A sheet of paper: its size and what is on it, painted in order (shapes, then texts)."""

    width: float
    height: float
    type: Type
    shapes: list[Shape] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    seats: dict[str, Box] = field(default_factory=dict)
    """Seat id → its rectangle on the paper."""

    def rect(self, box: Box, **style: object) -> None:
        """Add a rectangle."""
        self.shapes.append(Shape("rect", box, **style))  # type: ignore[arg-type]

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str, pen: float, dashed: bool = False
    ) -> None:
        """Add a straight line."""
        box = Box((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
        self.shapes.append(Shape("line", box, "", colour, pen, 0, dashed))

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        face: Face,
        colour: str,
        *,
        align: str = "centre",
        angle: float = 0,
        owner: str = "",
        part: str = "",
        spread: float = 0,
    ) -> Text:
        """Add a line of text at (x, y): its centre, or the middle of its left or right end."""
        em = max(1, int(size))
        width = self.type.width(face, text) * em + spread * max(0, len(text) - 1)
        shift = {"left": width / 2, "right": -width / 2}.get(align, 0.0)
        made = Text(text, x + shift, y, width, em, face, colour, angle, owner, part, spread)
        self.texts.append(made)
        return made


def paint(painter: QPainter, drawing: Drawing, window: Rect | None = None) -> None:
    """Paint a drawing whose unit is the painter's; with a window only what touches it."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    pens: dict[tuple[str, float, bool], QPen] = {}
    brushes: dict[str, QBrush] = {"": QBrush(Qt.BrushStyle.NoBrush)}
    for shape in drawing.shapes:
        if window is not None and not _touches(shape.box, window, shape.pen):
            continue
        key = (shape.line, shape.pen, shape.dashed)
        if key not in pens:
            pens[key] = _pen(*key)
        if shape.fill not in brushes:
            brushes[shape.fill] = QBrush(QColor(shape.fill))
        painter.setPen(pens[key])
        painter.setBrush(brushes[shape.fill])
        _shape(painter, shape)
    painter.setBrush(brushes[""])
    colour = ""
    font: QFont | None = None
    for text in drawing.texts:
        if window is not None and not _touches(text.box, window, 0):
            continue
        if text.colour != colour:
            colour = text.colour
            painter.setPen(QColor(colour))
        wanted = drawing.type.font(text.face, text.size)
        if wanted is not font:
            font = wanted
            painter.setFont(font)
        if text.angle:
            painter.save()
            painter.translate(text.x, text.y)
            painter.rotate(text.angle)
            _letters(painter, drawing.type, text, -text.width / 2, text.size * _UP)
            painter.restore()
        else:
            _letters(painter, drawing.type, text, text.x - text.width / 2, text.y + text.size * _UP)


def _letters(painter: QPainter, type_: Type, text: Text, x: float, y: float) -> None:
    """Draw a line of text; spread ones letter by letter, since Qt's letter spacing is lost in some outputs."""
    if not text.spread:
        painter.drawText(QPointF(x, y), text.text)
        return
    for letter in text.text:
        painter.drawText(QPointF(x, y), letter)
        x += type_.width(text.face, letter) * text.size + text.spread


def _pen(colour: str, width: float, dashed: bool) -> QPen:
    if not colour or not width:
        return QPen(Qt.PenStyle.NoPen)
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if dashed:
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([6, 4])
    return pen


def _shape(painter: QPainter, shape: Shape) -> None:
    box = shape.box
    if shape.kind == "line":
        painter.drawLine(QLineF(box.x - box.w / 2, box.y - box.h / 2, box.x + box.w / 2, box.y + box.h / 2))
        return
    turned = bool(box.angle % 180) and shape.kind != "round"
    if turned and box.angle % 90 == 0:
        box = Box(box.x, box.y, box.h, box.w)
        turned = False
    rect = QRectF(box.x - box.w / 2, box.y - box.h / 2, box.w, box.h)
    if turned:
        painter.save()
        painter.translate(box.x, box.y)
        painter.rotate(box.angle)
        rect.moveCenter(QPointF(0, 0))
    if shape.kind == "round":
        painter.drawEllipse(rect)
    elif shape.radius:
        painter.drawRoundedRect(rect, shape.radius, shape.radius)
    else:
        painter.drawRect(rect)
    if turned:
        painter.restore()


def _touches(box: Box, window: Rect, pen: float) -> bool:
    around = bounds([box._replace(w=abs(box.w) + pen, h=abs(box.h) + pen)])
    return not (
        around.right < window.left
        or around.left > window.right
        or around.bottom < window.top
        or around.top > window.bottom
    )
