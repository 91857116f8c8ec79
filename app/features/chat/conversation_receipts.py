"""Who has read one message and who has not, by department (E105)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from app.store.records import Receipt
from widgets.controls import AvatarSpec, Dialog, FilterItem, FilterTabs, label
from widgets.lists import PeopleDelegate, PeopleItem, PeopleModel, PersonItem, RowView, SectionItem
from widgets.theme import ThemeManager

ELSEWHERE = "其他"


class ReceiptDialog(Dialog):
    """Two tabs, 已读 and 未读, in departments; of the unread, those whose device has received it say so."""

    def __init__(
        self,
        themes: ThemeManager,
        receipt: Receipt,
        person: Callable[[str], tuple[str, str]],
        parent: QWidget | None = None,
        *,
        unit: Callable[[str], str] = lambda _id: "",
    ) -> None:
        """`person(id)` gives name and post, `unit(id)` the department of the main post."""
        super().__init__(themes, "消息已读情况", parent)
        self._person, self._unit = person, unit
        unread = [(one, "已送达") for one in receipt.delivered] + [(one, "未送达") for one in receipt.waiting]
        self._lists: dict[str, list[PeopleItem]] = {
            "read": self._items([(one, "") for one in receipt.read]),
            "unread": self._items(unread),
        }
        self.tabs = FilterTabs(
            themes,
            [
                FilterItem("read", f"已读 {len(receipt.read)}"),
                FilterItem("unread", f"未读 {len(unread)}"),
            ],
        )
        self.tabs.current_changed.connect(self._show)
        self.list = RowView(themes, PeopleDelegate(themes), surface="content", name="人员", uniform=False)
        self.list.setMinimumHeight(themes.theme.sizes.picture_max)
        self.nobody = label("", "secondary")
        self.content.addWidget(self.tabs)
        self.content.addWidget(self.nobody)
        self.content.addWidget(self.list, 1)
        self.add_button("关闭", default=True, slot=self.accept)
        self._show("read" if receipt.read else "unread")
        if not receipt.read:
            self.tabs.set_current("unread")

    def _items(self, people: Sequence[tuple[str, str]]) -> list[PeopleItem]:
        """The departments with most of them first; without headings where there is only one."""
        units: dict[str, list[PersonItem]] = {}
        for id, tag in people:
            name, note = self._person(id)
            units.setdefault(self._unit(id) or ELSEWHERE, []).append(
                PersonItem(id, name, note, AvatarSpec(name, id), tag)
            )
        made: list[PeopleItem] = []
        for unit, found in sorted(units.items(), key=lambda one: (one[0] == ELSEWHERE, -len(one[1]), one[0])):
            if len(units) > 1:
                made.append(SectionItem(f"{unit} {len(found)}"))
            made += found
        return made

    def shown(self) -> list[str]:
        """The names in the list, top to bottom, without the headings."""
        model = self.list.model()
        items = model.items if isinstance(model, PeopleModel) else []
        return [item.name for item in items if isinstance(item, PersonItem)]

    def units(self) -> list[str]:
        """The headings in the list, top to bottom."""
        model = self.list.model()
        items = model.items if isinstance(model, PeopleModel) else []
        return [item.title for item in items if isinstance(item, SectionItem)]

    def _show(self, name: str) -> None:
        items = self._lists[name]
        self.list.setModel(PeopleModel(items, self))
        self.list.setVisible(bool(items))
        self.nobody.setText("还没有人阅读。" if name == "read" else "大家都已阅读。")
        self.nobody.setVisible(not items)
