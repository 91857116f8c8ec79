"""What lies over the plan for a moment: selection, rubber band, alignment guides, the seat under a dragged name."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from meeting_seat_designer.editor.canvas.snapping import Guide
from widgets.theme import ThemeManager


class OutlineItem(QGraphicsItem):
    """Outlines of the selection as closed shapes in mm; `soft` ones are dashed (a region around its seats)."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._shapes: list[tuple[QPolygonF, bool]] = []
        self._area = QRectF()
        self.setZValue(100)

    def set_shapes(self, shapes: list[tuple[QPolygonF, bool]]) -> None:
        """Draw these outlines."""
        self.prepareGeometryChange()
        self._shapes = shapes
        self._area = QRectF()
        for shape, _ in shapes:
            self._area = self._area.united(shape.boundingRect())
        self.update()

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-200, -200, 200, 200) if self._shapes else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        theme = self._themes.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("focus"), theme.sizes.focus_ring)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        wash = QColor(theme.color("focus"))
        wash.setAlphaF(0.10)
        for shape, soft in self._shapes:
            pen.setStyle(Qt.PenStyle.DashLine if soft else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush if soft else wash)
            painter.drawPolygon(shape)


class BandItem(QGraphicsItem):
    """The rubber band."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._rect = QRectF()
        self.setZValue(110)

    def set_rect(self, rect: QRectF) -> None:
        """Draw the band there; an empty rectangle hides it."""
        self.prepareGeometryChange()
        self._rect = rect
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-100, -100, 100, 100) if not self._rect.isEmpty() else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        focus = self._themes.theme.color("focus")
        pen = QPen(focus, 1)
        pen.setCosmetic(True)
        wash = QColor(focus)
        wash.setAlphaF(0.12)
        painter.setPen(pen)
        painter.setBrush(wash)
        painter.drawRect(self._rect)


class GuidesItem(QGraphicsItem):
    """Lines that say what a dragged thing is in line with."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.guides: list[Guide] = []
        self._area = QRectF()
        self.setZValue(105)

    def set_guides(self, guides: list[Guide]) -> None:
        """Draw these lines."""
        if guides == self.guides:
            return
        self.prepareGeometryChange()
        self.guides = guides
        self._area = QRectF()
        for line in self._lines():
            self._area = self._area.united(QRectF(line.p1(), line.p2()).normalized().adjusted(-1, -1, 1, 1))
        self.update()

    def _lines(self) -> list[QLineF]:
        return [
            QLineF(g.at, g.first, g.at, g.last) if g.vertical else QLineF(g.first, g.at, g.last, g.at)
            for g in self.guides
        ]

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-100, -100, 100, 100) if self.guides else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        pen = QPen(self._themes.theme.color("bad"), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(self._lines())
