"""Choosing colleagues: one for a single chat, several for a group or to add to one (E117)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from app.session.states import NetworkError, refusal_text
from app.shell.org_picker import OrgPicker, Picked
from app.shell.tasks import Tasks
from server_stub.contract.directory import Person
from server_stub.contract.errors import ApiError
from server_stub.contract.personal import RelationKind
from widgets.controls import Banner, Dialog, EmptyState, LoadingButton, SearchField, button, label
from widgets.lists import PeopleDelegate, PeopleItem, PeopleModel, PersonItem, RowView, SectionItem
from widgets.theme import ThemeManager

from .service import ChatService

FOUND_LIMIT = 50

Accept = Callable[[list[str], str], Coroutine[Any, Any, None]]
"""Does what the dialog is for with the ids chosen and the name typed; raises NetworkError or ApiError."""


def note_of(person: Person) -> str:
    """Unit and title of the main post."""
    post = next((one for one in person.posts if one.main), person.posts[0] if person.posts else None)
    return f"{post.unit_name} {post.title}".strip() if post else ""


class PeoplePicker(Dialog):
    """Search, choose, confirm. With `several` rows are ticked and a count is shown; without, Enter or a click is the answer.

    `suggested` is offered before anything is typed; people in `fixed` are shown ticked and cannot be changed. It closes when
    `accept` has done its work, and says what went wrong otherwise.
    """

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        title: str,
        accept: Accept,
        *,
        confirm: str = "确定",
        several: bool = False,
        ask_name: bool = False,
        suggested: Sequence[Person] = (),
        fixed: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, title, parent)
        self._service = service
        self._accept = accept
        self._several = several
        self._fixed = set(fixed) | {service.me.id}
        self._suggested = [one for one in suggested if one.id != service.me.id]
        self._found: list[Person] = []
        self._chosen: list[str] = []
        self._query = ""
        self._answered = ""
        self._enter_waits = False
        self._over = False
        self.tasks = Tasks(self._failed)
        self.search = SearchField(themes, "输入姓名、拼音或手机号")
        self.search.query_changed.connect(self._search)
        self.search.submitted.connect(lambda _text: self._enter())
        self.search.cancelled.connect(self.reject)
        self.name = QLineEdit()
        self.name.setPlaceholderText("群名称（可不填）")
        self.name.setAccessibleName("群名称")
        self.name.setMaxLength(50)
        self.name.setVisible(ask_name)
        self.model = PeopleModel(parent=self)
        self.view = RowView(
            themes, PeopleDelegate(themes, two_lines=True), surface="content", name="同事", uniform=False
        )
        self.view.setModel(self.model)
        self.view.setMinimumHeight(themes.theme.grow(themes.theme.sizes.row) * 5)
        self.view.opened.connect(self._opened)
        self.search.moved.connect(self.view.step)
        self.empty = EmptyState(themes, "search", "输入姓名查找同事", "可以只输入拼音首字母，例如“wjg”。")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.tree = button("从组织架构选择…", "link")
        self.tree.setAutoDefault(False)
        self.tree.clicked.connect(self._open_tree)
        self.tree.setVisible(several)
        self.count = label("", "caption")
        for one in (self.name, self.search, self.notice, self.stack):
            self.content.addWidget(one, 1 if one is self.stack else 0)
        self.foot.insertWidget(0, self.tree)
        self.foot.insertWidget(0, self.count)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, confirm)
        self.go.clicked.connect(self._confirm)
        self.go.setVisible(several)
        self.foot.addWidget(self.go)
        self._contacts: list[Person] = []
        self.search.setFocus()
        self._show()
        self.tasks.start(self._load_contacts(), "读取联系人")

    async def _load_contacts(self) -> None:
        """我的联系人, offered before anything is typed (E020)."""
        ids = await self._service.groups.related(RelationKind.CONTACT)
        people = await self._service.people(ids)
        known = {one.id for one in self._suggested} | {self._service.me.id}
        self._contacts = [people[one] for one in ids if one in people and one not in known]
        if self._contacts and not self._over:
            self._show()

    @property
    def chosen(self) -> list[str]:
        """Ids in the order of choosing."""
        return list(self._chosen)

    def _open_tree(self) -> None:
        """Tick people unit by unit (E021)."""
        picker = OrgPicker(
            self._service,
            self.themes,
            "从组织架构选择",
            self._picked,
            units=False,
            confirm="选择",
            hidden=[*self._fixed, *self._chosen],
            parent=self,
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    async def _picked(self, found: list[Picked]) -> None:
        self._chosen += [one.id for one in found if one.id not in self._chosen and one.id not in self._fixed]
        self._show()

    # Finding.

    def _search(self, text: str) -> None:
        self._query = text.strip()
        if self._query:
            self.tasks.start(self._find(self._query), "查找同事")
        else:
            self._found, self._answered = [], ""
            self._show()

    async def _find(self, text: str) -> None:
        found = await self._service.search_people(text, FOUND_LIMIT)
        if text == self._query and not self._over:
            self._found = [one for one in found if one.id != self._service.me.id]
            self._answered = text
            self._show()
            if self._enter_waits:
                self._enter()

    def _show(self) -> None:
        shown = self._found if self._query else self._suggested
        items: list[PeopleItem] = [self._item(one) for one in shown]
        if items and not self._query:
            items.insert(0, SectionItem("最近联系"))
        if self._contacts and not self._query:
            items += [SectionItem("我的联系人"), *(self._item(one) for one in self._contacts)]
        self.model.show_items(items)
        if not self.view.currentIndex().isValid():
            self.view.go(0)
        if self._query:
            self.empty.set_texts("没有找到这位同事", "请换一个字，或者输入完整的姓名、拼音或手机号。")
        self.stack.setCurrentWidget(self.view if items else self.empty)
        self.count.setText(f"已选 {len(self._chosen)} 人" if self._several else "")
        self.go.setEnabled(bool(self._chosen) and not self.go.loading)

    def _item(self, person: Person) -> PersonItem:
        fixed = person.id in self._fixed
        checked = (fixed or person.id in self._chosen) if self._several else None
        return PersonItem(person.id, person.name, note_of(person), checked=checked, fixed=fixed)

    # Choosing.

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if not isinstance(item, PersonItem) or item.fixed:
            return
        if not self._several:
            self._chosen = [item.id]
            self._confirm()
            return
        if item.id in self._chosen:
            self._chosen.remove(item.id)
        else:
            self._chosen.append(item.id)
        self._show()

    def _enter(self) -> None:
        # The answer to what was typed may still be on its way.
        self._enter_waits = self._query != self._answered
        if not self._enter_waits:
            self.view.open_current()

    def _confirm(self) -> None:
        if not self._chosen or self.go.loading:
            return
        self.notice.hide()
        self.go.set_loading(True, "请稍候…")
        self.tasks.start(self._work(), "发起聊天")

    async def _work(self) -> None:
        await self._accept(self.chosen, self.name.text().strip())
        if not self._over:
            self.accept()

    def done(self, arg__1: int) -> None:
        self._over = True
        super().done(arg__1)

    def _failed(self, error: BaseException, _doing: str) -> None:
        if self._over:
            return
        self.go.set_loading(False)
        known = isinstance(error, NetworkError | ApiError)
        self.notice.say(refusal_text(error) if known else "没有完成，请稍后重试。", "bad")
        self.notice.show()
        self._show()
