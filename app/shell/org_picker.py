"""Choosing units and people from the organisation: open the tree level by level, or search; tick, confirm."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.shell.org_tree import OrgSource, OrgTree, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Banner, Dialog, EmptyState, LoadingButton, SearchField, label
from widgets.theme import ThemeManager

__all__ = ["OrgPicker", "OrgSource", "Picked"]

_FOUND = 50

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
        self._query = self._shown = self._submitted = ""
        """What is looked for, what the results belong to, what Enter was pressed for."""
        self._over = False
        self.tasks = Tasks(self._failed)
        what = (
            "单位、姓名、拼音或手机号" if units and people else "单位名称" if units else "姓名、拼音或手机号"
        )
        self.search = SearchField(themes, f"输入{what}")
        self.search.query_changed.connect(self._search)
        self.search.submitted.connect(self._tick_only)
        self.search.cancelled.connect(self.reject)
        self.tree, self.found = self._make_tree("组织架构"), self._make_tree("搜索结果")
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
        self.tasks.start(self.tree.load_root(), "读取组织架构")

    @property
    def picked(self) -> list[Picked]:
        """What is ticked, in the order of ticking."""
        return list(self._picked.values())

    def _make_tree(self, name: str) -> OrgTree:
        tree = OrgTree(
            self._source,
            self.themes,
            self.tasks,
            name,
            lambda one: (one.kind, one.id) in self._picked,
            units=self._units,
            people=self._people,
            gone=lambda: self._over,
        )
        tree.fixed = self._hidden
        if not self._several:
            tree.left_out = self._hidden
        tree.ticked.connect(self._ticked)
        return tree

    # Searching.

    def _search(self, text: str) -> None:
        self._query, self._submitted = text.strip(), ""
        if not self._query:
            # The tree shows what was ticked among the results.
            self.tree.retick()
            self.stack.setCurrentWidget(self.tree)
            return
        self.tasks.start(self._find(self._query), "搜索")

    async def _find(self, text: str) -> None:
        result = await self._source.search(text, _FOUND)
        if not self._over and text == self._query:
            found = self.found.show_found(result)
            self.stack.setCurrentWidget(self.found if found else self.empty)
            self._shown = text
            if self._submitted == text:
                self._tick_only(text)

    def _tick_only(self, text: str) -> None:
        """Enter in the field: tick the only hit, at once or when the answer is there."""
        self._submitted = text.strip()
        if self._submitted and self._submitted == self._shown == self._query:
            self._submitted = ""
            self.found.tick_only()

    # Ticking.

    def _ticked(self, picked: Picked, on: bool) -> None:
        key = (picked.kind, picked.id)
        if on and not self._several:
            self._picked.clear()
        if on:
            self._picked[key] = picked
        else:
            self._picked.pop(key, None)
        if on and not self._several:
            for tree in (self.tree, self.found):
                tree.retick()
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
