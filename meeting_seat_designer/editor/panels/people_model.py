"""The people of the meeting as rows: who waits first, then everyone in rank order."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
)

from meeting_seat_designer.editor.canvas.view import MIME
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.model.people import ATTENDANCE, Person
from meeting_seat_designer.engine.order.reasons import NOT_ARRANGED, wait_texts

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class PersonRow:
    """One row: the person, the place in the order, and either the seat's code or why there is none."""

    id: str
    name: str
    about: str
    place: int
    seat: str
    code: str
    reason: str
    attending: bool


class PeopleModel(QAbstractListModel):
    """Rows follow the document, at most once a turn of the event loop. `filter(text, waiting_only)` narrows them."""

    ROW = Qt.ItemDataRole.UserRole

    def __init__(self, editing: Editing) -> None:
        super().__init__()
        self._editing = editing
        self._all: list[PersonRow] = []
        self._rows: list[PersonRow] = []
        self._text, self._waiting_only = "", False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.refresh)
        editing.changed.connect(self._soon.start)
        editing.replaced.connect(self._soon.start)
        self.refresh()

    def refresh(self) -> None:
        """Read the document again."""
        editing = self._editing
        document = editing.document
        reasons = wait_texts(document, editing.sorter)
        places = editing.places
        ranked: list[Person] = editing.sorter.sort(document.people)
        rows: list[PersonRow] = []
        for place, person in enumerate(ranked, 1):
            seat = places.get(person.id, "")
            attending = person.status == "attending"
            reason = "" if seat else reasons.get(person.id, NOT_ARRANGED)
            if not attending:
                reason = ATTENDANCE.get(person.status, person.status)
            about = " · ".join(part for part in (person.unit, person.rank or person.post) if part)
            code = editing.seats[seat][1].code if seat in editing.seats else ""
            rows.append(PersonRow(person.id, person.name, about, place, seat, code, reason, attending))
        rows.sort(key=lambda row: (bool(row.seat), not row.attending))
        self._all = rows
        self._narrow()

    @property
    def waiting(self) -> int:
        """How many attend and have no seat."""
        return sum(1 for row in self._all if row.attending and not row.seat)

    @property
    def total(self) -> int:
        """How many people there are."""
        return len(self._all)

    def filter(self, text: str, waiting_only: bool) -> None:
        """Show only those whose name, unit or seat contains the text."""
        self._text, self._waiting_only = text.strip(), waiting_only
        self._narrow()

    def _narrow(self) -> None:
        text = self._text
        rows = [
            row
            for row in self._all
            if (not self._waiting_only or (row.attending and not row.seat))
            and (not text or text in row.name or text in row.about or text in row.code)
        ]
        if rows == self._rows:
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_of(self, person: str) -> int:
        """The row of a person, -1 when it is not shown."""
        return next((i for i, row in enumerate(self._rows) if row.id == person), -1)

    def at(self, index: Index) -> PersonRow:
        """The row at an index."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == self.ROW:
            return row
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            where = row.code or row.reason
            return f"{row.name} {row.about} {where}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        return [MIME["person"]]

    def mimeData(self, indexes) -> QMimeData:
        data = QMimeData()
        for index in indexes[:1]:
            data.setData(MIME["person"], QByteArray(self._rows[index.row()].id.encode()))
        return data
