"""The panel's pages behind 查看全部: all members (E077, E081) and all files (E073, E079), each with a search."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.store.records import MemberRow
from server_stub.contract.conversations import MemberRole
from widgets.controls import (
    AvatarSpec,
    EmptyState,
    FilterItem,
    FilterTabs,
    IconButton,
    Presence,
    SearchField,
    label,
)
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowDelegate, RowView
from widgets.theme import ThemeManager

from .detail_feed import ROLE_NAMES, Details
from .detail_files import FileItem, file_items, link_items
from .file_rows import FILE_ROLE, FileRowDelegate, FileRowsModel
from .list_picker import note_of
from .pinyin import begins, keys_of

MUTES = ((600, "10 分钟"), (3600, "1 小时"), (43_200, "12 小时"), (86_400, "1 天"), (-1, "一直"))
PresenceOf = Callable[[str], Presence]


class SubPage(QWidget):
    """A head with a way back, a search, and a list that may be empty. Signals: `back()`."""

    back = Signal()

    def __init__(self, themes: ThemeManager, delegate: RowDelegate, search: str, icon: str) -> None:
        super().__init__()
        space = themes.theme.space
        self.details: Details | None = None
        self.back_button = IconButton(themes, "chevron-left", "返回", size=28)
        self.back_button.clicked.connect(self.back)
        self.title = label("", "body")
        self.tools = QHBoxLayout()
        self.tools.setContentsMargins(space.s, space.m, space.l, 0)
        self.tools.addWidget(self.back_button)
        self.tools.addWidget(self.title, 1)
        self.search = SearchField(themes, search, delay_ms=80)
        self.search.query_changed.connect(lambda _text: self.refresh())
        self.search.cancelled.connect(self.back)
        self.view = RowView(themes, delegate, surface="content", name=search.removeprefix("搜索"))
        self.search.moved.connect(self.view.step)
        self.search.submitted.connect(lambda _text: self.view.open_current())
        self.view.left_above.connect(self.search.setFocus)
        self.empty = EmptyState(themes, icon, "没有找到", "请换一个词试试。")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        field = QVBoxLayout()
        field.setContentsMargins(space.l, space.m, space.l, space.s)
        field.setSpacing(space.s)
        self.above = QVBoxLayout()
        field.addLayout(self.above)
        field.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.tools)
        column.addLayout(field)
        column.addWidget(self.stack, 1)

    def show_details(self, details: Details) -> None:
        """Show another state of the conversation."""
        self.details = details
        self.refresh()

    def refresh(self) -> None:
        """Fill the list anew."""
        raise NotImplementedError


class Asking(Enum):
    """What the list of members was opened for."""

    NOTHING = "nothing"
    OWNER = "owner"
    MANAGERS = "managers"


HINTS = {
    Asking.OWNER: "点一位成员，把群主转让给他。",
    Asking.MANAGERS: "点一位成员，设为管理员或取消。",
}


class MembersPage(SubPage):
    """Signals: `chosen(person_id)`; `removal_wanted(MemberRow)`; `add_wanted()`; `role_wanted(MemberRow, admin)`;
    `transfer_wanted(MemberRow)`; `mute_wanted(MemberRow, seconds)`, -1 for always and 0 for no more.
    """

    chosen = Signal(str)
    removal_wanted = Signal(object)
    add_wanted = Signal()
    role_wanted = Signal(object, bool)
    transfer_wanted = Signal(object)
    mute_wanted = Signal(object, int)

    def __init__(self, themes: ThemeManager, presence: PresenceOf, now_ms: Callable[[], int]) -> None:
        super().__init__(themes, PeopleDelegate(themes, two_lines=True), "搜索成员", "users")
        self._presence, self._now_ms = presence, now_ms
        self.model = PeopleModel(parent=self)
        self.view.setModel(self.model)
        self.view.opened.connect(self._opened)
        self.view.menu_wanted.connect(self._menu)
        self.add_button = IconButton(themes, "user-plus", "添加成员", size=28)
        self.add_button.clicked.connect(self.add_wanted)
        self.tools.addWidget(self.add_button)
        self.asking = Asking.NOTHING
        """What a click on a member does: else it leads to the talk with him."""
        self.hint = label("", "caption", "brand", wrap=True)
        self.hint.hide()
        self.above.addWidget(self.hint)

    def ask_for(self, what: Asking) -> None:
        """Let the next clicks choose whom the group is handed to, or who manages it."""
        self.asking = what
        self.hint.setText(HINTS.get(what, ""))
        self.hint.setVisible(what in HINTS)

    def refresh(self) -> None:
        details = self.details
        if details is None:
            return
        text = self.search.text().strip().lower()
        shown = [one for one in details.members if self._matches(details, one, text)]
        self.title.setText(f"成员 {max(details.row.member_count, len(details.members))}")
        self.add_button.setVisible(details.can_invite)
        if self.asking is not Asking.NOTHING and not details.is_owner:
            # He has just handed the group over, or somebody took it from him: there is nothing left to choose.
            self.ask_for(Asking.NOTHING)
        self.model.show_items([self._item(details, one) for one in shown])
        self.stack.setCurrentWidget(self.view if shown else self.empty)

    @staticmethod
    def _matches(details: Details, member: MemberRow, text: str) -> bool:
        person = details.people.get(member.person_id)
        keys = [member.name.lower(), member.nickname.lower()]
        if person is not None:
            keys += [person.pinyin.replace(" ", "").lower(), person.initials.lower(), note_of(person)]
            if begins(keys_of(person), text):
                return True
        return not text or any(text in key for key in keys)

    def _item(self, details: Details, member: MemberRow) -> PersonItem:
        person = details.people.get(member.person_id)
        name = member.nickname or member.name
        presence = self._presence(member.person_id)
        return PersonItem(
            member.person_id,
            name,
            note_of(person) if person else "",
            AvatarSpec(name, member.person_id, presence=presence),
            self._tag(details, member),
        )

    def _tag(self, details: Details, member: MemberRow) -> str:
        me = "我" if member.person_id == details.me else ""
        quiet = "禁言中" if member.muted_until > self._now_ms() else ""
        return " · ".join(part for part in (me, ROLE_NAMES[member.role], quiet) if part)

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        details = self.details
        if not isinstance(item, PersonItem) or details is None or item.id == details.me:
            return
        member = next((one for one in details.members if one.person_id == item.id), None)
        if self.asking is Asking.NOTHING or member is None or not details.is_owner:
            self.chosen.emit(item.id)
        elif self.asking is Asking.OWNER:
            self.transfer_wanted.emit(member)
        else:
            self.role_wanted.emit(member, member.role is not MemberRole.ADMIN)

    def _menu(self, index: QModelIndex, spot: QPoint) -> None:
        item, details = self.model.item(index), self.details
        if not isinstance(item, PersonItem) or details is None or item.id == details.me:
            return
        member = next(one for one in details.members if one.person_id == item.id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("发消息").triggered.connect(lambda: self.chosen.emit(member.person_id))
        if details.is_owner:
            menu.addSeparator()
            admin = member.role is MemberRole.ADMIN
            menu.addAction("取消管理员" if admin else "设为管理员").triggered.connect(
                lambda: self.role_wanted.emit(member, not admin)
            )
            menu.addAction("转让群主给他…").triggered.connect(lambda: self.transfer_wanted.emit(member))
        if details.can_remove(member):
            menu.addSeparator()
            self._add_mutes(menu, member)
            menu.addAction("移出群聊").triggered.connect(lambda: self.removal_wanted.emit(member))
        menu.popup(spot)

    def _add_mutes(self, menu: QMenu, member: MemberRow) -> None:
        if member.muted_until > self._now_ms():
            menu.addAction("解除禁言").triggered.connect(lambda: self.mute_wanted.emit(member, 0))
            return
        inner = menu.addMenu("禁言")
        for seconds, words in MUTES:
            inner.addAction(words).triggered.connect(
                lambda _checked=False, seconds=seconds: self.mute_wanted.emit(member, seconds)
            )


class FilesPage(SubPage):
    """Signals: `open_wanted(FileItem)`, `save_wanted(FileItem)`, `message_wanted(seq)`."""

    open_wanted = Signal(object)
    save_wanted = Signal(object)
    message_wanted = Signal(int)

    def __init__(self, themes: ThemeManager, now_ms: Callable[[], int]) -> None:
        super().__init__(themes, FileRowDelegate(themes), "搜索文件", "file")
        self._now_ms = now_ms
        self.tabs = FilterTabs(
            themes, [FilterItem("files", "文件"), FilterItem("pictures", "图片"), FilterItem("links", "链接")]
        )
        self.tabs.current_changed.connect(lambda _key: self.refresh())
        self.above.addWidget(self.tabs)
        self.model = FileRowsModel[FileItem](self)
        self.view.setModel(self.model)
        self.view.opened.connect(lambda index: self.open_wanted.emit(index.data(FILE_ROLE)))
        self.view.menu_wanted.connect(self._menu)

    def refresh(self) -> None:
        if self.details is None:
            return
        details, now, text = self.details, self._now_ms(), self.search.text().strip()
        kind = self.tabs.current
        if kind == "links":
            items = link_items(details.links, details.people, now, text)
        else:
            items = file_items(details, now, text, pictures=kind == "pictures")
        names = {"files": "文件", "pictures": "图片", "links": "链接"}
        self.title.setText(f"{names[kind]} {len(items)}" if items else names[kind])
        self.search.set_placeholder(f"搜索{names[kind]}")
        self.model.show_items(items)
        if not text:
            self.empty.set_texts(f"还没有{names[kind]}", f"聊天中的{names[kind]}会出现在这里。")
        else:
            self.empty.set_texts("没有找到", "请换一个词试试。")
        self.stack.setCurrentWidget(self.view if items else self.empty)

    def show_tab(self, key: str) -> None:
        """Show files, pictures or links."""
        self.tabs.set_current(key)
        self.refresh()

    def _menu(self, index: QModelIndex, spot: QPoint) -> None:
        file_menu(self, index.data(FILE_ROLE), self).popup(spot)


def file_menu(page: FilesPage, item: FileItem, parent: QWidget) -> QMenu:
    """What can be done with a file; the page's signals say what was chosen."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if not item.folder:
        menu.addAction("打开").triggered.connect(lambda: page.open_wanted.emit(item))
    if item.file_id:
        menu.addAction("另存为…").triggered.connect(lambda: page.save_wanted.emit(item))
    else:
        menu.addAction("复制链接").triggered.connect(lambda: QGuiApplication.clipboard().setText(item.name))
    menu.addAction("在聊天中查看").triggered.connect(lambda: page.message_wanted.emit(item.seq))
    return menu
