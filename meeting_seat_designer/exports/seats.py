"""Seats on paper: the chair, the name as large as it goes, unit and code beneath it."""

from __future__ import annotations

import math
from collections import defaultdict

from meeting_seat_designer.engine.geometry import Box, Point, rotate
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing
from meeting_seat_designer.exports.fitting import LINE, Fitted, fit
from meeting_seat_designer.exports.fonts import Face, sans
from meeting_seat_designer.exports.growth import growth
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.view import View, box_of, upright

KIND_LETTERS = {"wheelchair": "轮", "interpreter": "译", "recorder": "记", "buffer": "机"}
_MODEL = "国国国"
_WIDE = 0.86
"""Share of a seat's width that its texts may take."""


class SeatPen:
    """Draws the seats of one sheet."""

    def __init__(self, drawing: Drawing, document: Document, options: PlanOptions) -> None:
        self._drawing = drawing
        self._document = document
        self._options = options
        self._people = document.people_map()
        self._locks = set(document.plan.locks)
        self._regular, self._bold, self._light = sans(500), sans(600), sans(400)

    def seats(self, region: Region, view: View) -> None:
        """All seats of a region, drawn larger than the chairs where the room between them allows it."""
        boxes = [view.box(box_of(seat)) for seat in region.seats]
        grow = growth(boxes, [view.box(box_of(table)) for table in region.tables])
        boxes = [box._replace(w=box.w * grow, h=box.h * grow) for box in boxes]
        straight = _straight(region, boxes)
        units = self._options.units and self._units_fit(region, boxes)
        for seat, box in zip(region.seats, boxes, strict=True):
            if seat.table in straight:
                box = box._replace(angle=0)
            self._seat(region, seat, box, seat.table not in straight, units)

    def _units_fit(self, region: Region, boxes: list[Box]) -> bool:
        """Units stand in all seats of a region or in none: where three quarters of them are readable."""
        sizes: list[int] = []
        for seat, box in zip(region.seats, boxes, strict=True):
            person = self._people.get(self._document.plan.seats.get(seat.id, ""))
            if person is not None and person.unit:
                sizes.append(self._unit(person, upright(box)).size)
        good = sum(1 for size in sizes if size >= ink.LEAST_TEXT * ink.MM)
        return good >= len(sizes) * 0.75

    def _unit(self, person: Person, box: Box) -> Fitted:
        return fit(self._drawing.type, self._light, person.unit, box.w * _WIDE, box.h * 0.25, box.h * 0.15, 2)

    def _seat(self, region: Region, seat: Seat, box: Box, chair: bool, units: bool) -> None:
        drawing = self._drawing
        drawing.seats[seat.id] = box
        person = self._people.get(self._document.plan.seats.get(seat.id, ""))
        unit = min(box.w, box.h)
        marked = person is not None and person.id == self._options.mark
        fill, line = ink.SEAT, ink.SEAT_LINE
        if marked:
            fill, line = ink.MARK, ink.MARK
        elif person is None or seat.kind == "disabled":
            fill, line = ink.EMPTY, ink.EMPTY_LINE
        elif region.role == "rostrum":
            fill, line = ink.ROSTRUM, ink.ROSTRUM_LINE
        pen = min(ink.PEN * ink.MM, unit * 0.03)
        drawing.rect(
            box,
            fill=fill,
            line=line,
            pen=pen,
            radius=unit * 0.09,
            dashed=person is None and seat.kind != "disabled",
        )
        if chair:
            thick = unit * 0.05
            at = rotate(Point(box.x, box.y + box.h / 2 - thick / 2), box.angle, Point(box.x, box.y))
            drawing.rect(Box(at.x, at.y, box.w * 0.62, thick, box.angle), fill=line, radius=thick / 2)
        inside = upright(box)
        if seat.kind == "disabled":
            self._cross(box, pen)
            return
        self._badge(seat, inside)
        if person is None:
            self._line(seat, inside, short_code(region, seat), 0.0, 0.24, ink.TEXT_2, "code", largest=0.2)
            return
        self._person(region, seat, inside, person, units, marked)

    def _person(
        self, region: Region, seat: Seat, box: Box, person: Person, units: bool, marked: bool
    ) -> None:
        colour, second = (ink.ON_MARK, ink.ON_MARK) if marked else (ink.TEXT, ink.TEXT_2)
        codes = self._options.codes and bool(seat.code)
        top, tall = -0.435, 0.885
        if codes:
            tall -= 0.22
        if units:
            tall -= 0.27
        face = self._bold if region.role == "rostrum" or marked else self._regular
        self._name(seat, box, person.label, face, top, tall, colour)
        if units and person.unit:
            fitted = self._unit(person, box)
            self._stack(seat, box, fitted, top + tall + 0.135, self._light, second, "unit")
        if codes:
            self._line(seat, box, short_code(region, seat), 0.325, 0.17, second, "code", largest=0.16)

    def _stack(
        self, seat: Seat, box: Box, fitted: Fitted, middle: float, face: Face, colour: str, part: str
    ) -> None:
        first = middle * box.h - (len(fitted.lines) - 1) * fitted.size * LINE / 2
        for index, line in enumerate(fitted.lines):
            self._put(seat, box, line, first + index * fitted.size * LINE, fitted.size, face, colour, part)

    def _name(
        self, seat: Seat, box: Box, text: str, face: Face, top: float, tall: float, colour: str
    ) -> None:
        type_ = self._drawing.type
        width, height = box.w * _WIDE, box.h * tall
        largest = min(fit(type_, face, _MODEL, width, height, 1e9, 1).size, box.h * 0.44)
        fitted = fit(type_, face, text, width, height, largest)
        self._stack(seat, box, fitted, top + tall / 2, face, colour, "name")

    def _line_size(self, seat: Seat, box: Box, text: str, height: float, largest: float) -> int:
        return fit(
            self._drawing.type, self._light, text, box.w * _WIDE, box.h * height, box.h * largest, 1
        ).size

    def _line(
        self,
        seat: Seat,
        box: Box,
        text: str,
        middle: float,
        height: float,
        colour: str,
        part: str,
        largest: float,
    ) -> None:
        if not text:
            return
        size = self._line_size(seat, box, text, height, largest)
        self._put(seat, box, " ".join(text.split()), middle * box.h, size, self._light, colour, part)

    def _put(
        self, seat: Seat, box: Box, text: str, dy: float, size: float, face: Face, colour: str, part: str
    ) -> None:
        at = rotate(Point(box.x, box.y + dy), box.angle, Point(box.x, box.y))
        self._drawing.text(text, at.x, at.y, size, face, colour, angle=box.angle, owner=seat.id, part=part)

    def _badge(self, seat: Seat, box: Box) -> None:
        letter = KIND_LETTERS.get(seat.kind, "")
        if not letter:
            return
        side = min(box.w, box.h) * 0.22
        corner = Point(box.x + box.w / 2 - side * 0.62, box.y - box.h / 2 + side * 0.62)
        at = rotate(corner, box.angle, Point(box.x, box.y))
        self._drawing.rect(Box(at.x, at.y, side, side, box.angle), fill=ink.BADGE, radius=side * 0.2)
        self._drawing.text(
            letter,
            at.x,
            at.y,
            side * 0.78,
            self._light,
            ink.ON_BADGE,
            angle=box.angle,
            owner=seat.id,
            part="kind",
        )

    def _cross(self, box: Box, pen: float) -> None:
        for sign in (1, -1):
            a = rotate(Point(box.x - box.w * 0.3, box.y - sign * box.h * 0.3), box.angle, Point(box.x, box.y))
            b = rotate(Point(box.x + box.w * 0.3, box.y + sign * box.h * 0.3), box.angle, Point(box.x, box.y))
            self._drawing.line(a.x, a.y, b.x, b.y, ink.EMPTY_LINE, pen)


def _straight(region: Region, boxes: list[Box]) -> set[int]:
    """The round tables whose chairs stay apart when drawn upright, so that their names need not tilt."""
    tables: dict[int, list[Box]] = defaultdict(list)
    for seat, box in zip(region.seats, boxes, strict=True):
        if seat.table:
            tables[seat.table].append(box)
    good: set[int] = set()
    for number, found in tables.items():
        apart = all(
            abs(a.x - b.x) > (a.w + b.w) / 2 or abs(a.y - b.y) > (a.h + b.h) / 2
            for i, a in enumerate(found)
            for b in found[i + 1 :]
        )
        if apart and any(math.fmod(box.angle, 90) for box in found):
            good.add(number)
    return good


def short_code(region: Region, seat: Seat) -> str:
    """The code without the region's name before it: the region is named on the plan."""
    prefix = f"{region.name}-"
    return seat.code.removeprefix(prefix) if region.name else seat.code
