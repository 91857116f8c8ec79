"""The conversation list: search, tabs, rows, menu, new conversations (E065, E066, E070)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.shell.tasks import Tasks
from app.store.changes import Change
from app.store.records import ConversationRow
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person
from widgets.controls import (
    Banner,
    EmptyState,
    FilterItem,
    IconButton,
    SearchField,
    Skeleton,
    surface,
)
from widgets.lists import ConversationDelegate, ConversationItem, Index
from widgets.theme import ThemeManager

from .group_code import NumberDialog
from .group_join import JoinDialog
from .list_arrangement import FOLDER, ListArrangement
from .list_arranging import ListArranging
from .list_bar import ListTabs
from .list_feed import ListFeed
from .list_items import MOSAIC, item_of
from .list_menu import conversation_menu
from .list_model import ROW_ROLE, ConversationListModel, ListFilter
from .list_picker import PeoplePicker
from .list_rows import ConversationRows
from .pinyin import keys_of
from .presence import presence_of
from .service import ChatService

COUNTED = (ListFilter.UNREAD, ListFilter.MENTIONED)
SUGGESTED = 20
AcceptOne = Callable[[str], Coroutine[Any, Any, None]]
"""Does what somebody was chosen for, with his id; raises NetworkError or ApiError."""
May = Callable[[str], Awaitable[bool]]
"""Whether somebody can be chosen at all."""
"""Colleagues of recent single chats offered in the picker."""
WATCHED = 80
"""Peers of the newest single chats whose presence is followed (a session follows 200 in all)."""
CARDS_MS = 200
NOTHING = {
    ListFilter.ALL: ("还没有会话", "点右上角的“＋”，找一位同事开始聊天。"),
    ListFilter.UNREAD: ("没有未读消息", "新消息来了会出现在这里。"),
    ListFilter.MENTIONED: ("没有人 @ 您", "群里有人提到您时，会话会出现在这里。"),
    ListFilter.GROUPS: ("还没有群聊", "点右上角的“＋”，可以发起群聊。"),
    ListFilter.SINGLES: ("还没有单聊", "点右上角的“＋”，找一位同事开始聊天。"),
}


class ConversationListView(QFrame):
    """Signals: `opened(conversation_id)` the user chose one; `unread_changed(count)` for the badge; `loaded()` once;
    `unit_group_wanted()`: a group of a whole unit is asked for.

    `start()` reads the list; `set_current(id)` marks what is open elsewhere; `set_link_text(text)` is the quiet word.
    """

    opened = Signal(str)
    unread_changed = Signal(int)
    loaded = Signal()
    unit_group_wanted = Signal()
    files_dropped = Signal(str, list)

    def __init__(
        self, service: ChatService, themes: ThemeManager, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._themes = themes
        self._tasks = tasks
        self._current = ""
        self._names: dict[str, str] = {}
        """Own pictures of people, by person id."""
        self._stale: set[str] = set()
        self._asked: set[str] = set()
        self._keyed = False
        """Whether people are found by pinyin too."""
        self.setProperty("surface", "list")
        self.model = ConversationListModel(self)
        self.feed = ListFeed(service, self.model, tasks, self)
        self.feed.unread_changed.connect(self.unread_changed)
        self.feed.loaded.connect(self._loaded)
        self.search = SearchField(themes, "搜索会话", "Ctrl+F", delay_ms=80)
        self.search.query_changed.connect(lambda _text: self._narrow())
        self.arranging = ListArranging(service, themes, tasks, self)
        self.arranging.changed.connect(self._arranged)
        self.focus_button = IconButton(themes, "filter", "专注模式：只看置顶、特别关注和 @我")
        self.focus_button.setCheckable(True)
        self.focus_button.clicked.connect(lambda on: self.arranging.set_focus(on=on))
        self.quiet = Banner(themes, "专注模式：其他会话已隐藏", action="退出", flat=True)
        """Why so few conversations are here, for who has forgotten."""
        self.quiet.acted.connect(lambda: self.arranging.set_focus(on=False))
        self.quiet.hide()
        self.plus = IconButton(themes, "plus", "发起聊天")
        self.plus.clicked.connect(self._open_plus)
        self.secret = IconButton(themes, "flame", "密聊", color="secret_text")
        """The entry of secret chat, for whoever shows it (3.1.1.10)."""
        self.secret.hide()
        self.tabs = ListTabs(themes, self._tab_items())
        self.tabs.accept_drops()
        self.tabs.dropped.connect(self.arranging.put_in)
        self.tabs.menu_wanted.connect(self._tabs_menu)
        self.tabs.current_changed.connect(lambda _key: self._narrow())
        self.view = ConversationRows(themes, ConversationDelegate(themes, self._item), name="会话列表")
        self.view.start_drags()
        self.view.pins_moved.connect(
            lambda moving, before: self.arranging.move_pin(self.model.pinned(), moving, before)
        )
        self.view.files_dropped.connect(self.files_dropped)
        self.view.setModel(self.model)
        self.view.opened.connect(self._opened)
        self.view.menu_wanted.connect(self._menu)
        self.view.left_above.connect(self.search.setFocus)
        self.view.installEventFilter(self)
        self.search.moved.connect(self.view.step)
        self.search.submitted.connect(lambda _text: self.view.open_current())
        self.search.cancelled.connect(self.view.setFocus)
        self.empty = EmptyState(themes, "message", "", "")
        self.empty.acted.connect(self._look_for_colleague)
        self.skeleton = Skeleton(themes, "list")
        self.skeleton.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.stack = QStackedWidget()
        for one in (self.skeleton, self.view, self.empty):
            self.stack.addWidget(one)
        self._lay_out()
        for change in (self.model.rowsInserted, self.model.rowsRemoved, self.model.modelReset):
            change.connect(self._settle)
        self.model.dataChanged.connect(lambda *_: self._count())
        self._cards = QTimer(self)
        self._cards.setSingleShot(True)
        self._cards.setInterval(CARDS_MS)
        self._cards.timeout.connect(self._fetch_names)
        self.model.is_special = service.personal.is_special
        self._statuses = service.listen(lambda _change: self.view.viewport().update(), table="statuses")
        self.destroyed.connect(self._statuses.close)
        self._people = service.listen(self._people_came, table="people")
        self.destroyed.connect(self._people.close)
        self._presence = service.on_presence(lambda _ids: self.view.viewport().update())

    def _lay_out(self) -> None:
        space = self._themes.theme.space
        head = QHBoxLayout()
        head.setContentsMargins(space.m, space.m, space.m, 0)
        head.setSpacing(space.s)
        head.addWidget(self.search, 1)
        head.addWidget(self.focus_button)
        head.addWidget(self.secret)
        head.addWidget(self.plus)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(space.m, space.m, space.m, space.s)
        tabs.addWidget(self.tabs)
        ground = surface("list")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(tabs)
        column.addWidget(self.quiet)
        column.addWidget(self.stack, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ground)

    def start(self) -> None:
        """Read the list for the first time."""
        self.arranging.start()
        self.feed.start()

    def close_feed(self) -> None:
        """Stop listening to the store."""
        self.feed.close()
        self._presence.close()
        self._people.close()
        self._statuses.close()
        self.arranging.close()
        self._cards.stop()

    @property
    def unread(self) -> int:
        """What the badge says."""
        return self.model.unread

    @property
    def current(self) -> str:
        """The conversation that is open."""
        return self._current

    # Rows.

    def _item(self, index: Index) -> ConversationItem | None:
        row: ConversationRow | None = index.data(ROW_ROLE)
        if row is None:
            return None
        presence = presence_of(self._service, row.peer_id) if row.peer_id else ""
        return item_of(row, self._names, self._service.now_ms(), presence=presence)

    def _loaded(self) -> None:
        self._settle()
        self.loaded.emit()

    def _settle(self, *_arguments: object) -> None:
        """Rows came or went."""
        self._count()
        self._mark_current()
        self._fetch_names()
        if not self.feed.has_loaded:
            return
        text = self.search.text().strip()
        # A search looks everywhere, and an empty list says it itself.
        self.quiet.setVisible(self.model.arrangement.focus and not text and self.model.rowCount() > 0)
        if self.model.rowCount():
            self.stack.setCurrentWidget(self.view)
            return
        if text:
            self.empty.set_texts("没有这个会话", "可以从通讯录里找这位同事。", "查找同事")
        elif self.model.arrangement.focus:
            self.empty.set_texts(
                "专注模式已开启", "置顶、特别关注和 @您 的会话会出现在这里。", "退出专注模式"
            )
        elif self._folder:
            self.empty.set_texts("这个分组还没有会话", "把会话拖到分组标签上，或在会话上点右键选择“分组”。")
        else:
            self.empty.set_texts(*NOTHING[self._filter])
        self.stack.setCurrentWidget(self.empty)

    @property
    def _folder(self) -> str:
        """The grouping of the user's that is shown, or ""."""
        return self.tabs.current if self.tabs.current.startswith(FOLDER) else ""

    @property
    def _filter(self) -> ListFilter:
        return ListFilter.ALL if self._folder else ListFilter(self.tabs.current or ListFilter.ALL)

    def _arranged(self, arrangement: ListArrangement) -> None:
        self.focus_button.setChecked(arrangement.focus)
        self.model.arrange(arrangement)
        self.tabs.set_items(self._tab_items())
        self._narrow()

    def _tabs_menu(self, key: str, spot: QPoint) -> None:
        entries = [(one.value, one.value) for one in ListFilter]
        entries += [(one.name, one.title) for one in self.model.arrangement.folders]
        self.arranging.tabs_menu(key, entries, spot)

    def _count(self) -> None:
        self.tabs.set_items(self._tab_items())

    def _tab_items(self) -> list[FilterItem]:
        arrangement = self.model.arrangement
        fixed = {
            one.value: FilterItem(one.value, one.value, self.model.count(one) if one in COUNTED else 0)
            for one in ListFilter
        }
        own = {
            one.name: FilterItem(one.name, one.title, self.model.count_folder(one))
            for one in arrangement.folders
        }
        every = fixed | own
        return [every[key] for key in arrangement.tabs.shown([*every])]

    def _narrow(self) -> None:
        self.model.narrow(self._filter, self.search.text(), keep=self._current, folder=self._folder)
        self._settle()
        text = self.search.text().strip()
        if text:
            self.view.go(0)
        if text.isascii() and text and not self._keyed:
            self._keyed = True
            self._tasks.start(self._read_keys(), "读取同事")

    async def _read_keys(self) -> None:
        """Who is looked for by pinyin: read once a search begins, for all single chats."""
        people = await self._service.people(self.model.peers())
        self.model.found_by({id: keys_of(person) for id, person in people.items()})
        self._settle()
        if self.search.text().strip():
            self.view.go(0)

    def _fetch_names(self) -> None:
        """Names of the people in group avatars, and whose presence to follow."""
        rows = [self.model.at(n) for n in range(self.model.rowCount())]
        wanted: set[str] = set()
        for row in rows:
            if row is not None and row.kind is ConversationKind.GROUP:
                wanted |= set(row.sample_members[:MOSAIC])
        peers = [row.peer_id for row in rows if row is not None and row.peer_id]
        wanted |= set(peers[:WATCHED])
        wanted -= self._names.keys() - self._stale
        if peers:
            self._service.watch(peers[:WATCHED], "chat-list")
        if wanted and wanted != self._asked:
            self._asked = wanted
            self._tasks.start(self._read_names(sorted(wanted)), "读取头像")

    def _people_came(self, change: Change) -> None:
        # Cards come one conversation at a time while the program starts: many changes, one look.
        self._asked = set()
        self._keyed = False
        # A card that came anew may have another name or picture.
        self._stale |= change.keys
        if not self._cards.isActive():
            self._cards.start()

    async def _read_names(self, ids: list[str]) -> None:
        people = await self._service.people(ids)
        self._stale -= set(ids)
        self._names.update((id, person.name) for id, person in people.items())
        self.view.viewport().update()

    # Choosing.

    def set_current(self, conversation_id: str) -> None:
        """Mark what is open; "" for nothing."""
        if conversation_id != self._current:
            self._current = conversation_id
            if self.tabs.current == ListFilter.ALL and not self.model.arrangement.focus:
                self._mark_current()
            else:
                # The open conversation stays in the tab although it no longer belongs there.
                self._narrow()
            row = self.model.row_of(conversation_id)
            if row >= 0:
                self.view.scrollTo(self.model.index(row))

    def _mark_current(self) -> None:
        row = self.model.row_of(self._current) if self._current else -1
        if row < 0:
            self.view.clearSelection()
            self.view.setCurrentIndex(QModelIndex())
        elif self.view.currentIndex().row() != row and not self.view.hasFocus():
            self.view.setCurrentIndex(self.model.index(row))

    def _opened(self, index: QModelIndex) -> None:
        row = self.model.at(index.row())
        if row is not None:
            self._current = row.id
            self.opened.emit(row.id)

    def step(self, rows: int) -> None:
        """Open the conversation `rows` further down (Alt+Down, Alt+Up)."""
        now = self.model.row_of(self._current)
        target = max(0, min(self.model.rowCount() - 1, now + rows))
        row = self.model.at(target)
        if row is not None and row.id != self._current:
            self.view.setCurrentIndex(self.model.index(target))
            self._opened(self.model.index(target))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.view and event.type() == QEvent.Type.FocusOut:
            # Wandering through the list by keyboard without opening anything leaves no trace.
            row = self.model.row_of(self._current)
            self.view.setCurrentIndex(self.model.index(row) if row >= 0 else QModelIndex())
        return super().eventFilter(watched, event)

    def _menu(self, index: QModelIndex, spot: QPoint) -> None:
        row = self.model.at(index.row())
        if row is not None:
            conversation_menu(row, self._service, self._tasks.start, self, self.arranging).popup(spot)

    # The quiet word.

    def set_link_text(self, text: str) -> None:
        """Such as 连接中…; "" when all is well. It stands in the search field: the tabs and rows must not move under the pointer."""
        self.search.set_note(text)

    # New conversations.

    def _open_plus(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._themes.icons.icon("message"), "发起单聊").triggered.connect(
            lambda _checked=False: self.new_single()
        )
        icon = self._themes.icons.icon
        menu.addAction(icon("users"), "发起群聊").triggered.connect(self.new_group)
        menu.addAction(icon("unit"), "从单位建群…").triggered.connect(self.unit_group_wanted)
        menu.addAction(icon("pin"), "面对面建群").triggered.connect(self.begin_face)
        menu.addAction(icon("qr"), "加入群聊…").triggered.connect(self.join_group)
        menu.addSeparator()
        menu.addAction("管理分组…").triggered.connect(self.arranging.manage)
        menu.popup(self.plus.mapToGlobal(QPoint(0, self.plus.height())))

    def begin_face(self) -> None:
        """Begin a group for those who stand together, and show its number (E118); it opens when the number closes."""
        self._tasks.start(self._begin_face(), "面对面建群")

    async def _begin_face(self) -> None:
        groups = self._service.groups
        id, code = await groups.begin_face("面对面建群")

        def count() -> int:
            row = self.model.get(id)
            return row.member_count if row is not None else 1

        dialog = NumberDialog(groups, self._themes, code, self._service.now_ms, count, self.window())
        dialog.finished.connect(lambda _result: self._tasks.start(self._end_face(id), "面对面建群"))
        dialog.open()

    async def _end_face(self, id: str) -> None:
        """Open the group; one that nobody has joined is dropped, and its number with it."""
        await self._service.refresh_members(id)
        if len([one for one in await self._service.members(id) if not one.left]) > 1:
            self._show_new(id)
            return
        await self._service.groups.dissolve(id)
        await self._service.change_setting(id, hidden=True)

    async def _open_person(self, person_id: str) -> None:
        self._show_new(await self._service.open_single(person_id))

    def join_group(self) -> JoinDialog:
        """Ask for a code and join (E119)."""
        dialog = JoinDialog(self._service.groups, self._service.avatar, self._themes, self.window())
        dialog.joined.connect(self._show_new)
        dialog.person_found.connect(
            lambda person_id: self._tasks.start(self._open_person(person_id), "打开会话")
        )
        dialog.open()
        return dialog

    def _look_for_colleague(self) -> None:
        if self.model.arrangement.focus:
            self.arranging.set_focus(on=False)
            return
        self.new_single(self.search.text().strip())

    def new_single(self, text: str = "") -> None:
        """Ask for a colleague, with `text` typed already, and open the single chat."""
        self._tasks.start(self._ask(several=False, text=text), "查找同事")

    def new_group(self) -> None:
        """Ask for colleagues and open the new group."""
        self._tasks.start(self._ask(several=True), "查找同事")

    def choose_person(self, title: str, confirm: str, accept: AcceptOne, may: May) -> None:
        """Ask for one colleague, for something else than a conversation (密聊); of those one talks with only such as `may`
        lets through are suggested."""
        self._tasks.start(self._choose_person(title, confirm, accept, may), "查找同事")

    async def _choose_person(self, title: str, confirm: str, accept: AcceptOne, may: May) -> None:
        async def one(ids: list[str], _name: str) -> None:
            await accept(ids[0])

        recent = await self._recent()
        allowed = await asyncio.gather(*[may(person.id) for person in recent])
        suggested = [person for person, fits in zip(recent, allowed, strict=True) if fits]
        picker = PeoplePicker(
            self._service,
            self._themes,
            title,
            one,
            confirm=confirm,
            suggested=suggested,
            parent=self.window(),
        )
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.open()

    async def _recent(self) -> list[Person]:
        """Those with whom one talks, in the order of the list."""
        rows = [self.model.at(n) for n in range(self.model.rowCount())]
        peers = [row.peer_id for row in rows if row is not None and row.peer_id][:SUGGESTED]
        people = await self._service.people(peers)
        return [people[id] for id in peers if id in people]

    async def _ask(self, *, several: bool, text: str = "") -> None:
        suggested = await self._recent()

        async def single(ids: list[str], _name: str) -> None:
            self._show_new(await self._service.open_single(ids[0]))

        async def group(ids: list[str], name: str) -> None:
            self._show_new(await self._service.create_group(ids, name))

        picker = PeoplePicker(
            self._service,
            self._themes,
            "发起群聊" if several else "发起单聊",
            group if several else single,
            confirm="创建群聊" if several else "发消息",
            several=several,
            ask_name=several,
            suggested=suggested,
            parent=self.window(),
        )
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.search.edit.setText(text)
        picker.open()

    def _show_new(self, conversation_id: str) -> None:
        self.search.clear()
        self.opened.emit(conversation_id)
