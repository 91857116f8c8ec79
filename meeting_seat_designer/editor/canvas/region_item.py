"""A region on the plan: tables, row labels and all its seats in one item, repainted only where something changed."""

from __future__ import annotations

from collections import defaultdict

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from meeting_seat_designer.editor.canvas.looks import SeatLook
from meeting_seat_designer.editor.canvas.seat_painter import SeatPainter
from meeting_seat_designer.engine.geometry import Box, bounds
from meeting_seat_designer.engine.model.layout import Region
from widgets.theme import ThemeManager

_CELL = 2500.0
_MARGIN = 900.0
_LABEL_GAP = 420.0
_LABELS_FROM = 0.02
"""Row labels are drawn from this scale (pixels a mm) on."""


class RegionItem(QGraphicsItem):
    """Draws one region. `set_content` gives it what to draw; seats are found by `seat_at`."""

    def __init__(self, themes: ThemeManager, painter: SeatPainter, ident: str) -> None:
        super().__init__()
        self._themes, self._painter, self.ident = themes, painter, ident
        self._looks: list[SeatLook] = []
        self._tables: list[tuple[str, float, float, float, float, float, str]] = []
        self._labels: list[tuple[float, float, str]] = []
        self._cells: dict[tuple[int, int], list[int]] = {}
        self._area = QRectF()
        self._hidden: frozenset[str] = frozenset()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    @property
    def looks(self) -> list[SeatLook]:
        """What is drawn now."""
        return self._looks

    def set_content(self, region: Region, looks: list[SeatLook]) -> None:
        """Draw this from now on; only the rectangles of changed seats are repainted."""
        tables = [(t.shape, t.x, t.y, t.w, t.h, t.angle, t.label) for t in region.tables]
        labels = _row_labels(region)
        moved = len(looks) != len(self._looks) or any(
            a[:6] != b[:6] for a, b in zip(looks, self._looks, strict=False)
        )
        if moved or tables != self._tables or labels != self._labels:
            self.prepareGeometryChange()
            self._looks, self._tables, self._labels = looks, tables, labels
            self._measure([Box(t.x, t.y, t.w, t.h, t.angle) for t in region.tables])
            self.update()
            return
        before, self._looks = self._looks, looks
        for old, new in zip(before, looks, strict=True):
            if old != new:
                self.update(_reach(new))

    def set_looks(self, looks: list[SeatLook]) -> None:
        """Draw these seats alone (what is being dragged)."""
        self.prepareGeometryChange()
        self._looks = looks
        self._measure([])
        self.update()

    def _measure(self, tables: list[Box]) -> None:
        boxes = [Box(look.x, look.y, look.w, look.h, look.angle) for look in self._looks]
        area = bounds([*boxes, *tables])
        self._area = QRectF(area.left, area.top, area.width, area.height)
        cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, look in enumerate(self._looks):
            cells[(int(look.x // _CELL), int(look.y // _CELL))].append(index)
        self._cells = dict(cells)

    @property
    def area(self) -> QRectF:
        """What seats and tables cover, in mm."""
        return self._area

    def hide_seats(self, seats: frozenset[str]) -> None:
        """Leave these seats out while they are dragged."""
        if seats != self._hidden:
            for look in self._looks:
                if look.id in seats or look.id in self._hidden:
                    self.update(_reach(look))
            self._hidden = seats

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def _near(self, rect: QRectF) -> list[int]:
        """Indices of the seats that may touch `rect`."""
        if rect.contains(self._area):
            return list(range(len(self._looks)))
        first = int((rect.left() - _MARGIN) // _CELL), int((rect.top() - _MARGIN) // _CELL)
        last = int((rect.right() + _MARGIN) // _CELL), int((rect.bottom() + _MARGIN) // _CELL)
        found: list[int] = []
        for (column, row), members in self._cells.items():
            if first[0] <= column <= last[0] and first[1] <= row <= last[1]:
                found += members
        found.sort()
        return found

    def seat_at(self, at: QPointF) -> SeatLook | None:
        """The seat whose chip is under a point (mm), the last drawn first."""
        for index in reversed(self._near(QRectF(at.x(), at.y(), 1, 1))):
            look = self._looks[index]
            turned = QTransform().rotate(-look.angle).map(QPointF(at.x() - look.x, at.y() - look.y))
            if abs(turned.x()) <= look.w / 2 and abs(turned.y()) <= look.h / 2:
                return look
        return None

    def seats_in(self, rect: QRectF) -> list[str]:
        """Ids of the seats whose centre lies in `rect` (mm)."""
        return [
            self._looks[i].id for i in self._near(rect) if rect.contains(self._looks[i].x, self._looks[i].y)
        ]

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown: QRectF = option.exposedRect  # type: ignore[attr-defined]
        transform = painter.worldTransform()
        scale = (transform.m11() ** 2 + transform.m12() ** 2) ** 0.5
        painter.save()
        self._paint_tables(painter)
        painter.resetTransform()
        if scale >= _LABELS_FROM:
            self._paint_labels(painter, shown, transform)
        indices = self._near(shown)
        looks = [self._looks[i] for i in indices if self._looks[i].id not in self._hidden]
        ratio = painter.device().devicePixelRatioF()
        self._painter.paint(painter, looks, transform, ratio, scale)
        painter.restore()

    def _paint_tables(self, painter: QPainter) -> None:
        theme = self._themes.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("line_strong"), 1)
        pen.setCosmetic(True)
        for shape, x, y, w, h, angle, _ in self._tables:
            painter.save()
            painter.translate(x, y)
            painter.rotate(angle)
            painter.setPen(pen)
            painter.setBrush(theme.color("field"))
            rect = QRectF(-w / 2, -h / 2, w, h)
            if shape == "round":
                painter.drawEllipse(rect)
            else:
                radius = min(90.0, h / 3, w / 3)
                painter.drawRoundedRect(rect, radius, radius)
            painter.restore()

    def _paint_labels(self, painter: QPainter, shown: QRectF, transform: QTransform) -> None:
        theme = self._themes.theme
        painter.setFont(theme.font("micro"))
        painter.setPen(theme.color("text_3"))
        side = theme.sizes.icon_large * 2
        for x, y, text in self._labels:
            if shown.contains(QPointF(x, y)) or shown.adjusted(-600, -600, 600, 600).contains(QPointF(x, y)):
                at = transform.map(QPointF(x, y))
                box = QRectF(at.x() - side / 2, at.y() - side / 2, side, side)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def _reach(look: SeatLook) -> QRectF:
    half = max(look.w, look.h) * 0.75
    return QRectF(look.x - half, look.y - half, 2 * half, 2 * half)


def _row_labels(region: Region) -> list[tuple[float, float, str]]:
    """Row numbers at the left of straight rows (regions in rows only)."""
    if region.recipe.kind not in ("grid", "blocks", "arc", "rostrum", "photo"):
        return []
    if region.recipe.kind == "rostrum" and len({seat.row for seat in region.seats}) < 2:
        return []
    firsts: dict[int, tuple[float, float, float]] = {}
    for seat in region.seats:
        known = firsts.get(seat.row)
        if known is None or seat.x < known[0]:
            firsts[seat.row] = (seat.x, seat.y, seat.w)
    first = region.codes.first_row - 1
    return [(x - w / 2 - _LABEL_GAP, y, str(row + first)) for row, (x, y, w) in sorted(firsts.items())]
