"""The tabs above the list as a target: a conversation dropped on a grouping goes into it; its menu manages them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent

from widgets.controls import FilterTabs
from widgets.controls.filter_tabs import MORE

from .list_arrangement import FOLDER
from .list_rows import CONVERSATION_MIME


class ListTabs(FilterTabs):
    """Signals: `dropped(folder_name, conversation_id)`; `menu_wanted(key, QPoint)` with the global position."""

    dropped = Signal(str, str)
    menu_wanted = Signal(str, QPoint)

    def accept_drops(self) -> None:
        """Take conversations from now on."""
        self.setAcceptDrops(True)

    def key_at(self, spot: QPoint) -> str:
        """The tab at a place; "" for none and for 更多."""
        found = self._at(spot)
        return found[0] if found is not None else ""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(CONVERSATION_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        key = self.key_at(event.position().toPoint())
        if key.startswith(FOLDER) or self._on_more(event.position().toPoint()):
            self._hovered = key or MORE
            self.update()
            event.acceptProposedAction()
        else:
            event.ignore()

    def _on_more(self, spot: QPoint) -> bool:
        """Whether the place is 更多: what is dropped there is asked for."""
        found = self._at(spot)
        return found is not None and not found[0]

    def dropEvent(self, event: QDropEvent) -> None:
        key = self.key_at(event.position().toPoint())
        if key.startswith(FOLDER) or self._on_more(event.position().toPoint()):
            event.acceptProposedAction()
            id = bytes(event.mimeData().data(CONVERSATION_MIME).data()).decode("utf-8", "replace")
            self.dropped.emit(key, id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self.key_at(event.pos()), event.globalPos())
