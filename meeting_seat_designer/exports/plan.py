"""The room on paper: walls, fixtures, tables, regions and seats of a plan. Source: 3.1.6.4.3."""

from __future__ import annotations

from meeting_seat_designer.engine.geometry import Box, Point, Rect, bounds, rotate
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import FIXTURE_KINDS, Fixture
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing, Shape
from meeting_seat_designer.exports.fonts import sans
from meeting_seat_designer.exports.labels import Labels
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.seats import SeatPen
from meeting_seat_designer.exports.view import View, box_of

_GROUND = ("rostrum", "aisle")


def draw_room(drawing: Drawing, document: Document, options: PlanOptions, area: Rect) -> View:
    """Draw the current layout with its plan into an area of the sheet; returns the transform used."""
    view = View(document, options.frame)
    view.place(area)
    layout = document.current()
    room = document.room
    growth = ink.growth(drawing.width / ink.MM, drawing.height / ink.MM)
    wall = view.box(Box(room.width / 2, room.depth / 2, room.width, room.depth))
    drawing.rect(wall, fill=ink.PAPER, line=ink.WALL, pen=ink.WALL_PEN * growth * ink.MM)
    grounds = [fixture for fixture in layout.fixtures if fixture.kind in _GROUND]
    others = [fixture for fixture in layout.fixtures if fixture.kind not in _GROUND]
    for fixture in (*grounds, *others):
        _fixture(drawing, fixture, view.box(box_of(fixture)), wall, growth)
    tables: list[Box] = []
    for region in layout.regions:
        for table in region.tables:
            box = view.box(box_of(table))
            tables.append(box)
            drawing.shapes.append(_table(table.shape, box))
    pen = SeatPen(drawing, document, options)
    for region in layout.regions:
        pen.seats(region, view)
    size = _label_size(drawing, view, growth)
    around = _upright(wall)
    chairs = list(drawing.seats.values())
    fixed = [view.box(box_of(fixture)) for fixture in others if fixture.kind != "text"]
    labels = Labels(drawing, [*chairs, *tables, *fixed], around)
    _labels(drawing, document, view, labels, size)
    return view


def _upright(box: Box) -> Rect:
    w, h = (box.h, box.w) if box.angle % 180 else (box.w, box.h)
    return Rect(box.x - w / 2, box.y - h / 2, box.x + w / 2, box.y + h / 2)


