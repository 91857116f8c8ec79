"""A facility on the plan: screen, rostrum, door, window, column … each drawn so that a clerk knows it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from meeting_seat_designer.engine.geometry import Point, rotate
from meeting_seat_designer.engine.model.layout import FIXTURE_KINDS, Fixture, Room
from widgets.theme import ThemeManager

ICONS = {
    "screen": "screen",
    "terminal": "screen",
    "rostrum": "podium",
    "lectern": "podium",
    "door": "door",
    "window": "window",
    "column": "stop",
    "aisle": "arrow-down",
    "wall": "minus",
    "camera": "video",
    "text": "edit",
}
_BELOW = ("screen",)
_ROOM = 700.0
_LABEL_FROM = 0.0125
"""Pixels a mm from which the labels of large things are drawn; those of small ones come at twice that."""


class FixtureItem(QGraphicsItem):
    """Draws one fixture; placed by position and rotation, so that a drag costs nothing."""

    def __init__(self, themes: ThemeManager, fixture: Fixture, room: Room) -> None:
        super().__init__()
        self._themes = themes
        self.ident = fixture.id
        self._facts: tuple[object, ...] = ()
        self._fixture = fixture
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._inward = -1
        self.set_content(fixture, room)

    def set_content(self, fixture: Fixture, room: Room) -> None:
        """Draw this from now on."""
        across = rotate(Point(0, 1), fixture.angle)
        middle = (room.width / 2 - fixture.x) * across.x + (room.depth / 2 - fixture.y) * across.y
        inward = 1 if middle > 0 else -1
        facts = (fixture.kind, fixture.w, fixture.h, fixture.label, fixture.main, fixture.angle, inward)
        self._fixture, self._inward = fixture, inward
        self.setPos(fixture.x, fixture.y)
        if facts == self._facts:
            return
        self.prepareGeometryChange()
        self._facts = facts
        self.setRotation(fixture.angle)
        self.setZValue(-50 if fixture.kind in ("rostrum", "aisle") else -20)
        self.update()

    @property
    def fixture(self) -> Fixture:
        """The fixture drawn."""
        return self._fixture

    @property
    def body(self) -> QRectF:
        """What it covers, in its own coordinates (mm)."""
        fixture = self._fixture
        return QRectF(-fixture.w / 2, -fixture.h / 2, fixture.w, fixture.h)

    def boundingRect(self) -> QRectF:
        return self.body.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)

    def holds(self, at: QPointF, slack: float) -> bool:
        """Whether a point of the scene is on it, with `slack` mm around thin things."""
        return self.body.adjusted(-slack, -slack, slack, slack).contains(self.mapFromScene(at))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        kind = self._fixture.kind
        draw = getattr(self, f"_{kind}", self._box)
        draw(painter)
        self._caption(painter)

    def _pen(self, color: str, width: float = 1) -> QPen:
        pen = QPen(self._themes.theme.color(color), width)
        pen.setCosmetic(True)
        return pen

    def _fill(self, painter: QPainter, color: str, line: str = "", radius: float = 60) -> None:
        painter.setPen(self._pen(line) if line else Qt.PenStyle.NoPen)
        painter.setBrush(self._themes.theme.color(color))
        body = self.body
        limit = min(radius, body.width() / 2, body.height() / 2)
        painter.drawRoundedRect(body, limit, limit)

    def _screen(self, painter: QPainter) -> None:
        self._fill(painter, "tooltip", "line_strong")

    def _rostrum(self, painter: QPainter) -> None:
        self._fill(painter, "card", "line_strong", 180)

    def _door(self, painter: QPainter) -> None:
        """The gap in the wall, thick, and the leaf's swing."""
        body = self.body
        self._fill(painter, "brand" if self._fixture.main else "text_3", radius=20)
        painter.setPen(self._pen("text_3"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        side = self._inward
        reach = min(body.width() / 2, _ROOM)
        path = QPainterPath()
        for hinge in (body.left(), body.right()):
            toward = 1 if hinge < 0 else -1
            path.moveTo(hinge, 0)
            path.lineTo(hinge, side * reach)
            path.quadTo(hinge + toward * reach * 0.8, side * reach * 0.9, hinge + toward * reach, 0)
        painter.drawPath(path)

    def _window(self, painter: QPainter) -> None:
        body = self.body
        self._fill(painter, "content", "text_3", 10)
        painter.setPen(self._pen("text_3"))
        painter.drawLine(QPointF(body.left(), 0), QPointF(body.right(), 0))

    def _column(self, painter: QPainter) -> None:
        self._fill(painter, "line_strong", "text_3", 40)

    def _wall(self, painter: QPainter) -> None:
        self._fill(painter, "text_3", radius=10)

    def _aisle(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._themes.theme.color("card"))
        painter.drawRect(self.body)
        pen = self._pen("line_strong")
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        body = self.body
        if body.height() >= body.width():
            painter.drawLine(body.topLeft(), body.bottomLeft())
            painter.drawLine(body.topRight(), body.bottomRight())
        else:
            painter.drawLine(body.topLeft(), body.topRight())
            painter.drawLine(body.bottomLeft(), body.bottomRight())

    def _text(self, painter: QPainter) -> None:
        """Nothing but its words."""

    def _box(self, painter: QPainter) -> None:
        self._fill(painter, "field", "line_strong", 80)
        self._icon(painter)

    def _icon(self, painter: QPainter) -> None:
        transform = painter.worldTransform()
        scale = (transform.m11() ** 2 + transform.m12() ** 2) ** 0.5
        side = min(self.body.width(), self.body.height()) * scale * 0.7
        if side < 6:
            return
        side = min(side, self._themes.theme.sizes.icon_hero)
        painter.save()
        at = transform.map(QPointF(0, 0))
        painter.resetTransform()
        box = QRectF(at.x() - side / 2, at.y() - side / 2, side, side)
        self._themes.icons.paint(painter, ICONS[self._fixture.kind], box, "text_2")
        painter.restore()

    def _caption(self, painter: QPainter) -> None:
        """The label upright in every frame: inside a platform at its foot, below a screen, above a door."""
        fixture, theme = self._fixture, self._themes.theme
        text = fixture.label or (
            "" if fixture.kind in ("wall", "column", "aisle") else FIXTURE_KINDS[fixture.kind]
        )
        transform = painter.worldTransform()
        scale = (transform.m11() ** 2 + transform.m12() ** 2) ** 0.5
        if not text or scale < (_LABEL_FROM if fixture.kind == "rostrum" else 2 * _LABEL_FROM):
            return
        big = fixture.kind in ("rostrum", "text")
        painter.save()
        font = theme.font("caption" if big or fixture.kind == "screen" else "micro")
        painter.setFont(font)
        line = theme.line("caption")
        if fixture.kind == "rostrum":
            anchor = transform.map(QPointF(0, self.body.bottom()))
            centre = transform.map(QPointF(0, 0))
            step = line * 0.75
        elif fixture.kind in ("screen", "window"):
            anchor = transform.map(QPointF(0, self.body.bottom()))
            centre = anchor + (anchor - transform.map(QPointF(0, self.body.top())))
            step = line * 0.62
        elif fixture.kind == "door":
            # Between the leaves: outside the wall there is no room for it.
            spot = QPointF(0, self._inward * min(self.body.width() / 2, _ROOM) * 0.78)
            anchor = centre = transform.map(spot)
            step = 0.0
        elif fixture.kind == "text":
            anchor = centre = transform.map(QPointF(0, 0))
            step = 0.0
        else:
            anchor = transform.map(QPointF(0, self.body.bottom()))
            centre = anchor + (anchor - transform.map(QPointF(0, 0)))
            step = line * 0.7
        toward = centre - anchor
        length = max((toward.x() ** 2 + toward.y() ** 2) ** 0.5, 0.001)
        spot = anchor + toward * (step / length) if step else anchor
        painter.resetTransform()
        painter.setPen(theme.color("text" if fixture.kind == "text" else "text_2"))
        wide = painter.fontMetrics().horizontalAdvance(text) + theme.space.s
        box = QRectF(spot.x() - wide / 2, spot.y() - line / 2, wide, line)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.restore()
