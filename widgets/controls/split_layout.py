"""List, content and a side panel that folds away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from widgets.theme import ThemeManager


class SplitLayout(QWidget):
    """Three parts side by side; the list's width is the user's, the panel is open or not, and gives way by itself when
    the window is narrow. Signals: `panel_toggled(bool)` when it opens or closes for any reason."""

    panel_toggled = Signal(bool)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes = themes.theme.sizes
        self._list: QWidget | None = None
        self._content: QWidget | None = None
        self._panel: QWidget | None = None
        self._wanted = False
        self._shown = False
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(self._sizes.splitter)
        self._split.setChildrenCollapsible(False)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._split, 1)

    def set_list(self, widget: QWidget) -> None:
        """The left part (once)."""
        self._list = widget
        widget.setMinimumWidth(self._sizes.list_min)
        self._split.insertWidget(0, widget)
        self._split.setStretchFactor(0, 0)
        self._settle()

    def set_content(self, widget: QWidget) -> None:
        """The middle part (once)."""
        self._content = widget
        widget.setMinimumWidth(self._sizes.list)
        self._split.addWidget(widget)
        self._split.setStretchFactor(self._split.count() - 1, 1)
        self._settle()

    def set_panel(self, widget: QWidget, *, open_now: bool = False) -> None:
        """The right part (once)."""
        self._panel = widget
        widget.setFixedWidth(self._sizes.panel)
        widget.hide()
        self._row.addWidget(widget)
        self.set_panel_open(open_now)

    def _settle(self) -> None:
        if self._list is not None and self._content is not None:
            self._split.setSizes([self._sizes.list, max(self._sizes.list, self.width() - self._sizes.list)])

    @property
    def panel_open(self) -> bool:
        """Whether the panel is visible."""
        return self._shown

    def set_panel_open(self, wanted: bool) -> None:
        """Open or close the panel; it opens as soon as there is room."""
        self._wanted = wanted
        self._arrange()

    def list_width(self) -> int:
        """To be kept among the user's settings."""
        return self._split.sizes()[0] if self._split.count() > 1 else self._sizes.list

    def set_list_width(self, width: int) -> None:
        """As kept."""
        if self._split.count() > 1:
            total = sum(self._split.sizes()) or self.width()
            self._split.setSizes([width, max(0, total - width)])

    def _arrange(self) -> None:
        if self._panel is None:
            return
        need = self._sizes.panel + 2 * self._sizes.list + self._sizes.list_min
        shown = self._wanted and (self.width() >= need or not self.isVisible())
        if shown != self._shown:
            self._shown = shown
            self._panel.setVisible(shown)
            self.panel_toggled.emit(shown)

    def showEvent(self, event: QShowEvent) -> None:
        # Sized before it was shown, it gets no further resize.
        self._arrange()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)
