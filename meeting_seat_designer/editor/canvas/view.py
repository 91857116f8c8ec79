"""The view: zoom to the pointer, fit, pan by space or the middle button, frames; mouse and keys go to the tool in use."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmapCache,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QToolTip, QWidget

from meeting_seat_designer.editor.canvas.scene import PlanScene
from meeting_seat_designer.editor.editing import Editing
from widgets.theme import ThemeManager

FULL = 0.06
"""Pixels a mm at 100 %: a chair is about as wide as a name of three characters."""
_LEAST, _MOST = 0.003, 0.6
_STEP = 1.2
_READABLE = 25.0
_MARGIN = 1.06
_REST_MS = 120
_CACHE_KB = 128 * 1024
_EDGE, _EDGE_STEP = 28, 14
"""A drag this near to the border (pixels) scrolls the plan by so much a frame."""


class Tool(Protocol):
    """What a mode does with mouse and keys; positions in mm. `key` returns whether it used the key."""

    @property
    def dragging(self) -> bool: ...
    def press(self, event: QMouseEvent, at: QPointF) -> None: ...
    def move(self, event: QMouseEvent, at: QPointF) -> None: ...
    def release(self, event: QMouseEvent, at: QPointF) -> None: ...
    def double_click(self, event: QMouseEvent, at: QPointF) -> None: ...
    def key(self, event: QKeyEvent) -> bool: ...
    def menu(self, event: QContextMenuEvent, at: QPointF) -> None: ...
    def cancel(self) -> bool: ...
    def accepts(self, kind: str) -> bool: ...
    def hover(self, kind: str, value: str, at: QPointF) -> None: ...
    def drop(self, kind: str, value: str, at: QPointF) -> None: ...


MIME = {
    "fixture": "application/x-seating-fixture",
    "region": "application/x-seating-region",
    "person": "application/x-seating-person",
}


class PlanView(QGraphicsView):
    """Signals: `zoomed(scale)` after any change of scale, `viewed()` when another part is shown."""

    zoomed = Signal(float)
    viewed = Signal()

    def __init__(
        self, editing: Editing, scene: PlanScene, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(scene, parent)
        self.editing, self.plan, self.themes = editing, scene, themes
        self.tool: Tool | None = None
        self._scale = FULL
        self._panning: QPointF | None = None
        self._space = False
        self._fitted = True
        self._covered = QSize(0, 0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("座位图")
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(_REST_MS)
        self._sharpen.timeout.connect(self._sharp)
        self._edge = QTimer(self)
        self._edge.setInterval(themes.theme.motion.frame)
        self._edge.timeout.connect(self._scroll_on)
        self._held: QMouseEvent | None = None
        # Qt keeps the drawn items in one cache of 10 MB: too little for a sharp screen, and every frame would be drawn anew.
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KB))
        self._dress(None)
        themes.changed.connect(self._dress)
        editing.frame_changed.connect(self.fit)
        editing.replaced.connect(self.open_well)
        editing.changed.connect(self._follow_room)
        self._place = self._room()

    def _dress(self, _theme: object) -> None:
        self.setBackgroundBrush(QColor(self.themes.theme.color("canvas")))

    # scale and place

    def _room(self) -> tuple[str, float, float]:
        document = self.editing.document
        return document.current().id, document.room.width, document.room.depth

    def _follow_room(self) -> None:
        """Another layout or room is shown whole; other changes leave the view where it is."""
        room = self._room()
        if room != self._place:
            self._place = room
            self.open_well()

    @property
    def scale_now(self) -> float:
        """Pixels a mm."""
        return self._scale

    def _apply(self, scale: float, centre: QPointF, at: QPointF | None = None) -> None:
        """Show the point `centre` (mm) at the viewport position `at` (its middle by default)."""
        self._scale = max(_LEAST, min(_MOST, scale))
        self.setTransform(QTransform().rotate(self.editing.turn).scale(self._scale, self._scale))
        spot = at if at is not None else QPointF(self.viewport().rect().center())
        off = self.mapFromScene(centre).toPointF() - spot
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + round(off.x()))
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + round(off.y()))
        self.zoomed.emit(self._scale)
        self.viewed.emit()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom so that what is under `at` (viewport position, default the middle) stays there."""
        spot = at if at is not None else QPointF(self.viewport().rect().center())
        self._fitted = False
        self._apply(self._scale * factor, self.mapToScene(spot.toPoint()), spot)

    def zoom_to(self, scale: float) -> None:
        """Zoom to a scale about the middle."""
        self.zoom_by(scale / self._scale)

    def centre_on(self, at: QPointF) -> None:
        """Show this point (mm) in the middle."""
        self._fitted = False
        self._apply(self._scale, at)

    def fit(self) -> None:
        """Show the whole room."""
        area = self.plan.content_rect()
        port, foot = self.viewport().size(), self._foot(area)
        middle = QPointF(port.width() / 2, (port.height() - foot) / 2)
        self._apply(self._fitting(area, True, foot), area.center(), middle)
        self._fitted = True

    def cover(self, corner: QSize) -> None:
        """Something lies over the plan's lower right corner: the whole room is shown beside or above it."""
        if corner != self._covered:
            self._covered = corner
            if self._fitted:
                self.fit()

    def _foot(self, area: QRectF) -> int:
        """How much of the foot is kept free of the whole room, in pixels: what is covered, where the room reached below it."""
        port, scale = self.viewport().size(), self._fitting(area, True)
        wide, high = self._turned(area)
        beside = (port.width() + wide * scale) / 2 <= port.width() - self._covered.width()
        above = (port.height() + high * scale) / 2 <= port.height() - self._covered.height()
        return 0 if beside or above else self._covered.height()

    def _turned(self, area: QRectF) -> tuple[float, float]:
        """Width and height as the plan is turned now."""
        upright = not round(self.editing.turn) % 180
        return (area.width(), area.height()) if upright else (area.height(), area.width())

    def _fitting(self, area: QRectF, whole: bool, foot: int = 0) -> float:
        port = self.viewport().size()
        wide, high = self._turned(area)
        across = port.width() / max(1.0, wide * _MARGIN)
        return min(across, (port.height() - foot) / max(1.0, high * _MARGIN)) if whole else across

    def open_well(self) -> None:
        """The first view of a plan: the whole room when names can be read then, else its width from the stage on."""
        area = self.plan.content_rect()
        widths = [look.w for look in self.plan.looks.values()]
        chip = sorted(widths)[len(widths) // 2] if widths else 0
        whole = self._fitting(area, True)
        if chip and chip * whole < _READABLE and not round(self.editing.turn):
            across = min(self._fitting(area, False), FULL)
            if chip * across >= _READABLE:
                high = self.viewport().height() / across
                top = area.top() + high / 2 - area.height() * (_MARGIN - 1) / 2
                self._apply(across, QPointF(area.center().x(), top))
                self._fitted = False
                return
        self.fit()

    def show_thing(self, ident: str) -> None:
        """Bring a seat or object into sight."""
        shape = self.plan.shape_of(ident)
        if not shape.isEmpty():
            seen = self.mapToScene(self.viewport().rect()).boundingRect()
            if not seen.contains(shape.boundingRect()):
                self._apply(self._scale, shape.boundingRect().center())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()
        self.viewed.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.viewed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - (steps.y() or steps.x()))
        elif steps.y():
            self.plan.painter.rough = True
            self._sharpen.start()
            self.zoom_by(_STEP ** (steps.y() / 120), event.position())
        event.accept()

    def _sharp(self) -> None:
        """The wheel rests: draw what was stretched anew."""
        self.plan.painter.rough = False
        for item in self.plan.regions.values():
            item.update()

    # mouse

    def _begin_pan(self, event: QMouseEvent) -> None:
        self._panning = event.position()
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._begin_pan(event)
        elif left and self.tool is not None:
            self.tool.press(event, self.mapToScene(event.position().toPoint()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            step = event.position() - self._panning
            self._panning = event.position()
            self._fitted = False
            across, down = self.horizontalScrollBar(), self.verticalScrollBar()
            across.setValue(across.value() - round(step.x()))
            down.setValue(down.value() - round(step.y()))
        elif self.tool is not None:
            self.tool.move(event, self.mapToScene(event.position().toPoint()))
            self._held = event.clone() if self.tool.dragging and any(self._pull(event)) else None
            if self._held is None:
                self._edge.stop()
            elif not self._edge.isActive():
                self._edge.start()
        event.accept()

    def _pull(self, event: QMouseEvent) -> tuple[int, int]:
        """The direction in which a drag near the border scrolls; none outside the plan."""
        port, at = self.viewport().rect(), event.position().toPoint()
        if not port.contains(at):
            return 0, 0
        across = (at.x() > port.width() - _EDGE) - (at.x() < _EDGE)
        down = (at.y() > port.height() - _EDGE) - (at.y() < _EDGE)
        return across * _EDGE_STEP, down * _EDGE_STEP

    def _scroll_on(self) -> None:
        held = self._held
        if held is None or self.tool is None or not self.tool.dragging:
            self._edge.stop()
            return
        across, down = self._pull(held)
        self._fitted = False
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + across)
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + down)
        self.tool.move(held, self.mapToScene(held.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self._edge.stop()
        if self._panning is not None:
            self._panning = None
            self.viewport().setCursor(
                Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.ArrowCursor
            )
        elif event.button() == Qt.MouseButton.LeftButton and self.tool is not None:
            self.tool.release(event, self.mapToScene(event.position().toPoint()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.tool is not None:
            self.tool.double_click(event, self.mapToScene(event.position().toPoint()))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.tool is not None:
            self.tool.menu(event, self.mapToScene(event.pos()))
        event.accept()

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _STEP)
        elif key == Qt.Key.Key_0 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.fit()
        elif key == Qt.Key.Key_1 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(FULL)
        elif self.tool is None or not self.tool.key(event):
            event.ignore()
            return
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            if self._panning is None:
                self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
            event.accept()
            return
        super().keyReleaseEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        return QWidget.focusNextPrevChild(self, next)

    def focusOutEvent(self, event) -> None:
        self._space = False
        super().focusOutEvent(event)

    # drops from the palette and the people panel

    def _dragged(self, event: QDropEvent) -> tuple[str, str]:
        for kind, mime in MIME.items():
            if event.mimeData().hasFormat(mime):
                return kind, bytes(event.mimeData().data(mime).data()).decode()
        return "", ""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        kind, _ = self._dragged(event)
        if kind and self.tool is not None and self.tool.accepts(kind):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        kind, value = self._dragged(event)
        if kind and self.tool is not None and self.tool.accepts(kind):
            self.tool.hover(kind, value, self.mapToScene(event.position().toPoint()))
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        if self.tool is not None:
            self.tool.cancel()

    def dropEvent(self, event: QDropEvent) -> None:
        kind, value = self._dragged(event)
        if kind and self.tool is not None:
            self.tool.drop(kind, value, self.mapToScene(event.position().toPoint()))
            event.acceptProposedAction()
            self.setFocus()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            return self._tip(event)
        return super().viewportEvent(event)

    def _tip(self, event: QEvent) -> bool:

        spot = event.pos()  # type: ignore[attr-defined]
        look = self.plan.seat_at(self.mapToScene(spot))
        if look is None:
            QToolTip.hideText()
            return True
        parts = [look.code]
        if look.text:
            parts.append(f"{look.text} {look.sub}".strip())
        QToolTip.showText(event.globalPos(), " · ".join(parts), self)  # type: ignore[attr-defined]
        return True
