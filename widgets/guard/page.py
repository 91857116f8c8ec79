"""The protection page: a picture and two lines over what must not be captured (3.1.1.8)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.controls.painted import Painted
from widgets.theme import TextRole, Theme, ThemeManager

TITLE = "安全防护中"
TEXT = "录屏期间隐藏你的密聊信息"
UNCONFIRMED = "系统防截屏未能生效，内容已隐藏"
CHECKING = "正在检查录屏状态"


class ProtectionPage(Painted):
    """Opaque; swallows the mouse. In a small place it is one line with a small picture."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        # Nothing below is painted where this is: a page that let its ground through would hide nothing.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._title, self._text, self._hint = TITLE, TEXT, ""
        self.say(TITLE, TEXT)

    @property
    def title(self) -> str:
        """The large line."""
        return self._title

    @property
    def text(self) -> str:
        """The small line."""
        return self._text

    def say(self, title: str, text: str, hint: str = "") -> None:
        """Show other words; `hint`: a third, fainter line that tells what was found."""
        self._title, self._text, self._hint = title, text, hint
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        side = self.theme.sizes.guard_picture
        return QSize(side * 3, side * 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("content"))
        space, side = self.theme.space, self.theme.grow(self.theme.sizes.guard_picture)
        lines = self.theme.line("headline") + space.s + self.theme.line("body")
        if self._hint:
            lines += space.l + self.theme.line("caption")
        whole = side + space.l + lines
        if self.height() >= whole + 2 * space.l and self.width() >= side + 2 * space.xl:
            self._paint_large(painter, side, whole)
        else:
            self._paint_small(painter)

    def _paint_large(self, painter: QPainter, side: int, whole: int) -> None:
        theme, space = self.theme, self.theme.space
        top = (self.height() - whole) / 2
        paint_guard_picture(painter, QRectF((self.width() - side) / 2, top, side, side), theme)
        top += side + space.l
        top = self._line(painter, top, self._title, "headline", "text") + space.s
        top = self._line(painter, top, self._text, "body", "text_2") + space.l
        if self._hint:
            self._line(painter, top, self._hint, "caption", "text_2")

    def _line(self, painter: QPainter, top: float, words: str, role: TextRole, color: str) -> float:
        """Draw a centred line, elided; returns where it ends."""
        space, height = self.theme.space, self.theme.line(role)
        room = QRectF(space.m, top, self.width() - 2 * space.m, height)
        font = self.theme.font(role)
        painter.setFont(font)
        painter.setPen(self.theme.color(color))
        shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, shown)
        return top + height

    def _paint_small(self, painter: QPainter) -> None:
        theme, space = self.theme, self.theme.space
        font = theme.font("secondary")
        metrics = QFontMetricsF(font)
        room = self.width() - 2 * space.s
        icon = min(theme.sizes.icon, self.height())
        words = f"{self._title} · {self._text}"
        if metrics.horizontalAdvance(words) + icon + space.s > room:
            words = self._title
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, room - icon - space.s))
        left = max(space.s, (self.width() - icon - space.s - metrics.horizontalAdvance(words)) / 2)
        place = QRectF(left, (self.height() - icon) / 2, icon, icon)
        self.themes.icons.paint(painter, "shield", place, "secret_text")
        painter.setFont(font)
        painter.setPen(theme.color("text_2"))
        text = QRectF(
            place.right() + space.s, 0, max(0, self.width() - place.right() - space.s), self.height()
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


def _shield(rect: QRectF) -> QPainterPath:
    """A heraldic shield that fills `rect`."""
    x, y, w, h = rect.x(), rect.y(), rect.width(), rect.height()
    path = QPainterPath(QPointF(x + w / 2, y))
    path.cubicTo(x + w * 0.66, y + h * 0.10, x + w * 0.84, y + h * 0.14, x + w, y + h * 0.15)
    path.lineTo(x + w, y + h * 0.50)
    path.cubicTo(x + w, y + h * 0.76, x + w * 0.74, y + h * 0.92, x + w / 2, y + h)
    path.cubicTo(x + w * 0.26, y + h * 0.92, x, y + h * 0.76, x, y + h * 0.50)
    path.lineTo(x, y + h * 0.15)
    path.cubicTo(x + w * 0.16, y + h * 0.14, x + w * 0.34, y + h * 0.10, x + w / 2, y)
    path.closeSubpath()
    return path


def paint_guard_picture(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """A shield on a soft disc with a struck-out camera: drawn, so it is sharp at every scale."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    x, y, side = rect.x(), rect.y(), rect.width()
    painter.setBrush(theme.color("secret_weak"))
    painter.drawEllipse(rect)
    # Sound waves of a lens: two rings, fainter outwards.
    ring = QColor(theme.color("secret_text"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for grown, alpha in ((0.055, 0.30), (0.0, 0.16)):
        ring.setAlphaF(alpha)
        painter.setPen(QPen(ring, max(1.0, side * 0.008)))
        inset = side * grown + side * 0.004
        painter.drawEllipse(rect.adjusted(inset, inset, -inset, -inset))
    body = QRectF(x + side * 0.27, y + side * 0.20, side * 0.46, side * 0.58)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("secret"))
    painter.drawPath(_shield(body))
    shine = QColor(theme.color("on_secret"))
    shine.setAlphaF(0.12)
    half = QPainterPath()
    half.addRect(QRectF(body.center().x(), body.top(), body.width() / 2, body.height()))
    painter.setBrush(shine)
    painter.drawPath(_shield(body).intersected(half))
    _camera(painter, body, side, theme)
    painter.restore()


def _camera(painter: QPainter, body: QRectF, side: float, theme: Theme) -> None:
    ink, stroke = theme.color("on_secret"), side * 0.026
    pen = QPen(ink, stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle = QPointF(body.center().x(), body.center().y() - side * 0.015)
    box = QRectF(middle.x() - side * 0.125, middle.y() - side * 0.065, side * 0.17, side * 0.13)
    painter.drawRoundedRect(box, side * 0.025, side * 0.025)
    lens = QPainterPath(QPointF(box.right(), middle.y() - side * 0.018))
    lens.lineTo(box.right() + side * 0.075, middle.y() - side * 0.055)
    lens.lineTo(box.right() + side * 0.075, middle.y() + side * 0.055)
    lens.lineTo(box.right(), middle.y() + side * 0.018)
    painter.drawPath(lens)
    start = QPointF(middle.x() - side * 0.125, middle.y() - side * 0.12)
    end = QPointF(middle.x() + side * 0.125, middle.y() + side * 0.12)
    # The stroke has a margin of the shield's colour, so that it reads as lying over the camera.
    painter.setPen(QPen(theme.color("secret"), stroke * 2.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(start, end)
    painter.setPen(pen)
    painter.drawLine(start, end)
