"""A batch of name cards as PDF in the chosen order. Source: 3.1.6.4.6."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from meeting_seat_designer.cards.compose import CardSheets, compose
from meeting_seat_designer.cards.items import card_items
from meeting_seat_designer.cards.presets import CardPreset, copy_of
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.files import write_bytes
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.order.reasons import version_text
from meeting_seat_designer.exports.application import qt_application
from meeting_seat_designer.exports.pdf import pdf_bytes


@dataclass(frozen=True)
class CardResult:
    """How many cards on how many pages, and what the clerk should know."""

    count: int
    pages: int
    warnings: list[str]


def export_cards(
    document: Document,
    output: Path,
    preset: str | CardPreset = "tent_a4",
    *,
    content: str | None = None,
    font: str | None = None,
    order: str = "walk",
) -> CardResult:
    """Write the cards of all seated people; `content` and `font` override the preset's. EditError for nobody."""
    chosen = copy_of(preset) if isinstance(preset, str) else preset
    if content is not None:
        chosen.content = content
    if font is not None:
        chosen.font = font
        chosen.unit_font = chosen.unit_font if chosen.content != "unit" else font
    with qt_application():
        sheets = card_sheets(document, chosen, order)
        title = " ".join(f"{document.meeting.title} 座牌".split())
        write_bytes(output, pdf_bytes(sheets.pages, title))
    return CardResult(sheets.count, len(sheets.pages), sheets.warnings)


def card_sheets(document: Document, preset: CardPreset, order: str = "walk") -> CardSheets:
    """The same sheets for a preview and for print; needs a Qt application. EditError when nobody is seated."""
    items = card_items(document, order)
    if not items:
        raise EditError("还没有人排座，无法制作座牌；请先排座")
    stamp = "　".join(part for part in (document.meeting.title, version_text(document)) if part)
    sheets = compose(items, preset, " ".join(stamp.split(" ")))
    seated = set(document.plan.seats.values())
    left = [p.label for p in document.people if p.status == "attending" and p.id not in seated]
    if left:
        names = "、".join(left[:5]) + ("等" if len(left) > 5 else "")
        sheets.warnings.append(f"{len(left)} 人待排，未制作座牌：{names}")
    return sheets
