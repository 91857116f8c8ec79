"""The organisation as a tree with boxes to tick, read level by level; also a flat list of what a search found."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QWidget,
)

from app.shell.tasks import Tasks
from server_stub.contract.directory import Person, SearchResult, Unit, UnitChildren
from widgets.theme import ThemeManager

_ID, _LOADED = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_TICK = Qt.ItemDataRole.CheckStateRole


class OrgSource(Protocol):
    """The address book."""

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit ("" for the root)."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """People and units."""
        ...


@dataclass(frozen=True, slots=True)
class Picked:
    """A unit ("unit") or a person ("person") that was ticked."""

    kind: str
    id: str
    name: str


class FaceDelegate(QStyledItemDelegate):
    """Shows a person's own picture for the sign of a person, once it is here: asked for by what is painted alone."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes, self._view = themes, parent

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        faces, picked = self._themes.faces, index.data(_ID)
        if faces is None or not isinstance(picked, Picked) or picked.kind != "person":
            return
        scale = self._view.devicePixelRatioF()
        picture = faces.picture(picked.id, round(self._themes.theme.sizes.icon_small * scale))
        if picture is not None:
            sharp = QPixmap(picture)
            sharp.setDevicePixelRatio(scale)
            option.icon = QIcon(sharp)  # type: ignore[attr-defined]


