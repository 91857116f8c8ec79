"""The collapsible panel beside a conversation: announcement, members, files, switches, and what a group's members may do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QWidget

from app.shell.tasks import Tasks
from app.store.records import MemberRow
from server_stub.contract.content import FolderContent
from server_stub.contract.group_rules import JoinRule
from widgets.controls import ConfirmDialog, Presence, surface
from widgets.theme import ThemeManager

from . import detail_actions
from .conversation_files import LinkOpener
from .detail_dialogs import TextDialog
from .detail_feed import DetailFeed, Details
from .detail_files import FileItem
from .detail_group import GroupPage
from .detail_lists import Asking, FilesPage, MembersPage, file_menu
from .detail_main import MainPage
from .group_work import GroupWork
from .list_items import avatar_of
from .list_picker import PeoplePicker
from .presence import presence_of
from .service import ChatService

NAME_LIMIT = 60
ANNOUNCEMENT_LIMIT = 5000
LATE_MS = 200
"""What is shown of the conversation before stays no longer than this while the next one is read."""
WATCHED = 80
"""Members whose presence is followed."""


class DetailView(QWidget):
    """Signals: `conversation_wanted(conversation_id)` (a member was chosen), `message_wanted(conversation_id, seq)`.

    `open(conversation_id)` shows another conversation; "" stops following the store.
    """

    conversation_wanted = Signal(str)
    message_wanted = Signal(str, int)
    search_wanted = Signal()

    def __init__(
        self, service: ChatService, themes: ThemeManager, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service, self._themes, self._tasks = service, themes, tasks
        self.details: Details | None = None
        self.open_link: LinkOpener | None = None
        """Judges a web address before it opens; None opens it."""
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(LATE_MS)
        self.feed = DetailFeed(service, tasks, self)
        self.feed.changed.connect(self._show)
        self.main = MainPage(themes, self._presence_of, service.now_ms)
        self.members = MembersPage(themes, self._presence_of, service.now_ms)
        self._late.timeout.connect(self.main.clear)
        self.group = GroupPage(themes, service.now_ms)
        self.files = FilesPage(themes, service.now_ms)
        self.stack = QStackedWidget()
        for one in (self.main, self.members, self.files, self.group):
            self.stack.addWidget(one)
        ground = surface("content", "left")
        inner = QHBoxLayout(ground)
        inner.setContentsMargins(1, 0, 0, 0)
        inner.addWidget(self.stack)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(ground)
        self.work = GroupWork(service, themes, tasks, self)
        self.work.conversation_wanted.connect(self.conversation_wanted)
        self._connect()
        self._presence = service.on_presence(lambda _ids: self._show_again())
        self._statuses = service.listen(lambda _change: self._show_again(), table="statuses")

    def _connect(self) -> None:
        main, members, files = self.main, self.members, self.files
        main.announcement_wanted.connect(self._announcement)
        main.rename_wanted.connect(self._rename)
        main.leave_wanted.connect(self._leave)
        main.action_wanted.connect(self._act)
        main.group_wanted.connect(self._new_group)
        main.all_members_wanted.connect(lambda: self._members(Asking.NOTHING))
        main.all_files_wanted.connect(self._all_files)
        main.person_chosen.connect(self.talk_to)
        main.add_wanted.connect(self._add)
        main.mute_wanted.connect(lambda on: self._set("消息免打扰", muted=on))
        main.pin_wanted.connect(lambda on: self._set("置顶聊天", pinned=on))
        main.file_wanted.connect(self._open_file)
        main.file_menu_wanted.connect(self._file_menu)
        members.back.connect(self._leave_page)
        members.chosen.connect(self.talk_to)
        members.removal_wanted.connect(self._remove)
        members.add_wanted.connect(self._add)
        members.role_wanted.connect(lambda one, admin: self.work.set_role(self.details, one, admin=admin))
        members.transfer_wanted.connect(lambda one: self.work.transfer(self.details, one))
        members.mute_wanted.connect(lambda one, seconds: self.work.mute(self.details, one, seconds))
        group = self.group
        group.back.connect(lambda: self._turn(main))
        group.rules_wanted.connect(lambda rules: self.work.change(self.details, "修改群设置", rules=rules))
        group.mute_wanted.connect(
            lambda on, until: self.work.change(self.details, "全员禁言", muted_all=on, muted_until=until)
        )
        group.rename_wanted.connect(self._rename)
        group.picture_wanted.connect(lambda: self.work.choose_picture(self.details))
        group.faces_wanted.connect(lambda: self.work.set_picture(self.details, b""))
        group.managers_wanted.connect(lambda: self._members(Asking.MANAGERS))
        group.transfer_wanted.connect(lambda: self._members(Asking.OWNER))
        group.dissolve_wanted.connect(lambda: self.work.dissolve(self.details))
        files.back.connect(lambda: self._turn(main))
        files.open_wanted.connect(self._open_file)
        files.save_wanted.connect(self._save_file)
        files.message_wanted.connect(self._jump)

    def _presence_of(self, person_id: str) -> Presence:
        return presence_of(self._service, person_id)

    def open(self, conversation_id: str) -> None:
        """Show the details of another conversation."""
        self.details = None
        self.members.search.clear()
        self.files.search.clear()
        self.stack.setCurrentWidget(self.main)
        self._late.start()
        self.feed.follow(conversation_id)

    def step_back(self) -> bool:
        """What Esc does: empty the search, then leave the page for the first one; False on the first one."""
        page = self.stack.currentWidget()
        if page is self.main:
            return False
        if isinstance(page, MembersPage | FilesPage) and page.search.text():
            page.search.clear()
            page.search.setFocus()
        else:
            self._leave_page()
            self.main.setFocus()
        return True

    def _leave_page(self) -> None:
        """To where the page was opened from."""
        asked = self.stack.currentWidget() is self.members and self.members.asking is not Asking.NOTHING
        self._turn(self.group if asked else self.main)

    def _members(self, what: Asking) -> None:
        self.members.ask_for(what)
        self._turn(self.members)

    def close_feed(self) -> None:
        """Stop listening to the store."""
        self._late.stop()
        self.feed.close()
        self._presence.close()
        self._statuses.close()

    def _show(self, details: Details) -> None:
        if self.details is None or self.details.row.id != details.row.id:
            self._service.watch([one.person_id for one in details.members[:WATCHED]], "chat-details")
        self._late.stop()
        self.details = details
        for page in (self.main, self.members, self.files):
            page.show_details(details)
        if details.is_group:
            names = {one.person_id: one.nickname or one.name for one in details.members}
            spec = avatar_of(details.row, names)
            self.group.show_details(details, spec)

    def _all_files(self) -> None:
        self.files.show_tab("files")
        self._turn(self.files)

    def _show_again(self) -> None:
        if self.details is not None and self.isVisible():
            self._show(self.details)

    def _turn(self, page: QWidget) -> None:
        self.stack.setCurrentWidget(page)
        if isinstance(page, MembersPage | FilesPage):
            page.search.setFocus()

    @property
    def _id(self) -> str:
        return self.details.row.id if self.details else ""

    # People.

    def talk_to(self, person_id: str) -> None:
        """Go to the single chat with a person."""
        if person_id != self._service.me.id:
            self._tasks.start(self._open_single(person_id), "打开单聊")

    async def _open_single(self, person_id: str) -> None:
        self.conversation_wanted.emit(await self._service.open_single(person_id))

    def _add(self) -> None:
        details, id = self.details, self._id
        if details is None:
            return

        async def add(ids: list[str], _name: str) -> None:
            await self._service.change_members(id, add=ids)

        asks = details.row.rules.join is JoinRule.APPROVAL and not details.can_manage
        picker = PeoplePicker(
            self._service,
            self._themes,
            "添加群成员（需群管理员同意）" if asks else "添加群成员",
            add,
            confirm="添加",
            several=True,
            fixed=[one.person_id for one in details.members],
            limit=max(0, details.row.member_limit - details.row.member_count),
            parent=self.window(),
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def _new_group(self) -> None:
        """From two to a group."""
        peer = self.details.row.peer_id if self.details else ""
        if not peer:
            return

        async def make(ids: list[str], name: str) -> None:
            self.conversation_wanted.emit(await self._service.create_group([peer, *ids], name))

        picker = PeoplePicker(
            self._service,
            self._themes,
            "发起群聊",
            make,
            confirm="创建群聊",
            several=True,
            ask_name=True,
            fixed=[peer],
            parent=self.window(),
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def _remove(self, member: MemberRow) -> None:
        name, id = member.nickname or member.name, self._id
        self._confirm(
            "移出群聊",
            f"{name} 将不能再查看这个群的新消息，群里会有一条提示。",
            "移出",
            lambda: self._service.change_members(id, remove=[member.person_id]),
        )

    def _leave(self) -> None:
        id = self._id
        self._confirm(
            "退出群聊",
            "退出后不再接收这个群的消息；已经收到的消息仍保留在本机。",
            "退出",
            lambda: self._service.leave(id),
        )

    def _confirm(self, title: str, text: str, accept: str, work) -> None:
        dialog = ConfirmDialog(self._themes, title, text, accept, danger=True, parent=self.window())
        dialog.accepted.connect(lambda: self._tasks.start(work(), title))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # Settings.

    def _set(self, name: str, *, muted: bool | None = None, pinned: bool | None = None) -> None:
        if self.details is not None:
            self._tasks.start(self._service.change_setting(self._id, muted=muted, pinned=pinned), name)

    def _act(self, name: str) -> None:
        details = self.details
        if details is None:
            return
        if name == detail_actions.SETTINGS:
            self._turn(self.group)
        elif name == detail_actions.SEARCH:
            self.search_wanted.emit()
        elif name == detail_actions.LINKS:
            self.files.show_tab("links" if details.links and not details.pictures else "pictures")
            self._turn(self.files)
        else:
            self.work.act(details, name)

    def read_announcement(self) -> None:
        """Show the announcement whole, and count it as read."""
        if self.details is not None and self.details.row.announcement:
            self.work.show_announcement(self.details, self._edit_announcement)

    def _announcement(self) -> None:
        if self.details is not None and self.details.row.announcement:
            self.read_announcement()
        else:
            self._edit_announcement()

    def _edit_announcement(self) -> None:
        details, id = self.details, self._id
        if details is None or not details.can_manage:
            return

        async def save(text: str) -> None:
            await self._service.change_group(id, announcement=text)

        self._edit("群公告", details.row.announcement, ANNOUNCEMENT_LIMIT, save, lines=8)

    def _rename(self) -> None:
        details, id = self.details, self._id
        if details is None:
            return

        async def save(text: str) -> None:
            await self._service.change_group(id, name=text)

        self._edit("修改群名称", details.row.title, NAME_LIMIT, save, required=True)

    def _edit(
        self, title: str, text: str, limit: int, save, *, lines: int = 1, required: bool = False
    ) -> None:
        dialog = TextDialog(
            self._themes, title, text, limit, save, lines=lines, required=required, parent=self.window()
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # Files.

    def _file_menu(self, item: FileItem, spot: QPoint) -> None:
        file_menu(self.files, item, self).popup(spot)

    def _open_file(self, item: FileItem) -> None:
        if item.tree is not None:
            self._save_folder(item.tree)
        elif item.file_id:
            self._tasks.start(self._open_copy(item.file_id), "打开文件")
        else:
            self._open_link(item.name)

    def _open_link(self, address: str) -> None:
        if self.open_link is not None:
            self.open_link(address, QDesktopServices.openUrl, self)
        else:
            QDesktopServices.openUrl(QUrl(address))

    async def _open_copy(self, file_id: str) -> None:
        path = await self._service.open_file(file_id)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _save_folder(self, tree: FolderContent) -> None:
        id = self._id
        dialog = QFileDialog(self, "文件夹保存到")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(
            lambda name: self._tasks.start(self._write_folder(id, tree, Path(name)), "保存文件夹")
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _write_folder(self, id: str, tree: FolderContent, target: Path) -> None:
        made = await self._service.kinds.save_folder(id, tree, target)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(made)))

    def _save_file(self, item: FileItem) -> None:
        if item.tree is not None:
            self._save_folder(item.tree)
            return
        dialog = QFileDialog(self, "另存为", str(Path.home() / item.name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(item.name)
        dialog.fileSelected.connect(
            lambda name: self._tasks.start(self._service.save_file(item.file_id, Path(name)), "保存文件")
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _jump(self, seq: int) -> None:
        self.message_wanted.emit(self._id, seq)
