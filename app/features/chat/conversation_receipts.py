"""Who has read one message and who has not (E105)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from app.store.records import Receipt
from widgets.controls import AvatarSpec, Dialog, FilterItem, FilterTabs, label
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager


class ReceiptDialog(Dialog):
    """Two tabs, 已读 and 未读; of the unread, those whose device has received it say so."""

    def __init__(
        self,
        themes: ThemeManager,
        receipt: Receipt,
        person: Callable[[str], tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, "消息已读情况", parent)
        self._person = person
        self._lists: dict[str, list[PersonItem]] = {
            "read": self._items(receipt.read),
            "unread": self._items(receipt.delivered, "已送达") + self._items(receipt.waiting, "未送达"),
        }
        counts = {name: len(items) for name, items in self._lists.items()}
        self.tabs = FilterTabs(
            themes,
            [
                FilterItem("read", f"已读 {counts['read']}"),
                FilterItem("unread", f"未读 {counts['unread']}"),
            ],
        )
        self.tabs.current_changed.connect(self._show)
        self.list = RowView(themes, PeopleDelegate(themes), surface="content", name="人员")
        self.list.setMinimumHeight(themes.theme.sizes.picture_max)
        self.nobody = label("", "secondary")
        self.content.addWidget(self.tabs)
        self.content.addWidget(self.nobody)
        self.content.addWidget(self.list, 1)
        self.add_button("关闭", default=True, slot=self.accept)
        self._show("read" if receipt.read else "unread")
        if not receipt.read:
            self.tabs.set_current("unread")

    def _items(self, ids: Sequence[str], tag: str = "") -> list[PersonItem]:
        made: list[PersonItem] = []
        for id in ids:
            name, note = self._person(id)
            made.append(PersonItem(id, name, note, AvatarSpec(name, id), tag))
        return made

    def shown(self) -> list[str]:
        """The names in the list, top to bottom."""
        model = self.list.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def _show(self, name: str) -> None:
        items = self._lists[name]
        self.list.setModel(PeopleModel(items, self))
        self.list.setVisible(bool(items))
        self.nobody.setText("还没有人阅读。" if name == "read" else "大家都已阅读。")
        self.nobody.setVisible(not items)
