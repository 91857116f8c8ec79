"""The view of a mind map, painted in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from widgets.theme import ThemeManager

from .layout import MindNode, Placed, place

LEAST, MOST, STEP = 0.2, 4.0, 1.2
READABLE = 0.6
"""No smaller when all of it is to be shown: words must stay words."""
_WRAP = 17
"""Characters of a line in a box."""
_CLOSING = "，。、；：！？）》”’…"


class _Box(QGraphicsItem):
    def __init__(self, view: MindMapView, placed: Placed) -> None:
        super().__init__()
        self.view, self.placed = view, placed
        self.setAcceptHoverEvents(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(placed.node.text)
        self.hovered = False

    def boundingRect(self) -> QRectF:
        return self.placed.rect.adjusted(-3, -3, self.view.knob * 2 + 3, 3)

    def knob_rect(self) -> QRectF:
        """Where the sign is that folds what lies below."""
        side = self.view.knob
        spot = self.placed.right_port
        return QRectF(spot.x() + 2, spot.y() - side / 2, side, side)

    def hoverEnterEvent(self, event) -> None:
        self.hovered = True
        self.update()

    def hoverLeaveEvent(self, event) -> None:
        self.hovered = False
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self.view.paint_box(painter, self.placed, self.hovered, self.knob_rect())


class MindMapView(QGraphicsView):
    """Signals: `node_clicked(key)`; `zoom_changed(percent)`."""

    node_clicked = Signal(int)
    zoom_changed = Signal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._root: MindNode | None = None
        self._folded: set[tuple[int, ...]] = set()
        self._boxes: list[_Box] = []
        self._fitted = True
        self._pressed: QPointF | None = None
        self.knob = float(themes.theme.sizes.icon_small - 2)
        self.setScene(QGraphicsScene(self))
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setAccessibleName("脑图")
        themes.changed.connect(self._repaint)
        self._repaint()

    # what is shown

    def show_tree(self, root: MindNode | None) -> None:
        """Show another tree, fitted."""
        self._root, self._folded, self._fitted = root, set(), True
        self._lay_out()
        self.fit()

    @property
    def texts(self) -> list[str]:
        """The words of all visible boxes, from the root down."""
        return [box.placed.node.text for box in self._boxes]

    def _repaint(self, _theme: object = None) -> None:
        self.setBackgroundBrush(self._themes.theme.color("content"))
        self._lay_out()

    def _font(self, depth: int):
        return self._themes.theme.font(
            "title" if depth == 0 else "body" if depth == 1 else "secondary", 600 if depth < 2 else None
        )

    def _lines(self, text: str) -> list[str]:
        """Lines of about `_WRAP` characters: numbers and words stay whole, no line begins with a closing sign."""
        lines: list[str] = []
        at = 0
        while len(text) - at > _WRAP:
            end = at + _WRAP
            while (
                end > at + _WRAP // 2
                and text[end - 1 : end + 1].isascii()
                and text[end - 1 : end + 1].isalnum()
            ):
                end -= 1
            while end < len(text) and text[end] in _CLOSING:
                end += 1
            lines.append(text[at:end])
            at = end
        return [*lines, text[at:]] if at < len(text) or not lines else lines

    def _size(self, node: MindNode, depth: int) -> QSizeF:
        metrics = QFontMetricsF(self._font(depth))
        lines = self._lines(node.text)
        pad = self._themes.theme.space.m if depth < 2 else self._themes.theme.space.s
        wide = max(metrics.horizontalAdvance(line) for line in lines)
        return QSizeF(wide + 2 * pad, len(lines) * metrics.lineSpacing() + pad)

    def _lay_out(self) -> None:
        scene = self.scene()
        scene.clear()
        self._boxes = []
        if self._root is None:
            return
        space = self._themes.theme.space
        placed = place(self._root, self._size, self._folded, gap_x=space.xxl * 2, gap_y=space.s + 2)
        for one in placed:
            if one.parent is not None:
                item = scene.addPath(self._curve(one), QPen(self._branch(one), 1.8))
                item.setZValue(-1)
        for one in placed:
            box = _Box(self, one)
            scene.addItem(box)
            self._boxes.append(box)
        margin = space.xxl
        scene.setSceneRect(scene.itemsBoundingRect().adjusted(-margin, -margin, margin, margin))

    def _curve(self, one: Placed) -> QPainterPath:
        parent = one.parent
        path = QPainterPath()
        if parent is None:
            return path
        start, end = parent.right_port + QPointF(self.knob + 2, 0), one.left_port
        path.moveTo(start)
        middle = (start.x() + end.x()) / 2
        path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
        return path

    def _branch(self, one: Placed) -> QColor:
        colors = self._themes.theme.palette.avatars
        return QColor(colors[one.branch % len(colors)])

    def paint_box(self, painter: QPainter, one: Placed, hovered: bool, knob: QRectF) -> None:
        """Paint one box; called by its item."""
        theme = self._themes.theme
        ink = self._branch(one)
        ground = theme.color("brand") if one.depth == 0 else theme.color("hover" if hovered else "raised")
        pen = QPen(
            theme.color("brand")
            if one.depth == 0
            else ink
            if one.depth == 1 or hovered
            else theme.color("line_strong")
        )
        pen.setWidthF(1.6 if one.depth == 1 or hovered else 1.0)
        painter.setPen(pen)
        painter.setBrush(ground)
        painter.drawRoundedRect(one.rect, theme.radius.control, theme.radius.control)
        painter.setFont(self._font(one.depth))
        painter.setPen(theme.color("on_brand" if one.depth == 0 else "text"))
        flags = int(Qt.AlignmentFlag.AlignCenter)
        painter.drawText(one.rect, flags, "\n".join(self._lines(one.node.text)))
        if one.node.children:
            painter.setPen(QPen(ink, 1.4))
            painter.setBrush(theme.color("raised"))
            painter.drawEllipse(knob)
            inner = knob.adjusted(3, 3, -3, -3)
            painter.drawLine(
                QPointF(inner.left(), inner.center().y()), QPointF(inner.right(), inner.center().y())
            )
            if one.folded:
                painter.drawLine(
                    QPointF(inner.center().x(), inner.top()), QPointF(inner.center().x(), inner.bottom())
                )

    # zoom

    @property
    def percent(self) -> int:
        """The zoom in percent."""
        return round(self.transform().m11() * 100)

    def zoom(self, steps: float) -> None:
        """In (positive) or out."""
        self._fitted = False
        wanted = max(LEAST, min(MOST, self.transform().m11() * STEP**steps))
        factor = wanted / self.transform().m11()
        self.scale(factor, factor)
        self.zoom_changed.emit(self.percent)

    def fit(self) -> None:
        """Show all of it, never larger than drawn nor too small to read."""
        self._fitted = True
        rect = self.scene().sceneRect()
        if rect.isEmpty() or self.viewport().width() < 2:
            return
        scale = min(self.viewport().width() / rect.width(), self.viewport().height() / rect.height(), 1.0)
        scale = max(READABLE, scale)
        self.resetTransform()
        self.scale(scale, scale)
        # What does not fit is left over at the right: the root and its branches come first.
        shown = self.viewport().width() / scale
        across = rect.center().x() if shown >= rect.width() else rect.left() + shown / 2
        self.centerOn(QPointF(across, rect.center().y()))
        self.zoom_changed.emit(self.percent)

    def picture(self, scale: float = 2.0, caption: str = "") -> QImage:
        """All of the map as a picture, `scale` pixels per unit, on the theme's ground; `caption` below it at the right."""
        rect = self.scene().sceneRect()
        theme = self._themes.theme
        font = theme.font("caption")
        foot = QFontMetricsF(font).height() + 2 * theme.space.s if caption else 0.0
        side = max(rect.width(), rect.height(), 1.0)
        scale = min(scale, 12000 / side)
        image = QImage(
            max(1, int(rect.width() * scale)),
            max(1, int((rect.height() + foot) * scale)),
            QImage.Format.Format_RGB32,
        )
        image.fill(self._themes.theme.color("content"))
        painter = QPainter(image)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.scene().render(painter, QRectF(0, 0, rect.width() * scale, rect.height() * scale), rect)
        if caption:
            painter.scale(scale, scale)
            painter.setFont(font)
            painter.setPen(theme.color("text_2"))
            place = QRectF(theme.space.m, rect.height(), rect.width() - 2 * theme.space.m, foot)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), caption)
        painter.end()
        return image

    def toggle(self, path: tuple[int, ...]) -> None:
        """Fold or unfold what lies below a box."""
        self._folded ^= {path}
        self._lay_out()

    # events

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(event.angleDelta().y() / 120)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(-1)
        elif event.key() == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if (event.position() - pressed).manhattanLength() > 4:
            return
        spot = self.mapToScene(event.position().toPoint())
        for box in self._boxes:
            if box.placed.node.children and box.knob_rect().adjusted(-3, -3, 3, 3).contains(spot):
                self.toggle(box.placed.path)
                return
            if box.placed.rect.contains(spot):
                self.node_clicked.emit(box.placed.node.key)
                return
