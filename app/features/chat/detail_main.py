"""The first page of the detail panel: announcement, members, files, switches."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from server_stub.contract.conversations import ConversationKind
from widgets.controls import Avatar, AvatarSpec, ElidedLabel, Presence, button, label, rule, surface
from widgets.lists import RowView
from widgets.theme import ThemeManager

from .detail_actions import ActionList
from .detail_feed import Details
from .detail_files import FileItem, file_items
from .detail_parts import GridCell, Heading, MemberGrid, SwitchRow
from .file_rows import FILE_ROLE, FileRowDelegate, FileRowsModel
from .list_picker import note_of

FILES_SHOWN = 3
ANNOUNCEMENT_SHOWN = 120
"""Characters of an announcement shown before 查看全部."""


class MainPage(QScrollArea):
    """Signals tell what the user wants; the panel does it. `file_menu_wanted(FileItem, QPoint)`, `file_wanted(FileItem)`."""

    announcement_wanted = Signal()
    rename_wanted = Signal()
    leave_wanted = Signal()
    group_wanted = Signal()
    all_members_wanted = Signal()
    all_files_wanted = Signal()
    person_chosen = Signal(str)
    add_wanted = Signal()
    mute_wanted = Signal(bool)
    pin_wanted = Signal(bool)
    action_wanted = Signal(str)
    file_wanted = Signal(object)
    file_menu_wanted = Signal(object, QPoint)

    def __init__(
        self, themes: ThemeManager, presence: Callable[[str], Presence], now_ms: Callable[[], int]
    ) -> None:
        super().__init__()
        self._themes, self._presence, self._now_ms = themes, presence, now_ms
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.person = self._person()
        self.announcement_head = Heading(themes, "群公告", "修改")
        self.announcement_head.acted.connect(self.announcement_wanted)
        self.announcement = label("", "secondary", wrap=True)
        self.announcement.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.members_head = Heading(themes, "成员", "查看全部")
        self.members_head.acted.connect(self.all_members_wanted)
        self.grid = MemberGrid(themes)
        self.grid.chosen.connect(self.person_chosen)
        self.grid.add_wanted.connect(self.add_wanted)
        self.files_head = Heading(themes, "文件", "")
        self.files_head.acted.connect(self.all_files_wanted)
        self.no_files = label("聊天中的文件会出现在这里。", "caption", wrap=True)
        self.files = FileRowsModel[FileItem](self)
        delegate = FileRowDelegate(themes)
        self.file_view = RowView(themes, delegate, surface="content", name="最近的文件")
        self.file_view.setModel(self.files)
        self.file_view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.file_view.opened.connect(lambda index: self.file_wanted.emit(index.data(FILE_ROLE)))
        self.file_view.menu_wanted.connect(self._file_menu)
        self.action_list = ActionList(themes)
        self.action_list.wanted.connect(self.action_wanted)
        self.mute = SwitchRow(themes, "消息免打扰")
        self.mute.wanted.connect(self.mute_wanted)
        self.pin = SwitchRow(themes, "置顶聊天")
        self.pin.wanted.connect(self.pin_wanted)
        self.rename = button("修改群名称", size="small")
        self.rename.clicked.connect(self.rename_wanted)
        self.leave = button("退出群聊", size="small")
        self.leave.clicked.connect(self.leave_wanted)
        self.group = button("拉人建群", size="small")
        self.group.clicked.connect(self.group_wanted)
        self._lay_out()

    def _person(self) -> QWidget:
        themes, space = self._themes, self._themes.theme.space
        box = QWidget()
        self.face = Avatar(themes, AvatarSpec(), themes.theme.sizes.avatar)
        self.person_name = ElidedLabel(themes, "", "title")
        self.person_note = ElidedLabel(themes, "", "caption", "text_2")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.person_name)
        words.addWidget(self.person_note)
        row = QHBoxLayout(box)
        row.setContentsMargins(space.l, space.xs, space.l, space.m)
        row.setSpacing(space.m)
        row.addWidget(self.face)
        row.addLayout(words, 1)
        return box

    def _lay_out(self) -> None:
        space = self._themes.theme.space
        card = surface("card")
        self.card = card
        inner = QVBoxLayout(card)
        inner.setContentsMargins(space.s, space.s, space.s, space.s)
        inner.addWidget(self.announcement)
        self.announcement_box = self._section(self.announcement_head, card)
        self.members_box = self._section(self.members_head, self.grid)
        self.files_box = self._section(self.files_head, self.no_files)
        acts = QHBoxLayout()
        acts.setContentsMargins(0, space.s, 0, 0)
        acts.setSpacing(space.s)
        acts.addWidget(self.rename, 1)
        acts.addWidget(self.leave, 1)
        acts.addWidget(self.group, 1)
        foot = self._section(rule(), self.mute, self.pin)
        foot_column = foot.layout()
        if isinstance(foot_column, QVBoxLayout):
            foot_column.addLayout(acts)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, space.m, 0, space.m)
        column.setSpacing(0)
        for one in (self.person, self.announcement_box, self.members_box):
            column.addWidget(one)
        # The rows of files have an inset of their own, for the ground under the pointer.
        column.addWidget(self.files_box)
        column.addWidget(self.file_view)
        column.addWidget(self.action_list)
        column.addStretch(1)
        column.addWidget(foot)
        self.setWidget(body)
        self.body = body
        self.body.hide()

    def _section(self, *parts: QWidget) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        space = self._themes.theme.space
        column.setContentsMargins(space.l, 0, space.l, space.s)
        column.setSpacing(space.xs)
        for part in parts:
            column.addWidget(part)
        return box

    def show_details(self, details: Details) -> None:
        """Show another state of the conversation."""
        self.body.show()
        row = details.row
        single = row.kind is ConversationKind.SINGLE
        self.person.setVisible(not details.is_group)
        person = details.people.get(row.peer_id)
        presence = self._presence(row.peer_id) if row.peer_id else ""
        self.face.set_spec(AvatarSpec(row.title, row.peer_id or row.id, presence=presence))
        self.person_name.setText(row.title)
        self.person_note.setText(note_of(person) if person else "" if single else "服务号")
        self.announcement_box.setVisible(details.is_group)
        self._show_announcement(details)
        self.members_box.setVisible(details.is_group)
        self.members_head.say(f"成员 {max(row.member_count, len(details.members))}", "查看全部")
        self.grid.show_members(
            [
                GridCell(
                    one.person_id,
                    one.nickname or one.name,
                    AvatarSpec(
                        one.nickname or one.name,
                        one.person_id,
                        presence=self._presence(one.person_id),
                    ),
                )
                for one in details.members
            ],
            can_add=details.can_invite,
        )
        self._show_files(details)
        self.action_list.show_details(details)
        self.mute.switch.setChecked(row.muted)
        self.pin.switch.setChecked(row.pinned)
        self.rename.setVisible(details.can_edit)
        self.group.setVisible(single)
        self.leave.setVisible(details.is_group and details.active)

    def clear(self) -> None:
        """Show nothing until the next conversation's details are read."""
        self.body.hide()

    def _show_announcement(self, details: Details) -> None:
        text = details.row.announcement.strip()
        long = len(text) > ANNOUNCEMENT_SHOWN or text.count("\n") > 5
        edit = "填写"
        action = "查看" if text else edit if details.can_manage else ""
        self.announcement_head.say("群公告", action)
        if long:
            text = "\n".join(text[:ANNOUNCEMENT_SHOWN].split("\n")[:5]) + "…"
        self.announcement.setText(text or "还没有公告")

    def _show_files(self, details: Details) -> None:
        # Pictures have a page of their own, beside the links.
        items = file_items(details, self._now_ms(), pictures=False)
        shown = items[:FILES_SHOWN]
        self.files_head.say(f"文件 {len(items)}" if items else "文件", "查看全部" if items else "")
        self.files.show_items(shown)
        self.no_files.setVisible(not shown)
        self.file_view.setVisible(bool(shown))
        if shown:
            delegate = self.file_view.itemDelegate()
            height = delegate.height(shown[0]) if isinstance(delegate, FileRowDelegate) else 0
            self.file_view.setFixedHeight(height * len(shown))

    def _file_menu(self, index: QModelIndex, spot: QPoint) -> None:
        self.file_menu_wanted.emit(index.data(FILE_ROLE), spot)
