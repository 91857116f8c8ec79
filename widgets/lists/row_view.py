"""A list of painted rows: only those in view are drawn; hover, selection, keyboard, and the ground they stand on."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from widgets.theme import Theme, ThemeManager

from .row_delegate import RowDelegate


class RowView(QListView):
    """Signals: `opened(QModelIndex)` on a click or Enter, `menu_wanted(QModelIndex, QPoint)` on a right click or the menu key
    (global position), `left_above()` when Up is pressed in the first row.

    `surface` is the token of the ground.
    """

    opened = Signal(QModelIndex)
    menu_wanted = Signal(QModelIndex, QPoint)
    left_above = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        delegate: RowDelegate,
        *,
        surface: str = "list",
        name: str = "",
        uniform: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._surface = surface
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setProperty("plain", True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(uniform)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        themes.changed.connect(self._redress)
        themes.faces_changed.connect(self.viewport().update)
        self._redress(themes.theme)

    def _redress(self, theme: Theme) -> None:
        # Row heights follow the font size.
        self.scheduleDelayedItemsLayout()
        self.verticalScrollBar().setSingleStep(theme.grow(theme.sizes.row) // 2)
        self.viewport().update()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self.viewport().update()

    def step(self, rows: int) -> None:
        """Move the current row from elsewhere (a search field above)."""
        model = self.model()
        if model is None or not model.rowCount():
            return
        now = self.currentIndex().row()
        self.go(max(0, min(model.rowCount() - 1, now + rows if now >= 0 else 0)))

    def go(self, row: int) -> None:
        """Make a row current, skipping rows that cannot be chosen, and bring it into view."""
        model = self.model()
        forward = row >= self.currentIndex().row()
        places = range(row, model.rowCount()) if forward else range(row, -1, -1)
        for place in places:
            index = model.index(place, 0)
            if model.flags(index) & Qt.ItemFlag.ItemIsSelectable:
                self.setCurrentIndex(index)
                self.scrollTo(index)
                return

    def open_current(self) -> None:
        """As if Enter were pressed."""
        index = self.currentIndex()
        if index.isValid():
            self.opened.emit(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # A right click asks for the menu of a row; it neither chooses nor opens it.
        if event.button() == Qt.MouseButton.RightButton:
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        super().mouseReleaseEvent(e)
        index = self.indexAt(e.position().toPoint())
        if e.button() == Qt.MouseButton.LeftButton and index.isValid() and index == self.currentIndex():
            self.opened.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_current()
            return
        if event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left_above.emit()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, arg__1: QContextMenuEvent) -> None:
        if arg__1.reason() == QContextMenuEvent.Reason.Mouse:
            index, spot = self.indexAt(arg__1.pos()), arg__1.globalPos()
        else:
            index = self.currentIndex()
            spot = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid():
            self.menu_wanted.emit(index, spot)

    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(e.rect(), self._themes.theme.color(self._surface))
        painter.end()
        super().paintEvent(e)
