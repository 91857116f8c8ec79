"""Those who were chosen, beside the people to choose from: a click takes one out again."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets.controls import button, label
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager


class PickedList(QWidget):
    """Signals: `removed(person_id)`, `cleared()`."""

    removed = Signal(str)
    cleared = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        theme = themes.theme
        self.setFixedWidth(theme.sizes.picker_side)
        self.title = label("", "caption")
        self.clear = button("清空", "link", "small")
        self.clear.setAutoDefault(False)
        self.clear.clicked.connect(self.cleared)
        self.model = PeopleModel(parent=self)
        self.view = RowView(themes, PeopleDelegate(themes), surface="content", name="已选的人")
        self.view.setModel(self.model)
        self.view.setToolTip("点一下移出")
        self.view.opened.connect(self._opened)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space.s)
        column.addLayout(head)
        column.addWidget(self.view, 1)

    def show_chosen(self, chosen: Mapping[str, str], limit: int = 0) -> None:
        """Names by id, in the order of choosing; `limit` 0 for any number."""
        most = f" / {limit}" if limit else ""
        self.title.setText(f"已选 {len(chosen)}{most} 人")
        self.clear.setVisible(bool(chosen))
        self.model.show_items([PersonItem(id, name, tag="移出") for id, name in chosen.items()])

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if isinstance(item, PersonItem):
            self.removed.emit(item.id)
