"""Draws seats as chips with the name upright in every frame; pictures of chips are kept and reused."""

from __future__ import annotations

import math
from collections import OrderedDict

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QTransform

from meeting_seat_designer.editor.canvas.looks import SeatLook
from meeting_seat_designer.engine.model.layout import SEAT_KINDS
from widgets.theme import Theme, ThemeManager

_KEEP_PIXELS = 12_000_000
_SMALL_PIXELS = 4096
"""About 48 MB of chips are kept; only small ones for stretching while the wheel turns."""
_SMALLEST_TEXT = 8
_INITIAL_FROM = 13.0
"""Chips narrower than this many pixels carry no text."""
_NAME_FROM = 25.0
"""Chips narrower than this carry only the surname's character."""
_DETAIL_FROM, _DETAIL_WIDE = 46.0, 60.0
"""Chips at least this high and wide (pixels) also show the unit."""

_STYLES: dict[str, tuple[str, str, str]] = {
    "empty": ("card", "line", "text_3"),
    "taken": ("raised", "line_strong", "text"),
    "stage": ("brand", "brand", "on_brand"),
    "stage-empty": ("brand_weak", "brand_text", "brand_text"),
    "present": ("ok_weak", "ok", "ok_text"),
    "off": ("canvas", "line", "text_3"),
    "wheelchair": ("brand_weak", "line_strong", "brand_text"),
    "interpreter": ("secret_weak", "line_strong", "secret_text"),
    "recorder": ("secret_weak", "line_strong", "secret_text"),
    "buffer": ("card", "line_strong", "text_2"),
}
_MARKS = {"lock": "secret", "pin": "ok", "special": "brand"}
_WARNED = ("warn_weak", "warn", "warn_text")
_FAR = ("brand_weak", "selection", "brand_text")
"""A taken seat too small for a name."""


