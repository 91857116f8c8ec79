"""Cards on sheets: one name size for a batch, two-character names widened, long ones shrunk, broken, warned of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from meeting_seat_designer.cards.items import CardItem
from meeting_seat_designer.cards.presets import CardFace, CardPreset, check
from meeting_seat_designer.engine.geometry import Box, Point, rotate
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing
from meeting_seat_designer.exports.fitting import LINE, Fitted, fit
from meeting_seat_designer.exports.fonts import Choice, Face, Type, choose, sans
from meeting_seat_designer.exports.papers import Paper, paper_named

_SIDE = 0.08
"""Blank at each side of a face, as a share of its width."""
_TALLEST = 0.62
"""Largest em of a name as a share of its space's height."""
_SHRINK = 0.65
"""A long name stays on one line down to this share of the batch's size, then it is broken."""


class NameSetting(NamedTuple):
    """How one name is set: its lines, em and the room added between two characters."""

    fitted: Fitted
    spread: float


@dataclass
class CardSheets:
    """The sheets of a batch (one drawing each), how many cards, and what the clerk should know."""

    pages: list[Drawing]
    count: int
    warnings: list[str] = field(default_factory=list)


def compose(items: list[CardItem], preset: CardPreset, stamp: str = "") -> CardSheets:
    """Set all cards of a batch; `stamp` is printed small with each card's number and seat. Empty for no items."""
    check(preset)
    batch = _Batch(items, preset)
    paper = paper_named(preset.paper, preset.landscape)
    places = _places(preset, paper)
    pages: list[Drawing] = []
    for first in range(0, len(items), len(places)):
        sheet = Drawing(paper.width * ink.MM, paper.height * ink.MM, batch.type)
        for offset, place in enumerate(places[: len(items) - first]):
            number = first + offset + 1
            item = items[number - 1]
            _marks(sheet, preset, place)
            batch.card(sheet, item, place)
            note = f"{stamp}　{item.code}　{number}/{len(items)}"
            _stamp(sheet, preset, paper, place, note, offset, len(places))
        pages.append(sheet)
    return CardSheets(pages, len(items), batch.warnings)


