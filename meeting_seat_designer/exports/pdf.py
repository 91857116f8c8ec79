"""PDF: vector, embedded fonts, one sheet or tiles to be glued together with overlap and crop marks."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.geometry import Rect
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing, paint
from meeting_seat_designer.exports.fonts import sans
from meeting_seat_designer.exports.papers import Paper
from meeting_seat_designer.exports.searchable import searchable

DPI = 2540
"""At this resolution one unit of the writer is 0.01 mm."""
BORDER = 8.0
"""Margin of a tile in mm that office printers cannot reach, with crop marks and the tile's number."""
OVERLAP = 10.0
"""Paper in mm that neighbouring tiles share."""


class Tile(NamedTuple):
    """One tile: row and column from 1, and the part of the whole sheet it shows (0.01 mm)."""

    row: int
    column: int
    window: Rect


def pdf_bytes(pages: list[Drawing], title: str) -> bytes:
    """A PDF with one page for each drawing, each of its own size."""
    return _write(title, [(page.width, page.height, page, None) for page in pages])


def tile_windows(width: float, height: float, paper: Paper) -> list[Tile]:
    """How a sheet of width × height (0.01 mm) is cut into tiles, each overlapping the next by OVERLAP."""
    inner_w, inner_h = (paper.width - 2 * BORDER) * ink.MM, (paper.height - 2 * BORDER) * ink.MM
    columns, rows = _count(width, inner_w), _count(height, inner_h)
    step_x, step_y = inner_w - OVERLAP * ink.MM, inner_h - OVERLAP * ink.MM
    return [
        Tile(row + 1, column + 1, Rect(x, y, x + inner_w, y + inner_h))
        for row in range(rows)
        for column in range(columns)
        for x, y in [(column * step_x, row * step_y)]
    ]


def _count(length: float, inner: float) -> int:
    overlap = OVERLAP * ink.MM
    return max(1, math.ceil((length - overlap - 1) / (inner - overlap)))


def tiled_pdf_bytes(pages: list[Drawing], title: str, paper: Paper) -> bytes:
    """The same sheets cut into tiles of a smaller paper; each tile says its row and column."""
    jobs: list[tuple[float, float, Drawing, Tile | None]] = []
    for page in pages:
        tiles = tile_windows(page.width, page.height, paper)
        jobs += [(paper.width * ink.MM, paper.height * ink.MM, page, tile) for tile in tiles]
    return _write(title, jobs)


def _write(title: str, jobs: list[tuple[float, float, Drawing, Tile | None]]) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setTitle(title)
    writer.setCreator("政钉会议排座")
    writer.setPageLayout(_layout(*jobs[0][:2]))
    painter = QPainter()
    if not painter.begin(writer):
        raise SeatingError("无法生成 PDF")
    try:
        for number, (width, height, drawing, tile) in enumerate(jobs):
            if number:
                writer.setPageLayout(_layout(width, height))
                writer.newPage()
            if tile is None:
                paint(painter, drawing)
            else:
                _paint_tile(painter, drawing, tile, width, height)
    finally:
        painter.end()
        buffer.close()
    return searchable(bytes(data.data()))


def _layout(width: float, height: float) -> QPageLayout:
    size = QPageSize(
        QSizeF(width / ink.MM, height / ink.MM),
        QPageSize.Unit.Millimeter,
        "",
        QPageSize.SizeMatchPolicy.ExactMatch,
    )
    return QPageLayout(
        size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter
    )


def _paint_tile(painter: QPainter, drawing: Drawing, tile: Tile, width: float, height: float) -> None:
    border = BORDER * ink.MM
    window = tile.window
    painter.save()
    painter.setClipRect(QRectF(border, border, window.width, window.height))
    painter.translate(border - window.left, border - window.top)
    paint(painter, drawing, window)
    painter.restore()
    paint(painter, _marks(drawing, tile, width, height))


def _marks(drawing: Drawing, tile: Tile, width: float, height: float) -> Drawing:
    """Crop marks at the corners of the picture, the glue line of the overlap, and the tile's place."""
    border = BORDER * ink.MM
    marks = Drawing(width, height, drawing.type)
    left, top = border, border
    right, bottom = border + tile.window.width, border + tile.window.height
    pen = ink.PEN * ink.MM
    long = border * 0.6
    for x in (left, right):
        for y, sign in ((top, -1), (bottom, 1)):
            marks.line(x, y + sign * border * 0.15, x, y + sign * (border * 0.15 + long), ink.RULE, pen)
    for y in (top, bottom):
        for x, sign in ((left, -1), (right, 1)):
            marks.line(x + sign * border * 0.15, y, x + sign * (border * 0.15 + long), y, ink.RULE, pen)
    overlap = OVERLAP * ink.MM
    if tile.column > 1:
        marks.line(left + overlap, top, left + overlap, bottom, ink.HAIR, pen, dashed=True)
    if tile.row > 1:
        marks.line(left, top + overlap, right, top + overlap, ink.HAIR, pen, dashed=True)
    text = f"第 {tile.row} 行第 {tile.column} 列　沿角线裁切，压住左邻、上邻 {OVERLAP:g} mm 粘贴"
    size = min(2.4 * ink.MM, border * 0.4)
    marks.text(text, (left + right) / 2, bottom + border * 0.45, size, sans(400), ink.TEXT_2, part="tile")
    return marks
