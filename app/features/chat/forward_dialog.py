"""Where to forward: latest targets, latest chats, own groups, colleagues, or a group made for it (E022 to E025)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from app.session.files import FileRefused
from app.session.kinds import NotForwardable
from app.session.states import NetworkError, refusal_text
from app.shell.tasks import Tasks
from app.store.records import ConversationRow
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person
from server_stub.contract.errors import ApiError
from widgets.controls import (
    Banner,
    Dialog,
    EmptyState,
    FilterItem,
    FilterTabs,
    LoadingButton,
    SearchField,
    label,
)
from widgets.lists import PeopleDelegate, PeopleItem, PeopleModel, PersonItem, RowView, SectionItem
from widgets.theme import ThemeManager

from .list_items import avatar_of
from .list_picker import PeoplePicker, note_of
from .service import ChatService

MOST_TARGETS = 9
FOUND_LIMIT = 50
PERSON = "person:"

Send = Callable[[list[str], str], Coroutine[Any, Any, None]]
"""Forwards to conversations with a note; raises NotForwardable, NetworkError, ApiError."""


class ForwardDialog(Dialog):
    """Choose up to nine targets, add a word, send. `shown` says in one line what is forwarded; `title` and `verb` are the words for
    it."""

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        shown: str,
        send: Send,
        parent: QWidget | None = None,
        *,
        title: str = "转发给",
        verb: str = "转发",
    ) -> None:
        super().__init__(themes, title, parent)
        self._verb = verb
        self._service, self._send = service, send
        self._rows: list[ConversationRow] = []
        self._recent: list[str] = []
        self._people: list[Person] = []
        self._names: dict[str, str] = {}
        self._chosen: dict[str, str] = {}
        """Targets by id ("person:…" for a colleague without a chat), with their names."""
        self._query = ""
        self._over = False
        self.tasks = Tasks(self._failed)
        self.search = SearchField(themes, "搜索会话、群组或同事")
        self.search.query_changed.connect(self._find)
        self.search.cancelled.connect(self.reject)
        self.tabs = FilterTabs(
            themes,
            [FilterItem("all", "最近"), FilterItem("group", "我的群组"), FilterItem("single", "联系人")],
        )
        self.tabs.set_current("all")
        self.tabs.current_changed.connect(lambda _key: self._show())
        self.model = PeopleModel(parent=self)
        self.view = RowView(
            themes, PeopleDelegate(themes, two_lines=True), surface="content", name=title, uniform=False
        )
        self.view.setModel(self.model)
        self.view.setMinimumHeight(themes.theme.grow(themes.theme.sizes.row) * 5)
        self.view.opened.connect(self._opened)
        self.search.moved.connect(self.view.step)
        self.search.submitted.connect(lambda _text: self.view.open_current())
        self.empty = EmptyState(themes, "search", "没有找到", "请换一个字，或者输入完整的姓名、群名。")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        self.shown = label(shown, "secondary", "weak", wrap=True)
        self.note = QLineEdit()
        self.note.setPlaceholderText("留言（可不填）")
        self.note.setAccessibleName("留言")
        self.note.setMaxLength(500)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.count = label("", "caption")
        for one in (self.search, self.tabs, self.notice, self.stack, self.shown, self.note):
            self.content.addWidget(one, 1 if one is self.stack else 0)
        self.foot.insertWidget(0, self.count)
        self.new_group = self.add_button("创建新群聊", slot=self._new_group)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, verb)
        self.go.clicked.connect(self._confirm)
        self.foot.addWidget(self.go)
        self.search.setFocus()
        self._show()
        self.tasks.start(self._load(), "读取会话")

    async def _load(self) -> None:
        rows = await self._service.overview()
        self._rows = [row for row in rows if row.writable]
        self._recent = await self._service.kinds.recent_targets()
        ids = {id for row in self._rows[:FOUND_LIMIT] for id in row.sample_members}
        self._names = {id: one.name for id, one in (await self._service.people(sorted(ids))).items()}
        if not self._over:
            self._show()

    def _find(self, text: str) -> None:
        self._query = text.strip()
        self._people = []
        self._show()
        if self._query:
            self.tasks.start(self._find_people(self._query), "查找同事")

    async def _find_people(self, text: str) -> None:
        found = await self._service.search_people(text, FOUND_LIMIT)
        if text == self._query and not self._over:
            peers = {row.peer_id for row in self._rows}
            self._people = [one for one in found if one.id != self._service.me.id and one.id not in peers]
            self._show()

    # Showing.

    def _show(self) -> None:
        self.tabs.setVisible(not self._query)
        items = self._found_items() if self._query else self._offered_items()
        self.model.show_items(items)
        if not self.view.currentIndex().isValid():
            self.view.go(0)
        self.stack.setCurrentWidget(self.view if items else self.empty)
        names = "、".join(self._chosen.values())
        self.count.setText(f"已选 {len(self._chosen)}/{MOST_TARGETS}" if self._chosen else "")
        self.count.setToolTip(names)
        self.go.setEnabled(bool(self._chosen) and not self.go.loading)

    def _offered_items(self) -> list[PeopleItem]:
        by_id = {row.id: row for row in self._rows}
        match self.tabs.current:
            case "group":
                return [self._item(row) for row in self._rows if row.kind is ConversationKind.GROUP]
            case "single":
                return [self._item(row) for row in self._rows if row.kind is ConversationKind.SINGLE]
        lately = [by_id[id] for id in self._recent if id in by_id]
        others = [row for row in self._rows if row.id not in self._recent][:FOUND_LIMIT]
        made: list[PeopleItem] = []
        if lately:
            made += [SectionItem("最近转发"), *(self._item(row) for row in lately)]
        if others:
            made += [SectionItem("最近聊天"), *(self._item(row) for row in others)]
        return made

    def _found_items(self) -> list[PeopleItem]:
        wanted = self._query.lower()
        rows = [row for row in self._rows if wanted in row.title.lower()][:FOUND_LIMIT]
        made: list[PeopleItem] = [self._item(row) for row in rows]
        if self._people:
            made += [SectionItem("同事"), *(self._person(one) for one in self._people)]
        return made

    def _item(self, row: ConversationRow) -> PersonItem:
        group = row.kind is ConversationKind.GROUP
        note = f"群聊 · {row.member_count} 人" if group else "单聊"
        face = avatar_of(row, self._names)
        return PersonItem(row.id, row.title, note, face, checked=row.id in self._chosen)

    def _person(self, person: Person) -> PersonItem:
        key = PERSON + person.id
        return PersonItem(key, person.name, note_of(person), checked=key in self._chosen)

    # Choosing.

    @property
    def chosen(self) -> list[str]:
        """The targets in the order of choosing."""
        return list(self._chosen)

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if isinstance(item, PersonItem):
            self.choose(item.id, item.name)

    def choose(self, id: str, name: str) -> None:
        """Tick a target, or take the tick away."""
        self.notice.hide()
        if id in self._chosen:
            del self._chosen[id]
        elif len(self._chosen) >= MOST_TARGETS:
            self.notice.say(f"一次最多{self._verb}到 {MOST_TARGETS} 个会话。", "warn")
            self.notice.show()
        else:
            self._chosen[id] = name
        self._show()

    def _new_group(self) -> None:
        picker = PeoplePicker(
            self._service,
            self.themes,
            "创建新群聊",
            self._made_group,
            confirm="创建",
            several=True,
            ask_name=True,
            suggested=[],
            parent=self,
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    async def _made_group(self, ids: list[str], name: str) -> None:
        made = await self._service.create_group(ids, name)
        await self._load()
        row = next((row for row in self._rows if row.id == made), None)
        if not self._over:
            self.search.clear()
            self.choose(made, row.title if row is not None else name or "新群聊")

    # Sending.

    def _confirm(self) -> None:
        if self._chosen and not self.go.loading:
            self.notice.hide()
            self.go.set_loading(True, f"正在{self._verb}…")
            self.tasks.start(self._work(), "转发消息")

    async def _work(self) -> None:
        targets: list[str] = []
        for id in self._chosen:
            if id.startswith(PERSON):
                targets.append(await self._service.open_single(id.removeprefix(PERSON)))
            else:
                targets.append(id)
        await self._send(targets, self.note.text().strip())
        if not self._over:
            self.accept()

    def done(self, arg__1: int) -> None:
        self._over = True
        super().done(arg__1)

    def _failed(self, error: BaseException, _doing: str) -> None:
        if self._over:
            return
        self.go.set_loading(False)
        if isinstance(error, NotForwardable | FileRefused):
            words = error.text
        elif isinstance(error, NetworkError | ApiError):
            words = refusal_text(error)
        else:
            words = "没有完成，请稍后重试。"
        self.notice.say(words, "bad")
        self.notice.show()
        self._show()


def what_of(texts: Sequence[str]) -> str:
    """What is forwarded, in one line."""
    if len(texts) == 1:
        return texts[0][:80]
    return f"{len(texts)} 条消息：{texts[0][:50]}…"
