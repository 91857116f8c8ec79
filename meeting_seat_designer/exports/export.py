"""One call for every output of a plan. Source: 3.1.6.4.3."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.files import write_bytes
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.exports.application import qt_application
from meeting_seat_designer.exports.lists import lists_bytes
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.page import heading, plan_pages
from meeting_seat_designer.exports.papers import choose_paper, paper_named
from meeting_seat_designer.exports.pdf import pdf_bytes, tile_windows, tiled_pdf_bytes
from meeting_seat_designer.exports.pictures import image_bytes, svg_bytes

FORMATS = ("pdf", "png", "jpg", "svg", "xlsx")


def export_plan(
    document: Document,
    target: Path,
    format: str,
    *,
    frame: str = "audience",
    paper: str = "auto",
    tile: str = "",
    by: str = "unit",
    dpi: int = 200,
    mark: str = "",
    printed: str | None = None,
) -> None:
    """Write the plan to `target`, whole or not at all; SeatingError in Chinese for anything that cannot be done.

    `paper` auto or A4 … A0; `tile` a smaller paper to print the sheet in parts (PDF only); `by` unit or seat for
    the sign-in sheet (xlsx only); `mark` a person's id whose seat stands out; `printed` the date line (default today).
    """
    stamp = date.today().isoformat() if printed is None else printed
    options = PlanOptions(frame=frame, mark=mark, printed=stamp)
    if tile and format != "pdf":
        raise EditError("拼接打印只用于 PDF")
    write_bytes(target, plan_bytes(document, format, options, paper=paper, tile=tile, by=by, dpi=dpi))


def plan_bytes(
    document: Document,
    format: str,
    options: PlanOptions,
    *,
    paper: str = "auto",
    tile: str = "",
    by: str = "unit",
    dpi: int = 200,
) -> bytes:
    """The plan in one of FORMATS as bytes (for sending without a file); arguments as `export_plan`."""
    if format not in FORMATS:
        raise EditError(f"不支持的格式“{format}”，可用：{'、'.join(FORMATS)}")
    if format == "xlsx":
        return lists_bytes(document, by)
    sheet = choose_paper(document, options.frame, paper)
    with qt_application():
        pages = plan_pages(document, options, sheet.width, sheet.height)
        title = heading(document)
        if format == "svg":
            return svg_bytes(pages[0], title)
        if format in ("png", "jpg"):
            return image_bytes(pages[0], format, dpi)
        if not tile:
            return pdf_bytes(pages, title)
        small = min(
            (paper_named(tile, landscape=False), paper_named(tile, landscape=True)),
            key=lambda one: len(tile_windows(pages[0].width, pages[0].height, one)),
        )
        return tiled_pdf_bytes(pages, title, small)
