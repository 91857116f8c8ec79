"""The organisation's tree as a control: drawn rows, and opening the way to a unit level by level."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from server_stub.contract.directory import Unit
from widgets.controls.painted import focus_frame, round_rect
from widgets.theme import ThemeManager

from .tree_model import STATE_ROLE, UNIT_ROLE, Fetch, UnitTreeModel

Index = QModelIndex | QPersistentModelIndex
_STATES = {Fetch.RUNNING: "读取中…", Fetch.FAILED: "未读到，再点一次"}


class UnitDelegate(QStyledItemDelegate):
    """One line: chevron, name, and how many people."""

    def __init__(self, themes: ThemeManager, tree: UnitTree) -> None:
        super().__init__(tree)
        self._themes = themes
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        theme = self._themes.theme
        return QSize(0, theme.grow(theme.sizes.tree_row))

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        unit: Unit = index.data(UNIT_ROLE)
        theme = self._themes.theme
        painter.save()
        whole = QRectF(theme.space.s, option.rect.top(), self._tree.viewport().width(), option.rect.height())
        whole.setRight(self._tree.viewport().width() - theme.space.s)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            round_rect(painter, whole, theme.radius.control, theme.color("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            round_rect(painter, whole, theme.radius.control, theme.color("hover"))
        if chosen and self._tree.hasFocus():
            focus_frame(painter, whole, theme.radius.control, theme)
        left = float(option.rect.left() + theme.space.s)
        side = theme.sizes.icon_small
        if self._tree.model().hasChildren(index):
            icon = "chevron-down" if self._tree.isExpanded(index) else "chevron-right"
            spot = QRectF(left - side - theme.space.half, whole.center().y() - side / 2, side, side)
            self._themes.icons.paint(painter, icon, spot, "text_2")
        words = _STATES.get(index.data(STATE_ROLE)) or str(unit.people_count)
        micro = QFontMetrics(theme.font("micro"))
        width = micro.horizontalAdvance(words)
        right = whole.right() - theme.space.s - width
        painter.setFont(theme.font("micro"))
        painter.setPen(theme.color("text_2"))
        spot = QRectF(right, whole.top(), width + 1, whole.height())
        painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("brand_text" if chosen else "text"))
        start = left + theme.space.xs
        room = QRectF(start, whole.top(), right - theme.space.s - start, whole.height())
        name = QFontMetrics(theme.font("body")).elidedText(
            unit.name, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()


class UnitTree(QTreeView):
    """Signals: `unit_chosen(unit_id)` when the user goes to a unit; `reveal` chooses without it."""

    unit_chosen = Signal(str)

    def __init__(self, themes: ThemeManager, model: UnitTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._units = model
        self._way: list[str] = []
        self.setModel(model)
        self.setItemDelegate(UnitDelegate(themes, self))
        self.setProperty("plain", True)
        # The delegate paints whole rows; the style's own grounds would show through at their left.
        self.setStyleSheet("QTreeView::branch, QTreeView::item { background: transparent; }")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(themes.theme.sizes.tree_indent)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("组织架构")
        self.clicked.connect(self._clicked)
        model.fetched.connect(self._go_on)
        themes.changed.connect(self._theme_changed)

    def _theme_changed(self, _theme: object) -> None:
        self.scheduleDelayedItemsLayout()

    def drawBranches(self, painter: QPainter, rect: object, index: Index) -> None:
        """The delegate draws the chevron."""

    def reveal(self, way: list[str]) -> None:
        """Open the tree along these unit ids, from the root down, and mark the last; levels are fetched as needed."""
        self._way = way
        self._go_on()

    def _go_on(self, _unit_id: str = "") -> None:
        while self._way:
            index = self._units.index_of(self._way[0])
            if not index.isValid():
                return
            if len(self._way) == 1:
                self._way = []
                self._mark(index)
                return
            self._way = self._way[1:]
            self.expand(index)

    def _mark(self, index: QModelIndex) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def _clicked(self, index: QModelIndex) -> None:
        unit: Unit | None = index.data(UNIT_ROLE)
        if unit is None:
            return
        self._way = []
        if self._units.canFetchMore(index) and self.isExpanded(index):
            self._units.fetchMore(index)
        elif self.isExpanded(index) and self.currentIndex() == index and self._shown == unit.id:
            self.collapse(index)
        else:
            self.expand(index)
        self._shown = unit.id
        self.unit_chosen.emit(unit.id)

    _shown = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._clicked(self.currentIndex())
            return
        super().keyPressEvent(event)