class SeatPainter:
    """Paints looks in device pixels; one per scene, told when the theme changes."""

    def __init__(self, themes: ThemeManager) -> None:
        self._themes = themes
        self._chips: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()
        self._latest: dict[str, QPixmap] = {}
        self._pixels = 0
        self.rough = False
        """While the wheel turns: chips of the last scale are stretched, sharp ones come when it rests."""

    def forget(self) -> None:
        """Throw the kept pictures away (another theme or font)."""
        self._chips.clear()
        self._latest.clear()
        self._pixels = 0

    def paint(
        self, painter: QPainter, looks: list[SeatLook], transform: QTransform, ratio: float, scale: float
    ) -> None:
        """Draw `looks`; the painter must be without a world transform, `transform` leads from mm to its pixels."""
        turn = math.degrees(math.atan2(transform.m12(), transform.m11()))
        m11, m12, m21, m22 = transform.m11(), transform.m12(), transform.m21(), transform.m22()
        dx, dy = transform.dx(), transform.dy()
        chips, latest, rough = self._chips, self._latest, self.rough
        draw = painter.drawPixmap
        for look in looks:
            x = look.x * m11 + look.y * m21 + dx
            y = look.x * m12 + look.y * m22 + dy
            angle = (look.angle + turn) % 180
            w, h = look.w * scale, look.h * scale
            skew = min(angle, 180 - angle)
            if skew > 0.5 and abs(angle - 90) > 0.5:
                self._slanted(painter, look, x, y, w, h, angle if angle < 90 else angle - 180, ratio)
                continue
            if skew > 45:
                w, h = h, w
            width, height = max(2, round(w)), max(2, round(h))
            room = max(width, height)
            text = look.text if room >= _NAME_FROM else look.text[:1] if room >= _INITIAL_FROM else ""
            code = look.code if room >= _INITIAL_FROM and not look.text else ""
            sub = look.sub if height >= _DETAIL_FROM and width >= _DETAIL_WIDE and text else ""
            key = (width, height, look.style, look.warned, text, code, sub, look.mark, ratio)
            chip = chips.get(key)
            if chip is None and rough:
                old = latest.get(look.id)
                if old is not None:
                    spot = QRectF(round(x - width / 2), round(y - height / 2), width, height)
                    draw(spot, old, QRectF(old.rect()))
                    continue
            if chip is None:
                chip = self._chip(look, width, height, text, code, sub, ratio)
                self._keep(key, chip)
            if chip.width() * chip.height() <= _SMALL_PIXELS:
                latest[look.id] = chip
            draw(QPointF(round(x - width / 2), round(y - height / 2)), chip)

    def _keep(self, key: tuple[object, ...], chip: QPixmap) -> None:
        self._chips[key] = chip
        self._pixels += chip.width() * chip.height()
        while self._pixels > _KEEP_PIXELS and len(self._chips) > 1:
            _, old = self._chips.popitem(last=False)
            self._pixels -= old.width() * old.height()

    def chip(self, look: SeatLook, width: int, height: int, ratio: float) -> QPixmap:
        """A single chip as a picture (what is dragged under the pointer)."""
        return self._chip(look, width, height, look.text, "" if look.text else look.code, "", ratio)

    def _chip(
        self, look: SeatLook, width: int, height: int, text: str, code: str, sub: str, ratio: float
    ) -> QPixmap:
        pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(0, 0, width, height)
        self._body(painter, rect, look)
        self._words(painter, rect, look, text, code, sub)
        painter.end()
        return pixmap

    def _colors(self, look: SeatLook, far: bool = False) -> tuple[QColor, QColor, QColor]:
        theme = self._themes.theme
        names = _STYLES[look.style]
        if look.warned and look.style in ("taken", "empty"):
            names = _WARNED
        elif look.style == "taken" and far:
            names = _FAR
        ground, line, ink = (theme.color(name) for name in names)
        return ground, line, ink

    def _body(self, painter: QPainter, rect: QRectF, look: SeatLook) -> None:
        theme = self._themes.theme
        ground, line, _ = self._colors(look, max(rect.width(), rect.height()) < _NAME_FROM)
        if look.warned and look.style == "stage":
            line = theme.color("warn")
        radius = min(theme.radius.small + 1, rect.height() / 4, rect.width() / 4)
        dashed = look.style in ("buffer", "off") and rect.width() >= _NAME_FROM
        pen = QPen(line, 2 if look.warned and look.style == "stage" else 1)
        if dashed:
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen if rect.width() >= 6 else Qt.PenStyle.NoPen)
        if rect.width() < 6:
            ground = line if look.text else theme.color("line_strong")
        painter.setBrush(ground)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if look.mark and rect.width() >= _NAME_FROM:
            # A corner says that the seat is held (left) or of a special kind (right).
            side = min(rect.width(), rect.height()) * 0.3
            edge, toward = (rect.width() - 1, -1) if look.mark == "special" else (1, 1)
            corner = [QPointF(edge, 1), QPointF(edge + toward * side, 1), QPointF(edge, 1 + side)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(_MARKS[look.mark]))
            painter.drawPolygon(corner)

    def _words(self, painter: QPainter, rect: QRectF, look: SeatLook, text: str, code: str, sub: str) -> None:
        theme = self._themes.theme
        far = max(rect.width(), rect.height()) < _NAME_FROM
        ink = self._colors(look, far)[2]
        painter.setPen(ink)
        if text:
            box = rect.adjusted(1, 0, -1, 0)
            if sub:
                box = QRectF(box.left(), box.top() + box.height() * 0.08, box.width(), box.height() * 0.52)
                low = QRectF(rect.left() + 2, box.bottom(), rect.width() - 4, rect.height() * 0.34)
                self._line(painter, low, sub, theme, 0.72, theme.px("caption"))
            self._name(painter, box, text, theme)
        elif code and look.style not in ("off",):
            kind = SEAT_KINDS.get(look.style, "")
            short = kind[:2] if kind and look.style != "normal" else _short_code(code)
            painter.setPen(ink if kind else theme.color("text_3"))
            self._line(painter, rect.adjusted(1, 0, -1, 0), short, theme, 0.5, theme.px("micro"))

    def _name(self, painter: QPainter, box: QRectF, text: str, theme: Theme) -> None:
        """One line where it fits, upright where the chip is tall, two lines for long names, then an ellipsis."""
        largest = max(theme.px("secondary"), round(box.height() * 0.34))
        ems = max(
            3.0, _width(text)
        )  # names of two and three characters share one size, so that a row reads evenly
        if box.height() > box.width() * 1.25 and len(text) <= 4 and box.width() < 3 * largest:
            size = min(largest, int(box.width() * 0.6), int((box.height() - 7) / max(3, len(text)) / 1.08))
            if size >= _SMALLEST_TEXT:
                self._upright(painter, box, text, theme, size)
                return
        roomy = int((box.width() - 5) / ems)
        tight = min(9, int((box.width() + 2) / ems))
        size = min(largest, int(box.height() * 0.72), max(roomy, tight))
        if size >= _SMALLEST_TEXT or len(text) <= 3:
            self._put(painter, box, text, theme, max(size, _SMALLEST_TEXT - 1))
            return
        half = math.ceil(len(text) / 2)
        parts = text[:half].strip("·"), text[half:].strip("·")
        size = min(int(box.height() / 2.3), int(box.width() / max(_width(part) for part in parts)))
        if size >= _SMALLEST_TEXT - 1:
            top = QRectF(box.left(), box.top(), box.width(), box.height() / 2)
            self._put(painter, top.translated(0, 1), parts[0], theme, size)
            self._put(painter, top.translated(0, box.height() / 2 - 1), parts[1], theme, size)
            return
        self._line(painter, box, text, theme, 0.7, _SMALLEST_TEXT)

    def _upright(self, painter: QPainter, box: QRectF, text: str, theme: Theme, size: int) -> None:
        """Characters one below the other."""
        step = size * 1.08
        top = box.center().y() - step * len(text) / 2
        for index, character in enumerate(text):
            cell = QRectF(box.left(), top + index * step, box.width(), step)
            self._put(painter, cell, character, theme, size)

    def _put(self, painter: QPainter, box: QRectF, text: str, theme: Theme, size: int) -> None:
        painter.setFont(_sized(theme.font("caption"), size))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), text)

    def _line(
        self, painter: QPainter, box: QRectF, text: str, theme: Theme, part: float, largest: int
    ) -> None:
        size = max(_SMALLEST_TEXT, min(largest, int(box.height() * part)))
        font = _sized(theme.font("caption"), size)
        painter.setFont(font)
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 1)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)

    def _slanted(
        self,
        painter: QPainter,
        look: SeatLook,
        x: float,
        y: float,
        w: float,
        h: float,
        angle: float,
        ratio: float,
    ) -> None:
        """Seats on an arc: the chip is turned, the name stays upright unless that is a slight turn."""
        painter.save()
        painter.translate(x, y)
        painter.rotate(angle)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(-w / 2, -h / 2, w, h)
        self._body(painter, rect, look)
        if abs(angle) > 30:
            painter.rotate(-angle)
        if w >= _INITIAL_FROM:
            text = look.text if w >= _NAME_FROM else look.text[:1]
            sub = look.sub if h >= _DETAIL_FROM and w >= _DETAIL_WIDE else ""
            self._words(painter, rect, look, text, "" if text else look.code, sub)
        painter.restore()


def _sized(font: QFont, pixels: int) -> QFont:
    made = QFont(font)
    made.setPixelSize(pixels)
    return made


def _width(text: str) -> float:
    """Width in ems: a Chinese character counts one, others about half."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.58 for character in text)


def _short_code(code: str) -> str:
    """The number of the chair in its row, which the row's label completes."""
    digits = ""
    for character in reversed(code.rstrip("座号位")):
        if not character.isdigit():
            break
        digits = character + digits
    return digits or code
