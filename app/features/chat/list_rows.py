"""The rows of the conversation list: dragged to a grouping, or among the pinned ones into another order."""

from __future__ import annotations

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication

from app.store.records import ConversationRow
from widgets.lists import RowView

from .conversation_drop import dropped_files
from .list_model import ROW_ROLE

CONVERSATION_MIME = "application/x-zhengding-conversation"


class ConversationRows(RowView):
    """Signals: `pins_moved(moving, before)`: a pinned conversation was dropped before another ("": behind the last);
    `files_dropped(conversation_id, paths)`: files fell onto a row.
    """

    pins_moved = Signal(str, str)
    files_dropped = Signal(str, list)

    def start_drags(self) -> None:
        """Let rows be dragged from now on."""
        self._pressed: QPoint | None = None
        self._line = -1
        self._under = QPersistentModelIndex()
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)

    def _row(self, spot: QPoint) -> ConversationRow | None:
        return self.indexAt(spot).data(ROW_ROLE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, e: QMouseEvent) -> None:
        far = QApplication.startDragDistance()
        if (
            self._pressed is not None
            and e.buttons() & Qt.MouseButton.LeftButton
            and (e.position().toPoint() - self._pressed).manhattanLength() >= far
        ):
            row = self._row(self._pressed)
            self._pressed = None
            if row is not None:
                self._drag(row)
            return
        super().mouseMoveEvent(e)

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        self._pressed = None
        super().mouseReleaseEvent(e)

    def _drag(self, row: ConversationRow) -> None:
        data = QMimeData()
        data.setData(CONVERSATION_MIME, row.id.encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.MoveAction)

    def _place(self, event: QDragMoveEvent | QDropEvent) -> tuple[str, int] | None:
        """The pinned row before which the drag would land, and the height of the line there."""
        data = event.mimeData()
        if not data.hasFormat(CONVERSATION_MIME):
            return None
        moving = bytes(data.data(CONVERSATION_MIME).data()).decode("utf-8", "replace")
        model = self.model()
        rows: list[ConversationRow] = [model.index(n, 0).data(ROW_ROLE) for n in range(model.rowCount())]
        pinned = [row for row in rows if row.pinned]
        if all(row.id != moving for row in pinned):
            return None
        spot = event.position().toPoint()
        for number, row in enumerate(pinned):
            rect = self.visualRect(model.index(number, 0))
            if spot.y() < rect.center().y():
                return row.id, rect.top()
        last = self.visualRect(model.index(len(pinned) - 1, 0))
        return ("", last.bottom()) if spot.y() < last.bottom() + last.height() else None

    def _target(self, event: QDragMoveEvent | QDropEvent) -> ConversationRow | None:
        """The conversation that would get the files of this drag."""
        row = self._row(event.position().toPoint())
        return row if row is not None and row.writable and dropped_files(event.mimeData()) else None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(CONVERSATION_MIME) or dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, e: QDragMoveEvent) -> None:
        event = e
        target = self._target(event)
        spot = self.indexAt(event.position().toPoint()) if target is not None else QModelIndex()
        self._under = QPersistentModelIndex(spot)
        if target is not None:
            self.viewport().update()
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            return
        place = self._place(event)
        self._line = -1 if place is None else place[1]
        self.viewport().update()
        if place is None:
            event.ignore()
        else:
            event.acceptProposedAction()

    def dragLeaveEvent(self, e: QDragLeaveEvent) -> None:
        self._line = -1
        self._under = QPersistentModelIndex()
        self.viewport().update()

    def dropEvent(self, e: QDropEvent) -> None:
        event = e
        target, place = self._target(event), self._place(event)
        self._line = -1
        self._under = QPersistentModelIndex()
        self.viewport().update()
        if target is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.files_dropped.emit(target.id, dropped_files(event.mimeData()))
        elif place is not None:
            event.acceptProposedAction()
            moving = bytes(event.mimeData().data(CONVERSATION_MIME).data()).decode("utf-8", "replace")
            self.pins_moved.emit(moving, place[0])

    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        if self._under.isValid():
            theme = self._themes.theme
            painter = QPainter(self.viewport())
            rect = QRectF(self.visualRect(self.model().index(self._under.row(), 0)))
            width = theme.sizes.focus_ring
            inner = rect.adjusted(theme.space.s, 0, -theme.space.s, 0).adjusted(width, width, -width, -width)
            ground = QColor(theme.color("brand"))
            ground.setAlphaF(0.08)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(ground)
            painter.setPen(QPen(theme.color("brand_text"), width))
            painter.drawRoundedRect(inner, theme.radius.card, theme.radius.card)
            painter.end()
        if self._line >= 0:
            painter = QPainter(self.viewport())
            painter.setPen(QPen(self._themes.theme.color("brand"), self._themes.theme.sizes.focus_ring))
            painter.drawLine(0, self._line, self.viewport().width(), self._line)
