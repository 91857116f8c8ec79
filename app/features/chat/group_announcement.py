"""The group's announcement with who has read it (E120, E121)."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from widgets.controls import AvatarSpec, FilterItem, FilterTabs, label
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager

from .detail_feed import Details
from .group_parts import WorkDialog
from .list_picker import note_of


class AnnouncementDialog(WorkDialog):
    """The text whole, who wrote it and when, two lists of members. Signals: `edit_wanted()`."""

    edit_wanted = Signal()

    def __init__(self, themes: ThemeManager, details: Details, parent: QWidget | None = None) -> None:
        super().__init__(themes, "群公告", parent, width=themes.theme.sizes.dialog_wide)
        row = details.row
        names = {one.person_id: one.nickname or one.name for one in details.members}
        self.text = QPlainTextEdit(row.announcement)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("群公告")
        self.text.setFixedHeight(8 * themes.theme.line("body") + themes.theme.space.l)
        when = datetime.fromtimestamp(row.announced_at / 1000).strftime("%Y-%m-%d %H:%M")
        who = names.get(row.announced_by, "")
        self.by = label(f"{who}　{when}".strip("　") if row.announced_at else "", "caption")
        if not row.announced_at:
            self.by.hide()
        read, unread = [], []
        for member in details.members:
            person = details.people.get(member.person_id)
            name = member.nickname or member.name
            note = note_of(person) if person else ""
            item = PersonItem(member.person_id, name, note, AvatarSpec(name, member.person_id))
            seen = member.announcement_seen >= row.announcement_version > 0
            (read if seen else unread).append(item)
        self.lists = {"read": read, "unread": unread}
        self.tabs = FilterTabs(
            themes,
            [FilterItem("read", f"已读 {len(read)}"), FilterItem("unread", f"未读 {len(unread)}")],
        )
        self.tabs.current_changed.connect(self._show)
        self.list = RowView(themes, PeopleDelegate(themes), surface="content", name="人员")
        self.list.setMinimumHeight(themes.theme.grow(themes.theme.sizes.row_compact) * 4)
        self.nobody = label("", "secondary")
        self.nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for one in (self.text, self.by):
            self.content.addWidget(one)
        told = bool(row.announcement)
        for one in (self.tabs, self.nobody, self.list):
            self.content.addWidget(one, 1 if one is self.list else 0)
            one.setVisible(told)
        self.edit = self.add_button("修改", slot=self._edit)
        self.edit.setVisible(details.can_manage)
        self.add_button("知道了", "primary", default=True, slot=self.accept)
        if told:
            self._show("read" if read else "unread")
            self.tabs.set_current("read" if read else "unread")

    def _edit(self) -> None:
        self.edit_wanted.emit()
        self.accept()

    def _show(self, name: str) -> None:
        items = self.lists[name]
        self.list.setModel(PeopleModel(items, self))
        self.list.setVisible(bool(items))
        self.nobody.setText("还没有人阅读。" if name == "read" else "大家都已阅读。")
        self.nobody.setVisible(not items)
