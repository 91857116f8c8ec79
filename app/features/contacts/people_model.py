"""Item model of the middle column of the address book: headings, people and units, in one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from server_stub.contract.directory import Person, Post, SearchResult, Unit, UnitChildren

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Heading:
    """A line between groups of rows; it cannot be chosen."""

    text: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person with the post that matters here, and whether he is online."""

    person: Person
    post: Post | None
    online: bool = False


Row = Heading | PersonRow | Unit


def main_post(person: Person) -> Post | None:
    """The post shown first."""
    return next((post for post in person.posts if post.main), person.posts[0] if person.posts else None)


def post_in(person: Person, unit_id: str) -> Post | None:
    """The post in this unit, else the one shown first."""
    return next((post for post in person.posts if post.unit_id == unit_id), None) or main_post(person)


def post_line(person: Person, post: Post | None, *, with_unit: bool) -> str:
    """Post and rank in one line, such as "副主任 · 四级调研员"."""
    parts = [post.unit_name if post and with_unit else "", post.title if post else "", person.rank]
    return " · ".join(part for part in parts if part)


class PeopleModel(QAbstractListModel):
    """Rows of `ROW_ROLE`: Heading, PersonRow or Unit. `is_online` is asked again by `presence_changed`."""

    def __init__(self, is_online: Callable[[str], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_online = is_online
        self._rows: list[Row] = []
        self.with_unit = False
        """Whether rows name the unit too (search results)."""

    def show_unit(self, content: UnitChildren, *, people_first: bool = True) -> None:
        """A unit's own people and its sub-units, in the order that administrators set (3.1.3.11)."""
        people: list[Row] = [
            PersonRow(person, post_in(person, content.unit.id), self._is_online(person.id))
            for person in content.people
        ]
        below: list[Row] = []
        if content.units:
            below = [Heading(f"下级单位 {len(content.units)}"), *content.units]
        if people_first:
            self._replace([*people, *below], with_unit=False)
        else:
            named = [Heading(f"人员 {content.people_total}"), *people] if people and below else people
            self._replace([*below, *named], with_unit=False)

    def show_found(self, found: SearchResult) -> None:
        """What a search found."""
        rows: list[Row] = []
        if found.people:
            rows.append(Heading(f"人员 {len(found.people)}"))
            rows += [PersonRow(p, main_post(p), self._is_online(p.id)) for p in found.people]
        if found.units:
            rows += [Heading(f"单位 {len(found.units)}"), *found.units]
        self._replace(rows, with_unit=True)

    def _replace(self, rows: list[Row], *, with_unit: bool) -> None:
        self.beginResetModel()
        self._rows = rows
        self.with_unit = with_unit
        self.endResetModel()

    def presence_changed(self, person_ids: frozenset[str]) -> None:
        """Draw the dots of these people anew."""
        for place, row in enumerate(self._rows):
            if isinstance(row, PersonRow) and row.person.id in person_ids:
                self._rows[place] = PersonRow(row.person, row.post, self._is_online(row.person.id))
                index = self.index(place)
                self.dataChanged.emit(index, index)

    def row_of(self, id: str) -> QModelIndex:
        """Where a person or unit stands; invalid when it does not."""
        for place, row in enumerate(self._rows):
            if (isinstance(row, PersonRow) and row.person.id == id) or (
                isinstance(row, Unit) and row.id == id
            ):
                return self.index(place)
        return QModelIndex()

    def first_choice(self) -> QModelIndex:
        """The first row that can be chosen."""
        place = next((n for n, row in enumerate(self._rows) if not isinstance(row, Heading)), -1)
        return self.index(place) if place >= 0 else QModelIndex()

    @property
    def people(self) -> Sequence[Person]:
        """The people shown."""
        return [row.person for row in self._rows if isinstance(row, PersonRow)]

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._rows[index.row()], Heading):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text if isinstance(row, Heading) else _name(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        return None

    def _spoken(self, row: Row) -> str:
        if isinstance(row, Heading):
            return row.text
        if isinstance(row, Unit):
            return f"{row.name}，单位，{row.people_count} 人"
        line = post_line(row.person, row.post, with_unit=self.with_unit).replace(" · ", "，")
        parts = [row.person.name, line, "在线" if row.online else ""]
        return "，".join(part for part in parts if part)


def _name(row: PersonRow | Unit) -> str:
    return row.name if isinstance(row, Unit) else row.person.name