class OrgTree(QTreeWidget):
    """Signals: `ticked(Picked, bool)` when the user changes a box. What is ticked is the owner's; see `is_ticked`."""

    ticked = Signal(object, bool)

    def __init__(
        self,
        source: OrgSource,
        themes: ThemeManager,
        tasks: Tasks,
        name: str,
        is_ticked: Callable[[Picked], bool],
        *,
        units: bool = True,
        people: bool = True,
        gone: Callable[[], bool] = lambda: False,
    ) -> None:
        """`name`: for assistive tools; `gone`: whether the owner went away while something was read."""
        super().__init__()
        self._source, self._themes, self._tasks = source, themes, tasks
        self._is_ticked, self._gone = is_ticked, gone
        self._units, self._people = units, people
        self.fixed: Collection[str] = ()
        """Ids that are shown as added already and cannot be ticked."""
        self.left_out: Collection[str] = ()
        """Ids of people that are not shown at all."""
        self._toggled: QTreeWidgetItem | None = None
        self.setHeaderHidden(True)
        self.setAccessibleName(name)
        self.setUniformRowHeights(True)
        side = themes.theme.sizes.icon_small
        self.setIconSize(QSize(side, side))
        self.itemChanged.connect(self._changed)
        self.itemClicked.connect(self._clicked)
        self.itemExpanded.connect(self._expanded)
        self.setItemDelegate(FaceDelegate(themes, self))
        themes.faces_changed.connect(self.viewport().update)

    # What is shown.

    async def load_root(self) -> None:
        """Show the whole organisation, its first level open."""
        content = await self._source.unit_children()
        if self._gone():
            return
        top = self._unit_item(content.unit)
        self.addTopLevelItem(top)
        self._fill(top, content)
        top.setExpanded(True)

    def show_found(self, result: SearchResult) -> int:
        """Show what a search found as a flat list; returns how many there are."""
        self.clear()
        for unit in result.units if self._units else ():
            item = self._unit_item(unit)
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicator)
            self.addTopLevelItem(item)
        for person in result.people if self._people else ():
            item = self._person_item(person)
            if item is not None:
                post = person.posts[0] if person.posts else None
                if post is not None:
                    item.setText(0, f"{item.text(0)}　{post.unit_name}")
                self.addTopLevelItem(item)
        return self.topLevelItemCount()

    def tick_only(self) -> None:
        """Tick what is shown where that is one thing alone."""
        item = self.topLevelItem(0)
        if item is not None and self.topLevelItemCount() == 1 and item.data(0, _TICK) is not None:
            item.setCheckState(0, Qt.CheckState.Checked)
            self._toggled = None

    def retick(self) -> None:
        """Show what is ticked now; nothing is told."""
        self.blockSignals(True)
        for item in self._every():
            if item.data(0, _TICK) is not None:
                item.setCheckState(0, _state(self._is_ticked(item.data(0, _ID))))
        self.blockSignals(False)
        self.viewport().update()

    def _every(self) -> list[QTreeWidgetItem]:
        found: list[QTreeWidgetItem] = []
        walk = QTreeWidgetItemIterator(self)
        while (item := walk.value()) is not None:
            found.append(item)
            walk += 1
        return found

    def _expanded(self, item: QTreeWidgetItem) -> None:
        picked: Picked | None = item.data(0, _ID)
        if picked is not None and not item.data(0, _LOADED):
            item.setData(0, _LOADED, True)
            self._tasks.start(self._load(item, picked.id), "读取下级单位")

    async def _load(self, item: QTreeWidgetItem, unit_id: str) -> None:
        try:
            content = await self._source.unit_children(unit_id)
        except Exception:
            if not self._gone():
                item.setData(0, _LOADED, False)
                item.setExpanded(False)
            raise
        if not self._gone():
            self._fill(item, content)

    def _fill(self, item: QTreeWidgetItem, content: UnitChildren) -> None:
        item.setData(0, _LOADED, True)
        people = [self._person_item(one) for one in content.people] if self._people else []
        children = people + [self._unit_item(one) for one in content.units]
        item.takeChildren()
        item.addChildren([one for one in children if one is not None])
        if not item.childCount():
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicator)

    def _unit_item(self, unit: Unit) -> QTreeWidgetItem:
        item = self._item(Picked("unit", unit.id, unit.name), unit.name, "unit", checkable=self._units)
        more = bool(unit.unit_count or (self._people and unit.people_count))
        policy = QTreeWidgetItem.ChildIndicatorPolicy
        item.setChildIndicatorPolicy(policy.ShowIndicator if more else policy.DontShowIndicator)
        return item

    def _person_item(self, person: Person) -> QTreeWidgetItem | None:
        if person.id in self.left_out:
            return None
        post = next((one for one in person.posts if one.main), person.posts[0] if person.posts else None)
        words = f"{person.name}　{post.title}" if post and post.title else person.name
        return self._item(Picked("person", person.id, person.name), words, "user", checkable=True)

    def _item(self, picked: Picked, words: str, icon: str, *, checkable: bool) -> QTreeWidgetItem:
        item = QTreeWidgetItem([words])
        item.setIcon(0, self._themes.icons.icon(icon, "text_2"))
        item.setData(0, _ID, picked)
        if checkable and picked.id not in self.fixed:
            item.setCheckState(0, _state(self._is_ticked(picked)))
        elif picked.id in self.fixed:
            item.setText(0, f"{words}（已添加）")
            item.setForeground(0, self._themes.theme.color("text_disabled"))
        return item

    # Ticking.

    def _clicked(self, item: QTreeWidgetItem, _column: int) -> None:
        """A click on a person's words ticks as one on the box does; on a unit's it opens the level."""
        picked: Picked | None = item.data(0, _ID)
        if picked is None or item.data(0, _TICK) is None:
            if picked is not None:
                item.setExpanded(not item.isExpanded())
            return
        # A click on the box has changed it (and `_changed` has run) before this signal comes.
        by_box, self._toggled = self._toggled is item, None
        if not by_box:
            ticked = item.checkState(0) is Qt.CheckState.Checked
            item.setCheckState(0, _state(not ticked))
            self._toggled = None

    def _changed(self, item: QTreeWidgetItem, _column: int) -> None:
        picked: Picked | None = item.data(0, _ID)
        if picked is None or item.data(0, _TICK) is None:
            return
        on = item.checkState(0) is Qt.CheckState.Checked
        if on != self._is_ticked(picked):
            self._toggled = item
            self.ticked.emit(picked, on)


def _state(on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
