"""The people without a seat as a list in columns beneath the plan."""

from __future__ import annotations

import math

from meeting_seat_designer.engine.geometry import Rect
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.order.reasons import wait_texts
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing
from meeting_seat_designer.exports.fitting import fit
from meeting_seat_designer.exports.fonts import Type, sans

_LINE = 1.55


def waiting_texts(document: Document) -> list[str]:
    """One text for each attendee without a seat: name, unit and why."""
    people = document.people_map()
    seated = set(document.plan.seats.values())
    reasons = wait_texts(document)
    order = [item.person for item in document.plan.waiting]
    order += [person.id for person in document.people if person.id not in reasons]
    texts: list[str] = []
    for name in order:
        person = people.get(name)
        if person is None or name in seated or person.status != "attending":
            continue
        facts = "，".join(part for part in (person.unit, reasons.get(name, "")) if part)
        texts.append(" ".join(f"{person.name}（{facts}）".split()) if facts else person.name)
    return texts


def _columns(type_: Type, items: list[str], width: float, size: float) -> tuple[int, float]:
    widest = max((type_.width(sans(), item) for item in items), default=1) * size + size * 1.5
    count = max(1, int(width // min(widest, width)))
    return count, width / count


def flow_height(type_: Type, items: list[str], width: float, size: float) -> float:
    """The height that the whole list takes, its title included; 0 for nobody."""
    if not items:
        return 0
    count, _ = _columns(type_, items, width, size)
    return (math.ceil(len(items) / count) + 1) * size * _LINE


def flow(sheet: Drawing, title: str, items: list[str], area: Rect, size: float) -> int:
    """Print a title and as many items as fit, row by row; returns how many. Too long ones shrink."""
    count, pitch = _columns(sheet.type, items, area.width, size)
    step = size * _LINE
    rows = max(1, int((area.height + step * 0.05) / step) - 1)
    sheet.text(
        title, area.left, area.top + step / 2, size, sans(600), ink.TEXT, align="left", part="waiting-title"
    )
    shown = items[: rows * count]
    for index, item in enumerate(shown):
        row, column = divmod(index, count)
        em = fit(sheet.type, sans(), item, pitch - size * 0.5, size * 1.2, size, 1).size
        x, y = area.left + column * pitch, area.top + (row + 1.5) * step
        sheet.text(item, x, y, em, sans(), ink.TEXT, align="left", part="waiting")
    return len(shown)
