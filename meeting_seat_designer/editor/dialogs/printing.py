"""Printing sheets millimetre for millimetre, painted from the same drawings as preview and PDF. Source: 3.1.6.4.6."""

from __future__ import annotations

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter

from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing, paint


def page_of(sheet: Drawing) -> QPageLayout:
    """The page of a sheet, without margins."""
    width, height = sheet.width / ink.MM, sheet.height / ink.MM
    way = QPageLayout.Orientation.Landscape if width > height else QPageLayout.Orientation.Portrait
    size = QPageSize(QSizeF(min(width, height), max(width, height)), QPageSize.Unit.Millimeter)
    return QPageLayout(size, way, QMarginsF(0, 0, 0, 0))


def print_sheets(sheets: list[Drawing], printer: QPrinter) -> None:
    """Paint the sheets on a printer in their true size; SeatingError when it does not take them."""
    printer.setFullPage(True)
    if sheets:
        printer.setPageLayout(page_of(sheets[0]))
    painter = QPainter()
    if not sheets or not painter.begin(printer):
        raise SeatingError("打印机没有响应，请检查打印机后重试")
    try:
        for number, sheet in enumerate(sheets):
            if number:
                printer.setPageLayout(page_of(sheet))
                printer.newPage()
            scale = printer.resolution() / 25.4 / ink.MM
            painter.save()
            painter.scale(scale, scale)
            paint(painter, sheet)
            painter.restore()
    finally:
        painter.end()