def _label_size(drawing: Drawing, view: View, growth: float) -> float:
    seats = sorted(min(box.w, box.h) for box in drawing.seats.values())
    usual = seats[len(seats) // 2] if seats else 500 * view.scale
    return max(1.4 * ink.MM, min(usual * 0.34, 3.2 * growth * ink.MM))


def _labels(drawing: Drawing, document: Document, view: View, labels: Labels, size: float) -> None:
    layout = document.current()
    plain, strong = sans(400), sans(600)
    named: set[str] = set()
    for region in layout.regions:
        for table in region.tables:
            if table.label:
                box = view.box(box_of(table))
                em = min(box.h * 0.3, box.w / max(drawing.type.width(strong, table.label), 0.5) * 0.8)
                drawing.text(table.label, box.x, box.y, em, strong, ink.TEXT_2, part="label")
    for fixture in layout.fixtures:
        text = fixture.label or (
            "" if fixture.kind in ("wall", "column", "aisle") else FIXTURE_KINDS[fixture.kind]
        )
        if not text:
            continue
        box = view.box(box_of(fixture))
        colour = ink.TEXT_2
        if fixture.kind in _GROUND:
            if labels.beside(text, box, size * 1.15, strong, colour):
                named.add(text)
        elif fixture.kind == "text":
            drawing.text(
                text, box.x, box.y, min(size * 1.15, max(box.h, box.w) * 0.7), plain, colour, part="label"
            )
        elif fixture.kind in ("lectern", "terminal", "camera", "column"):
            _within(drawing, labels, text, box, size)
        else:
            labels.beside(text, box, size, plain, colour)
    for region in layout.regions:
        if region.seats and region.name and region.name not in named:
            boxes = [drawing.seats[seat.id] for seat in region.seats]
            boxes += [view.box(box_of(table)) for table in region.tables]
            hollow = any(seat.side for seat in region.seats)
            labels.beside(region.name, _around(boxes), size * 1.15, strong, ink.TEXT_2, inside=hollow)
        labels.rows(region, drawing.seats, size * 0.9, plain, ink.TEXT_2)


def _within(drawing: Drawing, labels: Labels, text: str, box: Box, size: float) -> None:
    """A label inside a small thing where it stays readable, else next to it."""
    plain = sans(400)
    side = _upright(box)
    em = min(size, side.width * 0.9 / max(drawing.type.width(plain, text), 0.5), side.height * 0.8)
    if em >= size * 0.7:
        drawing.text(text, box.x, box.y, em, plain, ink.TEXT_2, part="label")
    else:
        labels.beside(text, box, size, plain, ink.TEXT_2)


def _around(boxes: list[Box]) -> Box:
    rect = bounds(boxes)
    return Box((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2, rect.width, rect.height)


def _table(shape: str, box: Box) -> Shape:
    pen = ink.PEN * ink.MM
    if shape == "round":
        return Shape("round", box, ink.TABLE, ink.TABLE_LINE, pen)
    return Shape(
        "rect", box, ink.TABLE if shape == "rect" else "", ink.TABLE_LINE, pen, min(box.w, box.h) * 0.06
    )


def _fixture(drawing: Drawing, fixture: Fixture, box: Box, wall: Box, growth: float) -> None:
    pen = ink.PEN * ink.MM
    heavy = ink.WALL_PEN * growth * ink.MM
    if fixture.kind == "rostrum":
        drawing.rect(box, fill=ink.PLATFORM, line=ink.HAIR, pen=pen, radius=min(box.w, box.h) * 0.03)
    elif fixture.kind == "aisle":
        drawing.rect(box, fill=ink.AISLE)
    elif fixture.kind == "screen":
        drawing.rect(box._replace(h=max(box.h, 1.2 * ink.MM)), fill=ink.SCREEN)
    elif fixture.kind == "door":
        _door(drawing, box, wall, heavy)
    elif fixture.kind == "window":
        drawing.rect(box, fill=ink.WINDOW, line=ink.WALL, pen=pen)
    elif fixture.kind in ("wall", "column"):
        drawing.rect(box, fill=ink.WALL)
    elif fixture.kind != "text":
        drawing.rect(box, fill=ink.TABLE, line=ink.SEAT_LINE, pen=pen, radius=min(box.w, box.h) * 0.12)


def _door(drawing: Drawing, box: Box, wall: Box, heavy: float) -> None:
    """A gap in the wall nearest to the door, between two jambs, with the leaf opening inwards."""
    around = _upright(wall)
    gaps = {
        "bottom": abs(around.bottom - box.y),
        "top": abs(around.top - box.y),
        "left": abs(around.left - box.x),
        "right": abs(around.right - box.x),
    }
    side = min(gaps, key=lambda name: gaps[name])
    half = max(box.w, box.h) / 2
    if gaps[side] > max(box.w, box.h):
        drawing.rect(box, fill=ink.PAPER, line=ink.WALL, pen=heavy / 2)
        return
    # Local: the wall runs along x, the room lies above it.
    angle = {"bottom": 0, "left": 90, "top": 180, "right": 270}[side]
    centre = {
        "bottom": Point(box.x, around.bottom),
        "top": Point(box.x, around.top),
        "left": Point(around.left, box.y),
        "right": Point(around.right, box.y),
    }[side]

    def at(x: float, y: float) -> Point:
        return rotate(Point(centre.x + x, centre.y + y), angle, centre)

    drawing.rect(Box(centre.x, centre.y, 2 * half, heavy * 2.4, angle), fill=ink.PAPER)
    for sign in (-1, 1):
        a, b = at(sign * half, -heavy * 1.6), at(sign * half, heavy * 1.6)
        drawing.line(a.x, a.y, b.x, b.y, ink.WALL, heavy)
        c, d = at(sign * half, 0), at(sign * half * 0.3, -half * 0.72)
        drawing.line(c.x, c.y, d.x, d.y, ink.WALL, heavy * 0.6)
