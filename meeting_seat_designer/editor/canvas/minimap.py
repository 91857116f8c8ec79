"""The small map of the whole room with the part that is shown; click or drag in it to go there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from meeting_seat_designer.editor.canvas.view import PlanView
from widgets.controls.painted import Painted, round_rect
from widgets.theme import ThemeManager

_REFRESH_MS = 120
_WIDE, _HIGH = 5, 4


class MiniMap(Painted):
    """Shown while only a part of the room is in sight."""

    def __init__(self, view: PlanView, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(themes, parent)
        self._view = view
        side = themes.theme.sizes.control
        self.setFixedSize(side * _WIDE, side * _HIGH)
        self.setAccessibleName("缩略图")
        self.setToolTip("单击或拖动查看其他位置")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picture = QPixmap()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REFRESH_MS)
        self._soon.timeout.connect(self._redraw)
        editing = view.editing
        for signal in (editing.changed, editing.replaced, editing.frame_changed):
            signal.connect(self._soon.start)
        view.viewed.connect(self._moved)
        self._redraw()

    def theme_changed(self) -> None:
        self._redraw()

    def _map(self) -> QTransform:
        """From mm to this widget."""
        area = self._view.plan.content_rect()
        turn = QTransform().rotate(self._view.editing.turn)
        turned = turn.mapRect(area)
        pad = self.theme.space.s
        scale = min(
            (self.width() - 2 * pad) / max(1.0, turned.width()),
            (self.height() - 2 * pad) / max(1.0, turned.height()),
        )
        middle = turned.center()
        return (
            turn
            * QTransform.fromScale(scale, scale)
            * QTransform.fromTranslate(
                self.width() / 2 - middle.x() * scale, self.height() / 2 - middle.y() * scale
            )
        )

    def _redraw(self) -> None:
        theme = self.theme
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        round_rect(
            painter, QRectF(self.rect()), theme.radius.control, theme.color("raised"), theme.color("line")
        )
        transform = self._map()
        plan = self._view.plan
        painter.setPen(QPen(theme.color("line_strong"), 1))
        painter.setBrush(theme.color("content"))
        painter.drawRect(transform.mapRect(plan.room.floor))
        painter.setPen(Qt.PenStyle.NoPen)
        for fixture in plan.fixtures.values():
            color = "card" if fixture.fixture.kind == "rostrum" else "text_3"
            painter.setBrush(theme.color(color))
            painter.drawRect(transform.mapRect(fixture.mapRectToScene(fixture.body)))
        scale = (transform.m11() ** 2 + transform.m12() ** 2) ** 0.5
        dots: dict[str, list[QRectF]] = {}
        for look in plan.looks.values():
            at = transform.map(QPointF(look.x, look.y))
            side = max(1.4, look.h * scale * 0.8)
            color = "warn" if look.warned else "brand" if look.text else "line_strong"
            dots.setdefault(color, []).append(QRectF(at.x() - side / 2, at.y() - side / 2, side, side))
        for color, rects in dots.items():
            painter.setBrush(theme.color(color))
            painter.drawRects(rects)
        painter.end()
        self._picture = picture
        self.update()

    def _moved(self) -> None:
        seen = self._seen()
        self.setVisible(not seen.contains(self._view.plan.room.floor))
        self.update()

    def _seen(self) -> QRectF:
        view = self._view
        return view.mapToScene(view.viewport().rect()).boundingRect()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        focus = self.theme.color("focus")
        wash = QColor(focus)
        wash.setAlphaF(0.10)
        painter.setPen(QPen(focus, 1))
        painter.setBrush(wash)
        frame = self._map().mapRect(self._seen())
        painter.drawRect(frame.intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2)))

    def _go(self, event: QMouseEvent) -> None:
        back, possible = self._map().inverted()
        if possible:
            self._view.centre_on(back.map(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)
