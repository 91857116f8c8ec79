"""我的群组: all groups that one belongs to, searched by name; a click opens one (E144)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from widgets.controls import AvatarSpec, Dialog, EmptyState, SearchField
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group as this list shows it."""

    id: str
    title: str
    member_count: int
    own: bool
    """Whether the user is its owner."""


class GroupsDialog(Dialog):
    """Signals: `chosen(conversation_id)`."""

    chosen = Signal(str)

    def __init__(
        self, themes: ThemeManager, groups: Sequence[OwnGroup], parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, f"我的群组 {len(groups)}", parent)
        self._groups = list(groups)
        self.search = SearchField(themes, "搜索群名称", delay_ms=80)
        self.search.query_changed.connect(lambda _text: self._show())
        self.model = PeopleModel(parent=self)
        self.view = RowView(themes, PeopleDelegate(themes, two_lines=True), surface="content", name="群组")
        self.view.setModel(self.model)
        self.view.setMinimumHeight(themes.theme.grow(themes.theme.sizes.row) * 6)
        self.view.opened.connect(self._opened)
        self.search.moved.connect(self.view.step)
        self.search.submitted.connect(lambda _text: self.view.open_current())
        self.empty = EmptyState(themes, "users", "没有这个群", "请换一个词试试。")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        self.content.addWidget(self.search)
        self.content.addWidget(self.stack, 1)
        self.add_button("关闭", slot=self.reject)
        self.search.setFocus()
        self._show()

    def _show(self) -> None:
        text = self.search.text().strip().lower()
        shown = [one for one in self._groups if text in one.title.lower()]
        self.model.show_items(
            [
                PersonItem(
                    one.id,
                    one.title,
                    f"{one.member_count} 人",
                    AvatarSpec(one.title, one.id),
                    "群主" if one.own else "",
                )
                for one in shown
            ]
        )
        self.stack.setCurrentWidget(self.view if shown else self.empty)

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if isinstance(item, PersonItem):
            self.chosen.emit(item.id)
            self.accept()
