"""One sheet with a plan: title, room, those without a seat, legend, frame and version. Source: 3.1.6.4.3."""

from __future__ import annotations

from datetime import datetime

from meeting_seat_designer.engine.geometry import FRAMES, Box, Rect
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.order.reasons import version_text
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing
from meeting_seat_designer.exports.fitting import fit
from meeting_seat_designer.exports.fonts import Type, choose, sans
from meeting_seat_designer.exports.legend import draw_legend
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.plan import draw_room
from meeting_seat_designer.exports.view import main_door
from meeting_seat_designer.exports.waiting import flow, flow_height, waiting_texts


def plan_page(document: Document, options: PlanOptions, width: float, height: float) -> Drawing:
    """The plan on a sheet of width × height mm, as a drawing in 0.01 mm."""
    return plan_pages(document, options, width, height)[0]


def plan_pages(document: Document, options: PlanOptions, width: float, height: float) -> list[Drawing]:
    """The plan, then as many sheets as the names of a long waiting list need beyond the first."""
    grow = ink.growth(width, height)
    type_ = Type()
    sheet = Drawing(width * ink.MM, height * ink.MM, type_)
    margin = ink.MARGIN * ink.MM * min(grow, 2)
    area = Rect(margin, margin, sheet.width - margin, sheet.height - margin)
    top = _head(sheet, document, options, area, grow)
    foot = draw_legend(sheet, document, _version_line(document, options), area, grow)
    items = waiting_texts(document) if options.waiting else []
    note = ink.NOTE * grow * ink.MM
    wanted = flow_height(type_, items, area.width, note)
    allowed = min(wanted, (foot - top) * 0.25)
    gap = 2.5 * grow * ink.MM
    bottom = foot - (allowed + gap if items else gap)
    draw_room(sheet, document, options, Rect(area.left, top + gap, area.right, bottom))
    if not items:
        return [sheet]
    title = f"待排（{len(items)} 人）"
    shown = flow(sheet, title, items, Rect(area.left, bottom + gap * 0.6, area.right, foot), note)
    pages = [sheet]
    while shown < len(items):
        more = Drawing(sheet.width, sheet.height, type_)
        start = _head(more, document, options, area, grow) + gap
        end = draw_legend(more, document, _version_line(document, options), area, grow)
        shown += flow(more, f"{title}续", items[shown:], Rect(area.left, start, area.right, end), note)
        pages.append(more)
    return pages


def heading(document: Document) -> str:
    """The title printed over a plan."""
    title = " ".join(document.meeting.title.split())
    return title if title.endswith("座位图") else f"{title}座位图"


def place_line(document: Document) -> str:
    """When and where, in one line; empty when nothing is known."""
    meeting, room = document.meeting, document.room
    place = meeting.place or " ".join(part for part in (room.building, room.floor, room.name) if part)
    when = _chinese(meeting.start)
    return "　".join(part for part in (when, place) if part)


def _chinese(moment: str) -> str:
    """An ISO time as official papers write it: 2026年3月2日 09:00; other texts as they are."""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return " ".join(moment.replace("T", " ").split())
    day = f"{at.year}年{at.month}月{at.day}日"
    return f"{day} {at:%H:%M}" if "T" in moment or ":" in moment else day


def _version_line(document: Document, options: PlanOptions) -> str:
    parts = [frame_line(document, options.frame), version_text(document)]
    if options.printed:
        parts.append(f"{options.printed} 打印")
    return "　".join(parts)


def frame_line(document: Document, frame: str) -> str:
    """The name of the frame; it says so when there is no door to look from."""
    if frame == "entrance" and main_door(document) is None:
        return f"{FRAMES[frame]}（未设门，同观众视角）"
    return FRAMES[frame]


def _head(sheet: Drawing, document: Document, options: PlanOptions, area: Rect, grow: float) -> float:
    """Title and sub-title; returns where they end."""
    centre = (area.left + area.right) / 2
    face = choose("小标宋", 700).face
    size = ink.TITLE * grow * ink.MM
    fitted = fit(sheet.type, face, heading(document), area.width, size * 2.4, size, 2)
    y = area.top
    for line in fitted.lines:
        sheet.text(line, centre, y + fitted.size * 0.55, fitted.size, face, ink.TEXT, part="title")
        y += fitted.size * 1.25
    small = ink.SUBTITLE * grow * ink.MM
    plain = sans(400)
    badge = frame_line(document, options.frame)
    size = small * 0.95
    width = sheet.type.width(sans(600), badge) * size + small * 1.2
    y += small * 0.85
    subtitle = place_line(document)
    if subtitle:
        room = area.width - 2 * (width + small)
        fitted = fit(sheet.type, plain, subtitle, room, small * 1.2, small, 1)
        sheet.text(" ".join(subtitle.split()), centre, y, fitted.size, plain, ink.TEXT_2, part="subtitle")
    box = Box(area.right - width / 2, y, width, small * 1.7)
    sheet.rect(box, line=ink.RULE, pen=ink.PEN * grow * ink.MM, radius=small * 0.25)
    sheet.text(badge, box.x, box.y, size, sans(600), ink.TEXT, part="frame")
    y += small * 1.15
    return y
