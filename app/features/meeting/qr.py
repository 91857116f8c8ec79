"""The check-in code on screen and in print (3.1.6.4.7)."""

from __future__ import annotations

from pathlib import Path

import segno
from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPageLayout, QPageSize, QPainter, QPaintEvent, QPdfWriter
from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager

_QUIET = 4
"""Light modules around the code, as the standard asks."""
_DARK, _LIGHT = Qt.GlobalColor.black, Qt.GlobalColor.white


def draw_qr(painter: QPainter, box: QRectF, text: str) -> None:
    """Draw the code of `text` into the square `box`, dark on light whatever the theme: phones read nothing else."""
    matrix = segno.make(text, error="m", micro=False).matrix
    count = len(matrix) + 2 * _QUIET
    side = box.width() / count
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(box, _LIGHT)
    for y, row in enumerate(matrix):
        start = -1
        for x, dark in enumerate([*row, 0]):
            if dark and start < 0:
                start = x
            elif not dark and start >= 0:
                left, top = box.left() + (start + _QUIET) * side, box.top() + (y + _QUIET) * side
                # Rounded outwards to whole pixels, else hair lines show between rows.
                painter.fillRect(QRectF(left, top, (x - start) * side, side + 0.6), _DARK)
                start = -1
    painter.restore()


class QrView(QWidget):
    """Shows a code as large as fits."""

    def __init__(self, themes: ThemeManager, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = text
        self.setAccessibleName("签到二维码")
        side = themes.theme.sizes.picker_side
        self.setMinimumSize(side, side)

    def show_text(self, text: str) -> None:
        """Show another code."""
        self.text = text
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = min(self.width(), self.height())
        if self.text:
            draw_qr(
                painter, QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side), self.text
            )


def save_qr_pdf(path: Path, text: str, title: str, line: str) -> None:
    """An A4 sheet for the hall's door: title, time and place, the code 14 cm wide, what to do."""
    writer = QPdfWriter(str(path))
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(15, 15, 15, 15)
        )
    )
    writer.setResolution(300)
    writer.setTitle(f"{title} 签到码")
    mm = 300 / 25.4
    painter = QPainter(writer)
    try:
        wide = float(painter.viewport().width())
        painter.setPen(QColor(_DARK))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        _words(painter, QRectF(0, 8 * mm, wide, 44 * mm), title, 30, int(centre), bold=True)
        _words(painter, QRectF(0, 54 * mm, wide, 12 * mm), line, 15, int(centre))
        side = 140 * mm
        draw_qr(painter, QRectF((wide - side) / 2, 72 * mm, side, side), text)
        _words(painter, QRectF(0, 216 * mm, wide, 14 * mm), "请用手机扫码签到", 24, int(centre), bold=True)
        _words(
            painter,
            QRectF(0, 232 * mm, wide, 10 * mm),
            "填写会议登记的手机号，即可签到并查看座位",
            14,
            int(centre),
        )
    finally:
        painter.end()


def _words(painter: QPainter, box: QRectF, text: str, points: int, flags: int, *, bold: bool = False) -> None:
    font = QFont(painter.font())
    font.setPointSizeF(points)
    font.setBold(bold)
    while points > 8 and painter.boundingRect(box, flags, text).height() > box.height():
        points -= 1
        font.setPointSizeF(points)
        painter.setFont(font)
    painter.setFont(font)
    painter.drawText(box, flags, text)
