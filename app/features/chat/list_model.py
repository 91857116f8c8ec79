"""Qt model of the conversation list: sorted, filtered, and changed row by row so that nothing jumps or flickers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.store.records import ConversationRow
from server_stub.contract.conversations import ConversationKind

from .list_arrangement import Folder, ListArrangement
from .pinyin import begins

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
MAX_STEPS = 64
"""More single moves than this are done as one reset."""


class ListFilter(StrEnum):
    """The tabs above the list."""

    ALL = "全部"
    UNREAD = "未读"
    MENTIONED = "@我"
    GROUPS = "群聊"
    SINGLES = "单聊"


def matches(row: ConversationRow, wanted: ListFilter, text: str, keys: Sequence[str] = ()) -> bool:
    """Whether the row is shown under this tab and search text (lower case); `keys`: what else begins its title (pinyin)."""
    if row.hidden:
        return False
    if text and text not in row.title.lower() and not begins(keys, text):
        return False
    match wanted:
        case ListFilter.UNREAD:
            return row.unread > 0 or row.marked_unread
        case ListFilter.MENTIONED:
            return row.mentioned
        case ListFilter.GROUPS:
            return row.kind is ConversationKind.GROUP
        case ListFilter.SINGLES:
            return row.kind is ConversationKind.SINGLE
        case _:
            return True


class ConversationListModel(QAbstractListModel):
    """Rows of the list; `ROW_ROLE` gives the ConversationRow, the display role its title."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: dict[str, ConversationRow] = {}
        self._shown: list[ConversationRow] = []
        self._filter = ListFilter.ALL
        self._text = ""
        self._keep = ""
        self._folder = ""
        self._keys: dict[str, tuple[str, ...]] = {}
        self.arrangement = ListArrangement()
        self.is_special: Callable[[str], bool] = lambda _person_id: False
        """Whether the user pays special attention to a person."""

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        row = self._shown[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            unread = f"，{row.unread} 条未读" if row.unread else ""
            return f"{row.title}{unread}，{row.draft or row.last_text}"
        return None

    @property
    def unread(self) -> int:
        """Unread messages of conversations that are not muted: the badge."""
        return sum(row.unread for row in self._all.values() if not row.muted and not row.hidden)

    def arrange(self, arrangement: ListArrangement) -> None:
        """The user arranged his conversations otherwise."""
        self.arrangement = arrangement
        self._show()

    def pinned(self) -> list[str]:
        """Pinned conversations in the order of the list."""
        return [row.id for row in self._shown if row.pinned]

    def count_folder(self, folder: Folder) -> int:
        """Unread messages in a grouping of the user's."""
        rows = (self._all.get(one) for one in folder.members)
        return sum(row.unread for row in rows if row is not None and not row.muted and not row.hidden)

    def count(self, wanted: ListFilter) -> int:
        """How many unread messages (未读) or conversations (other tabs) a tab holds."""
        if wanted is ListFilter.UNREAD:
            return self.unread
        return sum(matches(row, wanted, "") for row in self._all.values())

    def row_of(self, conversation_id: str) -> int:
        """Its place in the list; -1 when it is not shown."""
        return next((n for n, row in enumerate(self._shown) if row.id == conversation_id), -1)

    def get(self, conversation_id: str) -> ConversationRow | None:
        """The row, shown or not."""
        return self._all.get(conversation_id)

    def at(self, number: int) -> ConversationRow | None:
        """The row at a place of the list."""
        return self._shown[number] if 0 <= number < len(self._shown) else None

    def replace_all(self, rows: Iterable[ConversationRow]) -> None:
        """The store was read anew."""
        self._all = {row.id: row for row in rows}
        self._show()

    def update_rows(self, ids: Iterable[str], rows: Iterable[ConversationRow]) -> None:
        """These conversations were read anew; those of `ids` that are not among `rows` are gone."""
        for gone in ids:
            self._all.pop(gone, None)
        self._all.update((row.id, row) for row in rows)
        self._show()

    def narrow(self, wanted: ListFilter, text: str = "", keep: str = "", folder: str = "") -> None:
        """Show one tab and what matches `text`; `keep` stays visible although it no longer matches the tab.

        `folder` names a grouping of the user's in place of the tab.
        """
        self._filter, self._text, self._keep, self._folder = wanted, text.strip().lower(), keep, folder
        self._show()

    def peers(self) -> list[str]:
        """Everybody with whom there is a single chat, shown or not."""
        return [row.peer_id for row in self._all.values() if row.peer_id]

    def found_by(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Find people (by id) also by these: pinyin and initials, lower case."""
        self._keys = dict(keys)
        if self._text:
            self._show()

    def refresh_times(self) -> None:
        """A new day began: "昨天" means another day."""
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    def _wanted(self) -> list[ConversationRow]:
        rows = [
            row
            for row in self._all.values()
            if (
                matches(row, self._filter, self._text, self._keys.get(row.peer_id, ())) and self._belongs(row)
            )
            or (row.id == self._keep and not row.hidden and not self._text)
        ]
        return sorted(rows, key=self.arrangement.sort_key)

    def _belongs(self, row: ConversationRow) -> bool:
        """To the grouping that is shown, and to what matters while the user wants to be undisturbed (E067)."""
        folder = self.arrangement.folder(self._folder) if self._folder else None
        if folder is not None and row.id not in folder.members:
            return False
        if not self.arrangement.focus or self._text:
            return True
        return row.pinned or row.mentioned or (bool(row.peer_id) and self.is_special(row.peer_id))

    def _show(self) -> None:
        wanted = self._wanted()
        if not self._step_to(wanted):
            self.beginResetModel()
            self._shown = wanted
            self.endResetModel()

    def _step_to(self, wanted: list[ConversationRow]) -> bool:
        """Remove, move and insert single rows until the list is `wanted`; False when that takes too many steps."""
        keep = {row.id for row in wanted}
        leaving = [n for n, row in enumerate(self._shown) if row.id not in keep]
        arriving = len(wanted) - (len(self._shown) - len(leaving))
        if len(leaving) + arriving > MAX_STEPS:
            return False
        none = QModelIndex()
        for number in reversed(leaving):
            self.beginRemoveRows(none, number, number)
            del self._shown[number]
            self.endRemoveRows()
        steps = 0
        for place, row in enumerate(wanted):
            if place < len(self._shown) and self._shown[place].id == row.id:
                continue
            found = next((n for n in range(place + 1, len(self._shown)) if self._shown[n].id == row.id), -1)
            steps += 1
            if steps > MAX_STEPS:
                return False
            if found < 0:
                self.beginInsertRows(none, place, place)
                self._shown.insert(place, row)
                self.endInsertRows()
            else:
                self.beginMoveRows(none, found, found, none, place)
                self._shown.insert(place, self._shown.pop(found))
                self.endMoveRows()
        for place, row in enumerate(wanted):
            if self._shown[place] != row:
                self._shown[place] = row
                self.dataChanged.emit(self.index(place), self.index(place))
        return True
