"""Choosing colleagues: one for a single chat, several for a group or to add to one (E117)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.session.states import NetworkError, refusal_text
from app.shell.org_tree import OrgTree, Picked
from app.shell.tasks import Tasks
from app.store.records import ConversationRow
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person
from server_stub.contract.errors import ApiError
from server_stub.contract.personal import RelationKind
from widgets.controls import (
    Banner,
    Dialog,
    EmptyState,
    FilterItem,
    FilterTabs,
    LoadingButton,
    SearchField,
    button,
)
from widgets.lists import PeopleDelegate, PeopleItem, PeopleModel, PersonItem, RowView, SectionItem
from widgets.theme import ThemeManager

from .list_items import MOSAIC, avatar_of
from .picked_list import PickedList
from .service import ChatService

FOUND_LIMIT = 50
_NOBODY = ("输入姓名查找同事", "可以只输入拼音首字母，例如“wjg”。")
_NOT_FOUND = ("没有找到这位同事", "请换一个字，或者输入完整的姓名、拼音或手机号。")
_NO_GROUPS = ("没有可选的人", "您还没有加入群聊，或者正在读取。")

Accept = Callable[[list[str], str], Coroutine[Any, Any, None]]
"""Does what the dialog is for with the ids chosen and the name typed; raises NetworkError or ApiError."""


def note_of(person: Person) -> str:
    """Unit and title of the main post."""
    post = next((one for one in person.posts if one.main), person.posts[0] if person.posts else None)
    return f"{post.unit_name} {post.title}".strip() if post else ""


USUAL, TREE, GROUPS = "usual", "tree", "groups"
PLACES = (FilterItem(USUAL, "常用"), FilterItem(TREE, "组织架构"), FilterItem(GROUPS, "我的群组"))


class PeoplePicker(Dialog):
    """Search, choose, confirm. With `several` rows are ticked and those chosen stand beside; without, Enter or a click
    is the answer.

    People come from the usual ones (`suggested` and 我的联系人), the organisation's tree, the own groups, or a search over
    all (E019 to E021). People in `fixed` are shown ticked and cannot be changed; at most `limit` are chosen (0: any
    number). It closes when `accept` has done its work, and says what went wrong otherwise.
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
        limit: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        sizes = themes.theme.sizes
        super().__init__(themes, title, parent, width=sizes.dialog_wide if several else None)
        self._service = service
        self._accept = accept
        self._several, self._limit = several, limit
        self._fixed = set(fixed) | {service.me.id}
        self._suggested = [one for one in suggested if one.id != service.me.id]
        self._contacts: list[Person] = []
        self._found: list[Person] = []
        self._groups: list[ConversationRow] = []
        self._group: ConversationRow | None = None
        self._names: dict[str, str] = {}
        self._members: list[Person] = []
        self._chosen: dict[str, str] = {}
        """Names by id, in the order of choosing."""
        self._place = USUAL
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
        if not ask_name:
            self.name.hide()
        self.tabs = FilterTabs(themes, PLACES)
        self.tabs.current_changed.connect(self.show_place)
        self.back = button("‹ 全部群组", "link")
        self.back.clicked.connect(self._leave_group)
        self.all = button("全选", "link")
        self.all.clicked.connect(self._take_group)
        self.model = PeopleModel(parent=self)
        self.view = RowView(
            themes, PeopleDelegate(themes, two_lines=True), surface="content", name="同事", uniform=False
        )
        self.view.setModel(self.model)
        self.view.setMinimumHeight(themes.theme.grow(sizes.row) * 5)
        self.view.opened.connect(self._opened)
        self.search.moved.connect(self.view.step)
        self.tree = OrgTree(
            service,
            themes,
            self.tasks,
            "组织架构",
            lambda one: one.id in self._chosen,
            units=False,
            gone=lambda: self._over,
        )
        self.tree.fixed = self._fixed
        self.tree.setProperty("plain", True)
        self.tree.ticked.connect(self._ticked)
        self.empty = EmptyState(themes, "search", *_NOBODY)
        self.stack = QStackedWidget()
        for one in (self.view, self.empty, self.tree):
            self.stack.addWidget(one)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.picked = PickedList(themes)
        self.picked.removed.connect(self._drop)
        self.picked.cleared.connect(self._clear)
        if not several:
            self.picked.hide()
        self._build()
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, confirm)
        self.go.clicked.connect(self._confirm)
        if not several:
            self.go.hide()
        self.foot.addWidget(self.go)
        self.search.setFocus()
        self._show()
        self.tasks.start(self._load_contacts(), "读取联系人")

    def _build(self) -> None:
        space = self.themes.theme.space
        left = QVBoxLayout()
        left.setSpacing(space.s)
        way = QHBoxLayout()
        way.addWidget(self.back)
        way.addStretch(1)
        way.addWidget(self.all)
        left.addWidget(self.search)
        left.addWidget(self.tabs)
        left.addLayout(way)
        left.addWidget(self.stack, 1)
        body = QHBoxLayout()
        body.setSpacing(space.l)
        body.addLayout(left, 1)
        body.addWidget(self.picked)
        self.content.addWidget(self.name)
        self.content.addWidget(self.notice)
        self.content.addLayout(body, 1)

    async def _load_contacts(self) -> None:
        """我的联系人, offered before anything is typed (E020)."""
        ids = await self._service.personal.related(RelationKind.CONTACT)
        people = await self._service.people(ids)
        known = {one.id for one in self._suggested} | {self._service.me.id}
        self._contacts = [people[one] for one in ids if one in people and one not in known]
        if self._contacts and not self._over:
            self._show()

    @property
    def chosen(self) -> list[str]:
        """Ids in the order of choosing."""
        return list(self._chosen)

    # Places.

    def show_place(self, key: str) -> None:
        """Bring the usual people, the organisation or the groups to the front."""
        self.tabs.set_current(key)
        self._place, self._group = key, None
        if key == TREE and not self.tree.topLevelItemCount():
            self.tasks.start(self.tree.load_root(), "读取组织架构")
        elif key == GROUPS:
            self.tasks.start(self._load_groups(), "读取群组")
        self._show()

    async def _load_groups(self) -> None:
        rows = await self._service.overview()
        if self._over:
            return
        groups = [
            row for row in rows if row.kind is ConversationKind.GROUP and not row.left and not row.dissolved
        ]
        people = await self._service.people([id for row in groups for id in row.sample_members[:MOSAIC]])
        if not self._over:
            self._groups, self._names = groups, {id: one.name for id, one in people.items()}
            self._show()

    async def _load_members(self, group: ConversationRow) -> None:
        await self._service.refresh_members(group.id)
        members = [one for one in await self._service.members(group.id) if not one.left]
        people = await self._service.people([one.person_id for one in members])
        if self._group is group and not self._over:
            me = self._service.me.id
            self._members = [
                people[one.person_id] for one in members if one.person_id in people and one.person_id != me
            ]
            self._show()

    def _leave_group(self) -> None:
        self._group = None
        self._show()

    def _take_group(self) -> None:
        """All members of the group that is shown, as many as there is room for."""
        for one in self._members:
            if one.id not in self._fixed and not self._choose(one.id, one.name):
                break
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

    def _items(self) -> list[PeopleItem]:
        if self._query:
            return [self._item(one) for one in self._found]
        if self._place == GROUPS and self._group is not None:
            return [self._item(one) for one in self._members]
        if self._place == GROUPS:
            return [
                PersonItem(one.id, one.title, f"{one.member_count} 人", avatar_of(one, self._names))
                for one in self._groups
            ]
        items: list[PeopleItem] = [self._item(one) for one in self._suggested]
        if items:
            items.insert(0, SectionItem("最近联系"))
        if self._contacts:
            items += [SectionItem("我的联系人"), *(self._item(one) for one in self._contacts)]
        return items

    def _show(self) -> None:
        in_group = self._group is not None and not self._query
        self.back.setVisible(in_group)
        self.all.setVisible(in_group and self._several and bool(self._members))
        self.tabs.setVisible(not self._query)
        self.picked.show_chosen(self._chosen, self._limit)
        self.go.setEnabled(bool(self._chosen) and not self.go.loading)
        if self._place == TREE and not self._query:
            self.tree.retick()
            self.stack.setCurrentWidget(self.tree)
            return
        items = self._items()
        self.model.show_items(items)
        if not self.view.currentIndex().isValid():
            self.view.go(0)
        self.empty.set_texts(
            *(_NOT_FOUND if self._query else _NO_GROUPS if self._place == GROUPS else _NOBODY)
        )
        self.stack.setCurrentWidget(self.view if items else self.empty)

    def _item(self, person: Person) -> PersonItem:
        fixed = person.id in self._fixed
        checked = (fixed or person.id in self._chosen) if self._several else None
        return PersonItem(person.id, person.name, note_of(person), checked=checked, fixed=fixed)

    # Choosing.

    def _choose(self, id: str, name: str) -> bool:
        """Whether there was room for one more."""
        if id in self._chosen:
            return True
        if self._limit and len(self._chosen) >= self._limit:
            self.notice.say(f"最多选择 {self._limit} 人。", "warn")
            self.notice.show()
            return False
        self._chosen[id] = name
        return True

    def _drop(self, id: str) -> None:
        self._chosen.pop(id, None)
        self.notice.hide()
        self._show()

    def _clear(self) -> None:
        self._chosen.clear()
        self.notice.hide()
        self._show()

    def _toggle(self, id: str, name: str) -> None:
        if not self._several:
            self._chosen = {id: name}
            self._confirm()
        elif id in self._chosen:
            self._drop(id)
        else:
            self._choose(id, name)
            self._show()

    def _ticked(self, picked: Picked, _on: bool) -> None:
        self._toggle(picked.id, picked.name)

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if not isinstance(item, PersonItem) or item.fixed:
            return
        if self._place == GROUPS and self._group is None and not self._query:
            self._group = next((one for one in self._groups if one.id == item.id), None)
            self._members = []
            if self._group is not None:
                self.tasks.start(self._load_members(self._group), "读取群成员")
            self._show()
            return
        self._toggle(item.id, item.name)

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
