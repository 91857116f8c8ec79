"""Qt model of the organisation's units, each level fetched when it is opened (E130, E132)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.shell.tasks import Tasks
from server_stub.contract.directory import Unit, UnitChildren

Index = QModelIndex | QPersistentModelIndex
UNIT_ROLE = Qt.ItemDataRole.UserRole + 1
STATE_ROLE = Qt.ItemDataRole.UserRole + 2


class Fetch(Enum):
    """What is known of a unit's sub-units."""

    NEVER = "never"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class Node:
    """One unit in the tree; the root node has no unit."""

    unit: Unit | None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    state: Fetch = Fetch.NEVER


class UnitTreeModel(QAbstractItemModel):
    """Signals: `failed(error)` when a level could not be fetched; opening it again tries again."""

    failed = Signal(object)
    fetched = Signal(str)

    def __init__(
        self, fetch: Callable[[str], Awaitable[UnitChildren]], tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._tasks = tasks
        self._root = Node(None)
        self._once_more = False
        # Internal pointers are not owned by Qt: the nodes live here, and indexes name them by number.
        self._nodes: dict[int, Node] = {}

    def start(self) -> None:
        """Fetch the root unit; the tree shows it open with its direct sub-units."""
        if self._root.state in (Fetch.NEVER, Fetch.FAILED):
            self._root.state = Fetch.RUNNING
            self._tasks.start(self._load_root(), "读取通讯录", on_error=self._root_failed)

    def restart(self) -> None:
        """The organisation has changed: fetch everything anew."""
        if self._root.state is Fetch.RUNNING:
            # What is under way may have been asked before the change.
            self._once_more = True
            return
        self._root.state = Fetch.NEVER
        self.start()

    async def _load_root(self) -> None:
        content = await self._fetch("")
        top = Node(content.unit, self._root, state=Fetch.DONE)
        top.children = [Node(unit, top) for unit in content.units]
        self.beginResetModel()
        self._nodes = {id(node): node for node in (top, *top.children)}
        self._root.children = [top]
        self._root.state = Fetch.DONE
        self.endResetModel()
        self.fetched.emit(content.unit.id)
        if self._once_more:
            self._once_more = False
            self.restart()

    def _root_failed(self, error: BaseException, _doing: str) -> None:
        self._once_more = False
        self._root.state = Fetch.FAILED
        self.failed.emit(error)

    def index_of(self, unit_id: str) -> QModelIndex:
        """Where a fetched unit stands; invalid while it has not been fetched."""
        for node in self._nodes.values():
            if node.unit is not None and node.unit.id == unit_id and node.parent is not None:
                return self.createIndex(node.parent.children.index(node), 0, id(node))
        return QModelIndex()

    # Qt's questions.

    def _node(self, index: Index) -> Node:
        return self._nodes[index.internalId()] if index.isValid() else self._root

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        children = self._node(parent).children
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, id(children[row]))

    def parent(self, child: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]
        if not child.isValid():
            return QModelIndex()
        above = self._node(child).parent
        if above is None or above.parent is None:
            return QModelIndex()
        return self.createIndex(above.parent.children.index(above), 0, id(above))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return len(self._node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 1

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:
        node = self._node(parent)
        if node.unit is None:
            return bool(node.children)
        return bool(node.children) if node.state is Fetch.DONE else node.unit.unit_count > 0

    def canFetchMore(self, parent: Index) -> bool:
        node = self._node(parent)
        return (
            node.unit is not None and node.unit.unit_count > 0 and node.state in (Fetch.NEVER, Fetch.FAILED)
        )

    def fetchMore(self, parent: Index) -> None:
        node = self._node(parent)
        if node.unit is None or not self.canFetchMore(parent):
            return
        node.state = Fetch.RUNNING
        place = QPersistentModelIndex(parent)
        started = self._tasks.start(
            self._load(node.unit.id, node, place),
            "读取下级单位",
            on_error=lambda error, _doing: self._load_failed(node, place, error),
        )
        if started is None:
            node.state = Fetch.NEVER

    async def _load(self, unit_id: str, node: Node, place: QPersistentModelIndex) -> None:
        content = await self._fetch(unit_id)
        if not place.isValid():
            return
        children = [Node(unit, node) for unit in content.units]
        node.state = Fetch.DONE
        if children:
            self.beginInsertRows(place, 0, len(children) - 1)
            self._nodes.update((id(child), child) for child in children)
            node.children = children
            self.endInsertRows()
        self._tell(place)
        self.fetched.emit(unit_id)

    def _load_failed(self, node: Node, place: QPersistentModelIndex, error: BaseException) -> None:
        node.state = Fetch.FAILED
        self._tell(place)
        self.failed.emit(error)

    def _tell(self, place: QPersistentModelIndex) -> None:
        if place.isValid():
            index = self.index(place.row(), 0, place.parent())
            self.dataChanged.emit(index, index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self._node(index)
        if node.unit is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return node.unit.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{node.unit.name}（{node.unit.people_count} 人）"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{node.unit.name}，{node.unit.people_count} 人"
        if role == UNIT_ROLE:
            return node.unit
        if role == STATE_ROLE:
            return node.state
        return None
