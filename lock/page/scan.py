"""The part of the lock page with the QR picture that the owner's phone scans."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets.controls import button, label
from widgets.theme import ThemeManager

QUIET = 4
"""Modules of white around the picture, as the standard wants."""


def _dots(text: str) -> list[list[bool]]:
    import segno  # Here, so that the start of the client does not wait for it.

    return [[bool(dot) for dot in row] for row in segno.make_qr(text, error="m").matrix]


class QrPicture(QWidget):
    """A QR code, black on white whatever the theme: readers want the contrast."""

    def __init__(self, side: int, radius: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[list[bool]] = []
        self._radius = radius
        self.setFixedSize(side, side)
        self.setAccessibleName("解锁二维码")

    def show_text(self, text: str) -> None:
        """Show the code of `text`; empty shows none."""
        self._rows = _dots(text) if text else []
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The white card and the dots, on whole pixels."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Qt.GlobalColor.white))
        painter.drawRoundedRect(QRectF(self.rect()), self._radius, self._radius)
        if not self._rows:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        ratio = self.devicePixelRatioF()
        modules = len(self._rows) + 2 * QUIET
        dot = int(self.width() * ratio / modules) / ratio
        start = (self.width() - dot * len(self._rows)) / 2
        for y, row in enumerate(self._rows):
            for x, black in enumerate(row):
                if black:
                    painter.fillRect(
                        QRectF(start + x * dot, start + y * dot, dot, dot), QColor(Qt.GlobalColor.black)
                    )


class ScanPanel(QWidget):
    """Signals: `again_wanted()` after a code ran out or was refused."""

    again_wanted = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = themes.theme
        self.picture = QrPicture(theme.sizes.detail, theme.radius.control, self)
        self.title = label("用手机扫码解锁", "title", "on-lock")
        self.words = label("", "secondary", "on-lock-2", wrap=True)
        self.code = label("", "headline", "on-lock")
        self.code.setAccessibleName("解锁码")
        self.again = button("重新生成", "lock-link")
        self.again.clicked.connect(self.again_wanted)
        column = QVBoxLayout()
        column.setSpacing(theme.space.s)
        for one in (self.title, self.words, self.code):
            column.addWidget(one)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space.l)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.show_waiting()

    def show_waiting(self) -> None:
        """The server is being asked."""
        self.picture.show_text("")
        self.words.setText("正在生成二维码…")
        self.code.setText("")
        self.again.hide()

    def show_scan(self, url: str, code: str) -> None:
        """A code that can be scanned, and eight digits to type instead."""
        self.picture.show_text(url)
        self.words.setText("用手机相机或浏览器扫码并确认。无法扫码时，在手机“政钉”页面输入解锁码：")
        self.code.setText(f"{code[:4]} {code[4:]}")
        self.again.hide()

    def show_problem(self, text: str) -> None:
        """It ran out, was refused, or could not be had."""
        self.picture.show_text("")
        self.words.setText(text)
        self.code.setText("")
        self.again.show()
