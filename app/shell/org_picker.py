"""Choosing units and people from the organisation: open the tree level by level, or search; tick, confirm."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QStackedWidget, QTreeWidget, QTreeWidgetItem, QTreeWidgetItemIterator, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.directory import Person, SearchResult, Unit, UnitChildren
from widgets.controls import Banner, Dialog, EmptyState, LoadingButton, SearchField, label
from widgets.theme import ThemeManager

_ID, _LOADED = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_FOUND = 50


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


Accept = Callable[[list[Picked]], Coroutine[Any, Any, None]]
"""Does what the dialog is for; what it raises is shown, and the dialog stays."""


class OrgPicker(Dialog):
    """Ticks keep while the user searches and opens levels. It closes when `accept` has done its work."""

    def __init__(
        self,
        source: OrgSource,
        themes: ThemeManager,
        title: str,
        accept: Accept,
        *,
        units: bool = True,
        people: bool = True,
        several: bool = True,
        confirm: str = "确定",
        hidden: Iterable[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`hidden`: ids that are not offered (already chosen)."""
        super().__init__(themes, title, parent, width=themes.theme.sizes.dialog_wide)
        self._source = source
        self._accept = accept
        self._units, self._people, self._several = units, people, several
        self._hidden = frozenset(hidden)
        self._picked: dict[tuple[str, str], Picked] = {}
        self._query = ""
        self._over = False
        self.tasks = Tasks(self._failed)
        what = (
            "单位、姓名、拼音或手机号" if units and people else "单位名称" if units else "姓名、拼音或手机号"
        )
        self.search = SearchField(themes, f"输入{what}")
        self.search.query_changed.connect(self._search)
        self.search.cancelled.connect(self.reject)
        self.tree, self.found = self._make_tree("组织架构"), self._make_tree("搜索结果")
        self.tree.itemExpanded.connect(self._expanded)
        self.empty = EmptyState(themes, "search", "没有找到", "请换一个字，或者输入完整的名称。")
        self.stack = QStackedWidget()
        for one in (self.tree, self.found, self.empty):
            self.stack.addWidget(one)
        self.stack.setMinimumHeight(themes.theme.sizes.picker_height)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.count = label("", "caption")
        for one in (self.search, self.notice, self.stack):
            self.content.addWidget(one, 1 if one is self.stack else 0)
        self.foot.insertWidget(0, self.count)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, confirm)
        self.go.clicked.connect(self._confirm)
        self.foot.addWidget(self.go)
        self.search.setFocus()
        self._told()
        themes.faces_changed.connect(self._show_faces)
        self.tasks.start(self._load_root(), "读取组织架构")

    @property
    def picked(self) -> list[Picked]:
        """What is ticked, in the order of ticking."""
        return list(self._picked.values())

    def _make_tree(self, name: str) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderHidden(True)
        tree.setAccessibleName(name)
        tree.setUniformRowHeights(True)
        tree.setIconSize(QSize(self.themes.theme.sizes.icon_small, self.themes.theme.sizes.icon_small))
        tree.itemChanged.connect(self._changed)
        tree.itemClicked.connect(self._clicked)
        return tree

    # The tree.

    async def _load_root(self) -> None:
        content = await self._source.unit_children()
        if self._over:
            return
        top = self._unit_item(content.unit)
        self.tree.addTopLevelItem(top)
        self._fill(top, content)
        top.setExpanded(True)

    def _expanded(self, item: QTreeWidgetItem) -> None:
        picked: Picked | None = item.data(0, _ID)
        if picked is not None and not item.data(0, _LOADED):
            item.setData(0, _LOADED, True)
            self.tasks.start(self._load(item, picked.id), "读取下级单位")

    async def _load(self, item: QTreeWidgetItem, unit_id: str) -> None:
        try:
            content = await self._source.unit_children(unit_id)
        except Exception:
            if not self._over:
                item.setData(0, _LOADED, False)
                item.setExpanded(False)
            raise
        if not self._over:
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
        if person.id in self._hidden and not self._several:
            return None
        post = next((one for one in person.posts if one.main), person.posts[0] if person.posts else None)
        words = f"{person.name}　{post.title}" if post and post.title else person.name
        return self._item(Picked("person", person.id, person.name), words, "user", checkable=True)

    def _item(self, picked: Picked, words: str, icon: str, *, checkable: bool) -> QTreeWidgetItem:
        item = QTreeWidgetItem([words])
        item.setIcon(0, self._face(picked) or self.themes.icons.icon(icon, "text_2"))
        item.setData(0, _ID, picked)
        if checkable and picked.id not in self._hidden:
            ticked = (picked.kind, picked.id) in self._picked
            item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        elif picked.id in self._hidden:
            item.setText(0, f"{words}（已添加）")
            item.setForeground(0, self.themes.theme.color("text_disabled"))
        return item

    def _face(self, picked: Picked) -> QIcon | None:
        """A person's own picture once it is here."""
        faces = self.themes.faces
        if faces is None or picked.kind != "person":
            return None
        scale = self.devicePixelRatioF()
        picture = faces.picture(picked.id, round(self.themes.theme.sizes.icon_small * scale))
        if picture is None:
            return None
        sharp = QPixmap(picture)
        sharp.setDevicePixelRatio(scale)
        return QIcon(sharp)

    def _show_faces(self) -> None:
        for tree in (self.tree, self.found):
            # A picture is no other person: nothing was ticked.
            tree.blockSignals(True)
            every = QTreeWidgetItemIterator(tree)
            while (item := every.value()) is not None:
                picked: Picked | None = item.data(0, _ID)
                face = self._face(picked) if picked is not None else None
                if face is not None:
                    item.setIcon(0, face)
                every += 1
            tree.blockSignals(False)
            tree.viewport().update()

    # Searching.

    def _search(self, text: str) -> None:
        self._query = text.strip()
        if not self._query:
            self._retick()
            self.stack.setCurrentWidget(self.tree)
            return
        self.tasks.start(self._find(self._query), "搜索")

    async def _find(self, text: str) -> None:
        result = await self._source.search(text, _FOUND)
        if self._over or text != self._query:
            return
        self.found.clear()
        for unit in result.units if self._units else ():
            item = self._unit_item(unit)
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicator)
            self.found.addTopLevelItem(item)
        for person in result.people if self._people else ():
            item = self._person_item(person)
            if item is not None:
                post = person.posts[0] if person.posts else None
                if post is not None:
                    item.setText(0, f"{item.text(0)}　{post.unit_name}")
                self.found.addTopLevelItem(item)
        self.stack.setCurrentWidget(self.found if self.found.topLevelItemCount() else self.empty)

    def _retick(self) -> None:
        """The tree shows what was ticked among the results."""
        walk = [self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount())]
        while walk:
            item = walk.pop()
            picked: Picked = item.data(0, _ID)
            if item.data(0, Qt.ItemDataRole.CheckStateRole) is not None:
                ticked = (picked.kind, picked.id) in self._picked
                item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            walk += [item.child(row) for row in range(item.childCount())]

    # Ticking.

    def _clicked(self, item: QTreeWidgetItem, _column: int) -> None:
        """A click on a person's words ticks as one on the box does; on a unit's it opens the level."""
        picked: Picked | None = item.data(0, _ID)
        if picked is None or item.data(0, Qt.ItemDataRole.CheckStateRole) is None:
            if picked is not None:
                item.setExpanded(not item.isExpanded())
            return
        # A click on the box has changed it (and `_changed` has run) before this signal comes.
        by_box, self._toggled = self._toggled is item, None
        if not by_box:
            ticked = item.checkState(0) is Qt.CheckState.Checked
            item.setCheckState(0, Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)
            self._toggled = None

    _toggled: QTreeWidgetItem | None = None

    def _changed(self, item: QTreeWidgetItem, _column: int) -> None:
        picked: Picked | None = item.data(0, _ID)
        if picked is None or item.data(0, Qt.ItemDataRole.CheckStateRole) is None:
            return
        key, ticked = (picked.kind, picked.id), item.checkState(0) is Qt.CheckState.Checked
        if ticked == (key in self._picked):
            return
        self._toggled = item
        if ticked and not self._several:
            self._picked.clear()
        if ticked:
            self._picked[key] = picked
        else:
            self._picked.pop(key, None)
        if ticked and not self._several:
            self._retick()
        self._told()

    def _told(self) -> None:
        kinds = [one.kind for one in self._picked.values()]
        parts = [
            f"{kinds.count(kind)} {words}"
            for kind, words in (("unit", "个单位"), ("person", "人"))
            if kinds.count(kind)
        ]
        self.count.setText(f"已选 {'、'.join(parts)}" if parts else "")
        self.go.setEnabled(bool(kinds) and not self.go.loading)

    # The end.

    def _confirm(self) -> None:
        if not self._picked or self.go.loading:
            return
        self.notice.hide()
        self.go.set_loading(True, "请稍候…")
        self.tasks.start(self._work(), "确定")

    async def _work(self) -> None:
        await self._accept(self.picked)
        if not self._over:
            self.accept()

    def done(self, arg__1: int) -> None:
        self._over = True
        super().done(arg__1)

    def _failed(self, error: BaseException, doing: str) -> None:
        if self._over:
            return
        self.go.set_loading(False)
        self.notice.say(describe(error, doing).text, "bad")
        self.notice.show()
        self._told()
