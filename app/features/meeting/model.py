"""The list of plans as an item model."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from .service import PlanEntry

Index = QModelIndex | QPersistentModelIndex


class PlanListModel(QAbstractListModel):
    """Rows are `PlanEntry`; `ENTRY` gives the whole."""

    ENTRY = Qt.ItemDataRole.UserRole

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[PlanEntry] = []
        self._shown: list[PlanEntry] = []
        self._text = ""

    def set_entries(self, entries: list[PlanEntry]) -> None:
        """Show these plans."""
        self._entries = entries
        self._narrow()

    def filter(self, text: str) -> None:
        """Only plans whose title or place contains the text."""
        self._text = text.strip()
        self._narrow()

    @property
    def total(self) -> int:
        """How many plans there are."""
        return len(self._entries)

    def all(self) -> list[PlanEntry]:
        """Every plan, shown or not."""
        return list(self._entries)

    def _narrow(self) -> None:
        shown = [one for one in self._entries if self._text in one.title or self._text in one.place]
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def at(self, index: Index) -> PlanEntry:
        """The entry at an index."""
        return self._shown[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == self.ENTRY:
            return entry
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}，{entry.place}，{entry.people} 人，已排 {entry.seated} 人"
        return None
