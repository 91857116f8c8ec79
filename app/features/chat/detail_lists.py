"""The panel's pages behind 查看全部: all members (E077, E081) and all files (E073, E079), each with a search."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.store.records import MemberRow
from widgets.controls import AvatarSpec, EmptyState, IconButton, SearchField, label
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowDelegate, RowView
from widgets.theme import ThemeManager

from .detail_feed import ROLE_NAMES, Details
from .detail_files import FILE_ROLE, FileDelegate, FileItem, FileModel, file_items
from .list_picker import note_of

IsOnline = Callable[[str], bool]


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
        field = QHBoxLayout()
        field.setContentsMargins(space.l, space.m, space.l, space.s)
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


class MembersPage(SubPage):
    """Signals: `chosen(person_id)`; `removal_wanted(MemberRow)`; `add_wanted()`."""

    chosen = Signal(str)
    removal_wanted = Signal(object)
    add_wanted = Signal()

    def __init__(self, themes: ThemeManager, is_online: IsOnline) -> None:
        super().__init__(themes, PeopleDelegate(themes, two_lines=True), "搜索成员", "users")
        self._is_online = is_online
        self.model = PeopleModel(parent=self)
        self.view.setModel(self.model)
        self.view.opened.connect(self._opened)
        self.view.menu_wanted.connect(self._menu)
        self.add_button = IconButton(themes, "user-plus", "添加成员", size=28)
        self.add_button.clicked.connect(self.add_wanted)
        self.tools.addWidget(self.add_button)

    def refresh(self) -> None:
        details = self.details
        if details is None:
            return
        text = self.search.text().strip().lower()
        shown = [one for one in details.members if self._matches(details, one, text)]
        self.title.setText(f"成员 {max(details.row.member_count, len(details.members))}")
        self.add_button.setVisible(details.can_invite)
        self.model.show_items([self._item(details, one) for one in shown])
        self.stack.setCurrentWidget(self.view if shown else self.empty)

    @staticmethod
    def _matches(details: Details, member: MemberRow, text: str) -> bool:
        person = details.people.get(member.person_id)
        keys = [member.name.lower(), member.nickname.lower()]
        if person is not None:
            keys += [person.pinyin.replace(" ", "").lower(), person.initials.lower(), note_of(person)]
        return not text or any(text in key for key in keys)

    def _item(self, details: Details, member: MemberRow) -> PersonItem:
        person = details.people.get(member.person_id)
        name = member.nickname or member.name
        presence = "online" if self._is_online(member.person_id) else ""
        return PersonItem(
            member.person_id,
            name,
            note_of(person) if person else "",
            AvatarSpec(name, member.person_id, presence=presence),
            "我" if member.person_id == details.me else ROLE_NAMES[member.role],
        )

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if isinstance(item, PersonItem) and self.details is not None and item.id != self.details.me:
            self.chosen.emit(item.id)

    def _menu(self, index: QModelIndex, spot: QPoint) -> None:
        item, details = self.model.item(index), self.details
        if not isinstance(item, PersonItem) or details is None or item.id == details.me:
            return
        member = next(one for one in details.members if one.person_id == item.id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("发消息").triggered.connect(lambda: self.chosen.emit(member.person_id))
        if details.can_remove(member):
            menu.addSeparator()
            menu.addAction("移出群聊").triggered.connect(lambda: self.removal_wanted.emit(member))
        menu.popup(spot)


class FilesPage(SubPage):
    """Signals: `open_wanted(FileItem)`, `save_wanted(FileItem)`, `message_wanted(seq)`."""

    open_wanted = Signal(object)
    save_wanted = Signal(object)
    message_wanted = Signal(int)

    def __init__(self, themes: ThemeManager, now_ms: Callable[[], int]) -> None:
        super().__init__(themes, FileDelegate(themes), "搜索文件", "file")
        self._now_ms = now_ms
        self.model = FileModel(self)
        self.view.setModel(self.model)
        self.view.opened.connect(lambda index: self.open_wanted.emit(index.data(FILE_ROLE)))
        self.view.menu_wanted.connect(self._menu)

    def refresh(self) -> None:
        if self.details is None:
            return
        items = file_items(self.details, self._now_ms(), self.search.text().strip())
        self.title.setText(f"文件 {len(self.details.files)}")
        self.model.show_items(items)
        if not self.details.files:
            self.empty.set_texts("还没有文件", "聊天中发送的文件和图片会出现在这里。")
        else:
            self.empty.set_texts("没有找到", "请换一个词试试。")
        self.stack.setCurrentWidget(self.view if items else self.empty)

    def _menu(self, index: QModelIndex, spot: QPoint) -> None:
        file_menu(self, index.data(FILE_ROLE), self).popup(spot)


def file_menu(page: FilesPage, item: FileItem, parent: QWidget) -> QMenu:
    """What can be done with a file; the page's signals say what was chosen."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("打开").triggered.connect(lambda: page.open_wanted.emit(item))
    menu.addAction("另存为…").triggered.connect(lambda: page.save_wanted.emit(item))
    menu.addAction("在聊天中查看").triggered.connect(lambda: page.message_wanted.emit(item.seq))
    return menu