def _places(preset: CardPreset, paper: Paper) -> list[Box]:
    """Where the pieces lie on a sheet, row by row (0.01 mm); `trim` narrows them when one more then fits."""
    width = preset.width
    columns = int(paper.width // width)
    if preset.trim and int(paper.width // (width - preset.trim)) > columns:
        columns = int(paper.width // (width - preset.trim))
        width = paper.width / columns
    rows = max(1, int(paper.height // preset.height))
    left = (paper.width - columns * width) / 2
    top = (paper.height - rows * preset.height) / 2
    return [
        Box(
            (left + (column + 0.5) * width) * ink.MM,
            (top + (row + 0.5) * preset.height) * ink.MM,
            width * ink.MM,
            preset.height * ink.MM,
        )
        for row in range(rows)
        for column in range(columns)
    ]


class _Batch:
    """The sizes that all cards of one batch share."""

    def __init__(self, items: list[CardItem], preset: CardPreset) -> None:
        self.type = Type()
        self.preset = preset
        self.warnings: list[str] = []
        name, unit = choose(preset.font, 600), choose(preset.unit_font, 500)
        self._name_face, self._unit_face = name.face, unit.face
        shown = {"name": [(preset.font, name)], "unit": [(preset.unit_font, unit)]}
        both = [(preset.font, name), (preset.unit_font, unit)]
        for wanted, choice in dict(shown.get(preset.content, both)).items():
            self._substituted(wanted, choice)
        face = min(preset.faces, key=lambda one: (one.w, one.h))
        self._width = face.w * (1 - 2 * _SIDE) * ink.MM
        self._size = self._common(items, face)
        self._settings: dict[str, NameSetting] = {}
        for item in items:
            if preset.content != "unit" and item.name not in self._settings:
                self._settings[item.name] = self._setting(item, face)
            if preset.content != "name" and not item.unit:
                self.warnings.append(f"{item.name} 未填单位，座牌上单位空缺")

    def _substituted(self, wanted: str, choice: Choice) -> None:
        if choice.substitute:
            self.warnings.append(f"本机没有“{wanted}”字体，已用“{choice.substitute}”代替")

    def _space(self, face: CardFace) -> tuple[float, float]:
        """Centre (from the face's centre) and height of the name's space."""
        height = face.h * ink.MM
        code = self.preset.seat_code
        if self.preset.content == "both":
            return (height * 0.09, height * 0.5) if code else (height * 0.13, height * 0.56)
        return (-height * 0.04, height * 0.68) if code else (0.0, height * 0.84)

    def _common(self, items: list[CardItem], face: CardFace) -> float:
        """The em at which every name of up to four characters fits on one line."""
        _, height = self._space(face)
        usual = [item.name for item in items if len(item.name) <= 4 and "·" not in item.name] or ["国国国"]
        widest = max(self._ems(name) for name in usual)
        share = 0.92 if self.preset.content == "both" else _TALLEST
        return min(self._width / widest, height * share)

    def _ems(self, name: str) -> float:
        return self.type.width(self._name_face, name) + self._gap(name)

    def _gap(self, name: str) -> float:
        """Ems added inside a two-character name to make it as wide as one of three."""
        wide = self.preset.spread and len(name) == 2 and all(ord(character) > 0x2E7F for character in name)
        return 1.0 if wide else 0.0

    def _setting(self, item: CardItem, face: CardFace) -> NameSetting:
        name = " ".join(item.name.split())
        one = min(self._size, self._width / self._ems(name))
        if one >= self._size * _SHRINK:
            made = NameSetting(Fitted([name], int(one)), self._gap(name) * int(one))
        else:
            _, height = self._space(face)
            made = NameSetting(
                fit(self.type, self._name_face, name, self._width, height * 0.94, self._size, 2), 0.0
            )
        if made.fitted.size < self.preset.least * ink.MM:
            size = made.fitted.size / ink.MM
            self.warnings.append(
                f"{name} 姓名过长，字高只有 {size:.1f} mm，请改用更大的样式或在显示文字中简写"
            )
        return made

    def card(self, sheet: Drawing, item: CardItem, place: Box) -> None:
        """Print one person's faces on a piece."""
        scale = place.w / (self.preset.width * ink.MM)
        for face in self.preset.faces:
            x = place.x + (face.x + face.w / 2 - self.preset.width / 2) * scale * ink.MM
            y = place.y + (face.y + face.h / 2 - self.preset.height / 2) * ink.MM
            self._face(sheet, item, face, Point(x, y))

    def _face(self, sheet: Drawing, item: CardItem, face: CardFace, centre: Point) -> None:
        content, height = self.preset.content, face.h * ink.MM
        if content != "unit":
            setting = self._settings[item.name]
            middle, _ = self._space(face)
            self._lines(
                sheet, item, face, centre, setting.fitted, middle, self._name_face, "name", setting.spread
            )
        if content == "unit" and item.unit:
            fitted = fit(self.type, self._unit_face, item.unit, self._width, height * 0.7, height * 0.3, 3)
            self._lines(sheet, item, face, centre, fitted, 0.0, self._unit_face, "unit")
        if content == "both" and item.unit:
            fitted = fit(self.type, self._unit_face, item.unit, self._width, height * 0.2, height * 0.15, 2)
            self._lines(sheet, item, face, centre, fitted, -height * 0.31, self._unit_face, "unit")
        if self.preset.seat_code and item.code:
            fitted = fit(self.type, sans(), item.code, self._width, height * 0.08, height * 0.075, 1)
            self._lines(sheet, item, face, centre, fitted, height * 0.42, sans(), "code")

    def _lines(
        self,
        sheet: Drawing,
        item: CardItem,
        face: CardFace,
        centre: Point,
        fitted: Fitted,
        middle: float,
        font: Face,
        part: str,
        spread: float = 0,
    ) -> None:
        angle = 180 if face.turned else 0
        first = middle - (len(fitted.lines) - 1) * fitted.size * LINE / 2
        for index, line in enumerate(fitted.lines):
            at = Point(centre.x, centre.y + first + index * fitted.size * LINE)
            at = rotate(at, angle, centre)
            sheet.text(
                line,
                at.x,
                at.y,
                fitted.size,
                font,
                ink.BLACK,
                angle=angle,
                owner=item.person,
                part=part,
                spread=spread,
            )


def _marks(sheet: Drawing, preset: CardPreset, place: Box) -> None:
    """Cut marks at the corners and dashes where the piece is folded; nothing inside the faces."""
    if not preset.marks:
        return
    pen = ink.HAIR_PEN * ink.MM
    left, right = place.x - place.w / 2, place.x + place.w / 2
    top, bottom = place.y - place.h / 2, place.y + place.h / 2
    long = 4.0 * ink.MM
    for x, sign in ((left, 1), (right, -1)):
        for y, up in ((top, 1), (bottom, -1)):
            sheet.line(x, y, x + sign * long, y, ink.TEXT_2, pen)
            sheet.line(x, y, x, y + up * long, ink.TEXT_2, pen)
    for distance in (*preset.folds, *preset.cuts):
        y = top + distance * ink.MM
        dashed = distance in preset.folds
        sheet.line(left, y, left + 2 * long, y, ink.TEXT_2, pen, dashed=dashed)
        sheet.line(right - 2 * long, y, right, y, ink.TEXT_2, pen, dashed=dashed)


def _stamp(
    sheet: Drawing, preset: CardPreset, paper: Paper, place: Box, note: str, index: int, count: int
) -> None:
    """The version, seat and number of a card: on its base, or in the sheet's lower margin."""
    size = 2.0 * ink.MM
    if preset.stamp >= 0:
        y = place.y - place.h / 2 + preset.stamp * ink.MM
        em = fit(sheet.type, sans(), note, place.w * 0.9, size * 1.2, size, 1).size
        sheet.text(note, place.x, y, em, sans(), ink.TEXT_2, part="stamp")
    elif index == 0 or count <= 2:
        y = (paper.height - 5) * ink.MM
        em = fit(sheet.type, sans(), note, place.w * 0.9, size * 1.2, size, 1).size
        sheet.text(note, place.x, y, em, sans(), ink.TEXT_2, part="stamp")
