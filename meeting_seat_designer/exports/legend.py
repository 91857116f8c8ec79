"""The foot of a sheet: what the marks mean, how many people, by which rule, in which frame and version."""

from __future__ import annotations

from collections import Counter

from meeting_seat_designer.engine.geometry import Box, Rect
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import EVEN_RULES, HONOUR_SIDES, SEAT_KINDS
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing
from meeting_seat_designer.exports.fonts import sans
from meeting_seat_designer.exports.seats import KIND_LETTERS


def counts_line(document: Document) -> str:
    """Attendees, seated, waiting and free seats."""
    attending = {person.id for person in document.people if person.status == "attending"}
    seated = attending & set(document.plan.seats.values())
    seats = [seat for _, seat in document.seats() if seat.kind != "disabled"]
    free = sum(1 for seat in seats if seat.id not in document.plan.seats)
    waiting = len(attending) - len(seated)
    return f"应到 {len(attending)} 人　已排 {len(seated)} 人　待排 {waiting} 人　空座 {free} 个"


def rules_line(document: Document) -> str:
    """The honour side and the even-number rule in force, and the regions whose honour side differs."""
    rules = document.rules
    text = f"{HONOUR_SIDES.get(rules.honour, rules.honour)}；{EVEN_RULES.get(rules.even, rules.even)}"
    own = [
        f"{region.name}{HONOUR_SIDES.get(region.rules.honour, region.rules.honour)}"
        for region in document.current().regions
        if region.rules.honour and region.rules.honour != rules.honour
    ]
    return f"{text}（{'、'.join(own)}）" if own else text


def draw_legend(sheet: Drawing, document: Document, version: str, area: Rect, grow: float) -> float:
    """Draw the foot in the lowest lines of the area; returns where it begins."""
    size = ink.FOOT * grow * ink.MM
    plain = sans(400)
    left, right = counts_line(document), version
    room = area.width - size * 2
    needed = (sheet.type.width(plain, left) + sheet.type.width(plain, right)) * size
    em = size * min(1.0, room / needed)
    low = area.bottom - size * 0.6
    sheet.text(left, area.left, low, em, plain, ink.TEXT, align="left", part="counts")
    sheet.text(right, area.right, low, em, plain, ink.TEXT, align="right", part="version")
    high = low - size * 1.7
    rule = rules_line(document)
    small = min(em, area.width * 0.6 / sheet.type.width(plain, rule))
    sheet.text(rule, area.right, high, small, plain, ink.TEXT_2, align="right", part="rules")
    x = area.left
    limit = area.right - sheet.type.width(plain, rule) * em - size * 2
    for mark, label in _entries(document):
        width = sheet.type.width(plain, label) * em + em * 2.7
        if x + width > limit:
            break
        _mark(sheet, mark, x + em * 0.6, high, em)
        sheet.text(label, x + em * 1.5, high, em, plain, ink.TEXT_2, align="left", part="legend")
        x += width
    top = high - size * 1.25
    sheet.line(area.left, top, area.right, top, ink.RULE, ink.PEN * grow * ink.MM)
    return top


def _entries(document: Document) -> list[tuple[str, str]]:
    taken = set(document.plan.seats)
    kinds: Counter[str] = Counter()
    found: set[str] = set()
    for region, seat in document.seats():
        kinds[seat.kind] += 1
        if seat.id not in taken and seat.kind != "disabled":
            found.add("empty")
        elif seat.id in taken:
            found.add("rostrum" if region.role == "rostrum" else "seated")
    entries: list[tuple[str, str]] = []
    for mark, label in (("rostrum", "主席台"), ("seated", "已排座位"), ("empty", "空座")):
        if mark in found:
            entries.append((mark, label))
    entries += [(kind, SEAT_KINDS[kind]) for kind in (*KIND_LETTERS, "disabled") if kinds[kind]]
    return entries


def _mark(sheet: Drawing, mark: str, x: float, y: float, em: float) -> None:
    box = Box(x, y, em * 1.1, em * 1.1)
    pen = ink.PEN * ink.MM
    if mark in KIND_LETTERS:
        sheet.rect(box, fill=ink.BADGE, radius=em * 0.2)
        sheet.text(KIND_LETTERS[mark], x, y, em * 0.8, sans(400), ink.ON_BADGE, part="legend-mark")
        return
    styles = {
        "rostrum": (ink.ROSTRUM, ink.ROSTRUM_LINE, False),
        "seated": (ink.SEAT, ink.SEAT_LINE, False),
        "empty": (ink.EMPTY, ink.EMPTY_LINE, True),
        "disabled": (ink.EMPTY, ink.EMPTY_LINE, False),
    }
    fill, line, dashed = styles[mark]
    sheet.rect(box, fill=fill, line=line, pen=pen, radius=em * 0.15, dashed=dashed)
    if mark == "disabled":
        sheet.line(x - em * 0.35, y - em * 0.35, x + em * 0.35, y + em * 0.35, line, pen)
        sheet.line(x - em * 0.35, y + em * 0.35, x + em * 0.35, y - em * 0.35, line, pen)
